package gen

import (
	"strings"

	"github.com/witgen/witgen/gen/internal/printer"
	"github.com/witgen/witgen/wit"
)

// hasResource reports whether an interface defines a resource.
func hasResource(i *wit.Interface) bool {
	for _, t := range i.Types {
		if _, ok := t.Type.(*wit.Resource); ok {
			return true
		}
	}
	return false
}

// hasGoInterface reports whether an interface is a Go interface: methods of
// resources alone are no reason for one.
func hasGoInterface(i *wit.Interface) bool {
	for _, f := range i.Funcs {
		if f.Kind != wit.Method {
			return true
		}
	}
	return false
}

// claimResource names a resource and what is declared beside it.
func (d *decl) claimResource(n *namer, s scope, in item) {
	it := d.claim(n, s, in)
	if s[d.name].pos != it.pos {
		return // one error is enough
	}
	n.claim(s, it, "Unimplemented"+d.name)
	it.what = "the type of " + it.what
	n.claim(s, it, d.name+"Resource")
}

// nameResourceFunc names a function of a resource. Methods are the resource's
// own in Go; what needs no resource is a method of the interface.
func (i *iface) nameResourceFunc(n *namer, it item, m *method, methods scope, ofResource map[*decl]scope) {
	f := m.wit
	for _, d := range i.resources {
		if d.wit == f.Resource {
			m.resource = d
		}
	}
	d := m.resource
	in := d.item(it)
	switch f.Kind {
	case wit.Constructor:
		maker := in.of("constructor", "constructor", f.Pos)
		maker.what = "the constructor of " + in.what
		m.name = n.name(methods, maker, "New"+d.name)
		m.local = unexported(m.name)
	case wit.Static:
		m.name = n.name(methods, in.of("static function", plainName(f), f.Pos), d.name+exportedName(plainName(f)))
		m.local = unexported(m.name)
	default:
		if ofResource[d] == nil {
			ofResource[d] = scope{}
			n.claim(ofResource[d], own("the method that ends the resource"), "Close")
		}
		m.name = n.name(ofResource[d], in.of("method", plainName(f), f.Pos), exportedName(plainName(f)))
		m.local = unexported(d.name) + m.name
		d.methods = append(d.methods, m)
		return
	}
	i.methods = append(i.methods, m)
}

// plainName returns a function's name in its resource.
func plainName(f *wit.Func) string {
	_, name, _ := strings.Cut(f.Name, ".")
	return name
}

// isMethod reports whether a function is a method of a resource.
func (m *method) isMethod() bool { return m.wit.Kind == wit.Method }

// arguments returns the parameters but for the resource whose method it is.
func (m *method) arguments() []param {
	if m.isMethod() {
		return m.params[1:]
	}
	return m.params
}

// typeName returns the variable that is the resource's type as hosts have it.
func (d *decl) typeName() printer.Code { return printer.Qual(d.pkg.path, d.name+"Resource") }

// declareResource declares the Go interface of a resource, and the type to
// embed in its implementations.
func declareResource(d *decl) []printer.Code {
	var methods []printer.Func
	for _, m := range d.methods {
		params, results := m.signature(func(p param) string { return p.name })
		methods = append(methods, printer.Func{Doc: m.doc(), Name: m.name, Params: params, Results: results})
	}
	end := printer.Func{Name: "Close", Params: []printer.Param{ctxParam}, Results: []printer.Param{errResult}}
	end.Doc = printer.Wrap("Close ends the resource. Whoever owns it calls it, once: for a guest that is when it drops " +
		"the resource, or when its instance is closed.")
	methods = append(methods, end)

	name := "Unimplemented" + d.name
	recv := printer.Param{Type: printer.Name(name)}
	code := []printer.Code{
		printer.Interface(d.doc(), d.name, nil, methods...),
		printer.ShortStruct(printer.Wrap(name+" implements "+d.name+" with methods that trap the guest. "+
			"Embed it to implement some methods, and to stay an implementation when the resource gains methods."), name),
		printer.Var(nil, "_", printer.Name(d.name), printer.Name(name).List()),
	}
	for _, m := range d.methods {
		code = append(code, m.unimplemented(d.iface, name))
	}
	return append(code, printer.Func{
		Doc: printer.Wrap("Close does nothing."), Recv: recv, Name: "Close",
		Params: []printer.Param{{Type: ctxParam.Type}}, Results: []printer.Param{errResult},
		Body: []printer.Code{printer.Return(nilName)}, Short: true,
	}.Code())
}

