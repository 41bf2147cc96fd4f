package plugin_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// asking is a host whose functions do what a test says.
type asking struct {
	host
	emit func(ctx context.Context) error
}

func (a asking) EmitEvent(ctx context.Context, _, _ string) error { return a.emit(ctx) }

// add makes a slot whose plugin calls emit whenever it processes something.
func add(t *testing.T, h *plugin.Host, name string, emit func(ctx context.Context) error) *plugin.Slot[*api.Plugin] {
	t.Helper()
	return addUnder(t, h, pooled(), name, emit)
}

func addUnder(t *testing.T, h *plugin.Host, p *policy.Policy, name string, emit func(ctx context.Context) error) *plugin.Slot[*api.Plugin] {
	t.Helper()
	w := plugin.Of(api.Prepare, func() api.Imports { return api.Imports{HostAPI: asking{emit: emit}} })
	s, err := plugin.Add(t.Context(), h, name, w, plugin.Options{Policy: p, Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCaller tells host functions who calls, and for how long.
func TestCaller(t *testing.T) {
	h := newHost(t)
	var who plugin.Caller
	var deadline time.Time
	s := add(t, h, "data", func(ctx context.Context) error {
		who, _ = plugin.CallerFrom(ctx)
		deadline, _ = ctx.Deadline()
		if ctx.Value(userKey{}) != "gopher" {
			t.Error("the caller's values are not there")
		}
		return nil
	})
	if _, err := process(context.WithValue(t.Context(), userKey{}, "gopher"), s, "x"); err != nil {
		t.Fatal(err)
	}
	if want := (plugin.Caller{Plugin: "data", Revision: s.Status().Stable.Digest.Short(), World: worldV01, Arm: plugin.Stable}); who != want {
		t.Errorf("called by %+v, want %+v", who, want)
	}
	if left := time.Until(deadline); left <= 0 || left > time.Minute {
		t.Errorf("%v left", left)
	}
	if _, ok := plugin.CallerFrom(t.Context()); ok {
		t.Error("a caller outside of calls")
	}
}

// TestEnds ends calls in all ways but well. The instance is not used again, and
// the next call is served.
func TestEnds(t *testing.T) {
	stop := errors.New("the user left")
	blocked := func(ctx context.Context) error {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	for _, tt := range []struct {
		name    string
		emit    func(ctx context.Context) error
		ctx     func(ctx context.Context, blocks <-chan struct{}) (context.Context, func())
		want    error
		outcome plugin.Outcome
	}{
		{"blocked past the policy's deadline", blocked, nil, context.DeadlineExceeded, plugin.TooLate},
		{"blocked past the caller's", blocked, func(ctx context.Context, _ <-chan struct{}) (context.Context, func()) {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			return ctx, cancel
		}, context.DeadlineExceeded, plugin.Cancelled},
		{"cancelled", blocked, func(ctx context.Context, blocks <-chan struct{}) (context.Context, func()) {
			ctx, cancel := context.WithCancelCause(ctx)
			go func() { <-blocks; cancel(stop) }()
			return ctx, func() { cancel(nil) }
		}, stop, plugin.Cancelled},
		{"a host function that panics", func(context.Context) error { panic("host") }, nil, nil, plugin.Trapped},
		{"a host function that fails", func(context.Context) error { return stop }, nil, stop, plugin.Trapped},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHost(t)
			var fails atomic.Bool
			blocks := make(chan struct{}, 1)
			p := pooled()
			if tt.outcome == plugin.TooLate {
				deadline(time.Second)(p)
			}
			s := addUnder(t, h, p, "data", func(ctx context.Context) error {
				if fails.Load() {
					blocks <- struct{}{}
					return tt.emit(ctx)
				}
				return nil
			})
			if _, err := process(t.Context(), s, "x"); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := t.Context(), func() {}
			if tt.ctx != nil {
				ctx, cancel = tt.ctx(ctx, blocks)
			}
			fails.Store(true)
			_, err := process(ctx, s, "x")
			cancel()
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			st := s.Status().Stable
			if got := st.Outcomes[tt.outcome]; got != 1 {
				t.Errorf("outcomes %v, want one %v", st.Outcomes, tt.outcome)
			}
			if st.Calls != 0 || st.Pool.Busy != 0 {
				t.Errorf("%+v", st)
			}
			fails.Store(false)
			if _, err := process(t.Context(), s, "x"); err != nil {
				t.Errorf("the next call: %v", err)
			}
			if st := s.Status().Stable; st.Pool.Started != 2 || st.Outcomes[plugin.OK] != 2 {
				t.Errorf("%+v", st)
			}
		})
	}
}

// TestPanic has the caller's own function panic: the panic is the caller's, and
// the instance is not used again.
func TestPanic(t *testing.T) {
	h := newHost(t)
	s := add(t, h, "data", func(context.Context) error { return nil })
	func() {
		defer func() {
			if p := recover(); p != "mine" {
				t.Errorf("recovered %v", p)
			}
		}()
		_ = s.Do(t.Context(), func(context.Context, *api.Plugin) error { panic("mine") })
	}()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Do(t.Context(), func(context.Context, *api.Plugin) error { runtime.Goexit(); return nil })
	}()
	<-done
	if st := s.Status().Stable; st.Calls != 0 || st.Pool.Busy != 0 || st.Pool.Ended != 2 {
		t.Errorf("%+v", st)
	}
}

// TestReentrant has a host function call the plugin that calls it: another
// instance serves it, or none does where there is no other one.
func TestReentrant(t *testing.T) {
	h := newHost(t)
	var s *plugin.Slot[*api.Plugin]
	var depth atomic.Int64
	s = add(t, h, "data", func(ctx context.Context) error {
		defer depth.Add(-1)
		if depth.Add(1) > 20 {
			return errors.New("endless")
		}
		_, err := process(ctx, s, "x")
		return err
	})
	_, err := process(t.Context(), s, "x")
	if !errors.Is(err, plugin.ErrReentrant) {
		t.Errorf("got %v", err)
	}
	if st := s.Status().Stable; st.Pool.Started != 8 || st.Calls != 0 {
		t.Errorf("%+v", st)
	}
}

// TestDrain replaces a revision while calls run: they end on it, or are
// cancelled when they take too long, and it is freed after that alone.
func TestDrain(t *testing.T) {
	seen := &events{}
	h, err := plugin.New(t.Context(), plugin.Config{Observer: seen, DrainTimeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(context.Background())
	entered, leave := make(chan struct{}, 2), make(chan struct{})
	s := add(t, h, "data", func(ctx context.Context) error {
		entered <- struct{}{}
		select {
		case <-leave:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	var calls sync.WaitGroup
	ends := func(want error) {
		calls.Go(func() {
			if _, err := process(t.Context(), s, "x"); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		})
		<-entered
	}
	ends(nil)
	if _, err := s.Load(t.Context(), another(t, "c/data-processor", 1)); err != nil {
		t.Fatal(err)
	}
	if n := len(seen.of(plugin.Retired)); n != 0 {
		t.Error("retired with a call under way")
	}
	leave <- struct{}{}
	seen.wait(t, plugin.Retired)
	calls.Wait()

	ends(plugin.ErrDrained)
	if _, err := s.Load(t.Context(), guest(t, "c/data-processor")); err != nil {
		t.Fatal(err)
	}
	calls.Wait()
	for len(seen.of(plugin.Retired)) < 2 {
		time.Sleep(time.Millisecond)
	}
	if e := seen.of(plugin.Drained); len(e) != 2 || e[0].Text != "" || e[1].Text != "1 calls were cancelled" {
		t.Errorf("%+v", e)
	}
}

// TestFaults has each stage fail: what served goes on, the message says where
// and why, and the same revision is not tried again unless somebody asks.
func TestFaults(t *testing.T) {
	seen := &events{}
	h := observed(t, seen)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	before := s.Status().Stable.Digest
	broken := errors.New("broken")
	for i, stage := range []plugin.Stage{plugin.Settle, plugin.Verify, plugin.Check, plugin.Keep, plugin.Compile, plugin.Probing, plugin.Warm} {
		h.Fault(func(name string, at plugin.Stage) error {
			if at == stage {
				return broken
			}
			return nil
		})
		from := another(t, "c/data-processor", byte(i))
		_, err := s.Load(t.Context(), from)
		failed, ok := errors.AsType[*plugin.StageError](err)
		if !ok || !errors.Is(err, broken) || failed.Stage != stage || !strings.Contains(err.Error(), "failed at "+string(stage)+": broken; still serving "+before.Short()) {
			t.Errorf("%s: %v", stage, err)
		}
		if s.Status().Stable.Digest != before {
			t.Errorf("%s: something else serves", stage)
		}
		if _, err := metadata(t.Context(), s); err != nil {
			t.Errorf("%s: %v", stage, err)
		}
		h.Fault(nil)
		if stage == plugin.Settle || stage == plugin.Verify || stage == plugin.Check {
			continue // nobody knows what revision it would have been
		}
		if _, err := s.Load(t.Context(), from); !errors.Is(err, plugin.ErrQuarantined) {
			t.Errorf("%s: again: %v", stage, err)
		}
		if _, err := s.Retry(t.Context(), from); err != nil {
			t.Errorf("%s: on demand: %v", stage, err)
		}
		if _, err := s.Load(t.Context(), guest(t, "c/data-processor")); err != nil {
			t.Errorf("%s: back: %v", stage, err)
		}
	}
	if _, err := s.Load(t.Context(), guest(t, "broken/other")); err == nil || !strings.Contains(err.Error(), "failed at check: missing export witgen:plugins/plugin-api (world witgen:plugins/plugin@0.1.0); still serving ") {
		t.Errorf("another world: %v", err)
	}
	if _, err := s.Load(t.Context(), plugin.Bytes("core.wasm", []byte("\x00asm\x01\x00\x00\x00"))); !errors.Is(err, rt.ErrNotComponent) {
		t.Errorf("a core module: %v", err)
	}
}

// TestHooks calls what a world has for the life of a plugin.
func TestHooks(t *testing.T) {
	h := newHost(t)
	w := world()
	var mu sync.Mutex
	var did []string
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		did = append(did, what)
	}
	fails := false
	w.Init = func(ctx context.Context, p *api.Plugin, config map[string]string) error {
		note("init")
		if who, ok := plugin.CallerFrom(ctx); !ok || who.Arm != plugin.Probe {
			t.Errorf("called by %+v", who)
		}
		if fails {
			return errors.New("no database")
		}
		return nil
	}
	w.Metadata = func(ctx context.Context, p *api.Plugin) (plugin.Metadata, error) {
		note("metadata")
		m, err := p.PluginAPI.GetMetadata(ctx)
		return plugin.Metadata{Name: m.Name, Version: m.Version, Description: m.Description}, err
	}
	w.Health = func(context.Context, *api.Plugin) error { note("health"); return nil }
	w.Stop = func(ctx context.Context, p *api.Plugin) error { note("stop"); return p.PluginAPI.Shutdown(ctx) }
	s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Status().Stable.Metadata; m.Name == "" || m.Version == "" {
		t.Errorf("metadata %+v", m)
	}
	if _, err := process(t.Context(), s, "x"); err != nil {
		t.Fatal(err)
	}
	fails = true
	_, err = s.Load(t.Context(), another(t, "c/data-processor", 1))
	if err == nil || !strings.Contains(err.Error(), "failed at probe: initialize: no database") {
		t.Errorf("got %v", err)
	}
	if err := s.Unload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := process(t.Context(), s, "x"); !errors.Is(err, plugin.ErrClosed) {
		t.Errorf("unloaded: %v", err)
	}
	if err := h.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(did, " "); got != "init metadata health init init stop" {
		t.Errorf("called %s", got)
	}
}

// TestBreaker leaves a plugin alone that fails again and again.
func TestBreaker(t *testing.T) {
	seen := &events{}
	h := observed(t, seen)
	var fails atomic.Bool
	s := add(t, h, "data", func(context.Context) error {
		if fails.Load() {
			return errors.New("broken")
		}
		return nil
	})
	fails.Store(true)
	for range 5 {
		if _, err := process(t.Context(), s, "x"); err == nil || errors.Is(err, plugin.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	}
	_, err := process(t.Context(), s, "x")
	if !errors.Is(err, plugin.ErrUnavailable) || !strings.Contains(err.Error(), "plugin data: unavailable: breaker open since ") || !strings.Contains(err.Error(), "(5 in a row failed: trap 5), next probe in ") {
		t.Errorf("got %v", err)
	}
	if e := seen.of(plugin.BreakerMoved); len(e) != 1 || e[0].Text != "breaker open" {
		t.Errorf("%+v", e)
	}
	fails.Store(false)
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if _, err := process(t.Context(), s, "x"); err == nil {
			break
		} else if !errors.Is(err, plugin.ErrUnavailable) || time.Since(begin) > 10*time.Second {
			t.Fatal(err)
		}
	}
	if e := seen.of(plugin.BreakerMoved); len(e) != 2 || e[1].Text != "breaker closed" {
		t.Errorf("%+v", e)
	}
}

// TestNames refuses what cannot be a slot.
func TestNames(t *testing.T) {
	h := newHost(t)
	from := guest(t, "c/data-processor")
	if _, err := plugin.Add(t.Context(), h, "", world(), plugin.Options{Policy: pooled(), Source: from}); err == nil {
		t.Error("a plugin without a name")
	}
	if _, err := plugin.Add(t.Context(), h, "a\xff", world(), plugin.Options{Policy: pooled(), Source: from}); err == nil {
		t.Error("a plugin whose name is not text")
	}
	if _, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: from}); err != nil {
		t.Fatal(err)
	}
	if _, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: from}); err == nil {
		t.Error("two plugins of a name")
	}
	nothing := plugin.Of(api.Prepare, func() api.Imports { return api.Imports{} })
	_, err := plugin.Add(t.Context(), h, "nothing", nothing, plugin.Options{Policy: pooled(), Source: from})
	if err == nil || !strings.Contains(err.Error(), "Imports.HostAPI is nil") {
		t.Errorf("got %v", err)
	}
	if list := h.List(); len(list) != 1 || list[0].Name() != "data" || h.Get("nothing") != nil {
		t.Errorf("%+v", list)
	}
}
