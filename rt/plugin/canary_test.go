package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
)

// events collects what happens.
type events struct {
	mu  sync.Mutex
	all []plugin.Event
}

func (e *events) Called(context.Context, plugin.Called) {}

func (e *events) Happened(event plugin.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, event)
}

func (e *events) of(kind plugin.EventKind) (found []plugin.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, event := range e.all {
		if event.Kind == kind {
			found = append(found, event)
		}
	}
	return found
}

// wait waits for an event.
func (e *events) wait(t *testing.T, kind plugin.EventKind) plugin.Event {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(time.Millisecond) {
		if found := e.of(kind); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	t.Fatalf("no event %s came, but %+v", kind, e.all)
	return plugin.Event{}
}

func process(ctx context.Context, s *plugin.Slot[*api.Plugin], input string) (out string, err error) {
	err = s.Do(ctx, func(ctx context.Context, p *api.Plugin) error {
		r, err := p.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: input})
		out = r.Output
		return err
	})
	return out, err
}

type userKey struct{}

// user is the key of the calls of these tests.
func user(ctx context.Context) string { name, _ := ctx.Value(userKey{}).(string); return name }

// load calls a plugin until it is told to stop, for users that come again.
func load(t *testing.T, s *plugin.Slot[*api.Plugin], input string, ended func(user string, err error)) (stop func()) {
	var done atomic.Bool
	var callers sync.WaitGroup
	for g := range 8 {
		callers.Go(func() {
			for i := 0; !done.Load(); i++ {
				name := fmt.Sprintf("user-%d", g*1000+i%1000)
				_, err := process(context.WithValue(t.Context(), userKey{}, name), s, input)
				ended(name, err)
			}
		})
	}
	stop = func() {
		done.Store(true)
		callers.Wait()
	}
	t.Cleanup(stop)
	return stop
}

var quickRamp = plugin.Ramp{Steps: []float64{0.05, 0.5, 1}, MinTime: time.Millisecond, MinSamples: 20, Slower: 1000, Windows: 1, Window: 100 * time.Millisecond}

// TestCanaryTraps tries a revision out that traps where the other does not: only
// users of its share see that, and soon nobody does.
func TestCanaryTraps(t *testing.T) {
	seen := &events{}
	h := observed(t, seen)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor"), Key: user})
	if err != nil {
		t.Fatal(err)
	}
	good := s.Status().Stable.Digest
	var mu sync.Mutex
	failed := map[string]bool{}
	stop := load(t, s, "trap", func(user string, err error) {
		if trap, ok := errors.AsType[*rt.Trap](err); ok && trap.Kind == rt.TrapUnreachable || errors.Is(err, plugin.ErrUnavailable) {
			mu.Lock()
			failed[user] = true
			mu.Unlock()
		}
	})
	time.Sleep(200 * time.Millisecond) // a record of what is usual
	r, err := s.Stage(t.Context(), guest(t, "broken/hostile"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Canary(r, quickRamp); err != nil {
		t.Fatal(err)
	}
	e := seen.wait(t, plugin.RolledBack)
	stop()
	if !strings.Contains(e.Text, "rolled back at 5%") || !strings.Contains(e.Text, "trap") {
		t.Errorf("rolled back with %q", e.Text)
	}
	if n := len(failed); n == 0 || n > 8000*8/100 {
		t.Errorf("%d of 8000 users saw it, at a share of 5%%", n)
	}
	if st := s.Status(); st.Stable.Digest != good || st.Canary != nil {
		t.Errorf("%+v", st)
	}
	if _, err := s.Load(t.Context(), guest(t, "broken/hostile")); !errors.Is(err, plugin.ErrQuarantined) {
		t.Errorf("loaded again: %v", err)
	}
	if _, err := s.Retry(t.Context(), guest(t, "broken/hostile")); err != nil {
		t.Error(err)
	}
}

// TestCanaryGrows tries a revision out that is as good: its share grows to all,
// and no user that was on it is ever taken back.
func TestCanaryGrows(t *testing.T) {
	seen := &events{}
	h := observed(t, seen)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor"), Key: user})
	if err != nil {
		t.Fatal(err)
	}
	stop := load(t, s, "trap", func(user string, err error) {
		if err != nil && !strings.Contains(err.Error(), "result") {
			t.Errorf("%s: %v", user, err)
		}
	})
	r, err := s.Stage(t.Context(), another(t, "c/data-processor", 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Canary(r, quickRamp); err != nil {
		t.Fatal(err)
	}
	seen.wait(t, plugin.Promoted)
	stop()
	if st := s.Status(); st.Stable.Digest != r.Digest() || st.Canary != nil {
		t.Errorf("%+v", st)
	}
	if moved := seen.of(plugin.CanaryMoved); len(moved) != 1 || moved[0].Text != "canary at 50%" {
		t.Errorf("%+v", moved)
	}
}

// TestOnStable makes a call that fails on what is tried out again, on what serves.
func TestOnStable(t *testing.T) {
	h := newHost(t)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/image-processor")})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Stage(t.Context(), guest(t, "broken/hostile"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Canary(r, plugin.Ramp{Steps: []float64{1}, Window: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if _, err := process(t.Context(), s, "trap"); err == nil {
		t.Error("the share of all does not have this call")
	}
	if out, err := process(plugin.OnStable(t.Context()), s, "trap"); out != "processed: trap" {
		t.Errorf("on stable: %q, %v", out, err)
	}
}
