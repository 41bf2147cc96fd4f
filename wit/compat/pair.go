package compat

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// worldPair is a world of both packages.
type worldPair struct {
	old, now *wit.World
	path     string
	// Items of each side by role: imports, exports.
	was, is [2]itemList
}

// roleNumber is the index of a role in a worldPair.
func roleNumber(r Role) int {
	if r == Exports {
		return 1
	}
	return 0
}

// roles returns the roles to compare.
func (c *comparer) roles() []Role {
	if c.options.Role != BothRoles {
		return []Role{c.options.Role}
	}
	return []Role{Imports, Exports}
}

// worlds returns the worlds to compare of a side.
func (c *comparer) worlds(s *side) []*wit.World {
	var list []*wit.World
	for _, w := range s.pkg.Worlds {
		chosen := len(c.options.Worlds) == 0 || slices.Contains(c.options.Worlds, w.Name) || s.ofComponent()
		if chosen && s.visible(w.Stability) {
			list = append(list, w)
		}
	}
	return list
}

// pairWorlds pairs worlds by name. The name of a world is in no component, so
// one that got another name is still the same to those who link.
func (c *comparer) pairWorlds() []*worldPair {
	var pairs []*worldPair
	now := c.worlds(c.now)
	var gone []*wit.World
	for _, w := range c.worlds(c.old) {
		i := slices.IndexFunc(now, func(n *wit.World) bool { return n.Name == w.Name })
		if i < 0 {
			gone = append(gone, w)
			continue
		}
		pairs = append(pairs, c.pairWorld(w, now[i]))
		now = slices.Delete(now, i, i+1)
	}
	for _, w := range gone {
		i := slices.IndexFunc(now, func(n *wit.World) bool { return c.alike(w, n) })
		if len(gone) > 1 && len(now) > 1 {
			i = -1 // which one it is now would be a guess
		}
		if i < 0 {
			c.worldGone(w)
			continue
		}
		pairs = append(pairs, c.pairWorld(w, now[i]))
		now = slices.Delete(now, i, i+1)
	}
	return pairs
}

// alike reports whether two worlds have an import or an export in common, or
// have neither.
func (c *comparer) alike(old, now *wit.World) bool {
	if c.old.ofComponent() || c.now.ofComponent() {
		return true
	}
	common := func(a, b []*wit.WorldItem) bool {
		for k := range c.old.items(a, nil).byKey {
			if c.now.items(b, nil).byKey[k] != nil {
				return true
			}
		}
		return false
	}
	empty := len(old.Imports)+len(old.Exports)+len(now.Imports)+len(now.Exports) == 0
	return empty || common(old.Imports, now.Imports) || common(old.Exports, now.Exports)
}

func (c *comparer) worldGone(w *wit.World) {
	c.add(position{}, change{
		rule: "WORLD_NO_DELETE", guests: true,
		item: path(w.Package, w.Name), pkg: w.Package.Name.String(),
		old:  place(w.Pos, "world "+w.Name),
		what: "world `" + w.Name + "` is gone",
		then: "no host is generated any more for guests of it",
	})
}

func (c *comparer) pairWorld(old, now *wit.World) *worldPair {
	p := &worldPair{old: old, now: now, path: path(now.Package, now.Name)}
	key := "world " + now.Name
	c.old.keys[wit.Owner{World: old}] = key
	c.now.keys[wit.Owner{World: now}] = key
	name := func(s *side, w *wit.World) [2]itemList {
		for n, list := range [][]*wit.WorldItem{w.Imports, w.Exports} {
			for _, item := range list {
				if item.Interface != nil && item.Interface.Name == "" {
					s.keys[wit.Owner{Interface: item.Interface}] = key + [2]string{" import ", " export "}[n] + item.Label
				}
			}
		}
		return s.worldItems(w)
	}
	p.was, p.is = name(c.old, old), name(c.now, now)
	return p
}

// body is types and functions that stand together: those of an interface, or
// those a world itself imports or exports.
type body struct {
	pkg   *wit.Package
	types []*wit.TypeDef
	funcs []*wit.Func
}

// bodyPair is a body of both packages.
type bodyPair struct {
	old, now body
	prefix   string // of the paths of what is in it
	at       []position
	world    *worldPair // whose own items it has
	// open says that no world has it, so that it is not known who uses it.
	open bool

	removed, added []*wit.TypeDef // those without a counterpart
}

// interfaces is an interface of both packages.
type interfaces struct{ old, now *wit.Interface }

