package rt_test

import (
	"math"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/witgen/witgen/rt"
)

// TestFuelHuge gives each call more fuel than can be counted: what all calls
// may use together holds all the same.
func TestFuelHuge(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		c := (&guest{
			world: "export f: func(n: u32);",
			funcs: map[string]body{"f": does(loop, get(0), i32(1), sub, tee(0), brIf(0), end)},
		}).compile(t, e)
		for _, fuel := range []uint64{math.MaxUint64, math.MaxUint64 - 1, math.MaxInt64} {
			in := startWith(t, c, rt.Limits{Fuel: fuel, AllFuel: 1000})
			calls := 0
			var err error
			for ; err == nil && calls < 200; calls++ {
				_, err = invoke(t, in, "f", uint32(20))
			}
			wantTrap(t, in, err, rt.TrapFuel, "fuel used up")
			in = startWith(t, c, rt.Limits{Fuel: fuel})
			for range 10 {
				must(t, in, "f", uint32(20))
			}
		}
	})
}

// TestProcessorShared runs a guest on the only processor there is: others, such
// as what ends its context, run each time it gets fuel.
func TestProcessorShared(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c := (&guest{
		world: "export f: func(n: u32);",
		funcs: map[string]body{"f": does(loop, get(0), i32(1), sub, tee(0), brIf(0), end)},
	}).compile(t, e)
	in := startWith(t, c, rt.Limits{})
	f, err := in.Func("", "f")
	if err != nil {
		t.Fatal(err)
	}
	var done atomic.Bool
	turns, over := 0, make(chan struct{})
	go func() {
		defer close(over)
		for !done.Load() {
			turns++
			runtime.Gosched()
		}
	}()
	if _, err := f.Call(t.Context(), uint32(10_000_000)); err != nil {
		t.Fatal(err)
	}
	done.Store(true)
	<-over
	used, err := in.FuelUsed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if fuel := int(used / 1_000_000); turns < fuel/2 {
		t.Errorf("another goroutine ran %d times while the guest was given fuel %d times", turns, fuel)
	}
}
