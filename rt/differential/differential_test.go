// Package differential_test holds generated glue against package dyn, which
// walks the types and knows nothing of it: what one of them writes the other
// has to read, and for the same values both have to write the same bytes and
// ask for the same allocations. With
//
//	go test ./rt/differential -run Glue -seed 1 -rounds 100000
//
// the values are others, and more. The glue is that of the golden packages;
// package golden/random has these tests look at that of random worlds, too.
package differential_test

import (
	"flag"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var (
	seed   = flag.Uint64("seed", 7, "where random values begin")
	rounds = flag.Int("rounds", 100, "random calls of each function")
)

// TestGlueValues makes calls with random values.
func TestGlueValues(t *testing.T) {
	for n, g := range newGlue(t) {
		t.Run(g.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(n), *seed))
			for range *rounds {
				args, result := g.random(r)
				g.compare(t, args, result)
			}
		})
	}
}

// random returns arguments and a result of the function.
func (g *glue) random(r *rand.Rand) (args []any, result any) {
	for _, p := range g.fn.Params {
		args = append(args, randomValue(r, p.Type))
	}
	return args, randomValue(r, g.fn.Result)
}

// compare makes one call through the glue. Beside it, want and back are
// what the callee's and the caller's memories have to become.
func (g *glue) compare(t *testing.T, args []any, result any) {
	t.Helper()
	g.caller.reset()
	g.callee.reset()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v -> %v: %v", args, result, err)
		}
	}
	want, back := newSide(), newSide()
	wantStack := make([]uint64, g.lift.Signature.Slots())
	err := g.lowered(want, wantStack, args)
	backStack, backErr := g.begin(back, args)
	if err == nil && backErr == nil {
		backErr = g.end(back, backStack, result)
	}
	if crowded(err) || crowded(backErr) {
		return
	}
	must(err)
	must(backErr)

	called := false
	g.core.run = func(stack []uint64) {
		called = true
		if d := g.callee.differs(want); d != "" || !slices.Equal(stack, wantStack) {
			t.Errorf("%v: the callee got the core values %#x, want %#x; %s", args, stack, wantStack, d)
		}
		got, err := g.lifted(g.callee, stack)
		must(err)
		if !same(got, args) {
			t.Errorf("the callee got %v, want %v", got, args)
		}
		must(g.finish(g.callee, stack, result))
	}
	stack, err := g.begin(g.caller, args)
	must(err)
	must(g.caller.answer(g.call, stack))

	if !called {
		t.Fatal("the callee was not called")
	}
	if d := g.caller.differs(back); d != "" || !slices.Equal(stack, backStack) {
		t.Errorf("%v: the caller got the core values %#x, want %#x; %s", result, stack, backStack, d)
	}
	got, err := g.result(g.caller, stack)
	must(err)
	if !same(got, result) {
		t.Errorf("the caller got %v, want %v", got, result)
	}
}

// crowded reports whether values have no room on a side, as large ones of random
// worlds may have not.
func crowded(err error) bool {
	return err != nil && strings.Contains(err.Error(), "beyond end of memory")
}
