package gen

import (
	"path"
	"slices"

	"github.com/witgen/witgen/wit"
)

// inliner names the interfaces that are written in a world. They go by their
// labels, and land in the directory of the world's package.
type inliner struct {
	*namer
	places *placer
	world  *wit.World
	it     item
	dir    string
	items  map[*wit.Interface]*wit.WorldItem
	both   map[string]bool // labels of one that is imported and one that is exported
}

func newInliner(n *namer, places *placer, w *wit.World, name string) *inliner {
	in := &inliner{
		namer: n, places: places, world: w, it: worldItem(n, w),
		items: map[*wit.Interface]*wit.WorldItem{}, both: map[string]bool{},
	}
	if name == "" {
		name = places.packageName(in.it, w.Package.Name, w.Name)
	}
	in.dir = places.dir(w.Package.Name, name)
	seen := make(map[string]bool)
	for _, item := range slices.Concat(w.Imports, w.Exports) {
		if item.Interface != nil && item.Interface.Name == "" {
			in.items[item.Interface] = item
			in.both[item.Label] = seen[item.Label]
			seen[item.Label] = true
		}
	}
	return in
}

// name names what an interface declares.
func (in *inliner) name(i *wit.Interface) *iface {
	item := in.items[i]
	it := in.it.of("interface", item.Label, item.Pos)
	if in.both[item.Label] {
		// One --rename has to be able to name one of them.
		side := "imports."
		if slices.Contains(in.world.Exports, item) {
			side = "exports."
		}
		it.paths = slices.Concat(in.it.of("interface", side+item.Label, item.Pos).paths, it.paths)
	}
	x := newIface(i, it, item.Label)
	x.id, x.link = item.Label+" of "+in.world.ID(), item.Label
	of := in.world.Package.Name
	last := in.places.packageName(it, of, item.Label)
	dir := path.Join(in.dir, last)
	in.places.claimDir(it, dir)
	x.pkg = in.places.goPackage(of, path.Join(in.places.root, dir), last)
	x.pkg.dir = dir
	x.declare(in.namer)
	return x
}
