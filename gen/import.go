package gen

import "github.com/witgen/witgen/gen/internal/printer"

// printImport prints how a Go interface answers a component's calls.
func printImport(i *iface) []printer.Code {
	recv := i.local + "Import"
	var funcs []printer.Code
	for _, m := range i.methods {
		funcs = append(funcs, printer.Name("x").Dot(m.local))
	}
	hostFuncs := listLiteral(abi("HostFunc").Slice(), funcs)
	code := []printer.Code{
		printer.Func{
			Doc:     printer.Wrap("Import offers host to a component that imports the interface."),
			Name:    "Import",
			Params:  []printer.Param{{Name: "host", Type: printer.Name(i.name)}},
			Results: []printer.Param{{Type: printer.Qual(rtPath, "Import")}},
			Body: []printer.Code{
				printer.Define(printer.Name(recv).List(printer.Name("host")), "x"),
				printer.Return(printer.Qual(rtPath, "Import").Keyed(
					printer.Key{Name: "Interface", Value: printer.Name("Interface")},
					printer.Key{Name: "Funcs", Value: hostFuncs},
				)),
			},
		}.Code(),
		printer.ShortStruct(nil, recv, printer.Field{Name: "host", Type: printer.Name(i.name)}),
	}
	for _, m := range i.methods {
		code = append(code, printImportMethod(i, m))
	}
	return code
}

// listLiteral breaks a list that is too long for a line.
func listLiteral(t printer.Code, values []printer.Code) printer.Code {
	if len(values) > 4 {
		return t.Lines(values...)
	}
	return t.List(values...)
}

func printImportMethod(i *iface, m *method) printer.Code {
	b := newBody(i)
	b.add(defineMem)
	host := b.liftParams(m)
	switch {
	case m.result == nil:
		b.add(printer.IfSet(printer.Define(host, "err"), errName.Op("!=", nilName), b.call("Trap", errName)))
	case m.result.kind == outcome:
		b.answerOutcome(m, host)
	default:
		b.add(
			printer.Define(host, "v", "err"),
			printer.If(errName.Op("!=", nilName), b.call("Trap", errName), printer.Return()),
		)
		b.write(m.result, m.answer(), valName)
	}
	return printer.Func{
		Recv:   printer.Param{Name: "x", Type: printer.Name(i.local + "Import")},
		Name:   m.local,
		Params: []printer.Param{ctxParam, {Name: "c", Type: abi("Call").Pointer()}},
		Body:   b.code,
	}.Code()
}

// liftParams lifts the parameters and returns the call of the host's method.
func (b *body) liftParams(m *method) printer.Code {
	check := m.resultSpills || m.paramsSpill
	if m.paramsSpill {
		l := m.paramsLayout
		b.set(b.call("Ptr", coreName.At(printer.Int(0)), printer.Int(l.Size), printer.Int(l.Align)), "params")
	}
	args := []printer.Code{printer.Name("ctx")}
	for _, p := range m.params {
		b.set(b.read(p.typ, p.place(m)), p.local)
		args = append(args, printer.Name(p.local))
		check = check || p.typ.fallible()
	}
	if m.resultSpills {
		b.set(m.resultPointer(b, m.resultSlot), "ret")
	}
	if check {
		b.add(printer.If(b.call("Err").Op("!=", nilName), printer.Return()))
	}
	return printer.Name("x").Dot("host").Dot(m.name).Call(args...)
}

// answer returns the place of the result.
func (m *method) answer() place {
	if m.resultSpills {
		return place{memory: true, base: printer.Name("ret")}
	}
	return place{base: coreName}
}

// answerOutcome calls the host and writes what it returns as a result.
func (b *body) answerOutcome(m *method, host printer.Code) {
	var names []string
	var values []printer.Code
	if m.goResult != nil {
		names, values = []string{"v"}, []printer.Code{valName}
	}
	b.add(printer.Define(host, append(names, "err")...))
	p, d, at := m.answer(), lower, coreName.From(printer.Int(0))
	if p.memory {
		d, at = store, p.addr()
	}
	args := append([]printer.Code{b.mem(), at}, append(values, errName)...)
	b.add(printer.Name(b.iface.glueName(m.result, d)).Call(args...))
}
