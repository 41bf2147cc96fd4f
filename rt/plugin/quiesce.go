package plugin

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// quiesce ends the revision that serves, while calls wait, so that the new one
// is the only one there is. It hands over what that one knew.
func (p *pipeline) quiesce(ctx context.Context) error {
	s := p.slot
	s.lock()
	before := s.route.Load()
	if before.stable == nil || s.ctx.Err() != nil {
		s.unlock()
		return nil
	}
	if t := s.trial; t != nil {
		s.rollback(t, "another revision is loaded", false)
	}
	old := before.stable
	held := make(chan struct{})
	s.route.Store(&route{held: held})
	p.held, p.before, p.lastGood = held, old.good(), s.lastGood
	s.lastGood = p.before
	s.leaves(old)
	told := s.noted()
	s.unlock()

	old.retired.Store(true)
	old.leave()
	ended, err := make(chan struct{}), error(nil)
	s.host.work.Go(func() {
		defer close(ended)
		defer s.left(old)
		s.drain(old, told)
		err = p.handOver(context.WithoutCancel(ctx), old)
		s.free(old)
	})
	select {
	case <-ended:
		return err
	case <-ctx.Done(): // as calls take long, or never end
		p.ended = ended
		return context.Cause(ctx)
	}
}

// handOver asks the last instance of a revision what it knows, for the next. It
// asks none that is there no more, as it trapped: a new one would know nothing.
func (p *pipeline) handOver(ctx context.Context, from *revision) error {
	save := p.slot.world.save
	if save == nil {
		return nil
	}
	l := from.pool.TakeIdle()
	if l == nil {
		return nil
	}
	defer l.Release(true)
	return from.lastly(ctx, func(ctx context.Context) error {
		state, err := save(ctx, l.Instance)
		if err != nil {
			return fmt.Errorf("save: %w", err)
		}
		p.state = &state
		return nil
	})
}

// release has the calls go on that wait. What served is started again, if
// nothing new is: once its calls have ended, for which nobody waits but what would
// be loaded next, and the calls as long as they may.
func (p *pipeline) release(ctx context.Context, ok bool) {
	s := p.slot
	switch {
	case p.held == nil:
	case p.ended == nil:
		p.resume(ctx, ok)
	default:
		s.mu.Lock()
		s.ending = p.held
		s.mu.Unlock()
		s.host.work.Go(func() {
			<-p.ended
			p.resume(ctx, ok)
		})
	}
}

// ended waits for a revision to be gone that was to make way for one which nobody
// waits for any more. The caller has the turn.
func (s *slot) ended(ctx context.Context) error {
	s.mu.Lock()
	held := s.ending
	s.mu.Unlock()
	if held == nil {
		return nil
	}
	select {
	case <-held:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("plugin %s: %w", s.name, context.Cause(ctx))
	}
}

// resume has the calls go on.
func (p *pipeline) resume(ctx context.Context, ok bool) {
	s := p.slot
	err := errors.New("it was not started again")
	defer func() {
		s.lock()
		defer s.unlock()
		defer close(p.held)
		if s.route.Load().held == p.held && s.ctx.Err() == nil {
			s.route.Store(&route{err: fmt.Errorf("plugin %s: %w: %w", s.name, ErrUnavailable, err)})
		}
	}()
	if !ok && s.ctx.Err() == nil {
		again := s.restore(p.before)
		again.state = p.state
		var r *revision
		if r, err = again.run(context.WithoutCancel(ctx)); err == nil {
			err = s.swap(r, RolledBack, "what served is started again")
		}
		s.lock()
		defer s.unlock()
		switch {
		case err == nil:
			s.lastGood = p.lastGood
			return
		case r != nil:
			s.retire(r)
		}
	}
}

// hold has a call wait while a revision is replaced.
func (s *slot) hold(ctx context.Context, held <-chan struct{}) error {
	var late <-chan time.Time
	if wait := time.Duration(s.granted().Limits.MaxWait); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-held:
		return nil
	case <-s.ctx.Done(): // for which there is another route in a moment
		select {
		case <-held:
		default:
			return fmt.Errorf("plugin %s: %w", s.name, ErrClosed)
		}
		return nil
	case <-late:
		return fmt.Errorf("plugin %s: %w: it is being replaced, waited %v", s.name, ErrOverloaded, time.Duration(s.granted().Limits.MaxWait))
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
