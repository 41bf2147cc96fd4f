// Package collections_test sends maps and lists of a fixed length to a guest
// in Rust and on to the host, and the host's answers back.
package collections_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/witgen/witgen/golden/collections/arrays"
	"github.com/witgen/witgen/golden/collections/collections"
	"github.com/witgen/witgen/golden/collections/maps"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// prepared compiles the guest and links it, once.
var prepared = sync.OnceValues(func() (*collections.Prepared, error) {
	wasm, err := os.ReadFile("testdata/collections.wasm")
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		return nil, err
	}
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		return nil, err
	}
	return collections.Prepare(component)
})

func start(t *testing.T, imports collections.Imports) *collections.Collections {
	t.Helper()
	prepared, err := prepared()
	if err != nil {
		t.Fatal(err)
	}
	p, err := prepared.Instantiate(t.Context(), imports, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p
}

func startHost(t *testing.T, h *host) *collections.Collections {
	t.Helper()
	return start(t, collections.Imports{Arrays: arraysHost{h}, Maps: mapsHost{h}})
}

// call calls a function, which the host answers with out.
func call(t *testing.T, h *host, name string, f reflect.Value, out any, args ...any) {
	t.Helper()
	in := []reflect.Value{reflect.ValueOf(context.Background())}
	for _, a := range args {
		in = append(in, reflect.ValueOf(a))
	}
	h.args, h.out = nil, out
	got := f.Call(in)
	if err, _ := got[len(got)-1].Interface().(error); err != nil {
		t.Fatalf("%s: with %.300v: %v", name, args, err)
	}
	if !reflect.DeepEqual(h.args, args) {
		t.Errorf("%s: the host got\n%.500v\nwant\n%.500v", name, h.args, args)
	}
	if len(got) == 2 && !reflect.DeepEqual(got[0].Interface(), out) {
		t.Errorf("%s: got\n%.500v\nwant\n%.500v", name, got[0], out)
	}
}

// everyFunction calls each method of the interfaces with random values.
func everyFunction(t *testing.T, h *host, interfaces ...any) {
	s := source{rand.New(rand.NewPCG(1, 2))}
	called := 0
	for _, i := range interfaces {
		x := reflect.ValueOf(i)
		for n := range x.NumMethod() {
			f, name := x.Method(n), x.Type().Method(n).Name
			for range 60 {
				var args []any
				for k := 1; k < f.Type().NumIn(); k++ {
					args = append(args, s.of(f.Type().In(k)).Interface())
				}
				var out any
				if f.Type().NumOut() == 2 {
					out = s.of(f.Type().Out(0)).Interface()
				}
				call(t, h, name, f, out, args...)
			}
			called++
		}
	}
	if want := len(arrays.Interface.Funcs) + len(maps.Interface.Funcs); called != want {
		t.Errorf("%d functions called, want %d", called, want)
	}
}

func TestRandom(t *testing.T) {
	h := new(host)
	p := startHost(t, h)
	everyFunction(t, h, p.Arrays, p.Maps)
}

// TestChain gives one instance's exports to another as its imports.
func TestChain(t *testing.T) {
	h := new(host)
	inner := startHost(t, h)
	outer := start(t, collections.Imports{Arrays: inner.Arrays, Maps: inner.Maps})
	everyFunction(t, h, outer.Arrays, outer.Maps)
}

// TestEnds sends values at the ends of their types.
func TestEnds(t *testing.T) {
	h := new(host)
	p := startHost(t, h)
	long := strings.Repeat("0123456789abcdé", 1<<12) // longer than a page of memory
	many := make(maps.Scores)
	for i := range uint32(20_000) {
		many[strings.Repeat("k", int(i%50))+string(rune(0x4e00+i))] = i
	}
	path := arrays.ShapePath{}
	for i := range path.Value {
		path.Value[i] = arrays.Cell{Column: uint8(i), Row: math.MaxUint32 - uint32(i)}
	}
	negative := [2]int32{math.MinInt32, -1}
	for _, test := range []struct {
		name string
		f    any
		out  any
		args []any
	}{
		{"empty", p.Maps.ScoresThrough, maps.Scores{}, []any{maps.Scores{}}},
		{"empty key", p.Maps.ScoresThrough, maps.Scores{"": 0}, []any{maps.Scores{"": math.MaxUint32, long: 1, "\x00": 2}}},
		{"many", p.Maps.ScoresThrough, many, []any{many}},
		{"bools", p.Maps.BoolKeys, map[bool]string{false: "f"}, []any{map[bool]string{true: "t", false: ""}}},
		{"one bool", p.Maps.BoolKeys, map[bool]string{true: ""}, []any{map[bool]string{true: "t"}}},
		{"chars", p.Maps.CharKeys, map[rune]rune{0: 0x10ffff}, []any{map[rune]rune{0x10ffff: 0xd7ff, 0xe000: 0}}},
		{"small", p.Maps.SmallKeys, map[int8]uint8{-1: 255, 127: 1}, []any{
			map[int8]uint8{-128: 0}, map[uint8]int64{255: math.MinInt64}, map[int16]bool{math.MinInt16: true, -1: false},
			map[uint16]float64{math.MaxUint16: math.Inf(-1)},
		}},
		{"large", p.Maps.LargeKeys, map[int64]uint16{math.MinInt64: math.MaxUint16}, []any{
			map[int32]uint8{math.MinInt32: 1, -1: 2}, map[uint32]float32{math.MaxUint32: -1}, map[int64]uint16{-1: 1, math.MaxInt64: 2},
			map[uint64]maps.Color{math.MaxUint64: maps.ColorBlue},
		}},
		{"negative", p.Arrays.Ints, ints{F4: negative}, []any{
			[2]int8{-128, -1}, [2]uint16{0, math.MaxUint16}, [2]int16{math.MinInt16, -1}, [2]uint32{math.MaxUint32, 1}, negative,
			[2]uint64{math.MaxUint64, 1}, [2]int64{math.MinInt64, -1},
		}},
		{"positive", p.Arrays.Ints, ints{
			F0: [2]int8{-1, 1}, F1: [2]uint16{1, 2}, F2: [2]int16{-3, 4}, F3: [2]uint32{5, 6}, F4: [2]int32{-7, 8}, F5: [2]uint64{1 << 63, 9}, F6: [2]int64{-10, 11},
		}, []any{[2]int8{}, [2]uint16{}, [2]int16{}, [2]uint32{}, [2]int32{}, [2]uint64{}, [2]int64{}}},
		{"shape", p.Arrays.Outlines, path, []any{arrays.ShapeTitle{Value: [2]string{long, ""}}, [3]arrays.Sides{arrays.SidesLeft, 0, arrays.SidesRight}}},
		{"names", p.Arrays.Names, [3]string{"", long, "\x00"}, []any{[3]string{long, "", "ß"}}},
	} {
		call(t, h, test.name, reflect.ValueOf(test.f), test.out, test.args...)
	}
}

// TestNil sends nil maps, which are empty ones on the other side.
func TestNil(t *testing.T) {
	h := &host{out: maps.Page{}}
	p := startHost(t, h)
	got, err := p.Maps.Pages(t.Context(), maps.Page{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := maps.Page{Scores: maps.Scores{}, Nested: map[rune]map[bool]uint64{}}
	if args := []any{want, []maps.Page{}}; !reflect.DeepEqual(h.args, args) || !reflect.DeepEqual(got, want) {
		t.Errorf("the host got %#v, want %#v; got %#v, want %#v", h.args, args, got, want)
	}
}

// TestFloats sends floats that are equal and not the same, and NaNs, which
// become the canonical one.
func TestFloats(t *testing.T) {
	zero := math.Copysign(0, -1)
	nan32, nan64 := math.Float32frombits(0xffc12345), math.Float64frombits(0xfff0000000000001)
	sent := reals{F0: [3]float32{nan32, float32(zero), math.MaxFloat32}, F1: [3]float64{zero, nan64, math.SmallestNonzeroFloat64}}
	h := &host{out: sent}
	p := startHost(t, h)
	got, err := p.Arrays.Reals(t.Context(), sent.F0, sent.F1)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []reals{got, {F0: h.args[0].([3]float32), F1: h.args[1].([3]float64)}} {
		for i, want := range []uint32{0x7fc00000, 1 << 31, 0x7f7fffff} {
			if bits := math.Float32bits(r.F0[i]); bits != want {
				t.Errorf("f32 %d: got %#x, want %#x", i, bits, want)
			}
		}
		for i, want := range []uint64{1 << 63, 0x7ff8000000000000, 1} {
			if bits := math.Float64bits(r.F1[i]); bits != want {
				t.Errorf("f64 %d: got %#x, want %#x", i, bits, want)
			}
		}
	}
}

// TestFailures has the host fail with values.
func TestFailures(t *testing.T) {
	h := new(host)
	p := startHost(t, h)
	fails := map[uint8]string{0: "zero", 255: ""}
	h.err = cm.Err[map[uint8]string]{Value: fails}
	err := p.Maps.MapOrMap(t.Context(), 1)
	if e, ok := errors.AsType[cm.Err[map[uint8]string]](err); !ok || !reflect.DeepEqual(e.Value, fails) {
		t.Errorf("got %v, want %v", err, h.err)
	}
	h.err = cm.Err[string]{Value: "no"}
	v, err := p.Maps.MapOrText(t.Context(), 1)
	if v != nil || !errors.Is(err, h.err) {
		t.Errorf("got %v, %v; want %v", v, err, h.err)
	}
	h.err = cm.Err[[2]string]{Value: [2]string{"a", "ß"}}
	array, err := p.Arrays.ArrayOrArray(t.Context(), 1)
	if array != [4]byte{} || !errors.Is(err, h.err) {
		t.Errorf("got %v, %v; want %v", array, err, h.err)
	}
	h.err = nil
	h.out = [4]byte{1, 2, 3, 255}
	if array, err := p.Arrays.ArrayOrArray(t.Context(), 1); array != h.out || err != nil {
		t.Errorf("got %v, %v; want %v", array, err, h.out)
	}
}

// TestNoValue calls with what has no form in WIT inside of maps and arrays: the
// call fails, and the instance is fit for others.
func TestNoValue(t *testing.T) {
	ctx := t.Context()
	h := &host{out: map[rune]rune{}}
	for name, f := range map[string]func(p *collections.Collections) error{
		"a key that is no char": func(p *collections.Collections) error {
			_, err := p.Maps.CharKeys(ctx, map[rune]rune{0xd800: 'a'})
			return err
		},
		"a value that is no char": func(p *collections.Collections) error {
			_, err := p.Maps.CharKeys(ctx, map[rune]rune{'a': -1})
			return err
		},
		"a key that is not UTF-8": func(p *collections.Collections) error {
			_, err := p.Maps.ScoresThrough(ctx, maps.Scores{"\xff": 1})
			return err
		},
		"a char of an array": func(p *collections.Collections) error {
			_, err := p.Arrays.Truths(ctx, [3]bool{}, [2]rune{'a', 0xdfff})
			return err
		},
		"nil instead of a case": func(p *collections.Collections) error {
			_, err := p.Arrays.Boards(ctx, arrays.Board{Shapes: [2]arrays.Shape{arrays.ShapeDot{}}})
			return err
		},
	} {
		p := startHost(t, h)
		h.args = nil
		if err := f(p); err == nil || h.args != nil {
			t.Errorf("%s: got %v, and the host got %v; want an error before that", name, err, h.args)
		}
	}
}
