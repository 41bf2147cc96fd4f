package core

import (
	"slices"

	"github.com/witgen/witgen/rt/internal/binary"
)

// A sinker sinks the handlers of a module's functions.
type sinker struct {
	*cursor
	m    *binary.Module
	sp   *spaces
	refs bool // clauses that make references may be there

	frames  []sinkFrame
	depth   int      // how many of them were try_tables
	active  []clause // what catches an exception from here; labels are indices of frames
	tries   int      // try_tables so far
	clauses int      // how many more clauses there may be
	limit   int      // how many there may be in all

	caught []int // of each tag: the number of the last try_table that it is caught around
	outers int   // try_tables met

	types [][]byte           // to be added
	index map[operand]uint32 // where they will be
}

// A sinkFrame is an open block.
type sinkFrame struct {
	try   bool
	outer []clause // of what was a try_table: what catches an exception outside of it
}

// An operand is what an instruction takes on top of the parameters of a type:
// the type of the block around it is one that has to be added.
type operand struct {
	op  int
	typ uint32
}

// function appends the body of the i-th defined function.
func (k *sinker) function(out []byte, i int, b binary.Span) []byte {
	whole := k.buf
	k.buf, k.pos, k.fn = whole[:b.End], b.Start, k.sp.funcs-len(k.m.Funcs)+i
	for range k.count() {
		k.u32()
		k.valType(k.sp)
	}
	from := b.Start
	k.frames, k.active, k.depth = append(k.frames[:0], sinkFrame{}), nil, 0
	var in instr
	for len(k.frames) > 0 && k.err == nil {
		k.instr(&in, k.sp, maxLocals)
		switch in.op {
		case opBlock, opLoop, opIf:
			k.frames = append(k.frames, sinkFrame{})
		case opEnd:
			k.close()
		case opTryTable:
			out = append(out, k.buf[from:in.at]...)
			out = k.open(out, &in)
			from = k.pos
		case opCall, opCallIndirect, opCallRef, opThrow, opThrowRef:
			if len(k.active) == 0 {
				break
			}
			out = append(out, k.buf[from:in.at]...)
			out = k.wrap(out, &in)
			from = k.pos
		}
	}
	out = append(out, k.buf[from:b.End]...)
	k.buf, k.fn = whole, -1
	return out
}

// close leaves a block.
func (k *sinker) close() {
	last := len(k.frames) - 1
	if fr := k.frames[last]; fr.try {
		k.active = fr.outer
		k.depth--
	}
	k.frames = k.frames[:last]
}

// open appends a block in the place of a try_table, and before it the clauses,
// where they are not reached.
func (k *sinker) open(out []byte, in *instr) []byte {
	if k.depth++; k.depth > maxTryDepth {
		k.fail(in.at, "try_tables nested deeper than %d", maxTryDepth)
	}
	for _, cl := range in.clauses {
		if cl.refers() && !k.refs {
			k.fail(in.at, "catch clause makes a reference to the exception, which is not supported")
		}
	}
	outer := k.active
	k.active = k.around(in)
	if len(in.clauses) > 0 {
		out = append(out, opBlock, typeEmpty+0x80, opBr, 0, opTryTable, typeEmpty+0x80)
		for i := range in.clauses {
			in.clauses[i].label++
		}
		out = append(k.appendClauses(out, in.at, in.clauses), opEnd, opEnd)
	}
	k.frames = append(k.frames, sinkFrame{try: true, outer: outer})
	return append(append(out, opBlock), k.buf[in.at+1:in.clausesAt]...)
}

