package core

import "sort"

// A weight is an estimate of what a function takes on the call stack of a core
// runtime. wazero's compiler gives a place in the frame to each value that is
// there while something is called, or while there are more values than
// registers, and uses none twice: a local has one for each time that it is set,
// and one for each end of a block at which it can have several values. Its
// interpreter has one for each local and each operand. Of 29,700
// functions by compilers for C, C++, Go, Haskell and Rust the estimate is five
// times what wazero uses on amd64, taken together, and less for none of them. Of
// code that is written to defeat it, it can be half.
type weight struct {
	height  int // of the operand stack
	counted int // how many of its lowest entries have a place already
	places  int // of operands, locals and results of calls
	merged  int // locals that have been set in a block, for each block
	area    int // operands and results of the call that has most
	wide    bool

	opened int   // blocks so far, in all functions
	setAt  []int // of each local: blocks opened when it was last set
}

const (
	// weightBase is what every frame may have: return addresses, a frame pointer
	// and all registers that a function keeps for its caller.
	weightBase = 32 + 5*8 + 8*16 + 24

	// weightRegisters is how many operands find a place in registers. There are
	// more, but values of other kinds want them too.
	weightRegisters = 8

	// weightMerged is how many values of a block's end make for a place on average:
	// most of them are not needed after it.
	weightMerged = 2

	// weightFill is how many places an instruction takes that fills memory or a
	// table, which is a loop of calls, and weightCopy one that copies memory, whose
	// operands may come from the function that does it in pieces.
	weightFill = 5
	weightCopy = 1
)

// begin begins a function.
func (w *weight) begin(locals int, wide bool) {
	if locals > len(w.setAt) {
		w.setAt = append(w.setAt, make([]int, locals-len(w.setAt))...)
	}
	*w = weight{places: locals, wide: wide, opened: w.opened, setAt: w.setAt}
}

// bytes is the estimate for the function that was walked.
func (w *weight) bytes() int64 {
	size := int64(8)
	if w.wide {
		size = 16
	}
	return weightBase + size*int64(w.places+w.merged/weightMerged+w.area)
}

// move pops and pushes operands.
func (w *weight) move(pops, pushes, base int) {
	w.height = max(w.height-pops, base)
	w.counted = min(w.counted, w.height)
	w.height += pushes
	w.hold(w.height - weightRegisters)
}

// hold gives a place to as many of the lowest operands.
func (w *weight) hold(n int) {
	if n > w.counted {
		w.places += n - w.counted
		w.counted = n
	}
}

// call is a call that takes and gives operands: all below are there meanwhile.
func (w *weight) call(a arity, more, base int) {
	w.height = max(w.height-a.params-more, base)
	w.counted = min(w.counted, w.height)
	w.hold(w.height)
	w.places++
	w.area = max(w.area, a.params+a.results)
	w.move(0, a.results, base)
}

// set gives a place to a local's new value, and notes in which of the open
// blocks it is the first.
func (w *weight) set(local uint32, frames []frame) {
	if int(local) >= len(w.setAt) {
		return
	}
	w.places++
	at := w.setAt[local]
	w.merged += len(frames) - sort.Search(len(frames), func(i int) bool { return frames[i].opened > at })
	w.setAt[local] = w.opened
}

// An arity is how many operands something takes and gives.
type arity struct{ params, results int }

// block is the arity of a block of a type.
func (sp *spaces) block(t int64) arity {
	switch {
	case t >= 0 && t < int64(len(sp.arities)):
		return sp.arities[t]
	case t == typeEmpty:
		return arity{}
	}
	return arity{0, 1}
}

// called is the arity of what an instruction calls or throws, and how many
// operands it takes beside.
func (sp *spaces) called(in *instr) (a arity, more int) {
	switch in.op {
	case opCall, opReturnCall:
		a = sp.block(int64(sp.funcTypes[in.idx]))
	case opCallRef, opReturnCallRef:
		a, more = sp.block(int64(in.idx)), 1
	case opCallIndirect, opReturnCallIndirect:
		a, more = sp.block(in.typ), 1
	}
	return a, more
}

// operands follows what an instruction does to the operand stack.
func (f *flow) operands(in *instr) {
	base := 0
	if n := len(f.frames); n > 0 {
		base = f.frames[n-1].base
	}
	switch in.op {
	case opBlock, opLoop, opTryTable:
		f.weight.move(f.sp.block(in.typ).params, 0, base)
	case opIf:
		f.weight.move(f.sp.block(in.typ).params+1, 0, base)
	case opCall, opCallIndirect, opCallRef:
		a, more := f.sp.called(in)
		f.weight.call(a, more, base)
	case opElse, opEnd: // see frames
	case opLocalSet, opLocalTee:
		f.weight.set(in.idx, f.frames[1:])
		fallthrough
	default:
		e := effectOf(in.op)
		f.weight.wide = f.weight.wide || in.op>>8 == opVector
		switch in.op {
		case opMemoryFill, opTableFill:
			f.weight.places += weightFill
		case opMemoryCopy:
			f.weight.places += weightCopy
		}
		f.weight.move(int(e.pops), int(e.pushes), base)
	}
}
