package dyn

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit"
)

// edge is a type with those of its values at which things change.
type edge struct {
	t      wit.Type
	values []any
}

func numberEdges() []edge {
	inf := math.Inf(1)
	return []edge{
		{wit.Bool, []any{false, true}},
		{wit.U8, []any{uint8(0), uint8(127), uint8(128), uint8(255)}},
		{wit.S8, []any{int8(-128), int8(-1), int8(0), int8(127)}},
		{wit.U16, []any{uint16(0), uint16(255), uint16(256), uint16(1 << 15), uint16(math.MaxUint16)}},
		{wit.S16, []any{int16(math.MinInt16), int16(-129), int16(-1), int16(0), int16(math.MaxInt16)}},
		{wit.U32, []any{uint32(0), uint32(1 << 16), uint32(1 << 31), uint32(math.MaxUint32)}},
		{wit.S32, []any{int32(math.MinInt32), int32(-1), int32(0), int32(math.MaxInt32)}},
		{wit.U64, []any{uint64(0), uint64(1 << 32), uint64(1 << 63), uint64(math.MaxUint64)}},
		{wit.S64, []any{int64(math.MinInt64), int64(math.MinInt32), int64(-1), int64(0), int64(math.MaxInt64)}},
		{wit.F32, []any{float32(0), float32(math.Copysign(0, -1)), float32(inf), float32(-inf), float32(math.MaxFloat32),
			float32(-math.SmallestNonzeroFloat32), math.Float32frombits(0x00800000)}},
		{wit.F64, []any{0.0, math.Copysign(0, -1), inf, -inf, math.MaxFloat64, -math.SmallestNonzeroFloat64,
			math.Float64frombits(0x0010000000000000)}},
		{wit.Char, []any{'\x00', '\x7f', '\x80', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\ufffd', '\uffff', '\U00010000', '\U0010ffff'}},
		{wit.String, []any{"", "\x00", "\x7f\u0080", "\u07ff\u0800", "\ud7ff\ue000", "\ufeff\uffff\U00010000\U0010ffff", strings.Repeat("x", 1000)}},
		{&wit.Handle{Resource: fileDef}, []any{Own{file, 0}, Own{file, math.MaxUint32}}},
		{&wit.Handle{Resource: fileDef, Borrow: true}, []any{Borrow{file, 0}, Borrow{file, math.MaxUint32}}},
	}
}

// caseEdges are types with a discriminant or a bit for each label, around the
// numbers at which those take more bytes.
func caseEdges() []edge {
	var edges []edge
	for _, n := range []int{1, 7, 8, 9, 15, 16, 17, 31, 32} {
		edges = append(edges, edge{flagsOf(n), []any{uint32(0), uint32(1), uint32(1) << (n - 1), uint32(1<<n - 1)}})
	}
	for _, n := range []uint32{1, 2, 255, 256, 257, 65535, 65536, 65537} {
		values := []any{Variant{Case: n - 1}}
		if n < 1000 { // the others take a while
			values = append(values, Variant{}, Variant{Case: n / 2})
		}
		edges = append(edges, edge{enumOf(int(n)), values})
	}
	for _, n := range []uint32{1, 256, 257, 65536, 65537} {
		for _, p := range []edge{{wit.U8, []any{uint8(255)}}, {wit.U16, []any{uint16(0x1234)}}, {wit.S64, []any{int64(-2)}}} {
			if n > 1000 && p.t != wit.S64 {
				continue
			}
			types := make([]wit.Type, n)
			types[n-1] = p.t
			values := []any{Variant{n - 1, p.values[0]}}
			if n > 1 && n < 1000 {
				values = append(values, Variant{})
			}
			edges = append(edges, edge{variantOf(types...), values})
		}
	}
	some := func(v any) any { return Variant{1, v} }
	option := func(t wit.Type) wit.Type { return &wit.Option{Elem: t} }
	return append(edges,
		edge{option(option(option(wit.U8))), []any{Variant{}, some(Variant{}), some(some(Variant{})), some(some(some(uint8(9))))}},
		edge{option(option(wit.String)), []any{Variant{}, some(Variant{}), some(some("")), some(some("x"))}},
		edge{option(tupleOf(wit.U8, wit.U64)), []any{Variant{}, some([]any{uint8(1), uint64(2)})}},
		edge{variantOf(nil, nil, nil), []any{Variant{}, Variant{Case: 1}, Variant{Case: 2}}},
		edge{&wit.Result{}, []any{Variant{}, Variant{Case: 1}}},
		edge{&wit.Result{OK: wit.String}, []any{Variant{0, "ok"}, Variant{Case: 1}}},
		edge{&wit.Result{Err: wit.U16}, []any{Variant{}, Variant{1, uint16(7)}}},
		edge{&wit.Result{OK: &wit.Result{OK: wit.F64}, Err: wit.F32}, []any{Variant{0, Variant{0, -0.5}}, Variant{0, Variant{Case: 1}}, Variant{1, float32(-0.5)}}},
	)
}

// joinEdges are variants of each two numbers of different core types.
func joinEdges() []edge {
	all := []edge{{wit.S32, []any{int32(-1)}}, {wit.S64, []any{int64(-1)}}, {wit.F32, []any{float32(-1)}}, {wit.F64, []any{-1.0}}}
	var edges []edge
	for _, a := range all {
		for _, b := range all {
			edges = append(edges, edge{variantOf(a.t, tupleOf(b.t, a.t), nil),
				[]any{Variant{0, a.values[0]}, Variant{1, []any{b.values[0], a.values[0]}}, Variant{Case: 2}}})
		}
	}
	return edges
}

func listEdges() []edge {
	pairs := func(n int) []any { // of a string and a number
		values := make([]any, n)
		for i := range values {
			values[i] = []any{strings.Repeat("y", i%3), uint16(i)}
		}
		return values
	}
	octet := slices.Repeat([]any{uint8(255)}, 1000)
	edges := []edge{
		{listOf(wit.U8), []any{[]byte{}, []byte{0}, bytes.Repeat([]byte{255}, 1000)}},
		{listOf(named(wit.U8)), []any{[]byte{}, []byte{1, 2}}},
		{listOf(wit.U64), []any{[]any{}, []any{uint64(1)}, slices.Repeat([]any{uint64(math.MaxUint64)}, 100)}},
		{listOf(listOf(wit.U64)), []any{[]any{}, []any{[]any{}}, []any{[]any{}, []any{uint64(1)}, []any{}}}},
		{listOf(wit.String), []any{[]any{}, []any{""}, []any{"", "a", "", "bc"}}},
		{listOf(tupleOf(wit.String, wit.U16)), []any{pairs(0), pairs(1), pairs(100)}},
		{listOf(&wit.Result{}), []any{[]any{}, []any{Variant{}, Variant{Case: 1}}}},
		{fixedOf(wit.String, 1), []any{[]any{""}, []any{"a"}}},
		{fixedOf(tupleOf(wit.U8, wit.U32), 3), []any{slices.Repeat([]any{[]any{uint8(1), uint32(2)}}, 3)}},
		{fixedOf(fixedOf(wit.U16, 3), 5), []any{slices.Repeat([]any{[]any{uint16(1), uint16(2), uint16(3)}}, 5)}},
		{fixedOf(&wit.Option{Elem: wit.U64}, 8), []any{slices.Repeat([]any{Variant{}, Variant{1, uint64(3)}}, 4)}},
		{fixedOf(listOf(wit.U8), 2), []any{[]any{[]byte{}, []byte{1}}}},
	}
	for _, n := range []int{1, 2, 15, 16, 17, 1000} {
		edges = append(edges, edge{fixedOf(wit.U8, uint32(n)), []any{octet[:n]}}, edge{tupleOf(slices.Repeat([]wit.Type{wit.U8}, n)...), []any{octet[:n]}})
	}
	for _, key := range numberEdges()[:13] {
		if key.t == wit.F32 || key.t == wit.F64 {
			continue
		}
		var entries []any
		for i, k := range key.values {
			entries = append(entries, []any{k, uint64(i)})
		}
		edges = append(edges, edge{&wit.Map{Key: key.t, Value: wit.U64}, []any{[]any{}, entries[:1], entries}})
	}
	return edges
}

// TestEdges passes values at the edges of each kind of type through memory and
// core values: alone, between other fields, in a case and in a list. Every
// byte and core value is held to the oracle.
func TestEdges(t *testing.T) {
	g := newGuest(t)
	flats := 0
	for _, e := range slices.Concat(numberEdges(), caseEdges(), joinEdges(), listEdges()) {
		for i, v := range e.values {
			for _, in := range []edge{
				{e.t, []any{v}},
				{tupleOf(wit.U8, e.t, wit.U8), []any{[]any{uint8(0xaa), v, uint8(0xbb)}}},
				{variantOf(wit.U64, named(e.t)), []any{Variant{1, v}}},
				{fixedOf(e.t, 3), []any{[]any{v, v, v}}},
				{listOf(&wit.Option{Elem: e.t}), []any{[]any{Variant{1, v}, Variant{}, Variant{1, v}}}},
			} {
				if passes(t, g, in.t, in.values[0]) {
					flats++
				}
				if t.Failed() {
					t.Fatalf("value %d of %.200s", i, wit.TypeText(in.t))
				}
			}
		}
	}
	if flats < 800 {
		t.Errorf("only %d values were flat", flats)
	}
}

// TestOracle holds random values to the oracle.
func TestOracle(t *testing.T) {
	g := newGuest(t)
	rnd := rand.New(rand.NewPCG(3, 3))
	for range 3000 {
		typ := randomType(rnd, 3)
		passes(t, g, typ, randomValue(rnd, typ))
		if t.Failed() {
			t.Fatal(wit.TypeText(typ))
		}
	}
}

// passes stores a value, looks at each byte of the memory and loads it again;
// then it does so with core values. It reports whether there was room for
// those.
func passes(t *testing.T, g *guest, typ wit.Type, v any) (flat bool) {
	t.Helper()
	const place, heap, junk = 1 << 14, 1 << 16, 0xdeaddeaddeaddead
	ready := mustType(t, typ)
	size, _ := extent(typ)
	begin := func() *oracle {
		view, _ := g.opts.Memory.Read(0, g.opts.Memory.Size())
		clear(view[place:min(len(view), heap+1<<17)])
		g.set("next", heap)
		g.table, g.scope = &handle.Table{Owner: g}, handle.Scope{}
		return &oracle{mem: make([]byte, heap), next: heap}
	}
	if size > heap-place {
		t.Fatalf("%d bytes have no room", size)
	}
	check := func(o *oracle, back any, err error) {
		t.Helper()
		switch {
		case err != nil:
			t.Error(err)
		case !identical(back, v):
			t.Errorf("got back %#v, want %#v", back, v)
		case !bytes.Equal(g.bytes(heap, uint32(len(o.mem)-heap)), o.mem[heap:]):
			t.Errorf("%#v: allocated % x, want % x", v, g.bytes(heap, uint32(len(o.mem)-heap)), o.mem[heap:])
		case g.mod.ExportedGlobal("next").Get() != uint64(o.next):
			t.Errorf("allocated up to %#x, want %#x", g.mod.ExportedGlobal("next").Get(), o.next)
		}
	}

	o := begin()
	want := append(o.encode(typ, v), make([]byte, 64)...)
	var back any
	err := g.run(t, func(x *Context) {
		Store(x, place, ready, v)
		back = Load(x, place, ready)
	})
	check(o, back, err)
	if got := g.bytes(place, uint32(len(want))); !bytes.Equal(got, want) {
		t.Errorf("%#v: stored % x, want % x", v, got, want)
	}

	n := width(typ)
	if n > 16 {
		err := g.run(t, func(x *Context) { LowerFlat(x, make([]uint64, n), ready, v) })
		if err == nil || !strings.Contains(err.Error(), "goes through memory") {
			t.Errorf("%d core values: %v", n, err)
		}
		return false
	}
	o = begin()
	core := slices.Repeat([]uint64{junk}, n+1)
	err = g.run(t, func(x *Context) {
		LowerFlat(x, core, ready, v)
		back = LiftFlat(x, core, ready)
	})
	if want := append(o.flatten(typ, v), junk); !slices.Equal(core, want) {
		t.Errorf("%#v: lowered %#x, want %#x", v, core, want)
	}
	check(o, back, err)
	return true
}

// identical compares values, floats in them by their bits.
func identical(a, b any) bool {
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		return ok && a != nil && slices.EqualFunc(a, b, identical)
	case Variant:
		b, ok := b.(Variant)
		return ok && a.Case == b.Case && identical(a.Value, b.Value)
	}
	return same(a, b)
}

// TestOracleOfBroken changes bytes of what was stored. Loading it gives the
// oracle's value, or a trap where the oracle traps.
func TestOracleOfBroken(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 4))
	traps, values := 0, 0
	for range 6000 {
		typ := randomType(rnd, 3)
		if hasHandles(typ) {
			continue
		}
		size, align := extent(typ)
		o := &oracle{}
		at := o.alloc(size, 8)
		b := o.encode(typ, randomValue(rnd, typ))
		copy(o.mem[at:], b)
		for range 1 + rnd.IntN(3) {
			bit := [...]byte{1, 0x80, 0xff, byte(rnd.Uint32())}[rnd.IntN(4)]
			o.mem[rnd.IntN(len(o.mem))] ^= bit
		}
		o.mem = o.mem[:len(o.mem)-rnd.IntN(2)]
		if rnd.IntN(20) == 0 {
			at += align / 2
		}

		ready := mustType(t, typ)
		var got any
		err := (&heap{b: slices.Clone(o.mem)}).guest(task.UTF8).run(t, func(x *Context) { got = Load(x, uint32(at), ready) })
		want := o.decode(typ, at)
		switch {
		case o.trapped:
			traps++
			wantFailure(t, err, "", true)
		case err != nil || !identical(got, want):
			t.Fatalf("%s in % x: got %#v, %v, want %#v", wit.TypeText(typ), o.mem, got, err, want)
		default:
			values++
		}
	}
	if traps < 500 || values < 500 {
		t.Errorf("%d traps and %d values", traps, values)
	}
}

