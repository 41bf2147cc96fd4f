package dyn

import (
	"fmt"

	"github.com/witgen/witgen/rt/abi"
)

// Store lowers a value to ptr, which must be aligned and inside the memory;
// what it points to is allocated in the guest. See definitions.py, store.
func Store(x *Context, ptr uint32, t *Type, v any) {
	x.check(x.store(x.Mem.Ptr(uint64(ptr), t.size, t.align), t, v))
}

// check keeps the error of a value that does not fit its type.
func (x *Context) check(err error) {
	if err != nil {
		x.Mem.Fail(err)
	}
}

// store lowers a value to memory that is known to be there. The error is for
// a value that does not fit the type.
func (x *Context) store(ptr uint32, t *Type, v any) error {
	switch t.kind {
	case scalar:
		bits, err := x.lowerScalar(t, v)
		if err == nil {
			x.storeInt(ptr, bits, t.size)
		}
		return err
	case text, octets, list:
		p, n, err := x.lowerList(t, v)
		if err == nil {
			x.Mem.StorePair(ptr, p, n)
		}
		return err
	case fixed:
		values, err := elements(t, v, int(t.n))
		if err != nil {
			return err
		}
		return x.storeElements(ptr, t, values)
	case record:
		values, err := elements(t, v, len(t.parts))
		if err != nil {
			return err
		}
		for i, p := range t.parts {
			if err := x.store(ptr+t.offsets[i], p, values[i]); err != nil {
				return fmt.Errorf("%s: %w", t.label(i), err)
			}
		}
		return nil
	}
	c, err := matchCase(t, v)
	if err != nil {
		return err
	}
	x.storeInt(ptr, uint64(c.Case), t.disc)
	if p := t.part(c.Case); p != nil {
		if err := x.store(ptr+t.payload, p, c.Value); err != nil {
			return fmt.Errorf("%s: %w", t.label(int(c.Case)), err)
		}
	}
	return nil
}

// storeInt writes an integer of 1, 2, 4 or 8 bytes.
func (x *Context) storeInt(ptr uint32, v uint64, size uint32) {
	switch size {
	case 1:
		x.Mem.StoreU8(ptr, uint8(v))
	case 2:
		x.Mem.StoreU16(ptr, uint16(v))
	case 4:
		x.Mem.StoreU32(ptr, uint32(v))
	default:
		x.Mem.StoreU64(ptr, v)
	}
}

// lowerList copies a string or list into the guest and returns its pointer
// and length. See definitions.py, store_list_into_range.
func (x *Context) lowerList(t *Type, v any) (ptr, n uint32, err error) {
	switch t.kind {
	case text:
		switch s := v.(type) {
		case string:
			ptr, n = x.Mem.LowerString(s)
		case abi.Text:
			ptr, n = x.Mem.LowerText(s)
		default:
			err = t.mismatch(v)
		}
		return ptr, n, err
	case octets:
		b, err := as[[]byte](t, v)
		if err == nil {
			ptr, n = x.Mem.LowerBytes(b)
		}
		return ptr, n, err
	}
	values, err := as[[]any](t, v)
	if err != nil {
		return 0, 0, err
	}
	ptr = x.Mem.AllocList(len(values), t.elem.size, t.elem.align)
	return ptr, uint32(len(values)), x.storeElements(ptr, t, values)
}

func (x *Context) storeElements(ptr uint32, t *Type, values []any) error {
	for i, v := range values {
		if err := x.store(ptr+uint32(i)*t.elem.size, t.elem, v); err != nil {
			return fmt.Errorf("%s: %w", t.label(i), err)
		}
	}
	return nil
}

// elements returns the parts of a record or fixed list, of which there are n.
func elements(t *Type, v any, n int) ([]any, error) {
	values, err := as[[]any](t, v)
	if err == nil && len(values) != n {
		err = fmt.Errorf("%s of %d parts has %d", t.name, n, len(values))
	}
	return values, err
}

// matchCase returns a variant after a look at its case.
func matchCase(t *Type, v any) (Variant, error) {
	c, err := as[Variant](t, v)
	switch {
	case err != nil:
	case c.Case >= t.n:
		err = fmt.Errorf("%s of %d cases has no case %d", t.name, t.n, c.Case)
	case c.Value != nil && t.part(c.Case) == nil:
		err = fmt.Errorf("%s has no payload, not a %T", t.label(int(c.Case)), c.Value)
	}
	return c, err
}
