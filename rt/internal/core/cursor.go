package core

import (
	"fmt"

	"github.com/witgen/witgen/rt/internal/binary"
)

// A cursor walks a part of a core module. The first failure sticks: every
// later read returns zero.
type cursor struct {
	buf     []byte // the module, up to the end of the part
	pos     int
	section string // for messages
	fn      int    // the function it is in, for messages; negative for none
	err     *binary.Error
}

// at returns a cursor on a span of a module.
func at(module []byte, s binary.Span, section string) *cursor {
	return &cursor{buf: module[:s.End], pos: s.Start, section: section, fn: -1}
}

// failed returns the first failure.
func (c *cursor) failed() error {
	if c.err == nil {
		return nil
	}
	return c.err
}

func (c *cursor) fail(at int, format string, args ...any) {
	if c.err != nil {
		return
	}
	msg := fmt.Sprintf(format, args...)
	if c.fn >= 0 {
		msg = fmt.Sprintf("function %d: %s", c.fn, msg)
	}
	c.err = &binary.Error{Offset: at, Section: c.section, Msg: msg}
}

// left is how many bytes are left to read.
func (c *cursor) left() int { return len(c.buf) - c.pos }

// end fails unless the part is used up.
func (c *cursor) end() {
	if n := c.left(); c.err == nil && n > 0 {
		c.fail(c.pos, "%d bytes left over", n)
	}
}

func (c *cursor) byte() byte {
	if c.err != nil {
		return 0
	}
	if c.pos == len(c.buf) {
		c.fail(c.pos, "unexpected end")
		return 0
	}
	c.pos++
	return c.buf[c.pos-1]
}

// skip steps over n bytes.
func (c *cursor) skip(n uint32) {
	if c.err != nil {
		return
	}
	if uint64(n) > uint64(c.left()) {
		c.fail(len(c.buf), "unexpected end")
		return
	}
	c.pos += int(n)
}

// u32 takes an unsigned LEB128 integer.
func (c *cursor) u32() uint32 {
	if c.err == nil && c.pos < len(c.buf) && c.buf[c.pos] < 0x80 { // most of them
		c.pos++
		return uint32(c.buf[c.pos-1])
	}
	at := c.pos
	var v uint32
	for shift := 0; shift < 35; shift += 7 {
		b := c.byte()
		if shift == 28 && b > 0x0f {
			break
		}
		v |= uint32(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
	c.fail(at, "integer does not fit 32 bits")
	return 0
}

// s33 takes a signed LEB128 integer of 33 bits: an index, or a negative number
// that stands for the one byte it is encoded in.
func (c *cursor) s33() int64 {
	at := c.pos
	var v int64
	for shift := 0; shift < 35; shift += 7 {
		b := c.byte()
		v |= int64(b&0x7f) << shift
		if b >= 0x80 {
			continue
		}
		switch {
		case shift == 28 && b > 0x0f: // beyond 32 bits, or negative
		case b&0x40 == 0 || shift == 28:
			return v
		case shift == 0:
			return v - 0x80
		}
		break
	}
	c.fail(at, "integer is neither an index nor one byte")
	return 0
}

// maxLEB is how many bytes a LEB128 integer of 64 bits takes at most.
const maxLEB = 10

// skipLEB steps over a LEB128 integer.
func (c *cursor) skipLEB() {
	at := c.pos
	for range maxLEB {
		if c.byte() < 0x80 {
			return
		}
	}
	c.fail(at, "integer of more than %d bytes", maxLEB)
}

// s32 takes a signed LEB128 integer.
func (c *cursor) s32() int32 {
	at := c.pos
	var v int32
	for shift := 0; shift < 35; shift += 7 {
		b := c.byte()
		if shift == 28 && b > 0x07 && b < 0x78 || shift == 28 && b > 0x7f {
			break
		}
		v |= int32(b&0x7f) << shift
		if b < 0x80 {
			if b&0x40 != 0 && shift < 28 {
				v |= -1 << (shift + 7)
			}
			return v
		}
	}
	c.fail(at, "integer does not fit 32 bits")
	return 0
}

// zero takes a byte that must be 0: the index of the only memory.
func (c *cursor) zero() {
	at := c.pos
	if b := c.byte(); b != 0 {
		c.fail(at, "memory index %#02x, want 0", b)
	}
}

// index takes an index into a space of n.
func (c *cursor) index(what string, n int) uint32 {
	at := c.pos
	v := c.u32()
	if uint64(v) >= uint64(n) {
		c.fail(at, "%s %d of %d", what, v, n)
	}
	return v
}

// count takes the length of a vector, each element of which takes a byte or
// more.
func (c *cursor) count() int {
	at := c.pos
	n := c.u32()
	if uint64(n) > uint64(c.left()) {
		c.fail(at, "%d elements in %d bytes", n, c.left())
		return 0
	}
	return int(n)
}
