package rt_test

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/witgen/witgen/internal/echo/values"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

// echoEdge is a type with those of its values at which things change.
type echoEdge struct {
	t      wit.Type
	values []rt.Value
}

func optionType(t wit.Type) wit.Type          { return &wit.Option{Elem: t} }
func listType(t wit.Type) wit.Type            { return &wit.List{Elem: t} }
func fixedType(t wit.Type, n uint32) wit.Type { return &wit.List{Elem: t, Fixed: true, Len: n} }
func tupleType(types ...wit.Type) wit.Type    { return &wit.Tuple{Types: types} }

func someOf(v rt.Value) rt.Value { return cm.Some(v) }
func okOf(v rt.Value) rt.Value   { return cm.OK[rt.Value, rt.Value](v) }
func errOf(v rt.Value) rt.Value {
	return cm.Fail[rt.Value, rt.Value](v)
}

// labelNames returns n names.
func labelNames(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = "l" + strconv.Itoa(i)
	}
	return list
}

// primitiveEdges are all primitive types.
func primitiveEdges() []echoEdge {
	var all []echoEdge
	for p := wit.Bool; p <= wit.String; p++ {
		all = append(all, echoEdge{p, values.Edges(p)})
	}
	return all
}

// labelledEdges are flags, enums and variants around the numbers at which
// those take more bytes.
func labelledEdges() []echoEdge {
	var all []echoEdge
	for _, n := range []int{1, 7, 8, 9, 15, 16, 17, 31, 32} {
		t, names := &wit.Flags{}, labelNames(n)
		for _, name := range names {
			t.Flags = append(t.Flags, wit.Label{Name: name})
		}
		all = append(all, echoEdge{t, []rt.Value{rt.Flags{}, rt.Flags(names), rt.Flags(names[:1]), rt.Flags(names[n-1:])}})
	}
	for _, n := range []int{1, 2, 255, 256, 257} {
		t, names := &wit.Enum{}, labelNames(n)
		for _, name := range names {
			t.Cases = append(t.Cases, wit.Label{Name: name})
		}
		all = append(all, echoEdge{t, []rt.Value{rt.Enum(names[0]), rt.Enum(names[n/2]), rt.Enum(names[n-1])}})
	}
	for _, n := range []int{1, 256, 257} {
		for _, p := range []echoEdge{{nil, []rt.Value{nil}}, {wit.U8, []rt.Value{uint8(255)}}, {wit.S64, []rt.Value{int64(-2)}}, {tupleType(wit.F32, wit.String), []rt.Value{rt.Tuple{float32(-1), "s"}}}} {
			t, names := &wit.Variant{}, labelNames(n)
			for _, name := range names {
				t.Cases = append(t.Cases, wit.Case{Name: name})
			}
			t.Cases[n-1].Type = p.t
			e := echoEdge{t, []rt.Value{rt.Variant{Case: names[n-1], Value: p.values[0]}}}
			if n > 1 {
				e.values = append(e.values, rt.Variant{Case: names[0]})
			}
			all = append(all, e)
		}
	}
	return all
}

// joinEdges are variants of numbers whose core types share a slot.
func joinEdges() []echoEdge {
	numbers := []echoEdge{
		{wit.S32, []rt.Value{int32(-1)}}, {wit.S64, []rt.Value{int64(-1)}},
		{wit.F32, []rt.Value{float32(-1.5)}}, {wit.F64, []rt.Value{-1.5}},
		{wit.Char, []rt.Value{'\U0010ffff'}}, {wit.Bool, []rt.Value{true}}, {wit.S8, []rt.Value{int8(-1)}},
	}
	var all []echoEdge
	for _, a := range numbers {
		for _, b := range numbers {
			t := &wit.Variant{Cases: []wit.Case{{Name: "a", Type: a.t}, {Name: "b", Type: tupleType(b.t, a.t)}, {Name: "c"}}}
			all = append(all, echoEdge{t, []rt.Value{
				rt.Variant{Case: "a", Value: a.values[0]}, rt.Variant{Case: "b", Value: rt.Tuple{b.values[0], a.values[0]}}, rt.Variant{Case: "c"},
			}})
		}
	}
	return all
}

// choiceEdges are options and results.
func choiceEdges() []echoEdge {
	none := cm.None[rt.Value]()
	return []echoEdge{
		{optionType(wit.U8), []rt.Value{none, someOf(uint8(255))}},
		{optionType(optionType(optionType(wit.U8))), []rt.Value{none, someOf(none), someOf(someOf(none)), someOf(someOf(someOf(uint8(9))))}},
		{optionType(optionType(wit.String)), []rt.Value{none, someOf(none), someOf(someOf("")), someOf(someOf("x"))}},
		{optionType(tupleType(wit.U8, wit.U64)), []rt.Value{none, someOf(rt.Tuple{uint8(1), uint64(2)})}},
		{&wit.Result{}, []rt.Value{okOf(nil), errOf(nil)}},
		{&wit.Result{OK: wit.String}, []rt.Value{okOf("ok"), errOf(nil)}},
		{&wit.Result{Err: wit.U16}, []rt.Value{okOf(nil), errOf(uint16(7))}},
		{&wit.Result{OK: &wit.Result{OK: wit.F64}, Err: wit.F32}, []rt.Value{okOf(okOf(-0.5)), okOf(errOf(nil)), errOf(float32(-0.5))}},
		{&wit.Result{OK: listType(wit.U8), Err: wit.U64}, []rt.Value{okOf([]byte{1}), okOf([]byte{}), errOf(uint64(1 << 63))}},
	}
}

