package plugin_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
)

// TestContextAfterCall has a host function keep its context: it is done as soon
// as the call is over.
func TestContextAfterCall(t *testing.T) {
	h := newHost(t)
	for _, armed := range []bool{false, true} {
		var kept context.Context
		s := add(t, h, fmt.Sprint("armed-", armed), func(ctx context.Context) error {
			if kept = ctx; armed {
				ctx.Done()
			}
			return nil
		})
		if _, err := process(t.Context(), s, "x"); err != nil {
			t.Fatal(err)
		}
		if kept.Err() == nil {
			t.Error("the context outlives its call")
		}
		select {
		case <-kept.Done():
		case <-time.After(10 * time.Second):
			t.Error("it is not done")
		}
	}
}

// TestContextKept keeps the contexts of calls while others are made: each stays
// that of its own call, and done.
func TestContextKept(t *testing.T) {
	s := add(t, newHost(t), "data", func(context.Context) error { return nil })
	type key struct{}
	var kept []context.Context
	var ended atomic.Int64
	for i := range 50 {
		err := s.Do(context.WithValue(t.Context(), key{}, i), func(ctx context.Context, _ *api.Plugin) error {
			if err := ctx.Err(); err != nil {
				t.Errorf("call %d: %v", i, err)
			}
			context.AfterFunc(ctx, func() { ended.Add(1) })
			kept = append(kept, ctx)
			for of, ctx := range kept {
				if got := ctx.Value(key{}); got != of {
					t.Errorf("in call %d: the context of call %d has the value of call %v", i, of, got)
				}
				if err := ctx.Err(); (err != nil) != (of < i) {
					t.Errorf("in call %d: the context of call %d says %v", i, of, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for wait := time.Now(); ended.Load() < int64(len(kept)) && time.Since(wait) < 10*time.Second; {
		time.Sleep(time.Millisecond)
	}
	if got := ended.Load(); got != int64(len(kept)) {
		t.Errorf("%d functions ran that wait for the ends of %d calls", got, len(kept))
	}
}

// slowly is a context that takes its time to say when it is done.
type slowly struct{ context.Context }

func (s slowly) Done() <-chan struct{} {
	time.Sleep(time.Millisecond)
	return s.Context.Done()
}

// TestContextArmed has many goroutines wait for a call's end at once, and the
// call end then or meanwhile: they wait for the same, and for one that comes.
func TestContextArmed(t *testing.T) {
	s := add(t, newHost(t), "data", func(context.Context) error { return nil })
	for round := range 20 {
		var asking, waiters sync.WaitGroup
		asking.Add(8)
		done := make([]<-chan struct{}, 8)
		err := s.Do(slowly{t.Context()}, func(ctx context.Context, _ *api.Plugin) error {
			for i := range done {
				waiters.Go(func() {
					done[i] = ctx.Done()
					asking.Done()
					<-done[i]
				})
			}
			if round%2 == 0 {
				asking.Wait()
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		waiters.Wait()
		for _, d := range done {
			if d != done[0] {
				t.Fatal("a context with two channels")
			}
		}
	}
}
