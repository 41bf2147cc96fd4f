package compat

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// types compares the types of a body.
func (c *comparer) types(b *bodyPair) {
	for _, o := range b.old.types {
		n := c.same[o]
		switch {
		case n == nil:
			c.typeGone(b, o)
		case c.moved[o] != nil:
			c.typeMoved(b, o, c.moved[o])
		case o.Name != n.Name && c.follows(o):
		case o.Name != n.Name:
			c.typeRenamed(b, o, n)
		default:
			c.typeChanged(b, o, n)
		}
	}
	for _, n := range b.added {
		if c.origin[n] == nil {
			c.typeAdded(b, n)
		}
	}
}

// follows reports whether a type is used from elsewhere, where it got another
// name.
func (c *comparer) follows(o *wit.TypeDef) bool {
	if declared(o) {
		return false
	}
	from := o.Type.(*wit.TypeDef)
	return c.same[from] != nil && c.same[from].Name != from.Name
}

// typeChange returns a change of a type; either may be nil.
func (c *comparer) typeChange(b *bodyPair, o, n *wit.TypeDef, rule, what string) change {
	ch := change{rule: rule, guests: true, hosts: true, pkg: b.now.pkg.Name.String()}
	if n != nil {
		ch.new = place(n.Pos, defText(n))
		ch.item = b.prefix + n.Name
	} else {
		ch.pkg = b.old.pkg.Name.String()
	}
	if o != nil {
		ch.old = place(o.Pos, defText(o))
		ch.item = b.prefix + o.Name
	}
	ch.what = "`" + ch.item + "` " + what
	return ch
}

func (c *comparer) typeGone(b *bodyPair, o *wit.TypeDef) {
	if isResource(o) {
		ch := c.typeChange(b, o, nil, "RESOURCE_NO_DELETE", "is gone")
		c.addOneWay(b, ch, Imports)
		return
	}
	u := c.used(o, nil)
	ch := c.typeChange(b, o, nil, "TYPE_NO_DELETE", "is gone")
	ch.users = u.paths
	for _, at := range b.at {
		ch.guests = at.role == Imports && (b.open || len(u.paths) > 0)
		ch.hosts = at.role == Exports
		c.add(at, ch)
	}
	if !b.open && len(u.paths) == 0 {
		c.unmissed(b, o, ch)
	}
}

// unmissed reports a type that is gone and that no function passes, where
// components import it all the same. Only tools that compare all imports miss it.
func (c *comparer) unmissed(b *bodyPair, o *wit.TypeDef, ch change) {
	ch.guests, ch.hosts, ch.severity, ch.adds = true, false, Info, true
	ch.then = "tools that compare all imports of %s, unlike hosts, do not find it"
	for _, at := range b.at {
		if at.role == Imports && (b.world.has(c.old, o, 1) || c.exported(o)) {
			c.add(at, ch)
		}
	}
}

// has reports whether a type of a side is one of the world, and no other change
// tells of it: those that it uses come and go with what declares them, which the
// other side, by its number, has or has not.
func (w *worldPair) has(s *side, d *wit.TypeDef, other int) bool {
	if w == nil || declared(d) {
		return w != nil
	}
	k := s.key(d.Type.(*wit.TypeDef).Owner)
	return [][2]itemList{w.was, w.is}[other][0].byKey[k] != nil
}

// exported reports whether something that worlds export uses a type of either side,
// or a world itself does, so that guests import it whether a function passes it or
// not.
func (c *comparer) exported(d *wit.TypeDef) bool {
	uses := func(t *wit.TypeDef) bool {
		return t != d && !declared(t) && has(t, func(u *wit.TypeDef) bool { return u == d })
	}
	return slices.ContainsFunc(c.pairs, func(w *worldPair) bool {
		for n, list := range []itemList{w.was[0], w.is[0], w.was[1], w.is[1]} {
			for _, item := range list.byKey {
				if item.Type != nil && uses(item.Type) || n > 1 && item.Interface != nil && slices.ContainsFunc(item.Interface.Types, uses) {
					return true
				}
			}
		}
		return false
	})
}

