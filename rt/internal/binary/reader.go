package binary

import (
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// A reader walks a window of the input. The first failure sticks: every later
// read returns zero, so that grammar rules read as a sequence and the outcome
// is looked at once, at the end. Loops end early through [reader.more] and
// [vec].
type reader struct {
	*progress
	buf     []byte // the window
	pos     int    // in buf
	base    int    // offset of buf[0] in the outermost file
	section string // for messages
	whole   bool   // the window ends where the file ends: reading past it means truncation
}

// progress is what all readers of one input share.
type progress struct {
	err   *Error
	depth int // components and types open
	nodes int // sections, definitions and their parts seen
}

func newReader(buf []byte) *reader {
	return &reader{progress: &progress{}, buf: buf, whole: true}
}

// offset is the position in the outermost file.
func (r *reader) offset() int { return r.base + r.pos }

func (r *reader) remaining() int { return len(r.buf) - r.pos }

// more reports whether bytes are left to read.
func (r *reader) more() bool { return r.err == nil && r.pos < len(r.buf) }

// failAt records the first failure.
func (r *reader) failAt(offset int, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{Offset: offset, Section: r.section, Msg: fmt.Sprintf(format, args...)}
	}
}

// failEnd records that the window ended too early.
func (r *reader) failEnd() {
	if r.err == nil {
		r.failAt(r.base+len(r.buf), "unexpected end")
		r.err.Truncated = r.whole
	}
}

// bytes takes n bytes, sharing the input.
func (r *reader) bytes(n uint32) []byte {
	if r.err != nil {
		return nil
	}
	if uint64(n) > uint64(r.remaining()) {
		r.failEnd()
		return nil
	}
	b := r.buf[r.pos : r.pos+int(n) : r.pos+int(n)]
	r.pos += int(n)
	return b
}

// byte takes one byte.
func (r *reader) byte() byte {
	if r.err != nil {
		return 0
	}
	if r.pos == len(r.buf) {
		r.failEnd()
		return 0
	}
	b := r.buf[r.pos]
	r.pos++
	return b
}

// peek returns the next byte without taking it.
func (r *reader) peek() byte {
	b := r.byte()
	if r.err == nil {
		r.pos--
	}
	return b
}

// want takes one byte that has only one allowed value.
func (r *reader) want(b byte, what string) {
	at := r.offset()
	if got := r.byte(); got != b {
		r.failAt(at, "%s is %#02x, not %#02x", what, got, b)
	}
}

// flag takes a byte that is 0 or 1.
func (r *reader) flag(what string) bool {
	at := r.offset()
	switch b := r.byte(); b {
	case 0:
		return false
	case 1:
		return true
	default:
		r.failAt(at, "invalid %s %#02x", what, b)
		return false
	}
}

func (r *reader) u32() uint32 { return uint32(r.leb(32, false)) }

func (r *reader) u64() uint64 { return r.leb(64, false) }

func (r *reader) s32() int32 { return int32(r.leb(32, true)) }

func (r *reader) s33() int64 { return int64(r.leb(33, true)) }

func (r *reader) s64() int64 { return int64(r.leb(64, true)) }

// leb takes a LEB128 integer of at most the given bits, sign-extended to 64
// when signed. See "Integers" in the core specification's binary format: it
// may be padded up to the longest encoding, in which unused bits must agree
// with the value.
func (r *reader) leb(bits uint, signed bool) uint64 {
	at := r.offset()
	var v uint64
	for shift := uint(0); ; shift += 7 {
		b := r.byte()
		if r.err != nil {
			return 0
		}
		v |= uint64(b&0x7f) << shift
		if left := bits - shift; left <= 7 {
			switch top := b & 0x7f >> left; {
			case b&0x80 != 0:
				r.failAt(at, "integer of more than %d bytes", (bits+6)/7)
			case signed && b&(1<<(left-1)) != 0 && top != 0x7f>>left, !signed && top != 0,
				signed && b&(1<<(left-1)) == 0 && top != 0:
				r.failAt(at, "integer does not fit %d bits", bits)
			}
		}
		if r.err != nil {
			return 0
		}
		if b&0x80 == 0 {
			if signed && b&0x40 != 0 && shift+7 < 64 {
				v |= ^uint64(0) << (shift + 7)
			}
			return v
		}
	}
}

