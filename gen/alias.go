package gen

import "github.com/witgen/witgen/gen/internal/printer"

// wholeOf reports whether an interface is the newest version's.
func (s *same) wholeOf(x *iface) bool { return s != nil && s.whole[x] }

// declOf returns the newest version's declaration that one is an alias of; nil if
// it is none.
func (s *same) declOf(d *decl) *decl {
	if s == nil {
		return nil
	}
	return s.decls[d]
}

// aliasInterface declares the newest version's interface under the same names.
func (s *same) aliasInterface(x *iface) []printer.Code {
	y := s.interfaces[x]
	doc := printer.Wrap(x.name + " is the interface " + x.id + ", which is that of " + y.id + ".").
		And(printer.Lines(string(x.wit.Docs))).And(deprecated(x.wit.Stability))
	name := "Unimplemented" + x.name
	return []printer.Code{
		printer.Alias(doc, x.name, printer.Qual(y.pkg.path, y.name)),
		printer.Alias(printer.Wrap(name+" implements "+x.name+" with methods that trap the guest."), name, printer.Qual(y.pkg.path, "Unimplemented"+y.name)),
	}
}

// alias declares the newest version's type, and what is declared beside it, under
// the same names.
func (s *same) alias(d *decl) []printer.Code {
	e := s.decls[d]
	of := func(name string) printer.Code { return printer.Qual(e.pkg.path, name) }
	doc := printer.Wrap(d.name + " is the " + declKindNames[d.kind] + " " + d.wit.Name + ", which is that of " + e.iface.id + ".").
		And(printer.Lines(string(d.wit.Docs))).And(deprecated(d.wit.Stability))
	code := []printer.Code{printer.Alias(doc, d.name, of(e.name))}
	switch d.kind {
	case variantDecl:
		for k, m := range d.members {
			doc := printer.Wrap(m.name + " is the case " + m.wit + " of " + d.name + ".").And(printer.Lines(string(m.docs)))
			code = append(code, printer.Alias(doc, m.name, of(e.members[k].name)))
		}
	case enumDecl, flagsDecl:
		consts := make([]printer.Const, len(d.members))
		for k, m := range d.members {
			consts[k] = printer.Const{Doc: printer.Lines(string(m.docs)), Name: m.name, Value: of(e.members[k].name)}
		}
		what := "cases"
		if d.kind == flagsDecl {
			what = "flags"
		}
		code = append(code, printer.Consts(printer.Wrap("The "+what+" of "+d.name+"."), consts...))
	case resourceDecl:
		name := "Unimplemented" + d.name
		code = append(code, printer.Alias(printer.Wrap(name+" implements "+d.name+" with methods that trap the guest."), name, of("Unimplemented"+e.name)))
	}
	return code
}
