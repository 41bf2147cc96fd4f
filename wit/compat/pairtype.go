package compat

import (
	"slices"
	"strconv"
	"strings"

	"github.com/witgen/witgen/wit"
)

// pairTypes finds out what became of each type: it is there under its name, or
// it was renamed or moved, or it is gone. Resources come first, since the shapes
// of other types depend on them.
func (c *comparer) pairTypes() {
	taken := make(map[*wit.TypeDef]bool) // types of the new package that were there before
	for _, b := range c.bodies {
		c.pairByName(b, taken)
	}
	free := c.freeTypes(taken)
	for _, resources := range []bool{true, false} {
		for _, b := range c.bodies {
			c.pairRenamed(b, resources, taken)
			c.pairMoved(b, resources, free, taken)
		}
	}
	for _, b := range c.bodies {
		c.pairUses(b)
	}
}

// pairUses pairs what is used under another name since it has that where it is
// declared.
func (c *comparer) pairUses(b *bodyPair) {
	by := make(map[*wit.TypeDef]*wit.TypeDef)
	for _, n := range b.added {
		if !declared(n) {
			by[n.Type.(*wit.TypeDef)] = n
		}
	}
	for _, o := range b.removed {
		if c.same[o] != nil || declared(o) {
			continue
		}
		if n := by[c.same[o.Type.(*wit.TypeDef)]]; n != nil {
			c.samePair(o, n)
		}
	}
}

func (c *comparer) pairByName(b *bodyPair, taken map[*wit.TypeDef]bool) {
	now := make(map[string]*wit.TypeDef, len(b.now.types))
	for _, d := range b.now.types {
		now[d.Name] = d
	}
	for _, o := range b.old.types {
		n := now[o.Name]
		if n == nil {
			b.removed = append(b.removed, o)
			continue
		}
		c.samePair(o, n)
		if !declared(o) && declared(n) {
			c.homes[o.Root()] = n
		}
		taken[n] = true
		delete(now, o.Name)
	}
	for _, d := range b.now.types {
		if now[d.Name] != nil {
			b.added = append(b.added, d)
		}
	}
	funcs := make(map[string]*wit.Func, len(b.now.funcs))
	for _, f := range b.now.funcs {
		funcs[f.Name] = f
	}
	for _, f := range b.old.funcs {
		if g := funcs[f.Name]; g != nil {
			c.funcs[f], c.before[g] = g, f
		}
	}
}

// samePair notes that a type is one of the new package.
func (c *comparer) samePair(o, n *wit.TypeDef) {
	c.same[o], c.origin[n] = n, o
	if isResource(o) && isResource(n) {
		c.shapes.resource[o] = n
	}
}

// isResource reports whether a type is declared as a resource.
func isResource(d *wit.TypeDef) bool {
	_, ok := d.Type.(*wit.Resource)
	return ok
}

// declared reports whether a type is declared where it is, and not used from
// another interface.
func declared(d *wit.TypeDef) bool {
	from, ok := d.Type.(*wit.TypeDef)
	return !ok || from.Owner == d.Owner
}

// pairRenamed finds a type that is gone and one that is new and like it, where
// no others are.
func (c *comparer) pairRenamed(b *bodyPair, resources bool, taken map[*wit.TypeDef]bool) {
	gone := make(map[string][]*wit.TypeDef)
	for _, o := range b.removed {
		if declared(o) && isResource(o) == resources {
			k := c.look(c.old, b.old.funcs, o)
			gone[k] = append(gone[k], o)
		}
	}
	fresh := make(map[string][]*wit.TypeDef)
	for _, n := range b.added {
		if declared(n) && isResource(n) == resources && !taken[n] {
			k := c.look(c.now, b.now.funcs, n)
			fresh[k] = append(fresh[k], n)
		}
	}
	for k, os := range gone {
		if ns := fresh[k]; len(os) == 1 && len(ns) == 1 {
			c.samePair(os[0], ns[0])
			taken[ns[0]] = true
		}
	}
}

// look returns what a type has in common with those it may have been: all but
// its name.
func (c *comparer) look(s *side, funcs []*wit.Func, d *wit.TypeDef) string {
	if isResource(d) {
		return "resource\n" + strings.Join(members(funcs, d), "\n")
	}
	text := kindOf(d).String() + " " + strconv.FormatUint(uint64(c.shape(s, d)), 10)
	if _, alias := d.Type.(*wit.TypeDef); alias {
		text += " by another name"
	}
	return text
}

// members returns the functions of a resource, and the names of what they take.
func members(funcs []*wit.Func, r *wit.TypeDef) []string {
	var list []string
	for _, f := range funcs {
		if f.Resource != r {
			continue
		}
		text := string(rune('0'+f.Kind)) + memberName(f)
		for _, p := range f.Params {
			text += " " + p.Name
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

// freeType is a type of the new package that was not there before.
type freeType struct {
	def   *wit.TypeDef
	funcs []*wit.Func // of its interface
}

// freeTypes returns the types that interfaces of the new package declare and
// that were not there before, by name.
func (c *comparer) freeTypes(taken map[*wit.TypeDef]bool) map[string][]freeType {
	free := make(map[string][]freeType)
	seen := make(map[*wit.Interface]bool)
	add := func(i *wit.Interface) {
		if i == nil || seen[i] {
			return
		}
		seen[i] = true
		b := c.now.body(i)
		for _, d := range b.types {
			if declared(d) && !taken[d] {
				free[d.Name] = append(free[d.Name], freeType{d, b.funcs})
			}
		}
	}
	for _, i := range c.now.pkg.Interfaces {
		add(i)
	}
	for _, w := range c.now.pkg.Worlds {
		for _, item := range slices.Concat(w.Imports, w.Exports) {
			add(item.Interface)
		}
	}
	return free
}

// pairMoved finds types that another interface declares now. The one that did
// may use a resource from there under its old name, and it is another one all the
// same; any other type has not changed then.
func (c *comparer) pairMoved(b *bodyPair, resources bool, free map[string][]freeType, taken map[*wit.TypeDef]bool) {
	for _, o := range b.old.types {
		if !declared(o) || isResource(o) != resources || o.Owner.Interface == nil {
			continue
		}
		n := c.same[o]
		switch {
		case n == nil && c.homes[o] != nil && kindOf(o) == kindOf(c.homes[o]):
			n = c.homes[o]
		case n == nil:
			var there []*wit.TypeDef
			look := c.look(c.old, b.old.funcs, o)
			for _, f := range free[o.Name] {
				if !taken[f.def] && isResource(f.def) == resources && c.look(c.now, f.funcs, f.def) == look {
					there = append(there, f.def)
				}
			}
			if len(there) != 1 {
				continue
			}
			n = there[0]
		case resources && !declared(n) && kindOf(o) == kindOf(n) && (!taken[n.Root()] || c.homes[o] == n.Root()):
			n = n.Root()
		default:
			continue
		}
		c.moved[o] = n
		taken[n] = true
		if resources {
			c.shapes.resource[o] = n
		}
		c.origin[n] = o
		if c.same[o] == nil {
			c.same[o] = n
		}
	}
}
