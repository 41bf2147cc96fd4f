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
	"github.com/witgen/witgen/rt/plugin/policy"
)

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

// TestHandOver hands over what the last instance knows, and nothing if that is
// not there any more; a revision that does not take it does not serve, and the
// one before has it again.
func TestHandOver(t *testing.T) {
	h := newHost(t)
	var saves, starts atomic.Int64
	var state atomic.Value
	var refuses, traps atomic.Bool
	w := plugin.Of(api.Prepare, func() api.Imports {
		starts.Add(1)
		return api.Imports{HostAPI: asking{emit: func(context.Context) error {
			if traps.Load() {
				return errors.New("broken")
			}
			return nil
		}}}
	})
	w.Save = func(context.Context, *api.Plugin) ([]byte, error) { saves.Add(1); return []byte("known"), nil }
	w.Restore = func(_ context.Context, _ *api.Plugin, s []byte) error {
		if refuses.Swap(false) {
			return errors.New("unknown format")
		}
		state.Store(string(s))
		return nil
	}
	p := pooled()
	p.Reuse = policy.Single
	s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: p, Source: guest(t, "c/data-processor"), Quiesce: true})
	if err != nil {
		t.Fatal(err)
	}
	first := s.Status().Stable.Digest
	if _, err := process(t.Context(), s, "x"); err != nil {
		t.Fatal(err)
	}
	refuses.Store(true)
	if _, err := s.Load(t.Context(), another(t, "c/data-processor", 1)); err == nil {
		t.Error("loaded what does not take what is known")
	}
	if st := s.Status().Stable; st.Digest != first || state.Load() != "known" {
		t.Errorf("%s serves, which knows %v", st.Digest.Short(), state.Load())
	}
	traps.Store(true)
	if _, err := process(t.Context(), s, "x"); err == nil {
		t.Error("it does not trap")
	}
	before := saves.Load()
	if _, err := s.Load(t.Context(), another(t, "c/data-processor", 2)); err != nil {
		t.Fatal(err)
	}
	if n := saves.Load(); n != before {
		t.Errorf("an instance that was started for it was asked what it knows")
	}
}

// TestStuckQuiesced has a host function that goes on though its call was cancelled,
// in a slot of which two revisions may not be there: who loads another one does not
// wait longer than its context, nothing is started beside the call, and what
// served is back once it has ended.
func TestStuckQuiesced(t *testing.T) {
	seen := &events{}
	h, err := plugin.New(t.Context(), plugin.Config{Logger: quiet, Observer: seen, DrainTimeout: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	entered, leave := make(chan struct{}), make(chan struct{})
	w := rawWorld(func(_ context.Context, n uint32) (uint32, error) {
		if n == 1 {
			close(entered)
			<-leave // whatever its context says
		}
		return n, nil
	})
	w.Save = func(context.Context, raw) ([]byte, error) { return []byte("known"), nil }
	var restored atomic.Int64
	w.Restore = func(context.Context, raw, []byte) error { restored.Add(1); return nil }
	c := various()
	p := pooled()
	p.Limits.MaxWait = policy.Duration(20 * time.Millisecond)
	s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: p, Source: c.source(), Quiesce: true})
	if err != nil {
		t.Fatal(err)
	}
	first := s.Status().Stable.Digest
	var stuck sync.WaitGroup
	if err := s.Do(t.Context(), func(context.Context, raw) error { // so that one instance is left to be asked what it knows
		stuck.Go(func() { _, _ = call(t.Context(), s, "ask", 1) })
		<-entered
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	c.mark = "second"
	ctx, cancel := context.WithCancelCause(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := s.Load(ctx, c.source())
		failed <- err
	}()
	seen.wait(t, plugin.Stuck)
	tired := errors.New("tired of waiting")
	cancel(tired)
	within(t, "a load whose context is done", func() {
		if err := <-failed; !errors.Is(err, tired) {
			t.Errorf("it returned %v", err)
		}
	})
	if _, err := call(t.Context(), s, "ask", 2); !errors.Is(err, plugin.ErrOverloaded) {
		t.Errorf("a call while one is stuck: %v", err)
	}
	ctx, end := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer end()
	within(t, "a load after it", func() {
		if _, err := s.Load(ctx, c.source()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it returned %v", err)
		}
	})
	if st := s.Status(); st.Stable != nil || st.Stuck != 1 || restored.Load() != 0 {
		t.Errorf("%+v serves while a call is stuck, %d are, %d restored", st.Stable, st.Stuck, restored.Load())
	}
	close(leave)
	stuck.Wait()
	seen.wait(t, plugin.RolledBack)
	if st := s.Status().Stable; st == nil || st.Digest != first || restored.Load() != 1 {
		t.Errorf("%+v serves, %d restored", st, restored.Load())
	}
	within(t, "a load in the end", func() {
		r, err := s.Load(t.Context(), c.source())
		if err != nil {
			t.Error(err)
			return
		}
		if st := s.Status().Stable; st.Digest != r.Digest() {
			t.Errorf("%s serves", st.Digest.Short())
		}
	})
	if n, err := call(t.Context(), s, "ask", 2); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
	if err := h.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
