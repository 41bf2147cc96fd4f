package compat

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// ownResources compares whose resources exports pass. If a world exports an
// interface, what else it exports uses the resources of that, which are the
// guest's own; if not, it uses those that the guest imports. So an export that
// came or went changes others, whose WIT is what it was. See WIT.md, "Worlds".
func (c *comparer) ownResources(w *worldPair) {
	if !slices.Contains(c.roles(), Exports) {
		return
	}
	was, is := w.was[1], w.is[1]
	for _, k := range slices.Concat(was.keys, is.keys) {
		old, now := was.byKey[k], is.byKey[k]
		switch {
		case old != nil && now == nil && old.Interface != nil && old.Label == "":
			c.otherOwner(w, k, old, w.is[0].byKey[k], "is not exported any more", "they were the guest's own, and are those that it imports now")
		case old == nil && now != nil && now.Interface != nil && now.Label == "":
			c.otherOwner(w, k, w.was[0].byKey[k], now, "is exported now", "they were those that the guest imports, and are its own now")
		}
	}
}

// otherOwner reports the exports that pass resources of an interface, if there
// are any.
func (c *comparer) otherOwner(w *worldPair, k string, old, now *wit.WorldItem, what, whose string) {
	if old == nil || now == nil {
		return // which others cannot use on both sides
	}
	var users []string
	named := false // in a type that no function passes
	for _, key := range w.was[1].keys {
		item, other := w.was[1].byKey[key], w.is[1].byKey[key]
		if key == k || other == nil || item.Interface == nil || other.Interface == nil {
			continue
		}
		b := c.byInterface[interfaces{item.Interface, other.Interface}]
		if b == nil {
			continue // it is of another interface
		}
		for _, f := range b.old.funcs {
			if g := c.funcs[f]; g != nil && passes(f, resourceOf(old.Interface)) && passes(g, resourceOf(now.Interface)) {
				users = append(users, b.prefix+funcPath(g))
			}
		}
		for _, d := range b.now.types {
			named = named || !declared(d) && c.origin[d] != nil && has(d, resourceOf(now.Interface))
		}
	}
	if len(users) == 0 && !named {
		return
	}
	item := path(now.Interface.Package, now.Interface.Name)
	ch := change{
		rule: "TYPE_SAME_HOME", guests: true, hosts: true, pkg: now.Interface.Package.Name.String(), item: item, users: users,
		old: place(old.Pos, itemText(sideOf(w.was, k), old)), new: place(now.Pos, itemText(sideOf(w.is, k), now)),
		what: "`" + item + "` " + what + ", and other exports pass its resources: " + whose,
		then: "%s are refused",
		fix:  "leave `" + item + "` as it was, or put the other exports into a new interface",
	}
	if len(users) == 0 {
		ch.what = "`" + item + "` " + what + ", and other exports have its resources among their types: " + whose
		ch.then = "tools that compare all types of an interface, unlike hosts, find another one in %s"
		ch.severity, ch.adds = Info, true
	}
	c.add(w.position(Exports), ch)
}

// sideOf returns the role in which a side of a world has an interface: to
// export it counts, if it does both.
func sideOf(items [2]itemList, k string) Role {
	if items[1].byKey[k] != nil {
		return Exports
	}
	return Imports
}
