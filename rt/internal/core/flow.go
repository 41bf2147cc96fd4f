package core

// A flow is a walk over the instructions of a function that settles where its
// checks go and what each of them costs.
//
// Checks divide a function into regions: the function itself, and each of its
// loops without those inside. Nothing in a region runs twice without the check
// at its head running in between, so the costliest path through the region,
// other regions aside, is as much as there can be to pay for. It is found on
// the way, as the format has no jumps but to the ends of open blocks and to
// the heads of loops: every block keeps the costliest path to its end that is
// known so far.
type flow struct {
	*cursor
	sp      *spaces
	leaves  []uint8 // of each function: what it costs, when it has no check
	known   int     // how many functions come before the first of leaves
	typ     uint32  // of the function
	locals  int     // parameters and locals
	vectors bool    // some may be vectors
	start   int     // where the instructions begin

	weight  weight
	effort  effort
	frames  []frame
	regions []region
	catches []int // frames that catch clauses of open blocks branch to
	edits   []edit

	account  int64    // what a call of this function adds to the stack account; 0 for nothing
	returns  bool     // a branch goes to the function's own end
	unknown  bool     // there are calls of functions that are not known
	callees  []uint32 // of the others: those of defined functions
	handles  bool     // there is a try_table
	tries    bool     // there is one in this function or one before
	scratch  bool     // a local of type i32 is needed
	fills    bool     // memory is filled in this function or one before, by a length that is not small
	copies   bool     // the same for copying
	calls    bool     // there are calls of functions that may have checks
	straight bool     // whatever came so far runs whenever the function does, and quickly
	head     int      // edit of the loop that is reached straight; 0 when there is none
	last     int64    // value of the i32.const just before; negative when it is another instruction
}

// A frame is an open block.
type frame struct {
	op      int   // opBlock, opLoop, opIf, opElse, opTryTable
	region  int   // innermost region around it; of a loop, its own
	base    int   // height of the operand stack below its operands
	opened  int   // how many blocks were opened before
	arity   arity // of its type
	entry   int64 // of if: cost of the path to its else
	joined  int64 // cost of the costliest branch to its end
	catches int   // length of flow.catches before it
	caught  bool  // a catch clause branches to it
	marked  bool  // of try_table: the host is told
}

// A region is what one check pays for.
type region struct {
	edit int   // its check
	now  int64 // cost of the costliest path to here
	most int64 // cost of the costliest path to anywhere
}

// dead is the cost of a path that does not exist.
const dead = -1

// maxNesting bounds blocks inside each other. Compilers nest a block for each
// case of a switch.
const maxNesting = 100_000

// body walks a function's expression, to the end of the window.
func (f *flow) body() {
	f.begin()
	var in instr
	for len(f.frames) > 0 {
		f.instr(&in, f.sp, f.locals)
		if f.err != nil {
			return
		}
		f.step(&in)
		if in.padded > 0 {
			f.add(edit{kind: editNumber, at: in.at, until: in.padded, op: in.op})
		}
	}
	f.end()
}

// begin begins a function's expression.
func (f *flow) begin() {
	f.start = f.pos
	f.frames = append(f.frames[:0], frame{op: opBlock, joined: dead, arity: arity{results: f.sp.block(int64(f.typ)).results}})
	f.regions = append(f.regions[:0], region{})
	f.catches = f.catches[:0]
	f.edits = append(f.edits[:0], edit{kind: editEntry, at: f.pos})
	f.effort.begin()
	f.weight.begin(f.locals, f.vectors)
	f.returns, f.unknown, f.handles, f.callees = false, false, false, f.callees[:0]
	f.scratch, f.calls, f.straight, f.head, f.last = false, false, true, 0, dead
}

// step follows one instruction.
func (f *flow) step(in *instr) {
	f.pay(cost(in.op))
	f.operands(in)
	f.follow(in)
	last := f.last
	f.last = dead
	switch in.op {
	case opI32Const:
		f.last = int64(uint32(in.value))
	case opBlock, opLoop, opIf, opTryTable:
		f.open(in)
		return
	case opElse:
		f.otherwise(in)
		return
	case opEnd:
		f.close()
		return
	case opBr, opBrIf, opBrTable, opBrOnNull, opBrOnNonNull:
		f.branch(in)
	case opReturn:
		f.leave(in.at)
		f.stop()
	case opUnreachable:
		f.stop()
	case opThrow, opThrowRef:
		f.add(edit{kind: editFixed, at: in.at, cost: costThrow})
		f.stop()
	case opCall, opReturnCall, opCallIndirect, opReturnCallIndirect, opCallRef, opReturnCallRef:
		f.call(in)
	case opRefFunc:
		if !f.sp.declared[in.idx] {
			f.fail(in.at, "reference to function %d, which is not declared", in.idx)
		}
		return
	default:
		f.bulk(in, last)
		return
	}
	f.straight = f.straight && in.op == opI32Const
}

// top is the region the walk is in.
func (f *flow) top() *region { return &f.regions[len(f.regions)-1] }

// pay adds to the path the walk is on.
func (f *flow) pay(cost int64) {
	if r := f.top(); r.now != dead {
		r.now += cost
		r.most = max(r.most, r.now)
	}
}

// stop ends the path: what follows is not reached from here.
func (f *flow) stop() {
	f.top().now = dead
	if n := len(f.frames); n > 0 {
		f.weight.height = f.frames[n-1].base
	}
}

func (f *flow) add(e edit) { f.edits = append(f.edits, e) }