// sequenceEdges are lists, maps and tuples.
func sequenceEdges() []echoEdge {
	pairs := make([]rt.Value, 300)
	for i := range pairs {
		pairs[i] = rt.Tuple{strings.Repeat("y", i%3), uint16(i)}
	}
	all := []echoEdge{
		{listType(wit.U8), []rt.Value{[]byte{}, []byte{0}, bytes.Repeat([]byte{255}, 1000)}},
		{listType(wit.U64), []rt.Value{[]rt.Value{}, []rt.Value{uint64(1)}, slices.Repeat([]rt.Value{^uint64(0)}, 100)}},
		{listType(listType(wit.U64)), []rt.Value{[]rt.Value{}, []rt.Value{[]rt.Value{}}, []rt.Value{[]rt.Value{}, []rt.Value{uint64(1)}, []rt.Value{}}}},
		{listType(wit.String), []rt.Value{[]rt.Value{}, []rt.Value{""}, []rt.Value{"", "a", "", "b\u00e9\u6f22"}}},
		{listType(tupleType(wit.String, wit.U16)), []rt.Value{[]rt.Value{}, pairs[:1], pairs}},
		{listType(&wit.Result{}), []rt.Value{[]rt.Value{}, []rt.Value{okOf(nil), errOf(nil)}}},
		{fixedType(wit.String, 1), []rt.Value{[]rt.Value{""}, []rt.Value{"a"}}},
		{fixedType(tupleType(wit.U8, wit.U32), 3), []rt.Value{slices.Repeat([]rt.Value{rt.Tuple{uint8(1), uint32(2)}}, 3)}},
		{fixedType(fixedType(wit.U16, 3), 5), []rt.Value{slices.Repeat([]rt.Value{[]rt.Value{uint16(1), uint16(2), uint16(3)}}, 5)}},
		{fixedType(optionType(wit.U64), 8), []rt.Value{slices.Repeat([]rt.Value{cm.None[rt.Value](), someOf(uint64(3))}, 4)}},
		{fixedType(listType(wit.U8), 2), []rt.Value{[]rt.Value{[]byte{}, []byte{1}}}},
	}
	octets := slices.Repeat([]rt.Value{uint8(255), uint8(0)}, 50)
	for _, n := range []int{1, 2, 15, 16, 17, 100} {
		all = append(all, echoEdge{fixedType(wit.U8, uint32(n)), []rt.Value{octets[:n]}},
			echoEdge{tupleType(slices.Repeat([]wit.Type{wit.U8}, n)...), []rt.Value{rt.Tuple(octets[:n])}})
	}
	for p := wit.Bool; p <= wit.String; p++ {
		if p == wit.F32 || p == wit.F64 {
			continue
		}
		var m rt.Map
		for i, k := range values.Edges(p) {
			m = append(m, rt.Entry{Key: k, Value: uint64(i)})
		}
		all = append(all, echoEdge{&wit.Map{Key: p, Value: wit.U64}, []rt.Value{rt.Map{}, m[:1], m, append(slices.Clone(m), m...)}})
	}
	return all
}

// within returns the edge by itself, and as a part of others: between fields,
// in a case, in lists, as one of so many that they go through memory.
func (e echoEdge) within() []echoEdge {
	all := []echoEdge{e, {tupleType(wit.U8, e.t, wit.U8), nil}, {&wit.Result{OK: wit.U64, Err: e.t}, nil},
		{listType(optionType(e.t)), nil}, {fixedType(e.t, 3), nil}, {tupleType(slices.Repeat([]wit.Type{wit.U8, e.t}, 9)...), nil}}
	for _, v := range e.values {
		for i, in := range []rt.Value{
			rt.Tuple{uint8(0xaa), v, uint8(0xbb)}, errOf(v), []rt.Value{someOf(v), cm.None[rt.Value](), someOf(v)},
			[]rt.Value{v, v, v}, rt.Tuple(slices.Repeat([]rt.Value{uint8(0xcc), v}, 9)),
		} {
			all[i+1].values = append(all[i+1].values, in)
		}
	}
	return all
}

