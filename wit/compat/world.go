package compat

import (
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// turned reports whether a world exports what it imported, or the other way
// round.
func (w *worldPair) turned(key string) bool {
	for n := range w.was {
		if w.was[n].byKey[key] != nil && w.was[1-n].byKey[key] == nil && w.is[n].byKey[key] == nil && w.is[1-n].byKey[key] != nil {
			return true
		}
	}
	return false
}

// worldItems compares what a world imports and exports as a whole. What changed
// in it is compared with the bodies.
func (c *comparer) worldItems(w *worldPair) {
	for _, role := range c.roles() {
		n := roleNumber(role)
		var gone, fresh []*wit.WorldItem
		for _, k := range w.was[n].keys {
			item, now := w.was[n].byKey[k], w.is[n].byKey[k]
			switch {
			case w.turned(k):
				c.itemTurned(w, role, item, w.is[1-n].byKey[k])
			case now != nil && item.Interface != nil && now.Interface == nil:
				c.itemChanged(w, role, item, now, "is no interface any more")
			case now != nil && item.Interface == nil && now.Interface != nil:
				c.itemChanged(w, role, item, now, "is an interface now")
			case now != nil && now.Interface != nil && !c.sameInterface(item, now):
				c.labelMoved(w, role, item, now)
			case now == nil && item.Interface != nil:
				gone = append(gone, item)
			}
		}
		for _, k := range w.is[n].keys {
			if item := w.is[n].byKey[k]; w.was[n].byKey[k] == nil && item.Interface != nil && !w.turned(k) {
				fresh = append(fresh, item)
			}
		}
		gone, fresh = c.itemsRenamed(w, role, gone, fresh)
		for _, it := range c.old.causes(gone) {
			c.itemGone(w, role, it)
		}
		for _, it := range c.now.causes(fresh) {
			c.itemAdded(w, role, it)
		}
	}
}

// itemChange returns a change of an import or export; either may be nil.
func (c *comparer) itemChange(w *worldPair, role Role, was, is *wit.WorldItem, rule, what string) change {
	ch := change{rule: rule, guests: true, hosts: true, partly: role == Imports}
	verb := "import"
	if role == Exports {
		verb = "export"
	}
	if is != nil {
		ch.new = place(is.Pos, itemText(role, is))
		ch.item, ch.pkg = c.itemPath(w, is), w.now.Package.Name.String()
	}
	if was != nil {
		ch.old = place(was.Pos, itemText(role, was))
		ch.item, ch.pkg = c.itemPath(w, was), w.old.Package.Name.String()
	}
	if is != nil {
		ch.pkg = w.now.Package.Name.String()
	}
	ch.what = verb + " `" + ch.item + "` " + what
	return ch
}

func (c *comparer) itemPath(w *worldPair, item *wit.WorldItem) string {
	if item.Label != "" {
		return w.path + "#" + item.Label
	}
	return path(item.Interface.Package, item.Interface.Name)
}

func (w *worldPair) position(role Role) position { return position{role, []string{w.now.Name}} }

// itemTurned reports what is on the other side now. Hosts that call an export
// which guests now import have nothing to call, even if all links.
func (c *comparer) itemTurned(w *worldPair, role Role, was, is *wit.WorldItem) {
	ch := c.itemChange(w, role, was, is, "WORLD_ITEM_SAME_DIRECTION", "")
	other := Imports
	ch.what = "`" + ch.item + "` is an import now, it was an export"
	if role == Imports {
		other = Exports
		ch.what = "`" + ch.item + "` is an export now, it was an import"
		ch.hosts = false
	}
	ch.new = place(is.Pos, itemText(other, is))
	ch.partly = false
	c.add(w.position(role), ch)
}

func (c *comparer) itemChanged(w *worldPair, role Role, was, is *wit.WorldItem, what string) {
	c.add(w.position(role), c.itemChange(w, role, was, is, "WORLD_ITEM_SAME_NAME", what))
}

// itemsRenamed takes out interfaces that got another name: one is gone, and the
// only new one that is like it is the other.
func (c *comparer) itemsRenamed(w *worldPair, role Role, gone, fresh []*wit.WorldItem) (_, _ []*wit.WorldItem) {
	paired := make(map[*wit.WorldItem]bool)
	looks := make([]itemLook, len(fresh))
	for i, is := range fresh {
		looks[i] = c.now.look(is)
	}
	for _, was := range gone {
		look := c.old.look(was)
		var like []*wit.WorldItem
		for i, is := range fresh {
			if look.like(looks[i]) && !paired[is] {
				like = append(like, is)
			}
		}
		if len(like) != 1 {
			continue
		}
		is := like[0]
		paired[was], paired[is] = true, true
		rule := "WORLD_" + map[Role]string{Imports: "IMPORT", Exports: "EXPORT"}[role] + "_NO_DELETE"
		if (was.Label == "") != (is.Label == "") {
			rule = "WORLD_ITEM_SAME_NAME"
		}
		guests := c.itemChange(w, role, was, is, rule, "goes by the name `"+is.Name()+"` now")
		hosts := guests
		guests.hosts, hosts.guests = false, false
		c.add(w.position(role), cause{item: was}.needless(c.old, role, w.was, guests))
		c.add(w.position(role), cause{item: is}.needless(c.now, role, w.is, hosts))
	}
	drop := func(item *wit.WorldItem) bool { return paired[item] }
	return slices.DeleteFunc(gone, drop), slices.DeleteFunc(fresh, drop)
}

// itemLook is what an interface of a world has in common with one that it may
// have been.
type itemLook struct {
	path     string // without a version, empty for one written in a world
	name     string // that it goes by in its package, or its label
	label    bool
	contents string // the names of all it has
}

func (s *side) look(item *wit.WorldItem) itemLook {
	i := item.Interface
	l := itemLook{name: item.Label, label: item.Label != "", contents: strings.Join(contents(s.body(i)), "\n")}
	if !l.label {
		l.name = i.Name
	}
	if i.Name != "" {
		l.path = path(i.Package, i.Name)
	}
	return l
}

// like reports whether two interfaces are the same one in another track, one of
// the same name that has a home of its own now, or one with all that the other
// had.
func (l itemLook) like(m itemLook) bool {
	return l.path != "" && l.path == m.path || l.label != m.label && l.name == m.name || l.contents != "" && l.contents == m.contents
}

// contents returns the names of all that an interface has.
func contents(b body) []string {
	var list []string
	for _, d := range b.types {
		list = append(list, kindOf(d).String()+" "+d.Name)
	}
	for _, f := range b.funcs {
		list = append(list, funcText(f))
	}
	slices.Sort(list)
	return list
}

// cause is an import or export that came or went, and the interfaces that came
// or went with it since it uses types of them.
type cause struct {
	item *wit.WorldItem
	with []*wit.WorldItem
}

// causes returns the items that no other one of them depends on.
func (s *side) causes(items []*wit.WorldItem) []cause {
	needed := make(map[*wit.Interface]bool)
	list := make([]cause, 0, len(items))
	for _, item := range items {
		with := make(map[*wit.Interface]bool)
		s.dependencies(item.Interface, with)
		it := cause{item: item}
		for _, other := range items {
			if other != item && other.Label == "" && with[other.Interface] {
				needed[other.Interface] = true
				it.with = append(it.with, other)
			}
		}
		list = append(list, it)
	}
	return slices.DeleteFunc(list, func(it cause) bool { return it.item.Label == "" && needed[it.item.Interface] })
}

func (it cause) text(what string) string {
	if len(it.with) > 0 {
		names := make([]string, len(it.with))
		for n, item := range it.with {
			names[n] = item.Name()
		}
		what += ", and with it " + quoted(names, 50)
	}
	return what
}

func (c *comparer) itemGone(w *worldPair, role Role, it cause) {
	rule := "WORLD_IMPORT_NO_DELETE"
	if role == Exports {
		rule = "WORLD_EXPORT_NO_DELETE"
	}
	ch := c.itemChange(w, role, it.item, nil, rule, it.text("is gone"))
	ch.guests, ch.hosts = role == Imports, role == Exports
	c.add(w.position(role), it.needless(c.old, role, w.was, ch))
}

func (c *comparer) itemAdded(w *worldPair, role Role, it cause) {
	rule := "WORLD_IMPORT_ADDED"
	if role == Exports {
		rule = "WORLD_EXPORT_ADDED"
	}
	ch := c.itemChange(w, role, nil, it.item, rule, it.text("is new"))
	ch.guests, ch.hosts = role == Exports, role == Imports
	c.add(w.position(role), it.needless(c.now, role, w.is, c.optional(ch)))
}
