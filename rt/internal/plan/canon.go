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
	return f.builtin(d)
}

func (f *frame) lift(d *binary.Canon) error {
	l := Lift{
		Name: "a function of an inner component", Core: f.core[binary.CoreFunc][d.Func],
		Options: f.options(d), Func: types.FuncOf(f.def.Types[d.Type]), Types: f.types,
	}
	for _, opt := range d.Options {
		switch opt.Op {
		case binary.OptPostReturn:
			def := f.core[binary.CoreFunc][opt.Idx]
			l.PostReturn = &def
		case binary.OptCallback:
			def := f.core[binary.CoreFunc][opt.Idx]
			l.Callback = &def
		}
	}
	p := f.b.plan
	p.Lifts = append(p.Lifts, l)
	f.funcs = append(f.funcs, &function{idx: len(p.Lifts) - 1})
	return nil
}

func (f *frame) lower(d *binary.Canon) error {
	fn, t := f.funcs[d.Func], f.def.Funcs[d.Func]
	g := Provided{Op: CallLift, Lift: fn.idx, Options: f.options(d), Func: t, Types: f.types}
	if fn.imported {
		g.Op, g.Import, g.Lift = CallImport, fn.idx, 0
	}
	f.provide(g)
	return nil
}

func (f *frame) resourceFunc(d *binary.Canon, op Op) error {
	f.provide(Provided{Op: op, Resource: *f.resources[d.Type]})
	return nil
}

// builtin adds a built-in function that is about tasks.
func (f *frame) builtin(d *binary.Canon) error {
	g := Provided{Op: Builtin, Canon: d, Types: f.types}
	if d.Op == binary.CanonTaskReturn {
		g.Options, g.Result = f.options(d), f.def.Results[d]
	}
	f.provide(g)
	return nil
}

// provide adds a core function that the runtime provides to this component.
func (f *frame) provide(g Provided) {
	g.Instance = f.number
	g.Type = f.def.CoreFuncs[len(f.core[binary.CoreFunc])]
	p := f.b.plan
	n := len(p.Provided)
	p.Provided = append(p.Provided, g)
	f.core[binary.CoreFunc] = append(f.core[binary.CoreFunc], CoreDef{Instance: -1, Name: ProvidedName(n), Provided: n})
}

// options writes down canonical options and returns their index.
func (f *frame) options(d *binary.Canon) int {
	o := Options{Instance: f.number, Memory: -1, Realloc: -1}
	for _, opt := range d.Options {
		switch opt.Op {
		case binary.OptUTF16:
			o.Encoding = 1
		case binary.OptLatin1UTF16:
			o.Encoding = 2
		case binary.OptMemory:
			o.Memory = f.b.slot(f.core[binary.CoreMemory][opt.Idx], false)
		case binary.OptRealloc:
			o.Realloc = f.b.slot(f.core[binary.CoreFunc][opt.Idx], true)
		case binary.OptAsync:
			o.Async = true
		}
	}
	p := f.b.plan
	p.Options = append(p.Options, o)
	return len(p.Options) - 1
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
