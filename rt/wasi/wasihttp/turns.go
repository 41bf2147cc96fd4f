package wasihttp

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

var (
	errBusy   = errors.New("too many requests are in guests, and waiting")
	errLate   = errors.New("no turn in time")
	errClosed = errors.New("handler is closed")
)

// turns bounds how many requests are in guests, and how many wait for that.
type turns struct {
	free    chan struct{} // has one for each that is taken
	waiting atomic.Int64
	most    int64
	wait    time.Duration
}

func newTurns(o Options) *turns {
	return &turns{free: make(chan struct{}, o.MaxConcurrent), most: int64(o.MaxWaiting), wait: o.MaxWait}
}

// take waits for a turn, which leave gives back.
func (t *turns) take(ctx context.Context, closing <-chan struct{}) error {
	select {
	case t.free <- struct{}{}:
		return nil
	default:
	}
	if t.wait < 0 {
		return errBusy
	}
	if t.waiting.Add(1) > t.most {
		t.waiting.Add(-1)
		return errBusy
	}
	defer t.waiting.Add(-1)
	late := time.NewTimer(t.wait)
	defer late.Stop()
	select {
	case t.free <- struct{}{}:
		return nil
	case <-late.C:
		return errLate
	case <-closing:
		return errClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t *turns) leave() { <-t.free }