// TestNaNEdges stores NaNs of any payload: what arrives is a NaN, and what is
// lifted the canonical one.
func TestNaNEdges(t *testing.T) {
	g := newGuest(t)
	for _, bits := range []uint32{0x7f800001, 0x7fbfffff, 0x7fc00000, 0x7fffffff, 0xff800001, 0xffffffff} {
		want := math.Float32frombits(0x7fc00000)
		for _, typ := range []wit.Type{wit.F32, fixedOf(wit.F32, 1)} {
			roundTripNaN(t, g, typ, math.Float32frombits(bits), want)
		}
	}
	for _, bits := range []uint64{0x7ff0000000000001, 0x7ff7ffffffffffff, 0x7ff8000000000000, 0x7fffffffffffffff, 0xfff0000000000001, 1<<64 - 1} {
		want := math.Float64frombits(0x7ff8000000000000)
		for _, typ := range []wit.Type{wit.F64, fixedOf(wit.F64, 1)} {
			roundTripNaN(t, g, typ, math.Float64frombits(bits), want)
		}
	}
}

func roundTripNaN(t *testing.T, g *guest, typ wit.Type, v, want any) {
	t.Helper()
	if _, ok := typ.(*wit.List); ok {
		v, want = []any{v}, []any{want}
	}
	ready := mustType(t, typ)
	flat := make([]uint64, 1)
	var loaded, lifted any
	if err := g.run(t, func(x *Context) {
		Store(x, 256, ready, v)
		loaded = Load(x, 256, ready)
		LowerFlat(x, flat, ready, v)
		lifted = LiftFlat(x, flat, ready)
	}); err != nil {
		t.Fatal(err)
	}
	if !identical(loaded, want) || !identical(lifted, want) {
		t.Errorf("%v: loaded %v, lifted %v", v, loaded, lifted)
	}
}

