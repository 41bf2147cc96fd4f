package pool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Errors to test for with errors.Is.
var (
	// ErrOverloaded is in the error of a call that found all instances busy and
	// as many calls waiting as may, or that waited for too long.
	ErrOverloaded = errors.New("overloaded")

	// ErrClosed is the error of calls of a pool that was closed.
	ErrClosed = errors.New("pool closed")
)

// Config is what a pool is made of. All numbers are above zero but where it
// says what 0 means.
type Config[T any] struct {
	// Start starts an instance, and Close ends one. Both may be called from
	// several goroutines at a time. The context of Start is that of the call that
	// needs the instance, or of the pool; that of Close is not done before the
	// instance is closed.
	Start func(ctx context.Context) (T, error)
	Close func(ctx context.Context, instance T)

	// Ready, if it is not nil, makes an instance ready for calls that was started
	// ahead: what no call waits for may take a little longer.
	Ready func(instance T)

	Max     int           // instances at once
	MinIdle int           // of them, started ahead; 0 means none
	Queue   int           // calls that may wait; 0 means none
	MaxWait time.Duration // that they may; 0 means as long as their contexts

	// Again says that an instance serves one call after the other. Else each
	// call has one of its own.
	Again    bool
	MaxCalls int           // of an instance; 0 means any number
	MaxAge   time.Duration // of an instance; 0 means any
	MaxIdle  time.Duration // since its last call, but for MinIdle of them; 0 means any

	// Worn, if it is not nil, reports whether an instance that has served a call
	// is not to serve another one, as it has come to need too much memory.
	Worn func(instance T) bool

	// Failed, if it is not nil, is told why an instance could not be started
	// ahead.
	Failed func(err error)
}

// Pool lends instances. It may be used from several goroutines.
type Pool[T any] struct {
	c   Config[T]
	ctx context.Context // done when the pool is closed
	end context.CancelCauseFunc

	mu      sync.Mutex
	idle    []*Lease[T] // the one used last is the last
	open    int         // instances, with those that are being started or closed
	queue   line[T]
	ahead   bool          // instances are being started ahead
	retry   *time.Timer   // to start instances ahead again, after a failure
	failed  int           // times in a row
	sweep   *time.Timer   // to close idle instances
	closed  bool          // no calls any more
	emptied chan struct{} // closed when closed and open is 0
	work    sync.WaitGroup
	use     Use
}

// Lease is an instance that a call has.
type Lease[T any] struct {
	Instance T

	pool  *Pool[T]
	born  time.Time
	last  time.Time // when the last call ended
	calls int
}

// Use is what a pool has and did.
type Use struct {
	Idle, Busy, Waiting int // now

	Started  uint64 // instances
	Ended    uint64 // of them
	Refused  uint64 // calls, as too many waited
	TimedOut uint64 // calls, as they waited for too long
}

// New returns a pool without instances.
func New[T any](c Config[T]) *Pool[T] {
	p := &Pool[T]{c: c, emptied: make(chan struct{})}
	p.ctx, p.end = context.WithCancelCause(context.Background())
	return p
}

// Acquire returns an instance: an idle one, a new one, or the first that comes
// free, in the order in which calls ask. The caller releases it. The error is
// ctx's cause, ErrClosed, has ErrOverloaded in it, or is that of Start.
func (p *Pool[T]) Acquire(ctx context.Context) (*Lease[T], error) {
	p.mu.Lock()
	l, start, err := p.take()
	if err != nil {
		p.mu.Unlock()
		return nil, err
	}
	if l == nil && !start {
		return p.wait(ctx) // which unlocks
	}
	p.mu.Unlock()
	if l != nil {
		return l, nil
	}
	return p.start(ctx)
}

// Idle returns an idle instance, or nil: it neither starts one nor waits.
func (p *Pool[T]) Idle() *Lease[T] {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle) == 0 {
		return nil
	}
	l, _, _ := p.take()
	return l
}

// TryAcquire is Acquire for calls that must not wait: ok is false where they
// would have to.
func (p *Pool[T]) TryAcquire(ctx context.Context) (l *Lease[T], ok bool, err error) {
	p.mu.Lock()
	l, start, err := p.take()
	p.mu.Unlock()
	if err != nil || l != nil || !start {
		return l, l != nil, err
	}
	l, err = p.start(ctx)
	return l, err == nil, err
}

