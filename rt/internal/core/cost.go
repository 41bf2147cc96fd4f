package core

// What instructions cost, in units of fuel. A unit stands for an instruction
// that the compiler of a core runtime turns into one or two of the machine's,
// a fraction of a nanosecond. What takes far longer costs more, so that time
// between two checks stays in proportion to fuel whatever a guest does.
const (
	costInstr    = 1
	costRefFunc  = 100    // a way through the host
	costAtomic   = 100    // wait and notify look a queue up
	costGrow     = 200    // a way through the host, without what is added
	costBulk     = 10     // a call, without what is moved
	costTryTable = 10_000 // some microseconds: the stack is marked
	costThrow    = 50_000 // some tens of microseconds: the stack is unwound

	shiftBytes = 3  // bulk memory instructions: 8 bytes a unit
	shiftPages = 13 // a new page of memory: 64 KiB at 8 bytes a unit

	// constBulk is the length up to which a bulk instruction whose length is a
	// constant pays with the instructions around it.
	constBulk = 1 << 16

	// leafLimit is what a function without a check may cost at most. Calls
	// that may reach one without its being known which cost as much.
	leafLimit = 64

	// foldLimit is the cost of a function outside of its loops up to which the
	// check of its first loop can pay for it.
	foldLimit = 16
)

// cost is that of an instruction, calls of known functions aside.
func cost(op int) int64 {
	switch op {
	case opNop, opBlock, opLoop, opElse, opEnd:
		return 0
	case opCallIndirect, opReturnCallIndirect, opCallRef, opReturnCallRef:
		return costInstr + leafLimit
	case opRefFunc:
		return costRefFunc
	case opMemoryGrow, opTableGrow:
		return costGrow
	case opMemoryInit, opMemoryCopy, opMemoryFill, opTableInit, opTableCopy, opTableFill:
		return costBulk
	case opAtomic << 8, opAtomic<<8 | 1, opAtomic<<8 | 2:
		return costAtomic
	}
	return costInstr
}
