package dyn

import (
	"encoding/binary"
	"reflect"
	"slices"
	"testing"

	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/wit"
)

func funcOf(result wit.Type, params ...wit.Type) *wit.Func {
	f := &wit.Func{Name: "f", Result: result}
	for i, t := range params {
		f.Params = append(f.Params, wit.Param{Name: string(rune('a' + i)), Type: t})
	}
	return f
}

func mustFunc(tb testing.TB, f *wit.Func) (*Lifted, *Lowered) {
	tb.Helper()
	lifted, err := Lift(f)
	if err != nil {
		tb.Fatal(err)
	}
	lowered, err := Lower(f)
	if err != nil {
		tb.Fatal(err)
	}
	return lifted, lowered
}

func u32s(n int) (values []any, flat []uint64) {
	for i := range n {
		values, flat = append(values, uint32(i+1)), append(flat, uint64(i+1))
	}
	return values, flat
}

func TestParams(t *testing.T) {
	sixteen, flat16 := u32s(16)
	seventeen, flat17 := u32s(17)
	types := slices.Repeat([]wit.Type{wit.U32}, 17)
	tests := []struct {
		name    string
		params  []wit.Type
		args    []any
		flat    []uint64
		spilled []uint64 // as u32s at flat[0]
	}{
		{"none", nil, []any{}, nil, nil},
		{"mixed", []wit.Type{wit.U8, wit.String, &wit.Option{Elem: wit.S64}}, []any{uint8(7), "ab", Variant{1, int64(-1)}},
			[]uint64{7, 1024, 2, 1, 1<<64 - 1}, nil},
		{"16", types[:16], sixteen, flat16, nil},
		{"17", types, seventeen, []uint64{1024}, flat17},
		{"record of 16", []wit.Type{tupleOf(types[:16]...)}, []any{sixteen}, flat16, nil},
		{"record of 17", []wit.Type{tupleOf(types...)}, []any{seventeen}, []uint64{1024}, flat17},
		{"14 and a string and a byte", append(slices.Clone(types[:14]), wit.String, wit.U8), append(slices.Clone(sixteen[:14]), "ab", uint8(0xff)),
			[]uint64{1024}, append(slices.Clone(flat16[:14]), 1024+68, 2, 0xff)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newGuest(t)
			lifted, lowered := mustFunc(t, funcOf(nil, tt.params...))
			flat := make([]uint64, max(lifted.Signature.Slots(), lowered.Signature.Slots()))
			var back []any
			if err := g.run(t, func(x *Context) {
				lifted.LowerParams(x, flat, tt.args)
				back = lowered.LiftParams(x, flat)
			}); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(flat, tt.flat) {
				t.Errorf("lowered %d, want %d", flat, tt.flat)
			}
			for i, want := range tt.spilled {
				if got := binary.LittleEndian.Uint32(g.bytes(uint32(1024+4*i), 4)); uint64(got) != want {
					t.Errorf("word %d = %d, want %d", i, got, want)
				}
			}
			if !reflect.DeepEqual(back, tt.args) {
				t.Errorf("lifted %v, want %v", back, tt.args)
			}
		})
	}
}

func TestResult(t *testing.T) {
	point := recordOf(wit.U8, wit.F64, wit.U16)
	tests := []struct {
		name   string
		result wit.Type
		v      any
		spills bool
		want   uint64 // flat
	}{
		{"none", nil, nil, false, 0},
		{"flat", wit.S16, int16(-1), false, 0xffffffff},
		{"flat record", recordOf(wit.F32), []any{float32(1)}, false, 0x3f800000},
		{"record", point, []any{uint8(1), 2.5, uint16(3)}, true, 0},
		{"string", wit.String, "gopher", true, 0},
		{"result", &wit.Result{OK: wit.U64, Err: wit.String}, Variant{1, "no"}, true, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newGuest(t)
			lifted, lowered := mustFunc(t, funcOf(tt.result, wit.U32))
			flat := make([]uint64, lowered.Signature.Slots())
			flat[0] = 4242
			if tt.spills {
				flat[1] = 512 // where the caller wants it
			}
			var back any
			if err := g.run(t, func(x *Context) {
				lowered.LowerResult(x, flat, tt.v)
				if tt.spills {
					flat[0] = flat[1] // the callee returns where it put it
				}
				back = lifted.LiftResult(x, flat)
			}); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(back, tt.v) {
				t.Errorf("lifted %v, want %v", back, tt.v)
			}
			if !tt.spills && tt.result != nil && flat[0] != tt.want {
				t.Errorf("lowered %#x, want %#x", flat[0], tt.want)
			}
		})
	}
	// A record is in memory as its layout says, not as a row of words.
	g := newGuest(t)
	_, lowered := mustFunc(t, funcOf(point))
	if err := g.run(t, func(x *Context) { lowered.LowerResult(x, []uint64{512}, []any{uint8(1), 2.5, uint16(3)}) }); err != nil {
		t.Fatal(err)
	}
	if got, want := string(g.bytes(512, 24)), "\x01\x00\x00\x00\x00\x00\x00\x00"+"\x00\x00\x00\x00\x00\x00\x04\x40"+"\x03\x00\x00\x00\x00\x00\x00\x00"; got != want {
		t.Errorf("stored % x, want % x", got, want)
	}
}

