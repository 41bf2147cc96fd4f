package dyn

import (
	"bytes"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/witgen/witgen/wit"
)

// TestMemory holds values against their bytes, both ways.
func TestMemory(t *testing.T) {
	at := func(ptr, n byte) []byte { return []byte{ptr, 4, 0, 0, n, 0, 0, 0} } // of what realloc hands out from 0x400
	f := math.Float32frombits
	tests := []struct {
		name string
		t    wit.Type
		v    any
		mem  []byte // at 256
		heap []byte // at 1024
	}{
		{"bool", wit.Bool, true, []byte{1}, nil},
		{"u8", wit.U8, uint8(255), []byte{255}, nil},
		{"s8", wit.S8, int8(-128), []byte{0x80}, nil},
		{"u16", wit.U16, uint16(0x8001), []byte{1, 0x80}, nil},
		{"s16", wit.S16, int16(-2), []byte{0xfe, 0xff}, nil},
		{"u32", wit.U32, uint32(0xfffefdfc), []byte{0xfc, 0xfd, 0xfe, 0xff}, nil},
		{"s32", wit.S32, int32(math.MinInt32), []byte{0, 0, 0, 0x80}, nil},
		{"u64", wit.U64, uint64(math.MaxUint64 - 1), []byte{0xfe, 255, 255, 255, 255, 255, 255, 255}, nil},
		{"s64", wit.S64, int64(math.MinInt64), []byte{0, 0, 0, 0, 0, 0, 0, 0x80}, nil},
		{"f32", wit.F32, f(0x80000000), []byte{0, 0, 0, 0x80}, nil},
		{"f64", wit.F64, 1.5, []byte{0, 0, 0, 0, 0, 0, 0xf8, 0x3f}, nil},
		{"char", wit.Char, '\U0010ffff', []byte{0xff, 0xff, 0x10, 0}, nil},
		{"string", wit.String, "hé", at(0, 3), []byte("h\xc3\xa9")},
		{"empty string", wit.String, "", at(0, 0), nil},
		{"bytes", listOf(named(wit.U8)), []byte{1, 2, 3}, at(0, 3), []byte{1, 2, 3}},
		{"list of f32", listOf(wit.F32), []any{float32(1), float32(-2)}, at(0, 2), []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}},
		{"list of s16", listOf(wit.S16), []any{int16(-1), int16(2)}, at(0, 2), []byte{0xff, 0xff, 2, 0}},
		{"list of records", listOf(recordOf(wit.U32, wit.F64, wit.Bool)),
			[]any{[]any{uint32(7), 1.5, true}, []any{uint32(8), -1.5, false}}, at(0, 2), []byte{
				7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 1, 0, 0, 0, 0, 0, 0, 0,
				8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf8, 0xbf, 0, 0, 0, 0, 0, 0, 0, 0}},
		{"list of strings", listOf(wit.String), []any{"a", "bc"}, at(0, 2),
			append(append(at(16, 1), at(17, 2)...), "abc"...)},
		{"map", &wit.Map{Key: wit.U8, Value: wit.U16}, []any{[]any{uint8(1), uint16(0x203)}}, at(0, 1), []byte{1, 0, 3, 2}},
		{"fixed list", fixedOf(wit.U8, 3), []any{uint8(1), uint8(2), uint8(3)}, []byte{1, 2, 3}, nil},
		{"record ends in f32", recordOf(wit.U8, wit.F32), []any{uint8(9), float32(1)}, []byte{9, 0, 0, 0, 0, 0, 0x80, 0x3f}, nil},
		{"tuple", tupleOf(wit.S8, wit.S16, wit.S64), []any{int8(-1), int16(-2), int64(-3)},
			[]byte{255, 0, 0xfe, 255, 0, 0, 0, 0, 0xfd, 255, 255, 255, 255, 255, 255, 255}, nil},
		{"flags of 9", flagsOf(9), uint32(0x101), []byte{1, 1}, nil},
		{"flags of 32", flagsOf(32), uint32(1 << 31), []byte{0, 0, 0, 0x80}, nil},
		{"enum of 256", enumOf(256), Variant{Case: 255}, []byte{255}, nil},
		{"enum of 257", enumOf(257), Variant{Case: 256}, []byte{0, 1}, nil},
		{"enum of 65537", enumOf(65537), Variant{Case: 65536}, []byte{0, 0, 1, 0}, nil},
		{"none", &wit.Option{Elem: wit.U16}, Variant{}, []byte{0, 0, 0, 0}, nil},
		{"some", &wit.Option{Elem: wit.U16}, Variant{1, uint16(5)}, []byte{1, 0, 5, 0}, nil},
		{"some of none", &wit.Option{Elem: &wit.Option{Elem: wit.U8}}, Variant{1, Variant{}}, []byte{1, 0, 0}, nil},
		{"ok", &wit.Result{Err: wit.U8}, Variant{}, []byte{0, 0}, nil},
		{"err", &wit.Result{OK: wit.U64, Err: wit.Char}, Variant{1, 'x'}, []byte{1, 0, 0, 0, 0, 0, 0, 0, 'x', 0, 0, 0}, nil},
		{"small case of a large variant", variantOf(wit.U64, wit.S8, nil), Variant{1, int8(-1)}, []byte{1, 0, 0, 0, 0, 0, 0, 0, 255}, nil},
	}
	g := newGuest(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			typ := mustType(t, tt.t)
			g.set("next", 1024)
			g.opts.Memory.Write(0, make([]byte, 2048))
			var back any
			before := g.calls()
			if err := g.run(t, func(x *Context) {
				Store(x, 256, typ, tt.v)
				back = Load(x, 256, typ)
			}); err != nil {
				t.Fatal(err)
			}
			if got := g.bytes(256, uint32(len(tt.mem))); !bytes.Equal(got, tt.mem) {
				t.Errorf("stored % x, want % x", got, tt.mem)
			}
			if got := g.bytes(1024, uint32(len(tt.heap))); !bytes.Equal(got, tt.heap) {
				t.Errorf("allocated % x, want % x", got, tt.heap)
			}
			if rest := g.bytes(256+typ.size, 512); !bytes.Equal(rest, make([]byte, 512)) {
				t.Errorf("wrote past the end: % x", rest[:16])
			}
			if allocates := typ.kind == text || typ.kind == octets || typ.kind == list; (g.calls() > before) != allocates {
				t.Errorf("%d calls of realloc", g.calls()-before)
			}
			if !same(back, tt.v) {
				t.Errorf("loaded %#v, want %#v", back, tt.v)
			}
		})
	}
}

