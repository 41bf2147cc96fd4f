package types_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"

	"github.com/witgen/witgen/golden/types/base"
	"github.com/witgen/witgen/golden/types/choices"
	"github.com/witgen/witgen/golden/types/failures"
	"github.com/witgen/witgen/golden/types/structures"
	"github.com/witgen/witgen/rt/cm"
)

// source makes random values of Go types, as far as they are values of WIT.
type source struct {
	*rand.Rand
	runes bool // every int32 is to be a Unicode scalar value
}

// special makes values of types that are not all values of their Go type, or
// whose fields are hidden.
var special = map[reflect.Type]func(s source) any{}

// enum, flags, option, result and variant register types.
func enum[T ~uint8](cases int) {
	special[reflect.TypeFor[T]()] = func(s source) any { return T(s.IntN(cases)) }
}

func flags[T ~uint8 | ~uint16 | ~uint32](n int) {
	special[reflect.TypeFor[T]()] = func(s source) any { return T(s.Uint64N(1 << n)) }
}

func option[T any]() {
	special[reflect.TypeFor[cm.Option[T]]()] = func(s source) any {
		if s.IntN(3) == 0 {
			return cm.None[T]()
		}
		return cm.Some(value[T](s))
	}
}

func result[T, E any]() {
	special[reflect.TypeFor[cm.Result[T, E]]()] = func(s source) any {
		if s.IntN(2) == 0 {
			return cm.Fail[T](value[E](s))
		}
		return cm.OK[T, E](value[T](s))
	}
}

func variant[T any](cases ...T) {
	special[reflect.TypeFor[T]()] = func(s source) any {
		return s.of(reflect.TypeOf(cases[s.IntN(len(cases))])).Interface()
	}
}

func init() {
	enum[base.Level](3)
	enum[structures.Only](1)
	enum[failures.Reason](3)
	flags[base.Permissions](3)
	flags[structures.ManyFlags](9)
	flags[structures.FullFlags](8)
	flags[structures.WideFlags](32)
	flags[failures.Causes](2)
	option[uint8]()
	option[uint32]()
	option[uint64]()
	option[string]()
	option[bool]()
	option[cm.Option[bool]]()
	option[[]byte]()
	option[base.Position]()
	option[cm.Result[struct{}, struct{}]]()
	option[structures.Everything]()
	result[struct{}, struct{}]()
	result[uint8, struct{}]()
	result[struct{}, uint8]()
	result[struct{}, string]()
	result[uint8, string]()
	result[uint32, string]()
	result[string, base.Position]()
	result[base.Position, string]()
	result[float32, uint32]()
	result[float64, int8]()
	result[float32, uint64]()
	variant[choices.Marker](choices.MarkerHere{}, choices.MarkerThere{})
	variant[choices.Wrapper](choices.WrapperIt{})
	variant[choices.Shape](choices.ShapeNothing{}, choices.ShapeSmall{}, choices.ShapeReal{}, choices.ShapeExact{},
		choices.ShapeLong{}, choices.ShapeText{}, choices.ShapePlace{}, choices.ShapeLevel{}, choices.ShapeWords{},
		choices.ShapeOption{})
	variant[failures.Problem](failures.ProblemUnknown{}, failures.ProblemNotFound{}, failures.ProblemNested{})
}

// value returns a random T.
func value[T any](s source) T { return s.of(reflect.TypeFor[T]()).Interface().(T) }

// of returns a random value of a type.
func (s source) of(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	if of, ok := special[t]; ok {
		v.Set(reflect.ValueOf(of(s)))
		return v
	}
	switch t.Kind() {
	case reflect.Bool:
		v.SetBool(s.IntN(2) == 1)
	case reflect.Int32:
		if s.runes {
			v.SetInt(int64([]rune{0, 'a', 0xD7FF, 0xE000, 0x10FFFF, s.Int32N(0xD800)}[s.IntN(6)]))
			break
		}
		v.SetInt(int64(s.bits()) >> 32)
	case reflect.Int8, reflect.Int16, reflect.Int64:
		v.SetInt(int64(s.bits()) >> (64 - t.Bits()))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(s.bits() >> (64 - t.Bits()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(float32([]float64{0, -0.5, 1e30, math.Inf(1), math.Inf(-1), s.NormFloat64()}[s.IntN(6)])))
	case reflect.String:
		v.SetString(strings.Repeat([]string{"a", "ß", "漢字", "\x00", "🙂 "}[s.IntN(5)], s.IntN(6)))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, s.IntN(4), 4))
		for i := range v.Len() {
			v.Index(i).Set(s.of(t.Elem()))
		}
	case reflect.Struct:
		for i := range t.NumField() {
			v.Field(i).Set(s.of(t.Field(i).Type))
		}
	default:
		panic("no random " + t.String())
	}
	return v
}

// bits returns 64 bits, often at the ends of their range.
func (s source) bits() uint64 {
	switch s.IntN(6) {
	case 0:
		return 0
	case 1:
		return math.MaxUint64
	case 2:
		return 1 << 63
	case 3:
		return 1<<63 - 1
	}
	return s.Uint64()
}
