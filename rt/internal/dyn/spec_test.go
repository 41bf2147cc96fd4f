package dyn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit"
)

// The spec_*_test.go files hold this package to the examples that come with
// definitions.py, in canonical-abi/run_tests.py: its types, values, bytes and
// traps. By the names there:
//
//	test, test_pairs, test_nan32, test_nan64   spec_test.go
//	test_heap                                  spec_list_test.go
//	test_string                                spec_string_test.go
//	test_flatten, test_roundtrips,
//	test_cross_component_realloc               spec_call_test.go
//	test_handles                               spec_handle_test.go
//
// Not here are the rows with addr_type i64, as no engine underneath has 64-bit
// memories; a function with two results, which WIT has no longer; and what is
// about tasks rather than values: test_async_to_async, test_async_callback,
// test_callback_interleaving, test_sync_ignores_backpressure,
// test_async_to_sync, test_async_backpressure, test_sync_using_wait,
// test_eager_stream_completion, test_async_stream_ops, test_stream_forward,
// test_receive_own_stream, test_host_partial_reads_writes,
// test_wasm_to_wasm_stream, test_wasm_to_wasm_stream_empty, test_cancel_copy,
// test_futures, test_cancel_subtask, test_self_copy, test_async_flat_params,
// test_threads, test_sync_threads and test_thread_cancel_callback. Of
// test_cross_component_realloc, context and thread built-ins are not here.

// heap is the memory of a guest without code, of exactly as many bytes as a
// test says, with a realloc that hands out one piece after the other from the
// start, and shrinks in place unless that is at the start. Each call of realloc
// moves the memory, and what had a view of it before sees it spoiled.
type heap struct {
	api.Memory
	b     []byte
	next  uint32
	calls []reallocation
	after func(call int, ptr uint32) uint32 // changes what realloc returns, unless nil
}

type reallocation struct{ ptr, size, align, want uint32 }

func (h *heap) Size() uint32 { return uint32(len(h.b)) }

func (h *heap) Grow(pages uint32) (uint32, bool) { return uint32(len(h.b) >> 16), pages == 0 }

func (h *heap) Read(ptr, n uint32) ([]byte, bool) {
	if uint64(ptr)+uint64(n) > uint64(len(h.b)) {
		return nil, false
	}
	return h.b[ptr : ptr+n : ptr+n], true
}

func (h *heap) realloc(ptr, size, align, want uint32) (uint32, error) {
	h.calls = append(h.calls, reallocation{ptr, size, align, want})
	old := h.b
	h.b = slices.Clone(old)
	for i := range old {
		old[i] = 0xee
	}
	if ptr != 0 && want < size {
		return uint32(alignTo(uint64(ptr), align)), nil
	}
	at := uint32(alignTo(uint64(h.next), align))
	if uint64(at)+uint64(want) > uint64(len(h.b)) {
		return 0, errors.New("out of memory")
	}
	h.next = at + want
	copy(h.b[at:h.next], h.b[ptr:ptr+size])
	return at, nil
}

// coreFunc is a core function in Go.
type coreFunc struct {
	api.Function
	do func(stack []uint64) error
}

func (f coreFunc) CallWithStack(_ context.Context, stack []uint64) error { return f.do(stack) }

// guest returns a component instance that has the heap as its memory.
func (h *heap) guest(e task.Encoding) *guest {
	g := &guest{}
	g.opts = task.Options{
		Instance: &task.Instance{MayLeave: true},
		Memory:   h,
		Encoding: e,
		Realloc: coreFunc{do: func(s []uint64) (err error) {
			var ptr uint32
			ptr, err = h.realloc(uint32(s[0]), uint32(s[1]), uint32(s[2]), uint32(s[3]))
			if h.after != nil {
				ptr = h.after(len(h.calls)-1, ptr)
			}
			s[0] = uint64(ptr)
			return err
		}},
	}
	g.table = &handle.Table{Owner: g}
	return g
}

// specCase is core values, what they are lifted to, and the memory that they
// point to.
type specCase struct {
	t    wit.Type
	flat []uint64
	mem  []byte
	want any // a trap is the guest's and says so
}

type trap string

