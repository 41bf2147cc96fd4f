package core

import (
	"slices"

	"github.com/witgen/witgen/rt/internal/binary"
)

// maxLeafBytes is the length up to which a function may turn out to need no
// check of its own.
const maxLeafBytes = 8 * leafLimit

// bodies takes the code section: a body for each of n functions.
func (f *flow) bodies(n int) []binary.Span {
	at := f.pos
	if got := f.count(); got != n {
		f.fail(at, "%d bodies of %d functions", got, n)
		return nil
	}
	bodies := make([]binary.Span, n)
	for i := range bodies {
		size := f.u32()
		start := f.pos
		f.skip(size)
		bodies[i] = binary.Span{Start: start, End: f.pos}
	}
	f.end()
	return bodies
}

// function walks the i-th defined function and leaves its edits; false when
// there was an error, now or before.
func (f *flow) function(i int, b binary.Span, m *binary.Module) bool {
	if f.err != nil {
		return false
	}
	t, _ := m.Func(m.Funcs[i])
	whole := f.buf
	f.buf, f.pos, f.fn = whole[:b.End], b.Start, f.known+i
	f.typ = m.Funcs[i]
	f.locals, f.vectors = len(t.Params), f.sp.vectors
	for range f.count() {
		at := f.pos
		n := f.u32()
		if uint64(n) > maxLocals || f.locals+int(n) > maxLocals {
			f.fail(at, "more than %d locals", maxLocals)
			break
		}
		f.locals += int(n)
		f.vectors = f.vectors || f.left() > 0 && f.buf[f.pos] == typeV128+0x80
		f.valType(f.sp)
	}
	if f.err == nil {
		f.body()
	}
	if f.err == nil {
		f.fold()
	}
	f.buf, f.fn = whole, -1
	return f.err == nil
}

// leaf reports whether the function just walked needs no check if its callers
// pay for it.
func (f *flow) leaf() bool {
	return len(f.edits) == 1 && f.edits[0].kind == editEntry && !f.calls && f.edits[0].cost <= leafLimit
}

// fold lets the check of the loop that is always reached, if there is one, pay
// for the function too.
func (f *flow) fold() {
	if entry := f.edits[0].cost; f.head > 0 && entry <= foldLimit {
		f.edits[f.head].cost += entry
		f.edits = slices.Delete(f.edits, 0, 1)
	}
}

// appendBody appends the body of the function just walked, edited.
func (f *flow) appendBody(out []byte, b binary.Span, p *pass) []byte {
	a := &p.added
	c := cursor{buf: f.buf[:b.End], pos: b.Start}
	groups := c.u32()
	o := own{scratch: uint32(f.locals), handler: uint32(f.locals)}
	var locals []byte
	if f.scratch {
		groups++
		locals = append(locals, 1, 0x7f)
		o.handler++
	}
	if f.handles && f.account > 0 {
		groups++
		locals = append(locals, 1, 0x7e)
	}
	out = appendU32(out, groups)
	from := c.pos
	out = append(append(out, f.buf[from:f.start]...), locals...)
	from = f.start
	edits := f.edits
	if f.account > 0 {
		units := int64(0)
		if edits[0].kind == editEntry {
			if !a.unpaid {
				units = edits[0].units()
			}
			edits = edits[1:]
		}
		out = a.enter(out, f.account, units)
		if f.inner() {
			out = appendS64(append(out, opBlock), p.resultBlock(f.typ))
		}
	}
	for i := range edits {
		e := &edits[i]
		out = append(out, f.buf[from:e.at]...)
		out = a.appendEdit(out, e, o)
		from = max(e.at, e.until)
	}
	return append(out, f.buf[from:b.End]...)
}
