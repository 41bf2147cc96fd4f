package core

import "github.com/witgen/witgen/rt/internal/binary"

// An instr is an instruction.
type instr struct {
	op     int      // its opcode; behind a prefix, the prefix and the number
	at     int      // where it stands in the module
	idx    uint32   // of its immediates: a label, a function, a table
	typ    int64    // of a block, as it is encoded; of call_indirect, the type's index
	value  int32    // of i32.const
	padded int      // where the number behind a prefix ends, if it is not in its shortest form; or 0
	labels []uint32 // those of br_table and try_table; until the next instruction

	clauses   []clause // of try_table; until the next instruction
	clausesAt int      // where their number stands
}

// A clause is a catch clause.
type clause struct {
	kind  byte   // clauseCatch and so on
	tag   uint32 // unless it catches all
	label uint32
}

const (
	clauseCatch       = 0x00
	clauseCatchRef    = 0x01
	clauseCatchAll    = 0x02
	clauseCatchAllRef = 0x03
)

// refers reports whether a clause makes a reference to what it catches.
func (cl clause) refers() bool { return cl.kind&1 != 0 }

// all reports whether a clause catches whatever comes.
func (cl clause) all() bool { return cl.kind >= clauseCatchAll }

// spaces are the sizes of the index spaces of a module as it was. What is
// added to a module lies behind them, so that an index within them cannot
// reach it.
type spaces struct {
	types, funcs, tables, globals int

	arities   []arity  // of types
	funcTypes []uint32 // of functions
	tagTypes  []uint32 // of tags
	mutable   int      // globals
	vectors   bool     // values of functions or globals may be vectors

	declared map[uint32]bool // functions that ref.func may refer to
}

func spacesOf(m *binary.Module) spaces {
	sp := spaces{
		types:   len(m.Types),
		funcs:   m.Len(binary.CoreFunc),
		tables:  m.Len(binary.CoreTable),
		globals: m.Len(binary.CoreGlobal),

		declared: map[uint32]bool{},
	}
	sp.weigh(m)
	return sp
}

// weigh notes what the weight of functions depends on.
func (sp *spaces) weigh(m *binary.Module) {
	sp.arities = make([]arity, len(m.Types))
	vector := func(v binary.CoreValType) { sp.vectors = sp.vectors || v.Code == typeV128+0x80 }
	for i, t := range m.Types {
		if f, ok := t.(*binary.CoreFuncType); ok {
			sp.arities[i] = arity{len(f.Params), len(f.Results)}
			for _, v := range f.Params {
				vector(v)
			}
			for _, v := range f.Results {
				vector(v)
			}
		}
	}
	for _, im := range m.Imports {
		switch im.Type.Sort {
		case binary.CoreFunc:
			sp.funcTypes = append(sp.funcTypes, im.Type.Type)
		case binary.CoreTag:
			sp.tagTypes = append(sp.tagTypes, im.Type.Type)
		case binary.CoreGlobal:
			sp.globalType(im.Type, vector)
		}
	}
	sp.funcTypes = append(sp.funcTypes, m.Funcs...)
	for _, t := range m.Tags {
		sp.tagTypes = append(sp.tagTypes, t.Type)
	}
	for _, g := range m.Globals {
		sp.globalType(g, vector)
	}
}

func (sp *spaces) globalType(t binary.CoreExternType, vector func(binary.CoreValType)) {
	vector(t.Val)
	if t.Mutable {
		sp.mutable++
	}
}

// declare notes that a function is referred to outside of function bodies. A
// core runtime might take an export that is added, of whatever sort, for a
// declaration of the function with the same index.
func (sp *spaces) declare(fn uint32) { sp.declared[fn] = true }

// instr takes the next instruction of a function with the given number of
// locals.
func (c *cursor) instr(in *instr, sp *spaces, locals int) {
	in.at = c.pos
	in.labels, in.padded = in.labels[:0], 0
	op := c.byte()
	in.op = int(op)
	what := immediates[op]
	switch what {
	case immMiscOp:
		what = c.prefixed(in, op, &miscImmediates)
	case immVectorOp:
		what = c.prefixed(in, op, &vectorImmediates)
	case immAtomicOp:
		what = c.prefixed(in, op, &atomicImmediates)
	}
	switch what {
	case immNone:
	case immUnknown:
		c.fail(in.at, "unknown instruction %#02x", in.op)
	case immLocal:
		in.idx = c.index("local", locals)
	case immI32:
		in.value = c.s32()
	case immBlock:
		in.typ = c.blockType(sp)
	case immTry:
		in.typ = c.blockType(sp)
		c.catches(in)
	case immLabel, immPlain:
		in.idx = c.u32()
	case immLabels:
		for range c.count() + 1 {
			in.labels = append(in.labels, c.u32())
			if c.err != nil {
				return
			}
		}
	case immGlobal, immTable, immTables, immElemTable, immFunc, immType, immTypeTable, immHeap, immTypes:
		c.definition(in, what, sp)
	default:
		c.constant(what)
	}
}

