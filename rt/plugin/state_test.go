package plugin_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt/plugin"
)

// restarting returns a function that starts a host on the same directory each
// time it is called, after the one before was closed.
func restarting(t *testing.T, c plugin.Config) func() *plugin.Host {
	t.Helper()
	c.StateDir, c.Logger = filepath.Join(t.TempDir(), "state"), slog.New(slog.DiscardHandler)
	var h *plugin.Host
	end := func() {
		if h != nil {
			if err := h.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(end)
	return func() *plugin.Host {
		t.Helper()
		end()
		var err error
		if h, err = plugin.New(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		return h
	}
}

// TestRestart starts a host again: what served serves where the source is
// broken, what failed is not tried again, and Rollback goes back to what served
// before.
func TestRestart(t *testing.T) {
	start := restarting(t, plugin.Config{})
	h := start()
	one, two := another(t, "c/data-processor", 1), another(t, "c/data-processor", 2)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: one})
	if err != nil {
		t.Fatal(err)
	}
	first := s.Status().Stable.Digest
	if _, err := s.Load(t.Context(), two); err != nil {
		t.Fatal(err)
	}
	second := s.Status().Stable.Digest
	broken := guest(t, "broken/other")
	if _, err := s.Load(t.Context(), broken); err == nil {
		t.Fatal("loaded what is broken")
	}

	h = start()
	s, err = plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: broken})
	if err != nil {
		t.Fatal(err)
	}
	if st := s.Status(); st.Stable.Digest != second || len(st.Quarantine) != 1 || st.Quarantine[0].Stage != plugin.Check {
		t.Errorf("%+v", st)
	}
	if _, err := s.Load(t.Context(), broken); !errors.Is(err, plugin.ErrQuarantined) {
		t.Errorf("loaded again: %v", err)
	}
	if _, err := s.Load(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if err := s.Rollback(t.Context(), "the old one was better"); err != nil {
		t.Fatal(err)
	}
	if st := s.Status(); st.Stable.Digest != second || st.LastGood != nil {
		t.Errorf("rolled back to %+v", st)
	}
	if _, err := s.Load(t.Context(), one); !errors.Is(err, plugin.ErrQuarantined) || first != identityOf(s, plugin.Swap) {
		t.Errorf("loaded what was rolled back: %v", err)
	}
	if _, err := plugin.New(t.Context(), plugin.Config{StateDir: h.StateDir}); err == nil {
		t.Error("two hosts have one directory")
	}
}

