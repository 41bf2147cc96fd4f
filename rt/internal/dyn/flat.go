package dyn

import (
	"fmt"

	"github.com/witgen/witgen/wit/layout"
)

// LiftFlat lifts the value that the first core values of flat stand for. The
// value means nothing if x.Mem holds a failure afterwards. See
// definitions.py, lift_flat.
func LiftFlat(x *Context, flat []uint64, t *Type) any {
	if err := t.fits(flat); err != nil {
		x.Mem.Fail(err)
		return nil
	}
	return x.liftFlat(flat, t)
}

// LowerFlat lowers a value to the first core values of flat; all that belong
// to the type are written. What the value points to is allocated in the guest.
// See definitions.py, lower_flat.
func LowerFlat(x *Context, flat []uint64, t *Type, v any) {
	err := t.fits(flat)
	if err == nil {
		err = x.lowerFlat(flat, t, v)
	}
	x.check(err)
}

// fits says that there is room for the core values of the type.
func (t *Type) fits(flat []uint64) error {
	if t.flat >= layout.MaxFlat {
		return fmt.Errorf("%s has more than %d core values: it goes through memory", t.name, layout.MaxFlatParams)
	}
	if t.flat > len(flat) {
		return fmt.Errorf("%s has %d core values, with room for %d", t.name, t.flat, len(flat))
	}
	return nil
}

func (x *Context) liftFlat(flat []uint64, t *Type) any {
	if !x.begin(t) {
		return nil
	}
	switch t.kind {
	case scalar:
		return x.liftScalar(t, flat[0])
	case text:
		return x.liftText(uint32(flat[0]), uint32(flat[1]))
	case octets:
		return x.Mem.LiftBytes(uint32(flat[0]), uint32(flat[1]))
	case list:
		return x.liftList(uint32(flat[0]), uint32(flat[1]), t.elem)
	case fixed:
		values := x.slots(int(t.n))
		for i := range values {
			values[i] = x.liftFlat(flat[i*t.elem.flat:], t.elem)
		}
		return values
	case record:
		values := x.slots(len(t.parts))
		for i := range values {
			values[i] = x.liftFlat(flat, t.parts[i])
			flat = flat[t.parts[i].flat:]
		}
		return values
	}
	v := Variant{Case: x.Mem.Discriminant(uint32(flat[0]), t.n)}
	if p := t.part(v.Case); p != nil {
		v.Value = x.liftFlat(flat[1:], p)
	}
	return v
}

// lowerFlat lowers a value to flat. The error is for a value that does not
// fit the type.
func (x *Context) lowerFlat(flat []uint64, t *Type, v any) error {
	switch t.kind {
	case scalar:
		bits, err := x.lowerScalar(t, v)
		flat[0] = bits
		return err
	case text, octets, list:
		ptr, n, err := x.lowerList(t, v)
		flat[0], flat[1] = uint64(ptr), uint64(n)
		return err
	case fixed:
		values, err := elements(t, v, int(t.n))
		for i, v := range values[:min(len(values), int(t.n))] {
			if err := x.lowerFlat(flat[i*t.elem.flat:], t.elem, v); err != nil {
				return fmt.Errorf("%s: %w", t.label(i), err)
			}
		}
		return err
	case record:
		values, err := elements(t, v, len(t.parts))
		if err != nil {
			return err
		}
		for i, p := range t.parts {
			if err := x.lowerFlat(flat, p, values[i]); err != nil {
				return fmt.Errorf("%s: %w", t.label(i), err)
			}
			flat = flat[p.flat:]
		}
		return nil
	}
	c, err := matchCase(t, v)
	if err != nil {
		return err
	}
	flat[0] = uint64(c.Case)
	rest := flat[1:t.flat]
	if p := t.part(c.Case); p != nil {
		if err := x.lowerFlat(rest, p, c.Value); err != nil {
			return fmt.Errorf("%s: %w", t.label(int(c.Case)), err)
		}
		rest = rest[p.flat:]
	}
	clear(rest) // what an earlier call left there
	return nil
}
