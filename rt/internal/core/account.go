package core

// FirstMark is how many bytes a core instance may use of the call stack before
// it asks its host.
const FirstMark = 4 << 10

// AskHandler is what [Instrumented.Ask] is when an exception handler begins: the
// host is to answer with a number for it, above 0. What is below says that the
// handler whose number is the difference has ended.
const AskHandler = -1

// finish leaves the function. The instructions of one that is accounted for and
// branches to its own end get a block around them, to whose end these branches
// go: behind it the call is taken off the account.
func (f *flow) finish(fr *frame) {
	at, r := f.pos-1, f.top()
	if f.inner() {
		f.add(edit{kind: editInner, at: at})
	}
	if fr.caught {
		f.add(edit{kind: editCaught, at: at})
	}
	if f.returns || r.now != dead {
		f.leave(at)
	}
	f.edits[0].cost = r.most
}

// inner reports whether the function gets a block around its instructions.
func (f *flow) inner() bool { return f.account > 0 && f.returns }

// catch notes that a catch clause branches to an open block. There the host is
// to hear of the handler's end.
func (f *flow) catch(i int) {
	if f.account == 0 {
		return
	}
	f.frames[i].caught = true
	if f.frames[i].op == opLoop {
		f.edits[f.regions[f.frames[i].region].edit].caught = true
	}
}

// leave takes a call of the function off the stack account.
func (f *flow) leave(at int) {
	if f.account > 0 {
		f.add(edit{kind: editLeave, at: at, cost: f.account})
	}
}

// enter adds a call of a function to the stack account, and pays for it if it
// costs anything.
func (a *added) enter(b []byte, bytes, units int64) []byte {
	if units > 0 {
		b = appendS64(append(a.begin(b), opI64Const), units)
		b = appendU32(append(b, opI64Sub, opGlobalSet), a.fuel)
	}
	b = a.account(b, opI64Add, bytes)
	b = appendU32(append(b, opGlobalGet), a.mark)
	b = append(appendU32(append(b, opGlobalGet), a.used), opI64Sub)
	if units > 0 {
		b = append(a.begin(b), opI64Or) // below 0 if one of them is
	}
	return a.check(b)
}

// account adds bytes to the stack account, or subtracts them.
func (a *added) account(b []byte, op byte, n int64) []byte {
	b = appendU32(append(b, opGlobalGet), a.used)
	b = appendS64(append(b, opI64Const), n)
	return appendU32(append(b, op, opGlobalSet), a.used)
}

// handle asks for the number of a handler.
func (a *added) handle(b []byte, handler uint32) []byte {
	b = a.tell(append(b, opI64Const, AskHandler&0x7f))
	b = appendU32(append(b, opGlobalGet), a.ask)
	return appendU32(append(b, opLocalSet), handler)
}

// handled ends the handler.
func (a *added) handled(b []byte, handler uint32) []byte {
	b = appendU32(append(b, opI64Const, AskHandler&0x7f, opLocalGet), handler)
	b = a.tell(append(b, opI64Sub))
	return appendU32(append(b, opI64Const, 0, opLocalSet), handler)
}

// caught ends the handler if there is one: an exception was caught. The local
// has the number then, as nothing changes it in a try_table.
func (a *added) caught(b []byte, handler uint32) []byte {
	b = appendU32(append(b, opLocalGet), handler)
	b = a.handled(append(b, opI64Eqz, opIf, typeEmpty+0x80, opElse), handler)
	return append(b, opEnd)
}

// tell calls the host with what is on top of the stack.
func (a *added) tell(b []byte) []byte {
	b = appendU32(append(b, opGlobalSet), a.ask)
	return appendU32(append(b, opCall), a.refill)
}
