package gen

import "github.com/witgen/witgen/gen/internal/printer"

// printExport prints how a component's instance answers calls of the Go
// interface.
func printExport(i *iface) []printer.Code {
	recv := i.local + "Export"
	var keys []printer.Key
	var fields []printer.Field
	for k, m := range i.funcs {
		if m.needs == 0 {
			keys = append(keys, printer.Key{Name: m.local, Value: printer.Name("funcs").At(printer.Int(k))})
			fields = append(fields, printer.Field{Name: m.local, Type: abi("Func").Pointer()})
		}
	}
	f := printer.Func{
		Doc: printer.Wrap("Export returns the interface as a component's instance exports it. " +
			"The functions are in the order of Interface."),
		Name:   "Export",
		Params: []printer.Param{{Name: "funcs", Type: abi("Func").Pointer().Slice()}},
	}
	if len(keys) == 0 {
		f.Params[0].Name = "_"
	}
	value := printer.Name(recv).KeyedLines(keys...).Ref()
	holds := len(i.methods) > 0 || len(keys) > 0 // a value that functions are called through
	if len(i.resources) > 0 {
		f.Doc = printer.Wrap("Export returns the interface as a component's instance exports it. " +
			"The functions and the resources are in the order of Interface.")
		f.Params = append(f.Params, printer.Param{Name: "resources", Type: abi("Exported").Pointer().Slice()})
		if holds {
			f.Body = append(f.Body, printer.Define(value, "x"))
		}
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
	code := []printer.Code{f.Code()}
	if holds {
		code = append(code, printer.Struct(nil, recv, fields...))
	}
	for _, d := range i.resources {
		code = append(code, d.declareClient()...)
	}
	for _, m := range i.funcs {
		of := printer.Param{Name: "x", Type: printer.Name(recv).Pointer()}
		field := printer.Name("x")
		if m.isMethod() {
			of.Type, field = printer.Name(m.resource.client).Pointer(), field.Dot("of")
		}
		code = append(code, printExportMethod(i, m, of, field.Dot(m.local)).Code())
	}
	return code
}

// printExportMethod prints a method that calls the function in a field.
func printExportMethod(i *iface, m *method, recv printer.Param, field printer.Code) printer.Func {
	if m.needs != 0 {
		recv.Name = ""
		return m.refuse(recv, m.notSupported(i))
	}
	b := newBody(i, !i.own)
	b.lowerParams(m)
	names := m.resultNames()
	switch {
	case m.wit.Async:
		b.await(m, names)
	case m.result == nil:
		b.add(invoke)
	default:
		b.add(invoke, printer.Define(b.read(m.result, m.answered(b)), names...))
	}
	leave := callName.Dot("Leave").Call()
	var value, none printer.Code // left out without a result
	if m.goResult != nil {
		value, none = valName, m.zeroResult()
	}
	if m.result != nil && m.result.kind == outcome { // what went wrong with the call itself comes first
		b.add(
			printer.IfSet(printer.Define(leave, "err"), errName.Op("!=", nilName), printer.Return(none, errName)),
			printer.Return(value, printer.Name("verr")),
		)
	} else {
		b.add(printer.Return(value, leave))
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

// resultNames returns the names that a result has in the glue of a call.
func (m *method) resultNames() []string {
	var names []string
	if m.goResult != nil {
		names = append(names, "v")
	}
	if m.result != nil && m.result.kind == outcome {
		names = append(names, "verr")
	}
	return names
}

var invoke = callName.Dot("Invoke").Call()
