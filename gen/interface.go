package gen

import (
	"github.com/witgen/witgen/gen/internal/printer"
	"github.com/witgen/witgen/wit"
)

// printInterface prints the package of an interface: what people read, and the
// glue.
func printInterface(p *plan, i *iface) ([]File, error) {
	doc := printer.Wrap("Package " + i.pkg.name + " holds the WIT interface " + i.id + ".")
	read := i.newFile(p, "", doc)
	if p.same.wholeOf(i) {
		read.Add(p.same.aliasInterface(i)...)
	} else {
		read.Add(declareInterface(i)...)
	}
	for _, d := range i.decls {
		if p.same.declOf(d) != nil {
			read.Add(p.same.alias(d)...)
		} else {
			read.Add(d.declare()...)
		}
	}
	if !p.same.wholeOf(i) {
		read.Add(declareUnimplemented(i)...)
	}

	glue := i.newFile(p, "_abi", nil)
	glue.Add(printer.Use(abi("Version1")), describe(i.description(),
		printer.Wrap("Interface describes "+i.id+" to the linker."), i.link, i.resources, i.funcs))
	if i.linked() {
		if i.imported {
			glue.Add(printImport(i)...)
		}
		if i.exported {
			glue.Add(printExport(i)...)
		}
	}
	for _, g := range i.glue {
		glue.Add(printGlue(i, g))
	}

	readFile, err := render(read, i.pkg.file(""))
	if err != nil {
		return nil, err
	}
	glueFile, err := render(glue, i.pkg.file("_abi"))
	if err != nil {
		return nil, err
	}
	return []File{readFile, glueFile}, nil
}

func render(f *printer.File, path string) (File, error) {
	content, err := f.Render()
	return File{Path: path, Content: content}, err
}

// newFile returns an empty file of the package, of a kind as in goPackage.file.
func (i *iface) newFile(p *plan, kind string, doc printer.Comment) *printer.File {
	f := printer.NewFile(i.pkg.path, i.pkg.name, p.header(i.pkg.file(kind)), doc)
	importKnown(f)
	for pkg, name := range i.names {
		f.Import(pkg.path, name)
	}
	return f
}

// importKnown announces the packages that any generated file may use.
func importKnown(f *printer.File) {
	for _, std := range []string{"context", "errors", "fmt", "math"} {
		f.Import(std, std)
	}
	f.Import(rtPath, "rt")
	f.Import(abiPath, "abi")
	f.Import(cmPath, "cm")
}

// linked reports whether components link to more than the interface's types.
func (i *iface) linked() bool { return len(i.funcs) > 0 || len(i.resources) > 0 }

// declareInterface declares the Go interface.
func declareInterface(i *iface) []printer.Code {
	if len(i.methods) == 0 {
		return nil
	}
	methods := make([]printer.Func, len(i.methods))
	for k, m := range i.methods {
		params, results := m.signature(func(p param) string { return p.name })
		methods[k] = printer.Func{Doc: m.doc(), Name: m.name, Params: params, Results: results}
	}
	doc := printer.Wrap(i.name + " is the interface " + i.id + ".").
		And(printer.Lines(string(i.wit.Docs))).And(deprecated(i.wit.Stability))
	if i.own {
		doc = printer.Wrap(i.name + " is what the world " + i.id + " imports outside of interfaces.")
	}
	return []printer.Code{printer.Interface(doc, i.name, nil, methods...)}
}

// doc returns the documentation of a method of an interface, which may be the
// WIT's alone.
func (m *method) doc() printer.Comment {
	if doc := printer.Lines(string(m.wit.Docs)); len(doc) > 0 {
		return m.about(doc)
	}
	return m.about(m.title())
}

// docOfOwn returns the documentation of a method of witgen's own type, which
// begins with its name.
func (m *method) docOfOwn() printer.Comment {
	return m.about(m.title().And(printer.Lines(string(m.wit.Docs))))
}

func (m *method) title() printer.Comment {
	return printer.Wrap(m.name + " is the " + m.what() + ".")
}

