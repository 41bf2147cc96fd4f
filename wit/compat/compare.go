package compat

import (
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// Options say what to compare. The zero Options compares all that is stable.
type Options struct {
	// Worlds are the bare names of the worlds to compare; none means all
	// worlds of the package, and its interfaces that no world has.
	Worlds []string
	// Role narrows the comparison to what worlds import or export. An
	// interface that no world has is compared in that role, or in both.
	Role Role
	// Unstable compares items that are @unstable, too, as far as they were
	// loaded. Without it they are not there.
	Unstable bool
	// Optional are the paths of exports that a guest may leave out, such as
	// "acme:kv/extra", "handler#flush" or "plugin#reset", as the generator
	// takes them: a new one keeps no guest from linking.
	Optional []string
}

// Compare returns what changed from an old package to a new one as far as
// guests or hosts notice it, sorted as [Sort] does. Neither package is changed.
//
// Either may be a component that [wit.Decode] read, whose only world is compared
// with that of the other.
func Compare(old, now *wit.Package, o Options) []Finding {
	c := &comparer{
		options:     o,
		shapes:      &shapes{of: make(map[string]shape), resource: make(map[*wit.TypeDef]*wit.TypeDef)},
		byInterface: make(map[interfaces]*bodyPair),
		same:        make(map[*wit.TypeDef]*wit.TypeDef),
		origin:      make(map[*wit.TypeDef]*wit.TypeDef),
		moved:       make(map[*wit.TypeDef]*wit.TypeDef),
		homes:       make(map[*wit.TypeDef]*wit.TypeDef),
		funcs:       make(map[*wit.Func]*wit.Func),
		before:      make(map[*wit.Func]*wit.Func),
		diffs:       make(map[pairOfTypes]diff),
	}
	c.old, c.now = newSide(old, now, o), newSide(now, old, o)
	c.optionals = optionalPaths(o.Optional, c.now.contract)
	c.sayVersions()
	c.pairs = c.pairWorlds()
	for _, w := range c.pairs {
		c.pairItems(w)
	}
	if len(o.Worlds) == 0 {
		c.pairOthers()
	}
	c.packageName()
	c.pairTypes()
	for _, w := range c.pairs {
		c.worldItems(w)
		c.ownResources(w)
	}
	for _, b := range c.bodies {
		c.types(b)
		c.functions(b)
	}
	found := c.folded()
	Sort(found)
	return found
}

// comparer compares two packages.
type comparer struct {
	options   Options
	old, now  *side
	optionals map[string]bool // paths
	was, is   string          // what messages call the old contract and the new one
	found     []Finding

	pairs       []*worldPair
	bodies      []*bodyPair
	byInterface map[interfaces]*bodyPair
	shapes      *shapes
	// same leads from types of the old package to what they are in the new
	// one, by name or because they were renamed or moved.
	// origin is the other way round.
	same, origin map[*wit.TypeDef]*wit.TypeDef
	// moved leads from types to those that another interface declares now,
	// homes from types to those that declare what used them before.
	moved, homes map[*wit.TypeDef]*wit.TypeDef
	// funcs leads from functions to those of the same name, before back.
	funcs, before map[*wit.Func]*wit.Func
	diffs         map[pairOfTypes]diff
	users         [2]*users // of types of the old package and of the new one
}

// sayVersions decides what messages call the two contracts.
func (c *comparer) sayVersions() {
	c.was, c.is = c.old.contract.String(), c.now.contract.String()
	if c.was == c.is {
		c.was, c.is = "the old contract", "the new contract"
	}
}

// packageName compares the names of the packages. A version is compared by its
// track, and that by who asks for a comparison, but no track has what has no
// version.
func (c *comparer) packageName() {
	a, b := c.old.contract, c.now.contract
	if c.old.ofComponent() || c.now.ofComponent() {
		return
	}
	was, is, fix := bare(a), bare(b), ""
	if was == is {
		if (a.Version == "") == (b.Version == "") || !c.named() {
			return
		}
		was, is, fix = a.String(), b.String(), "leave it as it was, or build all guests again"
	}
	c.add(position{}, change{
		rule: "PACKAGE_SAME_NAME", guests: true, hosts: true,
		item: bare(b), pkg: b.String(),
		old:  place(c.old.pkg.Pos, packageText(c.old.pkg)),
		new:  place(c.now.pkg.Pos, packageText(c.now.pkg)),
		what: "package `" + was + "` is `" + is + "` now, and so are all names that components use",
		fix:  fix,
	})
}

// named reports whether components go by the name of an interface of the
// contract, before and now.
func (c *comparer) named() bool {
	for _, w := range c.pairs {
		for n, was := range w.was {
			for _, k := range was.keys {
				if strings.HasPrefix(k, ownKey) && w.is[n].byKey[k] != nil {
					return true
				}
			}
		}
	}
	return slices.ContainsFunc(c.bodies, func(b *bodyPair) bool { return b.open })
}
