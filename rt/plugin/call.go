package plugin

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/witgen/witgen/rt/plugin/internal/breaker"
	"github.com/witgen/witgen/rt/plugin/internal/pool"
	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

// call is the context of what a call of a plugin runs: that of the caller, with
// the deadline of the plugin's policy, until the revision is done with. It arms
// nothing, no timer and no goroutine, unless something waits for it to be done.
// Who was given one may keep it, so that it is never another call's.
type call struct {
	parent   context.Context
	revision *revision
	begun    time.Duration // by the clock of the package
	limit    time.Duration // the deadline by that clock; 0 for none but the parent's
	rations  *rations      // nil until a host function is called that has some
	armed    atomic.Pointer[armed]
	over     atomic.Bool
	role     role
}

// role says on behalf of whom a plugin is called.
type role uint8

const (
	forStable role = iota
	forCanary
	forHost // who asks it something
	forEnd  // who ends it, when the revision has ended
)

func (r role) arm() Arm { return [...]Arm{Stable, Canary, Probe, Probe}[r] }

// lent is what a call has that nobody keeps.
type lent struct {
	*call
	lease  *pool.Lease[client]
	permit breaker.Permit
	waited time.Duration // for the instance
	fuel   uint64        // that it had used before, if somebody wants to know
}

// armed is what ends when a call's context is done.
type armed struct {
	context.Context
	end  context.CancelCauseFunc
	stop func() bool        // waiting for the revision's end; nil if it does not
	free context.CancelFunc // of the timer; nil if there is none
}

// calls reports whether a context is of a call that a plugin of the slot makes,
// itself or through others.
func (s *slot) calls(ctx context.Context) bool {
	for {
		outer, ok := ctx.Value(callerKey{}).(*call)
		if !ok {
			return false
		}
		if outer.revision.slot == s {
			return true
		}
		ctx = outer.parent
	}
}

// wait has an instance that is not idle, or says why there is none.
func (c *lent) wait(ctx context.Context) (err error) {
	ended := false
	defer func() {
		now := clock()
		c.waited = now - c.begun
		c.begun = now
		if !ended { // as who starts instances ended the goroutine, or somebody panicked who is told
			defer c.revision.leave()
			c.finish()
			c.record(tally.Kind{Outcome: Cancelled, Name: "panic of the host"})
		}
	}()
	if c.revision.slot.calls(ctx) {
		err = c.again()
	} else {
		c.lease, err = c.revision.pool.Acquire(ctx)
	}
	ended = true
	return err
}

// again has an instance for a call inside another one of the same slot. It does
// not wait, as it might for the outer one.
func (c *lent) again() (err error) {
	var ok bool
	if c.lease, ok, err = c.revision.pool.TryAcquire(c.parent); err == nil && !ok {
		err = ErrReentrant
	}
	return err
}

// end ends a call whose function returned err.
func (c *lent) end(err error) {
	k := c.outcome(err)
	c.finish()
	defer c.revision.leave() // also if somebody panics who is told
	defer c.lease.Release(k.Outcome == OK || k.Outcome == GuestError)
	c.record(k)
}

// abort ends a call whose function did not return.
func (c *lent) abort() {
	c.finish()
	defer c.revision.leave()
	defer c.lease.Release(false)
	c.record(tally.Kind{Outcome: Cancelled, Name: "panic of the caller"})
}

// record says how the call ended to all that want to know.
func (c *lent) record(k tally.Kind) {
	r, now := c.revision, clock()
	var took time.Duration
	if c.lease != nil {
		took = now - c.begun
	}
	r.meter.Record(k, took)
	if r.breaker.Done(c.permit, now, k.Outcome, k.Outcome.Failed()) {
		r.slot.tripped(r)
	}
	if r.slot.Learn != nil && c.lease != nil {
		c.learn(took)
	}
	if o := r.slot.host.Observer; o != nil {
		called := Called{Caller: c.caller(), Outcome: k.Outcome, Kind: k.Name, Waited: c.waited, Took: took}
		if c.lease != nil {
			called.Fuel, called.Memory = c.fuelUsed()-c.fuel, c.lease.Instance.RT().Memory().Bytes
		}
		o.Called(c.call, called)
	}
}

