package rt_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/types/base"
	"github.com/witgen/witgen/golden/types/choices"
	"github.com/witgen/witgen/golden/types/everything"
	"github.com/witgen/witgen/golden/types/failures"
	"github.com/witgen/witgen/golden/types/primitives"
	"github.com/witgen/witgen/golden/types/sequences"
	"github.com/witgen/witgen/golden/types/structures"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// Each test of these files is named after a fault that runtimes of components
// have had, by its number in a list of them. What the guest or the host does,
// and what has to happen then, is in its comment.

// grows is a realloc whose every result is in a page that was not there before.
var grows = does(get(3), i32(1<<16-1), add, i32(16), "\x76", grow, i32(16), "\x74") // memory.grow((size+65535)>>16) << 16

// TestFault01ReallocGrowsMemory: realloc grows the memory while arguments, or
// results of the host, are lowered -> all bytes are where the guest finds them,
// those lowered before and after it grew.
func TestFault01ReallocGrowsMemory(t *testing.T) {
	g := &guest{realloc: &grows, world: `
		import host: func(a: list<string>, b: list<u32>, c: string) -> tuple<list<string>, list<u32>, string>;
		export through: func(a: list<string>, b: list<u32>, c: string) -> tuple<list<string>, list<u32>, string>;
		export pages: func() -> u32;
	`, funcs: map[string]body{"through": does(passOn("host")), "pages": does("\x3f\x00")}}
	in := g.run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
		"host": func(args []rt.Value) (rt.Value, error) { return rt.Tuple(args), nil },
	}))
	long := strings.Repeat("0123456789", 20_000)
	want := rt.Tuple{[]rt.Value{"first", long, "", "last"}, []rt.Value{uint32(1), uint32(math.MaxUint32)}, "after all"}
	if got := must(t, in, "through", want...); show(got) != show(want) {
		t.Errorf("got %.200v, want %.200v", got, want)
	}
	// The page at first, the lists and three strings of a page or less and
	// one of four, twice: the guest is given them, and the host's answer.
	if got := must(t, in, "pages"); got.(uint32) < 1+2*(5+4) {
		t.Errorf("memory of %d pages: it did not grow", got)
	}
}

// overwrites is a realloc that gives everything the same place.
var overwrites = does(i32(heapBase))

// TestFault02KeptValues: keep what a guest returned, or gave to its host, while
// the guest writes others in its place -> what was kept stays as it was.
func TestFault02KeptValues(t *testing.T) {
	for _, test := range []struct {
		typ         string
		first, then rt.Value
	}{
		{"string", "first", "other"},
		{"list<u8>", []byte("first"), []byte("other")},
		{"list<u16>", []rt.Value{uint16(1), uint16(2)}, []rt.Value{uint16(3), uint16(4)}},
		{"list<char>", []rt.Value{'a'}, []rt.Value{'b'}},
	} {
		t.Run(test.typ, func(t *testing.T) {
			g := &guest{realloc: &overwrites, funcs: map[string]body{"through": does(passOn("host"))}}
			g.world = strings.ReplaceAll("import host: func(a: T) -> T; export through: func(a: T) -> T;", "T", test.typ)
			var seen []rt.Value
			in := g.run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
				"host": func(args []rt.Value) (rt.Value, error) { seen = append(seen, args[0]); return args[0], nil },
			}))
			kept := must(t, in, "through", test.first)
			other := must(t, in, "through", test.then)
			if show(kept) != show(test.first) || show(other) != show(test.then) {
				t.Errorf("the caller has %v and %v, want %v and %v", kept, other, test.first, test.then)
			}
			if show(seen) != show([]rt.Value{test.first, test.then}) {
				t.Errorf("the host has %v, want %v and %v", seen, test.first, test.then)
			}
		})
	}
}

