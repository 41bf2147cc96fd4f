package rollout

import (
	"fmt"
	"time"

	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

// Action is what a [Judge] says to do.
type Action uint8

// The actions.
const (
	// Hold is to leave the canary's share as it is.
	Hold Action = iota
	// Advance is to give the canary the next share; at a share of 1 it is to
	// promote it.
	Advance
	// Rollback is to give the canary nothing any more.
	Rollback
)

// String returns the action's name.
func (a Action) String() string {
	if names := [...]string{"hold", "advance", "rollback"}; int(a) < len(names) {
		return names[a]
	}
	return "unknown"
}

// Verdict is what a [Judge] says of a window.
type Verdict struct {
	Action Action
	// Weight is the canary's share from now on.
	Weight float64
	// Reason is what led to it, or what the step still waits for; see
	// [RolledBack].
	Reason string
}

// Judge decides whether a canary is good, by what it and stable did in the same
// windows of time. A judge is of one rollout and may be used by one goroutine at
// a time.
//
// It rolls a canary back for its error rate, all errors and those that are not
// results of the guest apart, and for its latency, the calls above the quantiles
// 50, 90 and 99% of both arms together, where stable's calls count as
// [Ramp.Slower] times as long as they were. Each of the three is a sequential
// test that multiplies exact likelihoods of the windows' tables: it can be
// looked at after each window and never has to be corrected for that, the rates
// may be others in each window, as at night, and few calls just say little.
// Each calls a canary worse that is not with a probability of Risk/4 in the
// whole rollout, however long, and takes BadWindows windows at least.
//
// In simulations of 500 canaries, at 3,000 calls a window, one with five errors
// more in a hundred calls than stable is found at a share of 5% in 2, 3 or 5
// windows by half of them and 3, 4 or 9 by nine of ten, if stable has errors in
// 0.1, 2 or 10% of its calls; at 25% in 2, 2 or 3 and 2, 2 or 4: see TestPower.
//
// It rolls back at once, by the first window, for what endangers more than the
// call:
//
//   - a link error, if stable has none in that window;
//   - a denial of a kind that stable has never had;
//   - a failure of a kind that stable does not have in that window, if it is not
//     chance that the canary has those of the record. The record is all of the
//     rollout and what stable did before. Where stable has none in it, and the
//     canary a share s of its calls, all of n failures fall to the canary by
//     chance with a probability of s^n, so that one is enough beside a long
//     record of stable's, and without it two at a share of 1%, three at 5% and
//     six at 25%. A stable arm that had few calls shows nothing, and condemns
//     nothing. The test is Fisher's, at a level of Risk/4 divided by k(k+1) and
//     n(n+1) for the n-th look at the k-th kind, which adds up to Risk/4 however
//     many there are;
//   - failed calls, 10 or more and half of all, where stable had fewer than 20
//     calls in the window and less than half of them failed: there nothing can
//     be compared.
//
// The first two and the last are no tests, and Risk does not bound them: a denial
// that stable is going to have too, but never had, is the canary's fault if the
// canary has it first. That is why a judge is told what stable did before. The
// test of the record takes the rate of a kind to be the same all along.
//
// All this takes calls to be independent. They are not if one user has a large
// part of them and fails each time, and users stay in one arm: such a canary may
// be rolled back for its user, which costs a new rollout with another salt.
//
// It advances after MinTime, MinSamples calls of either arm in this step, and
// Windows windows in a row in which the canary had calls, no kind of failure
// that stable never had, and no evidence against it that is likely to be more
// than chance.
type Judge struct {
	ramp  Ramp
	step  int
	since time.Time
	held  bool
	// canary and stable are the judged calls of this step, clean is how many
	// windows in a row there was no doubt.
	canary, stable uint64
	clean          int

	errors, failures, latency rate
	record                    record
}

// NewJudge returns a judge of a rollout that has been at a step, counted from 0,
// since then. Before is what stable did before the rollout, as far as it is
// known: what it has there is nothing new. It may be nil. The error is that of
// [Ramp.Validate].
//
// A judge begins with no evidence, so that one for the rest of a rollout has
// the same risk again.
func NewJudge(ramp Ramp, step int, since time.Time, before *tally.Tally) (*Judge, error) {
	if err := ramp.Validate(); err != nil {
		return nil, err
	}
	ramp = ramp.WithDefaults()
	if step < 0 || step >= len(ramp.Steps) {
		return nil, fmt.Errorf("ramp: no step %d of %d", step+1, len(ramp.Steps))
	}
	j := &Judge{ramp: ramp, step: step, since: since, record: newRecord(ramp.Risk / 4)}
	test := func(tables int) rate {
		return rate{evidence: newEvidence(tables, ramp.Risk/4, ramp.BadWindows)}
	}
	j.errors, j.failures, j.latency = test(1), test(1), test(len(quantiles))
	if before != nil {
		j.record.add(&tally.Tally{}, before)
	}
	return j, nil
}

// Step returns the step that the rollout is at, counted from 0, and since when.
func (j *Judge) Step() (step int, since time.Time) { return j.step, j.since }

// Weight returns the canary's share.
func (j *Judge) Weight() float64 { return j.ramp.Steps[j.step] }

// Hold keeps the canary at its share from the next window on, or no longer.
func (j *Judge) Hold(hold bool) { j.held = hold }

// Window judges a window that ended now, by what both arms did in it.
func (j *Judge) Window(now time.Time, canary, stable *tally.Tally) Verdict {
	if reason := j.dangers(canary, stable); reason != "" {
		return j.rollback(reason)
	}
	n, bad := canary.Outcomes.Sum(asked), canary.Outcomes.Sum(isError)
	m, stableBad := stable.Outcomes.Sum(asked), stable.Outcomes.Sum(isError)
	j.errors.see(canary, stable, table{bad, n, stableBad, m})
	j.failures.see(canary, stable, table{canary.Outcomes.Sum(isFailure), n, stable.Outcomes.Sum(isFailure), m})
	j.latency.see(canary, stable, slowTables(&canary.Latency, &stable.Latency, j.ramp.Slower)...)
	switch {
	case j.failures.enough():
		return j.rollback("failures " + j.failures.rates(isFailure))
	case j.errors.enough():
		return j.rollback("errors " + j.errors.rates(isError))
	case j.latency.enough():
		return j.rollback(j.latency.slower())
	}
	calls := canary.Outcomes.Sum(tally.Outcome.Judged)
	j.canary += calls
	j.stable += stable.Outcomes.Sum(tally.Outcome.Judged)
	j.count(calls, canary)
	if wait := j.wait(now); wait != "" {
		return Verdict{Hold, j.Weight(), wait}
	}
	return j.advance(now)
}

// count counts a window towards those without doubt, if the canary had calls.
func (j *Judge) count(calls uint64, canary *tally.Tally) {
	switch {
	case j.doubts(), j.record.news(canary):
		j.clean = 0
	case calls > 0:
		j.clean++
	}
}

// doubts says whether there is some evidence, though not enough.
func (j *Judge) doubts() bool {
	return max(j.errors.value, j.failures.value, j.latency.value) >= doubtful
}

// wait says what the step still needs, or nothing.
func (j *Judge) wait(now time.Time) string {
	need := uint64(j.ramp.MinSamples)
	switch at := percent(j.Weight()); {
	case j.Weight() == 1:
		return "no stable arm to compare with at 100%"
	case j.canary < need:
		return fmt.Sprintf("%s of %s calls at %s", group(j.canary), group(need), at)
	case j.stable < need:
		return fmt.Sprintf("stable %s of %s calls at %s", group(j.stable), group(need), at)
	case j.doubts():
		return "in doubt at " + at
	case j.clean < j.ramp.Windows:
		return fmt.Sprintf("%d of %d windows without doubt at %s", j.clean, j.ramp.Windows, at)
	case now.Sub(j.since) < j.ramp.MinTime:
		return fmt.Sprintf("%v of %v at %s", now.Sub(j.since).Round(time.Second), j.ramp.MinTime, at)
	case j.step == len(j.ramp.Steps)-1:
		return fmt.Sprintf("the ramp ends at %s", at)
	case j.held:
		return "held at " + at
	}
	return ""
}

// advance goes to the next step.
func (j *Judge) advance(now time.Time) Verdict {
	reason := fmt.Sprintf("%s calls without doubt at %s", group(j.canary), percent(j.Weight()))
	j.step++
	j.since, j.canary, j.stable, j.clean = now, 0, 0, 0
	return Verdict{Advance, j.Weight(), reason}
}

// rollback ends the rollout. What the judge is told after it makes no sense.
func (j *Judge) rollback(reason string) Verdict { return Verdict{Rollback, 0, reason} }

// RolledBack returns the message for a canary that was rolled back at a share,
// for the reason of the [Verdict] or one given by hand: RT504.
func RolledBack(canary string, weight float64, reason string) string {
	return fmt.Sprintf("canary %s rolled back at %s: %s", canary, percent(weight), reason)
}
