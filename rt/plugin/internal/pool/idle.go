package pool

import (
	"context"
	"time"
)

// How long the pool waits before it starts instances ahead again, after it
// could not.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 30 * time.Second
)

// Warm starts instances ahead, up to MinIdle. It returns the error of the first
// that does not start.
func (p *Pool[T]) Warm(ctx context.Context) error { return p.Ahead(ctx, p.c.MinIdle) }

// Ahead starts instances until so many are idle, or Max are open. It returns the
// error of the first that does not start.
func (p *Pool[T]) Ahead(ctx context.Context, idle int) error {
	for {
		p.mu.Lock()
		if p.closed || len(p.idle) >= idle || p.open >= p.c.Max {
			closed := p.closed
			p.mu.Unlock()
			if closed {
				return ErrClosed
			}
			return nil
		}
		p.open++
		p.mu.Unlock()
		l, err := p.start(ctx)
		if err != nil {
			return err
		}
		if p.c.Ready != nil {
			p.c.Ready(l.Instance)
		}
		if !p.put(l) {
			p.close(l)
		}
	}
}

// startAhead has instances started on a goroutine of the pool's, if fewer are
// idle than should be. It is called with the pool locked.
func (p *Pool[T]) startAhead() {
	if p.c.MinIdle == 0 || p.closed || p.ahead || p.failed > 0 || len(p.idle) >= p.c.MinIdle || p.open >= p.c.Max {
		return
	}
	p.ahead = true
	p.work.Go(p.fill)
}

// fill starts instances ahead. After a failure it is tried again later, and
// calls start what they need themselves.
func (p *Pool[T]) fill() {
	var err error
	for again := true; again; {
		err = p.Warm(p.ctx)
		p.mu.Lock()
		// What was taken between the last look and this one is started, too.
		again = err == nil && !p.closed && len(p.idle) < p.c.MinIdle && p.open < p.c.Max
		if !again {
			p.ahead = false
			p.later(err)
		}
		p.mu.Unlock()
	}
	if err != nil && p.c.Failed != nil && context.Cause(p.ctx) == nil {
		p.c.Failed(err)
	}
}

// later has instances started ahead again, some time after a failure.
func (p *Pool[T]) later(err error) {
	if err == nil || p.closed {
		p.failed = 0
		return
	}
	wait := min(firstRetry<<min(p.failed, 20), lastRetry)
	p.failed++
	p.retry = time.AfterFunc(wait, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.closed && !p.ahead {
			p.ahead = true
			p.work.Go(p.fill)
		}
	})
}

// sweepIn has idle instances looked at after a time. It is called with the pool
// locked.
func (p *Pool[T]) sweepIn(after time.Duration) {
	if p.sweep == nil {
		p.sweep = time.AfterFunc(after, p.sweepIdle)
	}
}

// sweepIdle closes instances that have been idle for too long, but for MinIdle.
func (p *Pool[T]) sweepIdle() {
	p.mu.Lock()
	p.sweep = nil
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.work.Add(1)
	defer p.work.Done()
	old := 0
	now := time.Now()
	for old < len(p.idle)-p.c.MinIdle && now.Sub(p.idle[old].last) >= p.c.MaxIdle {
		old++
	}
	swept := append([]*Lease[T](nil), p.idle[:old]...)
	p.idle = append(p.idle[:0], p.idle[old:]...)
	clear(p.idle[len(p.idle):cap(p.idle)])
	if len(p.idle) > p.c.MinIdle {
		p.sweepIn(max(p.c.MaxIdle-now.Sub(p.idle[0].last), time.Millisecond))
	}
	p.mu.Unlock()
	for _, l := range swept {
		p.close(l)
	}
}
