package wit

import (
	"slices"

	"github.com/witgen/witgen/wit/internal/syntax"
)

// body is an interface or a world whose types and functions are being
// resolved.
type body struct {
	r     *resolver
	scope *scope
	owner Owner
	names map[string]*entry // types, used names and functions share one name space
	types []*entry          // those that are types and kept, in source order
	item  syntax.Name       // what a reference that is being resolved stands in
}

// entry is a name in an interface or world.
type entry struct {
	at     syntax.Span
	hidden string   // the feature that is off, when it is gated by one
	def    *TypeDef // nil for functions, for what is hidden, and for what does not exist
	fn     bool
	number int // in the body's types

	// What a type comes from: one of both.
	decl *syntax.TypeDecl
	from *decl       // the interface that is used; nil if it does not resolve
	name syntax.Name // in that interface
}

func newBody(r *resolver, s *scope, owner Owner) *body {
	return &body{r: r, scope: s, owner: owner, names: make(map[string]*entry)}
}

// declare adds a name, and reports one that is there already.
func (b *body) declare(n syntax.Name, e *entry) {
	e.at = n.Span
	if prior := b.names[n.Text]; prior != nil {
		b.r.errs.add(n.Span, "`"+n.Text+"` is defined already").note(position(prior.at), "first defined here")
		return
	}
	b.names[n.Text] = e
	if e.hidden == "" && !e.fn {
		e.number = len(b.types)
		b.types = append(b.types, e)
	}
}

func (b *body) declareUse(u *syntax.Use) {
	stability, hidden := b.r.gate(u.Attributes, u.Path.Name.Span, b.scope.unit)
	var from *decl
	if hidden == "" {
		from = b.r.lookup(b.scope, u.Path, false)
	}
	for _, n := range u.Names {
		e := &entry{hidden: hidden, from: from, name: n.Name}
		if hidden == "" {
			e.def = &TypeDef{Name: n.As.Text, Owner: b.owner, Stability: stability, Pos: position(n.As.Span)}
		}
		b.declare(n.As, e)
	}
}

func (b *body) declareType(d *syntax.TypeDecl) {
	stability, hidden := b.r.gate(d.Attributes, d.Name.Span, b.scope.unit)
	e := &entry{hidden: hidden, decl: d}
	if hidden == "" {
		e.def = &TypeDef{
			Name:       d.Name.Text,
			Owner:      b.owner,
			Docs:       b.r.docs(d.Comments, position(d.Name.Span)),
			Stability:  stability,
			ExternalID: externalID(d.Attributes),
			Pos:        position(d.Name.Span),
		}
	}
	b.declare(d.Name, e)
}

func (b *body) declareFunc(f *syntax.Func) {
	b.declare(f.Name, &entry{hidden: b.r.hidden(f.Attributes), fn: true})
}

func externalID(a syntax.Attributes) string {
	if a.ExternalID == nil {
		return ""
	}
	return a.ExternalID.Value
}

// resolveTypes resolves the types that are declared and used, and returns
// them: each after those it refers to, else in source order.
func (b *body) resolveTypes() []*TypeDef {
	g := newGraph(len(b.types))
	for i, e := range b.types {
		if e.decl == nil {
			continue
		}
		declNames(e.decl, func(n syntax.Name) {
			if to := b.names[n.Text]; to != nil && to.def != nil {
				g.add(i, to.number, n.Span)
			}
		})
	}
	order := g.sort(func(circle []edge) {
		last := circle[len(circle)-1]
		way := "`" + b.types[last.to].def.Name + "`"
		name := way
		for _, e := range circle {
			way += " contains `" + b.types[e.to].def.Name + "`"
		}
		b.r.errs.add(last.at, "type "+name+" depends on itself: "+way)
	})
	defs := make([]*TypeDef, len(order))
	for i, n := range order {
		e := b.types[n]
		if e.decl != nil {
			b.resolveDecl(e)
		} else {
			b.resolveUse(e)
		}
		b.r.borrows[e.def] = b.r.hasBorrow(e.def.Type)
		defs[i] = e.def
	}
	return defs
}

