package core

// pieceBytes is how much memory is filled or copied at once where there is no
// fuel for all of it: about a millisecond's work if none of the memory was touched
// before. Units are of 8 bytes, of which it is a multiple, so that pieces
// cost together what the whole does.
const pieceBytes = 1 << 20

// divide adds the functions that fill and copy memory in pieces, as far as they
// are needed, behind all others.
func (p *pass) divide(fills, copies bool) {
	if !fills && !copies {
		return
	}
	p.added.three = p.added.void + 1 + uint32(len(p.blocks))
	p.blocks = append(p.blocks, []byte{0x60, 3, 0x7f, 0x7f, 0x7f, 3, 0x7f, 0x7f, 0x7f})
	if fills {
		p.pieces = append(p.pieces, opMemoryFill)
		p.added.fill = p.added.refill + uint32(len(p.pieces))
	}
	if copies {
		p.pieces = append(p.pieces, opMemoryCopy)
		p.added.copy = p.added.refill + uint32(len(p.pieces))
	}
}

// divide takes the units on top of the stack off the fuel below them. If that
// was more than there is, the function for the instruction which follows does
// all of it but the last piece, and leaves its operands for that. So wherever
// the instruction traps, that is at its own place.
func (a *added) divide(b []byte, op int) []byte {
	b = append(a.take(b), opI64Const, 0, opI64GeS, opIf)
	b = append(appendS64(b, int64(a.three)), opElse, opCall)
	if op == opMemoryFill {
		b = appendU32(b, a.fill)
	} else {
		b = appendU32(b, a.copy)
	}
	return append(b, opEnd)
}

// The parameters of an instruction that fills or copies, and of the function
// that does it in pieces.
const (
	paramTo     = 0
	paramFrom   = 1 // what it fills with is not looked at
	paramLength = 2
)

// piecesBody is the code of the function that fills or copies in pieces, with its
// length. The fuel is below 0 for all that there is to do, which is taken back
// first. What reaches beyond the memory is not begun.
//
// It calls the host itself, so that the function which does so is the first of
// the module's on the stack, as it is elsewhere.
func (a *added) piecesBody(op int) []byte {
	b := append(a.begin([]byte{0}), opLocalGet, paramLength, opI64ExtendI32U, opI64Const, shiftBytes, opI64ShrU)
	b = appendU32(append(b, opI64Add, opGlobalSet), a.fuel)
	b = append(b, opBlock, typeEmpty+0x80)
	b = appendBeyond(b, paramTo)
	if op == opMemoryCopy {
		b = appendBeyond(b, paramFrom)
	}
	b = append(b, opLoop, typeEmpty+0x80)
	b = append(appendPiece(append(b, opLocalGet, paramLength)), opI32LeU, opBrIf, 1)
	b = appendS64(append(a.begin(b), opI64Const), pieceBytes>>shiftBytes)
	b = a.callHost(appendU32(append(b, opI64Sub, opGlobalSet), a.fuel))
	b = appendMove(b, paramLength, opI32Sub)
	if op == opMemoryFill {
		b = append(appendPiece(append(b, opLocalGet, paramTo, opLocalGet, paramFrom)), opMisc, opMemoryFill&0xff, 0)
		b = appendMove(b, paramTo, opI32Add)
	} else {
		b = appendCopies(b)
	}
	b = append(b, opBr, 0, opEnd, opEnd)
	b = append(a.begin(b), opLocalGet, paramLength, opI64ExtendI32U, opI64Const, shiftBytes, opI64ShrU)
	b = append(a.take(b), opI64Const, 0, opI64GeS, opIf, typeEmpty+0x80, opElse)
	b = append(a.callHost(b), opEnd, opLocalGet, paramTo, opLocalGet, paramFrom, opLocalGet, paramLength, opEnd)
	return append(appendU32(nil, uint32(len(b))), b...)
}

// appendBeyond leaves the block if the length from an address on is not within
// the memory.
func appendBeyond(b []byte, param byte) []byte {
	b = append(b, opMemorySize, 0, opI64ExtendI32U, opI64Const, 16, opI64Shl)
	b = append(b, opLocalGet, param, opI64ExtendI32U, opLocalGet, paramLength, opI64ExtendI32U, opI64Add)
	return append(b, opI64LtU, opBrIf, 0)
}

// appendCopies copies a piece: the last if it is to a higher address, and the
// first otherwise, so that none is written to that is still to be read.
func appendCopies(b []byte) []byte {
	b = append(b, opLocalGet, paramTo, opLocalGet, paramFrom, opI32GtU, opIf, typeEmpty+0x80)
	b = append(b, opLocalGet, paramTo, opLocalGet, paramLength, opI32Add)
	b = append(b, opLocalGet, paramFrom, opLocalGet, paramLength, opI32Add)
	b = append(appendPiece(b), opMisc, opMemoryCopy&0xff, 0, 0, opElse)
	b = append(b, opLocalGet, paramTo, opLocalGet, paramFrom)
	b = append(appendPiece(b), opMisc, opMemoryCopy&0xff, 0, 0)
	b = appendMove(appendMove(b, paramTo, opI32Add), paramFrom, opI32Add)
	return append(b, opEnd)
}

// appendMove adds a piece to a parameter, or subtracts it.
func appendMove(b []byte, param, op byte) []byte {
	return append(appendPiece(append(b, opLocalGet, param)), op, opLocalSet, param)
}

// appendPiece pushes the length of a piece.
func appendPiece(b []byte) []byte { return appendS64(append(b, opI32Const), pieceBytes) }
