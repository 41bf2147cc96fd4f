package abi

// The ways to place a string in a guest's memory. Each asks the guest for the
// memory that definitions.py asks for, no more seldom and no more often, and
// writes what is written there in the same order: a guest can tell. Sizes in
// bytes are at most three times 2^28 and do not overflow.

// room has the guest make the was bytes at old, which are none for a new
// string, size bytes, and returns them with their pointer; nil on failure.
func (m *Mem) room(old, was, align, size uint32) (uint32, []byte) {
	ptr := m.realloc(old, was, align, size, errStringRoom)
	if m.err != nil {
		return 0, nil
	}
	return ptr, m.view[ptr : uint64(ptr)+uint64(size)]
}

// shrink gives back what is left over of the size bytes at ptr once used are
// used.
func (m *Mem) shrink(ptr, size, align, used uint32) uint32 {
	if used < size {
		ptr = m.realloc(ptr, size, align, used, errStringRoom)
	}
	return ptr
}

// copyUTF16 places UTF-16 of as many code units as there were. See
// definitions.py, store_string_copy.
func (m *Mem) copyUTF16(t Text) (ptr, n uint32) {
	ptr, b := m.room(0, 0, 2, 2*t.units)
	return ptr, putUTF16(b, t.s) / 2
}

// copyLatin1 places Latin-1 that was Latin-1. See definitions.py,
// store_string_copy.
func (m *Mem) copyLatin1(t Text) (ptr, n uint32) {
	ptr, b := m.room(0, 0, 2, t.units)
	n, _ = putLatin1(b, t.s)
	return ptr, n
}

// growUTF8 places UTF-8 in as many bytes as there were code units, as long as
// all is ASCII, and in worst bytes from the first character on that is not.
// See definitions.py, store_string_to_utf8.
func (m *Mem) growUTF8(t Text, worst uint32) (ptr, n uint32) {
	ptr, b := m.room(0, 0, 1, t.units)
	n = putASCII(b, t.s)
	if m.err != nil || int(n) == len(t.s) {
		return ptr, n
	}
	ptr, b = m.room(ptr, t.units, 1, worst)
	if m.err != nil {
		return 0, 0
	}
	copy(b[n:], t.s[n:])
	n = uint32(len(t.s))
	return m.shrink(ptr, worst, 1, n), n
}

// growUTF16 places UTF-16 in two bytes for each byte of UTF-8. See
// definitions.py, store_utf8_to_utf16.
func (m *Mem) growUTF16(t Text) (ptr, n uint32) {
	worst := 2 * t.units
	ptr, b := m.room(0, 0, 2, worst)
	n = putUTF16(b, t.s)
	return m.shrink(ptr, worst, 2, n), n / 2
}

// widenLatin1 places Latin-1 in as many bytes as there were code units, and
// makes it UTF-16 when a character comes that Latin-1 does not have. See
// definitions.py, store_string_to_latin1_or_utf16.
func (m *Mem) widenLatin1(t Text) (ptr, n uint32) {
	ptr, b := m.room(0, 0, 2, t.units)
	n, rest := putLatin1(b, t.s)
	if m.err != nil || rest == "" {
		return m.shrink(ptr, t.units, 2, n), n
	}
	worst := 2 * t.units
	ptr, b = m.room(ptr, t.units, 2, worst)
	if m.err != nil {
		return 0, 0
	}
	for i := int(n) - 1; i >= 0; i-- {
		b[2*i], b[2*i+1] = b[i], 0
	}
	n = 2*n + putUTF16(b[2*n:], rest)
	return m.shrink(ptr, worst, 2, n), n/2 | utf16Tag
}

// narrowUTF16 places UTF-16 of as many code units as there were, and makes it
// Latin-1 if it can be: its guest does so too, so most likely it cannot. See
// definitions.py, store_probably_utf16_to_latin1_or_utf16.
func (m *Mem) narrowUTF16(t Text) (ptr, n uint32) {
	ptr, b := m.room(0, 0, 2, 2*t.units)
	if m.err != nil {
		return 0, 0
	}
	putUTF16(b, t.s)
	if !isLatin1(t.s) {
		return ptr, t.units | utf16Tag
	}
	for i := range t.units {
		b[i] = b[2*i]
	}
	return m.realloc(ptr, 2*t.units, 1, t.units, errStringRoom), t.units
}
