package wit

// elaborate completes the world's imports and exports with the interfaces
// that they depend on, and sorts them. It reports whether the world is whole.
//
// Imports come in classes, each interface after those it depends on. An
// exported interface finds what it depends on among the exports if it is
// there, and else among the imports.
func (b *worldBody) elaborate() bool {
	e := &elaborator{worldBody: b}
	e.imports.verb = "import"
	declared := b.imports.list
	sortByClass(declared)
	for _, item := range declared {
		switch {
		case item.Interface != nil:
			e.importDeps(item.Interface, item.Stability)
		case item.Type != nil:
			if i := usedFrom(item.Type); i != nil {
				e.importInterface(i, item.Stability)
			}
		}
		e.imports.add(item)
	}
	exported := make(map[*Interface]*WorldItem)
	for _, item := range b.exports.list {
		if item.Func != nil {
			e.exports.add(item)
		} else if item.Label == "" {
			exported[item.Interface] = item
		}
	}
	for _, item := range b.exports.list {
		if item.Interface != nil && !e.export(item, exported) {
			return false
		}
	}
	sortByClass(e.imports.list)
	b.w.Imports, b.w.Exports = e.imports.list, e.exports.list
	return true
}

// elaborator holds the elaborated imports and exports of a world.
type elaborator struct {
	*worldBody
	imports, exports itemSet
}

// usedFrom returns the interface that a type is used from, if it is.
func usedFrom(d *TypeDef) *Interface {
	if used, ok := d.Type.(*TypeDef); ok && used.Owner.Interface != d.Owner.Interface {
		return used.Owner.Interface
	}
	return nil
}

// deps calls yield with each interface that an interface uses types of, until
// yield returns false, which deps returns, too.
func deps(i *Interface, yield func(*Interface) bool) bool {
	for _, d := range i.Types {
		if from := usedFrom(d); from != nil && !yield(from) {
			return false
		}
	}
	return true
}

// importInterface imports an interface and, before it, what it depends on.
func (e *elaborator) importInterface(i *Interface, s Stability) {
	item := &WorldItem{Interface: i, Stability: s, Pos: i.Pos}
	if e.imports.byKey[key(item)] != nil {
		return
	}
	e.importDeps(i, s)
	e.imports.add(item)
}

func (e *elaborator) importDeps(i *Interface, s Stability) {
	deps(i, func(dep *Interface) bool {
		e.importInterface(dep, s)
		return true
	})
}

// export exports an interface and, before it, what it depends on and is
// exported, too. The rest of that is imported.
func (e *elaborator) export(item *WorldItem, exported map[*Interface]*WorldItem) bool {
	if e.exports.byKey[key(item)] != nil {
		return true
	}
	ok := deps(item.Interface, func(dep *Interface) bool {
		if other := exported[dep]; other != nil {
			return e.export(other, exported)
		}
		if way := wayTo(dep, exported); way != nil {
			e.clash(item, way)
			return false
		}
		e.importInterface(dep, item.Stability)
		return true
	})
	if ok {
		e.exports.add(item)
	}
	return ok
}

// wayTo returns how an interface, which is to be imported, depends on one that
// is exported: the interfaces from the first to the last. It is nil if it
// does not.
func wayTo(i *Interface, exported map[*Interface]*WorldItem) []*Interface {
	seen := make(map[*Interface]bool)
	var search func(i *Interface) []*Interface
	search = func(i *Interface) []*Interface {
		if exported[i] != nil {
			return []*Interface{i}
		}
		if seen[i] {
			return nil
		}
		seen[i] = true
		var way []*Interface
		deps(i, func(dep *Interface) bool {
			if rest := search(dep); rest != nil {
				way = append([]*Interface{i}, rest...)
			}
			return way == nil
		})
		return way
	}
	return search(i)
}

// clash reports an export that depends on an import which depends on another
// export: one type would have to be two at once.
func (e *elaborator) clash(item *WorldItem, way []*Interface) {
	last := way[len(way)-1]
	msg := "export `" + item.Name() + "`"
	for _, i := range way {
		msg += " uses types of `" + i.ID() + "`"
		if i != last {
			msg += ", which"
		}
	}
	msg += ", which is exported, too: add"
	for _, i := range way[:len(way)-1] {
		msg += " `export " + e.reference(i) + ";`"
	}
	e.r.errs.add(e.d.name.Span, msg).note(item.Pos, "the export")
}

// reference returns the path by which the world can name an interface.
func (e *elaborator) reference(i *Interface) string {
	if i.Package == e.w.Package {
		return i.Name
	}
	return i.ID()
}
