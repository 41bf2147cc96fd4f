package plugin_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
)

func processItem(ctx context.Context, p *api.Plugin, item string) (string, error) {
	r, err := p.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: item})
	return r.Output, err
}

// TestBatch makes many calls: each has its own result at its own place, and a
// trap is the matter of one.
func TestBatch(t *testing.T) {
	h := newHost(t)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "broken/hostile")})
	if err != nil {
		t.Fatal(err)
	}
	want, err := process(t.Context(), s, "item")
	if err != nil {
		t.Fatal(err)
	}
	items := make([]string, 100)
	for i := range items {
		if items[i] = "item"; i%10 == 3 {
			items[i] = "trap"
		}
	}
	results, err := plugin.Run(t.Context(), s, plugin.Batch{}, items, processItem)
	if err != nil || len(results) != len(items) {
		t.Fatalf("%d results, %v", len(results), err)
	}
	for i, r := range results {
		trap, trapped := errors.AsType[*rt.Trap](r.Err)
		switch {
		case items[i] == "trap" && (!trapped || trap.Kind != rt.TrapUnreachable):
			t.Errorf("item %d: %v, want a trap", i, r.Err)
		case items[i] == "item" && (r.Err != nil || r.Value != want):
			t.Errorf("item %d: %q, %v", i, r.Value, r.Err)
		}
	}
}

// TestBatchFailFast ends a batch with its first failure.
func TestBatchFailFast(t *testing.T) {
	h := newHost(t)
	var calls atomic.Int64
	broken := errors.New("broken")
	s := add(t, h, "data", func(ctx context.Context) error {
		if calls.Add(1) == 5 {
			return broken
		}
		if calls.Load() > 5 {
			<-ctx.Done()
		}
		return ctx.Err()
	})
	items := slices.Repeat([]string{"x"}, 1000)
	results, err := plugin.Run(t.Context(), s, plugin.Batch{Workers: 4, FailFast: true}, items, processItem)
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if calls.Load() > 12 {
		t.Errorf("%d calls were made", calls.Load())
	}
	for i, r := range results[20:] {
		if !errors.Is(r.Err, broken) {
			t.Fatalf("item %d: %v", 20+i, r.Err)
		}
	}
}

// TestBatchOrder has results come as they are done, and what takes more than its
// time end.
func TestBatchOrder(t *testing.T) {
	h := newHost(t)
	s := add(t, h, "data", func(ctx context.Context) error {
		select {
		case <-ctx.Value(userKey{}).(chan struct{}):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		return nil
	})
	done := make(chan struct{})
	close(done)
	items := []chan struct{}{make(chan struct{}), make(chan struct{}), done}
	wait := func(ctx context.Context, p *api.Plugin, item chan struct{}) (string, error) {
		return processItem(context.WithValue(ctx, userKey{}, item), p, "x")
	}
	order := 2
	for i, r := range plugin.Each(t.Context(), s, plugin.Batch{}, items, wait) {
		if i != order || r.Err != nil {
			t.Errorf("item %d is done, want %d: %v", i, order, r.Err)
		}
		if order--; order >= 0 {
			close(items[order])
		}
	}
	if order != -1 {
		t.Errorf("%d items are left", order+1)
	}
	items[0], items[1] = make(chan struct{}), make(chan struct{})
	for i, r := range plugin.Each(t.Context(), s, plugin.Batch{Deadline: 20 * time.Millisecond}, items[:2], wait) {
		if !errors.Is(r.Err, context.DeadlineExceeded) {
			t.Errorf("item %d: %v", i, r.Err)
		}
	}
	for range plugin.Each(t.Context(), s, plugin.Batch{}, items, wait) {
		break // the others are cancelled
	}
	if st := s.Status().Stable; st.Calls != 0 || st.Pool.Busy != 0 {
		t.Errorf("%+v", st)
	}
}

// TestReady says whether a slot serves.
func TestReady(t *testing.T) {
	h := newHost(t)
	var fails atomic.Bool
	s := add(t, h, "data", func(context.Context) error {
		if fails.Load() {
			return errors.New("broken")
		}
		return nil
	})
	if err := errors.Join(s.Ready(), s.Probe(t.Context())); err != nil {
		t.Error(err)
	}
	fails.Store(true)
	for range 5 {
		_, _ = process(t.Context(), s, "x")
	}
	if err := s.Ready(); !errors.Is(err, plugin.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if err := s.Probe(t.Context()); err != nil {
		t.Errorf("an instance starts all the same: %v", err)
	}
	if err := s.Unload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Ready()); !errors.Is(err, plugin.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// TestBatchPanics has the function of a batch panic, or end its goroutine: so
// does whoever makes the batch, and nothing is left of it.
func TestBatchPanics(t *testing.T) {
	h := newHost(t)
	s := add(t, h, "data", func(context.Context) error { return nil })
	for _, workers := range []int{1, 3} {
		run := func(f func()) (panicked any, returned bool) {
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				defer func() { panicked = recover() }()
				_, _ = plugin.Run(t.Context(), s, plugin.Batch{Workers: workers}, []int{1, 2, 3, 4, 5},
					func(_ context.Context, _ *api.Plugin, item int) (string, error) {
						if item == 2 {
							f()
						}
						return "", nil
					})
				returned = true
			}()
			select {
			case <-ended:
			case <-time.After(10 * time.Second):
				t.Fatal("the batch does not end")
			}
			return panicked, returned
		}
		if p, returned := run(runtime.Goexit); p != nil || returned {
			t.Errorf("%d workers: after Goexit: panic %v, returned %v", workers, p, returned)
		}
		if p, returned := run(func() { panic("mine") }); p != "mine" || returned {
			t.Errorf("%d workers: panic %v, returned %v", workers, p, returned)
		}
	}
	if st := s.Status().Stable; st.Calls != 0 || st.Pool.Busy != 0 {
		t.Errorf("%+v", st)
	}
}
