package dyn

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// TestRoundTrip stores and lowers random values and lifts them again, in a
// memory that moves whenever the guest allocates.
func TestRoundTrip(t *testing.T) {
	g := newGuest(t)
	rnd := rand.New(rand.NewPCG(2, 2))
	flats := 0
	for i := range 4000 {
		typ := randomType(rnd, 4)
		v := randomValue(rnd, typ)
		ready := mustType(t, typ)
		g.set("next", 4096)
		g.set("grow", uint64(i/50&1))
		g.table, g.scope = &handle.Table{Owner: g}, handle.Scope{}

		var loaded, lifted any
		guard := uint64(0xa5a5a5a5a5a5a5a5)
		err := g.run(t, func(x *Context) {
			x.Mem.StoreU64(ready.size+1024, guard)
			Store(x, 1024, ready, v)
			loaded = Load(x, 1024, ready)
			if got := x.Mem.LoadU64(ready.size + 1024); x.Mem.Err() == nil && got != guard {
				t.Errorf("%s: wrote past the end: %x", wit.TypeText(typ), got)
			}
			if lifted = v; ready.flat < layout.MaxFlat {
				flats++
				flat := make([]uint64, ready.flat)
				LowerFlat(x, flat, ready, v)
				lifted = LiftFlat(x, flat, ready)
			}
		})
		if ready.size > 2048 || err != nil {
			t.Fatalf("%s: %v", wit.TypeText(typ), err)
		}
		if !reflect.DeepEqual(loaded, v) {
			t.Fatalf("%s: loaded %#v, want %#v", wit.TypeText(typ), loaded, v)
		}
		if !reflect.DeepEqual(lifted, v) {
			t.Fatalf("%s: lifted %#v, want %#v", wit.TypeText(typ), lifted, v)
		}
	}
	if flats < 1000 {
		t.Errorf("only %d values were flat", flats)
	}
	if pages := g.opts.Memory.Size() >> 16; pages != 128 {
		t.Errorf("memory has %d pages: it did not grow", pages)
	}
}