// declNames calls yield with each name that a type declaration refers to, the
// functions of a resource not included.
func declNames(d *syntax.TypeDecl, yield func(syntax.Name)) {
	d.Type.Names(yield)
	for _, m := range d.Members {
		m.Type.Names(yield)
	}
}

// resolveUse makes an alias of a type in another interface.
func (b *body) resolveUse(e *entry) {
	d := e.from
	if d == nil || d.names == nil { // not there, or part of a circle
		return
	}
	from := d.names[e.name.Text]
	text := "`" + e.name.Text + "`"
	switch {
	case from == nil:
		var known []string
		for name, e := range d.names {
			if !e.fn {
				known = append(known, name)
			}
		}
		slices.Sort(known)
		b.r.errs.add(e.name.Span, "interface `"+d.name.Text+"` has no type "+text+syntax.Suggest(e.name.Text, known))
	case from.fn:
		b.r.errs.add(e.name.Span, text+" is a function, and only types can be used").note(position(from.at), "declared here")
	case from.hidden != "":
		b.hidden(e.name, e.name, from)
	case from.def != nil:
		e.def.Type = from.def
	}
}

// hidden reports a reference to a type that is not there.
func (b *body) hidden(at, name syntax.Name, e *entry) {
	b.r.errs.add(at.Span, "type `"+name.Text+"`, which this refers to, is hidden: feature `"+e.hidden+"` is not on").
		note(position(e.at), "gated here")
}

// resolveDecl resolves a type declaration.
func (b *body) resolveDecl(e *entry) {
	d := e.decl
	b.item = d.Name
	if len(d.Members) == 0 && (d.Kind == syntax.Variant || d.Kind == syntax.Enum) {
		b.r.errs.add(d.Name.Span, d.Kind.String()+" `"+d.Name.Text+"` has no cases")
	}
	b.checkMembers(d)
	switch d.Kind {
	case syntax.Alias:
		e.def.Type = b.aliased(d.Type)
	case syntax.Resource:
		e.def.Type = &Resource{}
	case syntax.Record:
		r := &Record{Fields: make([]Field, len(d.Members))}
		for i, m := range d.Members {
			b.item = m.Name
			at := position(m.Name.Span)
			r.Fields[i] = Field{m.Name.Text, b.typ(m.Type), b.r.docs(m.Comments, at), at}
		}
		e.def.Type = r
	case syntax.Variant:
		v := &Variant{Cases: make([]Case, len(d.Members))}
		for i, m := range d.Members {
			b.item = m.Name
			at := position(m.Name.Span)
			v.Cases[i] = Case{m.Name.Text, b.typ(m.Type), b.r.docs(m.Comments, at), at}
		}
		e.def.Type = v
	case syntax.Enum:
		e.def.Type = &Enum{Cases: b.labels(d.Members)}
	case syntax.Flags:
		e.def.Type = &Flags{Flags: b.labels(d.Members)}
	}
}

func (b *body) labels(members []syntax.Member) []Label {
	list := make([]Label, len(members))
	for i, m := range members {
		at := position(m.Name.Span)
		list[i] = Label{m.Name.Text, b.r.docs(m.Comments, at), at}
	}
	return list
}

// checkMembers reports fields, cases and flags that share a name.
func (b *body) checkMembers(d *syntax.TypeDecl) {
	seen := make(map[string]syntax.Span, len(d.Members))
	for _, m := range d.Members {
		if first, ok := seen[m.Name.Text]; ok {
			b.r.errs.add(m.Name.Span, "`"+m.Name.Text+"` stands twice in "+d.Kind.String()+" `"+d.Name.Text+"`").
				note(position(first), "first here")
			continue
		}
		seen[m.Name.Text] = m.Name.Span
	}
}