// guards is a realloc that puts bytes of 0xee where the value goes and on the
// eight bytes after it.
var guards = body{tI32, []any{
	i32(heapBase), i32(0xee), get(3), i32(8), add, "\xfc\x0b\x00", // memory.fill
	i32(heapBase),
}}

// TestFault03FloatWidth: lower f32s next to other bytes -> each takes four
// bytes, and those after it are as they were.
func TestFault03FloatWidth(t *testing.T) {
	// The bytes of the list at 0, n of them from the end on.
	view := func(size int) body { return does(i32(512), get(0), store(0), i32(512), i32(size), store(4), i32(512)) }
	g := &guest{realloc: &guards, world: `
		record r { a: u8, b: f32 }
		import host: func() -> r;
		export floats: func(a: list<f32>) -> list<u8>;
		export records: func(a: list<r>) -> list<u8>;
		export answer: func() -> list<u8>;
	`, funcs: map[string]body{
		"floats":  view(12),
		"records": view(20),
		"answer": does(i32(heapBase), i32(0xee), i32(16), "\xfc\x0b\x00", i32(heapBase), call("host"),
			i32(512), i32(heapBase), store(0), i32(512), i32(12), store(4), i32(512)),
	}}
	r := rt.Record{{Name: "a", Value: uint8(1)}, {Name: "b", Value: float32(1.5)}}
	in := g.run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
		"host": func([]rt.Value) (rt.Value, error) { return r, nil },
	}))
	for _, test := range []struct {
		name string
		args []rt.Value
		want string // 1.5 is 0x3fc00000, -2 is 0xc0000000
	}{
		{"floats", []rt.Value{[]rt.Value{float32(1.5), float32(-2)}}, "0000c03f 000000c0 eeeeeeee"},
		{"records", []rt.Value{[]rt.Value{r, r}}, "01eeeeee 0000c03f 01eeeeee 0000c03f eeeeeeee"},
		{"answer", nil, "01eeeeee 0000c03f eeeeeeee"},
	} {
		got := fmt.Sprintf("%x", must(t, in, test.name, test.args...))
		if want := strings.ReplaceAll(test.want, " ", ""); got != want {
			t.Errorf("%s: the guest's memory is %s, want %s", test.name, got, want)
		}
	}
}

// TestFault03Generated is that of generated code: it lowers what its host
// returns, a list and what ends in an f32, into the guest.
func TestFault03Generated(t *testing.T) {
	const api, other = "golden:types/sequences@1.2.3#", "golden:types/choices@1.2.3#"
	view := does(i32(512), i32(heapBase), store(0), i32(512), i32(12), store(4), i32(512)).code
	p := startTypes(t, &guest{realloc: &guards, funcs: map[string]body{
		api + "blob": {code: slices.Concat(does(strings.Repeat(i32(0), 8), i32(512), call(api+"numbers")).code, view)},
		api + "bits": {code: slices.Concat(does(i32(heapBase), i32(0xee), i32(16), "\xfc\x0b\x00",
			i32(0), i32(0), i32(0), i64(0), i32(0), i64(0), i32(heapBase), call(other+"float-or-int")).code, view)},
	}}, everything.Imports{Sequences: numbersHost{}, Choices: floatHost{}})
	got, err := p.Sequences.Blob(t.Context(), nil)
	if want := "\x00\x00\xc0\x3f\x00\x00\x00\xc0\xee\xee\xee\xee"; err != nil || string(got) != want {
		t.Errorf("the guest's memory is % x, want % x; %v", got, want, err)
	}
	bits, err := p.Sequences.Bits(t.Context(), nil)
	// A byte for ok, and three that are not touched; as bools, the f32's zeros show.
	if want := []bool{false, true, true, true, false, false, true, true, true, true, true, true}; err != nil || !slices.Equal(bits, want) {
		t.Errorf("the guest's memory has bytes that are not 0 at %v, want %v; %v", bits, want, err)
	}
}

type numbersHost struct {
	sequences.UnimplementedSequences
}

