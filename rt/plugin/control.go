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

// World returns the name of its WIT world, as in [Caller].
func (r *Revision) World() string { return r.r.world }

// Metadata returns what the plugin says of itself.
func (r *Revision) Metadata() Metadata { return r.r.metadata }

// Load brings a source to serving: all calls go to it when Load returns, or to
// what served before, if there is an error. Instances that serve more than a call
// are started before, as many as what served before has and as there is room and
// a second for. The zero Source is the slot's own. If the source is what serves already
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
		from = s.own()
	}
	p := &pipeline{slot: s, source: from, retry: retry}
	return p.serve(ctx, func(r *revision) error { return s.swap(r, Swapped, "") })
}

// serve runs the pipeline and has what comes of it take calls, in one go: nothing
// else is loaded in between. The caller has the turn.
func (p *pipeline) serve(ctx context.Context, take func(r *revision) error) (*Revision, error) {
	s := p.slot
	ended := false
	defer func() {
		if !ended {
			p.abandon(ctx)
		}
	}()
	r, err := p.run(ctx)
	if errors.Is(err, errUnchanged) {
		s.stay(p.same)
		ended = true
		return &Revision{p.same}, nil
	}
	if err == nil {
		if err = take(r); err != nil {
			s.lock()
			s.retire(r)
			s.unlock()
		}
	}
	ended = true
	p.release(ctx, err == nil)
	if err != nil {
		return nil, err
	}
	return &Revision{r}, nil
}

// abandon leaves the slot in order where a hook ended the goroutine, or somebody
// panicked who is told: what was to serve does, or nothing of it is left.
func (p *pipeline) abandon(ctx context.Context) {
	s := p.slot
	serves := p.staged && s.route.Load().stable == p.r
	if p.staged && !serves {
		s.lock()
		s.retire(p.r)
		s.unlock()
	}
	p.release(ctx, serves)
}

// stay has all calls go to a revision that has some of them already.
func (s *slot) stay(r *revision) {
	s.match(r)
	s.lock()
	defer s.unlock()
	s.note(r.of(Event{Kind: Unchanged, Text: "it serves already"}))
	switch t := s.trial; {
	case t == nil:
	case t.r == r:
		s.promote(t, "it is loaded")
	case t.stable == r:
		s.rollback(t, "what serves beside it is loaded again", false)
	}
}

// Grant gives the plugin another policy, and loads what serves again under it. If
// that fails, what serves goes on under the policy that it had, which stays. What is
// loaded from then on has that policy, until [Control.Rollback] goes back to a
// revision of another one.
func (c *Control) Grant(ctx context.Context, p policy.Policy) (*Revision, error) {
	s := c.slot
	ctx, done, err := s.begins(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	from := s.own()
	if r := s.route.Load().stable; r != nil {
		from = r.source
	}
	r, err := (&pipeline{slot: s, source: from, policy: &p}).serve(ctx, func(r *revision) error { return s.swap(r, Swapped, "") })
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.Policy, s.byGrant = &p, &p
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
		from = c.slot.own()
	}
	r, err := (&pipeline{slot: c.slot, source: from}).run(ctx)
	if errors.Is(err, errUnchanged) {
		return nil, fmt.Errorf("plugin %s: %s: it serves already", c.slot.name, from.name)
	}
	if err != nil {
		return nil, err
	}
	return &Revision{r}, c.slot.keep(r)
}

// keep knows of a staged revision, so that it ends with the slot.
func (s *slot) keep(r *revision) error {
	s.lock()
	defer s.unlock()
	if s.ctx.Err() != nil {
		s.retire(r)
		return fmt.Errorf("plugin %s: %w", s.name, ErrClosed)
	}
	if s.staged == nil {
		s.staged = make(map[*revision]bool)
	}
	s.staged[r] = true
	return nil
}

// mine says why a revision cannot be one of the slot's.
func (s *slot) mine(r *revision) error {
	if r.slot != s {
		return fmt.Errorf("plugin %s: revision %s is one of plugin %s", s.name, r.id.Short(), r.slot.name)
	}
	return nil
}

// current says why a revision cannot serve by the policy file that is in force.
func (s *slot) current(r *revision) error {
	f := s.host.file.Load()
	if err := s.mine(r); err != nil || r.rights.file == f || r.ended() {
		return err
	}
	id, err := s.under(s.ctx, r.source, f)
	if err == nil && id != r.id {
		err = fmt.Errorf("plugin %s: revision %s has other rights by the policy that is in force now: stage it again", s.name, r.id.Short())
	}
	return err
}

// revision returns what serves, if anything does.
func (s *slot) revision() *Revision {
	if r := s.route.Load().stable; r != nil {
		return &Revision{r}
	}
	return nil
}

// Swap has a staged revision serve all calls, with instances as [Control.Load] has
// them started. It is refused if it would have other rights by a policy file that was
// put in force since.
func (c *Control) Swap(r *Revision) error {
	if err := c.slot.current(r.r); err != nil {
		return err
	}
	return c.slot.swap(r.r, Swapped, "")
}