// around is what catches an exception inside of a try_table: its clauses and
// then those around it, without those that never get one.
func (k *sinker) around(in *instr) []clause {
	k.outers++
	active := make([]clause, 0, len(in.clauses)+len(k.active))
	add := func(cl clause) bool {
		if cl.all() {
			active = append(active, cl)
			return false
		}
		if k.caught[cl.tag] != k.outers {
			k.caught[cl.tag] = k.outers
			active = append(active, cl)
		}
		return true
	}
	for _, cl := range in.clauses {
		if !cl.all() && uint64(cl.tag) >= uint64(len(k.caught)) {
			k.fail(in.at, "tag %d of %d", cl.tag, len(k.caught))
			return nil
		}
		cl.label = uint32(len(k.frames)-1) - cl.label
		if !add(cl) {
			return active
		}
	}
	for _, cl := range k.active {
		if !add(cl) {
			break
		}
	}
	if len(active) > maxCatches {
		k.fail(in.at, "more than %d catch clauses for an exception", maxCatches)
	}
	return slices.Clip(active)
}

// wrap appends an instruction that can throw, in a try_table.
func (k *sinker) wrap(out []byte, in *instr) []byte {
	if k.tries++; k.tries > maxTries {
		k.fail(in.at, "more than %d instructions in a try_table throw or call", maxTries)
	}
	typ, ok := k.blockOf(in)
	if !ok {
		return out
	}
	clauses := slices.Clone(k.active)
	for i := range clauses {
		clauses[i].label = uint32(len(k.frames)-1) - clauses[i].label
	}
	out = appendS64(append(out, opTryTable), int64(typ))
	out = k.appendClauses(out, in.at, clauses)
	out = append(out, k.buf[in.at:k.pos]...)
	out = append(out, opEnd)
	if in.op == opThrow || in.op == opThrowRef {
		out = append(out, opUnreachable) // as is what follows
	}
	return out
}

// appendClauses appends a vector of catch clauses.
func (k *sinker) appendClauses(out []byte, at int, clauses []clause) []byte {
	if k.clauses -= len(clauses); k.clauses < 0 {
		k.fail(at, "more than %d catch clauses, as each is repeated for what is inside of its try_table", k.limit)
		return out
	}
	out = appendU32(out, uint32(len(clauses)))
	for _, cl := range clauses {
		out = append(out, cl.kind)
		if !cl.all() {
			out = appendU32(out, cl.tag)
		}
		out = appendU32(out, cl.label)
	}
	return out
}

// blockOf returns the index of the type of a block with just the instruction in
// it.
func (k *sinker) blockOf(in *instr) (uint32, bool) {
	switch in.op {
	case opCall:
		f, ok := k.m.Extern(binary.CoreFunc, in.idx)
		return f.Type, ok
	case opThrow:
		t, ok := k.m.Extern(binary.CoreTag, in.idx)
		if !ok {
			k.fail(in.at, "tag %d of %d", in.idx, len(k.caught))
		}
		return t.Type, ok
	case opCallIndirect:
		c := cursor{buf: k.buf, pos: in.at + 1}
		return k.withOperand(operand{in.op, c.u32()}, 0x7f), true
	case opCallRef:
		return k.withOperand(operand{in.op, in.idx}, appendS64([]byte{typeRefNull + 0x80}, int64(in.idx))...), true
	default: // opThrowRef
		return k.withOperand(operand{op: in.op}, 0x69), true // exnref
	}
}

// withOperand returns the index of a type that has the value type encoded in
// last behind its parameters. For throw_ref that is its only parameter.
func (k *sinker) withOperand(o operand, last ...byte) uint32 {
	if i, ok := k.index[o]; ok {
		return i
	}
	t := &binary.CoreFuncType{}
	if o.op != opThrowRef {
		t, _ = k.m.Func(o.typ)
	}
	b := appendU32([]byte{0x60}, uint32(len(t.Params))+1)
	b = append(appendValTypes(b, t.Params), last...)
	b = appendValTypes(appendU32(b, uint32(len(t.Results))), t.Results)
	i := uint32(k.sp.types + len(k.types))
	k.types = append(k.types, b)
	if k.index == nil {
		k.index = map[operand]uint32{}
	}
	k.index[o] = i
	return i
}

func appendValTypes(b []byte, types []binary.CoreValType) []byte {
	for _, t := range types {
		b = append(b, t.Code)
		if t.Code == typeRef+0x80 || t.Code == typeRefNull+0x80 {
			b = appendS64(b, t.Heap)
		}
	}
	return b
}