// TestCallEdges passes arguments and results around the numbers of core
// values at which they go through memory.
func TestCallEdges(t *testing.T) {
	g := newGuest(t)
	rnd := rand.New(rand.NewPCG(5, 5))
	spilled, flat, returned := 0, 0, [3]int{}
	run := func(params []wit.Type, result wit.Type) {
		t.Helper()
		lifted, lowered := mustFunc(t, funcOf(result, params...))
		sum := 0
		args := []any{}
		for _, p := range params {
			sum += width(p)
			args = append(args, randomValue(rnd, p))
		}
		var want any
		n := width(result)
		if result != nil {
			want = randomValue(rnd, result)
		}
		returned[min(n, 2)]++
		if s := lifted.Signature; s.ParamsSpill != (sum > 16) || s.ResultSpills != (n > 1) {
			t.Fatalf("%d core values and %d: spills %v, %v", sum, n, s.ParamsSpill, s.ResultSpills)
		}
		if sum > 16 {
			spilled++
		} else {
			flat++
		}
		g.set("next", 8192)
		g.table, g.scope = &handle.Table{Owner: g}, handle.Scope{}
		stack := make([]uint64, max(lifted.Signature.Slots(), lowered.Signature.Slots()))
		var back []any
		var returns any
		if err := g.run(t, func(x *Context) {
			lifted.LowerParams(x, stack, args)
			back = lowered.LiftParams(x, stack)
			const place = 4096
			if lowered.Signature.ResultSpills {
				stack[len(lowered.Signature.Params)-1] = place
			}
			lowered.LowerResult(x, stack, want)
			if lowered.Signature.ResultSpills {
				stack[0] = place
			}
			returns = lifted.LiftResult(x, stack)
		}); err != nil {
			t.Fatal(err)
		}
		if !identical(back, args) || result != nil && !identical(returns, want) {
			t.Fatalf("got %#v and %#v, want %#v and %#v", back, returns, args, want)
		}
	}
	mixed := []wit.Type{wit.U8, wit.F32, wit.S64, wit.F64, wit.Char}
	for n := range 20 {
		var params []wit.Type
		for i := range n {
			params = append(params, mixed[i%len(mixed)])
		}
		for _, last := range []wit.Type{wit.Bool, wit.String, &wit.Option{Elem: wit.F32}, fixedOf(wit.U16, 3)} {
			for _, result := range []wit.Type{nil, wit.S16, tupleOf(wit.F32), &wit.Result{}, &wit.Result{OK: wit.U8}, wit.String, tupleOf(wit.U8, wit.F64)} {
				run(append(params[:n:n], last), result)
				run([]wit.Type{recordOf(append(params[:n:n], last)...)}, result)
			}
		}
	}
	for range 500 {
		params := make([]wit.Type, rnd.IntN(6))
		for i := range params {
			params[i] = randomType(rnd, 2)
		}
		run(params, randomType(rnd, 2))
	}
	if spilled < 100 || flat < 100 || slices.Min(returned[:]) < 100 {
		t.Errorf("%d calls with arguments in memory, %d without; %d by core values of the result", spilled, flat, returned)
	}
}
