package plugin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/witgen/witgen/rt/plugin/internal/rollout"
	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

// Ramp says how a revision that is tried out gets from few calls to all, and
// what sends it back.
type Ramp = rollout.Ramp

// trial is a revision that is being tried out.
type trial struct {
	r      *revision
	stable *revision
	ramp   Ramp
	split  rollout.Split
	step   int
	since  time.Time
	held   bool
	leads  bool // it is about to serve all calls
	end    context.CancelFunc
}

// Canary sends a share of the calls to a staged revision: those whose keys fall
// into it by the hash of the key and of a random salt, the same ones each time.
// The share grows as the ramp says, as long as the revision does no worse than
// the one that serves the other calls at the same time, up to all calls. If it
// does worse, or traps in a way that the other does not, no call goes to it any
// more, and it is not tried again unless [Control.Retry] is. The zero Ramp has
// sensible values.
//
// After a restart of a host with a StateDir the same users go to the revision at the
// same step, which began when it began. What both revisions did until then is not
// known any more: before the next step there are MinSamples calls and as many windows
// again, and a revision that is worse is found by what it does from then on.
func (c *Control) Canary(r *Revision, ramp Ramp) error {
	ramp = ramp.WithDefaults()
	if err := ramp.Validate(); err != nil {
		return fmt.Errorf("plugin %s: %w", c.slot.name, err)
	}
	if err := c.slot.current(r.r); err != nil {
		return err
	}
	return c.slot.try(r.r, ramp, rollout.NewSalt(), 0, time.Now())
}

// try begins a trial at a step.
func (s *slot) try(r *revision, ramp Ramp, salt [16]byte, step int, since time.Time) error {
	if err := s.mine(r); err != nil {
		return err
	}
	s.lock()
	defer s.unlock()
	now := s.route.Load()
	switch {
	case s.ctx.Err() != nil:
		return fmt.Errorf("plugin %s: %w", s.name, ErrClosed)
	case now.stable == nil:
		return fmt.Errorf("plugin %s: nothing serves that it could be compared with: use Swap", s.name)
	case r.ended() || r.id == now.stable.id:
		return fmt.Errorf("plugin %s: revision %s serves already, or has ended", s.name, r.id.Short())
	case now.canary != nil:
		return fmt.Errorf("plugin %s: revision %s is being tried out: use Promote or Rollback first", s.name, now.canary.id.Short())
	}
	judge, err := rollout.NewJudge(ramp, step, since, now.stable.meter.Read())
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(s.ctx)
	t := &trial{r: r, stable: now.stable, ramp: ramp, split: rollout.Split{Salt: salt, Weight: ramp.Steps[step]}, step: step, since: since, end: end}
	r.served = true
	delete(s.staged, r)
	s.trial = t
	s.route.Store(&route{stable: now.stable, canary: r, split: t.split})
	s.note(r.of(Event{Kind: CanaryStarted, Stage: Swap, Text: fmt.Sprintf("canary at %s", percent(t.split.Weight))}))
	s.persist()
	s.host.work.Go(func() { s.judge(ctx, t, judge) })
	return nil
}

func percent(share float64) string { return fmt.Sprintf("%.4g%%", share*100) }

// judge looks at what both revisions did, window after window.
func (s *slot) judge(ctx context.Context, t *trial, judge *rollout.Judge) {
	window := time.NewTicker(t.ramp.Window)
	defer window.Stop()
	canary, stable := t.r.meter.Read(), t.stable.meter.Read()
	for {
		select {
		case <-ctx.Done():
			return
		case <-window.C:
		}
		canaryNow, stableNow := t.r.meter.Read(), t.stable.meter.Read()
		if !s.follow(t, judge, canaryNow.Since(canary), stableNow.Since(stable)) {
			return
		}
		canary, stable = canaryNow, stableNow
	}
}

// follow does what the judge says of a window; false if the trial is over.
func (s *slot) follow(t *trial, judge *rollout.Judge, canary, stable *tally.Tally) bool {
	goesOn, why := s.heed(t, judge, canary, stable)
	if !goesOn || !t.leads {
		return goesOn
	}
	s.match(t.r)
	s.lock()
	defer s.unlock()
	if s.trial == t {
		s.promote(t, why)
	}
	return false
}

// heed does what the judge says of a window, but for a revision that is to serve all
// calls: that leads, and the text is why.
func (s *slot) heed(t *trial, judge *rollout.Judge, canary, stable *tally.Tally) (goesOn bool, why string) {
	s.lock()
	defer s.unlock()
	if s.trial != t {
		return false, ""
	}
	judge.Hold(t.held)
	v := judge.Window(time.Now(), canary, stable)
	switch v.Action {
	case rollout.Rollback:
		s.rollback(t, v.Reason, true)
		return false, ""
	case rollout.Advance:
		if t.leads = v.Weight >= 1; t.leads {
			return true, v.Reason
		}
		t.step, t.since = judge.Step()
		t.split.Weight = v.Weight
		s.route.Store(&route{stable: t.stable, canary: t.r, split: t.split})
		s.note(t.r.of(Event{Kind: CanaryMoved, Text: "canary at " + percent(v.Weight)}))
		s.persist()
	}
	return true, ""
}

// promote has the trial's revision serve all calls. The caller has the lock.
func (s *slot) promote(t *trial, why string) {
	s.trial = nil
	t.end()
	s.settleOn(t.r, Promoted, why)
}

