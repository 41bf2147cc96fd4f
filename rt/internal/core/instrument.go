package core

import (
	"fmt"
	"math"
	"strconv"

	"github.com/witgen/witgen/rt/internal/binary"
)

// Options says what [Instrument] adds to a module. The zero value adds
// nothing: the module is looked through all the same, and exception handlers
// are sunk and accounted for.
type Options struct {
	Interrupt bool // checks at which the host can take over
	// Allowance is what compiling the module may take; nil means what is allowed
	// to it alone.
	Allowance *Allowance

	Stack bool // an account of the call stack, at whose mark the host can do so too

	// references lets catch clauses that make a reference to the exception
	// pass. The core specification's test suite has them.
	references bool

	// unaccounted leaves handlers out of account.
	unaccounted bool
}

// Instrumented is a core module with what [Instrument] added.
type Instrumented struct {
	Wasm []byte

	// Checks is how many checks there are. Without any nothing below is
	// there: the module cannot run for long, or they were not asked for.
	Checks int

	// Fuel is the name under which the module exports its fuel, a mutable
	// global of type i64 that begins at 0.
	Fuel string

	// Interrupt is the name under which the module exports a mutable global
	// that refers to the function of type () -> () which it calls when its
	// fuel is below 0, Used above Mark, or Ask below 0, and in long instructions
	// whatever these are. It begins as a null reference, on which the guest traps,
	// and is to be set before any of the module's code runs. See [Reference].
	Interrupt string

	// Used is the name under which the module exports its stack account, in bytes:
	// a mutable global of type i64. It is 0 when none of its functions runs, and
	// empty when none is accounted for.
	Used string

	// Mark is the name under which the module exports up to how much of the call
	// stack it may use before it calls Interrupt: a mutable global of type i64
	// that begins at [FirstMark].
	Mark string

	// Ask is the name under which the module exports what it asks its host for
	// when it calls Interrupt, if that is below 0: a mutable global of type i64,
	// which the host sets to its answer, or 0. See [AskHandler]. It is empty for a
	// module without exception handlers.
	Ask string

	// Start is the name under which the module exports the function that was
	// its start function, and is to be called once Interrupt is set; empty
	// when there is none.
	Start string
}

// Instrument returns the core module with checks in it at which the host can
// interrupt it, so that no guest runs unbounded.
//
// A check takes what the code up to the next one costs off a counter, the
// fuel. When that falls below 0 the guest calls the host, which may give it
// more, by setting the counter to 0 or above, or end it, by panicking. Costs
// depend on the code alone, so the same calls consume the same fuel on every
// machine; all in all they consume at least a unit for each instruction that
// runs, but for those that only structure the code.
//
// There is a check
//   - at the entry of each function,
//   - at the head of each loop,
//   - before each try_table, throw and throw_ref, which take a core runtime
//     longer than thousands of instructions,
//   - before each instruction that fills, copies or initializes memory or
//     tables, or grows tables, for the length it finds on the stack, unless
//     that is a small constant, which the check before pays for; what fills or
//     copies more memory than there is fuel for is done in pieces of 1 MiB, and
//     calls the host before each,
//   - after each memory.grow, for the pages it added: one that is refused is
//     cheap, and how many are not the memory's limit says.
//
// Two kinds of functions do without a check at their entry. A small one that
// has no loop and calls nothing has none: who calls it pays for it, the exact
// price where it is called by its index, and the price of the costliest of
// them where the callee is not known. Whatever runs without end keeps entering
// loops or functions that call others, and those check. And a function that
// does next to nothing before and after a loop which it always enters leaves
// its price to that loop's check.
//
// The stack account is a counter too, of what the functions that run take of the
// call stack by an estimate, the [weight]. Each function that can be part of a
// recursion, or is with what it calls too large to be left out, adds to it where
// it begins and takes the same off wherever it ends. Above the mark the guest
// calls the host, which may raise that, or end it. A function with exception
// handlers has the host note each while it is there. The host remembers the
// account, which may be several modules', and has it be what it was when it hears
// that the handler has ended: functions that an exception has ended have taken
// nothing off. Where an engine copies the call stack for each handler, that is for
// the host to count.
//
// Whatever the options, exception handlers are sunk where a module has any: no
// try_table of the result has more in it than one instruction that throws or
// calls, which is what wazero's engines agree on. See [pass.sink]. A catch
// clause that makes a reference to the exception is an error: the memory behind
// it is not kept from the garbage collector, in neither of wazero's engines.
// And a module that has any gets an account.
//
// All indices of the module stay what they were, and nothing in it can refer
// to what is added, as every index it uses is checked to be within its own
// index spaces: the result is valid if and only if the module was. It is not
// validated otherwise; a core runtime does that with the result. All numbers
// of things are in proportion to the module's size then, but for the locals of
// a function, which are 50,000 at most: a core runtime can allocate for what
// they say. A module with an instruction unknown here, or a type that is not
// of a function, is an error.
//
// Custom sections stay, but for those with offsets into code, where that
// changes: DWARF and code metadata. With checks the module's start function
// becomes an export.
//
// An error is a [*binary.Error].
func Instrument(module []byte, o Options) (*Instrumented, error) {
	if o.Allowance == nil {
		o.Allowance = NewAllowance(int64(len(module)), 1)
	}
	p, err := newPass(module)
	if err != nil {
		return nil, err
	}
	code, err := p.code(o)
	if err != nil {
		return nil, err
	}
	if p.tries {
		if module, err = p.sink(o.references); err != nil {
			return nil, err
		}
		if p, err = newPass(module); err != nil {
			return nil, err
		}
		if code, err = p.code(o); err != nil {
			return nil, err
		}
	}
	if err := o.Allowance.take(&p.toll, p); err != nil {
		return nil, err
	}
	if p.checks == 0 || !o.Interrupt && !p.accounted {
		return &Instrumented{Wasm: module}, nil
	}
	result := &Instrumented{Checks: p.checks, Fuel: p.free("fuel"), Interrupt: p.free("interrupt")}
	if p.accounted {
		result.Used, result.Mark = p.free("used"), p.free("mark")
		if p.tries {
			result.Ask = p.free("ask")
		}
	}
	if p.m.Start != nil {
		result.Start = p.free("start")
	}
	result.Wasm = p.assemble(result, code)
	return result, nil
}

