package gen

import (
	"slices"

	"github.com/witgen/witgen/gen/internal/printer"
	"github.com/witgen/witgen/wit"
)

// Variables that describe the functions of a world itself, and the resources it
// declares, to the linker.
const (
	ownImports = "ownImports"
	ownExports = "ownExports"
)

// ownFunctions is the Go interface of the functions that a world imports
// outside of interfaces, and the field that holds it.
const ownFunctions = "Functions"

// nameOwn names what stands directly in a world: its types, and the functions
// that it imports. It returns nil if there is nothing.
func nameOwn(n *namer, s, imports scope, of *world) *iface {
	w := of.wit
	i := &wit.Interface{Package: w.Package, Pos: w.Pos}
	var calls []*wit.Func
	for _, item := range w.Imports {
		switch {
		case item.Type != nil:
			i.Types = append(i.Types, item.Type)
		case item.Func != nil:
			i.Funcs = append(i.Funcs, item.Func)
		}
	}
	for _, item := range w.Exports {
		if item.Func != nil {
			calls = append(calls, item.Func)
		}
	}
	if len(i.Types)+len(i.Funcs)+len(calls) == 0 {
		return nil
	}
	x := newIface(i, worldItem(n, w), ownFunctions)
	x.pkg, x.id, x.own = of.pkg, w.ID(), true
	x.imported = len(i.Funcs) > 0 || hasResource(i)
	if hasGoInterface(i) {
		functions := own("the interface of the world's own functions")
		n.claim(s, functions, x.name)
		n.claim(s, functions, "Unimplemented"+x.name)
		n.claim(imports, own("the field of the world's own functions"), x.name)
	}
	x.nameTypes(n, s, slices.Concat(i.Funcs, calls))
	x.nameFuncs(n)
	for _, f := range calls {
		x.calls = append(x.calls, &method{wit: f})
	}
	return x
}

// finishOwn names the functions that a world exports, which are methods beside
// the fields of its interfaces, and puts what is the world's own last among the
// imports and the exports.
func (w *world) finishOwn(n *namer, fields scope) {
	x := w.own
	if x == nil {
		return
	}
	for _, m := range x.calls {
		m.nameFreestanding(n, fields, x.item)
	}
	x.funcs = append(x.funcs, x.calls...)
	x.nameLocals()
	if x.imported {
		sl := slot{iface: x}
		if len(x.methods) > 0 {
			sl.field = x.name
		}
		w.imports = append(w.imports, sl)
	}
	if len(x.calls) > 0 {
		w.exports = append(w.exports, slot{iface: x})
	}
}

// answers returns the functions that the host answers.
func (i *iface) answers() []*method {
	switch {
	case !i.imported:
		return nil
	case i.own:
		return i.funcs[:len(i.funcs)-len(i.calls)]
	}
	return i.funcs
}

// called returns the functions that the host calls.
func (i *iface) called() []*method {
	switch {
	case i.own:
		return i.calls
	case !i.exported:
		return nil
	}
	return i.funcs
}

// description returns the name of the description that the linker gets.
func (i *iface) description() string {
	if i.own {
		return ownImports
	}
	return "Interface"
}

// importFunc returns the name of the function that offers an implementation to
// components.
func (i *iface) importFunc() string {
	if i.own {
		return "import" + i.name
	}
	return "Import"
}

// ownGlue prints how the host answers the functions of the world itself, and
// calls those that it exports.
func (w *world) ownGlue() []printer.Code {
	var code []printer.Code
	i := w.own
	if i.imported {
		doc := printer.Wrap(ownImports + " describes what components import outside of interfaces to the linker.")
		code = append(code, describe(ownImports, doc, "", i.resources, i.answers()))
	}
	if len(i.calls) > 0 {
		doc := printer.Wrap(ownExports + " describes what components export outside of interfaces to the linker.")
		code = append(code, describe(ownExports, doc, "", nil, i.calls))
	}
	if i.imported {
		code = append(code, printImport(i)...)
	}
	recv := printer.Param{Name: "p", Type: printer.Name(w.name).Pointer()}
	for _, m := range i.calls {
		f := printExportMethod(i, m, recv, printer.Name("p").Dot(m.local))
		f.Doc = m.docOfOwn()
		if l := w.lacks(m); l != nil && m.needs == 0 {
			f.Doc = f.Doc.And(printer.Wrap("It fails with rt.ErrNotExported if the component does not export it: see " + l.name + "."))
		}
		if w.callsOlder() && m.needs == 0 {
			args := []printer.Code{printer.Name("ctx")}
			for _, p := range m.arguments() {
				args = append(args, printer.Name(p.local))
			}
			older := printer.Name("p").Dot("older")
			f.Body = append([]printer.Code{printer.If(older.Op("!=", nilName), printer.Return(older.Dot(m.name).Call(args...)))}, f.Body...)
		}
		code = append(code, f.Code())
	}
	for _, g := range i.glue {
		code = append(code, printGlue(i, g))
	}
	return code
}
