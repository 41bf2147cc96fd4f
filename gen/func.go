package gen

import "github.com/witgen/witgen/gen/internal/printer"

// Parameters that all of a kind of function share.
var (
	ctxParam  = printer.Param{Name: "ctx", Type: printer.Qual("context", "Context")}
	errResult = printer.Param{Type: printer.Name("error")}
	memParam  = printer.Param{Name: "m", Type: abi("Mem").Pointer()}
)

// printGlue prints a function that carries a type in a direction.
func printGlue(i *iface, g glue) printer.Code {
	b := newBody(i, g.exported)
	t, name := g.typ, i.glueNames[g]
	p := place{memory: g.direction == load || g.direction == store, base: flatName}
	f := printer.Func{
		Doc:    printer.Wrap(name + " " + directionNames[g.direction] + "s " + article(t.text) + "."),
		Name:   name,
		Params: []printer.Param{memParam, {Name: "flat", Type: printer.Name("uint64").Slice()}},
	}
	if p.memory {
		p.base = ptrName
		f.Params[1] = printer.Param{Name: "ptr", Type: printer.Name("uint32")}
	}
	pair := []printer.Param{{Name: "ptr", Same: true}, {Name: "n", Type: printer.Name("uint32")}}
	switch {
	case g.direction <= load:
		f.Results = t.results(t.goType)
		if t.counted() && !p.memory {
			f.Params = append(f.Params[:1:1], pair...)
		}
		b.readGlue(t, p)
	default:
		if t.counted() && !p.memory {
			f.Params, f.Results = f.Params[:1:1], pair
		}
		f.Params = append(f.Params, t.values()...)
		b.writeGlue(t, p)
	}
	f.Body = b.code
	return f.Code()
}

// results returns what lifting a type returns.
func (t *typ) results(g goType) []printer.Param {
	if t.kind != outcome {
		return []printer.Param{{Type: g.code()}}
	}
	if ok := t.parts[0].typ; ok != nil {
		return []printer.Param{{Type: ok.goType.code()}, errResult}
	}
	return []printer.Param{errResult}
}

// values returns the parameters that lowering a type takes.
func (t *typ) values() []printer.Param {
	if t.kind != outcome {
		return []printer.Param{{Name: "v", Type: t.goType.code()}}
	}
	failure := printer.Param{Name: "err", Type: printer.Name("error")}
	if ok := t.parts[0].typ; ok != nil {
		return []printer.Param{{Name: "v", Type: ok.goType.code()}, failure}
	}
	return []printer.Param{failure}
}

// readGlue is the body of a type's lift or load.
func (b *body) readGlue(t *typ, p place) {
	switch t.kind {
	case list:
		b.readList(t, p)
	case array:
		b.readArray(t, p)
	case mapping:
		b.readMap(t, p)
	case record, tuple:
		b.readFields(t, p)
	case variant:
		b.readVariant(t, p)
	case enum:
		b.readEnum(t, p)
	case flags:
		b.readFlags(t, p)
	case option:
		b.readOption(t, p)
	case result:
		b.readResult(t, p)
	case outcome:
		b.readOutcome(t, p)
	}
}

// writeGlue is the body of a type's lower or store.
func (b *body) writeGlue(t *typ, p place) {
	switch t.kind {
	case list:
		b.writeList(t, p)
	case array:
		b.writeArray(t, p)
	case mapping:
		b.writeMap(t, p)
	case record, tuple:
		b.writeFields(t, p)
	case variant:
		b.writeVariant(t, p)
	case enum:
		b.writeEnum(t, p)
	case flags:
		b.writeFlags(t, p)
	case option:
		b.writeOption(t, p)
	case result:
		b.writeResult(t, p)
	case outcome:
		b.writeOutcome(t, p)
	}
}

// signature returns the parameters of a method, by one of its sets of names,
// and its results.
func (m *method) signature(name func(param) string) (params, results []printer.Param) {
	params = []printer.Param{ctxParam}
	arguments := m.arguments()
	for k, p := range arguments {
		same := k+1 < len(arguments) && p.goType.String() == arguments[k+1].goType.String()
		params = append(params, printer.Param{Name: name(p), Type: p.goType.code(), Same: same})
	}
	if m.goResult != nil {
		results = append(results, printer.Param{Type: m.goResult.code()})
	}
	return params, append(results, errResult)
}

// place returns where a parameter lies in a call.
func (p param) place(m *method) place {
	if m.paramsSpill {
		return place{memory: true, base: printer.Name("params"), at: p.offset}
	}
	return place{base: coreName, at: uint32(p.slot)}
}

// resultPointer checks the pointer to a spilled result.
func (m *method) resultPointer(b *body, core int) printer.Code {
	l := m.result.Layout
	return b.call("Ptr", coreName.At(printer.Int(core)), printer.Int(l.Size), printer.Int(l.Align))
}

var (
	callName  = printer.Name("c")
	coreName  = callName.Dot("Flat")
	defineMem = printer.Define(callName.Dot("Mem").Ref(), "m")
)
