package rt

import (
	"maps"
	"slices"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/near"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/wit"
)

// MisfitKind is a way in which a component does not fit its host.
type MisfitKind int

// The kinds of misfit.
const (
	NoInterface MisfitKind = iota + 1 // the one side lacks the interface that the other wants
	NoMember                          // it lacks a function, a resource type or a core module in it
	OtherType                         // both have it, as other types
)

// Misfit is one misfit of a [LinkError], for programs to look at.
type Misfit struct {
	Kind      MisfitKind
	Export    bool   // of what the component exports; else of what it imports
	Interface string // "ns:pkg/interface@1.0.0", as it is wanted; empty for what stands in the world itself
	Name      string // of what is in it; empty for the interface

	// Versions are those of the interface that the other side has, the least first, for
	// NoInterface: of an import the host, in all versions of its world, and of an export
	// the component.
	Versions []string
	Near     string // what the host has that is named almost so, for NoMember; may be empty

	// The types, for OtherType, as WIT; may be empty. Where they differ in whose a
	// resource is, "own<exported a:b/c.r>" is the component's and "own<imported a:b/c.r>"
	// the host's.
	Guest, Host string
}

// misfit is one with what the error says of it.
type misfit struct {
	Misfit
	problem string
}

// misfit adds a misfit. Those that follow so many problems are left out.
func (e *LinkError) misfit(m Misfit) {
	if len(e.Misfits) < maxProblems {
		e.Misfits = append(e.Misfits, m)
	}
}

// misfitOf returns the misfit of import i with an interface that it does not fit.
func (c *Component) misfitOf(i int, x *abi.Interface) Misfit {
	im := &c.plan.Imports[i]
	m := Misfit{Kind: NoMember, Interface: im.Path(), Name: clip(im.Name)}
	known := make([]string, len(x.Funcs))
	for j, f := range x.Funcs {
		known[j] = f.Name
		if f.Name == im.Name {
			m.Kind, m.Guest, m.Host = OtherType, clip(c.importText(i)), f.Type
			return m
		}
	}
	m.Near = near.Name(im.Name, known)
	return m
}

// lacking returns the misfit of what the component imports and the host has
// nothing for.
func (b *binder) lacking(p plan.Place) Misfit {
	m := Misfit{Kind: NoMember, Interface: p.Path(), Name: clip(p.Name)}
	_, host := b.hosts.lookup(p)
	_, offered := b.linked.offered.of(p)
	_, beside := b.names.of(p)
	switch {
	case host != nil:
		m.Near = near.Name(p.Name, slices.Sorted(maps.Keys(host.Funcs)))
	case p.Interface != "" && !offered && !beside:
		m.Kind, m.Versions = NoInterface, versionsOf(p.Interface, b.known(p)...)
		m.Name = ""
	}
	return m
}

// known returns what the host has: of its world, of the older versions of that, and
// beside them. Where an older one has the import, the component is not of that version
// otherwise, and it is left out.
func (b *binder) known(p plan.Place) []names {
	all := []names{b.linked.offered, b.names, b.hosts.names}
	for _, older := range b.linked.world.Older {
		if n := namesOfInterfaces(b.linked.component.engine.versions, older.Imports); !n.have(p) {
			all = append(all, n)
		}
	}
	return all
}

// have reports whether an interface is there for an import.
func (n names) have(p plan.Place) bool {
	_, ok := n.of(p)
	return ok
}

// versionsExported returns which versions of an interface the component exports: some,
// if there are more than a person would read.
func (c *Component) versionsExported(name string) []string {
	have := versionsOf(name, names{c.exports().Names})
	have = have[:min(len(have), 8)]
	for i, version := range have {
		have[i] = clip(version)
	}
	return have
}

// versionsOf returns which versions of an interface lists have, the lowest first.
func versionsOf(name string, lists ...names) []string {
	var have []string
	for _, n := range lists {
		have = append(have, n.Versions(name)...)
	}
	slices.SortFunc(have, wit.CompareVersions)
	return slices.Compact(have)
}
