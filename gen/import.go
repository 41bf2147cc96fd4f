package gen

import "github.com/witgen/witgen/gen/internal/printer"

// printImport prints how a Go interface answers a component's calls.
func printImport(i *iface) []printer.Code {
	recv := i.local + "Import"
	var funcs, types []printer.Code
	for _, m := range i.answers() {
		if m.needs != 0 {
			funcs = append(funcs, m.notSupportedFunc())
			continue
		}
		funcs = append(funcs, printer.Name("x").Dot(m.local))
	}
	for _, d := range i.resources {
		types = append(types, d.typeName())
	}
	keys := []printer.Key{{Name: "Interface", Value: printer.Name(i.description())}}
	if len(funcs) > 0 {
		keys = append(keys, printer.Key{Name: "Funcs", Value: listLiteral(abi("HostFunc").Slice(), funcs)})
	}
	offer := printer.Qual(rtPath, "Import").Keyed
	if len(types) > 0 {
		keys = append(keys, printer.Key{Name: "Resources", Value: listLiteral(printer.Qual(rtPath, "ResourceType").Pointer().Slice(), types)})
		offer = printer.Qual(rtPath, "Import").KeyedLines
	}
	f := printer.Func{
		Doc:     printer.Wrap(i.importFunc() + " offers the interface to a component that imports it."),
		Name:    i.importFunc(),
		Results: []printer.Param{{Type: printer.Qual(rtPath, "Import")}},
		Body:    []printer.Code{printer.Return(offer(keys...))},
	}
	var fields []printer.Field
	var values []printer.Code
	if len(i.methods) > 0 {
		f.Doc = printer.Wrap(i.importFunc() + " offers host to a component that imports the interface.")
		f.Params = []printer.Param{{Name: "host", Type: printer.Name(i.name)}}
	}
	if len(callable(i.methods)) > 0 {
		fields = []printer.Field{{Name: "host", Type: printer.Name(i.name)}}
		values = []printer.Code{printer.Name("host")}
	} else if len(i.methods) > 0 {
		f.Params[0].Name = "_"
		f.Doc = printer.Wrap(i.importFunc() + " offers the interface to a component that imports it. " +
			"None of the functions that the host has can be called.")
	}
	if i.own {
		f.Doc = printer.Wrap(i.importFunc() + " offers the functions and resources of the world itself.")
	}
	var code []printer.Code
	answers := callable(i.answers())
	if len(answers) > 0 {
		f.Body = append([]printer.Code{printer.Define(printer.Name(recv).List(values...), "x")}, f.Body...)
		code = append(code, printer.ShortStruct(nil, recv, fields...))
	}
	code = append([]printer.Code{f.Code()}, code...)
	for _, d := range i.resources {
		code = append(code, d.declareType())
	}
	for _, m := range answers {
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
	b := newBody(i, false)
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
	recv := printer.Param{Type: printer.Name(i.local + "Import")}
	if !m.isMethod() {
		recv.Name = "x"
	}
	return printer.Func{
		Recv:   recv,
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
	host, args := printer.Name("x").Dot("host"), []printer.Code{printer.Name("ctx")}
	owns := false
	for k, p := range m.params {
		b.set(b.read(p.typ, p.place(m)), p.local)
		if k == 0 && m.isMethod() {
			host = printer.Name(p.local)
		} else {
			args = append(args, printer.Name(p.local))
		}
		check = check || p.typ.fallible()
		owns = owns || p.typ.owns
	}
	if m.resultSpills {
		b.set(m.resultPointer(b, m.resultSlot), "ret")
	}
	switch {
	case owns:
		b.add(printer.If(b.call("Lifted").Not(), printer.Return()))
	case check:
		b.add(printer.If(b.call("Err").Op("!=", nilName), printer.Return()))
	}
	return host.Dot(m.name).Call(args...)
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
	b.add(b.glueFor(m.result, d).Call(args...))
}
