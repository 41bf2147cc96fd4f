package values_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/internal/echo/values"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wave"
	"github.com/witgen/witgen/wit"
)

// TestRandomFits writes random values as texts of their types and reads them
// again: they are of the type, and the same.
func TestRandomFits(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		w := echo.Random(r, echo.Shape{Depth: 4})
		f := w.Exports[0].Interface.Funcs[0]
		for _, p := range f.Params {
			v := values.Random(r, p.Type)
			text, err := wave.Format(p.Type, v)
			if err != nil {
				t.Fatalf("%#v is no value of %s: %v", v, wit.TypeText(p.Type), err)
			}
			got, err := wave.Parse(p.Type, text)
			if err != nil || !values.Equal(got, v) {
				t.Fatalf("%#v is written %s, which is %#v, %v", v, text, got, err)
			}
		}
	}
}

// TestEqual compares values that differ, and some that do not.
func TestEqual(t *testing.T) {
	nan32, nan64 := math.Float32frombits(0x7fc00000), math.Float64frombits(0x7ff8000000000000)
	some, none := cm.Some[rt.Value], cm.None[rt.Value]()
	ok, fail := cm.OK[rt.Value, rt.Value], cm.Fail[rt.Value, rt.Value]
	alike := [][2]rt.Value{
		{nan32, math.Float32frombits(0xffc00001)},
		{nan64, math.Float64frombits(0x7ff0000000000001)},
		{rt.Map(nil), rt.Map{}},
		{rt.Flags(nil), rt.Flags{}},
		{[]byte(nil), []byte{}},
		{ok(nil), ok(nil)},
	}
	for _, x := range alike {
		if !values.Equal(x[0], x[1]) {
			t.Errorf("%#v is not %#v", x[0], x[1])
		}
	}
	// Each is another value than any other.
	all := []rt.Value{
		nil, false, int8(1), uint8(1), int32(1), uint32(1), "", "a", float32(0), float32(math.Copysign(0, -1)), nan32, float32(1),
		0.0, math.Copysign(0, -1), nan64, []byte{1}, []byte{2}, []rt.Value{uint8(1)}, []rt.Value{nan64}, []rt.Value{},
		rt.Tuple{uint8(1)}, rt.Tuple{uint8(2)}, rt.Tuple{}, rt.Map{{Key: 'a', Value: 1.0}}, rt.Map{{Key: 'a', Value: 2.0}}, rt.Map{{Key: 'b', Value: 1.0}},
		rt.Record{{Name: "a", Value: 'a'}}, rt.Record{{Name: "a", Value: 'b'}}, rt.Record{{Name: "b", Value: 'a'}}, rt.Flags{"a"}, rt.Flags{"b"}, rt.Flags{"a", "b"},
		rt.Variant{Case: "a"}, rt.Variant{Case: "b"}, rt.Variant{Case: "a", Value: uint8(1)}, rt.Enum("a"), rt.Enum("b"),
		none, some(none), some(uint8(1)), some(uint8(2)), ok(nil), fail(nil), ok(uint8(1)), fail(uint8(1)), ok(uint8(2)), fail(uint8(2)),
	}
	for i, a := range all {
		for j, b := range all {
			if values.Equal(a, b) != (i == j) {
				t.Errorf("%#v and %#v: %v", a, b, i != j)
			}
		}
	}
	if values.Equal(math.Float32frombits(0x7fc00001), nan32) || values.Equal(math.Float64frombits(0xfff8000000000000), nan64) {
		t.Error("a NaN that is not canonical is taken")
	}
}

// TestSettled settles maps, wherever they are.
func TestSettled(t *testing.T) {
	m := rt.Map{{Key: "b", Value: uint8(1)}, {Key: "a", Value: uint8(2)}, {Key: "b", Value: uint8(3)}}
	want := rt.Map{{Key: "a", Value: uint8(2)}, {Key: "b", Value: uint8(3)}}
	some := cm.Some[rt.Value]
	ok, fail := cm.OK[rt.Value, rt.Value], cm.Fail[rt.Value, rt.Value]
	for _, wrap := range []func(v rt.Value) rt.Value{
		func(v rt.Value) rt.Value { return v },
		func(v rt.Value) rt.Value { return rt.Map{{Key: 'c', Value: v}} },
		func(v rt.Value) rt.Value { return []rt.Value{v, nil} },
		func(v rt.Value) rt.Value { return rt.Tuple{"x", v} },
		func(v rt.Value) rt.Value { return rt.Record{{Name: "f", Value: v}} },
		func(v rt.Value) rt.Value { return rt.Variant{Case: "c", Value: v} },
		func(v rt.Value) rt.Value { return some(some(v)) },
		func(v rt.Value) rt.Value { return rt.Tuple{ok(v), fail(v)} },
	} {
		if got := values.Settled(wrap(m)); !values.Equal(got, wrap(want)) {
			t.Errorf("got %#v, want %#v", got, wrap(want))
		}
		if values.Equal(wrap(m), wrap(want)) {
			t.Errorf("%#v has changed, or maps do not count", wrap(m))
		}
	}
}