// addOneWay adds the findings of a change that only old guests notice in one
// role and only new ones in the other.
func (c *comparer) addOneWay(b *bodyPair, ch change, guests Role) {
	for _, at := range b.at {
		ch.guests, ch.hosts = at.role == guests, at.role != guests
		ch.partly = at.role == Imports && ch.hosts
		c.add(at, ch)
	}
}

func (c *comparer) typeAdded(b *bodyPair, n *wit.TypeDef) {
	if isResource(n) {
		for _, at := range b.at {
			rule := "RESOURCE_ADDED_IMPORT"
			if at.role == Exports {
				rule = "RESOURCE_ADDED_EXPORT"
			}
			ch := c.typeChange(b, nil, n, rule, "is new")
			ch.guests, ch.hosts = at.role == Exports, at.role == Imports
			ch.partly = ch.hosts
			c.add(at, c.optionalResource(b, n, ch))
		}
		return
	}
	u := c.used(nil, n)
	ch := c.typeChange(b, nil, n, "TYPE_ADDED", "is new")
	ch.users = u.paths
	ch.severity = Warning
	if len(u.paths) == 0 {
		ch.severity = Info
		ch.then = "tools that compare all types of an interface, unlike hosts, do not find it in %s"
	}
	for _, at := range b.at {
		ch.guests = at.role == Exports
		ch.hosts = at.role == Imports && (len(u.paths) > 0 || b.world.has(c.now, n, 0) || c.exported(n))
		ch.partly = ch.hosts // nobody uses it who has to export it, and does not
		c.add(at, ch)
	}
}

func (c *comparer) typeRenamed(b *bodyPair, o, n *wit.TypeDef) {
	what := "is gone, and `" + b.prefix + n.Name + "` of the same type is new"
	if isResource(o) {
		ch := c.typeChange(b, o, n, "RESOURCE_NO_DELETE", what)
		c.addAll(b, ch)
		return
	}
	u := c.used(o, n)
	ch := c.typeChange(b, o, n, "TYPE_NO_DELETE", what)
	ch.users, ch.silent, ch.shown = u.paths, u.silent, u.shown
	ch.fix = "keep the name as an alias: `type " + o.Name + " = " + n.Name + ";`"
	for _, at := range b.at {
		ch.guests = b.open || len(u.paths) > 0
		ch.hosts = ch.guests || at.role == Exports
		c.add(at, ch)
	}
	if !b.open && len(u.paths) == 0 {
		c.unmissed(b, o, ch)
		c.typeAdded(b, n)
	}
}

// typeMoved reports a type that another interface declares now.
func (c *comparer) typeMoved(b *bodyPair, o, n *wit.TypeDef) {
	u := c.used(o, n)
	ch := c.typeChange(b, o, n, "TYPE_SAME_HOME", "is declared in `"+ownerPath(n)+"` now")
	homed := c.homes[o] == n && !isResource(o) // the name was there, too: it is gone from one place
	ch.users, ch.silent, ch.shown = u.paths, u.silent && !isResource(o) && !homed, u.shown
	for _, at := range b.at {
		ch.guests = b.open || len(u.paths) > 0 || isResource(o)
		ch.hosts = ch.guests || at.role == Exports
		if homed {
			ch.guests, ch.hosts = ch.guests && at.role == Imports, at.role == Exports
		}
		c.add(at, ch)
	}
	if c.shape(c.old, o) != c.shape(c.now, n) {
		c.typeChanged(b, o, n)
	}
	if b.open || len(u.paths) > 0 || isResource(o) {
		return
	}
	c.unmissed(b, o, ch)
	if homed {
		return
	}
	for _, home := range c.bodies { // where it is a type more
		if slices.Contains(home.now.types, n) {
			c.typeAdded(home, n)
		}
	}
}

// ownerPath returns the path of what declares a type.
func ownerPath(d *wit.TypeDef) string {
	switch {
	case d.Owner.World != nil:
		return path(d.Owner.World.Package, d.Owner.World.Name)
	case d.Owner.Interface.Name == "":
		return "an interface of a world"
	}
	return path(d.Owner.Interface.Package, d.Owner.Interface.Name)
}

