package gen

import "github.com/witgen/witgen/gen/internal/printer"

// errType returns the error type by which a function's result fails: E
// itself, if the interface declares it, else cm.Err[E].
func (t *typ) errType() printer.Code {
	failed := t.parts[1].typ
	switch {
	case failed == nil:
		return cm("Err").Of(printer.Name("struct{}"))
	case t.decl != nil:
		return failed.goType.code()
	}
	return cm("Err").Of(failed.goType.code())
}

// readOutcome reads a function's result as a value and an error.
func (b *body) readOutcome(t *typ, p place) {
	ok, failed := t.parts[0], t.parts[1]
	fail := t.errType().List()
	switch {
	case t.decl != nil:
		fail = b.read(failed.typ, p.of(failed))
	case failed.typ != nil:
		fail = t.errType().Keyed(printer.Key{Name: "Value", Value: b.read(failed.typ, p.of(failed))})
	}
	var value, none printer.Code // left out without an ok type
	if ok.typ != nil {
		value, none = b.read(ok.typ, p.of(ok)), zero(ok.typ, ok.typ.goType)
	}
	b.add(
		printer.If(b.readCase(t, 2, p).Op("==", printer.Int(0)), printer.Return(value, nilName)),
		printer.Return(none, fail),
	)
}

// writeOutcome writes a value and an error as a function's result. An error
// that is none of the result's traps the guest.
func (b *body) writeOutcome(t *typ, p place) {
	ok, failed := t.parts[0], t.parts[1]
	e := "e"
	if failed.typ == nil {
		e = "_"
	}
	b.add(
		printer.If(errName.Op("==", nilName), b.block(func(in *body) {
			in.writeCase(t, p, printer.Int(0))
			if ok.typ != nil {
				in.write(ok.typ, p.of(ok), valName)
			}
			in.add(printer.Return())
		})...),
		printer.Define(printer.Qual("errors", "AsType").Of(t.errType()).Call(errName), e, "ok"),
		printer.If(printer.Name("!ok"), b.call("Trap", errName), printer.Return()),
	)
	b.writeCase(t, p, printer.Int(1))
	switch {
	case t.decl != nil:
		b.write(failed.typ, p.of(failed), printer.Name("e"))
	case failed.typ != nil:
		b.write(failed.typ, p.of(failed), printer.Name("e").Dot("Value"))
	}
}