// resultBlock is the type of a block with the results of a function of a type, as
// it is encoded.
func (p *pass) resultBlock(typ uint32) int64 {
	t, _ := p.m.Func(typ)
	switch len(t.Results) {
	case 0:
		return typeEmpty
	case 1:
		if v := t.Results[0]; v.Code != typeRef+0x80 && v.Code != typeRefNull+0x80 {
			return int64(v.Code) - 0x80
		}
	}
	if i, ok := p.results[typ]; ok {
		return int64(i)
	}
	if p.results == nil {
		p.results = map[uint32]uint32{}
	}
	i := p.added.void + 1 + uint32(len(p.blocks))
	p.results[typ] = i
	p.blocks = append(p.blocks, appendValTypes(appendU32([]byte{0x60, 0}, uint32(len(t.Results))), t.Results))
	return int64(i)
}

// A pass is the rewriting of one module.
type pass struct {
	spaces
	module []byte
	m      *binary.Module
	added  added // with the indices behind those there are
	checks int
	tries  bool // there is a try_table

	accounted bool // there is a function that is
	toll      toll // of compiling it

	results map[uint32]uint32 // by type of a function: that of a block with its results
	blocks  [][]byte          // the types of such blocks, and of functions
	pieces  []int             // instructions that there are functions for
}

// newPass decodes a module and looks through all but its code.
func newPass(module []byte) (*pass, error) {
	m, err := binary.DecodeModule(module)
	if err != nil {
		return nil, err
	}
	p := &pass{module: module, m: m, spaces: spacesOf(m)}
	p.added = added{void: uint32(p.types), fuel: uint32(p.globals), interrupt: uint32(p.globals) + 1, refill: uint32(p.funcs)}
	p.added.used, p.added.mark, p.added.ask = uint32(p.globals)+2, uint32(p.globals)+3, uint32(p.globals)+4
	return p, within(module, m, &p.spaces)
}

// free returns an export name that the module does not use.
func (p *pass) free(name string) string {
	for i := 0; ; i++ {
		try := "$" + name
		if i > 0 {
			try += strconv.Itoa(i)
		}
		if _, ok := p.m.Export(try); !ok {
			return try
		}
	}
}

// maxLocals bounds parameters and locals of a function, as engines do.
const maxLocals = 50_000

// code returns the contents of the code section with checks.
func (p *pass) code(o Options) ([]byte, error) {
	s, ok := p.m.Section(binary.ModuleCode)
	if !ok {
		if len(p.m.Funcs) > 0 {
			return nil, &binary.Error{Offset: len(p.module), Msg: fmt.Sprintf("%d functions without code", len(p.m.Funcs))}
		}
		return nil, nil
	}
	known := p.funcs - len(p.m.Funcs)
	f := &flow{cursor: at(p.module, s.Body, sectionNames[s.ID]), sp: &p.spaces, known: known}
	bodies := f.bodies(len(p.m.Funcs))
	f.leaves = make([]uint8, len(bodies))
	leaves := make([]uint8, len(bodies))
	var g graph
	for i, b := range bodies {
		if !f.function(i, b, p.m) {
			return nil, f.failed()
		}
		p.toll.add(f, f.known+i, b.End-b.Start)
		if b.End-b.Start <= maxLeafBytes && f.leaf() {
			leaves[i] = uint8(max(f.edits[0].cost, costInstr))
		}
		g.add(f)
	}
	f.leaves = leaves
	accounts := make([]int64, len(bodies))
	p.added.unpaid = !o.Interrupt
	if o.Interrupt {
		p.divide(f.fills, f.copies)
	}
	if o.Stack || f.tries && !o.unaccounted {
		accounts = g.accounts()
	}
	out := appendU32(make([]byte, 0, len(s.Body.Of(p.module))*5/4), uint32(len(bodies)+1+len(p.pieces)))
	var body []byte
	for i, b := range bodies {
		f.account = accounts[i]
		p.accounted = p.accounted || f.account > 0
		if leaves[i] > 0 && f.account == 0 {
			out = append(appendU32(out, uint32(b.End-b.Start)), b.Of(p.module)...)
			continue
		}
		if !f.function(i, b, p.m) {
			break
		}
		body = f.appendBody(body[:0], b, p)
		p.checks += len(f.edits)
		out = append(appendU32(out, uint32(len(body))), body...)
		if len(out) > math.MaxInt32 {
			f.fail(b.Start, "code of more than %d bytes with checks", math.MaxInt32)
		}
	}
	p.tries = f.tries
	out = append(out, p.added.refillBody()...)
	for _, op := range p.pieces {
		out = append(out, p.added.piecesBody(op)...)
	}
	return out, f.failed()
}
