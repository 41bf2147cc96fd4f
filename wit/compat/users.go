package compat

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// users says what uses the types of a side: the functions that are compared.
type users struct {
	types map[*wit.TypeDef][]*wit.TypeDef
	funcs map[*wit.TypeDef][]*wit.Func
	paths map[*wit.Func]string
}

// findUsers looks through all functions that are compared, and types.
func (c *comparer) findUsers() {
	for n := range c.users {
		u := &users{
			types: make(map[*wit.TypeDef][]*wit.TypeDef),
			funcs: make(map[*wit.TypeDef][]*wit.Func),
			paths: make(map[*wit.Func]string),
		}
		seen := make(map[*wit.TypeDef]bool)
		for _, b := range c.bodies {
			funcs := b.old.funcs
			if n == 1 {
				funcs = b.now.funcs
			}
			for _, f := range funcs {
				u.function(f, b.prefix+funcPath(f), seen)
			}
		}
		c.users[n] = u
	}
}

func (u *users) function(f *wit.Func, path string, seen map[*wit.TypeDef]bool) {
	if _, ok := u.paths[f]; ok {
		return
	}
	u.paths[f] = path
	note := func(d *wit.TypeDef) {
		if l := u.funcs[d]; len(l) == 0 || l[len(l)-1] != f {
			u.funcs[d] = append(l, f)
		}
		u.typeDef(d, seen)
	}
	for _, p := range f.Params {
		names(p.Type, note)
	}
	names(f.Result, note)
}

// typeDef notes what a type uses.
func (u *users) typeDef(d *wit.TypeDef, seen map[*wit.TypeDef]bool) {
	if seen[d] {
		return
	}
	seen[d] = true
	note := func(used *wit.TypeDef) {
		u.types[used] = append(u.types[used], d)
		u.typeDef(used, seen)
	}
	namesIn(d, note)
}

// namesIn calls yield with the names that a type is declared with.
func namesIn(d *wit.TypeDef, yield func(*wit.TypeDef)) {
	switch t := d.Type.(type) {
	case *wit.Record:
		for _, f := range t.Fields {
			names(f.Type, yield)
		}
	case *wit.Variant:
		for _, cs := range t.Cases {
			names(cs.Type, yield)
		}
	default:
		names(t, yield)
	}
}

// names calls yield with the names that a type is written with.
func names(t wit.Type, yield func(*wit.TypeDef)) {
	if d, ok := t.(*wit.TypeDef); ok {
		if d != nil {
			yield(d)
		}
		return
	}
	_, parts := partsOf(t)
	for _, part := range parts {
		names(part, yield)
	}
}

// of returns the functions that use a type, through any number of others.
func (u *users) of(d *wit.TypeDef) []*wit.Func {
	var found []*wit.Func
	known := make(map[*wit.Func]bool)
	seen := map[*wit.TypeDef]bool{d: true}
	for todo := []*wit.TypeDef{d}; len(todo) > 0; {
		d, todo = todo[len(todo)-1], todo[:len(todo)-1]
		for _, f := range u.funcs[d] {
			if !known[f] {
				known[f] = true
				found = append(found, f)
			}
		}
		for _, t := range u.types[d] {
			if !seen[t] {
				seen[t] = true
				todo = append(todo, t)
			}
		}
	}
	return found
}

// use is what is known of who uses a type that changed.
type use struct {
	paths  []string // of the functions that both packages have
	silent bool     // one of those looks the same to core modules
	shown  bool     // one of them does not
}

// used returns which functions of both packages use a type; either may be nil.
func (c *comparer) used(o, n *wit.TypeDef) use {
	if c.users[0] == nil {
		c.findUsers()
	}
	both := make(map[*wit.Func]*wit.Func) // by the old one
	if o != nil {
		for _, f := range c.users[0].of(o) {
			if g := c.funcs[f]; g != nil {
				both[f] = g
			}
		}
	}
	if n != nil {
		for _, g := range c.users[1].of(n) {
			if f := c.before[g]; f != nil {
				both[f] = g
			}
		}
	}
	var u use
	for f, g := range both {
		u.paths = append(u.paths, c.users[1].paths[g])
		same := sameCore(f, g)
		u.silent, u.shown = u.silent || same, u.shown || !same
	}
	slices.Sort(u.paths)
	u.paths = slices.Compact(u.paths)
	return u
}
