package gen

import (
	"slices"
	"strconv"

	"github.com/witgen/witgen/gen/internal/printer"
)

// converter prints the function of a conversion.
type converter struct {
	*conversion
	bridge  *bridge
	version string // that it converts to
	code    []printer.Code
	locals  int
	made    []printer.Code // closes the resources that were made so far
}

// printConversion prints the function of a conversion, or says that it is the
// user's to write.
func (b *bridge) printConversion(c *conversion) []printer.Code {
	f := printer.Func{
		Name:    c.name,
		Params:  []printer.Param{{Name: "v", Type: c.from.goType.code()}},
		Results: []printer.Param{{Type: c.to.goType.code()}},
	}
	if c.fails {
		f.Results = append(f.Results, errResult)
	}
	if c.missing != "" {
		return b.yours(c, f)
	}
	if c.closes() {
		f.Params = slices.Insert(f.Params, 0, ctxParam)
	}
	p := &converter{conversion: c, bridge: b, version: b.version(c.up)}
	p.print()
	f.Doc = printer.Wrap(c.name + " returns " + article(c.from.text) + " of version " + b.version(!c.up) + " as version " + b.version(c.up) + " has it.")
	f.Body = p.code
	return []printer.Code{f.Code()}
}

// add adds statements.
func (p *converter) add(code ...printer.Code) { p.code = append(p.code, code...) }

// block returns the statements that add adds to a block of their own.
func (p *converter) block(add func(in *converter)) []printer.Code {
	in := *p
	in.code = nil
	add(&in)
	return in.code
}

// done returns a value.
func (p *converter) done(v printer.Code) {
	if p.fails {
		p.add(printer.Return(v, nilName))
	} else {
		p.add(printer.Return(v))
	}
}

// lossy returns the error of what cannot be said.
func (p *converter) lossy(what printer.Code) printer.Code {
	return printer.Return(p.zero(), abi("Lossy").Call(printer.String(p.version), what))
}

func (p *converter) zero() printer.Code { return zero(p.to, p.to.goType) }

// part returns a value as the other version has it, after what that takes.
func (p *converter) part(c *conversion, v printer.Code) printer.Code {
	value := c.call(p.version, v)
	if c == nil || !c.fails {
		return value
	}
	name := "p" + strconv.Itoa(p.locals)
	p.locals++
	p.add(
		printer.Define(value, name, "err"),
		printer.If(errName.Op("!=", nilName), append(slices.Clone(p.made), printer.Return(p.zero(), errName))...),
	)
	if c.makes {
		p.made = append(slices.Clip(p.made), p.bridge.discardMade(c, printer.Name(name)))
	}
	return printer.Name(name)
}

// call returns what converts a value: with an error beside it if that fails.
func (c *conversion) call(version string, v printer.Code) printer.Code {
	switch {
	case c == nil:
		return v
	case !c.inline():
		if c.closes() {
			return printer.Name(c.name).Call(printer.Name("ctx"), v)
		}
		return printer.Name(c.name).Call(v)
	case c.from.kind != primitive:
		return cm("Some").Of(c.to.parts[0].typ.goType.code()).Call(c.parts[0].call(version, v))
	case c.fails:
		return abi("Narrow").Of(c.to.goType.code()).Call(printer.String(version), v)
	}
	return c.to.goType.code().Call(v)
}

// print prints the body of the function.
func (p *converter) print() {
	switch p.to.kind {
	case list, bytes, numbers, array:
		if p.from.kind != option {
			p.printList()
			return
		}
	case record, tuple:
		if p.from.kind != option {
			p.printFields()
			return
		}
	case mapping:
		if p.from.kind != option {
			p.printMap()
			return
		}
	}
	switch {
	case p.from.kind == option:
		p.printOption()
	case p.to.kind == option:
		p.done(cm("Some").Of(p.to.parts[0].typ.goType.code()).Call(p.part(p.parts[0], valName)))
	case p.to.kind == result:
		p.printResult()
	case p.to.kind == variant:
		p.printVariant()
	case p.to.kind == enum:
		p.printEnum()
	case p.to.kind == flags:
		p.printFlags()
	case p.to.kind == handle:
		p.printHandle()
	}
}

