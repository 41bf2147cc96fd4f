package core

// An edit is something that goes between two instructions, or after the last
// local declaration. It leaves the stack as it is.
type edit struct {
	kind  editKind
	at    int   // where in the module
	until int   // of editNumber: up to where it replaces what is there
	op    int   // of editNumber: the instruction
	cost  int64 // of editEntry, editLoop, editFixed: units
	shift int   // of editLength: of the length, to the right
}

type editKind uint8

const (
	editEntry  editKind = iota // pay at the entry of a function
	editLoop                   // pay at the head of a loop
	editFixed                  // pay before an instruction
	editLength                 // pay by the length on top of the stack
	editSize                   // remember the size of the memory
	editGrown                  // pay by the pages added since

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
}

// appendEdit appends the instructions of an edit. scratch is a local of type
// i32 for those that need one.
func (a *added) appendEdit(b []byte, e *edit, scratch uint32) []byte {
	switch e.kind {
	case editEntry, editLoop, editFixed:
		b = a.begin(b)
		b = append(b, opI64Const)
		b = appendS64(b, max(e.cost, costInstr))
	case editLength:
		b = append(b, opLocalTee)
		b = appendU32(b, scratch)
		b = a.begin(b)
		b = append(b, opLocalGet)
		b = appendU32(b, scratch)
		b = append(b, opI64ExtendI32U)
		if e.shift != 0 {
			b = append(b, opI64Const, byte(e.shift), opI64ShrU)
		}
	case editSize:
		b = append(b, opMemorySize, 0, opLocalSet)
		return appendU32(b, scratch)
	case editNumber:
		return appendU32(append(b, byte(e.op>>8)), uint32(e.op&0xff))
	case editGrown:
		b = a.begin(b)
		b = append(b, opMemorySize, 0, opLocalGet)
		b = appendU32(b, scratch)
		b = append(b, opI32Sub, opI64ExtendI32U, opI64Const, shiftPages, opI64Shl)
	}
	return a.finish(b)
}

// begin pushes the fuel that is left.
func (a *added) begin(b []byte) []byte {
	b = append(b, opGlobalGet)
	return appendU32(b, a.fuel)
}

// finish takes the units on top of the stack off the fuel below them, and has
// more fetched when that was more than there is.
//
// The call stands in the else branch since the compiler keeps values at the
// end of an if in the registers where its first branch leaves them, and a call
// leaves few.
func (a *added) finish(b []byte) []byte {
	b = append(b, opI64Sub, opGlobalSet)
	b = appendU32(b, a.fuel)
	b = append(b, opGlobalGet)
	b = appendU32(b, a.fuel)
	b = append(b, opI64Const, 0, opI64GeS, opIf, typeEmpty+0x80, opElse, opCall)
	b = appendU32(b, a.refill)
	return append(b, opEnd)
}

// refillBody is the code of the function that calls the host's, with its
// length. It is one more call where that happens, but a short one to compile
// everywhere else.
func (a *added) refillBody() []byte {
	b := appendU32([]byte{0, opGlobalGet}, a.interrupt)
	b = appendU32(append(b, opCallRef), a.void)
	b = append(b, opEnd)
	return append(appendU32(nil, uint32(len(b))), b...)
}