// TestFlat holds values against their core values, both ways.
func TestFlat(t *testing.T) {
	joined := variantOf(wit.F32, wit.U64, wit.S32, tupleOf(wit.F64, wit.F32), nil)
	tests := []struct {
		name string
		t    wit.Type
		v    any
		flat []uint64
	}{
		{"bool", wit.Bool, true, []uint64{1}},
		{"s8", wit.S8, int8(-1), []uint64{0xffffffff}},
		{"s16", wit.S16, int16(-2), []uint64{0xfffffffe}},
		{"s32", wit.S32, int32(-3), []uint64{0xfffffffd}},
		{"s64", wit.S64, int64(-4), []uint64{0xfffffffffffffffc}},
		{"f32", wit.F32, float32(-1), []uint64{0xbf800000}},
		{"f64", wit.F64, float64(-1), []uint64{0xbff0000000000000}},
		{"char", wit.Char, '€', []uint64{0x20ac}},
		{"string", wit.String, "abc", []uint64{1024, 3}},
		{"empty bytes", listOf(wit.U8), []byte{}, []uint64{1024, 0}},
		{"list", listOf(wit.U64), []any{uint64(1)}, []uint64{1024, 1}},
		{"flags", flagsOf(3), uint32(5), []uint64{5}},
		{"fixed list of pairs", fixedOf(tupleOf(wit.U8, wit.S8), 2), []any{[]any{uint8(1), int8(-1)}, []any{uint8(2), int8(-2)}},
			[]uint64{1, 0xffffffff, 2, 0xfffffffe}},
		{"joined f32", joined, Variant{0, float32(-1)}, []uint64{0, 0xbf800000, 0}},
		{"joined u64", joined, Variant{1, uint64(math.MaxUint64)}, []uint64{1, math.MaxUint64, 0}},
		{"joined s32", joined, Variant{2, int32(-1)}, []uint64{2, 0xffffffff, 0}},
		{"joined f64, f32", joined, Variant{3, []any{float64(-1), float32(-1)}}, []uint64{3, 0xbff0000000000000, 0xbf800000}},
		{"joined nothing", joined, Variant{Case: 4}, []uint64{4, 0, 0}},
		{"none between", tupleOf(wit.U8, &wit.Option{Elem: wit.String}, wit.U8), []any{uint8(1), Variant{}, uint8(2)}, []uint64{1, 0, 0, 0, 2}},
	}
	g := newGuest(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			typ := mustType(t, tt.t)
			g.set("next", 1024)
			flat := slices.Repeat([]uint64{0xdeaddeaddeaddead}, len(tt.flat)+1) // as a call before left it
			var back any
			if err := g.run(t, func(x *Context) {
				LowerFlat(x, flat, typ, tt.v)
				back = LiftFlat(x, flat, typ)
			}); err != nil {
				t.Fatal(err)
			}
			if got := flat[:len(tt.flat)]; !slices.Equal(got, tt.flat) {
				t.Errorf("lowered %x, want %x", got, tt.flat)
			}
			if flat[len(tt.flat)] != 0xdeaddeaddeaddead {
				t.Error("wrote past the end")
			}
			if !same(back, tt.v) {
				t.Errorf("lifted %#v, want %#v", back, tt.v)
			}
		})
	}
}

