package wave

import (
	"errors"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

// ParseCall reads a call such as `get("a", 1)`. The function is the one that
// lookup returns for its name, and an error of lookup is returned as it is.
// Options that are the last arguments may be left out; they are none.
//
// The name is that by which components export the function: "f", "iface#f" or
// "ns:pkg/iface@1.0.0#f", where f is "[constructor]r", "[method]r.m" or
// "[static]r.s" for a function of a resource. The text may have the name in
// this form, or may have
//
//	iface.f
//	ns:pkg/iface.f@1.0.0
//	ns:pkg/iface@1.0.0.{f}
//
// instead, or a string with the name of an export whatever it looks like. All
// errors but those of lookup are an [*Error].
func ParseCall(text string, lookup func(name string) (*wit.Func, error)) (name string, args []rt.Value, err error) {
	p, err := newParser(text)
	if err != nil {
		return "", nil, err
	}
	if name, err = p.funcName(); err != nil {
		return "", nil, err
	}
	f, err := lookup(name)
	if err == nil && f == nil {
		err = errors.New("no function " + name)
	}
	if err != nil {
		return "", nil, err
	}
	p.next()
	if args, err = p.args(f); err != nil {
		return "", nil, err
	}
	if p.tok.kind != kindEnd {
		return "", nil, p.unexpected("the end")
	}
	return name, args, nil
}

// args reads the arguments of f.
func (p *parser) args(f *wit.Func) ([]rt.Value, error) {
	if err := p.expect('('); err != nil {
		return nil, err
	}
	args := make([]rt.Value, 0, len(f.Params))
	end, err := p.sequence(')', func() error {
		if len(args) == len(f.Params) {
			return p.errorf("function %s has no more parameters: expected `)`", f.Name)
		}
		v, err := p.value(f.Params[len(args)].Type)
		args = append(args, v)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, param := range f.Params[len(args):] {
		if !isOption(param.Type) {
			return nil, errorAt(p.text, end, "function %s has a parameter %s: %s, which is missing", f.Name, param.Name, typeText(param.Type))
		}
		args = append(args, none)
	}
	return args, nil
}

// funcName reads the name of a function, whose tokens are not those of values.
func (p *parser) funcName() (string, error) {
	p.space()
	from := p.pos
	if strings.HasPrefix(p.text[from:], `"`) {
		p.next()
		if p.tok.kind != kindString {
			return "", p.unexpected("the name of a function on one line")
		}
		return p.string(p.tok)
	}
	for p.pos < len(p.text) && strings.IndexByte("( \t\r\n", p.text[p.pos]) < 0 && !strings.HasPrefix(p.text[p.pos:], "//") {
		p.pos++
	}
	if from == p.pos {
		p.next()
		return "", p.unexpected("the name of a function")
	}
	spelled := p.text[from:p.pos]
	name, ok := exportName(spelled)
	if !ok {
		return "", errorAt(p.text, from, "%q is not the name of a function, such as f, ns:pkg/iface@1.0.0#f or ns:pkg/iface.f@1.0.0", clip(spelled, 2*maxExcerpt))
	}
	return name, nil
}

// exportName returns the name of a function as components export it.
func exportName(s string) (string, bool) {
	if iface, f, ok := strings.Cut(s, "#"); ok {
		return join(iface, f)
	}
	if iface, rest, ok := strings.Cut(s, ".{"); ok {
		f, ok := strings.CutSuffix(rest, "}")
		name, valid := join(iface, f)
		return name, ok && valid
	}
	path, version, versioned := strings.Cut(s, "@")
	slash := strings.LastIndexByte(path, '/')
	dot := strings.IndexByte(path[slash+1:], '.')
	if strings.HasPrefix(path, "[") || dot < 0 {
		f := strings.TrimPrefix(s, "%")
		return f, isFunc(f)
	}
	iface, f := path[:slash+1+dot], path[slash+1+dot+1:]
	if versioned {
		iface += "@" + version
	}
	return join(iface, f)
}

func join(iface, f string) (string, bool) {
	f = strings.TrimPrefix(f, "%")
	return iface + "#" + f, isInterface(iface) && isFunc(f)
}

// isInterface reports whether s is a label, or the name of an interface with
// that of its package.
func isInterface(s string) bool {
	path, version, versioned := strings.Cut(s, "@")
	pkg, name, qualified := strings.Cut(path, "/")
	if !qualified {
		return !versioned && isLabel(path)
	}
	ns, pkg, ok := strings.Cut(pkg, ":")
	return ok && isLabel(ns) && isLabel(pkg) && isLabel(name) && (!versioned || isVersion(version))
}

// isVersion reports whether s is made of what versions are made of.
func isVersion(s string) bool {
	for _, c := range []byte(s) {
		if !isDigit(c) && !isLetter(c) && strings.IndexByte("-+.", c) < 0 {
			return false
		}
	}
	return s != "" && isDigit(s[0])
}

// isFunc reports whether s names a function inside an interface or a world.
func isFunc(s string) bool {
	if r, ok := strings.CutPrefix(s, "[constructor]"); ok {
		return isLabel(r)
	}
	rest, method := strings.CutPrefix(s, "[method]")
	if !method {
		var static bool
		if rest, static = strings.CutPrefix(s, "[static]"); !static {
			return isLabel(s)
		}
	}
	r, f, ok := strings.Cut(rest, ".")
	return ok && isLabel(r) && isLabel(f)
}
