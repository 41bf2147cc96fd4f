package differential_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt/internal/dyn"
	"github.com/witgen/witgen/wit"
)

// randomValue returns a value of a type, as package dyn has it; nil without a
// type.
func randomValue(r *rand.Rand, t wit.Type) any {
	switch t := wit.Underlying(t).(type) {
	case wit.Primitive:
		return randomPrimitive(r, t)
	case *wit.Enum:
		return dyn.Variant{Case: r.Uint32N(uint32(len(t.Cases)))}
	case *wit.Flags:
		return r.Uint32() >> (32 - len(t.Flags))
	case *wit.Option:
		if r.IntN(3) == 0 {
			return dyn.Variant{}
		}
		return dyn.Variant{Case: 1, Value: randomValue(r, t.Elem)}
	case *wit.Result:
		if r.IntN(2) == 0 {
			return dyn.Variant{Value: randomValue(r, t.OK)}
		}
		return dyn.Variant{Case: 1, Value: randomValue(r, t.Err)}
	case *wit.Variant:
		i := r.IntN(len(t.Cases))
		return dyn.Variant{Case: uint32(i), Value: randomValue(r, t.Cases[i].Type)}
	case *wit.Record:
		values := []any{}
		for _, f := range t.Fields {
			values = append(values, randomValue(r, f.Type))
		}
		return values
	case *wit.Tuple:
		values := []any{}
		for _, e := range t.Types {
			values = append(values, randomValue(r, e))
		}
		return values
	case *wit.List:
		n := r.IntN(4)
		if t.Fixed {
			n = int(t.Len)
		} else if wit.Underlying(t.Elem) == wit.U8 {
			return []byte("\x00\xff\x80")[:n]
		}
		values := []any{}
		for range n {
			values = append(values, randomValue(r, t.Elem))
		}
		return values
	case *wit.Map:
		return randomMap(r, t)
	}
	return nil
}

// randomPrimitive returns a number at the end of its range as often as not,
// and no NaN but the canonical one.
func randomPrimitive(r *rand.Rand, p wit.Primitive) any {
	n := []uint64{0, 1, math.MaxUint64, 1 << 63, 1<<63 - 1, r.Uint64(), r.Uint64(), r.Uint64()}[r.IntN(8)]
	switch p {
	case wit.Bool:
		return n&1 == 1
	case wit.S8:
		return int8(n >> 56)
	case wit.U8:
		return uint8(n >> 56)
	case wit.S16:
		return int16(n >> 48)
	case wit.U16:
		return uint16(n >> 48)
	case wit.S32:
		return int32(n >> 32)
	case wit.U32:
		return uint32(n >> 32)
	case wit.S64:
		return int64(n)
	case wit.U64:
		return n
	case wit.F32:
		return []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(-1)), math.Float32frombits(0x7fc00000), math.MaxFloat32, r.Float32()}[r.IntN(6)]
	case wit.F64:
		return []float64{0, math.Copysign(0, -1), math.Inf(1), math.Float64frombits(0x7ff8000000000000), math.SmallestNonzeroFloat64, r.NormFloat64()}[r.IntN(6)]
	case wit.Char:
		return []rune{0, 'a', 0xd7ff, 0xe000, 0x10ffff, r.Int32N(0xd800)}[r.IntN(6)]
	}
	return strings.Repeat([]string{"a", "ß", "漢", "\x00", "🙂"}[r.IntN(5)], r.IntN(5))
}

// same compares values of package dyn: to the bit, with all NaNs alike.
func same(a, b any) bool {
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, same)
	case []byte:
		b, ok := b.([]byte)
		return ok && slices.Equal(a, b)
	case dyn.Variant:
		b, ok := b.(dyn.Variant)
		return ok && a.Case == b.Case && same(a.Value, b.Value)
	case float32:
		b, ok := b.(float32)
		return ok && (a != a && b != b || math.Float32bits(a) == math.Float32bits(b))
	case float64:
		b, ok := b.(float64)
		return ok && (a != a && b != b || math.Float64bits(a) == math.Float64bits(b))
	}
	return a == b
}
