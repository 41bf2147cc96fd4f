package abi

import (
	"fmt"
	"math"
	"unicode/utf8"
)

// The canonical NaNs, to which every NaN is lifted.
const (
	canonicalNaN32 = 0x7fc00000
	canonicalNaN64 = 0x7ff8000000000000
)

// F32 lifts a flat f32; a NaN becomes the canonical one.
func F32(v uint64) float32 {
	f := math.Float32frombits(uint32(v))
	if f != f {
		return math.Float32frombits(canonicalNaN32)
	}
	return f
}

// F64 lifts a flat f64; a NaN becomes the canonical one.
func F64(v uint64) float64 {
	f := math.Float64frombits(v)
	if f != f {
		return math.Float64frombits(canonicalNaN64)
	}
	return f
}

// Bool lowers a bool.
func Bool(v bool) uint64 {
	if v {
		return 1
	}
	return 0
}

// Char lifts a flat char. It must be a Unicode scalar value.
func (m *Mem) Char(v uint64) rune {
	r := rune(uint32(v))
	if !utf8.ValidRune(r) {
		m.Reject(fmt.Errorf("invalid `char` bit pattern %#x", uint32(v)))
		return 0
	}
	return r
}

// LowerChar lowers a char. It must be a Unicode scalar value.
func (m *Mem) LowerChar(r rune) uint64 {
	if !utf8.ValidRune(r) {
		m.Fail(fmt.Errorf("char %#x is not a Unicode scalar value", uint32(r)))
		return 0
	}
	return uint64(r)
}

// Discriminant checks the discriminant of a variant, enum, option or result
// with n cases and returns it; on failure it returns 0.
func (m *Mem) Discriminant(v, n uint32) uint32 {
	if v >= n {
		m.Reject(fmt.Errorf("invalid variant discriminant: discriminant %d out of range [0..%d)", v, n))
		return 0
	}
	return v
}
