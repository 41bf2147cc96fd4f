package dyn

import (
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/witgen/witgen/wit"
)

func recordOf(types ...wit.Type) *wit.Record {
	r := &wit.Record{}
	for i, t := range types {
		r.Fields = append(r.Fields, wit.Field{Name: "f" + strconv.Itoa(i), Type: t})
	}
	return r
}

func variantOf(types ...wit.Type) *wit.Variant {
	v := &wit.Variant{}
	for i, t := range types {
		v.Cases = append(v.Cases, wit.Case{Name: "c" + strconv.Itoa(i), Type: t})
	}
	return v
}

func tupleOf(types ...wit.Type) *wit.Tuple { return &wit.Tuple{Types: types} }
func listOf(t wit.Type) *wit.List          { return &wit.List{Elem: t} }
func fixedOf(t wit.Type, n uint32) *wit.List {
	return &wit.List{Elem: t, Fixed: true, Len: n}
}
func enumOf(n int) *wit.Enum   { return &wit.Enum{Cases: make([]wit.Label, n)} }
func flagsOf(n int) *wit.Flags { return &wit.Flags{Flags: make([]wit.Label, n)} }
func named(t wit.Type) wit.Type {
	return &wit.TypeDef{Name: "n", Type: &wit.TypeDef{Name: "m", Type: t}}
}

// randomType returns a type that has dynamic values, nested up to depth deep.
func randomType(rnd *rand.Rand, depth int) wit.Type {
	next := func() wit.Type { return randomType(rnd, depth-1) }
	maybe := func() wit.Type {
		if rnd.IntN(3) == 0 {
			return nil
		}
		return next()
	}
	some := func(one func() wit.Type) []wit.Type {
		types := make([]wit.Type, 1+rnd.IntN(4))
		for i := range types {
			types[i] = one()
		}
		return types
	}
	kinds := 14
	if depth == 0 {
		kinds = 4
	}
	switch rnd.IntN(kinds) {
	case 0, 1:
		return wit.Primitive(1 + rnd.IntN(int(wit.String)))
	case 2:
		return flagsOf(1 + rnd.IntN(32))
	case 3:
		return &wit.Handle{Resource: fileDef, Borrow: rnd.IntN(2) == 0}
	case 4:
		return enumOf(1 + rnd.IntN(600))
	case 5:
		return recordOf(some(next)...)
	case 6:
		return tupleOf(some(next)...)
	case 7:
		return variantOf(some(maybe)...)
	case 8:
		return &wit.Option{Elem: next()}
	case 9:
		return &wit.Result{OK: maybe(), Err: maybe()}
	case 10:
		return fixedOf(next(), 1+rnd.Uint32N(3))
	case 11:
		return &wit.Map{Key: wit.String, Value: next()}
	case 12:
		return listOf(next())
	default:
		return named(next())
	}
}

// randomValue returns a value of a type. It looks at the WIT type, as a user
// of the package would, and not at what TypeOf made of it.
func randomValue(rnd *rand.Rand, t wit.Type) any {
	switch t := t.(type) {
	case wit.Primitive:
		return randomPrimitive(rnd, t)
	case *wit.TypeDef:
		return randomValue(rnd, t.Type)
	case *wit.Flags:
		return rnd.Uint32() >> (32 - len(t.Flags))
	case *wit.Handle:
		if t.Borrow {
			return Borrow{file, rnd.Uint32()}
		}
		return Own{file, rnd.Uint32()}
	case *wit.Record:
		var values []any
		for _, f := range t.Fields {
			values = append(values, randomValue(rnd, f.Type))
		}
		return values
	case *wit.Tuple:
		var values []any
		for _, e := range t.Types {
			values = append(values, randomValue(rnd, e))
		}
		return values
	case *wit.Enum:
		return Variant{Case: rnd.Uint32N(uint32(len(t.Cases)))}
	case *wit.Variant:
		c := rnd.IntN(len(t.Cases))
		return Variant{uint32(c), payload(rnd, t.Cases[c].Type)}
	case *wit.Option:
		return [...]Variant{{}, {1, randomValue(rnd, t.Elem)}}[rnd.IntN(2)]
	case *wit.Result:
		return [...]Variant{{0, payload(rnd, t.OK)}, {1, payload(rnd, t.Err)}}[rnd.IntN(2)]
	case *wit.Map:
		return elementsOf(rnd, tupleOf(t.Key, t.Value), rnd.IntN(4))
	case *wit.List:
		n := rnd.IntN(4)
		if t.Fixed {
			n = int(t.Len)
		}
		if !t.Fixed && wit.Underlying(t.Elem) == wit.U8 {
			return []byte("\x00\xff\x80")[:min(n, 3)]
		}
		return elementsOf(rnd, t.Elem, n)
	}
	panic("no such type in this test")
}

func payload(rnd *rand.Rand, t wit.Type) any {
	if t == nil {
		return nil
	}
	return randomValue(rnd, t)
}

func elementsOf(rnd *rand.Rand, t wit.Type, n int) []any {
	values := make([]any, n)
	for i := range values {
		values[i] = randomValue(rnd, t)
	}
	return values
}

func randomPrimitive(rnd *rand.Rand, p wit.Primitive) any {
	// The ends of the range are as likely as all that is between them.
	n := [...]uint64{0, 1, math.MaxUint64, 1 << 63, 1<<63 - 1, rnd.Uint64(), rnd.Uint64()}[rnd.IntN(7)]
	switch p {
	case wit.Bool:
		return n&1 == 1
	case wit.U8:
		return uint8(n)
	case wit.S8:
		return int8(n>>56 | n&1)
	case wit.U16:
		return uint16(n)
	case wit.S16:
		return int16(n>>48 | n&1)
	case wit.U32:
		return uint32(n)
	case wit.S32:
		return int32(n>>32 | n&1)
	case wit.U64:
		return n
	case wit.S64:
		return int64(n)
	case wit.F32:
		return [...]float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(-1)), math.MaxFloat32, math.SmallestNonzeroFloat32, rnd.Float32()}[rnd.IntN(6)]
	case wit.F64:
		return [...]float64{0, math.Copysign(0, -1), math.Inf(1), math.MaxFloat64, math.SmallestNonzeroFloat64, rnd.Float64()}[rnd.IntN(6)]
	case wit.Char:
		return [...]rune{0, 'a', 0xd7ff, 0xe000, 0x10ffff}[rnd.IntN(5)]
	}
	return [...]string{"", "gopher", "\x00", "häß😀"}[rnd.IntN(4)]
}
