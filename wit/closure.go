package wit

import (
	"maps"
	"slices"
)

// Closure returns the package of a world cut down to the world and what it
// depends on, and so are its Deps. The interfaces and worlds in it are those
// of the whole packages, which they belong to still.
func Closure(w *World) *Package {
	needed := make(map[*Interface]bool)
	var need func(*Interface) bool
	need = func(i *Interface) bool {
		if !needed[i] {
			needed[i] = true
			deps(i, need)
		}
		return true
	}
	w.references(func(i *Interface) { need(i) })
	cut := func(p *Package) *Package {
		c := &Package{Name: p.Name, Docs: p.Docs, Pos: p.Pos}
		for _, i := range p.Interfaces {
			if needed[i] {
				c.Interfaces = append(c.Interfaces, i)
			}
		}
		return c
	}
	o := &origin{}
	main := cut(w.Package)
	main.Worlds = []*World{w}
	if whole := w.Package.origin; whole != nil {
		o.comments, o.sources = whole.comments, whole.sources
		for _, p := range whole.packages {
			if c := cut(p); p.Name == main.Name {
				o.packages = append(o.packages, main)
			} else if len(c.Interfaces) > 0 {
				o.packages = append(o.packages, c)
			}
		}
	}
	listDeps(o.packages)
	for _, p := range o.packages {
		p.origin = o
	}
	return main
}

// listDeps sets the Deps of packages, of which each comes after those that it
// needs.
func listDeps(packages []*Package) {
	number := make(map[PackageName]int)
	needs := make([]map[int]bool, len(packages))
	for n, p := range packages {
		number[p.Name] = n
		needs[n] = make(map[int]bool)
		p.references(func(i *Interface) {
			if d := number[i.Package.Name]; d != n && !needs[n][d] {
				needs[n][d] = true
				maps.Copy(needs[n], needs[d]) // which is complete, since it comes before
			}
		})
		p.Deps = nil
		for _, d := range slices.Sorted(maps.Keys(needs[n])) {
			p.Deps = append(p.Deps, packages[d])
		}
	}
}

// references calls yield with each interface that something in the package
// refers to.
func (p *Package) references(yield func(*Interface)) {
	for _, i := range p.Interfaces {
		i.references(yield)
	}
	for _, w := range p.Worlds {
		w.references(yield)
	}
}

func (i *Interface) references(yield func(*Interface)) {
	deps(i, func(i *Interface) bool {
		yield(i)
		return true
	})
}

func (w *World) references(yield func(*Interface)) {
	for _, item := range slices.Concat(w.Imports, w.Exports) {
		switch {
		case item.Interface != nil && item.Interface.Name == "":
			item.Interface.references(yield)
		case item.Interface != nil:
			yield(item.Interface)
			item.Interface.references(yield)
		case item.Type != nil:
			if i := usedFrom(item.Type); i != nil {
				yield(i)
			}
		}
	}
}
