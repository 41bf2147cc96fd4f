package abi

import (
	"fmt"
	"unsafe"

	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/task"
)

// Charge takes n bytes from what the call may still make the host allocate
// for values lifted from the guest, and reports whether it may allocate them.
// The result of an export has a limit of its own, and so have the arguments of
// each call of the host. What the lifting functions of this package allocate is
// charged already.
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

// overdrawn fails for the limit that is the lower one, or for what there is of it.
func (m *Mem) overdrawn() bool {
	if host := m.host(); host != nil && host.Lift(m.most) < m.most {
		m.Reject(host.Over())
	} else {
		m.Reject(handle.LimitError(fmt.Sprintf("lifted more than %d bytes from the guest at once (Limits.Lift)", m.most)))
	}
	return false
}

// host returns what the host functions of the call may take together, if the
// view is of one of them and there is a limit; else nil.
func (m *Mem) host() *task.Allowance {
	if !m.answers {
		return nil
	}
	return m.opts.Instance.Tree.Host
}
