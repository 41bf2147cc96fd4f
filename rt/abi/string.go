package abi

import (
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/witgen/witgen/rt/internal/task"
)

// maxStringBytes bounds the guest bytes of one string: 2^28 - 1. See
// definitions.py, MAX_STRING_BYTE_LENGTH.
const maxStringBytes = 1<<28 - 1

// utf16Tag marks the length of a string that is UTF-16 where it could be
// Latin-1. See definitions.py, utf16_tag.
const utf16Tag = 1 << 31

// LiftString lifts a string of n code units at ptr, in the call's string
// encoding: n may have the tag of latin1+utf16. It must be valid. See
// definitions.py, load_string_from_range.
func (m *Mem) LiftString(ptr, n uint32) string {
	if m.text != task.UTF8 {
		return m.liftUnits(ptr, n)
	}
	b := m.content(ptr, uint64(n), 1)
	if m.left -= int64(len(b)); m.left < 0 {
		m.overdrawn()
		return ""
	}
	if !utf8.Valid(b) {
		m.Reject(invalidUTF8(b))
		return ""
	}
	if m.many && len(b) <= shortString {
		return m.shared(b)
	}
	return string(b)
}

// The short strings of a long list share blocks of memory: that is one
// allocation for dozens of them. Whoever keeps one of them keeps its block.
const (
	manyElements = 16
	shortString  = 64
	stringBlock  = 1024
)

// shared returns b as a string in a block.
func (m *Mem) shared(b []byte) string {
	if len(b) > cap(m.share)-len(m.share) {
		m.share = make([]byte, 0, stringBlock)
	}
	start := len(m.share)
	m.share = append(m.share, b...)
	return unsafe.String(unsafe.SliceData(m.share[start:]), len(b)) // nothing writes there again
}

// liftUnits lifts a string that is not UTF-8.
func (m *Mem) liftUnits(ptr, n uint32) string {
	if m.text == task.Latin1UTF16 && n&utf16Tag == 0 {
		b := m.content(ptr, uint64(n), 2)
		size := latin1Size(b)
		if !m.charge(int64(size)) {
			return ""
		}
		return decodeLatin1(b, size)
	}
	if m.text == task.Latin1UTF16 {
		n ^= utf16Tag
	}
	b := m.content(ptr, 2*uint64(n), 2)
	size, err := utf16Size(b)
	if err != nil {
		m.Reject(err)
		return ""
	}
	if !m.charge(int64(size)) {
		return ""
	}
	return decodeUTF16(b, size)
}

// LoadString lifts the string whose pointer and length are stored at ptr.
func (m *Mem) LoadString(ptr uint32) string {
	at, n := m.LoadPair(ptr)
	return m.LiftString(at, n)
}

// content returns the size bytes of a string at ptr, or nil if that is no
// place for a string.
func (m *Mem) content(ptr uint32, size uint64, align uint32) []byte {
	end := uint64(ptr) + size
	if size > maxStringBytes || ptr&(align-1) != 0 || end > uint64(len(m.view)) && !m.holds(end) {
		if m.err == nil {
			m.Reject(misplaced(ptr, size, align))
		}
		return nil
	}
	return m.view[ptr:end]
}

// misplaced says why size bytes at ptr are no string.
func misplaced(ptr uint32, size uint64, align uint32) error {
	if size <= maxStringBytes && ptr&(align-1) != 0 {
		return fmt.Errorf("unaligned pointer: string pointer not aligned to %d", align)
	}
	return fmt.Errorf("string content out-of-bounds: string pointer/length out of bounds of memory: %d bytes at %#x", size, ptr)
}

// LowerString copies a string into the guest, in the call's string encoding,
// and returns its pointer and length. It must be valid UTF-8: one that is not
// fails before the guest is asked for memory for it. What was lowered before
// it stays in the guest. See definitions.py, store_string_into_range.
func (m *Mem) LowerString(s string) (ptr, n uint32) {
	if len(s) > maxStringBytes {
		m.Fail(fmt.Errorf("string of %d bytes is longer than a string can be", len(s)))
		return 0, 0
	}
	if !utf8.ValidString(s) {
		m.Fail(fmt.Errorf("string %q is not valid UTF-8", clip(s)))
		return 0, 0
	}
	if m.text != task.UTF8 {
		return m.LowerText(Text{s, fromUTF8, uint32(len(s))})
	}
	ptr = m.realloc(0, 0, 1, uint32(len(s)), errStringRoom)
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

// clip shortens a string for an error.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "\uFFFD") + "…"
}