func (c specCase) run(t *testing.T) {
	t.Helper()
	typ := mustType(t, c.t)
	from := &heap{b: slices.Clone(c.mem)}
	var got any
	err := from.guest(task.UTF8).run(t, func(x *Context) { got = LiftFlat(x, c.flat, typ) })
	if text, ok := c.want.(trap); ok {
		wantFailure(t, err, string(text), true)
		return
	}
	if err != nil || !same(got, c.want) {
		t.Fatalf("lifted %#v, %v, want %#v", got, err, c.want)
	}
	to := &heap{b: make([]byte, 5*len(c.mem))}
	flat := make([]uint64, typ.flat)
	err = to.guest(task.UTF8).run(t, func(x *Context) {
		LowerFlat(x, flat, typ, got)
		got = LiftFlat(x, flat, typ)
	})
	if err != nil || !same(got, c.want) {
		t.Fatalf("lowered to %x and lifted again: %#v, %v, want %#v", flat, got, err, c.want)
	}
}

func runSpec(t *testing.T, cases []specCase) {
	for i, c := range cases {
		t.Run(fmt.Sprintf("%d %s", i, wit.TypeText(c.t)), c.run)
	}
}

func TestSpecFlat(t *testing.T) {
	const pi = 0x4048f5c3 // 3.14 as an f32
	ab := flagsOf(2)
	xyz := variantOf(wit.U8, wit.F32, nil)
	maybe := &wit.Option{Elem: wit.F32}
	either := &wit.Result{OK: wit.U8, Err: wit.U32}
	wy := variantOf(wit.U8, wit.U8)
	runSpec(t, []specCase{
		{recordOf(wit.U8, wit.U16, wit.U32), []uint64{1, 2, 3}, nil, []any{uint8(1), uint16(2), uint32(3)}},
		{tupleOf(tupleOf(wit.U8, wit.U8), wit.U8), []uint64{1, 2, 3}, nil, []any{[]any{uint8(1), uint8(2)}, uint8(3)}},
		{fixedOf(wit.U8, 3), []uint64{1, 2, 3}, nil, []any{uint8(1), uint8(2), uint8(3)}},
		{fixedOf(fixedOf(wit.U8, 2), 3), []uint64{1, 2, 3, 4, 5, 6}, nil,
			[]any{[]any{uint8(1), uint8(2)}, []any{uint8(3), uint8(4)}, []any{uint8(5), uint8(6)}}},
		{ab, []uint64{0}, nil, uint32(0)},
		{ab, []uint64{2}, nil, uint32(2)},
		{ab, []uint64{3}, nil, uint32(3)},
		{ab, []uint64{4}, nil, uint32(0)},
		{flagsOf(32), []uint64{0xffffffff}, nil, uint32(0xffffffff)},
		{xyz, []uint64{0, 42}, nil, Variant{0, uint8(42)}},
		{xyz, []uint64{0, 256}, nil, Variant{0, uint8(0)}},
		{xyz, []uint64{1, pi}, nil, Variant{1, float32(3.140000104904175)}},
		{xyz, []uint64{2, 0xffffffff}, nil, Variant{2, nil}},
		{maybe, []uint64{0, pi}, nil, Variant{0, nil}},
		{maybe, []uint64{1, pi}, nil, Variant{1, float32(3.14)}},
		{either, []uint64{0, 42}, nil, Variant{0, uint8(42)}},
		{either, []uint64{1, 1000}, nil, Variant{1, uint32(1000)}},
		{wy, []uint64{0, 42}, nil, Variant{0, uint8(42)}},
		{wy, []uint64{1, 42}, nil, Variant{1, uint8(42)}},
	})
}