// TestContract starts a host again whose contract is another one: what serves is
// another revision, and what failed is tried again, as it may fit now.
func TestContract(t *testing.T) {
	w := world()
	if want := new(api.Prepared).World().Digest(); w.Contract != want || want == (plugin.Digest{}) {
		t.Fatalf("the contract is %s, want %s", w.Contract, plugin.Digest(want))
	}
	start := restarting(t, plugin.Config{})
	broken := guest(t, "broken/other")
	var serving []plugin.Digest
	for i, tt := range []struct {
		contract    plugin.Digest
		quarantined bool
	}{{w.Contract, false}, {w.Contract, true}, {plugin.Digest{1}, false}} {
		w.Contract = tt.contract
		s, err := plugin.Add(t.Context(), start(), "data", w, plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
		if err != nil {
			t.Fatal(err)
		}
		serving = append(serving, s.Status().Stable.Digest)
		if _, err := s.Load(t.Context(), broken); err == nil || errors.Is(err, plugin.ErrQuarantined) != tt.quarantined {
			t.Errorf("host %d: %v", i, err)
		}
	}
	if serving[0] != serving[1] || serving[1] == serving[2] {
		t.Errorf("revisions %v", serving)
	}
}

// identityOf returns what is in quarantine for a stage.
func identityOf(s *plugin.Slot[*api.Plugin], stage plugin.Stage) plugin.Digest {
	for _, q := range s.Status().Quarantine {
		if q.Stage == stage {
			return q.Digest
		}
	}
	return plugin.Digest{}
}

// TestRestartTrial starts a host again while a revision is tried out: it goes on
// with the same users at the same step.
func TestRestartTrial(t *testing.T) {
	start := restarting(t, plugin.Config{})
	h := start()
	ramp := plugin.Ramp{Steps: []float64{0.3, 1}}
	options := plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor"), Key: user, Ramp: &ramp}
	s, err := plugin.Add(t.Context(), h, "data", world(), options)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Stage(t.Context(), another(t, "c/data-processor", 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Canary(r, ramp); err != nil {
		t.Fatal(err)
	}
	arms := func() (arms string) {
		for i := range 200 {
			ctx := context.WithValue(t.Context(), userKey{}, string(rune('a'+i)))
			before := s.Status().Canary.Outcomes[plugin.OK]
			if _, err := metadata(ctx, s); err != nil {
				t.Fatal(err)
			}
			if s.Status().Canary.Outcomes[plugin.OK] > before {
				arms += "c"
			} else {
				arms += "s"
			}
		}
		return arms
	}
	before := arms()
	h = start()
	if s, err = plugin.Add(t.Context(), h, "data", world(), options); err != nil {
		t.Fatal(err)
	}
	if st := s.Status(); st.Canary == nil || st.Canary.Digest != r.Digest() || st.Weight != 0.3 {
		t.Fatalf("%+v", st)
	}
	if after := arms(); after != before || !strings.Contains(after, "c") {
		t.Errorf("users were on %s, and are on %s", before, after)
	}
}

func write(t *testing.T, path string, from string, n byte) {
	t.Helper()
	wasm, err := os.ReadFile(guests.Plugin(from))
	if err != nil {
		t.Fatal(err)
	}
	if n > 0 {
		wasm = append(wasm, 0, 2, 1, 'a'+n)
	}
	if err := os.WriteFile(path+".new", wasm, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// TestWatch has a plugin's file change, be broken, go away and come back.
func TestWatch(t *testing.T) {
	seen := &events{}
	h := observed(t, seen)
	path := filepath.Join(t.TempDir(), "data.wasm")
	write(t, path, "c/data-processor", 0)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: plugin.File(path), Watch: true})
	if err != nil {
		t.Fatal(err)
	}
	count := func(kind plugin.EventKind, n int) {
		t.Helper()
		for begin := time.Now(); len(seen.of(kind)) != n; time.Sleep(time.Millisecond) {
			if time.Since(begin) > 20*time.Second {
				t.Fatalf("%d events %s, want %d", len(seen.of(kind)), kind, n)
			}
		}
	}
	count(plugin.Swapped, 1)
	write(t, path, "c/data-processor", 1)
	count(plugin.Swapped, 2)
	good := s.Status().Stable.Digest
	write(t, path, "broken/other", 0)
	count(plugin.StageFailed, 1)
	if err := os.WriteFile(path, []byte("not wasm"), 0o600); err != nil {
		t.Fatal(err)
	}
	count(plugin.StageFailed, 2)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	count(plugin.SourceGone, 1)
	if s.Status().Stable.Digest != good {
		t.Error("something else serves")
	}
	if _, err := metadata(t.Context(), s); err != nil {
		t.Error(err)
	}
	write(t, path, "c/data-processor", 2)
	count(plugin.Swapped, 3)
	if s.Status().Stable.Digest == good {
		t.Error("what is there again does not serve")
	}
	for _, e := range seen.of(plugin.StageFailed) {
		if !strings.Contains(e.Text, "still serving "+good.Short()) {
			t.Errorf("%+v", e)
		}
	}
}

// TestQuiesce replaces a plugin of which only one may be there at a time: never
// two instances are, calls wait, what the last one knew is handed over, and a
// revision that does not start makes way for the one before.
func TestQuiesce(t *testing.T) {
	h := newHost(t)
	w := world()
	var there, most, inits atomic.Int64
	var fails atomic.Bool
	var knew atomic.Value
	w.Init = func(context.Context, *api.Plugin, map[string]string) error {
		if n := there.Add(1); n > most.Load() {
			most.Store(n)
		}
		if inits.Add(1); fails.Load() {
			there.Add(-1)
			return errors.New("it does not start")
		}
		return nil
	}
	w.Stop = func(context.Context, *api.Plugin) error { there.Add(-1); return nil }
	w.Save = func(context.Context, *api.Plugin) ([]byte, error) { return []byte("what it knew"), nil }
	w.Restore = func(_ context.Context, _ *api.Plugin, state []byte) error { knew.Store(string(state)); return nil }
	s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor"), Quiesce: true})
	if err != nil {
		t.Fatal(err)
	}
	stop := load(t, s, "x", func(user string, err error) {
		if err != nil {
			t.Error(err)
		}
	})
	for i := range 5 {
		if _, err := s.Load(t.Context(), another(t, "c/data-processor", byte(i))); err != nil {
			t.Error(err)
		}
	}
	serving := s.Status().Stable.Digest
	_ = serving
	stop()
	if knew.Load() != "what it knew" {
		t.Errorf("it was told %v", knew.Load())
	}
	fails.Store(true)
	done := make(chan error)
	go func() {
		_, err := s.Load(t.Context(), another(t, "c/data-processor", 9))
		done <- err
	}()
	for begin := inits.Load(); inits.Load() == begin; {
		time.Sleep(time.Millisecond)
	}
	fails.Store(false)
	if err := <-done; err == nil || !strings.Contains(err.Error(), "it does not start") {
		t.Errorf("got %v", err)
	}
	if _, err := metadata(t.Context(), s); err != nil {
		t.Errorf("after what did not start: %v", err)
	}
	if s.Status().Stable.Digest != serving {
		t.Error("something else serves")
	}
}

// TestRestartRollback goes back, after a restart, to what served before it.
func TestRestartRollback(t *testing.T) {
	start := restarting(t, plugin.Config{})
	h := start()
	one, two, three := another(t, "c/data-processor", 1), another(t, "c/data-processor", 2), another(t, "c/data-processor", 3)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: one})
	if err != nil {
		t.Fatal(err)
	}
	first := s.Status().Stable.Digest
	if _, err := s.Load(t.Context(), two); err != nil {
		t.Fatal(err)
	}
	second := s.Status().Stable.Digest
	for _, tt := range []struct {
		source plugin.Source
		want   plugin.Digest
	}{{two, first}, {three, second}} {
		h = start()
		if s, err = plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: tt.source}); err != nil {
			t.Fatal(err)
		}
		if st := s.Status(); st.LastGood == nil || *st.LastGood != tt.want {
			t.Errorf("it would go back to %v, want %s", st.LastGood, tt.want.Short())
		}
	}
	if err := s.Rollback(t.Context(), "worse"); err != nil || s.Status().Stable.Digest != second {
		t.Errorf("%v, and %s serves", err, s.Status().Stable.Digest.Short())
	}
}