// rollback has it serve none. If it is bad it is not tried again. The caller has
// the lock.
func (s *slot) rollback(t *trial, reason string, bad bool) {
	s.trial = nil
	t.end()
	text := rollout.RolledBack(t.r.id.Short(), t.split.Weight, reason)
	s.route.Store(&route{stable: t.stable})
	if bad {
		s.quarantineLocked(t.r.id, t.r.code, Swap, text)
	}
	e := t.r.of(Event{Kind: RolledBack, Text: text})
	if bad {
		e.Err = &listed{"RT504", errors.New(text)}
	}
	s.note(e)
	s.retire(t.r)
	s.persist()
}

// Promote has the revision that is tried out serve all calls at once. As many instances
// as what served beside it has are started before, as by [Control.Load].
func (c *Control) Promote() error { return c.slot.promoteOf(nil) }

// PromoteOf is Promote of one revision: it fails if that is not tried out, as
// what is may have changed since somebody decided this.
func (c *Control) PromoteOf(id Digest) error { return c.slot.promoteOf(&id) }

// promoteOf promotes what is tried out, if it is of a digest; nil is any.
func (s *slot) promoteOf(id *Digest) error {
	if r := s.route.Load().canary; r != nil && s.meant(id, r) == nil {
		s.match(r)
	}
	s.lock()
	defer s.unlock()
	if s.trial == nil {
		return fmt.Errorf("plugin %s: nothing is being tried out", s.name)
	}
	if err := s.meant(id, s.trial.r); err != nil {
		return err
	}
	s.promote(s.trial, "by hand")
	return nil
}

// Hold keeps the share of the revision that is tried out as it is, or lets it
// grow again. It is rolled back all the same, if it does worse. A restart of the host
// lets it grow again, too.
func (c *Control) Hold(hold bool) error {
	s := c.slot
	s.lock()
	defer s.unlock()
	if s.trial == nil {
		return fmt.Errorf("plugin %s: nothing is being tried out", s.name)
	}
	if s.trial.held == hold {
		return nil
	}
	if s.trial.leads {
		return fmt.Errorf("plugin %s: revision %s is about to serve all calls", s.name, s.trial.r.short)
	}
	s.trial.held = hold
	text := "canary held at "
	if !hold {
		text = "canary goes on from "
	}
	s.note(s.trial.r.of(Event{Kind: CanaryHeld, Text: text + percent(s.trial.split.Weight)}))
	return nil
}

// Rollback sends all calls back: to the revision that serves the others, if one
// is tried out; else to the one that served before the last swap, which is
// brought back for that, with the rights that it had, but for what the ceiling that is
// in force does not let it have any more: what [Control.Grant] gave meanwhile is taken
// back, and what is loaded later has the policy of what serves. A policy file that was
// put in force since stays in force. The reason is kept.
func (c *Control) Rollback(ctx context.Context, reason string) error {
	return c.slot.rollbackOf(ctx, nil, reason)
}

// RollbackOf is Rollback of one revision: it fails if that is not the one that
// calls would be sent back from, as it may have been rolled back since somebody
// decided this.
func (c *Control) RollbackOf(ctx context.Context, id Digest, reason string) error {
	return c.slot.rollbackOf(ctx, &id, reason)
}

// meant returns an error if a revision is not of a digest; nil is any.
func (s *slot) meant(id *Digest, r *revision) error {
	if id == nil || r == nil || r.id == *id {
		return nil
	}
	return fmt.Errorf("plugin %s: this would be about revision %s, and not %s", s.name, r.id.Short(), id.Short())
}

// rollbackOf rolls back what serves, if it is of a digest; nil is any.
func (s *slot) rollbackOf(ctx context.Context, id *Digest, reason string) error {
	if ended, err := s.endTrial(id, reason, true); ended || err != nil {
		return err
	}
	ctx, done, err := s.begins(ctx)
	if err != nil {
		return err
	}
	defer done()
	// What was being loaded may have come to serve, or to be tried out, until now.
	if ended, err := s.endTrial(id, reason, true); ended || err != nil {
		return err
	}
	s.lock()
	last, bad := s.lastGood, s.route.Load().stable
	s.unlock()
	if last == nil || bad == nil {
		return fmt.Errorf("plugin %s: nothing served before", s.name)
	}
	if err := s.meant(id, bad); err != nil {
		return err
	}
	r, err := s.restore(last).serve(ctx, func(r *revision) error {
		if err := s.swap(r, RolledBack, reason); err != nil {
			return err
		}
		s.lock()
		defer s.unlock()
		s.quarantineLocked(bad.id, bad.code, Swap, reason)
		s.lastGood = nil                                  // it is what serves
		if last.granted != nil && s.Policy == s.byGrant { // and not by a file since
			s.Policy = last.granted
		}
		s.persist()
		return nil
	})
	if err == nil && r.r == bad {
		err = fmt.Errorf("plugin %s: revision %s is what served before, too, by the ceiling that is in force now", s.name, r.r.id.Short())
	}
	return err
}

// endTrial rolls back what is being tried out, if anything is. It fails if
// that, or what serves alone, is not of a digest; nil is any.
func (s *slot) endTrial(id *Digest, reason string, bad bool) (ended bool, err error) {
	s.lock()
	defer s.unlock()
	t := s.trial
	if t == nil {
		return false, s.meant(id, s.route.Load().stable)
	}
	if err := s.meant(id, t.r); err != nil {
		return false, err
	}
	s.rollback(t, reason, bad)
	return true, nil
}
