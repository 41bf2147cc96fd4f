package gen

import (
	"slices"

	"github.com/witgen/witgen/gen/internal/printer"
)

// printWorld prints the package of a world: what people read, and the glue of
// what stands directly in it.
func printWorld(p *plan) ([]File, error) {
	w := p.world
	doc := printer.Wrap("Package " + w.pkg.name + " runs components of the WIT world " + w.wit.ID() + ".")
	f := w.newFile(p, "", doc)
	f.Add(printer.Use(abi("Version1")))
	f.Add(w.aliases()...)
	f.Add(
		w.importsStruct(), w.instanceStruct(),
		w.instantiate(), w.close(), w.runtime())
	f.Add(w.questions()...)
	f.Add(
		w.preparedStruct(), w.prepare(), w.preparedInstantiate(), w.preparedWorld(),
	)
	f.Add(w.olderFunctions()...)
	if w.own != nil {
		f.Add(declareInterface(w.own)...)
		for _, d := range w.own.decls {
			f.Add(d.declare()...)
		}
		f.Add(declareUnimplemented(w.own)...)
	}
	read, err := render(f, w.pkg.file(""))
	if err != nil || w.own == nil || !w.own.linked() {
		return []File{read}, err
	}
	glue := w.newFile(p, "_abi", nil)
	glue.Add(printer.Use(abi("Version1")))
	glue.Add(w.ownGlue()...)
	glueFile, err := render(glue, w.pkg.file("_abi"))
	return []File{read, glueFile}, err
}

// newFile returns an empty file of the package, of a kind as in goPackage.file.
func (w *world) newFile(p *plan, kind string, doc printer.Comment) *printer.File {
	f := printer.NewFile(w.pkg.path, w.pkg.name, p.header(w.pkg.file(kind)), doc)
	importKnown(f)
	for pkg, name := range w.names {
		f.Import(pkg.path, name)
	}
	return f
}

// aliases declares the descriptions of the interfaces that the world has names
// for.
func (w *world) aliases() []printer.Code {
	var code []printer.Code
	for _, s := range slices.Concat(w.imports, w.exports) {
		if s.alias != "" {
			doc := printer.Wrap(s.alias + " describes what the world calls " + s.label + ".")
			code = append(code, printer.Var(doc, s.alias, printer.Code{},
				printer.Qual(s.iface.pkg.path, "Interface").Dot("As").Call(printer.String(s.label))))
		}
	}
	return code
}

// Types and parameters of a world's package.
var (
	instanceType   = printer.Qual(rtPath, "Instance").Pointer()
	linkedType     = printer.Qual(rtPath, "Linked").Pointer()
	componentParam = printer.Param{Name: "component", Type: printer.Qual(rtPath, "Component").Pointer()}
	importsParam   = printer.Param{Name: "imports", Type: printer.Name("Imports")}
	configParam    = printer.Param{Name: "config", Type: printer.Qual(rtPath, "InstanceConfig")}
)

// fields returns a struct's fields for the interfaces that have functions.
func (w *world) fields(slots []slot) []printer.Field {
	var fields []printer.Field
	for _, s := range slots {
		if s.field == "" {
			continue
		}
		field := printer.Field{
			Doc: printer.Lines(string(s.docs)), Name: s.field, Type: printer.Qual(s.iface.pkg.path, s.iface.name), Note: s.note(),
		}
		if s.option() {
			field.Type = printer.Qual(cmPath, "Option").Of(field.Type)
			field.Note += ", if the component exports it"
		}
		fields = append(fields, field)
	}
	return fields
}

func (w *world) importsStruct() printer.Code {
	text := "Imports is what a component of the world " + w.wit.Name + " imports from its host."
	if w.wasi {
		text = "Imports is what a component of the world " + w.wit.Name + " imports from its host beside WASI, " +
			"which instances are given by wasi.Imports in their configuration: see package " + rtPath + "/wasi."
	}
	fields := w.fields(w.imports)
	if len(fields) == 0 {
		return printer.ShortStruct(printer.Wrap(text+" That is nothing."), "Imports")
	}
	return printer.Struct(printer.Wrap(text).Then("Every field must be set."), "Imports", fields...)
}

func (w *world) instanceStruct() printer.Code {
	doc := printer.Wrap(w.name + " is an instance of a component of the world " + w.wit.Name + ".").
		And(printer.Lines(string(w.wit.Docs))).
		And(printer.Wrap("Its methods may be called from any number of goroutines, which take turns.")).
		And(deprecated(w.wit.Stability))
	fields := append(w.fields(w.exports), printer.Field{Name: "instance", Type: instanceType})
	if w.own != nil {
		for _, m := range callable(w.own.calls) {
			fields = append(fields, printer.Field{Name: m.local, Type: abi("Func").Pointer()})
		}
	}
	if w.callsOlder() {
		fields = append(fields, printer.Field{Name: "older", Type: printer.Name(olderExports)})
	}
	fields = append(fields, w.optionalFields()...)
	return printer.Struct(doc, w.name, fields...)
}

