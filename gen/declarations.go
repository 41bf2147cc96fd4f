package gen

import (
	"slices"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// nameInterface names what an interface declares.
func nameInterface(n *namer, places *placer, i *wit.Interface) *iface {
	it := n.root("interface", i.Package.Name, i.Name, i.ID(), i.Pos)
	x := &iface{wit: i, id: i.ID(), local: localName(i.Name), uses: map[*goPackage]bool{}}
	x.pkg = places.placeInterface(it, i)
	s := scope{}
	n.claim(s, own("what witgen adds to the package"), "Interface")
	x.name = exportedName(i.Name)
	if r, ok := n.renamed(it); ok {
		x.name, x.local = r, unexported(r)
	}
	if len(i.Funcs) > 0 || hasResource(i) {
		n.claim(s, own("what witgen adds to the package"), "Import")
		n.claim(s, own("what witgen adds to the package"), "Export")
	}
	if hasGoInterface(i) {
		n.claim(s, it, x.name)
		n.claim(s, it, "Unimplemented"+x.name)
	}
	fails := errorTypes(i)
	for _, t := range i.Types {
		if declared(t) == t {
			d := nameType(n, s, it, x, t, fails[t])
			x.decls = append(x.decls, d)
			if d.kind == resourceDecl {
				d.index = len(x.resources)
				x.resources = append(x.resources, d)
			}
		}
	}
	x.nameFuncs(n, it)
	return x
}

// nameFuncs names the functions of an interface.
func (i *iface) nameFuncs(n *namer, it item) {
	methods := scope{}
	ofResource := make(map[*decl]scope)
	for _, f := range i.wit.Funcs {
		m := &method{wit: f}
		i.funcs = append(i.funcs, m)
		if f.Kind != wit.Freestanding {
			i.nameResourceFunc(n, it, m, methods, ofResource)
			continue
		}
		m.name = n.name(methods, it.of("function", f.Name, f.Pos), exportedName(f.Name))
		m.local = localName(f.Name)
		if m.name != exportedName(f.Name) {
			m.local = unexported(m.name)
		}
		i.methods = append(i.methods, m)
	}
	local := make([]string, len(i.funcs))
	for k, m := range i.funcs {
		local[k] = m.local
	}
	local = locals(local, func(s string) bool { return reserved(s) || s == "host" }, "Func")
	for k, m := range i.funcs {
		m.local = local[k]
	}
}

// errorTypes returns the types of an interface that its own functions fail
// with, which are errors in Go.
func errorTypes(i *wit.Interface) map[*wit.TypeDef]bool {
	found := make(map[*wit.TypeDef]bool)
	for _, f := range i.Funcs {
		r, ok := wit.Underlying(f.Result).(*wit.Result)
		if !ok {
			continue
		}
		if d, ok := r.Err.(*wit.TypeDef); ok {
			root := d.Root()
			if _, isFlags := root.Type.(*wit.Flags); root.Owner.Interface == i && named(root.Type) && !isFlags {
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

// nameWorld names what a world declares.
func nameWorld(n *namer, places *placer, w *wit.World, o Options, interfaces map[*wit.Interface]*iface) *world {
	it := n.root("world", w.Package.Name, w.Name, w.ID(), w.Pos)
	x := &world{wit: w, pkg: places.placeWorld(it, w, o.Package), name: exportedName(w.Name)}
	if r, ok := n.renamed(it); ok {
		x.name = r
	}
	s := scope{}
	for _, name := range []string{"Imports", "Instantiate", "Prepare", "Prepared"} {
		n.claim(s, own("what witgen adds to the package"), name)
	}
	n.claim(s, it, x.name)
	x.imports = fill(n, scope{}, w.Imports, interfaces)
	for _, slot := range x.imports {
		slot.iface.imported = true
	}
	fields := scope{}
	n.claim(fields, own("the method that ends the instance"), "Close")
	x.exports = fill(n, fields, w.Exports, interfaces)
	for _, slot := range x.exports {
		slot.iface.exported = true
	}
	var packages []*goPackage
	for _, slot := range slices.Concat(x.imports, x.exports) {
		if !slices.Contains(packages, slot.iface.pkg) {
			packages = append(packages, slot.iface.pkg)
		}
	}
	x.names = importNames(packages, worldName)
	return x
}

// fill names the fields for interfaces. Those of other packages have their
// package's name in front, so that two called types do not meet.
func fill(n *namer, s scope, items []*wit.WorldItem, interfaces map[*wit.Interface]*iface) []slot {
	var slots []slot
	for _, item := range items {
		i := item.Interface
		x, ok := interfaces[i]
		if !ok {
			continue
		}
		sl := slot{iface: x}
		if len(x.methods) > 0 {
			it := n.root("interface", i.Package.Name, i.Name, i.ID(), i.Pos)
			sl.field = x.name
			if _, renamed := n.renamed(it); !renamed && i.Package.Name != n.home {
				sl.field = exportedName(i.Package.Name.Name) + x.name
			}
			n.claim(s, it, sl.field)
		}
		slots = append(slots, sl)
	}
	return slots
}
