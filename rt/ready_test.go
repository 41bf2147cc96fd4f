package rt_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/witgen/witgen/golden/calls/calls"
	"github.com/witgen/witgen/rt"
)

// TestReady has first calls of instances allocate no stack if they were made ready
// before, and one if they were not. What each allocates is the least of several: there
// may be others that allocate.
func TestReady(t *testing.T) {
	p, err := callsPrepared()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name        string
		ready       bool
		least, most uint64
	}{{"ready", true, 0, 4 << 10}, {"not ready", false, 20 << 10, 200 << 10}} {
		least := ^uint64(0)
		for range 5 {
			in, err := p.Instantiate(t.Context(), calls.Imports{Host: callsHost{}}, rt.InstanceConfig{})
			if err != nil {
				t.Fatal(err)
			}
			if tt.ready {
				for range 2 { // as it does not matter whether it was before
					if err := in.RT().Ready(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s, err := in.Guest.Echo(t.Context(), "x") // which has the guest allocate, too
			runtime.ReadMemStats(&after)
			if err != nil || s != "x" {
				t.Errorf("%s: %q, %v", tt.name, s, err)
			}
			least = min(least, after.TotalAlloc-before.TotalAlloc)
			if err := in.Close(context.Background()); err != nil {
				t.Fatal(err)
			}
			if err := in.RT().Ready(t.Context()); !errors.Is(err, rt.ErrClosed) {
				t.Errorf("a closed instance: %v", err)
			}
		}
		if least < tt.least || least > tt.most {
			t.Errorf("%s: a first call allocates %d bytes, want %d to %d", tt.name, least, tt.least, tt.most)
		}
	}
}
