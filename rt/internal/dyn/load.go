package dyn

import "github.com/witgen/witgen/rt/abi"

// Load lifts the value at ptr, which must be aligned and inside the memory.
// The value means nothing if x.Mem holds a failure afterwards. See
// definitions.py, load.
func Load(x *Context, ptr uint32, t *Type) any {
	return x.load(x.Mem.Ptr(uint64(ptr), t.size, t.align), t)
}

// load lifts a value that is known to be inside the memory.
func (x *Context) load(ptr uint32, t *Type) any {
	if !x.begin(t) {
		return nil
	}
	switch t.kind {
	case scalar:
		return x.liftScalar(t, x.loadInt(ptr, t.size))
	case text:
		return x.liftText(x.Mem.LoadU32(ptr), x.Mem.LoadU32(ptr+4))
	case octets:
		return x.Mem.LoadBytes(ptr)
	case list:
		return x.liftList(x.Mem.LoadU32(ptr), x.Mem.LoadU32(ptr+4), t.elem)
	case fixed:
		return x.loadElements(x.slots(int(t.n)), ptr, t.elem)
	case record:
		values := x.slots(len(t.parts))
		for i := range values {
			values[i] = x.load(ptr+t.offsets[i], t.parts[i])
		}
		return values
	}
	v := Variant{Case: x.Mem.Discriminant(uint32(x.loadInt(ptr, t.disc)), t.n)}
	if p := t.part(v.Case); p != nil {
		v.Value = x.load(ptr+t.payload, p)
	}
	return v
}

// loadInt reads an integer of 1, 2, 4 or 8 bytes.
func (x *Context) loadInt(ptr, size uint32) uint64 {
	switch size {
	case 1:
		return uint64(x.Mem.LoadU8(ptr))
	case 2:
		return uint64(x.Mem.LoadU16(ptr))
	case 4:
		return uint64(x.Mem.LoadU32(ptr))
	}
	return x.Mem.LoadU64(ptr)
}

// liftList lifts n elements at ptr, which are wherever the guest says. See
// definitions.py, load_list_from_range.
func (x *Context) liftList(ptr, n uint32, elem *Type) []any {
	return x.loadElements(abi.MakeList[any](x.Mem, ptr, n, elem.size, elem.align), ptr, elem)
}

func (x *Context) loadElements(values []any, ptr uint32, elem *Type) []any {
	for i := range values {
		if x.Mem.Err() != nil {
			return nil
		}
		values[i] = x.load(ptr+uint32(i)*elem.size, elem)
	}
	return values
}

// slots returns a slice for the n parts of a value, or nil when the call has
// lifted too much.
func (x *Context) slots(n int) []any {
	const size = 16 // of an any
	if !x.Mem.Charge(size * int64(n)) {
		return nil
	}
	return make([]any, n)
}
