package wit

import (
	"slices"
	"strings"

	"github.com/witgen/witgen/wit/internal/syntax"
)

// worldBody is a world being resolved.
type worldBody struct {
	*body
	d       *decl
	w       *World
	imports itemSet // types included
	exports itemSet
}

// itemSet is the imports or the exports of a world, in order.
type itemSet struct {
	verb  string // "import" or "export"
	list  []*WorldItem
	byKey map[string]*WorldItem
}

// key returns what tells an item from the others of its set: names are unique
// ignoring case.
func key(item *WorldItem) string { return strings.ToLower(item.Name()) }

// add appends an item, or returns the one that has its name.
func (s *itemSet) add(item *WorldItem) *WorldItem {
	k := key(item)
	if prior := s.byKey[k]; prior != nil {
		return prior
	}
	if s.byKey == nil {
		s.byKey = make(map[string]*WorldItem)
	}
	s.byKey[k] = item
	s.list = append(s.list, item)
	return nil
}

// what says what an item is.
func (w *WorldItem) what() string {
	switch {
	case w.Func != nil:
		return "function"
	case w.Type != nil:
		return "type"
	}
	return "interface"
}

// resolveWorld resolves a world whose references are resolved: first its own
// items, types before all others, then what it includes; then it is
// elaborated.
func (r *resolver) resolveWorld(d *decl) {
	w := &World{
		Package:   d.scope.unit.model,
		Name:      d.name.Text,
		Docs:      r.docs(d.world.Comments, position(d.name.Span)),
		Stability: d.stability,
		Pos:       position(d.name.Span),
	}
	b := &worldBody{body: newBody(r, d.scope, Owner{World: w}), d: d, w: w}
	b.imports.verb, b.exports.verb = "import", "export"
	for _, item := range d.world.Items {
		switch item := item.(type) {
		case *syntax.Use:
			b.declareUse(item)
		case *syntax.TypeDecl:
			b.declareType(item)
		}
	}
	for _, def := range b.resolveTypes() {
		b.imports.add(&WorldItem{
			Label: def.Name, Type: def, Docs: def.Docs, Stability: def.Stability,
			ExternalID: def.ExternalID, Pos: def.Pos,
		})
	}
	for _, item := range d.world.Items {
		switch item := item.(type) {
		case *syntax.TypeDecl:
			for _, f := range b.resourceFuncs(item) {
				b.imports.add(funcItem(f))
			}
		case *syntax.Extern:
			b.extern(item)
		}
	}
	for _, item := range d.world.Items {
		if i, ok := item.(*syntax.Include); ok {
			b.include(i)
		}
	}
	if b.elaborate() {
		d.w = w
	}
}

func funcItem(f *Func) *WorldItem {
	return &WorldItem{
		Label: f.Name, Func: f, Docs: f.Docs, Stability: f.Stability, ExternalID: f.ExternalID, Pos: f.Pos,
	}
}

// extern adds an import or export.
func (b *worldBody) extern(e *syntax.Extern) {
	at := e.Label.Span
	if e.Label.Text == "" {
		at = e.Path.Name.Span
		if e.Path.Package != nil {
			at = e.Path.Package.Span
		}
	}
	if b.r.hidden(e.Attributes) != "" {
		return
	}
	if e.Func != nil {
		b.addExtern(e, funcItem(b.function(e.Func, nil)))
		return
	}
	stability, _ := b.r.gate(e.Attributes, at, b.scope.unit)
	item := &WorldItem{
		Label:      e.Label.Text,
		Docs:       b.r.docs(e.Comments, position(at)),
		Stability:  stability,
		ExternalID: externalID(e.Attributes),
		Pos:        position(at),
	}
	if e.Interface != nil {
		item.Interface = &Interface{Package: b.w.Package, Docs: item.Docs, Stability: stability, Pos: item.Pos}
		b.r.interfaceBody(b.scope, item.Interface, e.Interface)
		b.addExtern(e, item)
		return
	}
	if d := b.r.lookup(b.scope, *e.Path, false); d != nil && d.interf != nil {
		item.Interface = d.interf
		b.addExtern(e, item)
	}
}

// addExtern adds an item of the world's own, and reports one that is there.
func (b *worldBody) addExtern(e *syntax.Extern, item *WorldItem) {
	set := &b.imports
	if e.Export {
		set = &b.exports
	}
	prior := set.add(item)
	if prior == nil {
		return
	}
	span := e.Label.Span
	var msg string
	switch name := item.Name(); {
	case item.Label == "":
		span = e.Path.Name.Span
		msg = "interface `" + name + "` is " + set.verb + "ed twice"
	case prior.Label != item.Label:
		msg = set.verb + " `" + name + "` differs from " + prior.what() + " `" + prior.Label + "` only by case, which does not count"
	default:
		msg = "the world has " + article(prior.what()) + " `" + name + "` among its " + set.verb + "s already"
	}
	b.r.errs.add(span, msg).note(prior.Pos, "first here")
}

// class orders the imports of an elaborated world: interfaces, used types,
// defined types, functions, functions of resources.
func (w *WorldItem) class() int {
	switch {
	case w.Interface != nil:
		return 0
	case w.Type != nil:
		if used, ok := w.Type.Type.(*TypeDef); ok && used.Owner != w.Type.Owner {
			return 1
		}
		return 2
	case w.Func.Kind == Freestanding:
		return 3
	}
	return 4
}

func sortByClass(items []*WorldItem) {
	slices.SortStableFunc(items, func(a, b *WorldItem) int { return a.class() - b.class() })
}
