package plugin_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/rt/plugin"
)

// curious is an observer that asks the slot how it is whenever something happens.
type curious struct {
	events
	slot func() *plugin.Control
}

func (c *curious) Happened(e plugin.Event) {
	if s := c.slot(); s != nil {
		s.Status()
		_ = s.Hold(true)
	}
	c.events.Happened(e)
}

// TestObserverAsks has an observer use the slot that it is told of, in the midst
// of what it is told. The events come in their order.
func TestObserverAsks(t *testing.T) {
	var h *plugin.Host
	seen := &curious{slot: func() *plugin.Control { return h.Get("data") }}
	h = observed(t, seen)
	within(t, "a host whose observer asks", func() {
		s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
		if err != nil {
			t.Error(err)
			return
		}
		for n := range byte(3) {
			r, err := s.Stage(t.Context(), another(t, "c/data-processor", n))
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Canary(r, plugin.Ramp{}); err != nil {
				t.Error(err)
			}
			if n == 1 {
				err = s.Promote()
			} else {
				err = s.Rollback(t.Context(), "by hand")
			}
			if err != nil {
				t.Error(err)
			}
		}
	})
	for begin := time.Now(); len(seen.of(plugin.Retired)) < 3; time.Sleep(time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("%+v", seen.of(plugin.Retired))
		}
	}
	last := make(map[string]plugin.EventKind) // by revision
	for _, e := range seen.all {
		switch before := last[e.Revision]; {
		case e.Kind == plugin.Drained && before != plugin.RolledBack && before != plugin.Promoted && before != plugin.Swapped,
			e.Kind == plugin.Retired && before != plugin.Drained:
			t.Errorf("%s was %s after it was %s", e.Revision, e.Kind, before)
		}
		last[e.Revision] = e.Kind
	}
}

// shaky is an observer that panics.
type shaky struct{ panics atomic.Bool }

func (s *shaky) Happened(plugin.Event) {}

func (s *shaky) Called(context.Context, plugin.Called) {
	if s.panics.Load() {
		panic("observer")
	}
}

// TestObserverPanics has an observer panic: that is its host's matter, but no
// instance and no revision stays in use for it.
func TestObserverPanics(t *testing.T) {
	o := &shaky{}
	h := observed(t, o)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	o.panics.Store(true)
	for range 3 {
		func() {
			defer func() {
				if p := recover(); p != "observer" {
					t.Errorf("recovered %v", p)
				}
			}()
			_, _ = metadata(t.Context(), s)
		}()
	}
	if st := s.Status().Stable; st.Calls != 0 || st.Pool.Busy != 0 {
		t.Errorf("%d calls and %d instances are left", st.Calls, st.Pool.Busy)
	}
}

// TestHookPanics has what a world does for a plugin panic: it is why a revision
// does not serve, or a call has no instance.
func TestHookPanics(t *testing.T) {
	h := newHost(t)
	var panics atomic.Bool
	w := world()
	w.Init = func(context.Context, *api.Plugin, map[string]string) error {
		if panics.Load() {
			panic("init")
		}
		return nil
	}
	s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	panics.Store(true)
	if _, err := s.Load(t.Context(), another(t, "c/data-processor", 1)); err == nil || !strings.Contains(err.Error(), "failed at probe: initialize: panic: init") {
		t.Errorf("got %v", err)
	}
	if _, err := metadata(t.Context(), s); err == nil || !strings.Contains(err.Error(), "initialize: panic: init") {
		t.Errorf("got %v", err)
	}
	panics.Store(false)
	if _, err := metadata(t.Context(), s); err != nil {
		t.Error(err)
	}
	if st := s.Status().Stable; st.Calls != 0 || st.Pool.Busy != 0 {
		t.Errorf("%d calls and %d instances are left", st.Calls, st.Pool.Busy)
	}
}

// TestStopIsNotCancelled has a revision end whose instances are idle: what is to
// be done for them at their end has the time for it.
func TestStopIsNotCancelled(t *testing.T) {
	seen := &events{}
	h := observed(t, seen)
	w := world()
	ended := make(chan error, 1)
	w.Stop = func(ctx context.Context, p *api.Plugin) error {
		ended <- ctx.Err()
		return p.PluginAPI.Shutdown(ctx)
	}
	s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := metadata(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(t.Context(), another(t, "c/data-processor", 1)); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("stopped with a context that is done: %v", err)
	}
	seen.wait(t, plugin.Retired)
	if e := seen.of(plugin.StopFailed); len(e) != 0 {
		t.Errorf("%+v", e)
	}
}

// listener is a function that is told of events.
type listener func(e plugin.Event)

func (o listener) Happened(e plugin.Event) { o(e) }

func (o listener) Called(context.Context, plugin.Called) {}

// TestReentrantIsNoFailure has a host function live with a call that the plugin
// cannot serve as it calls itself: nobody is to blame for that.
func TestReentrantIsNoFailure(t *testing.T) {
	h := newHost(t)
	var s *plugin.Slot[*api.Plugin]
	p := pooled()
	p.Limits.Instances = 1
	w := plugin.Of(api.Prepare, func() api.Imports {
		return api.Imports{HostAPI: asking{emit: func(ctx context.Context) error {
			for range 30 {
				if _, err := process(ctx, s, "x"); !errors.Is(err, plugin.ErrReentrant) {
					t.Errorf("got %v", err)
				}
			}
			return nil
		}}}
	})
	s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: p, Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := process(t.Context(), s, "x"); err != nil {
		t.Fatal(err)
	}
	if st := s.Status().Stable; st.Outcomes.Sum(plugin.Outcome.Failed) != 0 || s.Ready() != nil {
		t.Errorf("%v: %v", st.Outcomes, s.Ready())
	}
}

// called counts calls by how they ended.
type called struct {
	mu sync.Mutex
	n  map[plugin.Outcome]int
}

func (c *called) Happened(plugin.Event) {}

func (c *called) Called(_ context.Context, call plugin.Called) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = make(map[plugin.Outcome]int)
	}
	c.n[call.Outcome]++
}

// TestRefusedIsTold tells of calls that no instance served, too.
func TestRefusedIsTold(t *testing.T) {
	o := &called{}
	h := observed(t, o)
	s := add(t, h, "data", func(context.Context) error { return errors.New("broken") })
	for range 8 {
		_, _ = process(t.Context(), s, "x")
	}
	if st := s.Status().Stable.Outcomes; o.n[plugin.Trapped] != 5 || o.n[plugin.Unavailable] != 3 || st[plugin.Unavailable] != 3 {
		t.Errorf("told of %v, counted %v", o.n, st)
	}
	s = add(t, h, "other", func(context.Context) error { return nil })
	if err := s.Unload(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, _ = process(t.Context(), s, "x")
	if o.n[plugin.Unavailable] != 4 {
		t.Errorf("told of %v", o.n)
	}
}
