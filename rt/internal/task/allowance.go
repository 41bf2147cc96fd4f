package task

import (
	"fmt"

	"github.com/witgen/witgen/rt/internal/handle"
)

// Allowance is what the host functions that a call into a tree calls may take
// together. It belongs to whoever has the tree's turn.
type Allowance struct {
	Calls int64 // the most calls of host functions; 0 for any number
	Bytes int64 // the most bytes that they may lift; 0 for any amount

	calls, bytes int64 // that are left
}

// Begin gives a call all there is.
func (a *Allowance) Begin() { a.calls, a.bytes = a.Calls, a.Bytes }

// Call takes a call of a host function. The error is an [handle.ErrLimit] if none
// is left.
func (a *Allowance) Call() error {
	if a.Calls == 0 {
		return nil
	}
	if a.calls <= 0 {
		return handle.LimitError(fmt.Sprintf("more than %d calls of host functions in one call (Limits.HostCalls)", a.Calls))
	}
	a.calls--
	return nil
}

// Lift returns how much a host function may lift that may lift so much at most.
func (a *Allowance) Lift(most int64) int64 {
	if a.Bytes == 0 {
		return most
	}
	return min(most, a.bytes)
}

// Lifted takes what a host function has lifted.
func (a *Allowance) Lifted(n int64) { a.bytes -= n }

// Over is the error of a host function that would lift more than Lift says.
func (a *Allowance) Over() error {
	return handle.LimitError(fmt.Sprintf("host functions lifted more than %d bytes from the guest in one call (Limits.HostBytes)", a.Bytes))
}
