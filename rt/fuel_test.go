package rt_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"testing"
	"time"

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

// due is a context whose deadline is over, and that is done once another goroutine
// has had a processor. It counts how often it was asked for the deadline.
type due struct {
	context.Context
	end   func(cause error)
	asked int
}

func (d *due) Deadline() (time.Time, bool) {
	if d.asked++; d.asked == 1 {
		go d.end(errStopped)
	}
	return time.Now(), true
}

// TestOnlyProcessor runs a guest without an end on the only processor there is,
// by a context whose deadline is over: what ends that context has to get the
// processor before the scheduler takes it from the guest, which would be many
// looks at the clock later.
func TestOnlyProcessor(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c := spinner.compile(t, e)
	for range 21 {
		in := startFrom(t, c, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue}))
		ctx, end := context.WithCancelCause(t.Context())
		d := &due{Context: ctx, end: end}
		_, err := invokeWith(d, t, in, "spin")
		if !errors.Is(err, rt.ErrDeadline) || !errors.Is(err, errStopped) {
			t.Fatalf("stopped by %v", err)
		}
		if d.asked > 3 {
			t.Errorf("stopped after %d looks at the clock, want 3 at most", d.asked)
		}
	}
}

// never is a context with a deadline at which it does not end.
type never struct{ context.Context }

func (never) Deadline() (time.Time, bool) { return time.Now(), true }

// TestDeadlineOfNothing calls by a context whose deadline means nothing.
func TestDeadlineOfNothing(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	in := startFrom(t, spinner.compile(t, e), hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue}))
	if got, err := invokeWith(never{t.Context()}, t, in, "count", uint32(1_000_000)); err != nil || got != uint32(7) {
		t.Errorf("got %v, %v", got, err)
	}
}

// looks is a context that is done when it was asked for the second time.
type looks struct {
	context.Context
	asked int
}

func (l *looks) Err() error {
	if l.asked++; l.asked > 1 {
		return context.Canceled
	}
	return nil
}

// TestLooks looks whether a call with a budget is to end as it begins and not once
// more when it gets its first fuel, and then each time that it gets some.
func TestLooks(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		c := (&guest{
			world: "export count: func(n: u32) -> u32; export spin: func();",
			funcs: map[string]body{"count": spinner.funcs["count"], "spin": spinner.funcs["spin"]},
		}).compile(t, e)
		for _, limits := range []rt.Limits{{Fuel: 1 << 40}, {AllFuel: 1 << 40}} {
			in := startWith(t, c, limits)
			for range 3 {
				ctx := &looks{Context: t.Context()}
				if got, err := invokeWith(ctx, t, in, "count", uint32(10)); err != nil || got != uint32(7) || ctx.asked != 1 {
					t.Errorf("got %v, %v, with %d looks, want one", got, err, ctx.asked)
				}
			}
			_, err := invokeWith(&looks{Context: t.Context()}, t, in, "spin")
			wantTrap(t, in, err, rt.TrapDeadline, "context done")
		}
	})
}
