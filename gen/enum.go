package gen

import (
	"strconv"

	"github.com/witgen/witgen/gen/internal/printer"
)

// unsigned returns the Go type of an enum or flags.
func (d *decl) unsigned() printer.Code { return printer.Name("uint" + strconv.Itoa(int(8*d.size))) }

// declareEnum declares an integer type and a constant for each case.
func declareEnum(d *decl) []printer.Code {
	v := printer.Name(d.receiver())
	text := printer.Qual("fmt", "Sprintf").Call(printer.String(d.name+"(%d)"), d.unsigned().Call(v))
	cases := make([]printer.Code, len(d.members))
	for i, m := range d.members {
		cases[i] = printer.Case(printer.Name(m.name), printer.Return(printer.String(m.wit)))
	}
	choose := printer.Switch(v, cases...)
	if len(d.members) == 1 {
		only := d.members[0]
		choose = printer.If(v.Op("==", printer.Name(only.name)), printer.Return(printer.String(only.wit)))
	}
	code := []printer.Code{
		printer.Defined(d.doc(), d.name, d.unsigned()),
		d.constants("The cases of "+d.name+".", printer.Name("iota")),
		d.textMethod("String", "String returns the name of the case.", false,
			choose, printer.Return(text)),
	}
	if d.isError {
		code = append(code, d.textMethod("Error", "Error returns the name of the case.", true,
			printer.Return(v.Dot("String").Call())))
	}
	return code
}

// constants declares the constants of an enum or flags, counted by iota.
func (d *decl) constants(doc string, first printer.Code) printer.Code {
	consts := make([]printer.Const, len(d.members))
	for i, m := range d.members {
		consts[i] = printer.Const{Doc: printer.Lines(string(m.docs)), Name: m.name}
	}
	consts[0].Type, consts[0].Value = printer.Name(d.name), first
	return printer.Consts(printer.Wrap(doc), consts...)
}

// textMethod declares a method that returns a string.
func (d *decl) textMethod(name, doc string, short bool, code ...printer.Code) printer.Code {
	return printer.Func{
		Doc:     printer.Wrap(doc),
		Recv:    printer.Param{Name: d.receiver(), Type: printer.Name(d.name)},
		Name:    name,
		Results: []printer.Param{{Type: printer.Name("string")}},
		Body:    code,
		Short:   short,
	}.Code()
}

func (b *body) readEnum(t *typ, p place) {
	b.add(printer.Return(t.goType.code().Call(b.readCase(t, len(t.decl.members), p))))
}

// writeEnum writes an enum. A number that is no case of it fails the call.
func (b *body) writeEnum(t *typ, p place) {
	n := b.call("Case", printer.String(t.decl.wit.Name), convert("uint32", valName), printer.Int(len(t.decl.members)))
	switch {
	case !p.memory:
		n = convert("uint64", n)
	case t.discriminant < 4:
		n = t.decl.unsigned().Call(n)
	}
	b.writeCase(t, p, n)
}