// edgeWorld returns a world with a function for each type, which takes a value
// of it between two numbers and returns one.
func edgeWorld(edges []echoEdge) *wit.World {
	p := &wit.Package{Name: wit.PackageName{Namespace: "test", Name: "edges"}}
	i := &wit.Interface{Package: p, Name: "edges"}
	for n, e := range edges {
		f := &wit.Func{Name: "f" + strconv.Itoa(n), Result: e.t}
		for m, t := range []wit.Type{wit.U8, e.t, wit.F32} {
			f.Params = append(f.Params, wit.Param{Name: "p" + strconv.Itoa(m), Type: t})
		}
		i.Funcs = append(i.Funcs, f)
	}
	item := &wit.WorldItem{Interface: i}
	return &wit.World{Package: p, Name: "edges", Imports: []*wit.WorldItem{item}, Exports: []*wit.WorldItem{item}}
}

// namedTypes returns edges with names for those of the types that need one.
func namedTypes(edges []echoEdge) (all []echoEdge, names []*wit.TypeDef) {
	for _, e := range edges {
		switch e.t.(type) {
		case *wit.Record, *wit.Variant, *wit.Enum, *wit.Flags:
			d := &wit.TypeDef{Name: "t" + strconv.Itoa(len(names)), Type: e.t}
			names = append(names, d)
			e.t = d
		}
		all = append(all, e)
	}
	return all, names
}

// TestEchoEdges passes values at the edges of each kind of type through guests,
// by themselves and in others.
func TestEchoEdges(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	one := []string{"utf16", "utf8 calls utf16"}
	texts := []string{"utf8", "latin1+utf16", "utf8 calls utf16", "utf16 calls latin1+utf16", "latin1+utf16 calls utf8", "utf16 calls utf8 by the host"}
	for _, group := range []struct {
		name     string
		edges    []echoEdge
		settings []string
	}{
		{"primitive", primitiveEdges(), texts}, {"labelled", labelledEdges(), one}, {"join", joinEdges(), one},
		{"choice", choiceEdges(), one}, {"sequence", sequenceEdges(), texts},
	} {
		t.Run(group.name, func(t *testing.T) {
			var edges []echoEdge
			base, names := namedTypes(group.edges)
			for _, x := range base {
				edges = append(edges, x.within()...)
			}
			w := edgeWorld(edges)
			w.Exports[0].Interface.Types = names
			for _, s := range echoSettings() {
				if !slices.Contains(group.settings, s.name) {
					continue
				}
				h := &echoHost{}
				err := s.run(t.Context(), e, w, h.instances(w), func(in *rt.Instance) error { return h.edges(t, in, w, edges) })
				if err != nil {
					t.Errorf("%s: %.10000s", s.name, err)
				}
			}
		})
	}
}

// edges passes all values through the functions of an edge world.
func (h *echoHost) edges(t *testing.T, in *rt.Instance, w *wit.World, edges []echoEdge) error {
	for n, fn := range w.Exports[0].Interface.Funcs {
		f, err := in.Func(w.Exports[0].Name(), fn.Name)
		if err != nil {
			return err
		}
		all := edges[n].values
		for i, v := range all { // and another one back, by which a shorter one follows a longer one
			if err := h.call(t.Context(), f, []rt.Value{uint8(0xdd), v, float32(-2.5)}, all[len(all)-1-i]); err != nil {
				return fmt.Errorf("%.200s: %w", wit.TypeText(edges[n].t), err)
			}
		}
	}
	return nil
}

// TestEchoLarge passes values of many pages of memory.
func TestEchoLarge(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	words := make([]rt.Value, 10_000)
	for i := range words {
		words[i] = strings.Repeat("\u00fc\u6f22"[:2+i%2*3], i%5)
	}
	var text []rt.Value
	for _, c := range []string{"x", "\u00e9", "\u6f22", "\U0001f642"} {
		text = append(text, strings.Repeat(c, 70_000), strings.Repeat("x", 70_000)+c)
	}
	edges := []echoEdge{
		{wit.String, text},
		{listType(wit.U8), []rt.Value{bytes.Repeat([]byte("\x00\xff\x80"), 1<<18)}},
		{listType(wit.U64), []rt.Value{slices.Repeat([]rt.Value{uint64(1 << 40), uint64(7)}, 20_000)}},
		{listType(wit.String), []rt.Value{words}},
		{listType(tupleType(wit.String, wit.F64)), []rt.Value{slices.Repeat([]rt.Value{rt.Tuple{"a", 1.5}, rt.Tuple{"\u6f22", -0.1}}, 5_000)}},
		{fixedType(wit.U16, 40_000), []rt.Value{slices.Repeat([]rt.Value{uint16(1), uint16(0xffff)}, 20_000)}},
	}
	w := edgeWorld(edges)
	for n, s := range echoSettings() {
		if n%4 > 0 {
			continue // each encoding, and each way to be called
		}
		h := &echoHost{}
		err := s.run(t.Context(), e, w, h.instances(w), func(in *rt.Instance) error { return h.edges(t, in, w, edges) })
		if err != nil {
			t.Errorf("%s: %.1000s", s.name, err)
		}
	}
}
