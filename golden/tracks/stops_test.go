package tracks_test

import (
	"context"
	"errors"
	"testing"

	"github.com/witgen/witgen/golden/tracks/v0_3/tracks"
	"github.com/witgen/witgen/rt"
)

// stopped checks that a guest was stopped, and cannot be called any more.
func stopped(t *testing.T, p *tracks.Tracks, err error) *rt.Trap {
	t.Helper()
	trap, ok := errors.AsType[*rt.Trap](err)
	if !ok {
		t.Fatalf("got %v, want a trap", err)
	}
	if _, err := p.Handler.Live(t.Context()); !errors.Is(err, rt.ErrDead) {
		t.Errorf("after it: %v", err)
	}
	return trap
}

// TestStopsWithResources stops guests that have resources of the host, which are
// closed once with the instance.
func TestStopsWithResources(t *testing.T) {
	for _, what := range []string{"sinks", "gauge"} {
		p, h := start(t, "0.1")
		h.reply = uint64(1 << 40)
		_, err := p.Script(t.Context(), what)
		if stopped(t, p, err); !errors.Is(err, rt.ErrLossy) {
			t.Errorf("%s: got %v", what, err)
		}
		if open := h.open.Load(); open == 0 {
			t.Errorf("%s: the guest has nothing of the host's", what)
		}
	}
}

// TestPanics has what a guest calls panic, behind conversions and behind a function
// that is the user's.
func TestPanics(t *testing.T) {
	for _, version := range []string{"0.1", "0.2", "0.3"} {
		for _, what := range []string{"beep", "say"} {
			if what == "beep" && version != "0.1" {
				continue
			}
			p, h := start(t, version)
			mine := errors.New("mine")
			h.reply = func() { panic(mine) }
			_, err := p.Script(t.Context(), what)
			if trap := stopped(t, p, err); trap.Kind != rt.TrapHostPanic || !errors.Is(err, mine) {
				t.Errorf("%s %s: got %v", version, what, err)
			}
		}
	}
}

// TestAsync has async functions answer what cannot be said, and end with their
// context.
func TestAsync(t *testing.T) {
	for _, version := range []string{"0.1", "0.2", "0.3"} {
		p, _ := start(t, version)
		n, err := p.Work.Wait(t.Context(), 9)
		if version == "0.1" {
			if stopped(t, p, err); !errors.Is(err, rt.ErrLossy) {
				t.Errorf("got %v", err)
			}
		} else if n != 1<<40 || err != nil {
			t.Errorf("%s: wait = %d, %v", version, n, err)
		}

		p, h := start(t, version)
		ctx, cancel := context.WithCancelCause(t.Context())
		mine := errors.New("mine")
		h.reply = func() { cancel(mine) } // once the host is waiting
		if _, err = p.Work.Wait(ctx, 8); !errors.Is(err, mine) {
			t.Errorf("%s: wait with a context that ends: %v", version, err)
		}
	}
}
