package task

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// turn is a lock that is taken in order of arrival and whose waiters leave
// when their context is done. The zero turn is free.
type turn struct {
	state atomic.Int32
	mu    sync.Mutex
	queue []chan struct{} // guarded by mu; each has room for one signal
}

// The states of a turn.
const (
	turnFree  = iota
	turnHeld  // and nobody waits
	turnQueue // held, and somebody may wait
)

// try takes the turn if it is free.
func (t *turn) try() bool { return t.state.CompareAndSwap(turnFree, turnHeld) }

// take waits for the turn. It returns the context's cause if that is done first.
func (t *turn) take(ctx context.Context) error {
	t.mu.Lock()
	for !t.state.CompareAndSwap(turnHeld, turnQueue) && t.state.Load() != turnQueue {
		if t.try() {
			t.mu.Unlock()
			return nil
		}
	}
	w := make(chan struct{}, 1)
	t.queue = append(t.queue, w)
	t.mu.Unlock()

	select {
	case <-w:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	i := slices.Index(t.queue, w)
	if i >= 0 {
		t.queue = slices.Delete(t.queue, i, i+1)
	}
	t.mu.Unlock()
	if i < 0 { // the turn was handed over meanwhile
		t.give()
	}
	return context.Cause(ctx)
}

// free frees the turn if nobody waits for it.
func (t *turn) free() bool { return t.state.CompareAndSwap(turnHeld, turnFree) }

// give passes the turn to the first who waits, or frees it.
func (t *turn) give() {
	if t.free() {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.queue) == 0 {
		t.state.Store(turnFree)
		return
	}
	w := t.queue[0]
	t.queue = slices.Delete(t.queue, 0, 1)
	w <- struct{}{}
}