func (w *world) instantiate() printer.Code {
	return printer.Func{
		Doc: printer.Wrap("Instantiate links a component to the imports and starts an instance of it. " +
			"To start many, link once with Prepare."),
		Name:    "Instantiate",
		Params:  []printer.Param{ctxParam, componentParam, importsParam, configParam},
		Results: []printer.Param{{Type: printer.Name(w.name).Pointer()}, errResult},
		Body: []printer.Code{
			printer.Define(printer.Name("Prepare").Call(printer.Name("component")), "p", "err"),
			printer.If(errName.Op("!=", nilName), printer.Return(nilName, errName)),
			printer.Return(printer.Name("p").Dot("Instantiate").Call(
				printer.Name("ctx"), printer.Name("imports"), printer.Name("config"))),
		},
	}.Code()
}

func (w *world) close() printer.Code {
	return printer.Func{
		Doc: printer.Wrap("Close ends the instance, after the call that runs in it if there is one. " +
			"It does nothing the second time."),
		Recv:    printer.Param{Name: "p", Type: printer.Name(w.name).Pointer()},
		Name:    "Close",
		Params:  []printer.Param{ctxParam},
		Results: []printer.Param{errResult},
		Body: []printer.Code{printer.Return(
			printer.Name("p").Dot("instance").Dot("Close").Call(printer.Name("ctx")))},
		Short: true,
	}.Code()
}

func (w *world) runtime() printer.Code {
	return printer.Func{
		Doc: printer.Wrap("RT returns the instance of package rt, which says what memory and fuel it has used, " +
			"and whether it can still be called."),
		Recv:    printer.Param{Name: "p", Type: printer.Name(w.name).Pointer()},
		Name:    "RT",
		Results: []printer.Param{{Type: instanceType}},
		Body:    []printer.Code{printer.Return(printer.Name("p").Dot("instance"))},
		Short:   true,
	}.Code()
}

func (w *world) preparedStruct() printer.Code {
	if len(w.bridges) > 0 {
		return w.preparedOlder()
	}
	return printer.ShortStruct(
		printer.Wrap("Prepared is a component that fits the world "+w.wit.Name+". It may be shared between goroutines."),
		"Prepared", printer.Field{Name: "linked", Type: linkedType})
}

// preparedOlder is the struct where the component may be one of an older version.
func (w *world) preparedOlder() printer.Code {
	older := printer.Func{
		Name: "instantiate", Params: []printer.Param{ctxParam, importsParam, configParam},
		Results: []printer.Param{{Type: printer.Name(w.name).Pointer()}, errResult},
	}
	return printer.Struct(
		printer.Wrap("Prepared is a component that fits the world "+w.wit.Name+", or an older version of it. It may be shared between goroutines."),
		"Prepared", printer.Field{Name: "linked", Type: linkedType},
		printer.Field{Name: "older", Type: printer.InterfaceType(older), Note: "of an older version; else nil"})
}

func (w *world) prepare() printer.Code {
	but := ""
	if len(w.optional()) > 0 {
		but = "but for what is optional, "
	}
	of := "the world does"
	choose := printer.Code{}
	if len(w.bridges) > 0 {
		of = "the version of the world does that its own names are of"
		choose = w.chooseOlder()
	}
	link := printer.Name("component").Dot("Link").Call(printer.Name("p").Dot("World").Call())
	return printer.Func{
		Doc: printer.Wrap("Prepare links a component: it fails if the component does not export what " + of + ", " +
			but + "or imports something of the world as another type. The error names every misfit."),
		Name:    "Prepare",
		Params:  []printer.Param{componentParam},
		Results: []printer.Param{{Type: printer.Name("Prepared").Pointer()}, errResult},
		Body: []printer.Code{
			printer.Define(printer.Name("Prepared").List().Ref(), "p"),
			choose,
			printer.Define(link, "linked", "err"),
			printer.If(errName.Op("!=", nilName), printer.Return(nilName, errName)),
			printer.Set(printer.Name("p").Dot("linked"), printer.Name("linked")),
			printer.Return(printer.Name("p"), nilName),
		},
	}.Code()
}

// preparedWorld is a method as the names of methods cannot be those of types of
// the world.
func (w *world) preparedWorld() printer.Code {
	list := func(slots []slot, own string) printer.Code {
		if len(slots) == 0 {
			return printer.Code{}
		}
		var values []printer.Code
		for _, s := range slots {
			values = append(values, s.description(own))
		}
		return listLiteral(abi("Interface").Pointer().Slice(), values)
	}
	keys := []printer.Key{
		{Name: "Name", Value: printer.String(w.wit.ID())},
		{Name: "Imports", Value: list(w.imports, ownImports)},
		{Name: "Exports", Value: list(w.exports, ownExports)},
	}
	if optional := w.optional(); len(optional) > 0 {
		var names []printer.Code
		for _, name := range optional {
			names = append(names, printer.String(name))
		}
		keys = append(keys, printer.Key{Name: "Optional", Value: listLiteral(printer.Name("string").Slice(), names)})
	}
	if older := w.olderWorlds(); len(older) > 0 {
		keys = append(keys, printer.Key{Name: "Older", Value: listLiteral(printer.Qual(rtPath, "World").Slice(), older)})
	}
	return printer.Func{
		Doc:     printer.Wrap("World returns what components are linked with. It is the same for all: the receiver may be nil."),
		Recv:    printer.Param{Type: printer.Name("Prepared").Pointer()},
		Name:    "World",
		Results: []printer.Param{{Type: printer.Qual(rtPath, "World")}},
		Body:    []printer.Code{printer.Return(printer.Qual(rtPath, "World").KeyedLines(keys...))},
	}.Code()
}