// declareType declares the resource's type as hosts have it.
func (d *decl) declareType() printer.Code {
	name := d.name + "Resource"
	doc := printer.Wrap(name + " is the type of the resource " + d.wit.Name + " where the host provides it.")
	return printer.Var(doc, name, printer.Code{},
		abi("HostResourceType").Of(printer.Name(d.name)).Call(printer.String(d.wit.Name)))
}

// calls reports whether a client has functions to call.
func (d *decl) calls() bool { return len(callable(d.methods)) > 0 }

// declareClient declares what a resource is that an instance exports.
func (d *decl) declareClient() []printer.Code {
	name := d.client
	end := printer.Name("x").Dot("resource").Dot("Close").Call(printer.Name("ctx"))
	fields := []printer.Field{{Name: "resource", Type: abi("Resource").Pointer()}}
	if d.calls() {
		fields = append([]printer.Field{{Name: "of", Type: printer.Name(d.iface.local + "Export").Pointer()}}, fields...)
	}
	return []printer.Code{
		printer.Struct(nil, name, fields...),
		printer.Func{
			Recv: printer.Param{Name: "x", Type: printer.Name(name).Pointer()}, Name: "Close",
			Params: []printer.Param{ctxParam}, Results: []printer.Param{errResult},
			Body: []printer.Code{printer.Return(end)}, Short: true,
		}.Code(),
	}
}

// bind returns the statement that tells an instance what resources of the type
// are in Go.
func (d *decl) bind() printer.Code {
	resource := abi("Resource").Pointer()
	client := printer.Name(d.client)
	values := []printer.Code{printer.Name("r")}
	if d.calls() {
		values = []printer.Code{printer.Name("x"), printer.Name("r")}
	}
	return abi("Bind").CallLines(
		printer.Name("resources").At(printer.Int(d.index)),
		printer.Func{
			Params:  []printer.Param{{Name: "r", Type: resource}},
			Results: []printer.Param{{Type: printer.Name(d.name)}},
			Body:    []printer.Code{printer.Return(client.List(values...).Ref())},
		}.Literal(),
		printer.Func{
			Params:  []printer.Param{{Name: "c", Type: client.Pointer()}},
			Results: []printer.Param{{Type: resource}},
			Body:    []printer.Code{printer.Return(printer.Name("c").Dot("resource"))},
		}.Literal(),
	)
}

// exportedHandle reports whether a handle means what the instance exports, rather
// than what the host provides. What other interfaces use is exported only by
// its own name.
func (b *body) exportedHandle(t *typ) bool {
	of := t.decl.iface
	return b.exported && of.exported && (of == b.iface || of.exportedAsIs)
}

func (b *body) readHandle(t *typ, p place) printer.Code {
	var index printer.Code
	if p.memory {
		index = b.call("LoadU32", p.addr())
	} else {
		index = convert("uint32", p.core(0))
	}
	name := "LiftOwn"
	if t.borrow {
		name = "LiftBorrow"
	}
	of := []printer.Code{b.mem(), t.decl.typeName(), index}
	if b.exportedHandle(t) {
		name += "Exported"
		of = []printer.Code{b.mem(), t.decl.description(), printer.Int(t.decl.index), index}
	}
	return abi(name).Of(t.goType.code()).Call(of...)
}

func (b *body) writeHandle(t *typ, p place, v printer.Code) {
	name := "LowerOwn"
	if t.borrow {
		name = "LowerBorrow"
	}
	of := []printer.Code{t.decl.typeName(), v}
	if b.exportedHandle(t) {
		name += "Exported"
		of = []printer.Code{t.decl.description(), printer.Int(t.decl.index), v}
	}
	b.writeIndex(p, b.call(name, of...))
}

// writeIndex writes the index of a handle.
func (b *body) writeIndex(p place, index printer.Code) {
	if p.memory {
		b.add(b.call("StoreU32", p.addr(), index))
		return
	}
	b.add(printer.Set(p.core(0), convert("uint64", index)))
}

// description returns the description of the interface that declares a type.
func (d *decl) description() printer.Code { return printer.Qual(d.pkg.path, "Interface") }

// what says what a function is: "function f", "method m of r".
func (m *method) what() string {
	switch m.wit.Kind {
	case wit.Constructor:
		return "constructor of " + m.resource.wit.Name
	case wit.Method:
		return "method " + plainName(m.wit) + " of " + m.resource.wit.Name
	case wit.Static:
		return "static function " + plainName(m.wit) + " of " + m.resource.wit.Name
	}
	return "function " + m.wit.Name
}
