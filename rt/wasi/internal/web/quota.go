package web

import (
	"errors"
	"sync/atomic"
)

const (
	// maxHeld is how many bytes the host holds for an instance at most in
	// fields, in bodies that are not being sent yet, and in buffers of bodies
	// that arrive: what a guest could have thousands of.
	maxHeld = 32 << 20

	// perObject is what a resource counts by itself.
	perObject = 256
)

var errHeld = errors.New("more than 32 MiB of fields and bodies are held for the guest")

// quota counts what is held for an instance. A nil quota counts nothing.
type quota struct{ held atomic.Int64 }

// take counts n bytes more, unless that is too much.
func (q *quota) take(n int) error {
	if q == nil {
		return nil
	}
	if q.held.Add(int64(n)) > maxHeld {
		q.give(n)
		return errHeld
	}
	return nil
}

// give counts n bytes less.
func (q *quota) give(n int) {
	if q != nil {
		q.held.Add(-int64(n))
	}
}
