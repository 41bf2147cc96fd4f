package abi

import "github.com/witgen/witgen/rt/internal/task"

// Text is a string that remembers how it lay in the memory it was lifted
// from: when it goes on to another guest, what that one is asked to allocate
// depends on it. See definitions.py, String. The zero Text is empty UTF-8.
type Text struct {
	s     string
	from  source
	units uint32 // code units it had there, without the tag
}

// source is how a string lay in memory.
type source uint8

const (
	fromUTF8   source = iota
	fromUTF16         // where all strings are UTF-16
	fromLatin1        // where strings are Latin-1 or UTF-16
	fromTagged        // as UTF-16, where strings are Latin-1 or UTF-16
)

// String returns the string itself.
func (t Text) String() string { return t.s }

// LiftText lifts a string as [Mem.LiftString] does, with what is to be
// remembered of it.
func (m *Mem) LiftText(ptr, n uint32) Text {
	t := Text{m.LiftString(ptr, n), fromUTF8, n}
	if m.err != nil {
		return Text{}
	}
	switch m.text {
	case task.UTF16:
		t.from = fromUTF16
	case task.Latin1UTF16:
		t.from = fromLatin1
		if n&utf16Tag != 0 {
			t.from, t.units = fromTagged, n^utf16Tag
		}
	}
	return t
}

// LoadText lifts the string whose pointer and length are stored at ptr.
func (m *Mem) LoadText(ptr uint32) Text {
	at, n := m.LoadPair(ptr)
	return m.LiftText(at, n)
}

// LowerText copies a string into the guest, in the call's string encoding,
// and returns its pointer and length. See definitions.py,
// store_string_into_range.
func (m *Mem) LowerText(t Text) (ptr, n uint32) {
	switch m.text {
	case task.UTF16:
		if t.from == fromUTF8 {
			return m.growUTF16(t)
		}
		return m.copyUTF16(t)
	case task.Latin1UTF16:
		switch t.from {
		case fromLatin1:
			return m.copyLatin1(t)
		case fromTagged:
			return m.narrowUTF16(t)
		}
		return m.widenLatin1(t)
	}
	switch t.from {
	case fromUTF16, fromTagged:
		return m.growUTF8(t, 3*t.units)
	case fromLatin1:
		return m.growUTF8(t, 2*t.units)
	}
	return m.LowerString(t.s)
}

// StoreText lowers a string and writes its pointer and length at ptr.
func (m *Mem) StoreText(ptr uint32, t Text) {
	p, n := m.LowerText(t)
	m.StorePair(ptr, p, n)
}
