package compat

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// sameInterface reports whether an import or export is of the interface that it was
// of. A name that a world has for one may be of another one.
func (c *comparer) sameInterface(was, is *wit.WorldItem) bool {
	return c.old.key(wit.Owner{Interface: was.Interface}) == c.now.key(wit.Owner{Interface: is.Interface})
}

// labelMoved reports a name of a world that is of another interface now. Members are
// compared whole, since both interfaces may be there by their own names, too.
func (c *comparer) labelMoved(w *worldPair, role Role, was, is *wit.WorldItem) {
	text := func(i *wit.Interface) string {
		if i.Name == "" {
			return "an interface of the world"
		}
		return "`" + i.ID() + "`"
	}
	ch := c.itemChange(w, role, was, is, "WORLD_ITEM_SAME_NAME", "is "+text(is.Interface)+" now, it was "+text(was.Interface))
	old, now := c.asked(c.old, was.Interface), c.asked(c.now, is.Interface)
	if role == Exports {
		old, now = now, old // hosts ask guests
	}
	for _, d := range []struct {
		guests     bool
		want, have []shape
	}{{true, old, now}, {false, now, old}} {
		one := ch
		one.guests, one.hosts = d.guests, !d.guests
		if !slices.ContainsFunc(d.want, func(n shape) bool { return !slices.Contains(d.have, n) }) {
			one.severity, one.adds, one.partly = Info, true, false
			one.then = "hosts that go by what it is, and not by its name, find another one in %s"
		}
		c.add(w.position(role), one)
	}
}

// asked returns the shapes of what components ask an interface for, with names:
// functions and resources.
func (c *comparer) asked(s *side, i *wit.Interface) []shape {
	var list []shape
	add := func(name string, of shape) {
		k := shapeKey{s: c.shapes}
		k.text(name)
		k.number(of)
		list = append(list, k.shape())
	}
	b := s.body(i)
	for _, f := range b.funcs {
		add(f.Name, c.funcShape(s, f))
	}
	for _, d := range b.types {
		if isResource(d) {
			add(d.Name, 0) // which one it is shows in functions
		}
	}
	return list
}