// TestStoreIsCollected reloads a plugin often: the code is not kept for ever.
func TestStoreIsCollected(t *testing.T) {
	seen := &events{}
	start := restarting(t, plugin.Config{Observer: seen})
	h := start()
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	const n = 12
	for i := range byte(n) {
		if _, err := s.Load(t.Context(), another(t, "c/data-processor", i)); err != nil {
			t.Fatal(err)
		}
	}
	for begin := time.Now(); len(seen.of(plugin.Retired)) < n; time.Sleep(time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatal("not all were retired")
		}
	}
	kept, err := filepath.Glob(filepath.Join(h.StateDir, "store", "sha256", "*.wasm"))
	if err != nil || len(kept) == 0 || len(kept) > 6 {
		t.Errorf("%d components are kept, %v", len(kept), err)
	}
	if err := s.Rollback(t.Context(), "worse"); err != nil {
		t.Error(err)
	}
}

// TestStateInTheWay has something else be where the host keeps its state, while it
// runs: calls are served all the same, whatever is decided meanwhile, somebody is told,
// and what serves in the end does so after a restart.
func TestStateInTheWay(t *testing.T) {
	for _, way := range []string{"state.json", "state.json.old", "store", "all"} {
		t.Run(way, func(t *testing.T) {
			seen := &events{}
			start := restarting(t, plugin.Config{Observer: seen})
			h := start()
			s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: another(t, "c/data-processor", 0)})
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(h.StateDir, way)
			if way == "all" {
				path = h.StateDir
			}
			aside := path + ".aside"
			block := func() {
				_ = os.Rename(path, aside)
				if way == "state.json" || way == "state.json.old" {
					if err := os.MkdirAll(filepath.Join(path, "x"), 0o700); err != nil {
						t.Fatal(err)
					}
				} else if err := os.WriteFile(path, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			unblock := func() {
				_ = os.RemoveAll(path)
				_ = os.Rename(aside, path)
			}
			staged, err := s.Stage(t.Context(), another(t, "c/data-processor", 1))
			if err != nil {
				t.Fatal(err)
			}
			ok := func(what string) {
				t.Helper()
				if _, err := metadata(t.Context(), s); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			block()
			if err := s.Canary(staged, plugin.Ramp{}); err != nil {
				t.Error(err)
			}
			ok("canary")
			if err := s.Promote(); err != nil {
				t.Error(err)
			}
			ok("promoted")
			_, err = s.Load(t.Context(), another(t, "c/data-processor", 2))
			if stays := way == "state.json" || way == "state.json.old"; (err == nil) != stays || err != nil && !strings.Contains(err.Error(), "failed at stage") {
				t.Errorf("loaded: %v", err)
			}
			ok("loaded")
			_, err = s.Load(t.Context(), guest(t, "broken/other"))
			if err == nil {
				t.Error("loaded what is broken")
			}
			ok("broken")
			_ = s.Rollback(t.Context(), "bad") // which needs the code from the store
			ok("back")
			if n := len(seen.of(plugin.StateFailed)); n < 2 {
				t.Errorf("told %d times that the state could not be written", n)
			}
			unblock()
			if _, err = s.Load(t.Context(), another(t, "c/data-processor", 3)); err != nil {
				t.Error(err)
			}
			ok("after")
			want := s.Status().Stable.Digest
			h = start()
			s, err = plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "broken/other")})
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Status().Stable.Digest; got != want {
				t.Errorf("serves %s, want %s", got, want)
			}
			ok("again")
		})
	}
}
