package types_test

import (
	"context"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/types/base"
	"github.com/witgen/witgen/golden/types/choices"
	"github.com/witgen/witgen/golden/types/structures"
	"github.com/witgen/witgen/rt/cm"
)

// TestValues sends values at the ends of their types through the guest, as
// arguments and as results, to every function whose parameter and result are
// of one type.
func TestValues(t *testing.T) {
	h := new(host)
	p := start(t, h)
	long := strings.Repeat("0123456789abcdé", 1<<12) // longer than a page of memory
	letters := []rune{0, 'a', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x10ffff}
	doubles := []float64{
		0, math.Copysign(0, -1), 1, math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64,
		math.NaN(), math.Float64frombits(0x7ff0000000000001), math.Float64frombits(0xffffffffffffffff),
	}
	positions := []base.Position{{}, {Line: 1, Column: 2}, {Line: math.MaxUint32}, {Column: math.MaxUint32}}

	each(t, h, "bools", p.Primitives.Bools, false, true)
	each(t, h, "double", p.Primitives.Double, doubles...)
	each(t, h, "unsigned", p.Primitives.Unsigned, 0, 1, 1<<31, 1<<32-1, 1<<32, 1<<63-1, 1<<63, 1<<64-1)
	each(t, h, "chars", p.Primitives.Chars, letters...)

	each(t, h, "blob", p.Sequences.Blob, nil, []byte{}, []byte{0}, []byte("\x00\xff\x80"), []byte(long))
	each(t, h, "doubles", p.Sequences.Doubles, nil, []float64{}, doubles)
	each(t, h, "bits", p.Sequences.Bits, nil, []bool{true}, []bool{false, true, true, false, true, false, false, false, true})
	each(t, h, "runes", p.Sequences.Runes, nil, letters, []rune(long))
	each(t, h, "texts", p.Sequences.Texts, nil, []string{""}, []string{"", "a", "", long}, slicesOf(10_000, "x"))
	each(t, h, "pair", p.Sequences.Pair, cm.Tuple2[uint8, string]{}, cm.Tuple2[uint8, string]{F0: 255, F1: "\x00"})
	each(t, h, "single", p.Sequences.Single, cm.Tuple1[uint64]{F0: 1 << 63}, cm.Tuple1[uint64]{F0: math.MaxUint64})
	each(t, h, "triple", p.Sequences.Triple, triple{}, triple{
		F0: base.Position{Line: 1, Column: 2}, F1: cm.Tuple2[bool, rune]{F0: true, F1: 0x10ffff}, F2: positions,
	})

	each(t, h, "level-of", p.Structures.LevelOf, base.LevelDebug, base.LevelInfo, base.LevelError)
	each(t, h, "rights-of", p.Structures.RightsOf, 0, base.PermissionsRead, base.PermissionsWrite, base.PermissionsExecute,
		base.PermissionsRead|base.PermissionsWrite|base.PermissionsExecute)
	wide := []structures.WideFlags{0, math.MaxUint32, structures.WideFlagsW31 | structures.WideFlagsW0}
	for i := range 32 {
		wide = append(wide, 1<<i)
	}
	each(t, h, "wide-of", p.Structures.WideOf, wide...)
	each(t, h, "where", p.Structures.Where, positions...)
	each(t, h, "everything-through", p.Structures.EverythingThrough, records(long)...)

	each(t, h, "shapes", p.Choices.Shapes, shapes(long)...)
	each[choices.Marker](t, h, "markers", p.Choices.Markers, choices.MarkerHere{}, choices.MarkerThere{})
	each(t, h, "big", p.Choices.Big, options(records(long))...)
}

// each calls a function with each of the values, answered with the next one.
func each[T any](t *testing.T, h *host, name string, f func(context.Context, T) (T, error), values ...T) {
	t.Run(name, func(t *testing.T) {
		for i, v := range values {
			call(t, h, f, values[(i+1)%len(values)], v)
		}
	})
}

// call calls a function, which the host answers with out.
func call(t *testing.T, h *host, f, out any, args ...any) {
	t.Helper()
	in := []reflect.Value{reflect.ValueOf(context.Background())}
	for _, a := range args {
		in = append(in, reflect.ValueOf(a))
	}
	h.args, h.out = nil, []any{out, nil}
	got := reflect.ValueOf(f).Call(in)
	if err := got[1].Interface(); err != nil {
		t.Fatalf("with %.200v: %v", args, err)
	}
	if len(h.args) != len(args) {
		t.Fatalf("with %.200v: the host got %.200v", args, h.args)
	}
	for i, want := range args {
		if !crossed(reflect.ValueOf(want), reflect.ValueOf(h.args[i])) {
			t.Errorf("argument %d: the host got\n%.500v\nwant\n%.500v", i, h.args[i], want)
		}
	}
	if !crossed(reflect.ValueOf(out), reflect.ValueOf(got[0].Interface())) {
		t.Errorf("got\n%.500v\nwant\n%.500v", got[0], out)
	}
}

