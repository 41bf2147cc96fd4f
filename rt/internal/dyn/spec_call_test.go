package dyn

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

func TestSpecSignatures(t *testing.T) {
	type cores = []layout.CoreType
	const i32, f32, f64 = layout.I32, layout.F32, layout.F64
	three, flat3 := []wit.Type{wit.U8, wit.F32, wit.F64}, cores{i32, f32, f64}
	many := slices.Repeat([]wit.Type{wit.U8}, 17)
	type core struct{ params, results cores }
	tests := []struct {
		name        string
		params      []wit.Type
		result      wit.Type
		lift, lower core
		spill       [2]bool // the parameters, the result
	}{
		{"no result", three, nil, core{flat3, nil}, core{flat3, nil}, [2]bool{}},
		{"f32", three, wit.F32, core{flat3, cores{f32}}, core{flat3, cores{f32}}, [2]bool{}},
		{"u8", three, wit.U8, core{flat3, cores{i32}}, core{flat3, cores{i32}}, [2]bool{}},
		{"tuple of one", three, tupleOf(wit.F32), core{flat3, cores{f32}}, core{flat3, cores{f32}}, [2]bool{}},
		{"pair", three, tupleOf(wit.F32, wit.F32), core{flat3, cores{i32}}, core{cores{i32, f32, f64, i32}, nil}, [2]bool{false, true}},
		{"17 parameters", many, nil, core{cores{i32}, nil}, core{cores{i32}, nil}, [2]bool{true, false}},
		{"17 parameters and a pair", many, tupleOf(wit.U8, wit.U8),
			core{cores{i32}, cores{i32}}, core{cores{i32, i32}, nil}, [2]bool{true, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lifted, lowered := mustFunc(t, funcOf(tt.result, tt.params...))
			for i, s := range []layout.Signature{lifted.Signature, lowered.Signature} {
				want := []core{tt.lift, tt.lower}[i]
				if !slices.Equal(s.Params, want.params) || !slices.Equal(s.Results, want.results) {
					t.Errorf("%d: %v -> %v, want %v -> %v", i, s.Params, s.Results, want.params, want.results)
				}
				if got := [2]bool{s.ParamsSpill, s.ResultSpills}; got != tt.spill {
					t.Errorf("%d: spills %v, want %v", i, got, tt.spill)
				}
			}
		})
	}
}

