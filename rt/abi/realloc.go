package abi

import (
	"fmt"

	"github.com/witgen/witgen/rt/internal/task"
)

// Alloc has the guest allocate size bytes for a value. A size of zero is
// asked for too. It returns 0 on failure.
func (m *Mem) Alloc(size, align uint32) uint32 { return m.realloc(0, 0, align, size, errListRoom) }

// AllocList has the guest allocate a list of n elements of size and align
// bytes. It returns 0 on failure.
func (m *Mem) AllocList(n int, size, align uint32) uint32 {
	if uint64(n) > maxListBytes/uint64(size) {
		m.Fail(fmt.Errorf("list of %d elements is longer than a list can be", n))
		return 0
	}
	return m.Alloc(uint32(n)*size, align)
}

// What a guest did wrong whose realloc returns a pointer to less than it was
// asked for, or one that is not aligned.
const (
	errListRoom   = task.ReallocError("list content out-of-bounds: realloc return: beyond end of memory")
	errStringRoom = task.ReallocError("string content out-of-bounds: realloc return: beyond end of memory")
	errUnaligned  = task.ReallocError("unaligned pointer: realloc return: result not aligned")
)

// realloc has the guest make the was bytes at old, which are none for a new
// value, size bytes. The view is taken anew: memory may have moved. room is
// the failure when the bytes are not all inside it. It returns 0 on failure.
// See definitions.py, LiftLowerContext.reallocate.
func (m *Mem) realloc(old, was, align, size uint32, room error) uint32 {
	if m.err != nil {
		return 0
	}
	o := m.opts
	m.stack = [4]uint64{uint64(old), uint64(was), uint64(align), uint64(size)}
	o.Instance.MayLeave = false
	err := o.Realloc.CallWithStack(m.task, m.stack[:])
	o.Instance.MayLeave = true
	if err != nil {
		m.Reject(&task.CoreError{Err: err, During: "realloc"})
		return 0
	}
	m.take()
	ptr := uint32(m.stack[0])
	if ptr&(align-1) != 0 {
		m.Reject(errUnaligned)
		return 0
	}
	if end := uint64(ptr) + uint64(size); end > uint64(len(m.view)) && !m.holds(end) {
		m.Reject(room)
		return 0
	}
	return ptr
}
