package compat

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// passes reports whether values of a function are of a type for which is holds,
// or have such values in them.
func passes(f *wit.Func, is func(*wit.TypeDef) bool) bool {
	s := search{is: is, seen: make(map[*wit.TypeDef]bool)}
	for _, p := range f.Params {
		names(p.Type, s.note)
	}
	names(f.Result, s.note)
	return s.found
}

// has reports whether that holds for a type, or for one that it is made of.
func has(d *wit.TypeDef, is func(*wit.TypeDef) bool) bool {
	s := search{is: is, seen: make(map[*wit.TypeDef]bool)}
	s.note(d)
	return s.found
}

// search looks for a type among those that others are made of.
type search struct {
	is    func(*wit.TypeDef) bool
	seen  map[*wit.TypeDef]bool
	found bool
}

func (s *search) note(d *wit.TypeDef) {
	if s.seen[d] {
		return
	}
	s.seen[d] = true
	s.found = s.found || s.is(d)
	namesIn(d, s.note)
}

// resourceOf holds for the resources that an interface declares, typeOf for all
// of its types.
func resourceOf(i *wit.Interface) func(*wit.TypeDef) bool {
	return func(d *wit.TypeDef) bool { return isResource(d) && d.Owner.Interface == i }
}

func typeOf(i *wit.Interface) func(*wit.TypeDef) bool {
	return func(d *wit.TypeDef) bool { return d.Owner.Interface == i }
}

// needless says of an import that came or went that no component has it, nor what
// came or went with it, if that is so. The items are those of the world with the
// import.
func (it cause) needless(s *side, role Role, items [2]itemList, ch change) change {
	if role != Imports {
		return ch
	}
	for _, item := range slices.Concat([]*wit.WorldItem{it.item}, it.with) {
		if s.imported(item.Interface, items) {
			return ch
		}
	}
	ch.severity, ch.adds, ch.partly, ch.fix = Info, true, false, "nothing"
	ch.then = "nothing else has a type of it, so that %s do not import it"
	return ch
}

// imported reports whether components that use all of a world import one of its
// interfaces: they do if it has functions or resources, and else for the types
// that functions pass, and that are among exports. Exports use types of an export
// if they can.
func (s *side) imported(i *wit.Interface, items [2]itemList) bool {
	b := s.body(i)
	if len(b.funcs) > 0 || slices.ContainsFunc(b.types, isResource) {
		return true
	}
	own := slices.ContainsFunc(items[1].keys, func(k string) bool { return items[1].byKey[k].Interface == i })
	for n, list := range items {
		for _, k := range list.keys {
			if (n == 0 || !own) && s.needs(list.byKey[k], n == 1, i) {
				return true
			}
		}
	}
	return false
}

// needs reports whether an item of a world needs types of an interface.
func (s *side) needs(item *wit.WorldItem, export bool, i *wit.Interface) bool {
	switch {
	case item.Func != nil:
		return passes(item.Func, typeOf(i))
	case item.Type != nil:
		return has(item.Type, typeOf(i))
	case item.Interface == i:
		return false
	case export:
		with := make(map[*wit.Interface]bool)
		s.dependencies(item.Interface, with)
		return with[i]
	}
	for _, f := range s.body(item.Interface).funcs {
		if passes(f, typeOf(i)) {
			return true
		}
	}
	return false
}
