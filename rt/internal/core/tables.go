package core

import (
	"bytes"
	"math"

	"github.com/witgen/witgen/rt/internal/binary"
)

// GrowsTables reports whether the core module has an instruction that makes a
// table grow. It is one of [Instrument]'s errors if the module cannot be walked.
func GrowsTables(module []byte) (bool, error) {
	m, err := binary.DecodeModule(module)
	if err != nil {
		return false, err
	}
	s, ok := m.Section(binary.ModuleCode)
	if !ok {
		return false, nil
	}
	sp := spacesOf(m)
	c := at(module, s.Body, sectionNames[s.ID])
	for range c.count() {
		size := c.u32()
		start := c.pos
		c.skip(size)
		if c.err != nil {
			break
		}
		if !mayGrowTables(module[start:c.pos]) {
			continue
		}
		f := at(module, binary.Span{Start: start, End: c.pos}, c.section)
		if f.growsTables(&sp) {
			return true, nil
		}
		if f.err != nil {
			return false, f.failed()
		}
	}
	return false, c.failed()
}

// mayGrowTables reports whether a function's body has bytes in it that are
// those of table.grow, if an instruction begins there.
func mayGrowTables(body []byte) bool {
	for {
		i := bytes.IndexByte(body, opTableGrow>>8)
		if i < 0 || i+1 == len(body) {
			return false
		}
		body = body[i+1:]
		if body[0]&0x7f == opTableGrow&0xff { // in its shortest form, or a longer one
			return true
		}
	}
}

// growsTables walks a function's body up to a table.grow.
func (c *cursor) growsTables(sp *spaces) bool {
	locals := 0
	for range c.count() {
		n := c.u32()
		if uint64(n) > maxLocals || locals+int(n) > maxLocals {
			c.fail(c.pos, "more than %d locals", maxLocals)
			break
		}
		locals += int(n)
		c.valType(sp)
	}
	var in instr
	for c.err == nil && c.left() > 0 {
		// Parameters are locals too. How many there are is for others to see.
		c.instr(&in, sp, math.MaxInt32)
		if c.err == nil && in.op == opTableGrow {
			return true
		}
	}
	return false
}

// CapTables returns the core module with a maximum for each table that it
// defines: most, or what the table has to begin with if that is more, unless
// its own is lower. A table that would become larger refuses to grow, as one
// may at any time. Whatever can import the table can still do so. All other
// bytes are those of module.
//
// An error is that of [binary.DecodeModule], or a [*binary.Error].
func CapTables(module []byte, most uint32) ([]byte, error) {
	m, err := binary.DecodeModule(module)
	if err != nil {
		return nil, err
	}
	s, ok := m.Section(binary.ModuleTable)
	if !ok {
		return module, nil
	}
	sp := spacesOf(m)
	c := at(module, s.Body, sectionNames[s.ID])
	n := c.count()
	contents := appendU32(make([]byte, 0, len(s.Body.Of(module))+6*n+5), uint32(n))
	for i := range n {
		if c.err != nil {
			break
		}
		contents = c.capTable(contents, &sp, CappedTable(m.Tables[i].Limits, most))
	}
	c.end()
	if err := c.failed(); err != nil {
		return nil, err
	}
	out := append(make([]byte, 0, len(module)+len(contents)), module[:s.All.Start]...)
	out = appendSection(out, binary.ModuleTable, contents)
	return append(out, module[s.All.End:]...), nil
}

// CappedTable returns the maximum that [CapTables] gives a table of the limits.
func CappedTable(l binary.CoreLimits, most uint32) uint64 {
	capped := max(l.Min, uint64(most))
	if l.HasMax {
		return min(l.Max, capped)
	}
	return capped
}

// capTable appends a table with its new maximum, and steps over it.
func (c *cursor) capTable(out []byte, sp *spaces, most uint64) []byte {
	from := c.pos
	valued := c.left() > 1 && c.buf[c.pos] == 0x40
	if valued {
		c.skip(2)
	}
	c.valType(sp)
	out = append(out, c.buf[from:c.pos]...)
	flags := c.byte()
	from = c.pos
	c.skipLEB()
	out = append(append(out, flags|1), c.buf[from:c.pos]...)
	if flags&1 != 0 {
		c.skipLEB()
	}
	for ; most >= 0x80; most >>= 7 {
		out = append(out, byte(most)|0x80)
	}
	out = append(out, byte(most))
	from = c.pos
	if valued {
		c.constExpr(sp)
	}
	return append(out, c.buf[from:c.pos]...)
}
