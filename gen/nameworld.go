package gen

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// nameWorld names what a world declares.
func nameWorld(n *namer, places *placer, w *wit.World, o Options, interfaces map[*wit.Interface]*iface) *world {
	it := worldItem(n, w)
	x := &world{wit: w, pkg: places.placeWorld(it, w, o.Package), name: exportedName(w.Name)}
	if r, ok := n.renamed(it); ok {
		x.name = r
	}
	s := scope{}
	for _, name := range []string{"Imports", "Instantiate", "Prepare", "Prepared"} {
		n.claim(s, own("what witgen adds to the package"), name)
	}
	imports, fields := scope{}, scope{}
	n.claim(fields, own("the method that ends the instance"), "Close")
	n.claim(s, it, x.name)
	x.own = nameOwn(n, s, imports, x)
	x.imports = fill(n, imports, it, w.Imports, "imported", interfaces)
	for _, slot := range x.imports {
		slot.iface.imported = true
	}
	x.exports = fill(n, fields, it, w.Exports, "exported", interfaces)
	for _, slot := range x.exports {
		slot.iface.exported = true
		slot.iface.exportedAsIs = slot.iface.exportedAsIs || slot.label == ""
	}
	x.finishOwn(n, fields)
	x.nameImports()
	return x
}

// worldItem returns the item of a world.
func worldItem(n *namer, w *wit.World) item {
	return n.root("world", w.Package.Name, w.Name, w.ID(), w.Pos)
}

// nameImports names the packages that the world's package refers to. Its files
// all call them the same.
func (w *world) nameImports() {
	var packages []*goPackage
	taken := worldName
	add := func(p *goPackage) {
		if !slices.Contains(packages, p) {
			packages = append(packages, p)
		}
	}
	for _, slot := range slices.Concat(w.imports, w.exports) {
		if !slot.iface.own {
			add(slot.iface.pkg)
		}
	}
	if w.own != nil {
		for _, p := range w.own.imports {
			add(p)
		}
		taken = func(name string) bool { return worldName(name) || glueName(name) }
	}
	w.names = importNames(packages, taken)
	if w.own != nil {
		w.own.names = w.names
	}
}

// fill names the fields for interfaces. Those of other packages have their
// package's name in front, so that two called types do not meet. Those that the
// world has a name for have that.
func fill(n *namer, s scope, in item, items []*wit.WorldItem, verb string, interfaces map[*wit.Interface]*iface) []slot {
	var slots []slot
	for _, item := range items {
		i := item.Interface
		x, ok := interfaces[i]
		if !ok {
			continue
		}
		sl := slot{iface: x}
		it := x.item
		field := x.name
		switch _, renamed := n.renamed(it); {
		case i.Name == "": // it is written in the world
		case item.Label != "":
			it = in.of("interface", item.Label, item.Pos)
			field = exportedName(item.Label)
			if r, ok := n.renamed(it); ok {
				field = r
			}
			sl.label, sl.alias, sl.docs = item.Label, verb+field, item.Docs
		case !renamed && i.Package.Name != n.home:
			field = exportedName(i.Package.Name.Name) + x.name
		}
		if len(x.methods) > 0 || sl.label != "" {
			n.claim(s, it, field)
		}
		if len(x.methods) > 0 {
			sl.field = field
		}
		slots = append(slots, sl)
	}
	return slots
}
