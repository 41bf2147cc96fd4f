package gen

import (
	"maps"
	"slices"

	"github.com/witgen/witgen/wit"
)

// same is what an older version of a world has that is the same in Go as in the
// newest: those types are aliases.
type same struct {
	older, newest *plan
	interfaces    map[*iface]*iface // the newest version of each that it still has
	decls         map[*decl]*decl   // of each type that is the same
	whole         map[*iface]bool   // interfaces whose functions are the same too
}

// newSame compares an older plan with the newest.
func newSame(older, newest *plan) *same {
	s := &same{
		older: older, newest: newest,
		interfaces: make(map[*iface]*iface), decls: make(map[*decl]*decl), whole: make(map[*iface]bool),
	}
	for _, x := range older.all() {
		y := s.pair(x)
		if y == nil {
			continue
		}
		s.interfaces[x] = y
		for _, d := range x.decls {
			if e := y.decl(d.wit.Name); e != nil && d.kind == e.kind && d.name == e.name && d.isError == e.isError && d.aliasable(e) {
				s.decls[d] = e
			}
		}
	}
	// A type is the same if all in it is: begin with all, and drop those that are
	// not until the rest agrees.
	for again := true; again; {
		again = false
		for d, e := range maps.Clone(s.decls) {
			if !s.sameDecl(d, e) {
				delete(s.decls, d)
				again = true
			}
		}
	}
	for x, y := range s.interfaces {
		s.whole[x] = s.sameInterface(x, y)
	}
	s.use()
	return s
}

// aliasable reports whether one declaration may be another name for the other: a
// world's package is imported by no older one, and what exists stays as it is.
func (d *decl) aliasable(of *decl) bool {
	if d.pkg.exists() || of.pkg.exists() {
		return d.pkg.path == of.pkg.path
	}
	return !d.iface.own && !of.iface.own
}

// pair returns the newest version of an interface; nil if there is none.
func (s *same) pair(x *iface) *iface {
	if x.own {
		return s.newest.world.own
	}
	var found *iface
	for _, y := range s.newest.interfaces {
		switch {
		case x.wit.Name != y.wit.Name:
		case x.wit.Name == "": // it is written in the world
			if x.link == y.link && x.imported == y.imported {
				return y
			}
		case x.wit.ID() == y.wit.ID():
			return y
		case unversionedID(x.wit) == unversionedID(y.wit):
			if found == nil || wit.CompareVersions(y.wit.Package.Name.Version, found.wit.Package.Name.Version) > 0 {
				found = y
			}
		}
	}
	return found
}

// decl returns the declaration of a type by its name in WIT; nil if there is none.
func (i *iface) decl(name string) *decl {
	for _, d := range i.decls {
		if d.wit.Name == name {
			return d
		}
	}
	return nil
}

// sameDecl reports whether two declarations say the same.
func (s *same) sameDecl(d, e *decl) bool {
	if d.pkg.exists() {
		return true
	}
	if d.kind == resourceDecl {
		return s.sameMethods(d.methods, e.methods)
	}
	if d.kind == aliasDecl {
		return s.sameType(d.wit.Type, e.wit.Type)
	}
	types := memberTypes(e.wit)
	for k, t := range memberTypes(d.wit) {
		if k >= len(types) || !s.sameType(t, types[k]) {
			return false
		}
	}
	return d.size == e.size && slices.EqualFunc(d.members, e.members, func(a, b member) bool { return a.name == b.name && a.wit == b.wit })
}

// memberTypes returns the types of fields, or of cases: nil for those without.
func memberTypes(t *wit.TypeDef) []wit.Type {
	var types []wit.Type
	switch t := t.Type.(type) {
	case *wit.Record:
		for _, f := range t.Fields {
			types = append(types, f.Type)
		}
	case *wit.Variant:
		for _, c := range t.Cases {
			types = append(types, c.Type)
		}
	}
	return types
}

