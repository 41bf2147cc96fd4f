package dyn

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/wit"
)

// wantFailure checks what a memory kept and whose fault it is.
func wantFailure(t *testing.T, err error, want string, guest bool) {
	t.Helper()
	f, ok := errors.AsType[*failure](err)
	if !ok || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want %q", err, want)
	}
	if f.guest != guest {
		t.Errorf("%v: the guest's fault: %v, want %v", err, f.guest, guest)
	}
}

// TestGuestFailures lifts what a guest may not hand over. The memory holds
// the core values one after the other, as a record of that type would.
func TestGuestFailures(t *testing.T) {
	const (
		outside = "list content out-of-bounds"
		huge    = 1 << 31
		size    = 4 << 16
	)
	tests := []struct {
		name string
		t    wit.Type
		flat []uint64
		want string
	}{
		{"surrogate", wit.Char, []uint64{0xd800}, "invalid `char` bit pattern"},
		{"last surrogate", wit.Char, []uint64{0xdfff}, "invalid `char` bit pattern"},
		{"past Unicode", wit.Char, []uint64{0x110000}, "invalid `char` bit pattern"},
		{"char of all bits", wit.Char, []uint64{0xffffffff}, "invalid `char` bit pattern"},
		{"enum case", enumOf(3), []uint64{3}, "invalid variant discriminant: discriminant 3 out of range [0..3)"},
		{"option case", &wit.Option{Elem: wit.U32}, []uint64{2, 0}, "discriminant 2 out of range [0..2)"},
		{"variant case", variantOf(wit.U32), []uint64{255, 0}, "discriminant 255 out of range [0..1)"},
		{"string outside", wit.String, []uint64{size - 2, 3}, "string content out-of-bounds"},
		{"string wraps", wit.String, []uint64{0xffffffff, 0xffffffff}, "string content out-of-bounds"},
		{"string too long", wit.String, []uint64{0, 1 << 28}, "string pointer/length out of bounds of memory"},
		{"invalid string", wit.String, []uint64{512, 2}, "invalid utf-8"},
		{"cut string", wit.String, []uint64{516, 2}, "incomplete utf-8 byte sequence"},
		{"surrogate in a string", wit.String, []uint64{520, 3}, "invalid utf-8"},
		{"bytes outside", listOf(wit.U8), []uint64{size, 1}, outside},
		{"list outside", listOf(wit.U32), []uint64{size - 4, 2}, outside},
		{"list of 2^31", listOf(wit.U8), []uint64{0, huge}, outside},
		{"list of 2^31 records", listOf(tupleOf(wit.U64, wit.U8)), []uint64{0, huge}, outside},
		{"list size wraps to 0", listOf(wit.U64), []uint64{0, 1 << 29}, outside},
		{"list size wraps to 8", listOf(wit.U64), []uint64{0, 1<<29 + 1}, outside},
		{"list outside, in a list", listOf(listOf(wit.U16)), []uint64{528, 1}, outside},
		{"unaligned list", listOf(wit.U16), []uint64{513, 0}, "unaligned pointer"},
		{"unaligned map", &wit.Map{Key: wit.U8, Value: wit.U32}, []uint64{514, 1}, "unaligned pointer"},
		{"no handle", &wit.Handle{Resource: fileDef}, []uint64{0}, "unknown handle index 0"},
		{"no borrow", &wit.Handle{Resource: fileDef, Borrow: true}, []uint64{7}, "unknown handle index 7"},
		{"handle of another", &wit.Handle{Resource: fileDef}, []uint64{1}, "handle index 1 used with the wrong type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newGuest(t)
			g.opts.Memory.Write(512, []byte("a\xff\x00\x00\xe2\x82\x00\x00\xed\xa0\x80\x00\x00\x00\x00\x00"+"\xfe\xff\xff\xff\x01\x00\x00\x00"))
			if _, err := g.table.NewOwn(&handle.Resource{Owner: g}, 1); err != nil {
				t.Fatal(err)
			}
			typ := mustType(t, tt.t)
			var flat, loaded error
			grown := allocated(func() {
				flat = g.run(t, func(x *Context) { LiftFlat(x, tt.flat, typ) })
				loaded = g.run(t, func(x *Context) {
					for i, v := range tt.flat {
						x.Mem.StoreU32(uint32(256+4*i), uint32(v))
					}
					Load(x, 256, typ)
				})
			})
			wantFailure(t, flat, tt.want, true)
			wantFailure(t, loaded, tt.want, true)
			if grown > 1<<20 {
				t.Errorf("allocated %d bytes", grown)
			}
		})
	}
}

