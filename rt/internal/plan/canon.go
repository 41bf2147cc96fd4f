package plan

import (
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/types"
)

// canon adds what a canonical definition makes.
func (f *frame) canon(d *binary.Canon) error {
	switch d.Op {
	case binary.CanonLift:
		o, post := f.options(d)
		def := f.def.Types[d.Type]
		l := Lift{Core: f.core[binary.CoreFunc][d.Func], PostReturn: post, Options: o, Func: types.FuncOf(def)}
		if l.Core.Instance < 0 {
			return errorf(d.Pos(), "lifting a lowered function is not supported")
		}
		f.b.plan.Lifts = append(f.b.plan.Lifts, l)
		f.funcs = append(f.funcs, &function{idx: len(f.b.plan.Lifts) - 1})
		return nil
	case binary.CanonLower:
		fn := f.funcs[d.Func]
		if !fn.imported {
			return errorf(d.Pos(), "calls from one component instance to another are not supported")
		}
		o, _ := f.options(d)
		p := f.b.plan
		p.Lowers = append(p.Lowers, Lower{Import: fn.idx, Options: o, Type: types.LowerType(p.Imports[fn.idx].Func)})
		f.core[binary.CoreFunc] = append(f.core[binary.CoreFunc], CoreDef{Instance: -1, Lower: len(p.Lowers) - 1})
		return nil
	}
	return errorf(d.Pos(), "canonical built-in %s is not supported", d.Op)
}

// options writes down canonical options and returns their index, and the
// post-return function.
func (f *frame) options(d *binary.Canon) (int, *CoreDef) {
	o := Options{Instance: f.number, Memory: -1, Realloc: -1}
	var post *CoreDef
	for _, opt := range d.Options {
		switch opt.Op {
		case binary.OptMemory:
			o.Memory = f.b.slot(f.core[binary.CoreMemory][opt.Idx], false)
		case binary.OptRealloc:
			o.Realloc = f.b.slot(f.core[binary.CoreFunc][opt.Idx], true)
		case binary.OptPostReturn:
			def := f.core[binary.CoreFunc][opt.Idx]
			post = &def
		}
	}
	p := f.b.plan
	p.Options = append(p.Options, o)
	return len(p.Options) - 1, post
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
