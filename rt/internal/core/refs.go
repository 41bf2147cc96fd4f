package core

import "github.com/witgen/witgen/rt/internal/binary"

// within checks that nothing outside of function bodies refers to an index
// behind the index spaces: not a type, table, global, element or data segment,
// export or the start function. It declares the functions that they refer to.
func within(module []byte, m *binary.Module, sp *spaces) error {
	if err := typesWithin(m, sp); err != nil {
		return err
	}
	for _, s := range m.Sections {
		var each func(*cursor, *spaces)
		switch s.ID {
		case binary.ModuleTable:
			each = (*cursor).table
		case binary.ModuleGlobal:
			each = (*cursor).global
		case binary.ModuleElement:
			each = (*cursor).element
		case binary.ModuleData:
			each = (*cursor).data
		default:
			continue
		}
		c := at(module, s.Body, sectionNames[s.ID])
		for range c.count() {
			each(c, sp)
			if c.err != nil {
				break
			}
		}
		c.end()
		if err := c.failed(); err != nil {
			return err
		}
	}
	return nil
}

// sectionNames are those of the sections looked into, as package binary has
// them.
var sectionNames = map[byte]string{
	binary.ModuleType:     "type (1) of a core module",
	binary.ModuleImport:   "import (2) of a core module",
	binary.ModuleFunction: "function (3) of a core module",
	binary.ModuleTable:    "table (4) of a core module",
	binary.ModuleGlobal:   "global (6) of a core module",
	binary.ModuleExport:   "export (7) of a core module",
	binary.ModuleStart:    "start (8) of a core module",
	binary.ModuleElement:  "element (9) of a core module",
	binary.ModuleCode:     "code (10) of a core module",
	binary.ModuleData:     "data (11) of a core module",
	binary.ModuleTag:      "tag (13) of a core module",
}

// typesWithin checks what a decoded module holds.
func typesWithin(m *binary.Module, sp *spaces) error {
	heap := func(id byte, t binary.CoreValType) error {
		if (t.Code == 0x63 || t.Code == 0x64) && t.Heap >= int64(sp.types) {
			return outside(m, id, "type", t.Heap, sp.types)
		}
		return nil
	}
	for i, t := range m.Types {
		f, ok := t.(*binary.CoreFuncType)
		if !ok {
			s, _ := m.Section(binary.ModuleType)
			c := at(nil, binary.Span{}, sectionNames[s.ID])
			c.fail(s.Body.Start, "type %d is not a function type", i)
			return c.failed()
		}
		for _, list := range [][]binary.CoreValType{f.Params, f.Results} {
			for _, v := range list {
				if err := heap(binary.ModuleType, v); err != nil {
					return err
				}
			}
		}
	}
	typed := func(id byte, t binary.CoreExternType) error {
		if (t.Sort == binary.CoreFunc || t.Sort == binary.CoreTag) && int64(t.Type) >= int64(sp.types) {
			return outside(m, id, "type", int64(t.Type), sp.types)
		}
		return heap(id, t.Val)
	}
	for _, im := range m.Imports {
		if err := typed(binary.ModuleImport, im.Type); err != nil {
			return err
		}
	}
	for _, t := range m.Tags {
		if err := typed(binary.ModuleTag, t); err != nil {
			return err
		}
	}
	for _, t := range m.Funcs {
		if _, ok := m.Func(t); !ok {
			return outside(m, binary.ModuleFunction, "function type", int64(t), sp.types)
		}
	}
	for _, e := range m.Exports {
		if n := m.Len(e.Sort); int64(e.Idx) >= int64(n) {
			return outside(m, binary.ModuleExport, "index", int64(e.Idx), n)
		}
		if e.Sort == binary.CoreFunc {
			sp.declare(e.Idx)
		}
	}
	return startWithin(m)
}

// startWithin checks that the start function can be called as an export.
func startWithin(m *binary.Module) error {
	if m.Start == nil {
		return nil
	}
	f, ok := m.Extern(binary.CoreFunc, *m.Start)
	if !ok {
		return outside(m, binary.ModuleStart, "function", int64(*m.Start), m.Len(binary.CoreFunc))
	}
	if t, ok := m.Func(f.Type); !ok || len(t.Params) > 0 || len(t.Results) > 0 {
		s, _ := m.Section(binary.ModuleStart)
		return &binary.Error{Offset: s.Body.Start, Section: sectionNames[s.ID], Msg: "start function is not of type () -> ()"}
	}
	return nil
}

// outside says that a section refers to what is not there.
func outside(m *binary.Module, id byte, what string, idx int64, n int) error {
	s, _ := m.Section(id)
	c := &cursor{section: sectionNames[id], fn: -1}
	c.fail(s.Body.Start, "%s %d of %d", what, idx, n)
	return c.failed()
}

// table steps over a defined table.
func (c *cursor) table(sp *spaces) {
	valued := c.err == nil && c.left() > 1 && c.buf[c.pos] == 0x40
	if valued {
		c.skip(2)
	}
	c.valType(sp)
	flags := c.byte()
	c.skipLEB()
	if flags&1 != 0 {
		c.skipLEB()
	}
	if valued {
		c.constExpr(sp)
	}
}

// global steps over a defined global.
func (c *cursor) global(sp *spaces) {
	c.valType(sp)
	c.skip(1)
	c.constExpr(sp)
}

// element steps over an element segment. Bit 0 of its first number says that
// it is not active, bit 1 that it has a table index, or is declarative, bit 2
// that it holds expressions.
func (c *cursor) element(sp *spaces) {
	at := c.pos
	flags := c.u32()
	if flags > 7 {
		c.fail(at, "unknown element segment %#02x", flags)
		return
	}
	if flags&1 == 0 {
		if flags&2 != 0 {
			c.index("table", sp.tables)
		}
		c.constExpr(sp)
	}
	switch {
	case flags&3 == 0:
	case flags&4 != 0:
		c.valType(sp)
	default:
		at := c.pos
		if kind := c.byte(); kind != 0 {
			c.fail(at, "unknown element kind %#02x", kind)
		}
	}
	for range c.count() {
		if flags&4 != 0 {
			c.constExpr(sp)
		} else {
			sp.declare(c.index("function", sp.funcs))
		}
		if c.err != nil {
			return
		}
	}
}

// data steps over a data segment.
func (c *cursor) data(sp *spaces) {
	at := c.pos
	switch flags := c.u32(); flags {
	case 0, 2:
		if flags == 2 {
			c.u32()
		}
		c.constExpr(sp)
	case 1:
	default:
		c.fail(at, "unknown data segment %#02x", flags)
	}
	c.skip(c.u32())
}

// constExpr steps over a constant expression, its end included.
func (c *cursor) constExpr(sp *spaces) {
	var in instr
	for c.err == nil {
		c.instr(&in, sp, 0)
		switch in.op {
		case opEnd:
			return
		case opRefFunc:
			sp.declare(in.idx)
		case opI32Const, opI64Const, 0x43, 0x44, opGlobalGet, opRefNull, opVector<<8 | 0x0c,
			0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e: // add, sub, mul
		default:
			c.fail(in.at, "instruction %#02x in a constant expression", in.op)
		}
	}
}