// sameType reports whether an older type and one of the newest version are one
// in Go, and carry the same.
func (s *same) sameType(a, b wit.Type) bool {
	a, b = root(a), root(b)
	switch a := a.(type) {
	case nil:
		return b == nil
	case wit.Primitive:
		return a == b
	case *wit.TypeDef:
		b, ok := b.(*wit.TypeDef)
		return ok && s.decls[s.older.types.decls[a]] != nil && s.decls[s.older.types.decls[a]] == s.newest.types.decls[b]
	case *wit.Handle:
		b, ok := b.(*wit.Handle)
		return ok && a.Borrow == b.Borrow && s.sameType(a.Resource, b.Resource)
	case *wit.List:
		b, ok := b.(*wit.List)
		return ok && a.Fixed == b.Fixed && a.Len == b.Len && s.sameType(a.Elem, b.Elem)
	case *wit.Option:
		b, ok := b.(*wit.Option)
		return ok && s.sameType(a.Elem, b.Elem)
	case *wit.Map:
		b, ok := b.(*wit.Map)
		return ok && s.sameType(a.Key, b.Key) && s.sameType(a.Value, b.Value)
	case *wit.Result:
		b, ok := b.(*wit.Result)
		return ok && s.sameType(a.OK, b.OK) && s.sameType(a.Err, b.Err)
	case *wit.Tuple:
		b, ok := b.(*wit.Tuple)
		return ok && slices.EqualFunc(a.Types, b.Types, s.sameType)
	case *wit.Stream:
		b, ok := b.(*wit.Stream)
		return ok && s.sameType(a.Elem, b.Elem)
	case *wit.Future:
		b, ok := b.(*wit.Future)
		return ok && s.sameType(a.Elem, b.Elem)
	}
	return false
}

// root returns a type without the aliases that lead to it: a definition if that
// is a record or the like, else the type itself.
func root(t wit.Type) wit.Type {
	d, ok := t.(*wit.TypeDef)
	if !ok {
		return t
	}
	d = d.Root()
	if named(d.Type) {
		return d
	}
	return root(d.Type)
}

// sameInterface reports whether the Go interfaces are one.
func (s *same) sameInterface(x, y *iface) bool {
	if x.pkg.exists() || y.pkg.exists() {
		return x.pkg.path == y.pkg.path
	}
	for _, d := range x.resources {
		if s.decls[d] == nil {
			return false
		}
	}
	return !x.own && x.name == y.name && len(x.methods) > 0 && s.sameMethods(x.methods, y.methods)
}

// sameMethods reports whether there are the same methods in both, in any order.
func (s *same) sameMethods(a, b []*method) bool {
	if len(a) != len(b) {
		return false
	}
	for _, m := range a {
		k := slices.IndexFunc(b, func(n *method) bool { return n.name == m.name })
		if k < 0 || !s.sameMethod(m, b[k]) {
			return false
		}
	}
	return true
}

// sameMethod reports whether two functions are one in Go, and fail with the same
// errors.
func (s *same) sameMethod(m, n *method) bool {
	params := slices.EqualFunc(m.wit.Params, n.wit.Params, func(a, b wit.Param) bool { return a.Name == b.Name && s.sameType(a.Type, b.Type) })
	mine, other := outcomeOf(m.wit.Result), outcomeOf(n.wit.Result)
	return params && m.needs == n.needs && s.sameType(mine.value, other.value) &&
		mine.fails == other.fails && s.sameType(mine.err, other.err)
}

// outcomeWIT is what a function returns: a value, and what it fails with.
type outcomeWIT struct {
	value, err wit.Type // nil for none
	fails      bool
}

func outcomeOf(t wit.Type) outcomeWIT {
	if r, ok := wit.Underlying(t).(*wit.Result); ok {
		return outcomeWIT{r.OK, r.Err, true}
	}
	return outcomeWIT{value: t}
}

// use notes what the packages of the older version use of the newest.
func (s *same) use() {
	for x, y := range s.interfaces {
		if x.pkg.exists() || x.pkg == y.pkg {
			continue
		}
		alias := s.whole[x]
		for _, d := range x.decls {
			alias = alias || s.decls[d] != nil
		}
		if alias && !x.uses[y.pkg] {
			x.uses[y.pkg] = true
			x.imports = append(x.imports, y.pkg)
		}
	}
}
