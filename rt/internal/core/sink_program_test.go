package core

import (
	"math/rand/v2"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/witgen/witgen/internal/race"
)

// A thrower writes random functions full of blocks, branches and exceptions.
// Local 0 is a number that they change and pass on, global 0 a trace of it, and
// global 1 what is left of the loops and calls of a program, which end it by a
// trap.
type thrower struct {
	*rand.Rand
	b      []byte
	labels []bool // of each open block, outermost first: takes an i32
	left   int    // statements
}

const (
	throwerFuncs = 6
	// Those at even indices are of type 0, () -> (), and those at odd ones of
	// type 1, (i32) -> (i32); both have local 0.
	throwerPlain, throwerValue = 0, 1
)

// throwing is the module of a seed. Tag 0 has no value, tag 1 one of type i32,
// and so has tag 2, for which there is one type more.
func throwing(seed uint64) testModule {
	m := testModule{
		types:   []string{"\x00\x00", "\x01\x7f\x01\x7f", "\x01\x7f\x00", "\x01\x7f\x00"},
		tables:  []string{"\x70\x00\x07"},
		elems:   []string{"\x00\x41\x00\x0b\x06\x00\x01\x02\x03\x04\x05"}, // the last entry is null
		tags:    []string{"\x00\x00", "\x00\x02", "\x00\x03"},
		globals: []string{"\x7f\x01\x41\x00\x0b", "\x7f\x01\x41\xac\x02\x0b"}, // 300
		exports: []string{"\x01g\x03\x00"},
	}
	w := &thrower{Rand: rand.New(rand.NewPCG(seed, 2))}
	for i := range throwerFuncs {
		f := testFunc{typ: byte(i % 2)}
		if f.typ == throwerPlain {
			f.locals, f.groups = "\x01\x7f", 1
		}
		if i == 0 {
			f.name = "run"
		}
		w.b, w.labels, w.left = nil, []bool{f.typ == throwerValue}, 10+w.IntN(30)
		w.spend()
		if i == 0 {
			w.all()
		} else {
			w.statements()
		}
		if f.typ == throwerValue {
			w.emit("\x20\x00")
		}
		f.code = string(w.b)
		m.funcs = append(m.funcs, f)
	}
	return m
}

// all calls the other functions again and again, and catches what they throw. It
// returns when a third is left.
func (w *thrower) all() {
	w.emit("\x03\x40")
	w.spend()
	w.emit("\x20\x00\x41\x01\x6a\x21\x00") // local 0 = local 0 + 1
	for i := range byte(throwerFuncs - 1) {
		w.emit("\x02\x40\x1f\x40\x01\x02\x00")
		if (i+1)%2 == throwerValue {
			w.emit("\x20\x00\x10", i+1)
			w.emit("\x1a")
		} else {
			w.emit("\x10", i+1)
		}
		w.emit("\x0b\x0b")
		w.trace()
	}
	w.emit("\x23\x01\x41\xe4\x00\x4b\x0d\x00\x0b") // i32.gt_u 100
}

// trace makes the trace the trace * 31 + local 0.
func (w *thrower) trace() { w.emit("\x23\x00\x41\x1f\x6c\x20\x00\x6a\x24\x00") }

func (w *thrower) emit(code string, more ...byte) { w.b = append(append(w.b, code...), more...) }

// spend takes 1 off what is left, and traps when that is nothing.
func (w *thrower) spend() { w.emit("\x23\x01\x41\x01\x6b\x24\x01\x23\x01\x45\x04\x40\x00\x0b") }

// number pushes a number that depends on what has happened.
func (w *thrower) number() {
	switch w.IntN(3) {
	case 0:
		w.emit("\x41", byte(w.IntN(64)))
	case 1:
		w.emit("\x20\x00")
	case 2:
		w.emit("\x20\x00\x23\x00\x6a")
	}
}

// bits pushes a number below n, a power of two.
func (w *thrower) bits(n byte) {
	w.number()
	w.emit("\x41\xb9\xf3\xdd\xf1\x79\x6c\x41\x1b\x76\x41", n-1, 0x71)
}

// label returns a label whose block takes an i32, or none; ok is false when
// there is none.
func (w *thrower) label(value bool) (label byte, ok bool) {
	for range 10 {
		if l := w.IntN(len(w.labels)); w.labels[len(w.labels)-1-l] == value {
			return byte(l), true
		}
	}
	return 0, false
}

// inside writes a block with statements in it. One that takes an i32 leaves it
// in local 0.
func (w *thrower) inside(head string, value, loops bool) {
	w.emit(head)
	w.labels = append(w.labels, value)
	if loops {
		w.spend()
	}
	w.statements()
	if head == "\x04\x40" && w.IntN(2) == 0 {
		w.emit("\x05")
		w.statements()
	}
	w.labels = w.labels[:len(w.labels)-1]
	if value {
		w.number()
	}
	w.emit("\x0b")
	if value {
		w.emit("\x21\x00")
	}
	w.trace()
}

// try writes a try_table of some type, with some clauses.
func (w *thrower) try() {
	var clauses []byte
	n := byte(0)
	for range w.IntN(4) {
		switch kind := byte(w.IntN(4)); kind {
		case 0:
			if l, ok := w.label(false); ok {
				clauses = append(clauses, clauseCatch, 0, l)
				n++
			}
		case 1, 2:
			if l, ok := w.label(true); ok {
				clauses = append(clauses, clauseCatch, kind, l)
				n++
			}
		case 3:
			if l, ok := w.label(false); ok {
				clauses = append(clauses, clauseCatchAll, l)
				n++
			}
		}
	}
	rest := string(n) + string(clauses)
	switch w.IntN(3) {
	case 0:
		w.inside("\x1f\x40"+rest, false, false)
	case 1:
		w.inside("\x1f\x7f"+rest, true, false)
	case 2: // with a parameter, which is added to
		w.number()
		w.emit("\x1f\x01" + rest)
		w.labels = append(w.labels, true)
		w.statements()
		w.labels = w.labels[:len(w.labels)-1]
		w.emit("\x20\x00\x6a\x0b\x21\x00")
		w.trace()
	}
}

