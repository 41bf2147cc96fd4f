package dyn

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

var stringEncodings = []task.Encoding{task.UTF8, task.UTF16, task.Latin1UTF16}

// untexted returns a value with its texts as strings.
func untexted(v any) any {
	switch v := v.(type) {
	case abi.Text:
		return v.String()
	case []any:
		v = slices.Clone(v)
		for i := range v {
			v[i] = untexted(v[i])
		}
		return v
	case Variant:
		v.Value = untexted(v.Value)
		return v
	}
	return v
}

// holdsString reports whether there is a string in a value that is no text.
func holdsString(v any) bool {
	switch v := v.(type) {
	case string:
		return true
	case []any:
		return slices.ContainsFunc(v, holdsString)
	case Variant:
		return holdsString(v.Value)
	}
	return false
}

// TestTransferRoundTrip passes random values of the host to a guest, from it
// to another, and from there back, through memory and through core values.
// Each has its own string encoding, and memories that move.
func TestTransferRoundTrip(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	texts := 0
	for _, e1 := range stringEncodings {
		for _, e2 := range stringEncodings {
			g1, g2 := newGuest(t), newGuest(t)
			g1.opts.Encoding, g2.opts.Encoding = e1, e2
			g1.set("grow", 1)
			g2.set("grow", 1)
			for range 400 {
				typ := randomType(rnd, 3)
				v := randomValue(rnd, typ)
				ready := mustType(t, typ)
				for _, g := range []*guest{g1, g2} {
					g.set("next", 8192)
					g.table, g.scope = &handle.Table{Owner: g}, handle.Scope{}
				}
				flat := ready.flat < layout.MaxFlat
				core := make([]uint64, layout.MaxFlat)
				put := func(v any) func(x *Context) {
					return func(x *Context) {
						if Store(x, 1024, ready, v); flat {
							LowerFlat(x, core, ready, v)
						}
					}
				}
				get := func(transfer bool, loaded, lifted *any) func(x *Context) {
					return func(x *Context) {
						x.Transfer = transfer
						if *loaded = Load(x, 1024, ready); flat {
							// The first load took what handles there were.
							*lifted = *loaded
							if x.Table.Len() > 0 || !holdsHandle(v) {
								*lifted = LiftFlat(x, core, ready)
							}
						}
					}
				}
				var on, onFlat, back, backFlat any
				for i, err := range []error{
					g1.run(t, put(v)), g1.run(t, get(true, &on, &onFlat)),
					g2.run(t, put(on)), g2.run(t, get(false, &back, &backFlat)),
				} {
					if err != nil {
						t.Fatalf("%s: step %d: %v", wit.TypeText(typ), i, err)
					}
				}
				if holdsString(on) {
					t.Fatalf("%s: %#v has a string that is no text", wit.TypeText(typ), on)
				}
				if holdsString(v) {
					texts++
				}
				if !equal(untexted(on), v) || !equal(back, v) || flat && (!equal(untexted(onFlat), v) || !equal(backFlat, v)) {
					t.Fatalf("%s: got %#v, then %#v, want %#v", wit.TypeText(typ), on, back, v)
				}
			}
		}
	}
	if texts < 500 {
		t.Errorf("only %d values with strings", texts)
	}
}

// holdsHandle reports whether there is a handle in a value.
func holdsHandle(v any) bool {
	switch v := v.(type) {
	case Own, Borrow:
		return true
	case []any:
		return slices.ContainsFunc(v, holdsHandle)
	case Variant:
		return holdsHandle(v.Value)
	}
	return false
}

