package dyn

import "github.com/witgen/witgen/rt/abi"

// Flatten reads the value at ptr as the core values that stand for it, without
// lifting it: what it points to stays where it is, and whoever lifts those
// checks them. The type has at most [layout.MaxFlatParams] of them.
func Flatten(m *abi.Mem, ptr uint32, t *Type, flat []uint64) {
	if err := t.fits(flat); err != nil {
		m.Fail(err)
		return
	}
	flatten(&Context{Mem: m}, m.Ptr(uint64(ptr), t.size, t.align), t, flat[:t.flat])
}

func flatten(x *Context, ptr uint32, t *Type, flat []uint64) {
	switch t.kind {
	case scalar:
		flat[0] = x.loadInt(ptr, t.size)
	case text, octets, list:
		flat[0], flat[1] = uint64(x.Mem.LoadU32(ptr)), uint64(x.Mem.LoadU32(ptr+4))
	case fixed:
		for i := range t.n {
			flatten(x, ptr+i*t.elem.size, t.elem, flat[int(i)*t.elem.flat:])
		}
	case record:
		for i, p := range t.parts {
			flatten(x, ptr+t.offsets[i], p, flat)
			flat = flat[p.flat:]
		}
	case variant:
		flat[0] = x.loadInt(ptr, t.disc)
		clear(flat[1:t.flat])
		if p := t.part(uint32(flat[0])); p != nil {
			flatten(x, ptr+t.payload, p, flat[1:])
		}
	}
}

// FlattenParams puts the core values of the arguments of a call, which core
// code makes with the option async, where those of a synchronous one are: into
// flat, up to [layout.MaxFlatParams] of them, if they went through memory.
func (f *Lowered) FlattenParams(m *abi.Mem, args, flat []uint64) {
	s := &f.Signature
	if !s.ParamsSpill {
		copy(flat, args)
		return
	}
	ptr := m.Ptr(args[0], s.ParamLayout.Size, s.ParamLayout.Align)
	for i, t := range f.params {
		if err := t.fits(flat); err != nil {
			m.Fail(err)
			return
		}
		flatten(&Context{Mem: m}, ptr+s.ParamOffsets[i], t, flat)
		flat = flat[t.flat:]
	}
}

// StoreResult stores a result that has one core value in memory.
func (f *Lowered) StoreResult(m *abi.Mem, ptr uint64, flat uint64) {
	t := f.result
	x := &Context{Mem: m}
	x.storeInt(m.Ptr(ptr, t.size, t.align), flat, t.size)
}
