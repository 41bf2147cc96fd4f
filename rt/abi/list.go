package abi

import (
	"errors"
	"fmt"
	"unsafe"
)

// maxListBytes bounds the guest bytes of one list: 2^28 - 1. See
// CanonicalABI.md, MAX_LIST_BYTE_LENGTH.
const maxListBytes = 1<<28 - 1

// MakeList checks a list of n elements of size and align bytes at ptr and
// returns a new slice for its n values. It returns nil if the list is not all
// inside the memory, or if the call has lifted too much.
func MakeList[T any](m *Mem, ptr, n, size, align uint32) []T {
	var elem T
	if !m.holdsList(ptr, n, size, align) || !m.charge(int64(n)*int64(unsafe.Sizeof(elem))) {
		return nil
	}
	m.many = m.many || n >= manyElements
	return make([]T, n)
}

// holdsList reports whether a list of n elements of size and align bytes may
// be at ptr. If not, the guest is to blame.
func (m *Mem) holdsList(ptr, n, size, align uint32) bool {
	total := uint64(n) * uint64(size)
	switch {
	case ptr&(align-1) != 0:
		m.Reject(errors.New("unaligned pointer: list pointer is not aligned"))
		return false
	case total > maxListBytes || !m.holds(uint64(ptr)+total):
		if m.err == nil {
			m.Reject(fmt.Errorf("list content out-of-bounds: list pointer/length out of bounds of memory: %d elements at %#x", n, ptr))
		}
		return false
	}
	return true
}

// LiftBytes lifts a list<u8> of n bytes at ptr.
func (m *Mem) LiftBytes(ptr, n uint32) []byte {
	if !m.holdsList(ptr, n, 1, 1) {
		return nil
	}
	b := m.view[ptr:][:n]
	if m.buffer != nil {
		if out := m.buffered(n); out != nil {
			copy(out, b)
			return out
		}
	}
	if !m.charge(int64(n)) {
		return nil
	}
	out := make([]byte, len(b)) // which the copy fills: no time is spent on zeros
	copy(out, b)
	return out
}

// LoadBytes lifts the list<u8> whose pointer and length are stored at ptr.
func (m *Mem) LoadBytes(ptr uint32) []byte {
	at, n := m.LoadPair(ptr)
	return m.LiftBytes(at, n)
}

// LowerBytes copies a list<u8> into the guest and returns its pointer and length.
func (m *Mem) LowerBytes(b []byte) (ptr, n uint32) {
	ptr = m.AllocList(len(b), 1, 1)
	if m.err != nil {
		return 0, 0
	}
	copy(m.view[ptr:], b)
	return ptr, uint32(len(b))
}

// StoreBytes lowers a list<u8> and writes its pointer and length at ptr.
func (m *Mem) StoreBytes(ptr uint32, b []byte) {
	p, n := m.LowerBytes(b)
	m.StorePair(ptr, p, n)
}
