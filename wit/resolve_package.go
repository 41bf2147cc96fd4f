package wit

import (
	"cmp"

	"github.com/witgen/witgen/wit/internal/syntax"
)

// unit is a package being resolved.
type unit struct {
	name   PackageName
	at     syntax.Span // of the name
	model  *Package
	scopes []*scope
	names  map[string]*decl // interfaces and worlds, which share one name space
	decls  []*decl          // in source order
}

// declarePackage declares a package made of files, and the packages nested in
// them. It returns nil if the package has no header.
func (r *resolver) declarePackage(p parsedPackage) *unit {
	var header *syntax.Package
	var docs *syntax.Comment
	for _, f := range p.files {
		h := f.Header
		if h == nil {
			continue
		}
		if header == nil {
			header = h
		} else if nameOf(h.Name) != nameOf(header.Name) {
			r.errs.add(h.Name.Span, "package `"+nameOf(h.Name).String()+"` in one directory with package `"+nameOf(header.Name).String()+"`").
				note(position(header.Name.Span), "which this file declares")
		}
		c, ok := h.Comments.Doc()
		if ok && docs != nil {
			r.errs.add(c.Span, "documentation of the package in two files").note(position(docs.Span), "it is here, too")
		} else if ok {
			docs = &c
		}
	}
	if header == nil {
		src := p.files[0].Source
		r.errs.add(syntax.Span{Source: src}, "no file of this package has a header such as `package ns:name;`")
	}
	var u *unit
	if header != nil {
		u = r.newUnit(header)
	}
	for _, f := range p.files {
		if u != nil {
			if f.Header != nil {
				u.model.Docs = cmp.Or(u.model.Docs, r.docs(f.Header.Comments, u.model.Pos))
			}
			r.declareScope(u, &f.Decls)
		}
		for _, nested := range f.Packages {
			r.declareNested(nested)
		}
	}
	return u
}

func (r *resolver) declareNested(p *syntax.Package) {
	for _, inner := range p.Nested {
		r.errs.add(inner.Name.Span, "a nested package cannot hold packages: move it to the top level of the file")
	}
	u := r.newUnit(p)
	u.model.Docs = r.docs(p.Comments, u.model.Pos)
	r.declareScope(u, &p.Decls)
}

// newUnit declares a package by its header.
func (r *resolver) newUnit(header *syntax.Package) *unit {
	name := nameOf(header.Name)
	u := &unit{
		name:  name,
		at:    header.Name.Span,
		model: &Package{Name: name, Pos: position(header.Name.Span)},
		names: make(map[string]*decl),
	}
	if prior := r.byName[name]; prior != nil {
		r.errs.add(u.at, "package `"+name.String()+"` is defined twice").note(prior.model.Pos, "first defined here")
	} else {
		r.byName[name] = u
	}
	r.units = append(r.units, u)
	return u
}

// resolvePackage resolves the interfaces and worlds of a package. Those that
// it refers to in other packages are resolved, but for circles.
func (r *resolver) resolvePackage(u *unit) {
	for _, i := range r.orderDecls(u) {
		d := u.decls[i]
		switch {
		case d.iface != nil && d.hidden != "":
			r.hiddenInterface(d)
		case d.iface != nil:
			r.resolveInterface(d)
		case d.hidden == "":
			r.resolveWorld(d)
		}
	}
	for _, d := range u.decls {
		switch {
		case d.interf != nil:
			u.model.Interfaces = append(u.model.Interfaces, d.interf)
		case d.w != nil:
			u.model.Worlds = append(u.model.Worlds, d.w)
		}
	}
}

// orderDecls returns the numbers of the package's interfaces and worlds so
// that each follows those it refers to.
func (r *resolver) orderDecls(u *unit) []int {
	g := newGraph(len(u.decls))
	for i, d := range u.decls {
		if d.hidden != "" {
			continue
		}
		r.paths(d, func(p syntax.Path, world bool) {
			if p.Package != nil {
				return // another package, or an error that is reported
			}
			to := r.find(d.scope, p)
			if to != nil && to.scope.unit == u && (to.world != nil) == world {
				g.add(i, to.number, p.Name.Span)
			}
		})
	}
	order := g.sort(func(circle []edge) {
		last := u.decls[circle[len(circle)-1].to]
		way := "`" + last.name.Text + "`"
		for _, e := range circle {
			way += " needs `" + u.decls[e.to].name.Text + "`"
		}
		r.errs.add(last.name.Span, last.kind()+" `"+last.name.Text+"` depends on itself: "+way)
	})
	return append(order, g.rest(order)...)
}

// nameOf converts a name.
func nameOf(n syntax.PackageName) PackageName {
	return PackageName{Namespace: n.Namespace.Text, Name: n.Name.Text, Version: n.Version}
}
