package pool

import (
	"context"
	"time"
)

// turn is what a call that waited gets: an instance, the right to start one, or
// an error.
type turn[T any] struct {
	lease *Lease[T]
	start bool
	err   error
}

// waiter is a call that waits. Its channel takes one turn, and has room for it.
type waiter[T any] struct {
	turn       chan turn[T]
	prev, next *waiter[T]
	in         bool // the line
}

// line is the calls that wait, the first first.
type line[T any] struct {
	first, last *waiter[T]
	len         int
}

func (q *line[T]) push(w *waiter[T]) {
	w.prev, w.in = q.last, true
	if q.last == nil {
		q.first = w
	} else {
		q.last.next = w
	}
	q.last = w
	q.len++
}

func (q *line[T]) pop() *waiter[T] {
	w := q.first
	if w != nil {
		q.remove(w)
	}
	return w
}

func (q *line[T]) remove(w *waiter[T]) {
	if w.prev == nil {
		q.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		q.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.prev, w.next, w.in = nil, nil, false
	q.len--
}

// wait waits for an instance. It is called with the pool locked, and unlocks it.
func (p *Pool[T]) wait(ctx context.Context) (*Lease[T], error) {
	if p.queue.len >= p.c.Queue {
		p.use.Refused++
		err := p.overloaded("%d queued", p.queue.len)
		p.mu.Unlock()
		return nil, err
	}
	w := &waiter[T]{turn: make(chan turn[T], 1)}
	p.queue.push(w)
	p.mu.Unlock()

	var late <-chan time.Time
	if p.c.MaxWait > 0 {
		timer := time.NewTimer(p.c.MaxWait)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case t := <-w.turn:
		return p.serve(ctx, t)
	case <-ctx.Done():
	case <-late:
	}

	p.mu.Lock()
	if !w.in { // its turn came meanwhile
		p.mu.Unlock()
		return p.serve(ctx, <-w.turn)
	}
	p.queue.remove(w)
	err := context.Cause(ctx)
	if err == nil {
		p.use.TimedOut++
		err = p.overloaded("%d queued, waited %v", p.queue.len+1, p.c.MaxWait)
	}
	p.mu.Unlock()
	return nil, err
}

// serve takes a turn.
func (p *Pool[T]) serve(ctx context.Context, t turn[T]) (*Lease[T], error) {
	if t.start {
		return p.start(ctx)
	}
	return t.lease, t.err
}
