package plugin

import (
	"context"
	"iter"
	"runtime"
	"sync"
	"time"
)

// Batch is how many calls are made of a plugin.
type Batch struct {
	// Workers is how many calls are under way at a time; 0 means as many as the
	// plugin may have instances.
	Workers int
	// Deadline is how long each may take, beside what its policy says; 0 means
	// that nothing else bounds it. Waiting for an instance counts.
	Deadline time.Duration
	// FailFast cancels all others when one fails, with its error as the cause.
	FailFast bool
}

// Result is what came of an item.
type Result[O any] struct {
	Value O
	Err   error
}

// Run calls the plugin for each item and returns what came of each, in the order
// of the items. The error is ctx's cause if that was done first, or that of the
// first call that failed if the batch is to fail fast; else there is none,
// whatever calls failed.
func Run[C Client, I, O any](ctx context.Context, s *Slot[C], b Batch, items []I, f func(ctx context.Context, client C, item I) (O, error)) ([]Result[O], error) {
	results := make([]Result[O], len(items))
	var failed error
	for i, r := range Each(ctx, s, b, items, f) {
		if results[i] = r; r.Err != nil && failed == nil {
			failed = r.Err
		}
	}
	if err := context.Cause(ctx); err != nil {
		return results, err
	}
	if b.FailFast {
		return results, failed
	}
	return results, nil
}

// Each is [Run] for results as they come, with the indexes of their items. All
// calls have ended when the loop is left. If f panics, or ends its goroutine, so
// does the loop.
func Each[C Client, I, O any](ctx context.Context, s *Slot[C], b Batch, items []I, f func(ctx context.Context, client C, item I) (O, error)) iter.Seq2[int, Result[O]] {
	type done struct {
		i     int
		r     Result[O]
		ended bool // f returned; if not it panicked, or ended its goroutine
		panic any
	}
	return func(yield func(int, Result[O]) bool) {
		ctx, cancel := context.WithCancelCause(ctx)
		workers := b.Workers
		if workers <= 0 {
			workers = s.slot.instances()
		}
		work, ended, left := make(chan int), make(chan done), make(chan struct{})
		var all sync.WaitGroup
		for range min(workers, len(items)) {
			all.Go(func() {
				for i := range work {
					func() {
						d := done{i: i}
						defer func() { ended <- d }()
						defer func() {
							if !d.ended {
								d.panic = recover()
							}
						}()
						d.r = one(ctx, s, b.Deadline, items[i], f)
						d.ended = true
					}()
				}
			})
		}
		go func() {
			defer close(ended)
			defer all.Wait()
			defer close(work)
			for i := range items {
				select {
				case work <- i: // after ctx is done, each item has its cause
				case <-left:
					return
				}
			}
		}()
		defer func() { // also where the loop is left early, or panics
			cancel(nil)
			close(left)
			for range ended {
			}
		}()
		for d := range ended {
			switch {
			case d.panic != nil:
				panic(d.panic)
			case !d.ended:
				runtime.Goexit()
			}
			if b.FailFast && d.r.Err != nil {
				cancel(d.r.Err)
			}
			if !yield(d.i, d.r) {
				return
			}
		}
	}
}

// one makes one call of a batch.
func one[C Client, I, O any](ctx context.Context, s *Slot[C], deadline time.Duration, item I, f func(ctx context.Context, client C, item I) (O, error)) (r Result[O]) {
	if r.Err = context.Cause(ctx); r.Err != nil {
		return r
	}
	if deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, deadline)
		defer cancel()
	}
	r.Err = s.Do(ctx, func(ctx context.Context, client C) (err error) {
		r.Value, err = f(ctx, client, item)
		return err
	})
	return r
}

// instances is how many calls may be under way at a time.
func (s *slot) instances() int {
	if r := s.route.Load().stable; r != nil {
		return r.rights.instances()
	}
	return 1
}