// homePaths returns the paths of what two types stand for, with versions if that
// is all in which they differ.
func homePaths(o, n *wit.TypeDef) (was, is string) {
	o, n = o.Root(), n.Root()
	was, is = ownerPath(o)+"#"+o.Name, ownerPath(n)+"#"+n.Name
	if i, j := o.Owner.Interface, n.Owner.Interface; was == is && i != nil && j != nil && i.Name != "" {
		was, is = i.ID()+"#"+o.Name, j.ID()+"#"+n.Name
	}
	return was, is
}

// typeChanged reports what changed in a type that has the name it had, but for
// what changed behind other names, which is reported there.
func (c *comparer) typeChanged(b *bodyPair, o, n *wit.TypeDef) {
	d := c.diffDefs(o, n)
	if d.rule == "" {
		return
	}
	u := c.used(o, n)
	ch := c.typeChange(b, o, n, d.rule, d.what)
	ch.users = u.paths
	ch.silent, ch.shown = !d.visible && u.silent, u.shown
	if b.open && len(u.paths) == 0 {
		ch.silent = !d.visible && sameFlat(o, n)
	}
	if d.member != "" {
		ch.item += "." + d.member
		ch.what = "`" + ch.item + "` " + d.what
	}
	if d.oldAt.Line > 0 {
		ch.old.File, ch.old.Line, ch.old.Col = d.oldAt.File, d.oldAt.Line, d.oldAt.Col
	}
	if d.newAt.Line > 0 {
		ch.new.File, ch.new.Line, ch.new.Col = d.newAt.File, d.newAt.Line, d.newAt.Col
	}
	if !b.open && len(u.paths) == 0 && d.rule != "FLAGS_MAX_32" && !isResource(o) && !isResource(n) {
		c.unused(b, n, ch)
		return
	}
	c.addAll(b, ch)
}

// unused reports a change of a type that no function uses. Only tools that
// compare all types of what a guest exports notice it.
func (c *comparer) unused(b *bodyPair, n *wit.TypeDef, ch change) {
	ch.rule, ch.silent = "TYPE_UNUSED_CHANGED", false
	ch.what += ", and no function that was there uses it"
	ch.then = "tools that compare all types of an interface, unlike hosts, find another one in %s"
	for _, at := range b.at {
		if at.role == Exports || b.world != nil || c.exported(n) {
			c.add(at, ch)
		}
	}
}

// defDiff is how two declarations of a type differ.
type defDiff struct {
	rule string // empty when they do not
	what string
	// member is the field, case or flag that it is about, if it is about
	// one, with its places.
	member       string
	oldAt, newAt wit.Pos
	// visible says that names of core functions show it.
	visible bool
}

// diffDefs compares the declarations of a type.
func (c *comparer) diffDefs(o, n *wit.TypeDef) defDiff {
	if c.shape(c.old, o) == c.shape(c.now, n) {
		return defDiff{}
	}
	p, alias1 := o.Type.(*wit.TypeDef)
	q, alias2 := n.Type.(*wit.TypeDef)
	if alias1 && (alias2 && c.same[p] == q || c.moved[p] == n) {
		return defDiff{}
	}
	a, b := wit.Underlying(o), wit.Underlying(n)
	k, l := kindOf(a), kindOf(b)
	switch {
	case k != l && (k.declared() || l.declared()):
		return defDiff{rule: "TYPE_SAME_KIND", what: "is a " + l.String() + " now, it was a " + k.String(), visible: k == resourceKind || l == resourceKind}
	case k == resourceKind:
		was, is := homePaths(o, n)
		return defDiff{rule: "TYPE_SAME_HOME", what: "is the resource `" + is + "` now, it was `" + was + "`", visible: true}
	case k.declared():
		return c.diffMembers(o, n, membersOf(a), membersOf(b))
	}
	d := c.diff(o.Type, n.Type)
	if d == sameTypes {
		return defDiff{}
	}
	return defDiff{rule: d.rule(), what: "is `" + typeText(n.Type) + "` now, it was `" + typeText(o.Type) + "`" + explained(o.Type, n.Type)}
}
