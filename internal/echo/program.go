package echo

import (
	"strconv"

	"github.com/witgen/witgen/wit/layout"
)

// program is the core module of the exported functions. Functions 0 and
// 1 are those of the memory; then come the lowered ones, and then those it
// exports.
type program struct {
	types   []string // after those of realloc and begin
	imports []string // likewise
	kinds   []string // of exported functions: indices of their types
	exports []string // and their code, with locals

	count      int // how many it exports in the end
	innerKinds []string
	inners     []string // functions that only the program calls, likewise
}

// The functions and types that come from the memory's module.
const (
	realloc  = 0
	begin    = 1
	ofMemory = 2 // how many those are
)

// typed adds the type of a core function and returns its index.
func (p *program) typed(params, results string) string {
	p.types = append(p.types, coreType(params, results))
	return unsigned(ofMemory + len(p.types) - 1)
}

func coreTypes(types []layout.CoreType) string {
	var s []byte
	for _, t := range types {
		s = append(s, byte(t))
	}
	return string(s)
}

// imported adds a function of the host's and returns its index.
func (p *program) imported(name, params, results string) int {
	t := p.typed(params, results)
	p.imports = append(p.imports, sized("host")+sized(name)+"\x00"+t)
	return ofMemory + len(p.imports) - 1
}

// exported adds a function with locals of these types, encoded, that begins a
// call first.
func (p *program) exported(s layout.Signature, locals, code string) {
	p.kinds = append(p.kinds, p.typed(coreTypes(s.Params), coreTypes(s.Results)))
	p.exports = append(p.exports, locals+call(begin)+code+end)
}

// inner adds a function that is not exported, with its locals and code, and returns
// its index. All is imported by then.
func (p *program) inner(params, results, code string) int {
	p.innerKinds = append(p.innerKinds, p.typed(params, results))
	p.inners = append(p.inners, code+end)
	return ofMemory + len(p.imports) + p.count + len(p.inners) - 1
}

// passing is what a function does that passes its core values to another one: code
// before that, and after it with the result on the stack.
type passing struct{ before, after string }

// pass adds such a function. Its local behind the parameters is of the type of its
// core result.
func (p *program) pass(s layout.Signature, to int, c passing) {
	args := c.before
	for i := range s.Params {
		args += get(i)
	}
	locals := "\x00"
	if len(s.Results) > 0 {
		locals = "\x01\x01" + coreTypes(s.Results)
	}
	if !s.ResultSpills {
		p.exported(s, locals, args+call(to)+c.after)
		return
	}
	out := len(s.Params)
	p.exported(s, locals, args+
		constant(0)+constant(0)+constant(int(s.ResultLayout.Align))+constant(int(s.ResultLayout.Size))+call(realloc)+tee(out)+
		call(to)+get(out)+c.after)
}

// identity adds a function that returns its one core value.
func (p *program) identity(s layout.Signature) {
	code := ""
	if len(s.Params) == 1 {
		code = get(0)
	}
	p.exported(s, "\x00", code)
}

// module returns the module's bytes.
func (p *program) module() string {
	types := append([]string{reallocType, beginType}, p.types...)
	imports := append([]string{sized("memory") + sized("realloc") + "\x00\x00", sized("memory") + sized("begin") + "\x00\x01"}, p.imports...)
	if len(p.inners) > 0 {
		imports = append(imports, sized("memory")+sized("memory")+"\x02\x00\x01")
	}
	var exports, bodies []string
	for i, code := range p.exports {
		exports = append(exports, sized(strconv.Itoa(i))+"\x00"+unsigned(ofMemory+len(p.imports)+i))
		bodies = append(bodies, sized(code))
	}
	for _, code := range p.inners {
		bodies = append(bodies, sized(code))
	}
	return modulePreamble + section(1, types...) + section(2, imports...) +
		section(3, append(p.kinds, p.innerKinds...)...) + section(7, exports...) + section(10, bodies...)
}
