package core

import (
	"cmp"
	"fmt"
	"sync"

	"github.com/witgen/witgen/rt/internal/binary"
)

// An effort is an estimate of what it takes to compile functions. Core runtimes
// compile what they validated, all of it, however long that takes: a function of
// 64 KB that is nothing but loops in loops keeps wazero's compiler busy for
// hours. So what grows faster than the code is counted, and bounded in proportion
// to the modules that are compiled together: of 2,657 modules at hand none takes six
// tenths of what is allowed.
//
// The compiler looks for what dominates each block of instructions, by a walk
// along what dominates the one before; and at each end of a block for the values
// of locals, if they may have several there.
type effort struct {
	blocks   int // of instructions without branches, and operands that are passed on between them
	accesses int // of locals
	moved    int // operands of calls, and other work that takes long for each instruction
	reloaded int // globals that may have changed after calls
}

const (
	// maxSquare and squareByte bound what branches take: so much for every
	// component, and for each byte of its core modules. A unit takes a nanosecond
	// or a few.
	maxSquare  = 600_000_000
	squareByte = 600

	// effortLoop is how many blocks a loop is like, beside its own.
	effortLoop = 6

	// effortAccess is what a local takes in each block, when it is used.
	effortAccess = 64

	// What calls and what else takes long move. A unit takes a fraction of a
	// microsecond, and some 100 bytes while the function is compiled.
	effortCall     = 16
	effortOperand  = 4
	effortIndirect = 96 // more than a call
	effortDivide   = 32 // and truncations
	effortRefFunc  = 16

	maxMoved  = 2_000_000 // in a function, and in all but for what each byte adds
	movedByte = 2

	// maxBody is the most bytes of a function. Each makes the compiler have up to
	// 1,000 at a time.
	maxBody = 1 << 20

	// Globals that can change are loaded again after each call. Those by which
	// dynamic libraries find each other are many.
	maxReloaded     = 8_000_000
	reloadedByte    = 8
	maxBodyReloaded = 3_000_000 // in a function, where each takes 160 bytes at a time

	// maxAllLocals bounds the locals of all functions, but for one for each byte.
	maxAllLocals = 1_000_000

	// maxPairs bounds functions times exports of some, times globals and times
	// types. A core runtime looks at all pairs.
	maxPairs = 100_000_000
)

// begin begins a function.
func (e *effort) begin() { e.blocks, e.accesses, e.moved, e.reloaded = 0, 0, 0, 0 }

// follow counts an instruction.
func (f *flow) follow(in *instr) {
	e := &f.effort
	switch in.op {
	case opLocalGet, opLocalSet, opLocalTee:
		e.accesses++
	case opBlock, opLoop, opIf, opTryTable:
		a := f.sp.block(in.typ)
		e.blocks += 2 + a.params + a.results
		switch in.op {
		case opIf:
			e.blocks++
		case opLoop:
			e.blocks += effortLoop
		}
		for _, cl := range in.clauses {
			if in.op == opTryTable {
				e.blocks += 2 + f.sp.values(cl)
			}
		}
	case opBr, opBrIf, opBrOnNull, opBrOnNonNull:
		e.blocks += 1 + f.passed(in.idx)
	case opBrTable:
		e.blocks += len(in.labels) / 2
		for _, label := range in.labels {
			e.blocks += f.passed(label)
		}
	case opReturn, opUnreachable:
		e.blocks++
	case opCall, opCallIndirect, opCallRef, opReturnCall, opReturnCallIndirect, opReturnCallRef:
		a, _ := f.sp.called(in)
		e.moved += effortCall + effortOperand*(a.params+a.results)
		if in.op != opCall && in.op != opReturnCall {
			e.moved += effortIndirect
		}
		e.reloaded += f.sp.mutable
	case opMemoryInit, opMemoryCopy, opMemoryFill, opTableInit, opTableCopy, opTableFill, opTableGrow, opMemoryGrow:
		e.blocks += 8
		e.reloaded += f.sp.mutable
	case opRefFunc, 0x25: // table.get
		e.moved += effortRefFunc
	default:
		if divides(in.op) {
			e.moved += effortDivide
		}
	}
}

// divides reports whether an instruction divides integers, or makes one of a
// floating-point number.
func divides(op int) bool {
	switch op {
	case 0x6d, 0x6e, 0x6f, 0x70, 0x7f, 0x80, 0x81, 0x82, 0xa8, 0xa9, 0xaa, 0xab, 0xae, 0xaf, 0xb0, 0xb1:
		return true
	}
	return op >= opMisc<<8 && op <= opMisc<<8|0x07
}