// allocated returns how many bytes a function allocates.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestPlace loads from and stores to pointers that are not in the memory.
func TestPlace(t *testing.T) {
	g := newGuest(t)
	typ := mustType(t, tupleOf(wit.U32, wit.String))
	for ptr, want := range map[uint32]string{
		2: "unaligned pointer", 4<<16 - 8: "outside a memory", 4 << 16: "outside a memory", 0xfffffffc: "outside a memory",
	} {
		wantFailure(t, g.run(t, func(x *Context) { Load(x, ptr, typ) }), want, true)
		wantFailure(t, g.run(t, func(x *Context) { Store(x, ptr, typ, []any{uint32(1), ""}) }), want, true)
	}
}

// TestBudget lifts little memory many times over: a list of pointers to one
// and the same list.
func TestBudget(t *testing.T) {
	const budget, limit = 128 << 20, 200 << 20
	for name, elem := range map[string]wit.Type{
		"bytes": wit.U8, "bools": wit.Bool, "records": tupleOf(wit.U8), "nested": fixedOf(fixedOf(wit.Bool, 1), 1),
		"variants": &wit.Result{}, "integers": wit.S8, "strings": wit.String,
	} {
		t.Run(name, func(t *testing.T) {
			g := newGuest(t)
			typ := mustType(t, listOf(listOf(elem)))
			var err error
			got := allocated(func() {
				err = g.run(t, func(x *Context) {
					const n = 1 << 14
					for i := range uint32(n) {
						x.Mem.StorePair(i*8, n*8, 1<<16/mustType(t, elem).size)
					}
					LiftFlat(x, []uint64{0, n}, typ)
				})
			})
			wantFailure(t, err, "lifted more than", true)
			if got > limit {
				t.Errorf("allocated %d MiB with a budget of %d", got>>20, budget>>20)
			}
		})
	}
}

// TestBudgetFirst lifts a long value when little is left of the budget: that
// shows before the host allocates for it.
func TestBudgetFirst(t *testing.T) {
	g := newGuest(t)
	typ := mustType(t, fixedOf(wit.Bool, 4<<16))
	var err error
	got := allocated(func() {
		err = g.run(t, func(x *Context) {
			x.Mem.Charge(128<<20 - 1000)
			Load(x, 0, typ)
		})
	})
	wantFailure(t, err, "lifted more than", true)
	if got > 1<<20 {
		t.Errorf("allocated %d bytes", got)
	}
}

