package gen

import "github.com/witgen/witgen/gen/internal/printer"

// stub refers to a function that is the user's to write.
func (b *bridge) stub(f printer.Func, why string) printer.Code {
	name := f.Name
	doc := printer.Wrap(name + " is yours to write, in a file of your own in this package. " + why)
	f.Name = ""
	return printer.Var(doc, "_", f.Type(), printer.Name(name))
}

// yours prints a conversion that is the user's to write: of what may be nil in Go it
// is called by a function that lets no nil pass, which is nothing in WIT.
func (b *bridge) yours(c *conversion, f printer.Func) []printer.Code {
	why := c.missing
	if c.from.sided || c.to.sided {
		why += " The resources are those that " + c.side() + "."
	}
	if c.from.owns {
		why += " If it fails, it leaves closing those in v to its caller."
	}
	if c.makes {
		why += " What it has made is closed if the rest of a call has no place in that version."
	}
	if c.yours == "" {
		return []printer.Code{b.stub(f, why)}
	}
	version := b.version(c.up)
	lossy := func(what printer.Code) printer.Code {
		return printer.Return(zero(c.to, c.to.goType), abi("Lossy").Call(printer.String(version), what))
	}
	var body []printer.Code
	if c.from.nilable() {
		body = append(body, printer.If(valName.Op("==", nilName), lossy(printer.String(article(c.from.text)+" that is nil"))))
	}
	made := printer.Name(c.yours).Call(valName)
	if c.to.nilable() {
		out := printer.Name("out")
		body = append(body,
			printer.Define(made, "out", "err"),
			printer.If(errName.Op("==", nilName).Op("&&", out.Op("==", nilName)),
				lossy(printer.String(article(c.from.text)+" of which "+c.yours+" makes nil"))),
			printer.Return(out, errName))
	} else {
		body = append(body, printer.Return(made))
	}
	checked := f
	checked.Doc = printer.Wrap(c.name + " calls " + c.yours + ", which is given no nil and may make none.")
	checked.Body = body
	f.Name = c.yours
	return []printer.Code{checked.Code(), b.stub(f, why)}
}

// side says who has the resources of an interface that the world exports.
func (c *conversion) side() string {
	if c.exported {
		return "guests export"
	}
	return "guests import"
}

// nilable reports whether values of a type are interfaces in Go, of which nil is
// none.
func (t *typ) nilable() bool { return t.kind == handle || t.kind == variant }
