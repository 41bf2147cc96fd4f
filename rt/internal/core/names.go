package core

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/witgen/witgen/rt/internal/binary"
)

// NameEnd ends the name of each module that [Legible] returns, and is nowhere
// else in its names.
const NameEnd = "\x01"

// The most bytes that are kept of a name. A core runtime makes the names of all
// functions from that of the module, so this one is short; names of functions
// are mangled, and those that are cut cannot be read any more.
const (
	maxModuleName = 64
	maxFuncName   = 1024
)

// Legible returns the core module with its name section written anew, so that
// the stack traces of a core runtime can be read and what they take is bounded,
// whoever wrote the names. Names are valid, printable and not overly long, and
// the module's ends with [NameEnd]. Names of anything else are left out, as is
// whatever is malformed: the section has no meaning, and a core runtime may
// refuse it or allocate for the counts that it claims. A module without the
// section gets one.
//
// An error is that of [binary.DecodeModule].
func Legible(module []byte) ([]byte, error) {
	m, err := binary.DecodeModule(module)
	if err != nil {
		return nil, err
	}
	n := names{funcs: m.Len(binary.CoreFunc)}
	out := append(make([]byte, 0, len(module)+64), module[:8]...)
	for _, s := range m.Sections {
		if s.ID == binary.ModuleCustom && s.Name == "name" {
			n.read(at(module, s.Body, "name"))
			continue
		}
		out = append(out, s.All.Of(module)...)
	}
	return appendSection(out, binary.ModuleCustom, n.section()), nil
}

// The subsections of a name section that are read.
const (
	namesModule = 0
	namesFuncs  = 1
)

// names are the names of a module and of its functions.
type names struct {
	funcs  int // the size of their index space
	module string
	list   []byte // of functions, encoded
	count  uint32 // of them
	next   int    // the lowest index that the next may have
}

// read takes the names of a section, up to where it is malformed.
func (n *names) read(c *cursor) {
	c.name() // of the section
	for c.left() > 0 && c.err == nil {
		id := c.byte()
		size := c.u32()
		start := c.pos
		c.skip(size)
		if c.err != nil {
			return
		}
		sub := at(c.buf, binary.Span{Start: start, End: c.pos}, c.section)
		switch id {
		case namesModule:
			if name := sub.name(); sub.err == nil {
				n.module = legible(name, maxModuleName)
			}
		case namesFuncs:
			n.readFuncs(sub)
		}
	}
}

func (n *names) readFuncs(c *cursor) {
	for range c.u32() {
		idx := int(c.u32())
		name := c.name()
		if c.err != nil || idx < n.next || idx >= n.funcs {
			return // they are in order
		}
		n.next, n.count = idx+1, n.count+1
		n.list = appendName(appendU32(n.list, uint32(idx)), legible(name, maxFuncName))
	}
}

// section returns the contents of the name section.
func (n *names) section() []byte {
	module := appendName(nil, n.module+NameEnd)
	out := appendU32(append(appendName(nil, "name"), namesModule), uint32(len(module)))
	out = append(out, module...)
	if n.count == 0 || len(n.list) > math.MaxInt32 {
		return out
	}
	count := appendU32(nil, n.count)
	out = appendU32(append(out, namesFuncs), uint32(len(count)+len(n.list)))
	return append(append(out, count...), n.list...)
}

// name takes the bytes of a name, which need not be UTF-8.
func (c *cursor) name() []byte {
	size := c.u32()
	start := c.pos
	c.skip(size)
	if c.err != nil {
		return nil
	}
	return c.buf[start:c.pos]
}

// legible returns a name of at most limit bytes without what is not printable.
func legible(name []byte, limit int) string {
	if len(name) > limit {
		for name = name[:limit]; len(name) > 0 && !utf8.RuneStart(name[len(name)-1]); {
			name = name[:len(name)-1]
		}
		if len(name) > 0 && name[len(name)-1] >= utf8.RuneSelf {
			name = name[:len(name)-1] // the start of a character
		}
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !strconv.IsPrint(r) { // the first is what is no UTF-8 too
			return '?'
		}
		return r
	}, string(name))
}