// TakeIdle returns an idle instance, or nil if there is none.
func (p *Pool[T]) TakeIdle() *Lease[T] {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle) == 0 {
		return nil
	}
	l, _, _ := p.take()
	return l
}

// take returns an idle instance, or says that one may be started.
func (p *Pool[T]) take() (l *Lease[T], start bool, err error) {
	if p.closed {
		return nil, false, ErrClosed
	}
	if n := len(p.idle); n > 0 {
		l = p.idle[n-1]
		p.idle[n-1] = nil
		p.idle = p.idle[:n-1]
		if !p.c.Again {
			p.startAhead()
		}
		return l, false, nil
	}
	if p.open < p.c.Max {
		p.open++
		return nil, true, nil
	}
	return nil, false, nil
}

// start starts an instance, which open counts already.
func (p *Pool[T]) start(ctx context.Context) (*Lease[T], error) {
	started := false
	defer func() {
		if !started { // as Start failed, or panicked
			p.gone()
		}
	}()
	instance, err := p.c.Start(ctx)
	if err != nil {
		return nil, err
	}
	started = true
	p.mu.Lock()
	p.use.Started++
	p.mu.Unlock()
	return &Lease[T]{Instance: instance, pool: p, born: time.Now()}, nil
}

// gone counts an instance less. A call that waits may start one instead.
func (p *Pool[T]) gone() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.queue.pop(); w != nil {
		w.turn <- turn[T]{start: true}
		return
	}
	p.open--
	if p.closed && p.open == 0 {
		close(p.emptied)
		return
	}
	p.startAhead()
}

// Release gives the instance back. It is closed, by the caller, unless keep is
// true and the pool has use for it; closing it takes until it is closed.
func (l *Lease[T]) Release(keep bool) {
	p := l.pool
	l.calls++
	if keep = keep && p.c.Again && (p.c.MaxCalls == 0 || l.calls < p.c.MaxCalls); keep {
		// What takes a lock or looks at the clock of the machine is asked where it
		// matters alone.
		keep = (p.c.Worn == nil || !p.c.Worn(l.Instance)) && (p.c.MaxAge == 0 || time.Since(l.born) < p.c.MaxAge)
	}
	if !keep || !p.put(l) {
		p.close(l)
	}
}

// put makes an instance idle, or gives it to a call that waits.
func (p *Pool[T]) put(l *Lease[T]) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	if w := p.queue.pop(); w != nil {
		w.turn <- turn[T]{lease: l}
		return true
	}
	if p.c.MaxIdle > 0 {
		l.last = time.Now()
		p.sweepIn(p.c.MaxIdle)
	}
	p.idle = append(p.idle, l)
	return true
}

// close ends an instance.
func (p *Pool[T]) close(l *Lease[T]) {
	defer func() {
		p.mu.Lock()
		p.use.Ended++
		p.mu.Unlock()
		p.gone()
	}()
	p.c.Close(context.WithoutCancel(p.ctx), l.Instance)
}

// Close closes the idle instances, lets no more calls in, refuses those that
// wait, and waits for the others. It returns ctx's cause if that is done first;
// Close may then be called again. Nothing of the pool runs after it returned nil.
func (p *Pool[T]) Close(ctx context.Context) error {
	p.mu.Lock()
	var idle []*Lease[T]
	if !p.closed {
		p.closed = true
		p.end(ErrClosed)
		for w := p.queue.pop(); w != nil; w = p.queue.pop() {
			w.turn <- turn[T]{err: ErrClosed}
		}
		for _, t := range []*time.Timer{p.retry, p.sweep} {
			if t != nil {
				t.Stop()
			}
		}
		idle, p.idle = p.idle, nil
		if p.open == 0 {
			close(p.emptied)
		}
	}
	p.mu.Unlock()
	for _, l := range idle {
		p.close(l)
	}
	select {
	case <-p.emptied:
		p.work.Wait() // they have nothing left to do but return
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Use returns what the pool has and did.
func (p *Pool[T]) Use() Use {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.use
	u.Idle, u.Waiting = len(p.idle), p.queue.len
	u.Busy = p.open - len(p.idle)
	return u
}

func (p *Pool[T]) overloaded(format string, args ...any) error {
	return fmt.Errorf("%w: %d of %d busy, "+format, append([]any{ErrOverloaded, p.open - len(p.idle), p.c.Max}, args...)...)
}
