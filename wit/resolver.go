package wit

import (
	"slices"
	"strings"

	"github.com/witgen/witgen/wit/internal/syntax"
)

// resolver makes packages from trees. Its methods are spread over the files
// named resolve_*.go, one for each thing that is resolved.
type resolver struct {
	errs        *diagnostics
	features    map[string]bool
	allFeatures bool
	ungated     map[*syntax.Source]bool // sources in which nothing is hidden

	units   []*unit // in the order they were read, nested packages after what holds them
	byName  map[PackageName]*unit
	unknown map[string]bool   // packages that have been reported missing
	borrows map[*TypeDef]bool // whether a borrow is anywhere in the type

	origin *origin
}

func newResolver(errs *diagnostics, o Options) *resolver {
	r := &resolver{
		errs:        errs,
		features:    make(map[string]bool),
		allFeatures: o.AllFeatures,
		byName:      make(map[PackageName]*unit),
		unknown:     make(map[string]bool),
		borrows:     make(map[*TypeDef]bool),
		origin:      &origin{comments: make(map[Pos]Docs), sources: make(map[string]*syntax.Source)},
	}
	for _, f := range o.Features {
		r.features[f] = true
	}
	return r
}

// resolve goes through the phases from declaring to elaborating. The first
// package is the root.
func (r *resolver) resolve(packages []parsedPackage) (*Package, error) {
	var root *unit
	for i, p := range packages {
		u := r.declarePackage(p)
		if i == 0 {
			root = u
		}
	}
	for _, u := range r.units {
		r.resolveTopUses(u)
	}
	if root == nil {
		return nil, r.errs.err()
	}
	order := r.orderPackages()
	for _, u := range order {
		r.resolvePackage(u)
	}
	if err := r.errs.err(); err != nil {
		return nil, err
	}
	for _, u := range order {
		u.model.origin = r.origin
		r.origin.packages = append(r.origin.packages, u.model)
	}
	listDeps(r.origin.packages)
	for src := range r.errs.ranks {
		r.origin.sources[src.Name] = src
	}
	return root.model, nil
}

// docs returns the documentation of an item. Where there are other comments,
// too, all of them are kept by the item's place.
func (r *resolver) docs(cs syntax.Comments, at Pos) Docs {
	if !cs.AllDocs() {
		r.origin.comments[at] = Docs(cs.All())
	}
	return Docs(cs.Docs())
}

// orderPackages returns the packages so that each follows those it refers to.
// Those in circles, which are reported, come last.
func (r *resolver) orderPackages() []*unit {
	number := make(map[*unit]int)
	for i, u := range r.units {
		number[u] = i
	}
	g := newGraph(len(r.units))
	for i, u := range r.units {
		r.foreignPaths(u, func(p syntax.Path) {
			if to := r.byName[nameOf(*p.Package)]; to != nil {
				g.add(i, number[to], p.Package.Span)
			}
		})
	}
	order := g.sort(func(circle []edge) {
		last := circle[len(circle)-1]
		names := make([]string, 0, len(circle)+1)
		names = append(names, "`"+r.units[last.to].name.String()+"`")
		for _, e := range circle {
			names = append(names, "`"+r.units[e.to].name.String()+"`")
		}
		r.errs.add(last.at, "package "+names[0]+" depends on itself: "+strings.Join(names, " needs "))
	})
	units := make([]*unit, 0, len(r.units))
	for _, n := range append(order, g.rest(order)...) {
		units = append(units, r.units[n])
	}
	return units
}

// foreignPaths calls yield with each path of the package that names a package,
// but for those in gated items.
func (r *resolver) foreignPaths(u *unit, yield func(syntax.Path)) {
	foreign := func(p syntax.Path) {
		if p.Package != nil {
			yield(p)
		}
	}
	for _, s := range u.scopes {
		for _, use := range s.list {
			foreign(use.tree.Path)
		}
	}
	for _, d := range u.decls {
		if d.hidden == "" {
			r.paths(d, func(p syntax.Path, _ bool) { foreign(p) })
		}
	}
}

// known returns the names of the packages that are loaded, sorted.
func (r *resolver) known() []string {
	names := make([]string, 0, len(r.units))
	for n := range r.byName {
		names = append(names, n.String())
	}
	slices.Sort(names)
	return names
}
