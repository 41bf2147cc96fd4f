package plugin_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt/plugin"
)

// TestRollbackOvertakes takes back what serves when it is the rollback's turn:
// what was being loaded may be that.
func TestRollbackOvertakes(t *testing.T) {
	seen := &events{}
	var s *plugin.Slot[*api.Plugin]
	var back atomic.Pointer[chan error]
	h := observed(t, listener(func(e plugin.Event) {
		seen.Happened(e)
		if e.Kind != plugin.Reached || e.Stage != plugin.Warm {
			return
		}
		if ended := back.Swap(nil); ended != nil { // it swaps next, whoever overtakes it
			go func() { *ended <- s.Rollback(t.Context(), "worse") }()
			time.Sleep(100 * time.Millisecond)
		}
	}))
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Load(t.Context(), another(t, "c/data-processor", 1))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	back.Store(&ended)
	third, err := s.Load(t.Context(), another(t, "c/data-processor", 2))
	if err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	st := s.Status()
	if st.Stable.Digest != second.Digest() || len(st.Quarantine) != 1 || st.Quarantine[0].Digest != third.Digest() {
		t.Errorf("%s serves, quarantined is %+v", st.Stable.Digest.Short(), st.Quarantine)
	}
}

// TestRetryLifts tries again what is in quarantine: once it serves, it is there
// no more, and may be loaded as any other.
func TestRetryLifts(t *testing.T) {
	h := newHost(t)
	s := add(t, h, "data", func(context.Context) error { return nil })
	bad, good := another(t, "c/data-processor", 1), guest(t, "c/data-processor")
	broken := errors.New("broken")
	h.Fault(func(_ string, at plugin.Stage) error {
		if at == plugin.Warm {
			return broken
		}
		return nil
	})
	if _, err := s.Load(t.Context(), bad); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	h.Fault(nil)
	if _, err := s.Retry(t.Context(), bad); err != nil {
		t.Fatal(err)
	}
	if q := s.Status().Quarantine; len(q) != 0 {
		t.Errorf("what serves is in quarantine: %+v", q)
	}
	for _, from := range []plugin.Source{good, bad} {
		if _, err := s.Load(t.Context(), from); err != nil {
			t.Error(err)
		}
	}
}

// TestQuarantineBound fails more revisions than are remembered: the latest are.
func TestQuarantineBound(t *testing.T) {
	h := newHost(t)
	s := add(t, h, "data", func(context.Context) error { return nil })
	broken := errors.New("broken")
	h.Fault(func(_ string, at plugin.Stage) error {
		if at == plugin.Compile {
			return broken
		}
		return nil
	})
	const n, most = 40, 32
	wasm, err := os.ReadFile(guests.Plugin("c/data-processor"))
	if err != nil {
		t.Fatal(err)
	}
	another := func(i int) plugin.Source {
		return plugin.Bytes("data", append(slices.Clone(wasm), 0, 3, 1, 'a', byte(i)))
	}
	for i := range n {
		if _, err := s.Load(t.Context(), another(i)); !errors.Is(err, broken) {
			t.Fatal(err)
		}
	}
	if got := len(s.Status().Quarantine); got != most {
		t.Errorf("%d revisions are in quarantine, want %d", got, most)
	}
	for i := range most {
		if _, err := s.Load(t.Context(), another(n-1-i)); !errors.Is(err, plugin.ErrQuarantined) {
			t.Fatalf("the one that failed %d before the last: %v", i, err)
		}
	}
	if _, err := s.Load(t.Context(), another(0)); errors.Is(err, plugin.ErrQuarantined) {
		t.Errorf("the one that failed first: %v", err)
	}
}

// TestLoadWhileTrial loads what takes part in a trial: all calls go to it.
func TestLoadWhileTrial(t *testing.T) {
	h := newHost(t)
	s := add(t, h, "data", func(context.Context) error { return nil })
	a, b := guest(t, "c/data-processor"), another(t, "c/data-processor", 1)
	stable := s.Status().Stable.Digest
	canary := func() plugin.Digest {
		t.Helper()
		r, err := s.Stage(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Canary(r, plugin.Ramp{}); err != nil {
			t.Fatal(err)
		}
		return r.Digest()
	}
	canary()
	if r, err := s.Load(t.Context(), a); err != nil || r.Digest() != stable {
		t.Errorf("%v, %v", r, err)
	}
	if st := s.Status(); st.Canary != nil || st.Stable.Digest != stable || len(st.Quarantine) != 0 {
		t.Errorf("%+v", st)
	}
	tried := canary()
	if r, err := s.Load(t.Context(), b); err != nil || r.Digest() != tried {
		t.Errorf("%v, %v", r, err)
	}
	if st := s.Status(); st.Canary != nil || st.Stable.Digest != tried {
		t.Errorf("%+v", st)
	}
}

// TestHeldTrial holds a trial for as long as its ramp takes, and lets it go on
// then: no step is left out.
func TestHeldTrial(t *testing.T) {
	seen := &events{}
	h := observed(t, seen)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor"), Key: user})
	if err != nil {
		t.Fatal(err)
	}
	stop := load(t, s, "x", func(string, error) {})
	r, err := s.Stage(t.Context(), another(t, "c/data-processor", 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Canary(r, quickRamp); err != nil {
		t.Fatal(err)
	}
	if err := s.Hold(true); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1500 * time.Millisecond)
	if st := s.Status(); st.Weight != 0.05 || !st.Held {
		t.Errorf("it is at %v", st.Weight)
	}
	if err := s.Hold(false); err != nil {
		t.Fatal(err)
	}
	seen.wait(t, plugin.Promoted)
	stop()
	if moved := seen.of(plugin.CanaryMoved); len(moved) != 1 || moved[0].Text != "canary at 50%" {
		t.Errorf("%+v", moved)
	}
}

// TestStagedTwice stages the same twice: the second cannot replace the first, nor be
// tried out beside it, so that Rollback leads back to what served before.
func TestStagedTwice(t *testing.T) {
	s := add(t, newHost(t), "data", func(context.Context) error { return nil })
	var two [2]*plugin.Revision
	for i := range two {
		var err error
		if two[i], err = s.Stage(t.Context(), another(t, "c/data-processor", 1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Swap(two[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.Swap(two[1]); err == nil {
		t.Error("swapped with itself")
	}
	if err := s.Canary(two[1], plugin.Ramp{}); err == nil {
		t.Error("tried beside itself")
		_ = s.Rollback(t.Context(), "bad")
	}
	before := s.Status()
	if err := s.Rollback(t.Context(), "bad"); err != nil {
		t.Error(err)
	}
	if now := s.Status(); now.Stable.Digest == before.Stable.Digest {
		t.Error("rolled back to itself")
	}
	_ = s.Discard(two[1])
}
