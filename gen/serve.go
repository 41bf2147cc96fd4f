package gen

import (
	"cmp"
	"slices"

	"github.com/witgen/witgen/gen/internal/printer"
	"github.com/witgen/witgen/wit"
)

// olderExports is the interface of the functions of a world itself that an
// instance of an older version exports.
const olderExports = "olderExports"

// serve has the world's package serve components of older versions too.
func (p *plan) serve(older []*plan) {
	taken := make(map[string]bool)
	for _, o := range older {
		p.world.bridges = append(p.world.bridges, newBridge(o.same, older, taken))
	}
}

// markOlder marks what older versions of the world lack of what it exports.
func (w *world) markOlder(older []*wit.World) {
	for _, v := range older {
		for n := range w.exports {
			w.exports[n].markOlder(v)
		}
	}
}

func (s *slot) markOlder(older *wit.World) {
	var funcs []*wit.Func
	found := false
	for _, item := range older.Exports {
		switch {
		case s.iface.own:
			found = true
			if item.Func != nil {
				funcs = append(funcs, item.Func)
			}
		case item.Interface == nil, item.Label != cmp.Or(s.label, inlineLabel(s)):
		case s.label == "" && s.iface.wit.Name != "" && (item.Interface.Name == "" || unversionedID(item.Interface) != unversionedID(s.iface.wit)):
		default:
			funcs, found = item.Interface.Funcs, true
		}
	}
	if !found {
		s.older = s.older || s.field != ""
		return
	}
	for k, m := range s.functions() {
		has := slices.ContainsFunc(funcs, func(f *wit.Func) bool { return f.Name == m.wit.Name })
		known := slices.ContainsFunc(s.lacks, func(l *lack) bool { return l.index == k })
		if !has && !known {
			s.lacks = append(s.lacks, &lack{method: m, index: k, older: true})
		}
	}
}

// inlineLabel returns the label of an interface that is written in the world.
func inlineLabel(s *slot) string {
	if s.iface.wit.Name == "" {
		return s.iface.link
	}
	return ""
}

// option reports whether the field is a cm.Option.
func (s slot) option() bool { return s.optional || s.older }

// olderWorlds returns the descriptions of the older versions.
func (w *world) olderWorlds() []printer.Code {
	var worlds []printer.Code
	for _, b := range w.bridges {
		worlds = append(worlds, printer.Name("world"+b.word).Call())
	}
	return worlds
}

// chooseOlder returns the statement that prepares a component of an older version.
func (w *world) chooseOlder() printer.Code {
	chosen := printer.Name("component").Dot("Choose").Call(printer.Name("p").Dot("World").Call())
	prepare := func(b *bridge) printer.Code {
		return printer.Return(printer.Name("prepare" + b.word).Call(printer.Name("component")))
	}
	if len(w.bridges) == 1 {
		return printer.If(chosen.Op("==", printer.Int(1)), prepare(w.bridges[0]))
	}
	var cases []printer.Code
	for n, b := range w.bridges {
		cases = append(cases, printer.Case(printer.Int(n+1), prepare(b)))
	}
	return printer.Switch(chosen, cases...)
}

// olderFunctions declares the interface of what an instance of an older version
// exports of the world itself.
func (w *world) olderFunctions() []printer.Code {
	if !w.callsOlder() {
		return nil
	}
	var methods []printer.Func
	for _, m := range w.own.calls {
		params, results := m.signature(func(p param) string { return p.name })
		methods = append(methods, printer.Func{Name: m.name, Params: params, Results: results})
	}
	doc := printer.Wrap(olderExports + " is what a component of an older version exports outside of interfaces.")
	return []printer.Code{printer.Interface(doc, olderExports, nil, methods...)}
}

// callsOlder reports whether components of older versions have functions of the
// world itself to call.
func (w *world) callsOlder() bool { return len(w.bridges) > 0 && w.own != nil && len(w.own.calls) > 0 }

// prepared declares how a component of the older version is prepared and started.
func (b *bridge) prepared() []printer.Code {
	name, older := "prepared"+b.word, b.older.world
	pointer := printer.Qual(older.pkg.path, "Prepared").Pointer()
	prepare := printer.Func{
		Doc:    printer.Wrap("prepare" + b.word + " links a component that was built for " + older.wit.ID() + "."),
		Name:   "prepare" + b.word,
		Params: []printer.Param{componentParam}, Results: []printer.Param{{Type: printer.Name("Prepared").Pointer()}, errResult},
		Body: []printer.Code{
			printer.Define(printer.Qual(older.pkg.path, "Prepare").Call(printer.Name("component")), "older", "err"),
			printer.If(errName.Op("!=", nilName), printer.Return(nilName, errName)),
			printer.Return(printer.Name("Prepared").Keyed(printer.Key{Name: "older", Value: printer.Name(name).List(printer.Name("older"))}).Ref(), nilName),
		},
	}
	world := printer.Func{
		Doc:  printer.Wrap("world" + b.word + " returns what such components are linked with."),
		Name: "world" + b.word, Results: []printer.Param{{Type: printer.Qual(rtPath, "World")}},
		Body:  []printer.Code{printer.Return(pointer.Paren().Call(nilName).Dot("World").Call())},
		Short: true,
	}
	return []printer.Code{
		world.Code(), prepare.Code(),
		printer.ShortStruct(printer.Wrap(name+" starts instances of such a component."), name, printer.Field{Name: "of", Type: pointer}),
		b.instantiate(name),
	}
}

