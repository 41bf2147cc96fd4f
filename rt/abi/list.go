package abi

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/witgen/witgen/rt/internal/task"
)

// maxListBytes bounds the guest bytes of one list or string: 2^28 - 1. See
// CanonicalABI.md, MAX_LIST_BYTE_LENGTH.
const maxListBytes = 1<<28 - 1

// charge takes n bytes from what the call may still make the host allocate.
func (m *Mem) charge(n int64) bool {
	if m.left -= n; m.left < 0 {
		m.Reject(fmt.Errorf("lifted more than %d bytes from the guest in one call", liftLimit))
		return false
	}
	return true
}

// MakeList checks a list of n elements of size and align bytes at ptr and
// returns a new slice for its n values. It returns nil if the list is not all
// inside the memory, or if the call has lifted too much.
func MakeList[T any](m *Mem, ptr, n, size, align uint32) []T {
	if m.stale {
		m.take()
	}
	total := uint64(n) * uint64(size)
	switch {
	case ptr&(align-1) != 0:
		m.Reject(errors.New("unaligned pointer: list pointer is not aligned"))
		return nil
	case total > maxListBytes || uint64(ptr)+total > uint64(len(m.view)):
		if m.err == nil {
			m.Reject(fmt.Errorf("list content out-of-bounds: list pointer/length out of bounds of memory: %d elements at %#x", n, ptr))
		}
		return nil
	}
	var elem T
	if !m.charge(int64(n) * int64(unsafe.Sizeof(elem))) {
		return nil
	}
	return make([]T, n)
}

// LiftString lifts a string of n bytes at ptr. It must be valid UTF-8.
func (m *Mem) LiftString(ptr, n uint32) string {
	b := m.content(ptr, n)
	if !utf8.Valid(b) {
		m.Reject(invalidUTF8(b))
		return ""
	}
	return string(b)
}

// LoadString lifts the string whose pointer and length are stored at ptr.
func (m *Mem) LoadString(ptr uint32) string {
	return m.LiftString(m.LoadU32(ptr), m.LoadU32(ptr+4))
}

// LiftBytes lifts a list<u8> of n bytes at ptr.
func (m *Mem) LiftBytes(ptr, n uint32) []byte {
	out := MakeList[byte](m, ptr, n, 1, 1)
	if out != nil {
		copy(out, m.view[ptr:])
	}
	return out
}

// LoadBytes lifts the list<u8> whose pointer and length are stored at ptr.
func (m *Mem) LoadBytes(ptr uint32) []byte {
	return m.LiftBytes(m.LoadU32(ptr), m.LoadU32(ptr+4))
}

// content returns the bytes of a string, charged, or nil.
func (m *Mem) content(ptr, n uint32) []byte {
	if m.stale {
		m.take()
	}
	if n > maxListBytes || uint64(ptr)+uint64(n) > uint64(len(m.view)) {
		if m.err == nil {
			m.Reject(fmt.Errorf("string content out-of-bounds: string pointer/length out of bounds of memory: %d bytes at %#x", n, ptr))
		}
		return nil
	}
	if !m.charge(int64(n)) {
		return nil
	}
	return m.view[ptr : uint64(ptr)+uint64(n)]
}

// invalidUTF8 says where a string stops being UTF-8.
func invalidUTF8(b []byte) error {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			if !utf8.FullRune(b[i:]) {
				return fmt.Errorf("incomplete utf-8 byte sequence from index %d", i)
			}
			return fmt.Errorf("invalid utf-8 sequence from index %d", i)
		}
		i += n
	}
	return nil
}

// Alloc has the guest allocate size bytes for a value. A size of zero is
// asked for too. It returns 0 on failure.
func (m *Mem) Alloc(size, align uint32) uint32 {
	if m.err != nil {
		return 0
	}
	o := m.opts
	m.stack = [4]uint64{0, 0, uint64(align), uint64(size)}
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
		m.Reject(errors.New("unaligned pointer: realloc return: result not aligned"))
		return 0
	}
	if uint64(ptr)+uint64(size) > uint64(len(m.view)) {
		m.Reject(errors.New("list content out-of-bounds: realloc return: beyond end of memory"))
		return 0
	}
	return ptr
}

// AllocList has the guest allocate a list of n elements of size and align
// bytes. It returns 0 on failure.
func (m *Mem) AllocList(n int, size, align uint32) uint32 {
	if uint64(n) > maxListBytes/uint64(size) {
		m.Fail(fmt.Errorf("list of %d elements is longer than a list can be", n))
		return 0
	}
	return m.Alloc(uint32(n)*size, align)
}

// LowerString copies a string into the guest and returns its pointer and
// length. It must be valid UTF-8: one that is not fails before the guest is
// asked for memory for it. What was lowered before it stays in the guest.
func (m *Mem) LowerString(s string) (ptr, n uint32) {
	if !utf8.ValidString(s) {
		m.Fail(fmt.Errorf("string %q is not valid UTF-8", clip(s)))
		return 0, 0
	}
	ptr = m.AllocList(len(s), 1, 1)
	if m.err != nil {
		return 0, 0
	}
	copy(m.view[ptr:], s)
	return ptr, uint32(len(s))
}

// StoreString lowers a string and writes its pointer and length at ptr.
func (m *Mem) StoreString(ptr uint32, s string) {
	p, n := m.LowerString(s)
	m.StorePair(ptr, p, n)
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

// clip shortens a string for an error.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "\uFFFD") + "…"
}