// TestLift lifts core values that no lowering makes.
func TestLift(t *testing.T) {
	const junk = 0xfeed << 32
	tests := []struct {
		name string
		t    wit.Type
		flat []uint64
		want any
	}{
		{"bool of 2", wit.Bool, []uint64{2}, true},
		{"bool in a wide slot", wit.Bool, []uint64{junk}, false},
		{"u8", wit.U8, []uint64{0x1ff}, uint8(255)},
		{"s8", wit.S8, []uint64{0x180}, int8(-128)},
		{"u16", wit.U16, []uint64{0x10001}, uint16(1)},
		{"s16", wit.S16, []uint64{0x18000}, int16(-32768)},
		{"s32 in a wide slot", wit.S32, []uint64{junk | 0xffffffff}, int32(-1)},
		{"char in a wide slot", wit.Char, []uint64{junk | 'c'}, 'c'},
		{"f32 in a wide slot", wit.F32, []uint64{junk | 0x3f800000}, float32(1)},
		{"flags", flagsOf(3), []uint64{0xfffffffd}, uint32(5)},
		{"flags of 32", flagsOf(32), []uint64{junk | 0x80000001}, uint32(0x80000001)},
		{"discriminant in a wide slot", enumOf(3), []uint64{junk | 2}, Variant{Case: 2}},
		{"f32 nan", wit.F32, []uint64{0xffc12345}, math.Float32frombits(0x7fc00000)},
		{"signaling f32 nan", wit.F32, []uint64{0x7f800001}, math.Float32frombits(0x7fc00000)},
		{"f64 nan", wit.F64, []uint64{0xfff8123400000000}, math.Float64frombits(0x7ff8000000000000)},
		{"signaling f64 nan", wit.F64, []uint64{0x7ff0000000000001}, math.Float64frombits(0x7ff8000000000000)},
	}
	g := newGuest(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			typ := mustType(t, tt.t)
			var lifted, loaded any
			if err := g.run(t, func(x *Context) {
				lifted = LiftFlat(x, tt.flat, typ)
				x.Mem.StoreU64(256, tt.flat[0])
				loaded = Load(x, 256, typ)
			}); err != nil {
				t.Fatal(err)
			}
			if !same(lifted, tt.want) {
				t.Errorf("lifted %#v, want %#v", lifted, tt.want)
			}
			// In memory there are no wide slots: the low bytes are the value.
			if tt.flat[0] != junk && !same(loaded, tt.want) {
				t.Errorf("loaded %#v, want %#v", loaded, tt.want)
			}
		})
	}
}

// same compares values, floats by their bits.
func same(a, b any) bool {
	switch a := a.(type) {
	case float32:
		b, ok := b.(float32)
		return ok && math.Float32bits(a) == math.Float32bits(b)
	case float64:
		b, ok := b.(float64)
		return ok && math.Float64bits(a) == math.Float64bits(b)
	}
	return reflect.DeepEqual(a, b)
}
