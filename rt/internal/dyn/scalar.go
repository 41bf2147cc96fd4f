package dyn

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/wit"
)

// liftScalar makes a value of its core value. Bits beyond the type's width
// are ignored: they are what a narrow type or a joined slot leaves over.
func (x *Context) liftScalar(t *Type, bits uint64) any {
	switch t.primitive {
	case wit.Bool:
		return uint32(bits) != 0
	case wit.U8:
		return uint8(bits)
	case wit.S8:
		return int8(bits)
	case wit.U16:
		return uint16(bits)
	case wit.S16:
		return int16(bits)
	case wit.U32:
		return uint32(bits)
	case wit.S32:
		return int32(bits)
	case wit.U64:
		return bits
	case wit.S64:
		return int64(bits)
	case wit.F32:
		return abi.F32(bits)
	case wit.F64:
		return abi.F64(bits)
	case wit.Char:
		return x.Mem.Char(bits)
	}
	if t.resource != nil {
		return x.liftHandle(t, uint32(bits))
	}
	return uint32(bits) & t.mask
}

// lowerScalar returns the core value of a value, as its zero-extended bits.
// The error is for a value that does not fit the type.
func (x *Context) lowerScalar(t *Type, v any) (uint64, error) {
	switch t.primitive {
	case wit.Bool:
		b, err := as[bool](t, v)
		return abi.Bool(b), err
	case wit.U8:
		n, err := as[uint8](t, v)
		return uint64(n), err
	case wit.S8:
		n, err := as[int8](t, v)
		return uint64(uint32(n)), err
	case wit.U16:
		n, err := as[uint16](t, v)
		return uint64(n), err
	case wit.S16:
		n, err := as[int16](t, v)
		return uint64(uint32(n)), err
	case wit.U32:
		n, err := as[uint32](t, v)
		return uint64(n), err
	case wit.S32:
		n, err := as[int32](t, v)
		return uint64(uint32(n)), err
	case wit.U64:
		return as[uint64](t, v)
	case wit.S64:
		n, err := as[int64](t, v)
		return uint64(n), err
	case wit.F32:
		f, err := as[float32](t, v)
		return uint64(math.Float32bits(f)), err
	case wit.F64:
		f, err := as[float64](t, v)
		return math.Float64bits(f), err
	case wit.Char:
		r, err := as[rune](t, v)
		if err == nil && !utf8.ValidRune(r) {
			err = fmt.Errorf("char %#x is not a Unicode scalar value", uint32(r))
		}
		return uint64(uint32(r)), err
	}
	if t.resource != nil {
		i, err := x.lowerHandle(t, v)
		return uint64(i), err
	}
	f, err := as[uint32](t, v)
	if err == nil && f&^t.mask != 0 {
		err = fmt.Errorf("flags %#x has bits beyond %#x", f, t.mask)
	}
	return uint64(f), err
}

// as returns a value as the Go type that its WIT type goes by.
func as[T any](t *Type, v any) (T, error) {
	got, ok := v.(T)
	if !ok {
		return got, t.mismatch(v)
	}
	return got, nil
}

func (t *Type) mismatch(v any) error { return fmt.Errorf("%T is no value of type %s", v, t.name) }
