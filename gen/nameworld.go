package gen

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// nameWorld names what a world declares.
func nameWorld(n *namer, places *placer, w *wit.World, o Options, interfaces map[*wit.Interface]*iface) *world {
	it := worldItem(n, w)
	x := &world{wit: w, pkg: places.placeWorld(it, w, o.Package), name: worldStruct(w.Name)}
	if r, ok := n.renamed(it); ok {
		x.name = r
	}
	s := scope{}
	for _, name := range worldAdds {
		n.claim(s, own("what witgen adds to the package"), name)
	}
	imports, fields := scope{}, scope{}
	n.claim(fields, own("the method that ends the instance"), "Close")
	n.claim(fields, own("the method that returns the instance of package rt"), "RT")
	n.claim(s, it, x.name)
	x.own = nameOwn(n, s, imports, x)
	f := newFieldNamer(n, it, w, interfaces)
	x.imports = f.fill(imports, w.Imports, "imported", nil)
	for _, slot := range x.imports {
		slot.iface.imported = true
	}
	x.exports = f.fill(fields, w.Exports, "exported", x.functionNames(n))
	for _, slot := range x.exports {
		slot.iface.exported = true
		slot.iface.exportedAsIs = slot.iface.exportedAsIs || slot.label == ""
	}
	x.finishOwn(n, fields)
	x.mayLack(n, fields, o)
	x.nameImports()
	return x
}

// leaveToRuntime takes the interfaces out of the world's imports that the runtime
// implements: instances are given those beside the world.
func (w *world) leaveToRuntime(with *existing) {
	before := len(w.imports)
	w.imports = slices.DeleteFunc(w.imports, func(s slot) bool {
		return !s.iface.own && s.label == "" && with.runtime(s.iface.wit)
	})
	if w.wasi = len(w.imports) < before; w.wasi {
		w.nameImports()
	}
}

// worldAdds are what witgen declares in the package of every world.
var worldAdds = []string{"Imports", "Instantiate", "Prepare", "Prepared"}

// worldStruct returns the name of the struct that is an instance of a world. A
// world that is called what witgen declares beside it, as wasi:io/imports is, has
// a longer name, whether or not it has functions of its own.
func worldStruct(name string) string {
	struc := exportedName(name)
	if slices.Contains(worldAdds, struc) || struc == ownFunctions || struc == "Unimplemented"+ownFunctions {
		struc += "World"
	}
	return struc
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
	} else if w.hasOptions() {
		taken = func(name string) bool { return worldName(name) || name == "cm" }
	}
	w.names = importNames(packages, taken)
	if w.own != nil {
		w.own.names = w.names
	}
}
