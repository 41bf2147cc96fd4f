package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/examples/plugins/api/plugin"
	"github.com/witgen/witgen/rt/plugin"
)

// within fails the test if f takes long: it waits for itself then.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		buf := make([]byte, 1<<20)
		t.Fatalf("%s does not end\n%s", what, buf[:runtime.Stack(buf, true)])
	}
}

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

// TestRollbackQuiesced takes a revision back of a slot whose calls wait
// meanwhile: they go on.
func TestRollbackQuiesced(t *testing.T) {
	h := newHost(t)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor"), Quiesce: true})
	if err != nil {
		t.Fatal(err)
	}
	first := s.Status().Stable.Digest
	var calls sync.WaitGroup
	var done atomic.Bool
	for range 4 {
		calls.Go(func() {
			for !done.Load() {
				if _, err := metadata(t.Context(), s); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	within(t, "a rollback while calls wait", func() {
		defer calls.Wait()
		defer done.Store(true)
		second, err := s.Load(t.Context(), another(t, "c/data-processor", 1))
		if err != nil {
			t.Error(err)
			return
		}
		fails := true
		h.Fault(func(_ string, at plugin.Stage) error {
			if at == plugin.Probing && fails {
				fails = false
				return errors.New("it does not start")
			}
			return nil
		})
		if err := s.Rollback(t.Context(), "worse"); err == nil || !strings.Contains(err.Error(), "it does not start") {
			t.Errorf("got %v", err)
		}
		if got := s.Status().Stable.Digest; got != second.Digest() {
			t.Errorf("%s serves", got.Short())
		}
		if err := s.Rollback(t.Context(), "worse"); err != nil {
			t.Error(err)
		}
		if got := s.Status().Stable.Digest; got != first {
			t.Errorf("%s serves", got.Short())
		}
	})
}

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

// listener is a function that is told of events.
type listener func(e plugin.Event)

func (o listener) Happened(e plugin.Event)               { o(e) }
func (o listener) Called(context.Context, plugin.Called) {}

// TestStagedEnds ends slots and hosts while a revision is staged that nobody
// swaps or discards: it ends with them.
func TestStagedEnds(t *testing.T) {
	for _, host := range []bool{false, true} {
		t.Run(fmt.Sprint("host ", host), func(t *testing.T) {
			seen := &events{}
			h := observed(t, seen)
			var stopped atomic.Int64
			w := world()
			w.Stop = func(context.Context, *api.Plugin) error { stopped.Add(1); return nil }
			p := pooled()
			p.Limits.MinIdle = 2
			s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: p, Source: guest(t, "c/data-processor")})
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.Stage(t.Context(), another(t, "c/data-processor", 1))
			if err != nil {
				t.Fatal(err)
			}
			if !host {
				if err := s.Unload(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if err := h.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := stopped.Load(); n != 4 {
				t.Errorf("%d instances were stopped, want 4", n)
			}
			if n := len(seen.of(plugin.Retired)); n != 2 {
				t.Errorf("%d revisions were retired, want 2", n)
			}
			if err := s.Swap(r); !errors.Is(err, plugin.ErrClosed) {
				t.Errorf("swapped after the end: %v", err)
			}
			if err := s.Canary(r, plugin.Ramp{}); !errors.Is(err, plugin.ErrClosed) {
				t.Errorf("tried out after the end: %v", err)
			}
			if _, err := s.Load(t.Context(), guest(t, "c/data-processor")); !errors.Is(err, plugin.ErrClosed) {
				t.Errorf("loaded after the end: %v", err)
			}
			if m := h.Engine().Memory(); m.Bytes != 0 {
				t.Errorf("%d bytes of linear memory are left", m.Bytes)
			}
		})
	}
}

// TestForeignRevision refuses revisions of another slot.
func TestForeignRevision(t *testing.T) {
	h := newHost(t)
	a := add(t, h, "a", func(context.Context) error { return nil })
	b := add(t, h, "b", func(context.Context) error { return nil })
	r, err := a.Stage(t.Context(), another(t, "c/data-processor", 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{b.Swap(r), b.Canary(r, plugin.Ramp{}), b.Discard(r)} {
		if err == nil || !strings.Contains(err.Error(), "is one of plugin a") {
			t.Errorf("got %v", err)
		}
	}
	if err := a.Swap(r); err != nil {
		t.Error(err)
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
	wasm, err := os.ReadFile("../../examples/plugins/guests/c/data-processor.wasm")
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

// TestReentrantQuiesced has a host function call or load its own plugin while
// that is being replaced, or so that it would be: each waits for the other, but
// for the error.
func TestReentrantQuiesced(t *testing.T) {
	h := newHost(t)
	var s *plugin.Slot[*api.Plugin]
	entered, replaced := make(chan struct{}), make(chan error, 1)
	var loads atomic.Bool
	w := plugin.Of(api.Prepare, func() api.Imports {
		return api.Imports{HostAPI: asking{emit: func(ctx context.Context) error {
			if loads.Load() {
				_, err := s.Load(ctx, another(t, "c/data-processor", 2))
				return err
			}
			close(entered)
			for {
				if _, err := metadata(ctx, s); err != nil {
					return err
				}
			}
		}}}
	})
	p := pooled()
	p.Limits.Deadline = p.Limits.MaxWait
	s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: p, Source: guest(t, "c/data-processor"), Quiesce: true})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-entered
		_, err := s.Load(t.Context(), another(t, "c/data-processor", 1))
		replaced <- err
	}()
	begin := time.Now()
	if _, err := process(t.Context(), s, "x"); !errors.Is(err, plugin.ErrReentrant) {
		t.Errorf("a call while it is replaced: %v", err)
	}
	if err := <-replaced; err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
	loads.Store(true)
	within(t, "a load by a call", func() {
		if _, err := process(t.Context(), s, "x"); !errors.Is(err, plugin.ErrReentrant) {
			t.Errorf("a load by a call: %v", err)
		}
	})
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

// TestStuckClose has a host function go on though its call was cancelled: somebody is
// told, and nothing is freed before it returns.
func TestStuckClose(t *testing.T) {
	seen := &events{}
	h, err := plugin.New(t.Context(), plugin.Config{Logger: quiet, Observer: seen, DrainTimeout: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	entered, leave := make(chan struct{}), make(chan struct{})
	s := add(t, h, "data", func(context.Context) error {
		close(entered)
		<-leave
		return nil
	})
	var call sync.WaitGroup
	call.Go(func() { _, _ = process(t.Context(), s, "x") })
	<-entered
	if _, err := s.Load(t.Context(), another(t, "c/data-processor", 1)); err != nil {
		t.Fatal(err)
	}
	if e := seen.wait(t, plugin.Stuck); e.Text != "1 calls do not end, though they were cancelled" {
		t.Errorf("%+v", e)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errors.New("enough"))
	defer cancel()
	for range 2 {
		if err := h.Close(ctx); err == nil || err.Error() != "enough" {
			t.Errorf("closed with %v", err)
		}
	}
	if len(seen.of(plugin.Retired)) > 1 { // the other one is
		t.Error("retired with a call under way")
	}
	close(leave)
	call.Wait()
	if err := h.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if m := h.Engine().Memory(); m.Bytes != 0 {
		t.Errorf("%d bytes of linear memory are left", m.Bytes)
	}
}

// TestCloseRefuses closes a host while a plugin is loaded that takes its time:
// no slot takes calls meanwhile.
func TestCloseRefuses(t *testing.T) {
	h := newHost(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	var slow atomic.Bool
	w := world()
	w.Init = func(context.Context, *api.Plugin, map[string]string) error {
		if slow.Swap(false) {
			close(entered)
			<-leave
		}
		return nil
	}
	s, err := plugin.Add(t.Context(), h, "slow", w, plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	other := add(t, h, "other", func(context.Context) error { return nil })
	slow.Store(true)
	loaded := make(chan error)
	go func() {
		_, err := s.Load(t.Context(), another(t, "c/data-processor", 1))
		loaded <- err
	}()
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Unload(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("unloaded: %v", err)
	}
	if err := h.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("closed while a plugin is loaded: %v", err)
	}
	for _, s := range []*plugin.Slot[*api.Plugin]{s, other} {
		if _, err := metadata(t.Context(), s); !errors.Is(err, plugin.ErrClosed) {
			t.Errorf("%s: %v", s.Name(), err)
		}
	}
	close(leave)
	if err := <-loaded; !errors.Is(err, plugin.ErrClosed) {
		t.Errorf("loaded: %v", err)
	}
	if err := h.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