// discardOut has what is in out so far be closed if more of it fails.
func (p *converter) discardOut() {
	if p.makes {
		p.made = []printer.Code{p.bridge.discardMade(p.conversion, printer.Name("out"))}
	}
}

func (p *converter) printList() {
	if p.to.kind == array {
		p.add(printer.Declare("out", p.to.goType.code()))
	} else {
		p.add(printer.Define(printer.Name("make").Call(p.to.goType.code(), printer.Name("len").Call(valName)), "out"))
	}
	i := printer.Name("i")
	p.add(printer.Range("i", valName, p.block(func(in *converter) {
		in.discardOut()
		in.add(printer.Set(printer.Name("out").At(i), in.part(p.parts[0], valName.At(i))))
	})...))
	p.done(printer.Name("out"))
}

func (p *converter) printMap() {
	p.add(printer.Define(printer.Name("make").Call(p.to.goType.code(), printer.Name("len").Call(valName)), "out"))
	p.add(printer.RangePairs("key", "value", valName, p.block(func(in *converter) {
		in.discardOut()
		key := in.part(p.parts[0], printer.Name("key"))
		if c := p.parts[0]; c != nil && c.missing != "" { // the user's may make one of two
			one := p.lossy(printer.String(article(p.from.text) + " of which some keys are one"))
			in.add(printer.IfSet(printer.Define(printer.Name("out").At(key), "_", "ok"), printer.Name("ok"), append(slices.Clone(in.made), one)...))
		}
		in.add(printer.Set(printer.Name("out").At(key), in.part(p.parts[1], printer.Name("value"))))
	})...))
	p.done(printer.Name("out"))
}

func (p *converter) printFields() {
	for _, k := range p.gone {
		q := p.from.parts[k]
		p.add(printer.If(present(valName.Dot(q.name), q.typ), p.lossy(printer.String("field "+p.from.decl.members[k].wit+" of "+p.from.text))))
	}
	var keys []printer.Key
	for k, q := range p.to.parts {
		if p.of[k] >= 0 {
			keys = append(keys, printer.Key{Name: q.name, Value: p.part(p.parts[k], valName.Dot(p.from.parts[p.of[k]].name))})
		}
	}
	p.done(p.to.goType.code().KeyedLines(keys...))
}

// present returns whether a value is something where its zero value stands for
// nothing.
func present(v printer.Code, t *typ) printer.Code {
	switch t.kind {
	case option:
		return v.Dot("IsSome").Call()
	case flags:
		return v.Op("!=", printer.Int(0))
	case record, tuple:
		var all printer.Code
		for k, q := range t.parts {
			one := present(v.Dot(q.name), q.typ)
			if k == 0 {
				all = one
			} else {
				all = all.Op("||", one)
			}
		}
		return all
	}
	return printer.Name("len").Call(v).Op(">", printer.Int(0))
}

func (p *converter) printOption() {
	var missing printer.Code
	if p.to.kind == option {
		none := []printer.Code{cm("None").Of(p.to.parts[0].typ.goType.code()).Call()}
		if p.fails {
			none = append(none, nilName)
		}
		missing = printer.Return(none...)
	} else {
		missing = p.lossy(printer.String("none as " + p.to.text))
	}
	p.add(printer.Define(valName.Dot("Get").Call(), "e", "ok"), printer.If(printer.Name("ok").Not(), missing))
	value := p.part(p.parts[0], printer.Name("e"))
	if p.to.kind == option {
		value = cm("Some").Of(p.to.parts[0].typ.goType.code()).Call(value)
	}
	p.done(value)
}

