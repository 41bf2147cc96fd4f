package core

import "github.com/witgen/witgen/rt/internal/binary"

// sink returns the module with its exception handlers sunk: no try_table has
// more in it than one instruction that throws or calls.
//
// wazero's compiler marks the stack where a try_table begins, puts the mark on
// a list, and goes back to it when something is thrown. It is wrong about what
// happens in between. The list keeps a mark whose frame may be gone after a
// branch to the try_table's own end, after a br_table that has only the default
// label, and where a catch clause of an inner try_table leads out of an outer
// one: a finished frame is entered again. It loses a mark whose frame is there
// at the end of a try_table without clauses. And where an exception is caught
// the locals are as they were at the mark. Its interpreter has none of that.
//
// So a try_table becomes a plain block, and each instruction in it that can
// throw gets a try_table around it with the clauses of all that were around
// it, those of the innermost first. That is the same by the specification:
//
//	try_table (catch $e 0)          block
//	  local.set 1                     local.set 1
//	  call $f                  =>     try_table (type $f) (catch $e 1) call $f end
//	  br 0                            br 0
//	end                             end
//
// No branch leaves such a try_table, nothing is set in it, and none is inside
// another. Labels stay what they are, as a block takes the place of each
// try_table. A clause that no instruction takes along would no longer be
// validated, so each try_table leaves its clauses behind in another one that is
// never reached.
//
// References to exceptions are refused, but where the suite of tests needs
// them: nothing keeps what they refer to from the garbage collector.
func (p *pass) sink(references bool) ([]byte, error) {
	s, _ := p.m.Section(binary.ModuleCode)
	k := &sinker{
		cursor:  at(p.module, s.Body, sectionNames[s.ID]),
		m:       p.m,
		sp:      &p.spaces,
		refs:    references,
		caught:  make([]int, p.m.Len(binary.CoreTag)),
		clauses: maxClauses(len(p.module)),
		limit:   maxClauses(len(p.module)),
	}
	bodies := (&flow{cursor: k.cursor}).bodies(len(p.m.Funcs))
	out := appendU32(make([]byte, 0, len(s.Body.Of(p.module))*2), uint32(len(bodies)))
	var body []byte
	for i, b := range bodies {
		body = k.function(body[:0], i, b)
		if k.err != nil {
			return nil, k.failed()
		}
		out = append(appendU32(out, uint32(len(body))), body...)
	}
	return p.sunk(out, k.types), nil
}

// maxClauses bounds the catch clauses of a module once they are sunk, as nested
// ones multiply.
func maxClauses(size int) int { return 1000 + size }

// maxCatches bounds the clauses that can catch what one instruction throws.
const maxCatches = 256

// maxTries bounds the instructions of a module in a try_table. wazero's
// compiler numbers them in 24 bits.
const maxTries = 1 << 24

// maxTryDepth bounds try_tables inside each other.
const maxTryDepth = 1000

// sunk returns the module with other code and with types behind its own.
func (p *pass) sunk(code []byte, types [][]byte) []byte {
	out := make([]byte, 0, len(p.module)+len(code))
	out = append(out, p.module[:8]...)
	for _, s := range p.m.Sections {
		switch {
		case s.ID == binary.ModuleCustom && misplaced(s.Name):
		case s.ID == binary.ModuleCode:
			out = appendSection(out, s.ID, code)
		case s.ID == binary.ModuleType && len(types) > 0:
			c := at(p.module, s.Body, "")
			contents := appendU32(nil, c.u32()+uint32(len(types)))
			contents = append(contents, c.buf[c.pos:]...)
			for _, t := range types {
				contents = append(contents, t...)
			}
			out = appendSection(out, s.ID, contents)
		default:
			out = append(out, s.All.Of(p.module)...)
		}
	}
	return out
}