// crossed reports whether got is what want becomes when it crosses the
// boundary: the same to the bit, but for NaNs, which become the canonical one,
// and nil lists, which become empty ones.
func crossed(want, got reflect.Value) bool {
	if want.Type() != got.Type() {
		return false
	}
	switch want.Kind() {
	case reflect.Float32, reflect.Float64:
		w, g := want.Float(), got.Float()
		if w != w {
			return canonical(got)
		}
		return math.Float64bits(w) == math.Float64bits(g)
	case reflect.Slice:
		if got.IsNil() || want.Len() != got.Len() {
			return false
		}
		for i := range want.Len() {
			if !crossed(want.Index(i), got.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range want.NumField() {
			if absent(want, want.Type().Field(i).Name) {
				if !got.Field(i).IsZero() {
					return false
				}
				continue
			}
			if !crossed(want.Field(i), got.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Interface:
		return !want.IsNil() && !got.IsNil() && crossed(want.Elem(), got.Elem())
	}
	return want.Equal(got)
}

// absent reports whether a field is the payload of an option or a result that
// does not have it.
func absent(v reflect.Value, field string) bool {
	switch field {
	case "value":
		return !v.FieldByName("some").Bool()
	case "ok":
		return v.FieldByName("isErr").Bool()
	case "err":
		return !v.FieldByName("isErr").Bool()
	}
	return false
}

// canonical reports whether a float is the canonical NaN. A conversion to a
// wider float keeps the bits of a NaN that is quiet.
func canonical(v reflect.Value) bool {
	if v.Kind() == reflect.Float32 {
		return math.Float32bits(float32(v.Float())) == 0x7fc00000
	}
	return math.Float64bits(v.Float()) == 0x7ff8000000000000
}

func slicesOf[T any](n int, v T) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = v
	}
	return s
}

// options returns none and some of each value.
func options[T any](values []T) []cm.Option[T] {
	o := []cm.Option[T]{cm.None[T]()}
	for _, v := range values {
		o = append(o, cm.Some(v))
	}
	return o
}

// shapes returns the cases of a shape, with payloads at the ends of their types.
func shapes(long string) []choices.Shape {
	return []choices.Shape{
		choices.ShapeNothing{},
		choices.ShapeSmall{Value: 0},
		choices.ShapeSmall{Value: 255},
		choices.ShapeReal{Value: float32(math.Copysign(0, -1))},
		choices.ShapeReal{Value: math.MaxFloat32},
		choices.ShapeReal{Value: float32(math.NaN())},
		choices.ShapeExact{Value: math.Inf(-1)},
		choices.ShapeExact{Value: math.Float64frombits(0xfff8000000000001)},
		choices.ShapeLong{Value: math.MinInt64},
		choices.ShapeLong{Value: -1},
		choices.ShapeText{Value: ""},
		choices.ShapeText{Value: long},
		choices.ShapePlace{Value: base.Position{Line: math.MaxUint32, Column: 1}},
		choices.ShapeLevel{Value: base.LevelError},
		choices.ShapeWords{Value: nil},
		choices.ShapeWords{Value: []string{"", "漢字", long}},
		choices.ShapeOption{},
		choices.ShapeOption{Value: cm.Some[uint8](0)},
		choices.ShapeOption{Value: cm.Some[uint8](255)},
	}
}

// records returns records with values at the ends of their fields' types. No
// two fields of one type hold the same.
func records(long string) []structures.Everything {
	return []structures.Everything{
		{},
		{
			Truth: true, Tiny: math.MinInt8, Short: math.MaxUint16, Normal: math.MinInt32, Long: math.MinInt64,
			Real: float32(math.Inf(-1)), Exact: math.Copysign(0, -1), Letter: 0xe000, Text: "漢字\x00", Raw: []byte{0, 255},
			Level: base.LevelInfo, Rights: base.PermissionsExecute, Place: base.Position{Line: 3, Column: 4},
			Tags:    []string{"a", "", "ß"},
			Maybe:   cm.Some(base.Position{Line: 5, Column: 6}),
			Outcome: cm.Fail[uint32]("no"),
			Pair:    cm.Tuple2[uint8, uint64]{F0: 255, F1: 1<<64 - 1},
		},
		{
			Tiny: math.MaxInt8, Short: 1, Normal: math.MaxInt32, Long: math.MaxInt64,
			Real: float32(math.NaN()), Exact: math.Float64frombits(0xfff0000000000001), Letter: 0x10ffff, Text: long, Raw: []byte(long),
			Level: base.LevelError, Rights: base.PermissionsRead | base.PermissionsWrite, Place: base.Position{Line: math.MaxUint32},
			Tags:    []string{long},
			Maybe:   cm.Some(base.Position{}),
			Outcome: cm.OK[uint32, string](math.MaxUint32),
			Pair:    cm.Tuple2[uint8, uint64]{F0: 1, F1: 1 << 63},
		},
	}
}
