package plugin

import (
	"context"
	"iter"
	"slices"
	"sync"
)

// Events returns what happens from now on, whether or not the loop over it has
// begun, until ctx is done or the host is closed. Of what comes while nobody takes
// it the last 256 are kept. There is one loop: when it has ended, another one is
// told of nothing. The context has to end, or the loop to begin, or what is kept
// stays as long as the host.
func (h *Host) Events(ctx context.Context) iter.Seq[Event] {
	to := &subscriber{more: make(chan struct{}, 1)}
	h.events.Lock()
	h.subscribers[to] = true
	h.events.Unlock()
	ctx, end := context.WithCancel(ctx)
	context.AfterFunc(ctx, func() { h.unsubscribe(to) })
	return func(yield func(Event) bool) {
		defer h.unsubscribe(to)
		defer end()
		for to.next(ctx, h.closed) {
			for _, e := range to.take() {
				if !yield(e) {
					return
				}
			}
		}
	}
}

func (h *Host) unsubscribe(s *subscriber) {
	h.events.Lock()
	defer h.events.Unlock()
	delete(h.subscribers, s)
	s.end()
}

const maxEvents = 256

// subscriber is who is told of events.
type subscriber struct {
	more chan struct{} // holds a value if there may be events

	mu     sync.Mutex
	events []Event
	ended  bool
}

// next waits for events; false if there are no more.
func (s *subscriber) next(ctx context.Context, closed <-chan struct{}) bool {
	select {
	case <-s.more:
		return true
	default:
	}
	select {
	case <-s.more:
		return true
	case <-closed: // with what came before that
		return s.some()
	case <-ctx.Done():
		return false
	}
}

func (s *subscriber) add(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	if len(s.events) == maxEvents {
		s.events = slices.Delete(s.events, 0, 1)
	}
	s.events = append(s.events, e)
	select {
	case s.more <- struct{}{}:
	default: // it knows already
	}
}

func (s *subscriber) take() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := s.events
	s.events = nil
	return events
}

func (s *subscriber) some() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.events) > 0
}

// end forgets what nobody takes any more.
func (s *subscriber) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events, s.ended = nil, true
}