// open enters a block.
func (f *flow) open(in *instr) {
	if len(f.frames) == maxNesting {
		f.fail(in.at, "blocks nested deeper than %d", maxNesting)
		return
	}
	fr := frame{op: in.op, region: len(f.regions) - 1, joined: dead, catches: len(f.catches), arity: f.sp.block(in.typ), base: f.weight.height}
	f.weight.opened++
	fr.opened = f.weight.opened
	switch in.op {
	case opLoop:
		fr.region++
		if f.straight {
			f.head = len(f.edits)
		}
		f.straight = false
		f.regions = append(f.regions, region{edit: len(f.edits)})
		f.add(edit{kind: editLoop, at: f.pos})
	case opIf:
		fr.entry = f.top().now
		f.straight = false
	case opTryTable:
		f.straight = false
		f.tries, f.handles = true, true
		if f.top().now != dead {
			f.add(edit{kind: editFixed, at: in.at, cost: costTryTable})
			if fr.marked = f.account > 0; fr.marked {
				f.add(edit{kind: editHandle, at: in.at})
			}
		}
		for _, label := range in.labels {
			if i, ok := f.label(in, label); ok {
				f.catches = append(f.catches, i)
				f.catch(i)
			}
		}
	}
	f.frames = append(f.frames, fr)
	f.weight.move(0, fr.arity.params, fr.base)
}

// otherwise turns from the first branch of an if to its second.
func (f *flow) otherwise(in *instr) {
	fr := &f.frames[len(f.frames)-1]
	if fr.op != opIf {
		f.fail(in.at, "else outside of an if")
		return
	}
	r := f.top()
	fr.op = opElse
	fr.joined = max(fr.joined, r.now)
	r.now = fr.entry
	f.weight.height = fr.base
	f.weight.move(0, fr.arity.params, fr.base)
}

// close leaves a block.
func (f *flow) close() {
	fr := f.frames[len(f.frames)-1]
	f.frames = f.frames[:len(f.frames)-1]
	r := f.top()
	switch fr.op {
	case opLoop:
		f.edits[r.edit].cost = r.most
		falls := r.now != dead
		f.regions = f.regions[:len(f.regions)-1]
		if !falls {
			f.stop()
		}
	case opIf:
		r.now = max(r.now, fr.joined, fr.entry)
	case opTryTable:
		// An exception can come from anywhere inside.
		for _, i := range f.catches[fr.catches:] {
			f.join(i, r.most)
		}
		f.catches = f.catches[:fr.catches]
		r.now = max(r.now, fr.joined)
	default:
		r.now = max(r.now, fr.joined)
	}
	f.weight.height = fr.base
	f.weight.move(0, fr.arity.results, fr.base)
	switch {
	case len(f.frames) == 0:
		f.finish(&fr)
	case fr.marked && f.top().now != dead:
		f.add(edit{kind: editHandled, at: f.pos})
	case fr.caught && fr.op != opLoop:
		f.add(edit{kind: editCaught, at: f.pos})
	}
}

// label resolves a label to a frame.
func (f *flow) label(in *instr, label uint32) (int, bool) {
	if uint64(label) >= uint64(len(f.frames)) {
		f.fail(in.at, "label %d of %d", label, len(f.frames))
		return 0, false
	}
	i := len(f.frames) - 1 - int(label)
	f.returns = f.returns || i == 0
	return i, true
}

// join lets a path of the walk's region that has the given cost go on at the
// end of an open block. A path that leaves a loop goes on in a region around
// it, at the cost at which it left that one.
func (f *flow) join(i int, cost int64) {
	fr := &f.frames[i]
	switch {
	case fr.op == opLoop: // back to a check
	case fr.region == len(f.regions)-1:
		fr.joined = max(fr.joined, cost)
	default:
		fr.joined = max(fr.joined, f.regions[fr.region].now)
	}
}

// branch follows a branch.
func (f *flow) branch(in *instr) {
	labels := in.labels
	if in.op != opBrTable {
		labels = []uint32{in.idx}
	}
	for _, label := range labels {
		if i, ok := f.label(in, label); ok {
			f.join(i, f.top().now)
		}
	}
	if in.op == opBr || in.op == opBrTable {
		f.stop()
	}
}

// call follows a call.
func (f *flow) call(in *instr) {
	leaf := uint8(0)
	switch in.op {
	case opCall, opReturnCall:
		if i := int(in.idx) - f.known; i < 0 {
			f.pay(leafLimit)
			f.unknown = true
		} else {
			f.callees = append(f.callees, uint32(i))
			leaf = f.leaves[i]
			f.pay(int64(leaf))
		}
	default:
		f.unknown = true
	}
	f.calls = f.calls || leaf == 0
	switch in.op {
	case opReturnCall, opReturnCallIndirect, opReturnCallRef:
		f.leave(in.at)
		f.stop()
	}
}

// bulk lets an instruction that can do any amount of work pay by its length,
// which is on top of the stack, where last is the constant it is.
func (f *flow) bulk(in *instr, last int64) {
	e := edit{kind: editLength, at: in.at}
	switch in.op {
	case opMemoryCopy, opMemoryFill:
		e.kind, e.op, e.shift = editPieces, in.op, shiftBytes
	case opMemoryInit:
		e.shift = shiftBytes
	case opTableInit, opTableCopy, opTableFill, opTableGrow:
	case opMemoryGrow:
		f.add(edit{kind: editSize, at: in.at})
		e = edit{kind: editGrown, at: f.pos}
		last = dead
	default:
		return
	}
	f.straight = false
	if last != dead && last <= constBulk {
		f.pay(last >> e.shift)
		return
	}
	f.scratch = true
	f.fills = f.fills || in.op == opMemoryFill
	f.copies = f.copies || in.op == opMemoryCopy
	f.add(e)
}
