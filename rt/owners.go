package rt

import (
	"cmp"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/types"
	"github.com/witgen/witgen/wit"
)

// owners says whose the resources are that a component's exports pass, and whose a
// world wants them to be. Types of functions name them by the interface that
// declares them: what an export uses of that is the component's own if the world
// exports the interface too, and else what components import. See WIT.md, "Worlds".
type owners struct {
	component *Component
	world     World
	names     names // of the world's exports, then of its imports
}

func (c *Component) owners(w World) *owners {
	return &owners{c, w, namesOfInterfaces(c.engine.versions, slices.Concat(w.Exports, w.Imports))}
}

// texts returns the type of an exported function as the component has it, and as it
// is if resources are whose the host wants them to be. The two differ in those that
// are not: "own<exported a:b/c.r>" is the component's, and "own<imported a:b/c.r>"
// the host's.
func (o *owners) texts(x *abi.Interface, export *plan.Exports, f *wit.Func) (guest, host string) {
	guest = wit.FuncText(f)
	host = guest
	p := o.component.plan
	if len(p.Resources) == 0 {
		return guest, host
	}
	for _, r := range types.Resources(f) {
		i, ok := p.Types[r]
		from, own, known := o.wants(x, export, r)
		if imported := ok && p.Resources[i].Import != nil; !ok || !known || imported != own || offers(from, r.Name, i) {
			continue
		}
		has, wants := "exported ", "imported "
		if own {
			has, wants = wants, has
		}
		name := wit.TypeText(r)
		guest = strings.ReplaceAll(guest, "<"+name+">", "<"+has+name+">")
		host = strings.ReplaceAll(host, "<"+name+">", "<"+wants+name+">")
	}
	return guest, host
}

// wants reports whether the host wants a resource that a function of an export
// passes to be the component's own, and of which of its exports; nil if it lacks that
// one. What the world has nowhere is not known.
func (o *owners) wants(x *abi.Interface, export *plan.Exports, r *wit.TypeDef) (from *plan.Exports, own, known bool) {
	i := r.Owner.Interface
	switch {
	case i == nil: // it stands in the world, or in an interface written there
		return export, true, slices.Contains(x.Resources, r.Name)
	case i.ID() == cmp.Or(export.Implements, export.Name+export.Suffix):
		return export, true, true
	case x.Name == "":
		return nil, false, true // what stands in a world uses what that imports
	}
	n, ok := o.names.Find(i.ID())
	if own = ok && n < len(o.world.Exports); own {
		from = o.component.export(o.world.Exports[n].Name)
	}
	return from, own, ok
}

// offers reports whether an export has a resource, which may be one that the
// component imports.
func offers(e *plan.Exports, name string, resource int) bool {
	return e != nil && slices.ContainsFunc(e.Resources, func(r plan.ExportResource) bool { return r.Name == name && r.Resource == resource })
}
