package binary

import (
	"fmt"
	"unicode/utf8"
)

// Limits of what is read, beside the size of the input.
const (
	maxDepth = 100     // of components and types in one another
	maxName  = 100_000 // bytes of a name
)

// Error is something wrong in the bytes.
type Error struct {
	Offset int
	Msg    string
}

// Error returns "offset 0x1f: message".
func (e *Error) Error() string { return fmt.Sprintf("offset %#x: %s", e.Offset, e.Msg) }

// reader walks over a part of the input. The first failure sticks: after it
// everything reads as zero and lists are empty, so that rules of the grammar
// need no checks of their own.
type reader struct {
	*state
	data []byte
	pos  int
	base int // offset of data
}

// state is what all readers of an input share.
type state struct {
	err   *Error
	depth int
}

func (r *reader) offset() int { return r.base + r.pos }

// more reports whether there is something left to read.
func (r *reader) more() bool { return r.err == nil && r.pos < len(r.data) }

func (r *reader) fail(offset int, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{offset, fmt.Sprintf(format, args...)}
	}
}

func (r *reader) byte() byte {
	if !r.more() {
		r.fail(r.offset(), "unexpected end")
		return 0
	}
	r.pos++
	return r.data[r.pos-1]
}

// bytes takes n bytes, which share the input.
func (r *reader) bytes(n uint32) []byte {
	if r.err != nil || uint64(n) > uint64(len(r.data)-r.pos) {
		r.fail(r.offset(), "unexpected end: %d bytes wanted, %d left", n, len(r.data)-r.pos)
		return nil
	}
	start := r.pos
	r.pos += int(n)
	return r.data[start:r.pos:r.pos]
}

// flag takes a byte that is 0 or 1.
func (r *reader) flag(what string) bool {
	at := r.offset()
	b := r.byte()
	if b > 1 {
		r.fail(at, "unknown kind %#02x of %s", b, what)
	}
	return b == 1
}

// want takes a byte that can only be this one.
func (r *reader) want(b byte, what string) {
	at := r.offset()
	if got := r.byte(); got != b {
		r.fail(at, "unknown %s %#02x", what, got)
	}
}

// u32 takes an unsigned LEB128 integer of 32 bits.
func (r *reader) u32() uint32 {
	at := r.offset()
	var v uint32
	for shift := 0; ; shift += 7 {
		b := r.byte()
		if shift == 28 && b > 0x0f {
			r.fail(at, "integer does not fit 32 bits")
		}
		if r.err != nil {
			return 0
		}
		v |= uint32(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
}

// index takes an index as types of values have them: a signed LEB128 integer
// of 33 bits, since negative numbers stand for types without parts.
func (r *reader) index() uint32 {
	at := r.offset()
	var v uint64
	for shift := 0; shift < 35; shift += 7 {
		b := r.byte()
		if r.err != nil {
			return 0
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if b&0x40 != 0 || v >= 1<<32 {
				break
			}
			return uint32(v)
		}
	}
	r.fail(at, "invalid type index")
	return 0
}

// name takes a length and that many bytes of UTF-8.
func (r *reader) name() string {
	at := r.offset()
	n := r.u32()
	if n > maxName {
		r.fail(at, "a name of %d bytes; %d are allowed", n, maxName)
	}
	b := r.bytes(n)
	if !utf8.Valid(b) {
		r.fail(at, "a name that is not UTF-8")
		return ""
	}
	return string(b)
}

// list takes a length and calls elem that often. Each element takes a byte at
// least, so a length beyond what is left is wrong at once.
func (r *reader) list(what string, elem func()) {
	at := r.offset()
	n := r.u32()
	if r.err == nil && uint64(n) > uint64(len(r.data)-r.pos) {
		r.fail(at, "%d %s in %d bytes", n, what, len(r.data)-r.pos)
	}
	for ; n > 0 && r.err == nil; n-- {
		elem()
	}
}

// enter begins a component or type within others, and fails when there are too
// many. It returns what ends it.
func (r *reader) enter() (leave func()) {
	r.depth++
	if r.depth > maxDepth {
		r.fail(r.offset(), "components and types nest more than %d deep", maxDepth)
	}
	return func() { r.depth-- }
}