// prefixed takes the number after a prefix.
func (c *cursor) prefixed(in *instr, prefix byte, t *[256]imm) imm {
	at := c.pos
	n := c.u32()
	if size := c.pos - at; size > 1 && n>>(7*(size-1)) == 0 {
		in.padded = c.pos
	}
	in.op = int(prefix)<<8 | int(n&0xff)
	if n > 0xff {
		c.fail(in.at, "unknown instruction %#02x %#02x", prefix, n)
		return immNone
	}
	if t[n] == immUnknown {
		c.fail(in.at, "unknown instruction %#02x %#02x", prefix, n)
	}
	return t[n]
}

// definition takes immediates that refer to what a module defines.
func (c *cursor) definition(in *instr, what imm, sp *spaces) {
	switch what {
	case immGlobal:
		in.idx = c.index("global", sp.globals)
	case immTable:
		in.idx = c.index("table", sp.tables)
	case immTables:
		in.idx = c.index("table", sp.tables)
		c.index("table", sp.tables)
	case immElemTable:
		c.u32()
		in.idx = c.index("table", sp.tables)
	case immFunc:
		in.idx = c.index("function", sp.funcs)
	case immType:
		in.idx = c.index("type", sp.types)
	case immTypeTable:
		in.typ = int64(c.index("type", sp.types))
		in.idx = c.index("table", sp.tables)
	case immHeap:
		c.heapType(sp)
	case immTypes:
		at := c.pos
		if n := c.byte(); n != 1 {
			c.fail(at, "select of %d types", n)
		}
		c.valType(sp)
	}
}

// constant takes immediates that refer to nothing but memory.
func (c *cursor) constant(what imm) {
	switch what {
	case immMem:
		c.memArg()
	case immMemLane:
		c.memArg()
		c.skip(1)
	case immZero:
		c.zero()
	case immZeros:
		c.zero()
		c.zero()
	case immDataZero:
		c.u32()
		c.zero()
	case immI64:
		c.skipLEB()
	case immF32:
		c.skip(4)
	case immF64:
		c.skip(8)
	case immV128:
		c.skip(16)
	case immLane:
		c.skip(1)
	}
}

// memArg steps over an alignment and an offset. There is one memory and its
// addresses have 32 bits.
func (c *cursor) memArg() {
	at := c.pos
	if align := c.u32(); align >= 32 {
		c.fail(at, "alignment 2**%d", align)
	}
	c.u32()
}

// catches takes the catch clauses of a try_table; its labels are those of the
// block around it.
func (c *cursor) catches(in *instr) {
	in.clauses, in.clausesAt = in.clauses[:0], c.pos
	for range c.count() {
		at := c.pos
		cl := clause{kind: c.byte()}
		switch cl.kind {
		case clauseCatch, clauseCatchRef:
			cl.tag = c.u32()
		case clauseCatchAll, clauseCatchAllRef:
		default:
			c.fail(at, "unknown catch clause %#02x", cl.kind)
		}
		cl.label = c.u32()
		in.labels = append(in.labels, cl.label)
		in.clauses = append(in.clauses, cl)
		if c.err != nil {
			return
		}
	}
}

// The one-byte encodings of types, as the negative numbers that they are.
const (
	typeEmpty   = 0x40 - 0x80
	typeRef     = 0x64 - 0x80
	typeRefNull = 0x63 - 0x80
	typeV128    = 0x7b - 0x80
)

// blockType takes a block type: nothing, a value type or a type index.
func (c *cursor) blockType(sp *spaces) int64 {
	at := c.pos
	t := c.s33()
	switch {
	case t >= int64(sp.types):
		c.fail(at, "type %d of %d", t, sp.types)
	case t >= 0 || t == typeEmpty:
	default:
		c.pos = at
		c.valType(sp)
	}
	return t
}

// valType steps over a value type.
func (c *cursor) valType(sp *spaces) {
	at := c.pos
	switch code := c.byte(); {
	case code == typeRef+0x80 || code == typeRefNull+0x80:
		c.heapType(sp)
	case code >= 0x7b && code <= 0x7f: // v128, f64, f32, i64, i32
	case code >= 0x69 && code <= 0x74: // nullable references to abstract heap types
	default:
		c.fail(at, "unknown value type %#02x", code)
	}
}

// heapType steps over a heap type: a type index, or an abstract one.
func (c *cursor) heapType(sp *spaces) {
	at := c.pos
	switch t := c.s33(); {
	case t >= int64(sp.types):
		c.fail(at, "type %d of %d", t, sp.types)
	case t < 0 && (t < 0x69-0x80 || t > 0x74-0x80):
		c.fail(at, "unknown heap type %d", t)
	}
}
