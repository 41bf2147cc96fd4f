package gen

import (
	"slices"

	"github.com/witgen/witgen/gen/internal/printer"
)

// wrapper is a type that makes an interface, or a resource, of one version of that
// of another: for what guests export the newest of the older, for what the host
// provides the older of the newest.
type wrapper struct {
	name     string
	exported bool

	older, newest *iface
	resource      *decl        // the wrapped one; nil for an interface
	pair          [2]*decl     // it and the other one, the older first: two may be older than one
	of            printer.Code // the type of what it wraps
	want, have    []*method
	close         bool
}

// wrapper returns what wraps a resource.
func (b *bridge) wrapper(older, newest *decl, exported bool) *wrapper {
	for _, w := range b.wrappers {
		if w.exported == exported && w.pair == [2]*decl{older, newest} {
			return w
		}
	}
	w := &wrapper{exported: exported, older: older.iface, newest: newest.iface, pair: [2]*decl{older, newest}, close: true}
	want, have := older, newest
	if exported {
		want, have = newest, older
	}
	w.resource, w.want, w.have = have, want.methods, have.methods
	w.of = printer.Qual(have.pkg.path, have.name)
	b.wrap(w, want.iface.local+want.name)
	return w
}

// wrapInterface returns what wraps an interface.
func (b *bridge) wrapInterface(older, newest *iface, exported bool) *wrapper {
	w := &wrapper{exported: exported, older: older, newest: newest}
	want, have := older, newest
	if exported {
		want, have = newest, older
	}
	w.want, w.have = want.methods, have.methods
	w.of = printer.Qual(have.pkg.path, have.name)
	if len(have.methods) == 0 {
		w.of = printer.Name("struct{}")
	}
	b.wrap(w, want.local)
	return w
}

// wrapCalls returns what wraps the functions that a world itself exports.
func (b *bridge) wrapCalls() *wrapper {
	older, newest := b.older.world, b.newest.world
	w := &wrapper{exported: true, newest: newest.own, older: newest.own, want: newest.own.calls}
	if older.own != nil {
		w.older, w.have = older.own, older.own.calls
	}
	w.of = printer.Qual(older.pkg.path, older.name).Pointer()
	b.wrap(w, unexported(newest.name))
	return w
}

func (b *bridge) wrap(w *wrapper, local string) {
	side := "For"
	if w.exported {
		side = "Of"
	}
	w.name = b.unique(local + side + b.word)
	b.wrappers = append(b.wrappers, w)
}

// print declares the type.
func (w *wrapper) print(b *bridge) []printer.Code {
	what, how := "interface ", w.older.id+" of the host's"
	if w.exported {
		how = w.newest.id + " of what a component of version " + b.version(false) + " exports"
	}
	if w.resource != nil {
		what = "resource " + w.resource.wit.Name + " of "
	}
	code := []printer.Code{printer.ShortStruct(printer.Wrap(w.name+" makes the "+what+how+"."), w.name, printer.Field{Name: "of", Type: w.of})}
	for _, m := range w.want {
		k := slices.IndexFunc(w.have, func(n *method) bool { return n.wit.Name == m.wit.Name })
		a := &adapter{bridge: b, wrapper: w, want: m}
		if k >= 0 {
			a.have = w.have[k]
		}
		code = append(code, a.print())
	}
	if w.close {
		code = append(code, printer.Func{
			Recv: printer.Param{Name: "x", Type: printer.Name(w.name)}, Name: "Close",
			Params: []printer.Param{ctxParam}, Results: []printer.Param{errResult},
			Body: []printer.Code{printer.Return(printer.Name("x").Dot("of").Dot("Close").Call(printer.Name("ctx")))}, Short: true,
		}.Code())
	}
	return code
}
