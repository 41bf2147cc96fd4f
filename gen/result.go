package gen

import "github.com/witgen/witgen/gen/internal/printer"

// orEmpty returns the value of a part at a place, or the empty struct that
// stands for no payload.
func (b *body) orEmpty(q part, p place) printer.Code {
	if q.typ == nil {
		return printer.Name("struct{}").List()
	}
	return b.read(q.typ, p.of(q))
}

// readResult reads a result that stands inside another type.
func (b *body) readResult(t *typ, p place) {
	ok, failed := t.parts[0], t.parts[1]
	types := []printer.Code{t.goType.args[0].code(), t.goType.args[1].code()}
	b.add(
		printer.If(b.readCase(t, 2, p).Op("==", printer.Int(0)),
			printer.Return(cm("OK").Of(types...).Call(b.orEmpty(ok, p)))),
		printer.Return(cm("Fail").Of(types[0]).Call(b.orEmpty(failed, p))),
	)
}

func (b *body) writeResult(t *typ, p place) {
	ok, failed := t.parts[0], t.parts[1]
	name := func(q part, name string) string {
		if q.typ == nil {
			return "_"
		}
		return name
	}
	b.add(printer.IfSet(
		printer.Define(valName.Dot("Err").Call(), name(failed, "e"), "failed"),
		printer.Name("failed"),
		b.block(func(in *body) {
			in.writeCase(t, p, printer.Int(1))
			if failed.typ != nil {
				in.write(failed.typ, p.of(failed), printer.Name("e"))
			}
			in.add(printer.Return())
		})...,
	))
	b.writeCase(t, p, printer.Int(0))
	if ok.typ != nil {
		b.add(printer.Define(valName.Dot("OK").Call(), "e", "_"))
		b.write(ok.typ, p.of(ok), printer.Name("e"))
	}
}
