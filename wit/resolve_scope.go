package wit

import (
	"slices"
	"strings"

	"github.com/witgen/witgen/wit/internal/syntax"
)

// scope is where top-level names are looked up: a file's, or that of a nested
// package. Interfaces and worlds are visible in the whole package, a top-level
// use only in its own scope.
type scope struct {
	unit *unit
	uses map[string]*topUse
	list []*topUse // the same, in source order
}

// topUse is a top-level use.
type topUse struct {
	tree   *syntax.TopUse
	target *decl // nil before it is resolved, and when that failed
	state  state
}

// state is how far something is that is resolved on demand.
type state uint8

const (
	untouched state = iota
	underWay
	done
)

// decl is a declared interface or world. One of iface and world is set.
type decl struct {
	scope  *scope
	name   syntax.Name
	number int // in the unit's decls
	iface  *syntax.Interface
	world  *syntax.World

	stability Stability
	hidden    string // the feature that is off, when it is gated by one

	// What resolving makes of it.
	interf *Interface
	names  map[string]*entry // of the interface
	w      *World
}

func (d *decl) kind() string {
	if d.world != nil {
		return "world"
	}
	return "interface"
}

// declareScope declares what a file or a nested package declares.
func (r *resolver) declareScope(u *unit, tree *syntax.Decls) {
	s := &scope{unit: u, uses: make(map[string]*topUse)}
	u.scopes = append(u.scopes, s)
	local := make(map[string]syntax.Span)
	for _, item := range tree.Items {
		d := &decl{scope: s, number: len(u.decls)}
		var attrs syntax.Attributes
		switch item := item.(type) {
		case *syntax.Interface:
			d.iface, d.name, attrs = item, item.Name, item.Attributes
		case *syntax.World:
			d.world, d.name, attrs = item, item.Name, item.Attributes
		}
		if prior := u.names[d.name.Text]; prior != nil {
			r.errs.add(d.name.Span, prior.kind()+" `"+d.name.Text+"` is declared already").
				note(position(prior.name.Span), "first declared here")
			continue
		}
		d.stability, d.hidden = r.gate(attrs, d.name.Span, u)
		u.names[d.name.Text] = d
		u.decls = append(u.decls, d)
		local[d.name.Text] = d.name.Span
	}
	for _, tree := range tree.Uses {
		r.declareUse(s, tree, local)
	}
}

// declareUse declares a top-level use, whose name no other use and no
// declaration of the same file may have.
func (r *resolver) declareUse(s *scope, tree *syntax.TopUse, local map[string]syntax.Span) {
	first, second := tree.Name.Span, tree.Name.Span
	if prior, ok := s.uses[tree.Name.Text]; ok {
		first = prior.tree.Name.Span
	} else if at, ok := local[tree.Name.Text]; ok {
		first = at
		if first.Start > second.Start {
			first, second = second, first
		}
	} else {
		use := &topUse{tree: tree}
		s.uses[tree.Name.Text] = use
		s.list = append(s.list, use)
		return
	}
	r.errs.add(second, "`"+tree.Name.Text+"` stands for two things in this file").note(position(first), "first here")
}

// resolveTopUses resolves the top-level uses of a package.
func (r *resolver) resolveTopUses(u *unit) {
	for _, s := range u.scopes {
		for _, use := range s.list {
			r.resolveTopUse(s, use)
		}
	}
}

func (r *resolver) resolveTopUse(s *scope, use *topUse) {
	if use.state != untouched {
		return
	}
	use.state = underWay
	defer func() { use.state = done }()
	p := use.tree.Path
	if p.Package == nil {
		// A use may lead to another of its file, but not to itself.
		if next := s.uses[p.Name.Text]; next != nil && next != use {
			if next.state == underWay {
				r.errs.add(p.Name.Span, "`"+p.Name.Text+"` leads to itself")
				return
			}
			r.resolveTopUse(s, next)
			use.target = next.target
			return
		}
		use.target = s.unit.names[p.Name.Text]
	} else {
		use.target = r.find(s, p)
	}
	switch {
	case use.target == nil:
		r.notFound(s, p, "interface")
	case p.Package != nil && use.target.world != nil:
		r.wrongKind(use.target, p, "interface")
		use.target = nil
	}
}

// find returns what a path leads to, or nil.
func (r *resolver) find(s *scope, p syntax.Path) *decl {
	if p.Package != nil {
		if u := r.byName[nameOf(*p.Package)]; u != nil {
			return u.names[p.Name.Text]
		}
		return nil
	}
	if use := s.uses[p.Name.Text]; use != nil {
		return use.target
	}
	return s.unit.names[p.Name.Text]
}

// lookup returns the interface, or the world, that a path leads to. It
// reports what is wrong and returns nil if there is none.
func (r *resolver) lookup(s *scope, p syntax.Path, world bool) *decl {
	want := "interface"
	if world {
		want = "world"
	}
	d := r.find(s, p)
	switch {
	case d == nil && p.Package == nil && s.uses[p.Name.Text] != nil:
		return nil // the use is reported
	case d == nil:
		r.notFound(s, p, want)
		return nil
	case d.kind() != want:
		r.wrongKind(d, p, want)
		return nil
	case d.hidden != "":
		r.errs.add(p.Name.Span, want+" `"+p.Name.Text+"` is hidden: feature `"+d.hidden+"` is not on").
			note(position(d.name.Span), "gated here")
		return nil
	}
	return d
}

func (r *resolver) wrongKind(d *decl, p syntax.Path, want string) {
	r.errs.add(p.Name.Span, "`"+p.Name.Text+"` is "+article(d.kind())+", where "+article(want)+" is wanted").
		note(position(d.name.Span), "declared here")
}

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// notFound reports a path that leads nowhere.
func (r *resolver) notFound(s *scope, p syntax.Path, want string) {
	if p.Package == nil {
		names := s.unit.namesOf(want)
		for name, use := range s.uses {
			if use.target != nil && use.target.kind() == want && name != p.Name.Text {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		r.errs.add(p.Name.Span, want+" `"+p.Name.Text+"` does not exist"+syntax.Suggest(p.Name.Text, names))
		return
	}
	name := nameOf(*p.Package)
	if u := r.byName[name]; u != nil {
		r.errs.add(p.Name.Span, "package `"+name.String()+"` has no "+want+" `"+p.Name.Text+"`"+
			syntax.Suggest(p.Name.Text, u.namesOf(want)))
		return
	}
	if r.unknown[name.String()] {
		return
	}
	r.unknown[name.String()] = true
	known := r.known()
	hint := syntax.Suggest(name.String(), known)
	for _, k := range known {
		if base, _, _ := strings.Cut(k, "@"); base == name.Namespace+":"+name.Name {
			hint = "; did you mean `" + k + "`?"
		}
	}
	if hint == "" {
		hint = "; known are `" + strings.Join(known, "`, `") +
			"`, and those in the directory deps of a package that is loaded as a directory"
	}
	r.errs.add(p.Package.Span, "package `"+name.String()+"` does not exist"+hint)
}

// namesOf returns the names of the interfaces, or of the worlds, sorted.
func (u *unit) namesOf(kind string) []string {
	var names []string
	for _, d := range u.decls {
		if d.kind() == kind {
			names = append(names, d.name.Text)
		}
	}
	slices.Sort(names)
	return names
}
