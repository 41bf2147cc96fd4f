package core

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/internal/race"
	"github.com/witgen/witgen/rt/internal/binary"
)

// A writer writes random functions of type () -> () that do nothing but move
// on: local 0 is a state from which conditions are drawn.
type writer struct {
	*rand.Rand
	b      []byte
	labels int
	left   int  // statements
	throws bool // exceptions too
}

// program is a module of random functions, the first of which is "run".
func program(seed uint64) testModule {
	w := &writer{Rand: rand.New(rand.NewPCG(seed, 1)), throws: seed%2 == 1}
	m := testModule{
		types:    []string{"\x00\x00"},
		tables:   []string{"\x70\x00\x06"},
		elems:    []string{"\x00\x41\x00\x0b\x06\x00\x01\x02\x03\x04\x05"},
		memories: []string{"\x01\x01\x04"},
		tags:     []string{"\x00\x00"},
		globals:  []string{"\x7f\x01\x41\x2a\x0b"},
	}
	for i := range 6 {
		f := testFunc{locals: "\x01\x7f", groups: 1}
		if i == 0 {
			f.name = "run"
		}
		w.b, w.labels, w.left = nil, 1, w.IntN(25)
		w.statements(0)
		f.code = string(w.b)
		m.funcs = append(m.funcs, f)
	}
	return m
}

func (w *writer) statements(depth int) {
	for w.left > 0 && w.IntN(6) > 0 {
		w.left--
		w.statement(depth)
	}
}

// number pushes the next state modulo n, which is a power of two.
func (w *writer) number(n byte) {
	w.b = append(w.b, "\x23\x00\x41\xed\x9c\x99\x8e\x04\x6c\x41\xb9\xe0\x00\x6a\x24\x00\x23\x00\x41\x10\x76\x41"...)
	w.b = append(w.b, n-1, 0x71)
}

func (w *writer) label() byte { return byte(w.IntN(w.labels)) }

func (w *writer) statement(depth int) {
	inside := func(head string) {
		w.b = append(w.b, head...)
		w.labels++
		w.statements(depth + 1)
		if head == "\x04\x40" && w.IntN(2) == 0 {
			w.b = append(w.b, opElse)
			w.statements(depth + 1)
		}
		w.labels--
		w.b = append(w.b, opEnd)
	}
	switch w.IntN(16) {
	case 0, 1:
		inside("\x02\x40")
	case 2, 3, 4:
		inside("\x03\x40")
	case 5, 6:
		w.number(2)
		inside("\x04\x40")
	case 7:
		if !w.throws {
			return
		}
		inside("\x1f\x40\x01\x02" + string(w.label()))
	case 8, 9, 10:
		w.number(2)
		w.b = append(w.b, opBrIf, w.label())
	case 11:
		w.b = append(w.b, opBr, w.label())
	case 12:
		w.number(4)
		w.b = append(w.b, opBrTable, 2, w.label(), w.label(), w.label())
	case 13:
		switch w.IntN(4) {
		case 0:
			w.b = append(w.b, opReturn)
		case 1:
			if w.throws {
				w.b = append(w.b, opThrow, 0)
			}
		case 2:
			w.b = append(w.b, opReturnCall, byte(w.IntN(6)))
		case 3:
			w.number(4)
			w.b = append(w.b, opReturnCallIndirect, 0, 0)
		}
	case 14:
		if w.IntN(2) == 0 {
			w.b = append(w.b, opCall, byte(w.IntN(6)))
		} else {
			w.number(4)
			w.b = append(w.b, opCallIndirect, 0, 0)
		}
	case 15:
		w.b = append(w.b, "\x41\x00\x41\x00"...)
		w.number(64)
		w.b = append(w.b, "\xfc\x0b\x00\x41\x01\x40\x00\x1a"...)
	}
}

