package gen

import (
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// nameInterface names what an interface declares.
func nameInterface(n *namer, places *placer, i *wit.Interface) *iface {
	it := n.root("interface", i.Package.Name, i.Name, i.ID(), i.Pos)
	x := newIface(i, it, i.Name)
	x.id, x.link = i.ID(), i.ID()
	x.pkg = places.placeInterface(it, i)
	x.declare(n)
	return x
}

func newIface(i *wit.Interface, it item, name string) *iface {
	return &iface{wit: i, item: it, name: exportedName(name), local: localName(name), uses: map[*goPackage]bool{}}
}

// declare names all in the package of an interface.
func (i *iface) declare(n *namer) {
	s := scope{}
	n.claim(s, own("what witgen adds to the package"), "Interface")
	if r, ok := n.renamed(i.item); ok {
		i.name, i.local = r, unexported(r)
	}
	if len(i.wit.Funcs) > 0 || hasResource(i.wit) {
		n.claim(s, own("what witgen adds to the package"), "Import")
		n.claim(s, own("what witgen adds to the package"), "Export")
	}
	if hasGoInterface(i.wit) {
		n.claim(s, i.item, i.name)
		n.claim(s, i.item, "Unimplemented"+i.name)
	}
	i.nameTypes(n, s, i.wit.Funcs)
	i.nameFuncs(n)
	i.nameLocals()
}

// nameTypes names the types that it declares. Those that one of the functions
// fails with are errors.
func (i *iface) nameTypes(n *namer, s scope, funcs []*wit.Func) {
	fails := errorTypes(funcs)
	for _, t := range i.wit.Types {
		if declared(t) == t {
			d := nameType(n, s, i.item, i, t, fails[t])
			i.decls = append(i.decls, d)
			if d.kind == resourceDecl {
				d.index = len(i.resources)
				i.resources = append(i.resources, d)
			}
		}
	}
}

// nameFuncs names the functions of an interface.
func (i *iface) nameFuncs(n *namer) {
	it, methods := i.item, scope{}
	ofResource := make(map[*decl]scope)
	for _, f := range i.wit.Funcs {
		m := &method{wit: f}
		i.funcs = append(i.funcs, m)
		if f.Kind != wit.Freestanding {
			i.nameResourceFunc(n, it, m, methods, ofResource)
			continue
		}
		m.nameFreestanding(n, methods, it)
		i.methods = append(i.methods, m)
	}
}

// nameFreestanding names a function that no resource has.
func (m *method) nameFreestanding(n *namer, s scope, in item) {
	f := m.wit
	m.name = n.name(s, in.of("function", f.Name, f.Pos), exportedName(f.Name))
	m.local = localName(f.Name)
	if m.name != exportedName(f.Name) {
		m.local = unexported(m.name)
	}
}

// nameLocals settles the names of functions and of resources' clients inside
// the package. Without their first capitals, names that differ may be one.
func (i *iface) nameLocals() {
	clients := make([]string, len(i.resources))
	for k, d := range i.resources {
		clients[k] = unexported(d.name)
	}
	clients = locals(clients, func(string) bool { return false }, "Resource")
	for k, d := range i.resources {
		d.client = clients[k] + "Client"
	}
	local := make([]string, len(i.funcs))
	for k, m := range i.funcs {
		local[k] = m.local
	}
	local = locals(local, func(s string) bool { return reserved(s) || s == "host" || i.own && s == "instance" }, "Func")
	for k, m := range i.funcs {
		m.local = local[k]
	}
}

// errorTypes returns the types that functions fail with. Those that stand
// where the functions do are errors in Go.
func errorTypes(funcs []*wit.Func) map[*wit.TypeDef]bool {
	found := make(map[*wit.TypeDef]bool)
	for _, f := range funcs {
		r, ok := wit.Underlying(f.Result).(*wit.Result)
		if !ok {
			continue
		}
		if d, ok := r.Err.(*wit.TypeDef); ok {
			root := d.Root()
			if _, isFlags := root.Type.(*wit.Flags); named(root.Type) && !isFlags {
				found[root] = true
			}
		}
	}
	return found
}

// nameType names a type and its members.
func nameType(n *namer, s scope, in item, x *iface, t *wit.TypeDef, isError bool) *decl {
	d := &decl{wit: t, pkg: x.pkg, iface: x, isError: isError, size: layout.Of(t.Type).Size}
	switch u := t.Type.(type) {
	case *wit.Record:
		d.kind = recordDecl
		it := d.claim(n, s, in)
		fields := scope{}
		if isError {
			n.claim(fields, own("the method that makes it an error"), "Error")
		}
		for _, f := range u.Fields {
			name := n.name(fields, it.of("field", f.Name, f.Pos), exportedName(f.Name))
			d.members = append(d.members, member{name: name, wit: f.Name, docs: f.Docs})
		}
	case *wit.Variant:
		d.kind = variantDecl
		it := d.claim(n, s, in)
		for _, c := range u.Cases {
			name := n.name(s, it.of("case", c.Name, c.Pos), d.name+exportedName(c.Name))
			d.members = append(d.members, member{name: name, wit: c.Name, docs: c.Docs})
		}
	case *wit.Enum:
		d.kind = enumDecl
		d.labels(n, s, d.claim(n, s, in), "case", u.Cases)
	case *wit.Flags:
		d.kind = flagsDecl
		d.labels(n, s, d.claim(n, s, in), "flag", u.Flags)
	case *wit.Resource:
		d.kind = resourceDecl
		d.claimResource(n, s, in)
	default:
		d.claim(n, s, in)
	}
	return d
}

// item returns the item of a type of an interface.
func (d *decl) item(in item) item { return in.of(declKindNames[d.kind], d.wit.Name, d.wit.Pos) }

// claim names the type itself.
func (d *decl) claim(n *namer, s scope, in item) item {
	it := d.item(in)
	d.name = n.name(s, it, exportedName(d.wit.Name))
	return it
}

// labels names the constants of an enum or flags.
func (d *decl) labels(n *namer, s scope, in item, kind string, labels []wit.Label) {
	for _, l := range labels {
		name := n.name(s, in.of(kind, l.Name, l.Pos), d.name+exportedName(l.Name))
		d.members = append(d.members, member{name: name, wit: l.Name, docs: l.Docs})
	}
}