// TestValueFailures lowers values that do not fit their type.
func TestValueFailures(t *testing.T) {
	own, borrow := &wit.Handle{Resource: fileDef}, &wit.Handle{Resource: fileDef, Borrow: true}
	rec := &wit.Record{Fields: []wit.Field{{Name: "a", Type: wit.U8}, {Name: "b", Type: listOf(wit.U16)}}}
	tests := []struct {
		name string
		t    wit.Type
		v    any
		want string
	}{
		{"nil", wit.U32, nil, "<nil> is no value of type u32"},
		{"int", wit.U32, 1, "int is no value of type u32"},
		{"other width", wit.S64, int32(1), "int32 is no value of type s64"},
		{"surrogate", wit.Char, rune(0xd800), "char 0xd800 is not a Unicode scalar value"},
		{"negative char", wit.Char, rune(-1), "not a Unicode scalar value"},
		{"string", wit.String, []byte("a"), "[]uint8 is no value of type string"},
		{"invalid string", wit.String, "a\xff", "not valid UTF-8"},
		{"bytes", listOf(wit.U8), []any{uint8(1)}, "[]interface {} is no value of type list"},
		{"list", listOf(wit.U16), []uint16{1}, "[]uint16 is no value of type list"},
		{"element", listOf(wit.U16), []any{uint16(1), "a"}, "element 1: string is no value of type u16"},
		{"fixed list", fixedOf(wit.U16, 2), []any{uint16(1)}, "list of 2 parts has 1"},
		{"short record", rec, []any{uint8(1)}, "record of 2 parts has 1"},
		{"long tuple", tupleOf(wit.U8), []any{uint8(1), uint8(1)}, "tuple of 1 parts has 2"},
		{"field", rec, []any{uint8(1), []any{"a"}}, `field "b": element 0: string is no value of type u16`},
		{"enum", enumOf(2), uint32(1), "uint32 is no value of type enum"},
		{"case", enumOf(2), Variant{Case: 2}, "enum of 2 cases has no case 2"},
		{"payload", &wit.Result{OK: wit.U8}, Variant{0, "a"}, `case "ok": string is no value of type u8`},
		{"no payload", &wit.Result{OK: wit.U8}, Variant{Case: 0}, `case "ok": <nil> is no value of type u8`},
		{"payload of none", &wit.Option{Elem: wit.U8}, Variant{0, uint8(1)}, `case "none" has no payload, not a uint8`},
		{"flags", flagsOf(3), uint32(8), "flags 0x8 has bits beyond 0x7"},
		{"own for borrow", borrow, Own{file, 1}, "Own is no value of type borrow"},
		{"borrow for own", own, Borrow{file, 1}, "Borrow is no value of type own"},
		{"rep for own", own, uint32(1), "uint32 is no value of type own"},
		{"own of nothing", own, Own{}, `own of another resource than "file"`},
		{"own of another", own, Own{&handle.Resource{Name: "x"}, 1}, `own of another resource than "file"`},
		{"own of unknown", &wit.Handle{Resource: &wit.TypeDef{Name: "y", Type: &wit.Resource{}}}, Own{file, 1}, `own of the unknown resource "y"`},
	}
	g := newGuest(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g.set("next", 1024)
			typ := mustType(t, tt.t)
			wantFailure(t, g.run(t, func(x *Context) { Store(x, 256, typ, tt.v) }), tt.want, false)
			wantFailure(t, g.run(t, func(x *Context) { LowerFlat(x, make([]uint64, 8), typ, tt.v) }), tt.want, false)
			if g.table.Len() != 0 {
				t.Error("made a handle")
			}
		})
	}
	calls := g.calls()
	wantFailure(t, g.run(t, func(x *Context) { Store(x, 256, mustType(t, wit.String), "\xff") }), "UTF-8", false)
	if g.calls() != calls {
		t.Error("the guest ran for a string that is not UTF-8")
	}
	pair := mustType(t, tupleOf(wit.String, own, borrow))
	wantFailure(t, g.run(t, func(x *Context) { Store(x, 256, pair, []any{"\xff", Own{file, 1}, Borrow{file, 2}}) }), "UTF-8", false)
	if g.table.Len() != 0 {
		t.Error("made a handle after a failure")
	}
}

func TestNoRoom(t *testing.T) {
	g := newGuest(t)
	for want, typ := range map[string]wit.Type{
		"string has 2 core values, with room for 1":                   wit.String,
		"list has more than 16 core values: it goes through memory":   fixedOf(wit.U8, 17),
		"tuple has more than 16 core values: it goes through memory":  tupleOf(fixedOf(wit.String, 8), wit.U8),
		"option has more than 16 core values: it goes through memory": &wit.Option{Elem: fixedOf(wit.U8, 16)},
	} {
		ready := mustType(t, typ)
		flat := make([]uint64, 1)
		if ready.flat > 16 {
			flat = make([]uint64, 100)
		}
		wantFailure(t, g.run(t, func(x *Context) { LiftFlat(x, flat, ready) }), want, false)
		wantFailure(t, g.run(t, func(x *Context) { LowerFlat(x, flat, ready, nil) }), want, false)
	}
}

// TestRealloc lowers into a guest whose realloc answers what it may not.
func TestRealloc(t *testing.T) {
	list := mustType(t, tupleOf(wit.String, listOf(wit.U32)))
	v := []any{"abc", []any{uint32(1)}}
	for _, tt := range []struct {
		name, global string
		to           uint64
		want         string
	}{
		{"beyond", "next", 4<<16 - 2, "realloc return: beyond end of memory"},
		{"far beyond", "skew", 0xf0000000, "realloc return: beyond end of memory"},
		{"unaligned", "skew", 2, "realloc return: result not aligned"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newGuest(t)
			g.set(tt.global, tt.to)
			wantFailure(t, g.run(t, func(x *Context) { Store(x, 256, list, v) }), tt.want, true)
			wantFailure(t, g.run(t, func(x *Context) { LowerFlat(x, make([]uint64, 4), list, v) }), tt.want, true)
		})
	}
	t.Run("0 is a pointer", func(t *testing.T) {
		g := newGuest(t)
		g.set("next", 0)
		if err := g.run(t, func(x *Context) { Store(x, 256, list, v) }); err != nil {
			t.Fatal(err)
		}
		if got := string(g.bytes(0, 3)); got != "abc" {
			t.Errorf("wrote %q at 0", got)
		}
	})
}
