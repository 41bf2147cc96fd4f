package dyn

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/wit/layout"
)

// FuzzLoad lifts random types from memory and core values that hold whatever
// a guest may have put there. What can be lifted can be lowered and lifted
// again.
func FuzzLoad(f *testing.F) {
	g := newGuest(f)
	f.Add(uint64(1), uint32(0), []byte("\x00\x04\x00\x00\x03\x00\x00\x00gopher"))
	f.Add(uint64(2), uint32(0xfffffffc), []byte("\xff\xff\xff\xff\xff\xff\xff\x7f"))
	for seed := range uint64(60) {
		f.Add(seed, uint32(1024), []byte{1, 0, 0, 0, 4, 4, 0, 0, 2, 0, 0, 0, 0, 4, 0, 0, 1, 0, 0, 0})
	}
	f.Fuzz(func(t *testing.T, seed uint64, ptr uint32, mem []byte) {
		rnd := rand.New(rand.NewPCG(seed, seed))
		typ := mustType(t, randomType(rnd, 4))
		g.opts.Memory.Write(1024, make([]byte, 4096))
		g.opts.Memory.Write(1024, mem[:min(len(mem), 2048)])
		g.set("next", 8192)
		g.opts.Encoding = stringEncodings[seed%3]
		fill := func() {
			g.table, g.scope = &handle.Table{Owner: g}, handle.Scope{}
			for rep := range uint32(3) {
				g.table.LowerOwn(file, rep)
			}
		}
		fill()
		g.run(t, func(x *Context) { Load(x, ptr, typ) })
		fill()
		flat := make([]uint64, layout.MaxFlat)
		for i := range flat {
			if flat[i] = rnd.Uint64(); len(mem) > i {
				flat[i] = uint64(mem[i]) << (8 * (seed & 3))
			}
		}
		var v any
		lift := func(x *Context) { v = LiftFlat(x, flat, typ) }
		if typ.flat >= layout.MaxFlat {
			lift = func(x *Context) { v = Load(x, 1024, typ) }
		}
		if g.run(t, lift) != nil {
			return
		}
		var again any
		if err := g.run(t, func(x *Context) {
			Store(x, 4096, typ, v)
			again = Load(x, 4096, typ)
		}); err != nil {
			if strings.Contains(err.Error(), "realloc return: beyond") || strings.Contains(err.Error(), "out of bounds memory access") {
				return // more than the guest has room for
			}
			t.Fatalf("storing %#v: %v", v, err)
		}
		if !equal(v, again) {
			t.Fatalf("got %#v, want %#v", again, v)
		}
	})
}

// equal compares values deeply, with NaNs equal to one another.
func equal(a, b any) bool {
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case Variant:
		b, ok := b.(Variant)
		return ok && a.Case == b.Case && equal(a.Value, b.Value)
	}
	return same(a, b)
}
