package gen

import "github.com/witgen/witgen/gen/internal/printer"

// printExport prints how a component's instance answers calls of the Go
// interface.
func printExport(i *iface) []printer.Code {
	recv := i.local + "Export"
	keys := make([]printer.Key, len(i.funcs))
	fields := make([]printer.Field, len(i.funcs))
	for k, m := range i.funcs {
		keys[k] = printer.Key{Name: m.local, Value: printer.Name("funcs").At(printer.Int(k))}
		fields[k] = printer.Field{Name: m.local, Type: abi("Func").Pointer()}
	}
	f := printer.Func{
		Doc: printer.Wrap("Export returns the interface as a component's instance exports it. " +
			"The functions are in the order of Interface."),
		Name:   "Export",
		Params: []printer.Param{{Name: "funcs", Type: abi("Func").Pointer().Slice()}},
	}
	value := printer.Name(recv).KeyedLines(keys...).Ref()
	if len(i.resources) > 0 {
		f.Doc = printer.Wrap("Export returns the interface as a component's instance exports it. " +
			"The functions and the resources are in the order of Interface.")
		f.Params = append(f.Params, printer.Param{Name: "resources", Type: abi("Exported").Pointer().Slice()})
		f.Body = append(f.Body, printer.Define(value, "x"))
		for _, d := range i.resources {
			f.Body = append(f.Body, d.bind())
		}
		value = printer.Name("x")
	}
	if len(i.methods) > 0 {
		f.Results = []printer.Param{{Type: printer.Name(i.name)}}
		f.Body = append(f.Body, printer.Return(value))
	} else {
		f.Doc = printer.Wrap("Export lets an instance of a component make resources of the interface. " +
			"The functions and the resources are in the order of Interface.")
	}
	code := []printer.Code{f.Code(), printer.Struct(nil, recv, fields...)}
	for _, d := range i.resources {
		code = append(code, d.declareClient()...)
	}
	for _, m := range i.funcs {
		of := printer.Param{Name: "x", Type: printer.Name(recv).Pointer()}
		field := printer.Name("x")
		if m.isMethod() {
			of.Type, field = printer.Name(m.resource.client()).Pointer(), field.Dot("of")
		}
		code = append(code, printExportMethod(i, m, of, field.Dot(m.local)).Code())
	}
	return code
}

// printExportMethod prints a method that calls the function in a field.
func printExportMethod(i *iface, m *method, recv printer.Param, field printer.Code) printer.Func {
	b := newBody(i, !i.own)
	b.lowerParams(m)
	b.add(callName.Dot("Invoke").Call())
	leave := callName.Dot("Leave").Call()
	var none printer.Code // left out without a result
	if m.goResult != nil {
		none = m.zeroResult()
	}
	switch {
	case m.result == nil:
		b.add(printer.Return(leave))
	case m.result.kind == outcome:
		b.returnOutcome(m, none, leave)
	default:
		b.add(
			printer.Define(b.read(m.result, m.answered(b)), "v"),
			printer.Return(valName, leave),
		)
	}
	enter := []printer.Code{
		printer.Define(field.Dot("Enter").Call(printer.Name("ctx")), "c", "err"),
		printer.If(errName.Op("!=", nilName), printer.Return(none, errName)),
	}
	if b.memory {
		enter = append(enter, defineMem)
	}
	params, results := m.signature(func(p param) string { return p.local })
	return printer.Func{Recv: recv, Name: m.name, Params: params, Results: results, Body: append(enter, b.code...)}
}

// zeroResult returns the zero value of what the method returns.
func (m *method) zeroResult() printer.Code {
	t := m.result
	if t.kind == outcome {
		t = t.parts[0].typ
	}
	return zero(t, *m.goResult)
}

// lowerParams lowers the parameters.
func (b *body) lowerParams(m *method) {
	if m.paramsSpill {
		l := m.paramsLayout
		b.set(b.call("Alloc", printer.Int(l.Size), printer.Int(l.Align)), "params")
	}
	for k, p := range m.params {
		if k == 0 && m.isMethod() {
			b.writeIndex(p.place(m), b.call("LowerSelf", printer.Name("x").Dot("resource")))
			continue
		}
		b.write(p.typ, p.place(m), printer.Name(p.local))
	}
	if m.paramsSpill {
		b.add(printer.Set(coreName.At(printer.Int(0)), convert("uint64", printer.Name("params"))))
	}
}

// answered returns the place of the result.
func (m *method) answered(b *body) place {
	if m.resultSpills {
		return place{memory: true, base: m.resultPointer(b, 0)}
	}
	return place{base: coreName}
}

// returnOutcome returns a result as a value and an error. What went wrong with
// the call itself comes first.
func (b *body) returnOutcome(m *method, none, leave printer.Code) {
	var names []string
	var value printer.Code
	if m.goResult != nil {
		names, value = []string{"v"}, valName
	}
	b.add(
		printer.Define(b.read(m.result, m.answered(b)), append(names, "verr")...),
		printer.IfSet(printer.Define(leave, "err"), errName.Op("!=", nilName), printer.Return(none, errName)),
		printer.Return(value, printer.Name("verr")),
	)
}
