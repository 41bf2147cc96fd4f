package collections_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"

	"github.com/witgen/witgen/golden/collections/arrays"
	"github.com/witgen/witgen/golden/collections/maps"
	"github.com/witgen/witgen/rt/cm"
)

// source makes random values of Go types, as far as they are values of WIT.
type source struct{ *rand.Rand }

// special makes values of types that are not all values of their Go type, or
// whose fields are hidden.
var special = map[reflect.Type]func(s source) any{}

func register[T any](of func(s source) T) {
	special[reflect.TypeFor[T]()] = func(s source) any { return of(s) }
}

func option[T any]() {
	register(func(s source) cm.Option[T] {
		if s.IntN(3) == 0 {
			return cm.None[T]()
		}
		return cm.Some(value[T](s))
	})
}

func variant[T any](cases ...T) {
	special[reflect.TypeFor[T]()] = func(s source) any {
		return s.of(reflect.TypeOf(cases[s.IntN(len(cases))])).Interface()
	}
}

func init() {
	register(func(s source) maps.Color { return maps.Color(s.IntN(3)) })
	register(func(s source) arrays.Sides { return arrays.Sides(s.IntN(4)) })
	register(func(s source) cm.Result[[2]byte, [2]float32] {
		if s.IntN(2) == 0 {
			return cm.OK[[2]byte, [2]float32](value[[2]byte](s))
		}
		return cm.Fail[[2]byte](value[[2]float32](s))
	})
	option[uint32]()
	option[[2]uint32]()
	option[arrays.Cell]()
	option[maps.Lookup]()
	option[map[uint8]string]()
	variant[maps.Lookup](maps.LookupNothing{}, maps.LookupByName{}, maps.LookupByDigest{})
	variant[arrays.Shape](arrays.ShapeDot{}, arrays.ShapeLine{}, arrays.ShapeArea{}, arrays.ShapeTitle{}, arrays.ShapePath{})
}

// value returns a random T.
func value[T any](s source) T { return s.of(reflect.TypeFor[T]()).Interface().(T) }

// of returns a random value of a type. Every int32 is a Unicode scalar value,
// for a char is one too.
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
		v.SetInt(int64([]rune{0, 'a', 0xD7FF, 0xE000, 0x10FFFF, s.Int32N(0xD800)}[s.IntN(6)]))
	case reflect.Int8, reflect.Int16, reflect.Int64:
		v.SetInt(int64(s.Uint64()) >> (64 - t.Bits()))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(s.Uint64() >> (64 - t.Bits()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(float32([]float64{0, -0.5, 1e30, math.Inf(1), math.Inf(-1), s.NormFloat64()}[s.IntN(6)])))
	case reflect.String:
		v.SetString(strings.Repeat([]string{"a", "ß", "漢字", "\x00", "🙂 "}[s.IntN(5)], s.IntN(6)))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, s.IntN(4), 4))
		s.fill(v)
	case reflect.Array:
		s.fill(v)
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		for range s.IntN(12) {
			v.SetMapIndex(s.of(t.Key()), s.of(t.Elem()))
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

func (s source) fill(v reflect.Value) {
	for i := range v.Len() {
		v.Index(i).Set(s.of(v.Type().Elem()))
	}
}