// checkProgram runs a random program which counts its instructions until its
// fuel is spent: it does end, at the same count and the same fuel on both
// engines, and no instruction runs that is not paid for.
func checkProgram(t *testing.T, seed uint64) {
	const budget = 300_000
	module := count(t, program(seed).bytes()).Wasm
	var used, counts []int64
	for _, e := range engines {
		meter := &meter{budget: budget, slice: 777}
		mod, err := newWorld(t, e.config()).instrumented(module, meter)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		_, err = mod.ExportedFunction("run").Call(t.Context())
		if err != nil && strings.Contains(err.Error(), "stack overflow") {
			return // engines differ in how deep they go
		}
		if spent := errors.Is(err, errSpent); spent != (meter.used() > budget) {
			t.Errorf("seed %d on the %s: consumed %d of %d, got %v", seed, e.name, meter.used(), budget, err)
		}
		if err == nil && !meter.level() {
			t.Errorf("seed %d on the %s: left with %d bytes of the call stack and %d handlers", seed, e.name, meter.depth.Get(), len(meter.handlers))
		}
		count := int64(mod.ExportedGlobal("$count").(api.MutableGlobal).Get())
		if meter.used()+leafLimit < 5*count { // counting takes four instructions for each
			t.Errorf("seed %d on the %s: consumed %d in %d instructions", seed, e.name, meter.used(), 5*count)
		}
		used, counts = append(used, meter.used()), append(counts, count)
	}
	if used[0] != used[1] || counts[0] != counts[1] {
		t.Errorf("seed %d: engines consume %v in %v instructions", seed, used, counts)
	}
}

func TestInstrumentPrograms(t *testing.T) {
	for seed := range uint64(race.Fewer(200, 50)) {
		checkProgram(t, seed)
	}
}

func FuzzInstrumentPrograms(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(checkProgram)
}

// count counts instructions: it adds 1 to a global before each. As a meter
// reads fuel, that is less and less used.
func count(t *testing.T, module []byte) *Instrumented {
	m, err := binary.DecodeModule(module)
	if err != nil {
		t.Fatal(err)
	}
	s, ok := m.Section(binary.ModuleCode)
	if !ok || len(m.Funcs) == 0 {
		return &Instrumented{Wasm: module}
	}
	p := &pass{module: module, m: m, spaces: spacesOf(m)}
	if err := within(module, m, &p.spaces); err != nil {
		t.Fatal(err)
	}
	p.added = added{void: uint32(p.types), fuel: uint32(p.globals), interrupt: uint32(p.globals) + 1, refill: uint32(p.funcs)}
	f := &flow{cursor: at(module, s.Body, ""), sp: &p.spaces, known: p.funcs - len(m.Funcs)}
	bodies := f.bodies(len(m.Funcs))
	f.leaves = make([]uint8, len(bodies))
	code := appendU32(nil, uint32(len(bodies))+1)
	for i, b := range bodies {
		if !f.function(i, b, m) {
			t.Fatal(f.err)
		}
		body := append([]byte(nil), module[b.Start:f.start]...)
		c := &cursor{buf: module[:b.End], pos: f.start, fn: -1}
		var in instr
		for c.left() > 0 {
			c.instr(&in, &p.spaces, f.locals)
			switch in.op {
			case opNop, opBlock, opLoop, opElse, opEnd:
			default:
				body = append(appendU32(append(body, opGlobalGet), p.added.fuel), opI64Const, 1, 0x7c, opGlobalSet)
				body = appendU32(body, p.added.fuel)
			}
			body = append(body, module[in.at:c.pos]...)
		}
		code = append(appendU32(code, uint32(len(body))), body...)
	}
	code = append(code, p.added.refillBody()...)
	names := &Instrumented{Fuel: "$count", Interrupt: "$unused"}
	if m.Start != nil {
		names.Start = "$start"
	}
	out := &Instrumented{Wasm: p.assemble(names, code), Fuel: names.Fuel, Start: names.Start}
	return out
}