// TestTransferReallocs passes strings between guests: how often the second
// one's realloc is called depends on how they lay in the first.
func TestTransferReallocs(t *testing.T) {
	for _, tt := range []struct {
		s        string
		from, to task.Encoding
		transfer uint64 // calls
		host     uint64 // calls when the host passes the string itself
	}{
		{"a€", task.UTF8, task.UTF8, 1, 1},
		{"a€", task.UTF16, task.UTF8, 3, 1},
		{"né", task.Latin1UTF16, task.UTF8, 3, 1},
		{"éé", task.Latin1UTF16, task.UTF8, 2, 1},
		{"né", task.UTF16, task.UTF16, 1, 2},
		{"né", task.Latin1UTF16, task.UTF16, 1, 2},
		{"né", task.Latin1UTF16, task.Latin1UTF16, 1, 2},
		{"n€", task.Latin1UTF16, task.Latin1UTF16, 1, 3},
	} {
		typ := mustType(t, listOf(wit.String))
		g1, g2 := newGuest(t), newGuest(t)
		g1.opts.Encoding, g2.opts.Encoding = tt.from, tt.to
		pass := func(transfer bool) uint64 {
			var v any
			calls := g2.calls()
			for _, err := range []error{
				g1.run(t, func(x *Context) { Store(x, 256, typ, []any{tt.s, ""}) }),
				g1.run(t, func(x *Context) {
					x.Transfer = transfer
					v = Load(x, 256, typ)
				}),
				g2.run(t, func(x *Context) { Store(x, 256, typ, v) }),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			return g2.calls() - calls - 2 // for the list and the empty string
		}
		if got := pass(true); got != tt.transfer {
			t.Errorf("%q, %d to %d: realloc was called %d times, want %d", tt.s, tt.from, tt.to, got, tt.transfer)
		}
		if got := pass(false); got != tt.host {
			t.Errorf("%q, host to %d: realloc was called %d times, want %d", tt.s, tt.to, got, tt.host)
		}
	}
}

// TestTransferCall passes a string through whole calls, in both directions.
func TestTransferCall(t *testing.T) {
	f := &wit.Func{Name: "f", Params: []wit.Param{{Name: "a", Type: wit.String}}, Result: wit.String}
	out, err := Lower(f)
	if err != nil {
		t.Fatal(err)
	}
	into, err := Lift(f)
	if err != nil {
		t.Fatal(err)
	}
	caller, callee := newGuest(t), newGuest(t)
	caller.opts.Encoding, callee.opts.Encoding = task.UTF16, task.Latin1UTF16
	caller.opts.Memory.Write(512, []byte("n\x00\xac\x20"))
	transfer := func(do func(x *Context)) func(x *Context) {
		return func(x *Context) {
			x.Transfer = true
			do(x)
		}
	}
	var args []any
	var result any
	stack, flat := []uint64{512, 2, 128}, make([]uint64, 17)
	for i, err := range []error{
		caller.run(t, transfer(func(x *Context) { args = out.LiftParams(x, stack) })),
		callee.run(t, transfer(func(x *Context) { into.LowerParams(x, flat, args) })),
		callee.run(t, transfer(func(x *Context) {
			x.Mem.StorePair(256, uint32(flat[0]), uint32(flat[1]))
			result = into.LiftResult(x, []uint64{256, 0})
		})),
		caller.run(t, transfer(func(x *Context) { out.LowerResult(x, stack, result) })),
	} {
		if err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	if flat[1] != 2|1<<31 {
		t.Errorf("the callee has a length of %#x", flat[1])
	}
	if got := string(caller.bytes(128, 8)); got[4:] != "\x02\x00\x00\x00" {
		t.Errorf("the caller has pointer and length % x", got)
	}
}

// TestTransferMismatch lowers texts where no string is wanted.
func TestTransferMismatch(t *testing.T) {
	g := newGuest(t)
	for _, typ := range []wit.Type{wit.U32, listOf(wit.U8), listOf(wit.String), enumOf(2)} {
		err := g.run(t, func(x *Context) { Store(x, 256, mustType(t, typ), abi.Text{}) })
		wantFailure(t, err, "abi.Text", false)
	}
}

// TestTransferGuestFailures lifts texts that are none.
func TestTransferGuestFailures(t *testing.T) {
	for _, tt := range []struct {
		e    task.Encoding
		ptr  uint64
		want string
	}{
		{task.UTF8, 512, "invalid utf-8"},
		{task.UTF16, 512, "unpaired surrogate found: dcff"},
		{task.Latin1UTF16, 513, "unaligned pointer: string pointer not aligned to 2"},
	} {
		g := newGuest(t)
		g.opts.Encoding = tt.e
		g.opts.Memory.Write(512, []byte("\xff\xdc"))
		err := g.run(t, func(x *Context) {
			x.Transfer = true
			LiftFlat(x, []uint64{tt.ptr, 1}, mustType(t, wit.String))
		})
		wantFailure(t, err, tt.want, true)
	}
}

// TestTransferBudget holds that what stands behind an any was charged for.
func TestTransferBudget(t *testing.T) {
	if n := unsafe.Sizeof(abi.Text{}); n > boxed {
		t.Errorf("a text takes %d bytes, %d are charged", n, boxed)
	}
	g := newGuest(t)
	g.opts.Encoding = task.UTF16
	typ := mustType(t, listOf(wit.String))
	g.opts.Memory.Write(0, []byte(strings.Repeat("\xac\x20", 1<<15)))
	err := g.run(t, func(x *Context) {
		x.Transfer = true
		x.Mem.Charge(126 << 20)
		for i := range uint32(100) {
			x.Mem.StorePair(1<<16+8*i, 0, 1<<15)
		}
		LiftFlat(x, []uint64{1 << 16, 100}, typ)
	})
	wantFailure(t, err, "lifted more than", true)
}
