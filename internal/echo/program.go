package echo

import (
	"strconv"

	"github.com/witgen/witgen/wit/layout"
)

// program is the core module of the exported functions. Function 0 is realloc;
// then come those it imports, and then those it exports.
type program struct {
	types   []string
	imports []string
	kinds   []string // of exported functions: indices of their types
	exports []string // and their code, with locals
}

// typed adds the type of a core function and returns its index.
func (p *program) typed(params, results string) string {
	p.types = append(p.types, coreType(params, results))
	return unsigned(len(p.types)) // type 0 is that of realloc
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
	return len(p.imports) // function 0 is realloc
}

// exported adds a function.
func (p *program) exported(s layout.Signature, code string) {
	p.kinds = append(p.kinds, p.typed(coreTypes(s.Params), coreTypes(s.Results)))
	p.exports = append(p.exports, code)
}

// pass adds a function that passes its core values to another one.
func (p *program) pass(s layout.Signature, to int) {
	args := ""
	for i := range s.Params {
		args += get(i)
	}
	if !s.ResultSpills {
		p.exported(s, "\x00"+args+call(to)+end)
		return
	}
	out := len(s.Params)
	p.exported(s, "\x01\x01"+coreI32+args+
		constant(0)+constant(0)+constant(int(s.ResultLayout.Align))+constant(int(s.ResultLayout.Size))+call(0)+tee(out)+
		call(to)+get(out)+end)
}

// identity adds a function that returns its one core value.
func (p *program) identity(s layout.Signature) {
	code := "\x00"
	if len(s.Params) == 1 {
		code += get(0)
	}
	p.exported(s, code+end)
}

// module returns the module's bytes.
func (p *program) module() string {
	realloc := coreType(coreI32+coreI32+coreI32+coreI32, coreI32)
	var exports, bodies []string
	for i, code := range p.exports {
		exports = append(exports, sized(strconv.Itoa(i))+"\x00"+unsigned(1+len(p.imports)+i))
		bodies = append(bodies, sized(code))
	}
	return modulePreamble + section(1, append([]string{realloc}, p.types...)...) +
		section(2, append([]string{sized("memory") + sized("realloc") + "\x00\x00"}, p.imports...)...) +
		section(3, p.kinds...) + section(7, exports...) + section(10, bodies...)
}