// TestSpecRoundTrips passes values through a core function that returns its
// parameter: from one guest into the other and back.
func TestSpecRoundTrips(t *testing.T) {
	pair := func(a, b any) []any { return []any{a, b} }
	large := append(slices.Repeat([]wit.Type{wit.U32}, 16), wit.String)
	words, _ := u32s(16)
	tests := []struct {
		t     wit.Type
		v     any
		width int // in memory, of each core value
	}{
		{wit.S8, int8(-1), 1},
		{tupleOf(wit.U16, wit.U16), pair(uint16(3), uint16(4)), 2},
		{listOf(wit.String), []any{"hello there"}, 4},
		{listOf(listOf(wit.String)), []any{[]any{"one", "two"}, []any{"three"}}, 4},
		{listOf(&wit.Option{Elem: tupleOf(wit.String, wit.U16)}), []any{Variant{1, pair("answer", uint16(42))}}, 4},
		{variantOf(tupleOf(large...)), Variant{0, append(words, "wat")}, 0},
	}
	for _, tt := range tests {
		t.Run(wit.TypeText(tt.t), func(t *testing.T) {
			caller, callee := newGuest(t), newGuest(t)
			lifted, lowered := mustFunc(t, funcOf(tt.t, tt.t))
			typ := mustType(t, tt.t)
			in := func(g *guest, do func(x *Context)) {
				t.Helper()
				if err := g.run(t, do); err != nil {
					t.Fatal(err)
				}
			}

			const place = 512 // for the argument, and for the result
			stack := make([]uint64, lowered.Signature.Slots())
			var args []any
			in(caller, func(x *Context) {
				if lowered.Signature.ParamsSpill {
					stack[0] = place
					Store(x, place, typ, tt.v)
				} else {
					LowerFlat(x, stack, typ, tt.v)
				}
				args = lowered.LiftParams(x, stack)
			})
			if !reflect.DeepEqual(args, []any{tt.v}) {
				t.Fatalf("lifted %#v, want %#v", args, tt.v)
			}

			flat := make([]uint64, lifted.Signature.Slots())
			callee.set("next", 4096) // no pointer of the caller's serves here
			var result any
			in(callee, func(x *Context) {
				lifted.LowerParams(x, flat, args)
				if s := lifted.Signature; s.ResultSpills && !s.ParamsSpill {
					for i, v := range flat {
						writeInt(callee.opts.Memory, uint32(place+i*tt.width), v, tt.width)
					}
					flat[0] = place
				}
				result = lifted.LiftResult(x, flat)
			})
			if !reflect.DeepEqual(result, tt.v) {
				t.Fatalf("returned %#v, want %#v", result, tt.v)
			}

			var back any
			in(caller, func(x *Context) {
				if n := len(lowered.Signature.Params); lowered.Signature.ResultSpills {
					stack[n-1] = place
				}
				lowered.LowerResult(x, stack, result)
				if lowered.Signature.ResultSpills {
					back = Load(x, place, typ)
				} else {
					back = LiftFlat(x, stack, typ)
				}
			})
			if !reflect.DeepEqual(back, tt.v) {
				t.Fatalf("got back %#v, want %#v", back, tt.v)
			}
		})
	}
}

// writeInt writes the low bytes of a core value, as core code would.
func writeInt(m api.Memory, ptr uint32, v uint64, width int) {
	for i := range width {
		m.WriteByte(ptr+uint32(i), byte(v>>(8*i)))
	}
}

// TestSpecRealloc lowers the list that one guest returns to the other, which
// allocates it when it has been asked to, once, and may not leave meanwhile.
func TestSpecRealloc(t *testing.T) {
	producer, consumer := &heap{b: make([]byte, 16)}, &heap{b: make([]byte, 24)}
	lifted, lowered := mustFunc(t, funcOf(listOf(wit.U8)))

	buf, _ := producer.realloc(0, 0, 1, 3)
	copy(producer.b[buf:], "\x0a\x0b\x0c")
	at, _ := producer.realloc(0, 0, 4, 8)
	producer.b[at], producer.b[at+4] = byte(buf), 3
	var v any
	if err := producer.guest(task.UTF8).run(t, func(x *Context) { v = lifted.LiftResult(x, []uint64{uint64(at)}) }); err != nil {
		t.Fatal(err)
	}

	out, _ := consumer.realloc(0, 0, 4, 8) // the consumer's own call of it
	consumer.calls = nil
	g := consumer.guest(task.UTF8)
	alloc := g.opts.Realloc
	g.opts.Realloc = coreFunc{do: func(stack []uint64) error {
		if g.opts.Instance.MayLeave {
			t.Error("may leave during realloc")
		}
		return alloc.CallWithStack(t.Context(), stack)
	}}
	if err := g.run(t, func(x *Context) { lowered.LowerResult(x, []uint64{uint64(out)}, v) }); err != nil {
		t.Fatal(err)
	}
	if want := []reallocation{{0, 0, 1, 3}}; !slices.Equal(consumer.calls, want) {
		t.Errorf("calls of realloc: %v, want %v", consumer.calls, want)
	}
	if !g.opts.Instance.MayLeave {
		t.Error("may not leave after realloc")
	}
	ptr, n := consumer.b[out], consumer.b[out+4]
	if got := consumer.b[ptr : ptr+n]; !bytes.Equal(got, []byte{10, 11, 12}) {
		t.Errorf("got % x", got)
	}
}