func TestCallFailures(t *testing.T) {
	lifted, lowered := mustFunc(t, funcOf(wit.String, slices.Repeat([]wit.Type{wit.String}, 9)...))
	args := slices.Repeat([]any{"a"}, 9)
	one, _ := mustFunc(t, funcOf(nil, wit.U8))
	_, none := mustFunc(t, funcOf(nil))
	tests := []struct {
		name  string
		do    func(x *Context)
		want  string
		guest bool
	}{
		{"result at an odd pointer", func(x *Context) { lifted.LiftResult(x, []uint64{514}) }, "unaligned pointer", true},
		{"result outside", func(x *Context) { lifted.LiftResult(x, []uint64{4<<16 - 4}) }, "outside a memory", true},
		{"parameters at an odd pointer", func(x *Context) { lowered.LiftParams(x, []uint64{514, 0}) }, "unaligned pointer", true},
		{"parameters outside", func(x *Context) { lowered.LiftParams(x, []uint64{4<<16 - 64, 0}) }, "outside a memory", true},
		{"result to an odd pointer", func(x *Context) { lowered.LowerResult(x, []uint64{0, 514}, "a") }, "unaligned pointer", true},
		{"result to outside", func(x *Context) { lowered.LowerResult(x, []uint64{0, 4 << 16}, "a") }, "outside a memory", true},
		{"argument of another type", func(x *Context) { lifted.LowerParams(x, []uint64{0}, append(args[:8:8], 1)) }, `parameter "i": int is no value of type string`, false},
		{"flat argument of another type", func(x *Context) { one.LowerParams(x, []uint64{0}, []any{"a"}) }, `parameter "a": string is no value of type u8`, false},
		{"too few arguments", func(x *Context) { lifted.LowerParams(x, []uint64{0}, args[:8]) }, "8 arguments for 9 parameters", false},
		{"result of another type", func(x *Context) { lowered.LowerResult(x, []uint64{0, 512}, 1) }, "result: int is no value of type string", false},
		{"a result too many", func(x *Context) { none.LowerResult(x, nil, 1) }, "result: int for a function without one", false},
		{"short stack for parameters", func(x *Context) { lifted.LowerParams(x, nil, args) }, "1 core values, with room for 0", false},
		{"short stack for arguments", func(x *Context) { lowered.LiftParams(x, []uint64{0}) }, "2 core values, with room for 1", false},
		{"short stack for the result", func(x *Context) { lowered.LowerResult(x, []uint64{0}, "a") }, "2 core values, with room for 1", false},
		{"no stack for the result", func(x *Context) { lifted.LiftResult(x, nil) }, "1 core values, with room for 0", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantFailure(t, newGuest(t).run(t, tt.do), tt.want, tt.guest)
		})
	}
}

// TestBetweenGuests passes a call from one guest to another, with an owned
// and a borrowed resource of a third, and one that the callee defines.
func TestBetweenGuests(t *testing.T) {
	caller, callee := newGuest(t), newGuest(t)
	ownDef := &wit.TypeDef{Name: "door", Type: &wit.Resource{}}
	door := &handle.Resource{Name: "door", Owner: callee}
	resources := func(d *wit.TypeDef) *handle.Resource {
		return map[*wit.TypeDef]*handle.Resource{fileDef: file, ownDef: door}[d]
	}
	f := funcOf(&wit.Handle{Resource: fileDef},
		&wit.Handle{Resource: fileDef}, &wit.Handle{Resource: fileDef, Borrow: true},
		&wit.Handle{Resource: ownDef, Borrow: true}, listOf(wit.String))
	lifted, lowered := mustFunc(t, f)

	var scope handle.Scope
	in := func(g *guest, do func(x *Context)) {
		t.Helper()
		if err := g.run(t, func(x *Context) { x.Scope, x.Resource = &scope, resources; do(x) }); err != nil {
			t.Fatal(err)
		}
	}
	for _, rep := range []uint32{100, 200} {
		caller.table.LowerOwn(file, rep)
	}
	caller.table.LowerOwn(door, 300)

	stack := []uint64{1, 2, 3, 0, 0}
	var args []any
	in(caller, func(x *Context) {
		LowerFlat(x, stack[3:], mustType(t, listOf(wit.String)), []any{"x", "yz"})
		args = lowered.LiftParams(x, stack)
	})
	if want := []any{Own{file, 100}, Borrow{file, 200}, Borrow{door, 300}, []any{"x", "yz"}}; !reflect.DeepEqual(args, want) {
		t.Fatalf("lifted %v, want %v", args, want)
	}
	flat := make([]uint64, lifted.Signature.Slots())
	callee.set("next", 2048)
	in(callee, func(x *Context) { lifted.LowerParams(x, flat, args) })
	if want := []uint64{1, 2, 300, 2048, 2}; !slices.Equal(flat, want) {
		t.Fatalf("lowered %v, want %v", flat, want)
	}

	if _, err := caller.table.LiftOwn(file, 2); err == nil {
		t.Error("handed over what is lent")
	}
	if err := scope.Return(); err == nil {
		t.Error("returned with a borrow left")
	}
	if _, owned, err := callee.table.Drop(file, 2); owned || err != nil {
		t.Errorf("dropping the borrow: owned %v, %v", owned, err)
	}
	var result any
	in(callee, func(x *Context) { result = lifted.LiftResult(x, []uint64{1, 0, 0, 0, 0}) })
	if err := scope.Return(); err != nil {
		t.Error(err)
	}
	in(caller, func(x *Context) { lowered.LowerResult(x, stack, result) })
	scope.GiveBack()
	if rep, err := caller.table.Rep(file, uint32(stack[0])); rep != 100 || err != nil {
		t.Errorf("got back %d, %v, want 100", rep, err)
	}
	if _, err := caller.table.LiftOwn(file, 2); err != nil {
		t.Errorf("after the call: %v", err)
	}
	if callee.table.Len() != 0 {
		t.Errorf("the callee holds %d handles", callee.table.Len())
	}
}
