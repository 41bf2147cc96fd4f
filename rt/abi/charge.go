package abi

import (
	"fmt"
	"unsafe"

	"github.com/witgen/witgen/rt/internal/handle"
)

// Charge takes n bytes from what the call may still make the host allocate
// for values lifted from the guest, and reports whether it may allocate them.
// What the lifting functions of this package allocate is charged already.
func (m *Mem) Charge(n int64) bool { return m.err == nil && m.charge(n) }

// ChargeFor charges what a T takes, and reports whether the call may allocate
// one. It is for large cases of variants: what guests claim to have many of
// may be in one place of their memory.
func ChargeFor[T any](m *Mem) bool {
	var v T
	return m.Charge(int64(unsafe.Sizeof(v)))
}

// charge takes n bytes from what the call may still make the host allocate.
func (m *Mem) charge(n int64) bool {
	m.left -= n
	return m.left >= 0 || m.overdrawn()
}

func (m *Mem) overdrawn() bool {
	m.Reject(handle.LimitError(fmt.Sprintf("lifted more than %d bytes from the guest in one call", liftLimit)))
	return false
}