// passed is how many operands a branch to a label takes along.
func (f *flow) passed(label uint32) int {
	if uint64(label) >= uint64(len(f.frames)) {
		return 0
	}
	fr := &f.frames[len(f.frames)-1-int(label)]
	if fr.op == opLoop {
		return fr.arity.params
	}
	return fr.arity.results
}

// values is how many values a catch clause passes on.
func (sp *spaces) values(cl clause) int {
	if cl.all() || uint64(cl.tag) >= uint64(len(sp.tagTypes)) {
		return 0
	}
	return sp.block(int64(sp.tagTypes[cl.tag])).params
}

// A toll is the effort of all functions of a module.
type toll struct {
	square, moves, reloads, locals int64

	moved, reloaded int64 // most of a function
	longest         int64 // function, in bytes
	worst           int64 // most square of a function
	fn              int   // which that is
}

// add adds the function just walked, which has an index and a size.
func (t *toll) add(f *flow, fn, size int) {
	e := &f.effort
	blocks := int64(e.blocks + 3*len(f.edits))
	square := blocks * (blocks + int64(f.weight.merged+effortAccess*min(f.locals, e.accesses)))
	if square > t.worst {
		t.worst, t.fn = square, fn
	}
	t.longest = max(t.longest, int64(size))
	t.square += square
	t.moves += int64(e.moved)
	t.reloads += int64(e.reloaded)
	t.locals += int64(f.locals)
	t.moved, t.reloaded = max(t.moved, int64(e.moved)), max(t.reloaded, int64(e.reloaded))
}

// An Allowance is what compiling core modules may take. Those of a component
// share one. It may be shared between goroutines.
type Allowance struct {
	size, times int64

	mu    sync.Mutex
	taken toll
	pairs int64
}

// NewAllowance returns the allowance for modules of a size in bytes, taken
// together, or so many times that; 0 times means once.
func NewAllowance(size int64, times int) *Allowance {
	return &Allowance{size: size, times: int64(min(max(times, 1), 1<<20))}
}

// over says what is more than is allowed; it returns the empty string if nothing
// is.
func (a *Allowance) over(what string, is, most int64) string {
	if most *= a.times; is > most {
		return fmt.Sprintf("too much to compile: %s take an effort of %d, limit %d for core modules of %d bytes (Config.Effort)", what, is, most, a.size)
	}
	return ""
}

// take takes what the functions of a module take. The error says that there is
// not as much.
func (a *Allowance) take(t *toll, p *pass) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.taken.square += t.square
	a.taken.moves += t.moves
	a.taken.reloads += t.reloads
	a.taken.locals += t.locals
	if text := cmp.Or(
		a.over(fmt.Sprintf("branches and what they join, most in function %d,", t.fn), a.taken.square, maxSquare+squareByte*a.size),
		a.over("instructions in a function", t.longest, maxBody),
		a.over("calls in a function", t.moved, maxMoved),
		a.over("calls", a.taken.moves, maxMoved+movedByte*a.size),
		a.over("globals after calls in a function", t.reloaded, maxBodyReloaded),
		a.over("globals after calls", a.taken.reloads, maxReloaded+reloadedByte*a.size),
		a.over("locals", a.taken.locals, maxAllLocals+a.size),
	); text != "" {
		return p.fail(binary.ModuleCode, text)
	}
	return a.pair(p)
}

// pair takes what functions take together with what else there is.
func (a *Allowance) pair(p *pass) error {
	exported := 0
	for _, e := range p.m.Exports {
		if e.Sort == binary.CoreFunc {
			exported++
		}
	}
	for _, c := range []struct {
		id   byte
		n    int
		what string
	}{
		{binary.ModuleExport, exported, "exports of functions"},
		{binary.ModuleGlobal, p.globals, "globals"},
		{binary.ModuleType, p.types, "types"},
	} {
		a.pairs += int64(p.funcs) * int64(c.n)
		if text := a.over(fmt.Sprintf("%d functions with %d %s", p.funcs, c.n, c.what), a.pairs, maxPairs); text != "" {
			return p.fail(c.id, text)
		}
	}
	return nil
}

// fail returns an error about a section.
func (p *pass) fail(id byte, text string) error {
	s, _ := p.m.Section(id)
	return &binary.Error{Offset: s.Body.Start, Section: sectionNames[id], Msg: text}
}
