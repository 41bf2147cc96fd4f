package abi

// Charge takes n bytes from what the call may still make the host allocate
// for values lifted from the guest, and reports whether it may allocate them.
// What the lifting functions of this package allocate is charged already.
func (m *Mem) Charge(n int64) bool { return m.err == nil && m.charge(n) }