// about adds what the WIT says of the method without words.
func (m *method) about(doc printer.Comment) printer.Comment {
	return doc.And(printer.Quoted(signatureText(m.wit))).And(m.ownership()).And(m.needs.doc()).And(deprecated(m.wit.Stability))
}

func deprecated(s wit.Stability) printer.Comment {
	if s.Deprecated == "" {
		return nil
	}
	return printer.Wrap("Deprecated: since " + s.Deprecated + ".")
}

// doc returns the documentation of a declared type.
func (d *decl) doc() printer.Comment {
	kind := declKindNames[d.kind]
	if d.kind == flagsDecl {
		kind = "set of flags"
	}
	doc := printer.Wrap(d.name + " is the " + kind + " " + d.wit.Name + ".").And(printer.Lines(string(d.wit.Docs)))
	if d.kind == aliasDecl {
		doc = doc.And(printer.Quoted("type " + d.wit.Name + " = " + sourceText(d.wit.Type, false)))
	}
	return doc.And(deprecated(d.wit.Stability))
}

// receiver returns the name of the receiver in the type's methods.
func (d *decl) receiver() string { return unexported(d.name)[:1] }

func (d *decl) declare() []printer.Code {
	switch d.kind {
	case recordDecl:
		return declareRecord(d)
	case variantDecl:
		return declareVariant(d)
	case enumDecl:
		return declareEnum(d)
	case flagsDecl:
		return declareFlags(d)
	case resourceDecl:
		return declareResource(d)
	}
	return []printer.Code{printer.Alias(d.doc(), d.name, d.alias.code())}
}

// declareUnimplemented declares the type for hosts to embed.
func declareUnimplemented(i *iface) []printer.Code {
	if len(i.methods) == 0 {
		return nil
	}
	name := "Unimplemented" + i.name
	code := []printer.Code{
		printer.ShortStruct(printer.Wrap(name+" implements "+i.name+" with methods that trap the guest. "+
			"Embed it to implement some methods, and to stay an implementation when the interface gains methods."), name),
		printer.Var(nil, "_", printer.Name(i.name), printer.Name(name).List()),
	}
	for _, m := range i.methods {
		code = append(code, m.unimplemented(i, name))
	}
	return code
}

// unimplemented declares the method of a type to embed.
func (m *method) unimplemented(i *iface, name string) printer.Code {
	f := m.refuse(printer.Param{Type: printer.Name(name)},
		abi("Unimplemented").Call(printer.String(i.id), printer.String(m.wit.Name)))
	f.Doc = printer.Wrap(m.name + " traps the guest.")
	return f.Code()
}

// refuse returns a method that fails, whatever it is called with.
func (m *method) refuse(recv printer.Param, err printer.Code) printer.Func {
	params, results := m.signature(func(param) string { return "" })
	params[0].Name = ""
	var none printer.Code // left out without a result
	if m.goResult != nil {
		none = m.zeroResult()
	}
	return printer.Func{Recv: recv, Name: m.name, Params: params, Results: results, Body: []printer.Code{printer.Return(none, err)}}
}

// describe declares the description of functions and resources, which
// components know by the name link.
func describe(name string, doc printer.Comment, link string, resources []*decl, of []*method) printer.Code {
	var keys []printer.Key
	if link != "" {
		keys = append(keys, printer.Key{Name: "Name", Value: printer.String(link)})
	}
	if len(resources) > 0 {
		var names []printer.Code
		for _, d := range resources {
			names = append(names, printer.String(d.wit.Name))
		}
		keys = append(keys, printer.Key{Name: "Resources", Value: listLiteral(printer.Name("string").Slice(), names)})
	}
	var funcs []printer.Code
	for _, m := range of {
		funcs = append(funcs, printer.Name("").Keyed(
			printer.Key{Name: "Name", Value: printer.String(m.wit.Name)},
			printer.Key{Name: "Type", Value: printer.String(wit.FuncText(m.wit))},
		))
	}
	if len(funcs) > 0 {
		keys = append(keys, printer.Key{Name: "Funcs", Value: abi("FuncType").Slice().Lines(funcs...)})
	}
	return printer.Var(doc, name, printer.Code{}, abi("Interface").KeyedLines(keys...).Ref())
}