func (numbersHost) Numbers(context.Context, []int8, []uint16, []int32, []uint64) ([]float32, error) {
	return []float32{1.5, -2}, nil
}

type floatHost struct{ choices.UnimplementedChoices }

func (floatHost) FloatOrInt(context.Context, cm.Result[float32, uint32], cm.Result[float64, int8], cm.Result[float32, uint64]) (float32, error) {
	return 1.5, nil
}

// TestFault04DoublesInRecords: send records with an f64 between other fields
// both ways, by each kind of call -> the f64s are intact.
func TestFault04DoublesInRecords(t *testing.T) {
	doubles := []float64{0, -0.1, math.Pi, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(-1)}
	t.Run("dynamic", func(t *testing.T) {
		g := &guest{world: `
			record r { n: u32, x: f64, ok: bool }
			import host: func(a: list<r>) -> list<r>;
			export through: func(a: list<r>) -> list<r>;
		`, funcs: map[string]body{"through": does(passOn("host"))}}
		var seen rt.Value
		in := g.run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
			"host": func(args []rt.Value) (rt.Value, error) { seen = args[0]; return args[0], nil },
		}))
		var want []rt.Value
		for i, x := range doubles {
			want = append(want, rt.Record{{Name: "n", Value: uint32(i)}, {Name: "x", Value: x}, {Name: "ok", Value: i%2 == 1}})
		}
		if got := must(t, in, "through", want); show(got) != show(want) || show(seen) != show(want) {
			t.Errorf("the caller got %v, the host %v; want %v", got, seen, want)
		}
	})
	t.Run("generated", func(t *testing.T) {
		h := &structuresHost{}
		p := startEverything(t, everything.Imports{Structures: h})
		for _, x := range doubles {
			want := structures.Everything{Long: math.MinInt64, Real: 1.5, Exact: x, Letter: 'x', Truth: true, Raw: []byte{1}, Maybe: cm.Some(base.Position{Line: 1})}
			got, err := p.Structures.EverythingThrough(t.Context(), want)
			if err != nil || got.Exact != x || got.Real != 1.5 || got.Letter != 'x' || h.seen.Exact != x || h.seen.Long != math.MinInt64 {
				t.Errorf("got %+v, the host %+v, %v; want %+v", got, h.seen, err, want)
			}
		}
	})
}

// structuresHost returns the record it is given.
type structuresHost struct {
	structures.UnimplementedStructures
	seen structures.Everything
}

func (h *structuresHost) EverythingThrough(_ context.Context, a structures.Everything) (structures.Everything, error) {
	h.seen = a
	return a, nil
}

// startEverything starts the guest of golden/types, which passes each call on
// to its host. What is nil of that is not called.
func startEverything(t *testing.T, im everything.Imports) *everything.Everything {
	t.Helper()
	return startTypesOf(t, compile(t, "../golden/types/testdata/types.wasm"), im)
}

// startTypes starts a guest of the same world.
func startTypes(t *testing.T, g *guest, im everything.Imports) *everything.Everything {
	t.Helper()
	world, err := os.ReadFile("../golden/types/wit/types.wit")
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	g.world = string(world)
	return startTypesOf(t, g.compile(t, e), im)
}

func startTypesOf(t *testing.T, c *rt.Component, im everything.Imports) *everything.Everything {
	t.Helper()
	if im.Primitives == nil {
		im.Primitives = primitives.UnimplementedPrimitives{}
	}
	if im.Sequences == nil {
		im.Sequences = sequences.UnimplementedSequences{}
	}
	if im.Structures == nil {
		im.Structures = structures.UnimplementedStructures{}
	}
	if im.Choices == nil {
		im.Choices = choices.UnimplementedChoices{}
	}
	im.Failures = failures.UnimplementedFailures{}
	p, err := everything.Instantiate(t.Context(), c, im, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close(context.Background()) })
	return p
}
