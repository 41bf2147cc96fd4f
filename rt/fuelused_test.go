package rt_test

import (
	"context"
	"testing"

	"github.com/witgen/witgen/rt"
)

// TestWithFuelUsed has calls say what each has used.
func TestWithFuelUsed(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		c := spinner.compile(t, e)
		host := hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue})
		for name, limits := range map[string]rt.Limits{"without a limit": {}, "with one": {Fuel: 10_000_000}} {
			in := startMetered(t, c, limits, host)
			f, err := in.Func("", "count")
			if err != nil {
				t.Fatal(err)
			}
			var used uint64
			ctx := rt.WithFuelUsed(t.Context(), &used)
			before, err := in.FuelUsed(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for n := range uint32(5) {
				if _, err := f.Call(ctx, 1+n*1000); err != nil {
					t.Fatal(err)
				}
				after, err := in.FuelUsed(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if used != after-before || used == 0 {
					t.Errorf("%s: call %d says %d, want %d", name, n, used, after-before)
				}
				said := used
				if _, err := f.Call(t.Context(), 1+n*1000); err != nil { // without
					t.Fatal(err)
				}
				if used != said {
					t.Errorf("%s: a call that was not asked says %d", name, used)
				}
				if before, err = in.FuelUsed(t.Context()); err != nil || before-after != said {
					t.Errorf("%s: the same call used %d, before %d, %v", name, before-after, said, err)
				}
			}
		}
	})
}

// TestWithFuelUsedTrap has a call say what it has used until it was stopped.
func TestWithFuelUsedTrap(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		c := spinner.compile(t, e)
		host := hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue})
		const limit = 1_000_000
		in := startMetered(t, c, rt.Limits{Fuel: limit}, host)
		f, err := in.Func("", "count")
		if err != nil {
			t.Fatal(err)
		}
		var used uint64
		if _, err := f.Call(rt.WithBuffer(rt.WithFuelUsed(context.Background(), &used), nil), uint32(1<<31)); err == nil {
			t.Fatal("it was not stopped")
		}
		if used < limit || used > limit+1000 {
			t.Errorf("got %d, want the limit of %d and what was begun", used, limit)
		}
	})
}

func startMetered(t *testing.T, c *rt.Component, limits rt.Limits, host rt.HostInstance) *rt.Instance {
	t.Helper()
	in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Limits: limits, Host: []rt.HostInstance{host}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(context.Background()) })
	return in
}
