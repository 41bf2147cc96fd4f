package plugin

import (
	"context"
	"errors"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

// Outcome is how a call ended, as metrics and the decisions about revisions
// have it. Its String is the word that they use.
type Outcome = tally.Outcome

// The outcomes.
const (
	OK          = tally.OK
	GuestError  = tally.GuestError  // the plugin said no, or what the caller did with it failed
	Trapped     = tally.Trap        // but for those that have outcomes of their own
	OutOfFuel   = tally.Fuel        // of the policy
	TooLate     = tally.Deadline    // by the policy
	OutOfMemory = tally.Memory      // that the policy gives
	OutOfStack  = tally.Stack       // by recursion as a rule
	Denied      = tally.Denied      // what the policy does not grant
	Overloaded  = tally.Overloaded  // too many calls
	Unavailable = tally.Unavailable // no revision, or one that fails too often
	Cancelled   = tally.Cancelled   // by the caller, or by the caller's deadline
	Unlinked    = tally.Link        // an instance that did not start
)

// outcome says how a call ended by what it returned, and by what became of the
// instance: that counts even where the caller goes on after an error.
func (c *lent) outcome(err error) tally.Kind {
	if err == nil && c.lease.Instance.RT().Err() == nil {
		return tally.Kind{Outcome: OK}
	}
	if trap, ok := errors.AsType[*rt.Trap](err); ok && trap.Kind != rt.TrapReentry && trap.Kind != rt.TrapDead {
		if trap.Kind == rt.TrapDeadline || trap.Kind == rt.TrapHost && c.Err() != nil {
			return tally.Kind{Outcome: c.late()}
		}
		if c.rations != nil && c.rations.denied != "" && trap.Kind == rt.TrapLimit {
			return tally.Kind{Outcome: Denied, Name: c.rations.denied}
		}
		return trapKind(trap)
	}
	switch {
	case err == nil, c.lease.Instance.RT().Err() != nil:
		return tally.Kind{Outcome: Trapped}
	case c.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)):
		return tally.Kind{Outcome: c.late()}
	}
	return tally.Kind{Outcome: GuestError}
}

// late says whose deadline it was.
func (c *call) late() Outcome {
	if c.byCaller() || errors.Is(context.Cause(c), ErrDrained) {
		return Cancelled
	}
	return TooLate
}

func trapKind(trap *rt.Trap) tally.Kind {
	k := tally.Kind{Outcome: Trapped, Name: trap.Kind.String()}
	switch trap.Kind {
	case rt.TrapFuel:
		k.Outcome = OutOfFuel
	case rt.TrapStack:
		k.Outcome = OutOfStack
	case rt.TrapMemory:
		k.Outcome = OutOfMemory
	case rt.TrapDeadline:
		k.Outcome = TooLate
	}
	return k
}

// failure says how a call failed that got no instance.
func failure(ctx context.Context, err error) tally.Kind {
	switch {
	case errors.Is(err, ErrOverloaded), errors.Is(err, ErrReentrant):
		return tally.Kind{Outcome: Overloaded}
	case errors.Is(err, ErrUnavailable), errors.Is(err, ErrClosed):
		return tally.Kind{Outcome: Unavailable}
	case ctx.Err() != nil:
		return tally.Kind{Outcome: Cancelled}
	case errors.Is(err, rt.ErrMemory):
		return tally.Kind{Outcome: OutOfMemory}
	}
	if trap, ok := errors.AsType[*rt.Trap](err); ok {
		return trapKind(trap)
	}
	return tally.Kind{Outcome: Unlinked}
}
