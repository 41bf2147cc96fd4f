package goapi

import (
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// writer makes lines of packages.
type writer struct {
	paths map[string]string // what packages go by, for import paths
	pkg   *types.Package
	lines []string
}

// line adds a line of the current package.
func (w *writer) line(parts ...string) {
	w.lines = append(w.lines, "pkg "+w.path(w.pkg)+", "+strings.Join(parts, ", "))
}

func (w *writer) packageLines(p *types.Package) {
	w.pkg = p
	scope := p.Scope()
	for _, name := range scope.Names() {
		switch o := scope.Lookup(name).(type) {
		case *types.TypeName:
			if o.Exported() {
				w.typeLines(o)
			}
		case *types.Func:
			if o.Exported() {
				w.line("func " + name + w.signature(o.Signature()))
			}
		case *types.Var:
			if o.Exported() {
				w.line("var " + name + " " + w.text(o.Type()))
			}
		case *types.Const:
			if o.Exported() {
				w.line("const " + name + " " + w.text(o.Type()) + " = " + o.Val().ExactString())
			}
		}
	}
}

// typeLines writes a type with its fields and methods.
func (w *writer) typeLines(o *types.TypeName) {
	if o.IsAlias() {
		of := o.Type()
		if a, ok := of.(*types.Alias); ok {
			of = a.Rhs()
		}
		w.line("type " + o.Name() + " = " + w.text(of))
		return
	}
	named, ok := o.Type().(*types.Named)
	if !ok {
		return
	}
	switch t := named.Underlying().(type) {
	case *types.Struct:
		head := "type " + o.Name() + " struct"
		w.line(head)
		for f := range t.Fields() {
			switch {
			case f.Embedded() && f.Exported():
				w.line(head, "embedded "+w.text(f.Type()))
			case f.Exported():
				w.line(head, f.Name()+" "+w.text(f.Type()))
			}
		}
	case *types.Interface:
		w.interfaceLines("type "+o.Name()+" interface", t)
		return // any two can be compared
	default:
		w.line("type " + o.Name() + " " + w.text(t))
	}
	if _, ok := named.Underlying().(*types.Struct); ok && types.Comparable(named) {
		w.line("type "+o.Name(), "comparable")
	}
	for m := range named.Methods() {
		if m.Exported() {
			recv := o.Name()
			if _, ok := m.Signature().Recv().Type().(*types.Pointer); ok {
				recv = "*" + recv
			}
			w.line("method (" + recv + ") " + m.Name() + w.signature(m.Signature()))
		}
	}
}

func (w *writer) interfaceLines(head string, t *types.Interface) {
	w.line(head)
	sealed := false
	for m := range t.Methods() {
		if !m.Exported() {
			sealed = true
			continue
		}
		w.line(head, "method "+m.Name()+w.signature(m.Signature()))
	}
	if sealed {
		w.line(head, "unexported methods")
	}
}

// signature returns parameters and results without their names.
func (w *writer) signature(s *types.Signature) string {
	text := "(" + strings.Join(w.tuple(s.Params()), ", ") + ")"
	switch results := w.tuple(s.Results()); len(results) {
	case 0:
		return text
	case 1:
		return text + " " + results[0]
	default:
		return text + " (" + strings.Join(results, ", ") + ")"
	}
}

func (w *writer) tuple(t *types.Tuple) []string {
	var texts []string
	for v := range t.Variables() {
		texts = append(texts, w.text(v.Type()))
	}
	return texts
}

// word matches names in types, with what their package goes by.
var word = regexp.MustCompile(`[\w.~/-]+`)

// text returns a type. Those of the package itself go by their names alone, and
// those that have two names by one.
func (w *writer) text(t types.Type) string {
	text := types.TypeString(t, func(p *types.Package) string {
		if p == w.pkg {
			return ""
		}
		return w.path(p)
	})
	return word.ReplaceAllStringFunc(text, func(name string) string {
		switch name {
		case "byte":
			return "uint8"
		case "rune":
			return "int32"
		}
		return name
	})
}

// path returns what a package goes by.
func (w *writer) path(p *types.Package) string {
	if below, ok := w.paths[p.Path()]; ok {
		return below
	}
	if slices.Contains([]string{rtPath, abiPath, cmPath}, p.Path()) {
		return p.Path()[strings.LastIndexByte(p.Path(), '/')+1:]
	}
	return p.Path()
}
