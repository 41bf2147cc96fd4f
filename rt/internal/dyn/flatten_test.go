package dyn

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// TestFlatten lifts random values from the core values that those in memory
// are flattened to.
func TestFlatten(t *testing.T) {
	g := newGuest(t)
	rnd := rand.New(rand.NewPCG(11, 11))
	flats := 0
	for range 3000 {
		typ := randomType(rnd, 4)
		ready := mustType(t, typ)
		if ready.flat >= layout.MaxFlat {
			continue
		}
		flats++
		v := randomValue(rnd, typ)
		g.set("next", 4096)
		g.table, g.scope = &handle.Table{Owner: g}, handle.Scope{}
		var lifted any
		flat := make([]uint64, layout.MaxFlat)
		for i := range flat {
			flat[i] = rnd.Uint64() // what calls before it left
		}
		beyond := flat[ready.flat]
		err := g.run(t, func(x *Context) {
			Store(x, 1024, ready, v)
			Flatten(x.Mem, 1024, ready, flat)
			lifted = LiftFlat(x, flat, ready)
		})
		if err != nil || !reflect.DeepEqual(lifted, v) {
			t.Fatalf("%s: lifted %#v, want %#v: %v", wit.TypeText(typ), lifted, v, err)
		}
		if flat[ready.flat] != beyond {
			t.Fatalf("%s: %d core values, and one more was written", wit.TypeText(typ), ready.flat)
		}
	}
	if flats < 1000 {
		t.Errorf("only %d values were flat", flats)
	}
}

// TestFlattenHostile flattens what is not in memory, or has no such case.
func TestFlattenHostile(t *testing.T) {
	g := newGuest(t)
	pair := mustType(t, tupleOf(wit.U64, wit.U8))
	choice := mustType(t, variantOf(nil, wit.U64))
	long := mustType(t, fixedOf(wit.U8, layout.MaxFlat))
	flat := make([]uint64, layout.MaxFlat)
	for _, tt := range []struct {
		name string
		ptr  uint32
		t    *Type
	}{{"outside", 1<<32 - 16, pair}, {"unaligned", 1025, pair}, {"too many", 1024, long}} {
		if err := g.run(t, func(x *Context) { Flatten(x.Mem, tt.ptr, tt.t, flat) }); err == nil {
			t.Errorf("%s: no error", tt.name)
		}
	}
	var lifted error
	err := g.run(t, func(x *Context) {
		x.Mem.StoreU64(1024, 7)
		x.Mem.StoreU64(1032, 1<<40)
		Flatten(x.Mem, 1024, choice, flat)
		if lifted = x.Mem.Err(); flat[0] != 7 || flat[1] != 0 {
			t.Errorf("got %d and %d, want the case as it is, and nothing in it", flat[0], flat[1])
		}
		LiftFlat(x, flat, choice)
	})
	if lifted != nil || err == nil {
		t.Errorf("no such case: %v flattened, %v lifted", lifted, err)
	}
}

// TestStoreResult stores results of one core value.
func TestStoreResult(t *testing.T) {
	g := newGuest(t)
	for _, typ := range []wit.Type{wit.Bool, wit.S8, wit.U16, wit.Char, wit.F32, wit.F64, wit.S64, enumOf(300), flagsOf(9), variantOf(nil, nil), recordOf(wit.S16), fixedOf(wit.U32, 1)} {
		rnd := rand.New(rand.NewPCG(3, 3))
		for range 20 {
			v := randomValue(rnd, typ)
			f, err := Lower(&wit.Func{Name: "f", Result: typ})
			if err != nil {
				t.Fatal(err)
			}
			var loaded any
			guard := uint64(0xa5a5a5a5a5a5a5a5)
			err = g.run(t, func(x *Context) {
				x.Mem.StoreU64(1024+f.result.size, guard)
				flat := make([]uint64, 1)
				LowerFlat(x, flat, f.result, v)
				f.StoreResult(x.Mem, 1024, flat[0])
				if got := x.Mem.LoadU64(1024 + f.result.size); got != guard {
					t.Errorf("%s: wrote past the end: %x", wit.TypeText(typ), got)
				}
				loaded = Load(x, 1024, f.result)
			})
			if err != nil || !reflect.DeepEqual(loaded, v) {
				t.Errorf("%s: loaded %#v, want %#v: %v", wit.TypeText(typ), loaded, v, err)
			}
		}
	}
}