// fuelUsed returns what the instance has used in all its calls; none of them runs.
func (c *lent) fuelUsed() uint64 {
	used, err := c.lease.Instance.RT().FuelUsed(context.Background())
	if err != nil {
		return c.fuel // of an instance that is closed
	}
	return used
}

func (c *call) caller() Caller {
	return Caller{Plugin: c.revision.slot.name, Revision: c.revision.short, World: c.revision.world, Arm: c.role.arm()}
}

// within sets the deadline to some time from when the call began, if the parent's
// is not earlier anyway.
func (c *call) within(d time.Duration) {
	if d <= 0 || d > math.MaxInt64-c.begun { // none, or later than times can be
		return
	}
	c.limit = c.begun + d
	if deadline, ok := c.parent.Deadline(); ok && deadline.Before(start.Add(c.limit)) {
		c.limit = 0
	}
}

// Deadline returns the earlier of the caller's and the policy's deadline.
func (c *call) Deadline() (time.Time, bool) {
	if c.limit != 0 {
		return start.Add(c.limit), true
	}
	return c.parent.Deadline()
}

// Err says whether the call is to end.
func (c *call) Err() error {
	a := c.armed.Load()
	if a == nil {
		if !c.over.Load() && c.parent.Err() == nil && !c.unwanted() && !c.expired() {
			return nil
		}
		a = c.arms()
	}
	return a.Err()
}

// expired reports whether the policy's deadline is over.
func (c *call) expired() bool { return c.limit != 0 && c.revision.slot.host.dial.past(c.limit) }

// unwanted reports whether the revision wants no more of the call.
func (c *call) unwanted() bool { return c.role != forEnd && c.revision.ending.Err() != nil }

// Done returns a channel that is closed when the call is to end.
func (c *call) Done() <-chan struct{} { return c.arms().Done() }

// Value returns what the caller's context has, and who calls.
func (c *call) Value(key any) any {
	if key == (callerKey{}) {
		return c
	}
	if a := c.armed.Load(); a != nil {
		return a.Value(key) // with the cause, if it has ended
	}
	return c.parent.Value(key)
}

// arms makes what ends when the call does.
func (c *call) arms() *armed {
	if a := c.armed.Load(); a != nil {
		return a
	}
	a := &armed{}
	if c.limit != 0 {
		timed, cancel := context.WithDeadlineCause(c.parent, start.Add(c.limit), &deadlineError{c.limit - c.begun})
		a.Context, a.end = context.WithCancelCause(timed)
		a.free = cancel
	} else {
		a.Context, a.end = context.WithCancelCause(c.parent)
	}
	if c.role != forEnd {
		end, ending := a.end, c.revision.ending
		a.stop = context.AfterFunc(ending, func() { end(context.Cause(ending)) })
		if err := context.Cause(ending); err != nil {
			end(err) // rather than some time later
		}
	}
	if !c.armed.CompareAndSwap(nil, a) {
		a.finish() // somebody else was quicker
		return c.armed.Load()
	}
	if c.over.Load() {
		a.finish()
	}
	return a
}

func (a *armed) finish() {
	if a.stop != nil {
		a.stop()
	}
	a.end(context.Canceled)
	if a.free != nil {
		a.free()
	}
}

// finish ends the context.
func (c *call) finish() {
	c.over.Store(true)
	if a := c.armed.Load(); a != nil {
		a.finish()
	}
}

// deadlineError is the cause of a context that ended by the policy's deadline.
type deadlineError struct{ after time.Duration }

func (e *deadlineError) Error() string {
	return fmt.Sprintf("deadline of the plugin's policy exceeded, %v", e.after)
}

// Is makes the error one of a deadline, as contexts have it.
func (*deadlineError) Is(target error) bool { return target == context.DeadlineExceeded }

// byCaller reports whether the call ended since its caller wanted no more of
// it, or had no more time than that.
func (c *call) byCaller() bool {
	if c.parent.Err() == nil {
		return false
	}
	_, policy := errors.AsType[*deadlineError](context.Cause(c.parent))
	return !policy
}
