package plan

import (
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/types"
)

// canon adds what a canonical definition makes.
func (f *frame) canon(d *binary.Canon) error {
	switch d.Op {
	case binary.CanonLift:
		return f.lift(d)
	case binary.CanonLower:
		return f.lower(d)
	case binary.CanonResourceNew:
		return f.resourceFunc(d, ResourceNew)
	case binary.CanonResourceRep:
		return f.resourceFunc(d, ResourceRep)
	case binary.CanonResourceDrop:
		return f.resourceFunc(d, ResourceDrop)
	}
	return errorf(d.Pos(), "canonical built-in %s is not supported", d.Op)
}

func (f *frame) lift(d *binary.Canon) error {
	o, post, err := f.options(d)
	if err != nil {
		return err
	}
	l := Lift{
		Name: "a function of an inner component", Core: f.core[binary.CoreFunc][d.Func], PostReturn: post,
		Options: o, Func: types.FuncOf(f.def.Types[d.Type]), Types: f.types,
	}
	if l.Core.Instance < 0 {
		return errorf(d.Pos(), "lifting a function that the runtime provides is not supported")
	}
	p := f.b.plan
	p.Lifts = append(p.Lifts, l)
	f.funcs = append(f.funcs, &function{idx: len(p.Lifts) - 1})
	return nil
}

func (f *frame) lower(d *binary.Canon) error {
	o, _, err := f.options(d)
	if err != nil {
		return err
	}
	fn, t := f.funcs[d.Func], f.def.Funcs[d.Func]
	g := Provided{Op: CallLift, Lift: fn.idx, Options: o, Func: t, Types: f.types, Type: types.LowerType(t)}
	if fn.imported {
		g.Op, g.Import, g.Lift = CallImport, fn.idx, 0
	}
	f.provide(g)
	return nil
}

func (f *frame) resourceFunc(d *binary.Canon, op Op) error {
	g := Provided{Op: op, Resource: *f.resources[d.Type], Type: &binary.CoreFuncType{Params: []binary.CoreValType{{Code: 0x7f}}}}
	if op != ResourceDrop {
		g.Type.Results = g.Type.Params
	}
	f.provide(g)
	return nil
}

// provide adds a core function that the runtime provides to this component.
func (f *frame) provide(g Provided) {
	g.Instance = f.number
	p := f.b.plan
	p.Provided = append(p.Provided, g)
	f.core[binary.CoreFunc] = append(f.core[binary.CoreFunc], CoreDef{Instance: -1, Provided: len(p.Provided) - 1})
}

// options writes down canonical options and returns their index, and the
// post-return function.
func (f *frame) options(d *binary.Canon) (int, *CoreDef, error) {
	o := Options{Instance: f.number, Memory: -1, Realloc: -1}
	var post *CoreDef
	for _, opt := range d.Options {
		var def CoreDef
		switch opt.Op {
		case binary.OptMemory:
			o.Memory = f.b.slot(f.core[binary.CoreMemory][opt.Idx], false)
			continue
		case binary.OptRealloc, binary.OptPostReturn:
			def = f.core[binary.CoreFunc][opt.Idx]
		default:
			continue
		}
		if def.Instance < 0 {
			return 0, nil, errorf(d.Pos(), "canonical option %s: a function that the runtime provides is not supported", opt.Op)
		}
		if opt.Op == binary.OptRealloc {
			o.Realloc = f.b.slot(def, true)
		} else {
			post = &def
		}
	}
	p := f.b.plan
	p.Options = append(p.Options, o)
	return len(p.Options) - 1, post, nil
}

// slot returns the slot that holds a memory or realloc function, and writes
// down the step that fills it the first time.
func (b *builder) slot(from CoreDef, realloc bool) int {
	key := slotKey{from, realloc}
	if i, ok := b.slots[key]; ok {
		return i
	}
	if realloc {
		b.slots[key] = b.plan.Reallocs
		b.plan.Steps = append(b.plan.Steps, ExtractRealloc{b.plan.Reallocs, from})
		b.plan.Reallocs++
	} else {
		b.slots[key] = b.plan.Memories
		b.plan.Steps = append(b.plan.Steps, ExtractMemory{b.plan.Memories, from})
		b.plan.Memories++
	}
	return b.slots[key]
}