// instantiate declares the method that starts an instance.
func (b *bridge) instantiate(recv string) printer.Code {
	newest, older := b.newest.world, b.older.world
	given := printer.Qual(older.pkg.path, "Imports").KeyedLines(b.imports()...)
	start := printer.Name("p").Dot("of").Dot("Instantiate").Call(printer.Name("ctx"), given, printer.Name("config"))
	body := []printer.Code{
		printer.Define(start, "in", "err"),
		printer.If(errName.Op("!=", nilName), printer.Return(nilName, errName)),
	}
	var keys []printer.Key
	for n := range newest.exports {
		s := &newest.exports[n]
		if s.field == "" {
			continue
		}
		before, value := b.export(s)
		body = append(body, before...)
		keys = append(keys, printer.Key{Name: s.field, Value: value})
	}
	keys = append(keys, printer.Key{Name: "instance", Value: printer.Name("in").Dot("RT").Call()})
	if newest.callsOlder() {
		keys = append(keys, printer.Key{Name: "older", Value: printer.Name(b.wrapCalls().name).List(printer.Name("in"))})
	}
	keys = append(keys, b.lacking()...)
	return printer.Func{
		Recv: printer.Param{Name: "p", Type: printer.Name(recv)}, Name: "instantiate",
		Params:  []printer.Param{ctxParam, importsParam, configParam},
		Results: []printer.Param{{Type: printer.Name(newest.name).Pointer()}, errResult},
		Body:    append(body, printer.Return(printer.Name(newest.name).KeyedLines(keys...).Ref(), nilName)),
	}.Code()
}

// imports returns the imports of the older version, made of those of the newest.
func (b *bridge) imports() []printer.Key {
	var keys []printer.Key
	for _, t := range b.older.world.imports {
		if t.field == "" {
			continue
		}
		i := slices.IndexFunc(b.newest.world.imports, func(s slot) bool { return s.field != "" && b.pairs(t, s) })
		if i < 0 {
			keys = append(keys, printer.Key{Name: t.field, Value: b.gone(t)})
			continue
		}
		s := b.newest.world.imports[i]
		value := printer.Name("imports").Dot(s.field)
		if !b.whole[t.iface] {
			value = printer.Name(b.wrapInterface(t.iface, s.iface, false).name).List(value)
		}
		keys = append(keys, printer.Key{Name: t.field, Value: value})
	}
	return keys
}

// pairs reports whether an interface of the older world is one of the newest.
func (b *bridge) pairs(older, newest slot) bool {
	return older.label == newest.label && b.interfaces[older.iface] == newest.iface
}

// gone returns the call of a function that is the user's to write: it provides an
// import that the newest version has no longer.
func (b *bridge) gone(t slot) printer.Code {
	name := b.unique("import" + t.field + "For" + b.word)
	f := printer.Func{Name: name, Params: []printer.Param{importsParam}, Results: []printer.Param{{Type: printer.Qual(t.iface.pkg.path, t.iface.name)}}}
	why := " has no import " + t.iface.id
	switch {
	case t.iface.own:
		why = " imports no functions outside of interfaces"
	case b.interfaces[t.iface] != nil && b.interfaces[t.iface].imported:
		why = " imports no functions of " + t.iface.id
	}
	b.stubs = append(b.stubs, b.stub(f, "Version "+b.version(true)+why+" any more, and guests of version "+b.version(false)+" need it."))
	return printer.Name(name).Call(printer.Name("imports"))
}

// export returns a field of the instance, after what that takes.
func (b *bridge) export(s *slot) (before []printer.Code, value printer.Code) {
	of := printer.Qual(s.iface.pkg.path, s.iface.name)
	t := b.olderExport(s)
	if t == nil {
		return nil, cm("None").Of(of).Call()
	}
	wrap := func(v printer.Code) printer.Code { return v }
	if !b.whole[t.iface] {
		name := b.wrapInterface(t.iface, s.iface, true).name
		wrap = func(v printer.Code) printer.Code { return printer.Name(name).List(v) }
	}
	switch {
	case t.field == "":
		value = wrap(printer.Name("struct{}").List())
	case t.option():
		local := unexported(t.field)
		before = append(before, printer.Define(printer.Name("in").Dot(t.field).Dot("Get").Call(), local+"Of", "has"+t.field))
		return before, cm("OptionOf").Of(of).Call(wrap(printer.Name(local+"Of")), printer.Name("has"+t.field))
	default:
		value = wrap(printer.Name("in").Dot(t.field))
	}
	if s.option() {
		value = cm("Some").Of(of).Call(value)
	}
	return nil, value
}

// olderExport returns the export of the older version that one of the newest is made
// of: of those of several versions of another package the one of the newest; nil for
// none.
func (b *bridge) olderExport(s *slot) *slot {
	var found *slot
	for n := range b.older.world.exports {
		t := &b.older.world.exports[n]
		if t.iface.own != s.iface.own || !t.iface.own && !b.pairs(*t, *s) {
			continue
		}
		if found == nil || t.iface.wit.Name != "" && wit.CompareVersions(t.iface.wit.Package.Name.Version, found.iface.wit.Package.Name.Version) > 0 {
			found = t
		}
	}
	return found
}

// lacking returns the fields that tell which functions the component lacks.
func (b *bridge) lacking() []printer.Key {
	var keys []printer.Key
	for _, s := range b.newest.world.exports {
		for _, l := range s.lacks {
			keys = append(keys, printer.Key{Name: l.local, Value: b.lacks(s, l)})
		}
	}
	return keys
}

// lacks returns whether the component lacks a function.
func (b *bridge) lacks(s slot, l *lack) printer.Code {
	t := b.olderExport(&s)
	if t == nil {
		return printer.Name("true")
	}
	for _, m := range t.functions() {
		if m.wit.Name != l.method.wit.Name {
			continue
		}
		for _, other := range t.lacks {
			if other.method == m {
				return printer.Name("in").Dot(other.name).Call().Not()
			}
		}
		return printer.Name("false")
	}
	return printer.Name("true")
}
