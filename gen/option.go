package gen

import "github.com/witgen/witgen/gen/internal/printer"

func (b *body) readOption(t *typ, p place) {
	elem := t.parts[0]
	b.add(
		printer.If(b.readCase(t, 2, p).Op("==", printer.Int(0)), printer.Return(t.goType.code().List())),
		printer.Return(cm("Some").Call(b.read(elem.typ, p.of(elem)))),
	)
}

func (b *body) writeOption(t *typ, p place) {
	elem := t.parts[0]
	b.add(
		printer.Define(valName.Dot("Get").Call(), "e", "ok"),
		printer.If(printer.Name("!ok"), b.block(func(in *body) {
			in.writeCase(t, p, printer.Int(0))
			in.add(printer.Return())
		})...),
	)
	b.writeCase(t, p, printer.Int(1))
	b.write(elem.typ, p.of(elem), printer.Name("e"))
}
