package poll

import (
	"context"
	"sync"
)

// Source is something that guests wait for. Its methods may be called from any
// goroutine.
type Source interface {
	// Ready reports whether waiting for the source would end at once.
	Ready() bool

	// Watch has w woken whenever the source may have become ready, until stop
	// is called. It begins what has to be under way for that ever to happen. The
	// source may be ready already: who watches asks it afterwards.
	Watch(w Waker) (stop func())
}

// Waker wakes one goroutine. It may be woken from any other, any number of
// times; that never waits.
type Waker struct{ c chan struct{} }

// NewWaker returns a waker.
func NewWaker() Waker { return Waker{make(chan struct{}, 1)} }

// Wake ends the wait under way, or else the next one, at once.
func (w Waker) Wake() {
	select {
	case w.c <- struct{}{}:
	default: // it is awake
	}
}

// Wait waits until it is woken. It returns the context's cause if that is done
// first.
func (w Waker) Wait(ctx context.Context) error {
	select {
	case <-w.c:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Signal keeps who watches a source. The zero Signal is ready to use, from any
// goroutine.
type Signal struct {
	mu       sync.Mutex
	watchers map[*watch]struct{}
}

type watch struct{ w Waker }

// Watch adds a waker until stop is called.
func (s *Signal) Watch(w Waker) (stop func()) {
	x := &watch{w}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watchers == nil {
		s.watchers = make(map[*watch]struct{})
	}
	s.watchers[x] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, x)
	}
}

// Wake wakes all who watch.
func (s *Signal) Wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for x := range s.watchers {
		x.w.Wake()
	}
}

// Always is a source that is ready.
type Always struct{}

// Ready returns true.
func (Always) Ready() bool { return true }

// Watch does nothing.
func (Always) Watch(Waker) (stop func()) { return func() {} }
