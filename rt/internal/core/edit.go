package core

// An edit is something that goes between two instructions, or after the last
// local declaration. It leaves the stack as it is.
type edit struct {
	kind   editKind
	caught bool  // of editLoop: a catch clause branches to the loop
	at     int   // where in the module
	until  int   // of editNumber: up to where it replaces what is there
	op     int   // of editNumber and editPieces: the instruction
	cost   int64 // of editEntry, editLoop, editFixed: units; of editLeave: bytes
	shift  int   // of editLength and editPieces: of the length, to the right
}

type editKind uint8

const (
	editEntry  editKind = iota // pay at the entry of a function
	editLoop                   // pay at the head of a loop
	editFixed                  // pay before an instruction
	editLength                 // pay by the length on top of the stack
	editPieces                 // the same, and do in pieces what there is no fuel for at once
	editSize                   // remember the size of the memory
	editGrown                  // pay by the pages added since

	editLeave   // take a call off the stack account
	editInner   // end the block around a function's instructions
	editHandle  // have the host note a handler
	editHandled // have the host forget it, at the end of its try_table
	editCaught  // the same at a place that a catch clause leads to

	// Give the number behind a prefix its shortest form. Where a core runtime
	// looks at a single byte of it, a longer one is another instruction.
	editNumber
)

// added are the indices of what is added to a module.
type added struct {
	void      uint32 // type () -> ()
	fuel      uint32 // global
	interrupt uint32 // global that refers to the host's function
	refill    uint32 // function that calls it
	fill      uint32 // function that fills memory in pieces, if there is one
	copy      uint32 // the same for copying
	three     uint32 // type of these: (i32, i32, i32) -> (i32, i32, i32)
	used      uint32 // global: bytes of the call stack that are accounted for
	mark      uint32 // global: up to how many there may be without the host's knowing
	ask       uint32 // global: what the host is asked for, and its answer

	unpaid bool // nothing costs fuel
}

// own are the locals that a function gets.
type own struct {
	scratch uint32 // i32: a length or size
	handler uint32 // i64: the host's number of the handler that is there; or 0
}

// appendEdit appends the instructions of an edit.
func (a *added) appendEdit(b []byte, e *edit, o own) []byte {
	switch e.kind {
	case editNumber:
		return appendU32(append(b, byte(e.op>>8)), uint32(e.op&0xff))
	case editLeave:
		return a.account(b, opI64Sub, e.cost)
	case editInner:
		return append(b, opEnd)
	case editHandle:
		return a.handle(b, o.handler)
	case editHandled:
		return a.handled(b, o.handler)
	case editCaught:
		return a.caught(b, o.handler)
	}
	if e.caught {
		b = a.caught(b, o.handler)
	}
	if a.unpaid {
		return b
	}
	switch e.kind {
	case editEntry, editLoop, editFixed:
		b = appendS64(append(a.begin(b), opI64Const), e.units())
	case editLength:
		b = a.measure(b, e, o)
	case editPieces:
		return a.divide(a.measure(b, e, o), e.op)
	case editSize:
		return appendU32(append(b, opMemorySize, 0, opLocalSet), o.scratch)
	case editGrown:
		b = appendU32(append(a.begin(b), opMemorySize, 0, opLocalGet), o.scratch)
		b = append(b, opI32Sub, opI64ExtendI32U, opI64Const, shiftPages, opI64Shl)
	}
	return a.finish(b)
}

// units are what an edit with a fixed cost pays.
func (e *edit) units() int64 { return max(e.cost, costInstr) }

// begin pushes the fuel that is left.
func (a *added) begin(b []byte) []byte { return appendU32(append(b, opGlobalGet), a.fuel) }

// measure pushes the fuel that is left, and the units that the length on top of
// the stack costs.
func (a *added) measure(b []byte, e *edit, o own) []byte {
	b = appendU32(append(b, opLocalTee), o.scratch)
	b = appendU32(append(a.begin(b), opLocalGet), o.scratch)
	b = append(b, opI64ExtendI32U)
	if e.shift != 0 {
		b = append(b, opI64Const, byte(e.shift), opI64ShrU)
	}
	return b
}

// finish takes the units on top of the stack off the fuel below them, and has
// more fetched when that was more than there is.
func (a *added) finish(b []byte) []byte { return a.check(a.take(b)) }

// take takes the units on top of the stack off the fuel below them, and pushes
// what is left.
func (a *added) take(b []byte) []byte {
	b = appendU32(append(b, opI64Sub, opGlobalSet), a.fuel)
	return a.begin(b)
}

// check calls the host if what is on top of the stack is below 0.
//
// The call stands in the else branch since the compiler keeps values at the
// end of an if in the registers where its first branch leaves them, and a call
// leaves few.
func (a *added) check(b []byte) []byte {
	b = append(b, opI64Const, 0, opI64GeS, opIf, typeEmpty+0x80, opElse, opCall)
	return append(appendU32(b, a.refill), opEnd)
}

// refillBody is the code of the function that calls the host's, with its
// length. It is one more call where that happens, but a short one to compile
// everywhere else.
func (a *added) refillBody() []byte {
	b := append(a.callHost([]byte{0}), opEnd)
	return append(appendU32(nil, uint32(len(b))), b...)
}

// callHost calls the host's function.
func (a *added) callHost(b []byte) []byte {
	b = appendU32(append(b, opGlobalGet), a.interrupt)
	return appendU32(append(b, opCallRef), a.void)
}
