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

// imported adds a lowered function and returns its index.
func (p *program) imported(name string, s layout.Signature) int {
	t := p.typed(coreTypes(s.Params), coreTypes(s.Results))
	p.imports = append(p.imports, sized("host")+sized(name)+"\x00"+t)
	return ofMemory + len(p.imports) - 1
}

// exported adds a function with locals of these types, encoded, that begins a
// call first.
func (p *program) exported(s layout.Signature, locals, code string) {
	p.kinds = append(p.kinds, p.typed(coreTypes(s.Params), coreTypes(s.Results)))
	p.exports = append(p.exports, locals+call(begin)+code+end)
}

// pass adds a function that passes its core values to another one.
func (p *program) pass(s layout.Signature, to int) {
	args := ""
	for i := range s.Params {
		args += get(i)
	}
	if !s.ResultSpills {
		p.exported(s, "\x00", args+call(to))
		return
	}
	out := len(s.Params)
	p.exported(s, "\x01\x01"+coreI32, args+
		constant(0)+constant(0)+constant(int(s.ResultLayout.Align))+constant(int(s.ResultLayout.Size))+call(realloc)+tee(out)+
		call(to)+get(out))
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
	var exports, bodies []string
	for i, code := range p.exports {
		exports = append(exports, sized(strconv.Itoa(i))+"\x00"+unsigned(len(imports)+i))
		bodies = append(bodies, sized(code))
	}
	return modulePreamble + section(1, types...) + section(2, imports...) +
		section(3, p.kinds...) + section(7, exports...) + section(10, bodies...)
}
