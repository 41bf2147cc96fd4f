package plugin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/witgen/witgen/rt/plugin/policy"
)

// Control is what an operator does with a slot, whatever its world. It may be
// used from several goroutines.
type Control struct{ slot *slot }

// Name returns the slot's name.
func (c *Control) Name() string { return c.slot.name }

// Revision is a revision on its way to serving calls, or one that does.
type Revision struct{ r *revision }

// Digest returns what identifies the revision.
func (r *Revision) Digest() Digest { return r.r.id }

// Code returns the digest of its component.
func (r *Revision) Code() Digest { return r.r.code }

// Metadata returns what the plugin says of itself.
func (r *Revision) Metadata() Metadata { return r.r.metadata }

// Load brings a source to serving: all calls go to it when Load returns, or to
// what served before, if there is an error. The zero Source is the slot's own. If the source is what serves already
// nothing is done. One Load that begins makes those end that began before.
func (c *Control) Load(ctx context.Context, from Source) (*Revision, error) {
	return c.load(ctx, from, false)
}

// Retry is Load, also of what failed before.
func (c *Control) Retry(ctx context.Context, from Source) (*Revision, error) {
	return c.load(ctx, from, true)
}

func (c *Control) load(ctx context.Context, from Source, retry bool) (*Revision, error) {
	s := c.slot
	ctx, done, err := s.begins(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if from.read == nil {
		from = s.Source
	}
	p := &pipeline{slot: s, source: from, retry: retry}
	r, err := p.run(ctx)
	if errors.Is(err, errUnchanged) {
		s.happened(Event{Kind: Unchanged, Text: err.Error()})
		return s.revision(), nil
	}
	if err == nil {
		err = s.swap(r, Swapped, "")
	}
	p.release(ctx, err == nil)
	if err != nil {
		return nil, err
	}
	return &Revision{r}, nil
}

// Grant gives the plugin another policy, and loads what serves again under it. If
// that fails, what serves goes on under the policy that it had, which stays.
func (c *Control) Grant(ctx context.Context, p policy.Policy) (*Revision, error) {
	s := c.slot
	s.mu.Lock()
	before := s.Policy
	s.Policy = &p
	from := s.Source
	if r := s.route.Load().stable; r != nil {
		from = r.source
	}
	s.mu.Unlock()
	r, err := c.load(ctx, from, false)
	if err != nil {
		s.mu.Lock()
		if s.Policy == &p {
			s.Policy = before
		}
		s.mu.Unlock()
	}
	return r, err
}

// granted returns the slot's policy.
func (s *slot) granted() *policy.Policy {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Learn != nil {
		p := s.Learn.Grant()
		return &p
	}
	return s.Policy
}

// Stage brings a source so far that it could serve, without a call. [Control.Swap]
// or [Control.Canary] have it serve, and [Control.Discard] ends it; one of them has
// to be called. If it serves already the error says so. The zero Source is the
// slot's own.
func (c *Control) Stage(ctx context.Context, from Source) (*Revision, error) {
	if c.slot.Quiesce {
		return nil, fmt.Errorf("plugin %s: two revisions may not be there at a time: use Load", c.slot.name)
	}
	ctx, done, err := c.slot.begins(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if from.read == nil {
		from = c.slot.Source
	}
	r, err := (&pipeline{slot: c.slot, source: from}).run(ctx)
	if errors.Is(err, errUnchanged) {
		return nil, fmt.Errorf("plugin %s: %s: it serves already", c.slot.name, from.name)
	}
	if err != nil {
		return nil, err
	}
	return &Revision{r}, nil
}

// revision returns what serves, if anything does.
func (s *slot) revision() *Revision {
	if r := s.route.Load().stable; r != nil {
		return &Revision{r}
	}
	return nil
}

// Swap has a staged revision serve all calls.
func (c *Control) Swap(r *Revision) error { return c.slot.swap(r.r, Swapped, "") }

// Discard ends a staged revision.
func (c *Control) Discard(r *Revision) error {
	c.slot.mu.Lock()
	defer c.slot.mu.Unlock()
	if r.r.served {
		return fmt.Errorf("plugin %s: revision %s serves", c.slot.name, r.r.id.Short())
	}
	c.slot.retire(r.r)
	return nil
}

// Unload ends the slot: calls are refused, those under way may end as those of a
// replaced revision may.
func (c *Control) Unload(ctx context.Context) error {
	s := c.slot
	s.host.unregister(s)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.close()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// begins makes way for a pipeline: those that began before end.
func (s *slot) begins(ctx context.Context) (_ context.Context, done func(), err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.ctx, func() { cancel(context.Cause(s.ctx)) })
	s.mu.Lock()
	if s.overtake != nil {
		s.overtake(errOvertaken)
	}
	s.overtake = cancel
	s.mu.Unlock()
	select { // one at a time
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		stop()
		return nil, nil, fmt.Errorf("plugin %s: %w", s.name, context.Cause(ctx))
	}
	return ctx, func() {
		<-s.turn
		stop()
		cancel(nil)
	}, nil
}

var errOvertaken = errors.New("something newer is loaded")

// swap has a revision serve all calls, and ends what did before.
func (s *slot) swap(r *revision, kind EventKind, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		s.retire(r)
		return ErrClosed
	}
	if s.route.Load().stable == r || r.ended() {
		return fmt.Errorf("plugin %s: revision %s serves already, or has ended", s.name, r.id.Short())
	}
	if t := s.trial; t != nil {
		s.trial = nil
		t.end()
	}
	s.settleOn(r, kind, text)
	return nil
}

// settleOn has a revision serve all calls. The caller has the lock.
func (s *slot) settleOn(r *revision, kind EventKind, text string) {
	before := s.route.Load()
	r.served = true
	s.route.Store(&route{stable: r})
	s.happened(Event{Kind: kind, Revision: r.id.Short(), Stage: Swap, Text: text})
	if before.stable != nil {
		s.lastGood = before.stable.good()
		s.retire(before.stable)
	}
	if before.canary != nil && before.canary != r {
		s.retire(before.canary)
	}
	s.persist()
}

// good is a revision that served, and can be brought back.
type good struct {
	id, code Digest
	source   Source
	rights   *rights
	staged   time.Time
}

func (r *revision) good() *good {
	return &good{id: r.id, code: r.code, source: r.source, rights: r.rights, staged: r.staged}
}

// retire ends a revision when its calls have ended, on a goroutine of the
// host's.
func (s *slot) retire(r *revision) {
	if r.retired.Swap(true) {
		return
	}
	s.leaves(r)
	r.leave()
	s.host.work.Go(func() {
		defer s.left(r)
		if cancelled := r.drain(s.host.DrainTimeout); cancelled > 0 {
			s.happened(Event{Kind: Drained, Revision: r.id.Short(), Stage: Drain, Text: fmt.Sprintf("%d calls were cancelled", cancelled)})
		} else {
			s.happened(Event{Kind: Drained, Revision: r.id.Short(), Stage: Drain})
		}
		if err := r.free(context.Background()); err != nil {
			s.happened(Event{Kind: Retired, Revision: r.id.Short(), Stage: Retire, Err: err})
			return
		}
		s.happened(Event{Kind: Retired, Revision: r.id.Short(), Stage: Retire})
	})
}

// leaves notes that a revision takes no more calls. The caller has the lock.
func (s *slot) leaves(r *revision) {
	if s.leaving == nil {
		s.leaving = make(map[*revision]bool)
	}
	s.leaving[r] = true
}

// left notes that nothing of it is there any more.
func (s *slot) left(r *revision) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.leaving, r)
}

// close ends the slot. What it started is waited for by the host.
func (s *slot) close() {
	s.end(ErrClosed)
	s.turn <- struct{}{} // the pipeline under way ends first
	defer func() { <-s.turn }()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trial != nil {
		s.trial.end()
		s.trial = nil
	}
	before := s.route.Swap(&route{err: fmt.Errorf("plugin %s: %w", s.name, ErrClosed)})
	for _, r := range []*revision{before.stable, before.canary} {
		if r != nil {
			s.retire(r)
		}
	}
}

// serving returns what serves, for messages.
func (s *slot) serving() string {
	if r := s.route.Load().stable; r != nil {
		return r.id.Short() + " since " + r.staged.Format(time.TimeOnly)
	}
	return ""
}

// serves reports whether a revision serves calls.
func (s *slot) serves(id Digest) bool {
	to := s.route.Load()
	return to.stable != nil && to.stable.id == id || to.canary != nil && to.canary.id == id
}