func (w *thrower) statements() {
	for w.left > 0 && w.IntN(8) > 0 {
		w.left--
		w.statement()
	}
}

func (w *thrower) statement() {
	switch w.IntN(20) {
	case 0:
		w.inside("\x02\x40", false, false)
	case 1:
		w.inside("\x02\x7f", true, false)
	case 2:
		w.inside("\x03\x40", false, true)
	case 3:
		w.bits(2)
		w.inside("\x04\x40", false, false)
	case 4, 5, 6, 7:
		w.try()
	case 8, 9, 10:
		w.branch()
	case 11, 12, 13:
		w.number() // local 0 = local 0 * 5 + number
		w.emit("\x20\x00\x41\x05\x6c\x6a\x21\x00")
		w.trace()
	case 14:
		if w.IntN(4) == 0 {
			w.throw()
		}
	case 15, 16:
		w.bits(4)
		w.emit("\x04\x40")
		w.throw()
		w.emit("\x0b")
	default:
		w.call()
	}
}

func (w *thrower) throw() {
	if tag := byte(w.IntN(3)); tag == 0 {
		w.emit("\x08\x00")
	} else {
		w.number()
		w.emit("\x08", tag)
	}
}

// branch writes a branch of some kind. Behind one that is always taken there
// may be more.
func (w *thrower) branch() {
	value := w.IntN(3) == 0
	l, ok := w.label(value)
	if !ok {
		return
	}
	if value {
		w.number()
	}
	done := "\x1a" // drop
	if !value {
		done = ""
	}
	switch w.IntN(6) {
	case 0:
		w.emit("\x0c", l)
	case 1, 2:
		w.bits(2)
		w.emit("\x0d", l)
		w.emit(done)
	case 3: // br_table
		w.bits(4)
		n := byte(w.IntN(3))
		w.emit("\x0e", n)
		for range n {
			if other, ok := w.label(value); ok {
				w.emit("", other)
			} else {
				w.emit("", l)
			}
		}
		w.emit("", l)
	case 4: // br_on_null of a table entry, which may be null
		w.bits(8)
		w.emit("\x41\x07\x70\x25\x00\xd5", l) // i32.rem_u
		w.emit("\x1a" + done)
	case 5:
		w.emit(done)
		if w.labels[0] {
			w.number()
		}
		w.emit("\x0f")
	}
}

// call writes a call of some kind.
func (w *thrower) call() {
	f := byte(w.IntN(throwerFuncs))
	value := f%2 == throwerValue
	if value {
		w.number()
	}
	done := ""
	if value {
		done = "\x21\x00"
	}
	switch w.IntN(4) {
	case 0:
		w.emit("\x10", f)
	case 1: // of an entry that may be of another type
		if w.IntN(10) == 0 {
			w.bits(8)
		} else {
			w.bits(2)
			w.emit("\x41\x02\x6c\x41", f%2, 0x6a)
		}
		w.emit("\x11", f%2, 0)
	case 2:
		w.emit("\xd2", f)
		w.emit("\x14", f%2)
	case 3:
		if value != w.labels[0] {
			w.emit("\x10", f)
			break
		}
		w.emit("\x12", f)
		done = ""
	}
	w.emit(done)
}

// checkThrowing runs a program as it is in the interpreter, and sunk, with and
// without checks, in both engines: whatever it does is the same. If it returns
// the account of the stack is as before. It reports whether it does.
func checkThrowing(t *testing.T, seed uint64) (returned bool) {
	module := throwing(seed).bytes()
	want, wantEnd := runHandlers(t, wazero.NewRuntimeConfigInterpreter(), module)
	in, err := Instrument(module, Options{unaccounted: true})
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	for _, e := range engines {
		if got, end := runHandlers(t, e.config(), in.Wasm); got != want || end != wantEnd {
			t.Errorf("seed %d: the %s gives %d, %s, want %d, %s", seed, e.name, got, end, want, wantEnd)
		}
		meter := &meter{budget: 1 << 40, slice: 1 << 40}
		mod, err := newWorld(t, e.config()).instrumented(module, meter)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		_, err = mod.ExportedFunction("run").Call(t.Context())
		if got := int32(mod.ExportedGlobal("g").Get()); got != want || sameError(err) != wantEnd {
			t.Errorf("seed %d: the %s with checks gives %d, %s, want %d, %s", seed, e.name, got, sameError(err), want, wantEnd)
		}
		if err == nil && !meter.level() {
			t.Errorf("seed %d: the %s is left with %d bytes of the call stack and %d handlers", seed, e.name, meter.depth.Get(), len(meter.handlers))
		}
		if meter.most == 0 {
			t.Errorf("seed %d: no handler is accounted for", seed)
		}
	}
	return wantEnd == sameError(nil)
}

func TestSinkPrograms(t *testing.T) {
	returned, seeds := 0, race.Fewer(300, 60)
	for seed := range uint64(seeds) {
		if checkThrowing(t, seed) {
			returned++
		}
	}
	if returned < seeds/3 {
		t.Errorf("only %d programs return, so that little is seen of the account", returned)
	}
}

func FuzzSinkPrograms(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { checkThrowing(t, seed) })
}