// pairItems pairs what a world imports and what it exports.
func (c *comparer) pairItems(w *worldPair) {
	for _, role := range c.roles() {
		n := roleNumber(role)
		own := &bodyPair{world: w, prefix: w.path + "#", at: []position{{role, []string{w.now.Name}}}}
		own.old, own.now = worldBody(w.old.Package, w.was[n]), worldBody(w.now.Package, w.is[n])
		for _, k := range w.is[n].keys {
			item, was := w.is[n].byKey[k], w.was[n].byKey[k]
			if item.Interface != nil && was != nil && was.Interface != nil && c.sameInterface(was, item) {
				c.pairInterface(w, role, was, item)
			}
		}
		if len(own.old.types)+len(own.now.types)+len(own.old.funcs)+len(own.now.funcs) > 0 {
			c.bodies = append(c.bodies, own)
		}
	}
}

func worldBody(p *wit.Package, l itemList) body {
	b := body{pkg: p}
	for _, k := range l.keys {
		switch item := l.byKey[k]; {
		case item.Func != nil:
			b.funcs = append(b.funcs, item.Func)
		case item.Type != nil:
			b.types = append(b.types, item.Type)
		}
	}
	return b
}

// pairInterface notes that a world has an interface in a role.
func (c *comparer) pairInterface(w *worldPair, role Role, was, is *wit.WorldItem) {
	key := interfaces{was.Interface, is.Interface}
	b := c.byInterface[key]
	if b == nil {
		b = &bodyPair{old: c.old.body(was.Interface), now: c.now.body(is.Interface)}
		if is.Interface.Name == "" {
			b.prefix = w.path + "#" + is.Label + "."
		} else {
			b.prefix = path(is.Interface.Package, is.Interface.Name) + "#"
		}
		c.byInterface[key] = b
		c.bodies = append(c.bodies, b)
	}
	for i := range b.at {
		if b.at[i].role == role {
			if !slices.Contains(b.at[i].worlds, w.now.Name) {
				b.at[i].worlds = append(b.at[i].worlds, w.now.Name)
			}
			return
		}
	}
	b.at = append(b.at, position{role, []string{w.now.Name}})
}

// body returns what counts of an interface.
func (s *side) body(i *wit.Interface) body {
	b := body{pkg: i.Package}
	for _, d := range i.Types {
		if s.visible(d.Stability) {
			b.types = append(b.types, d)
		}
	}
	for _, f := range i.Funcs {
		if s.visible(f.Stability) && (f.Resource == nil || s.visible(f.Resource.Stability)) {
			b.funcs = append(b.funcs, f)
		}
	}
	return b
}

// pairOthers pairs the interfaces of the contract that no world of both packages
// has. Worlds of other packages may have them, on either side.
func (c *comparer) pairOthers() {
	if c.old.ofComponent() || c.now.ofComponent() {
		return
	}
	inWorld := make(map[*wit.Interface]bool)
	for _, w := range c.pairs {
		for _, item := range slices.Concat(w.old.Imports, w.old.Exports, w.now.Imports, w.now.Exports) {
			inWorld[item.Interface] = true
		}
	}
	for _, old := range c.old.pkg.Interfaces {
		if inWorld[old] || !c.old.visible(old.Stability) {
			continue
		}
		at := c.positions(old)
		if len(at) == 0 {
			continue
		}
		now := c.now.pkg.Interface(old.Name)
		if now == nil || !c.now.visible(now.Stability) {
			c.interfaceGone(old)
			continue
		}
		b := &bodyPair{old: c.old.body(old), now: c.now.body(now), prefix: path(now.Package, now.Name) + "#", at: at, open: true}
		c.byInterface[interfaces{old, now}] = b
		c.bodies = append(c.bodies, b)
	}
}

// positions returns the roles that worlds of the old package have an interface
// in: those worlds are gone. If there are none it may be any role.
func (c *comparer) positions(i *wit.Interface) []position {
	var had, all []position
	known := false
	for _, role := range c.roles() {
		all = append(all, position{role: role})
	}
	for _, role := range []Role{Imports, Exports} {
		at := position{role: role}
		for _, w := range c.old.pkg.Worlds {
			items := w.Imports
			if role == Exports {
				items = w.Exports
			}
			if slices.ContainsFunc(items, func(item *wit.WorldItem) bool { return item.Interface == i }) {
				at.worlds = append(at.worlds, w.Name)
			}
		}
		known = known || len(at.worlds) > 0
		if len(at.worlds) > 0 && slices.Contains(c.roles(), role) {
			had = append(had, at)
		}
	}
	if known {
		return had
	}
	return all
}

func (c *comparer) interfaceGone(i *wit.Interface) {
	c.add(position{}, change{
		rule: "INTERFACE_NO_DELETE", guests: true, hosts: true,
		item: path(i.Package, i.Name), pkg: i.Package.Name.String(),
		old:  place(i.Pos, "interface "+i.Name),
		what: "interface `" + i.Name + "` is gone",
	})
}