// Discard ends a staged revision.
func (c *Control) Discard(r *Revision) error {
	if err := c.slot.mine(r.r); err != nil {
		return err
	}
	c.slot.lock()
	defer c.slot.unlock()
	if r.r.served {
		return fmt.Errorf("plugin %s: revision %s serves", c.slot.name, r.r.id.Short())
	}
	c.slot.retire(r.r)
	return nil
}

// Unload ends the slot: calls are refused, those under way may end as those of a
// replaced revision may. It waits for what is being loaded to end; if ctx is done
// first it returns ctx's cause, and the slot has ended all the same.
func (c *Control) Unload(ctx context.Context) error {
	s := c.slot
	s.close()
	s.host.unregister(s) // after that, so that the host knows of all that runs
	select {
	case s.turn <- struct{}{}:
		<-s.turn
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// begins makes way for a pipeline: those that began before end.
func (s *slot) begins(ctx context.Context) (_ context.Context, done func(), err error) {
	return s.takes(ctx, true)
}

// takes takes the turn.
func (s *slot) takes(ctx context.Context, overtakes bool) (_ context.Context, done func(), err error) {
	if s.Quiesce && s.calls(ctx) { // it would wait for the call that waits for it
		return nil, nil, fmt.Errorf("plugin %s: %w", s.name, ErrReentrant)
	}
	ctx, ended, err := s.enters(ctx, overtakes)
	if err != nil {
		return nil, nil, err
	}
	select { // one at a time
	case s.turn <- struct{}{}:
		done = func() {
			<-s.turn
			ended()
		}
		if err := s.ended(ctx); err != nil {
			done()
			return nil, nil, err
		}
		return ctx, done, nil
	case <-ctx.Done():
		defer ended()
		return nil, nil, fmt.Errorf("plugin %s: %w", s.name, context.Cause(ctx))
	}
}

// waits is begins of a pipeline that ends none, nor is ended by another: all that
// are loaded meanwhile wait for it.
func (s *slot) waits(ctx context.Context) (_ context.Context, done func(), err error) {
	return s.takes(ctx, false)
}

// enters has the host know of a pipeline, and those end that began before, if it
// overtakes.
func (s *slot) enters(ctx context.Context, overtakes bool) (_ context.Context, ended func(), err error) {
	s.lock()
	defer s.unlock()
	if s.ctx.Err() != nil {
		return nil, nil, fmt.Errorf("plugin %s: %w", s.name, ErrClosed)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	if overtakes {
		if s.overtake != nil {
			s.overtake(errOvertaken)
		}
		s.overtake = cancel
		s.begun++
	}
	stop := context.AfterFunc(s.ctx, func() { cancel(context.Cause(s.ctx)) })
	s.host.work.Add(1) // as long as the slot is open, nobody waits for that yet
	return ctx, func() {
		stop()
		cancel(nil)
		s.host.work.Done()
	}, nil
}

var errOvertaken = errors.New("something newer is loaded")

// swap has a revision serve all calls, and ends what did before.
func (s *slot) swap(r *revision, kind EventKind, text string) error {
	if err := s.mine(r); err != nil {
		return err
	}
	s.match(r)
	s.lock()
	defer s.unlock()
	if s.ctx.Err() != nil {
		return fmt.Errorf("plugin %s: %w", s.name, ErrClosed)
	}
	if now := s.route.Load().stable; now != nil && now.id == r.id || r.ended() {
		return fmt.Errorf("plugin %s: revision %s serves already, or has ended", s.name, r.id.Short())
	}
	if t := s.trial; t != nil {
		s.trial = nil
		t.end()
	}
	s.settleOn(r, kind, text)
	return nil
}

// match starts as many instances of a revision as what serves has, as all its calls
// are about to come and would start them. It is no failure if they do not start, or
// not in time: calls start what they need.
func (s *slot) match(r *revision) {
	before := s.route.Load().stable
	if before == nil || before == r || r.rights.Reuse == policy.PerCall {
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, matchTime)
	defer cancel()
	use := before.pool.Use()
	_ = r.pool.Ahead(ctx, use.Idle+use.Busy)
}

// matchTime is how long a swap may wait for instances to start.
const matchTime = time.Second

// settleOn has a revision serve all calls. The caller has the lock.
func (s *slot) settleOn(r *revision, kind EventKind, text string) {
	before := s.route.Load()
	r.served = true
	delete(s.staged, r)
	delete(s.failed, r.id) // if it was tried again
	s.route.Store(&route{stable: r})
	s.note(r.of(Event{Kind: kind, Stage: Swap, Text: text}))
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
	rights   *rights        // nil means those of the slot's policy, after a restart
	granted  *policy.Policy // that the rights are of; nil where they are
	staged   time.Time
}

func (r *revision) good() *good {
	return &good{id: r.id, code: r.code, source: r.source, rights: r.rights, granted: r.granted, staged: r.staged}
}

// serving returns what serves, for messages.
func (s *slot) serving() string {
	if r := s.route.Load().stable; r != nil {
		return r.id.Short() + " since " + r.staged.Format(time.TimeOnly)
	}
	return ""
}

// serves returns the revision that serves calls under an identity; nil if none
// does.
func (s *slot) serves(id Digest) *revision {
	to := s.route.Load()
	for _, r := range []*revision{to.stable, to.canary} {
		if r != nil && r.id == id {
			return r
		}
	}
	return nil
}