func (p *converter) printResult() {
	types := []printer.Code{p.to.goType.args[0].code(), p.to.goType.args[1].code()}
	p.add(printer.IfSet(printer.Define(valName.Dot("Err").Call(), "e", "failed"), printer.Name("failed"), p.block(func(in *converter) {
		in.done(cm("Fail").Of(types...).Call(in.part(p.parts[1], printer.Name("e"))))
	})...))
	p.add(printer.Define(valName.Dot("OK").Call(), "e", "_"))
	p.done(cm("OK").Of(types...).Call(p.part(p.parts[0], printer.Name("e"))))
}

func (p *converter) printVariant() {
	var cases []printer.Code
	on := valName.Cast(printer.Name("type"))
	for k, m := range p.to.decl.members {
		if p.of[k] < 0 {
			continue
		}
		old := p.from.parts[p.of[k]]
		if old.typ != nil {
			on = printer.Define(valName.Cast(printer.Name("type")), "v")
		}
		cases = append(cases, printer.Case(printer.Qual(p.from.goType.pkg, old.name), p.block(func(in *converter) {
			value := printer.Qual(p.to.goType.pkg, m.name)
			if old.typ == nil {
				in.done(value.List())
				return
			}
			in.done(value.Keyed(printer.Key{Name: "Value", Value: in.part(p.parts[k], valName.Dot("Value"))}))
		})...))
	}
	p.add(printer.Switch(on, cases...))
	p.add(p.lossy(printer.Qual("fmt", "Sprintf").Call(printer.String("%T of "+p.from.text), valName)))
}

func (p *converter) printEnum() {
	var cases []printer.Code
	for k, m := range p.to.decl.members {
		if p.of[k] >= 0 {
			old := p.from.decl.members[p.of[k]]
			cases = append(cases, printer.Case(printer.Qual(p.from.goType.pkg, old.name),
				printer.Return(printer.Qual(p.to.goType.pkg, m.name), nilName)))
		}
	}
	p.add(printer.Switch(valName, cases...))
	p.add(p.lossy(printer.String("case ").Op("+", valName.Dot("String").Call()).Op("+", printer.String(" of "+p.from.text))))
}

func (p *converter) printFlags() {
	if len(p.gone) > 0 {
		var all printer.Code
		for k, j := range p.gone {
			flag := printer.Qual(p.from.goType.pkg, p.from.decl.members[j].name)
			if k == 0 {
				all = flag
			} else {
				all = all.Op("|", flag)
			}
		}
		if len(p.gone) > 1 {
			all = all.Paren()
		}
		p.add(
			printer.Define(valName.Op("&", all), "gone"),
			printer.If(printer.Name("gone").Op("!=", printer.Int(0)),
				p.lossy(printer.String("flags ").Op("+", printer.Name("gone").Dot("String").Call()).Op("+", printer.String(" of "+p.from.text)))),
		)
	}
	out := printer.Name("out")
	p.add(printer.Declare("out", p.to.goType.code()))
	for k, m := range p.to.decl.members {
		if p.of[k] >= 0 {
			old := printer.Qual(p.from.goType.pkg, p.from.decl.members[p.of[k]].name)
			p.add(printer.If(valName.Dot("Has").Call(old), out.Op("|=", printer.Qual(p.to.goType.pkg, m.name))))
		}
	}
	p.done(out)
}

// printHandle wraps a resource, or takes it out of what it was wrapped in. Nil is
// no resource in any version.
func (p *converter) printHandle() {
	wrapped := printer.Name(p.wrapper.name)
	if !p.fails {
		p.add(printer.If(valName.Op("==", nilName), printer.Return(nilName)))
		p.done(wrapped.List(valName))
		return
	}
	p.add(
		printer.IfSet(printer.Define(valName.Cast(wrapped), "w", "ok"), printer.Name("ok"), printer.Return(printer.Name("w").Dot("of"), nilName)),
		p.lossy(printer.String("a "+p.from.decl.wit.Name+" that is none of that version")),
	)
}