// name takes a length and that many bytes of UTF-8.
func (r *reader) name() string {
	at := r.offset()
	n := r.u32()
	if n > maxName {
		r.failAt(at, "name of %d bytes, limit %d", n, maxName)
		return ""
	}
	b := r.bytes(n)
	if !utf8.Valid(b) {
		r.failAt(at, "name is not UTF-8")
		return ""
	}
	return string(b)
}

// count takes the length of a vector. Each element takes at least one byte,
// so that a length beyond the window is known to be wrong at once.
func (r *reader) count(what string, limit int) int {
	at := r.offset()
	n := r.u32()
	switch {
	case r.err != nil:
		return 0
	case uint64(n) > uint64(r.remaining()):
		r.failEnd()
		return 0
	case int(n) > limit:
		r.failAt(at, "%d %s, limit %d", n, what, limit)
		return 0
	}
	return int(n)
}

// vec takes a vector: a length and that many elements.
func vec[T any](r *reader, what string, limit int, elem func(*reader) T) []T {
	n := r.count(what, limit)
	var s []T
	for range n {
		r.node()
		v := elem(r)
		if r.err != nil {
			return nil
		}
		s = push(s, v, n)
	}
	return s
}

// indices takes a vector of indices.
func (r *reader) indices(what string, limit int) []uint32 {
	n := r.count(what, limit)
	var s []uint32
	for range n {
		v := r.u32()
		if r.err != nil {
			return nil
		}
		s = push(s, v, n)
	}
	return s
}

// unknown is the length of a vector that is not stated in one place.
const unknown = math.MaxInt

// push appends to a slice that is to have n elements in the end, if what
// follows is as long as promised: room doubles with what has been seen.
func push[T any](s []T, v T, n int) []T {
	if len(s) == cap(s) {
		s = slices.Grow(s, max(1, min(n-len(s), max(len(s), 16))))
	}
	return append(s, v)
}

// optional takes a byte that says whether an element follows.
func optional[T any](r *reader, what string, elem func(*reader) T) *T {
	if !r.flag(what) {
		return nil
	}
	v := elem(r)
	return &v
}

// node counts a node of the tree against the limit of the file.
func (r *reader) node() {
	if r.nodes++; r.nodes > maxNodes {
		r.failAt(r.offset(), "more than %d definitions and their parts", maxNodes)
	}
}

// tally counts a definition against the limit that a component has of its
// kind.
func (r *reader) tally(n *int, what string) {
	if *n++; *n > maxPerSort {
		r.failAt(r.offset(), "more than %d %s", maxPerSort, what)
	}
}

// enter opens a component or type; leave closes it.
func (r *reader) enter() {
	if r.depth++; r.depth > maxDepth {
		r.failAt(r.offset(), "nesting deeper than %d", maxDepth)
	}
}

func (r *reader) leave() { r.depth-- }

// end fails unless the window is used up.
func (r *reader) end() {
	if n := r.remaining(); n > 0 {
		r.failAt(r.offset(), "%d bytes left over", n)
	}
}

// nextSection takes a section header and returns the section's id and a reader
// of its contents. name gives the section's name, or "" for an unknown id.
func (r *reader) nextSection(name func(id byte) string) (id byte, s *reader) {
	r.node()
	at := r.offset()
	id = r.byte()
	outside := r.section
	if r.section = name(id); r.section == "" {
		r.section = outside
		r.failAt(at, "unknown section id %d", id)
	}
	size := r.u32()
	start := r.offset()
	s = &reader{progress: r.progress, buf: r.bytes(size), base: start, section: r.section}
	r.section = outside
	return id, s
}
