package abi

import (
	"encoding/binary"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

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

// latin1Size returns how many bytes Latin-1 takes as UTF-8.
func latin1Size(b []byte) int {
	n := len(b)
	for _, c := range b {
		n += int(c >> 7)
	}
	return n
}

// decodeLatin1 makes a string of size bytes of Latin-1.
func decodeLatin1(b []byte, size int) string {
	if size == len(b) {
		return string(b)
	}
	out := make([]byte, 0, size)
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return unsafe.String(unsafe.SliceData(out), len(out))
}

// utf16Size returns how many bytes little-endian UTF-16 takes as UTF-8. It
// fails for a surrogate that is not one of a pair.
func utf16Size(b []byte) (int, error) {
	n := 0
	for i := 0; i < len(b); i += 2 {
		switch u := binary.LittleEndian.Uint16(b[i:]); {
		case u < 0x80:
			n++
		case u < 0x800:
			n += 2
		case !isSurrogate(u):
			n += 3
		case i+2 < len(b) && utf16.DecodeRune(rune(u), rune(binary.LittleEndian.Uint16(b[i+2:]))) != utf8.RuneError:
			n += 4
			i += 2
		default:
			return 0, fmt.Errorf("invalid utf-16 sequence from index %d: unpaired surrogate found: %x", i/2, u)
		}
	}
	return n, nil
}

func isSurrogate(u uint16) bool { return u&0xf800 == 0xd800 }

// decodeUTF16 makes a string of size bytes of little-endian UTF-16, which is
// valid.
func decodeUTF16(b []byte, size int) string {
	out := make([]byte, 0, size)
	for i := 0; i < len(b); i += 2 {
		u := binary.LittleEndian.Uint16(b[i:])
		r := rune(u)
		if isSurrogate(u) {
			i += 2
			r = utf16.DecodeRune(r, rune(binary.LittleEndian.Uint16(b[i:])))
		}
		out = utf8.AppendRune(out, r)
	}
	return unsafe.String(unsafe.SliceData(out), len(out))
}

// putUTF16 writes a string as little-endian UTF-16 and returns how many bytes
// that took. A nil slice takes none.
func putUTF16(b []byte, s string) uint32 {
	if b == nil {
		return 0
	}
	n := 0
	for _, r := range s {
		if r < 1<<16 {
			binary.LittleEndian.PutUint16(b[n:], uint16(r))
			n += 2
			continue
		}
		high, low := utf16.EncodeRune(r)
		binary.LittleEndian.PutUint16(b[n:], uint16(high))
		binary.LittleEndian.PutUint16(b[n+2:], uint16(low))
		n += 4
	}
	return uint32(n)
}

// putLatin1 writes the characters that Latin-1 has, up to the first that it
// has not, and returns how many those are and what follows them.
func putLatin1(b []byte, s string) (n uint32, rest string) {
	for i, r := range s {
		if r > 0xff || int(n) == len(b) {
			return n, s[i:]
		}
		b[n] = byte(r)
		n++
	}
	return n, ""
}

// isLatin1 reports whether Latin-1 has all characters of a string.
func isLatin1(s string) bool {
	for _, r := range s {
		if r > 0xff {
			return false
		}
	}
	return true
}

// putASCII writes the characters up to the first that is not ASCII and
// returns how many those are.
func putASCII(b []byte, s string) uint32 {
	n := 0
	for n < min(len(b), len(s)) && s[n] < utf8.RuneSelf {
		b[n] = s[n]
		n++
	}
	return uint32(n)
}
