package tally

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Outcome says how a call ended.
type Outcome uint8

// The outcomes. Their order is that of [Counts].
const (
	// OK is a call that returned.
	OK Outcome = iota
	// GuestError is a call that returned the err case of its result.
	GuestError
	// Trap is a guest that was stopped, or stopped itself, for a reason that none
	// of the others names.
	Trap
	// Fuel is a guest that used more fuel than it has.
	Fuel
	// Deadline is a guest that ran when its time was over.
	Deadline
	// Memory is a guest that failed for memory which it was denied.
	Memory
	// Stack is a guest whose call stack was used up.
	Stack
	// Denied is a guest that was stopped for doing what its policy denies.
	Denied
	// Overloaded is a call that found no free instance in time.
	Overloaded
	// Unavailable is a call that was refused, as by an open breaker.
	Unavailable
	// Cancelled is a call that its caller gave up.
	Cancelled
	// Link is an instance that could not be linked or started.
	Link

	// Outcomes is how many there are.
	Outcomes = int(iota)
)

var outcomeNames = [Outcomes]string{
	"ok", "guest_error", "trap", "fuel", "deadline", "memory", "stack", "denied",
	"overloaded", "unavailable", "cancelled", "link",
}

// String returns the outcome's name, as metrics and logs want it.
func (o Outcome) String() string {
	if int(o) < Outcomes {
		return outcomeNames[o]
	}
	return "unknown"
}

// Judged says whether the outcome tells something of the plugin. A call that
// did not reach it, or that its caller gave up, does not.
func (o Outcome) Judged() bool {
	return o != Overloaded && o != Unavailable && o != Cancelled && int(o) < Outcomes
}

// Failed says whether the plugin is to blame for the outcome: a trap, a limit
// or a link error. The err case of a result is a result.
func (o Outcome) Failed() bool {
	return o.Judged() && o != OK && o != GuestError
}

// Answered says whether the guest came to its end and returned something, so
// that the time it took is its own.
func (o Outcome) Answered() bool { return o == OK || o == GuestError }

// Counts is how many calls had each outcome.
type Counts [Outcomes]uint64

// Sum returns how many calls had an outcome that is counted, such as
// [Outcome.Failed].
func (c *Counts) Sum(counted func(Outcome) bool) uint64 {
	var n uint64
	for o, calls := range c {
		if counted(Outcome(o)) {
			n += calls
		}
	}
	return n
}

// String returns the outcomes that there are, the most frequent first, as in
// "trap 15, fuel 2".
func (c Counts) String() string {
	var order []Outcome
	for o, calls := range c {
		if calls > 0 {
			order = append(order, Outcome(o))
		}
	}
	slices.SortStableFunc(order, func(a, b Outcome) int { return cmp.Compare(c[b], c[a]) })
	var s strings.Builder
	for i, o := range order {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(o.String())
		s.WriteByte(' ')
		s.WriteString(strconv.FormatUint(c[o], 10))
	}
	return s.String()
}