func (w *world) preparedInstantiate() printer.Code {
	var body, offered []printer.Code
	for _, s := range w.imports {
		if s.field == "" {
			offered = append(offered, s.offer())
			continue
		}
		value := printer.Name("imports").Dot(s.field)
		missing := printer.Qual(rtPath, "NilImportError").Keyed(
			printer.Key{Name: "Field", Value: printer.String(w.pkg.name + ".Imports." + s.field)},
			printer.Key{Name: "For", Value: printer.String(s.note())})
		body = append(body, printer.If(value.Op("==", nilName), printer.Return(nilName, missing.Ref())))
		offered = append(offered, s.offer(value))
	}
	if len(w.bridges) > 0 {
		older := printer.Name("p").Dot("older")
		body = append(body, printer.If(older.Op("!=", nilName), printer.Return(
			older.Dot("instantiate").Call(printer.Name("ctx"), printer.Name("imports"), printer.Name("config")))))
	}
	imports := nilName
	if len(offered) > 0 {
		imports = listLiteral(printer.Qual(rtPath, "Import").Slice(), offered)
	}
	var keys, functions []printer.Key
	var resources []printer.Code
	for n, s := range w.exports {
		switch {
		case s.field != "":
			value := s.export(n)
			switch {
			case s.older && !s.optional:
				value = cm("Some").Call(value)
			case s.optional:
				value = printer.Qual(cmPath, "OptionOf").Call(value, printer.Name("in").Dot("Exported").Call(printer.Int(n)))
			}
			keys = append(keys, printer.Key{Name: s.field, Value: value})
		case s.iface.own:
			for k, m := range s.iface.calls {
				if m.needs != 0 {
					continue
				}
				functions = append(functions, printer.Key{
					Name: m.local, Value: printer.Name("in").Dot("Exports").Call(printer.Int(n)).At(printer.Int(k)),
				})
			}
		case s.iface.linked():
			resources = append(resources, s.export(n))
		}
	}
	keys = slices.Concat(keys, []printer.Key{{Name: "instance", Value: printer.Name("in")}}, functions, w.optionalKeys())
	start := printer.Name("p").Dot("linked").Dot("Instantiate").Call(printer.Name("ctx"), imports, printer.Name("config"))
	return printer.Func{
		Doc:     printer.Wrap("Instantiate starts an instance."),
		Recv:    printer.Param{Name: "p", Type: printer.Name("Prepared").Pointer()},
		Name:    "Instantiate",
		Params:  []printer.Param{ctxParam, importsParam, configParam},
		Results: []printer.Param{{Type: printer.Name(w.name).Pointer()}, errResult},
		Body: slices.Concat(body, []printer.Code{
			printer.Define(start, "in", "err"),
			printer.If(errName.Op("!=", nilName), printer.Return(nilName, errName)),
		}, resources, []printer.Code{
			printer.Return(printer.Name(w.name).KeyedLines(keys...).Ref(), nilName),
		}),
	}.Code()
}

// note says which interface is in a field.
func (s slot) note() string {
	switch {
	case s.iface.own:
		return "functions of the world itself"
	case s.label != "":
		return s.label + ": " + s.iface.id
	}
	return s.iface.id
}

// description returns the description of the interface, or that of the world's
// own functions, which is a variable.
func (s slot) description(own string) printer.Code {
	switch {
	case s.iface.own:
		return printer.Name(own)
	case s.alias != "":
		return printer.Name(s.alias)
	}
	return printer.Qual(s.iface.pkg.path, "Interface")
}

// offer returns the import of an interface. Host is none where it takes none.
func (s slot) offer(host ...printer.Code) printer.Code {
	if !s.iface.linked() {
		return printer.Name("").Keyed(printer.Key{Name: "Interface", Value: s.description(ownImports)})
	}
	offered := printer.Qual(s.iface.pkg.path, s.iface.importFunc()).Call(host...)
	if s.alias != "" {
		offered = offered.Dot("As").Call(printer.Name(s.alias))
	}
	return offered
}

// export returns the call that makes Go of export n of an instance.
func (s slot) export(n int) printer.Code {
	args := []printer.Code{printer.Name("in").Dot("Exports").Call(printer.Int(n))}
	if len(s.iface.resources) > 0 {
		args = append(args, printer.Name("in").Dot("Resources").Call(printer.Int(n)))
	}
	return printer.Qual(s.iface.pkg.path, "Export").Call(args...)
}