// TestSpecFewerCases lowers to a variant with fewer cases what was lifted
// from one with more.
func TestSpecFewerCases(t *testing.T) {
	two, one := mustType(t, variantOf(wit.U8, wit.U8)), mustType(t, variantOf(wit.U8))
	flat := []uint64{0, 42}
	var got any
	if err := new(heap).guest(task.UTF8).run(t, func(x *Context) {
		v := LiftFlat(x, flat, two)
		clear(flat)
		LowerFlat(x, flat, one, v)
		got = LiftFlat(x, flat, one)
	}); err != nil || got != (Variant{0, uint8(42)}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestSpecScalars(t *testing.T) {
	type pair struct {
		flat uint64
		want any
	}
	const (
		all     = 1<<32 - 1
		notChar = trap("invalid `char` bit pattern")
	)
	tests := []struct {
		t     wit.Type
		pairs []pair
	}{
		{wit.Bool, []pair{{0, false}, {1, true}, {2, true}, {all, true}}},
		{wit.U8, []pair{{127, uint8(127)}, {128, uint8(128)}, {255, uint8(255)}, {256, uint8(0)},
			{all, uint8(255)}, {4294967168, uint8(128)}, {4294967167, uint8(127)}}},
		{wit.S8, []pair{{127, int8(127)}, {128, int8(-128)}, {255, int8(-1)}, {256, int8(0)},
			{all, int8(-1)}, {4294967168, int8(-128)}, {4294967167, int8(127)}}},
		{wit.U16, []pair{{32767, uint16(32767)}, {32768, uint16(32768)}, {65535, uint16(65535)}, {65536, uint16(0)},
			{all, uint16(65535)}, {all + 1 - 32768, uint16(32768)}, {all + 1 - 32769, uint16(32767)}}},
		{wit.S16, []pair{{32767, int16(32767)}, {32768, int16(-32768)}, {65535, int16(-1)}, {65536, int16(0)},
			{all, int16(-1)}, {all + 1 - 32768, int16(-32768)}, {all + 1 - 32769, int16(32767)}}},
		{wit.U32, []pair{{1<<31 - 1, uint32(1<<31 - 1)}, {1 << 31, uint32(1 << 31)}, {all, uint32(all)}}},
		{wit.S32, []pair{{1<<31 - 1, int32(1<<31 - 1)}, {1 << 31, int32(-1 << 31)}, {all, int32(-1)}}},
		{wit.U64, []pair{{1<<63 - 1, uint64(1<<63 - 1)}, {1 << 63, uint64(1 << 63)}, {1<<64 - 1, uint64(1<<64 - 1)}}},
		{wit.S64, []pair{{1<<63 - 1, int64(1<<63 - 1)}, {1 << 63, int64(-1 << 63)}, {1<<64 - 1, int64(-1)}}},
		{wit.F32, []pair{{0x4048f5c3, float32(3.14)}}},
		{wit.F64, []pair{{0x40091eb851eb851f, 3.14}}},
		{wit.Char, []pair{{0, '\x00'}, {65, 'A'}, {0xd7ff, '\ud7ff'}, {0xd800, notChar}, {0xdfff, notChar},
			{0xe000, '\ue000'}, {0x10ffff, '\U0010ffff'}, {0x110000, notChar}, {all, notChar}}},
		{enumOf(2), []pair{{0, Variant{}}, {1, Variant{Case: 1}}, {2, trap("invalid variant discriminant")}}},
	}
	for _, tt := range tests {
		for _, p := range tt.pairs {
			t.Run(fmt.Sprintf("%s of %#x", wit.TypeText(tt.t), p.flat), specCase{t: tt.t, flat: []uint64{p.flat}, want: p.want}.run)
		}
	}
}

// TestSpecNaN lifts each NaN to the canonical one, from a core value and from
// memory, and leaves alone what is none.
func TestSpecNaN(t *testing.T) {
	tests := []struct{ in, want uint32 }{
		{0x7fc00000, 0x7fc00000},
		{0x7fc00001, 0x7fc00000},
		{0x7fe00000, 0x7fc00000},
		{0x7fffffff, 0x7fc00000},
		{0xffffffff, 0x7fc00000},
		{0x7f800000, 0x7f800000},
		{0x3fc00000, 0x3fc00000},
	}
	for _, tt := range tests {
		for i, v := range liftBoth(t, wit.F32, uint64(tt.in)) {
			if got := math.Float32bits(v.(float32)); got != tt.want {
				t.Errorf("f32 %#x, way %d: got %#x, want %#x", tt.in, i, got, tt.want)
			}
		}
	}
	wide := []struct{ in, want uint64 }{
		{0x7ff8000000000000, 0x7ff8000000000000},
		{0x7ff8000000000001, 0x7ff8000000000000},
		{0x7ffc000000000000, 0x7ff8000000000000},
		{0x7fffffffffffffff, 0x7ff8000000000000},
		{0xffffffffffffffff, 0x7ff8000000000000},
		{0x7ff0000000000000, 0x7ff0000000000000},
		{0x3ff0000000000000, 0x3ff0000000000000},
	}
	for _, tt := range wide {
		for i, v := range liftBoth(t, wit.F64, tt.in) {
			if got := math.Float64bits(v.(float64)); got != tt.want {
				t.Errorf("f64 %#x, way %d: got %#x, want %#x", tt.in, i, got, tt.want)
			}
		}
	}
}

// liftBoth lifts a number from its core value and from a memory that holds it
// and no more.
func liftBoth(t *testing.T, n wit.Type, bits uint64) (both [2]any) {
	t.Helper()
	typ := mustType(t, n)
	h := &heap{}
	for i := range typ.size {
		h.b = append(h.b, byte(bits>>(8*i)))
	}
	if err := h.guest(task.UTF8).run(t, func(x *Context) {
		both = [2]any{LiftFlat(x, []uint64{bits}, typ), Load(x, 0, typ)}
	}); err != nil {
		t.Fatal(err)
	}
	return both
}
