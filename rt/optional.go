package rt

import (
	"fmt"
	"slices"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/types"
)

// absent stands for the lift of a function, or for a resource, that is optional,
// and that the component does not export.
const absent = -1

// mayLack is what a component may lack of a world.
type mayLack struct {
	component *Component
	names     map[string]bool
	unknown   []string // what is wrong with the names
}

// mayLack returns what the component may lack of a world.
func (c *Component) mayLack(w World) *mayLack {
	if len(w.Optional) == 0 {
		return &mayLack{}
	}
	known := make(map[string]bool)
	for _, x := range w.Exports {
		known[x.Name] = x.Name != ""
		for _, f := range x.Funcs {
			known[exportName(x, f.Name)] = true
		}
		for _, r := range x.Resources {
			known[exportName(x, r)] = true
		}
	}
	m := &mayLack{component: c, names: make(map[string]bool, len(w.Optional))}
	for _, name := range w.Optional {
		m.names[name] = true
		if !known[name] {
			m.unknown = append(m.unknown, fmt.Sprintf("optional export %q: the world has no such export", name))
		}
	}
	return m
}

// exportName is what [World] calls what is in an interface, and may be optional.
func exportName(x *abi.Interface, name string) string {
	if x.Name == "" {
		return name
	}
	return x.Name + "#" + name
}

// interfaceLacks reports whether the component lacks an interface that it may
// lack. What it exports by that name has to be one.
func (m *mayLack) interfaceLacks(x *abi.Interface) bool {
	return m.names[x.Name] && m.component.export(x.Name) == nil && !has(m.component.typ.Exports, x.Name)
}

// functionLacks reports whether an interface that the component exports lacks a
// function that it may lack. What it has by that name has to be one.
func (m *mayLack) functionLacks(x *abi.Interface, export *plan.Exports, f abi.FuncType) bool {
	if _, ok := export.Func(f.Name); ok {
		return false
	}
	return m.lacks(x, export, f.Name)
}

// lacks reports whether an interface that the component exports may lack what
// goes by a name, and has nothing else by it.
func (m *mayLack) lacks(x *abi.Interface, export *plan.Exports, name string) bool {
	if !m.names[exportName(x, name)] {
		return false
	}
	all := m.component.typ.Exports
	if x.Name != "" {
		i := slices.IndexFunc(all, func(e types.Extern) bool { return e.Name == export.Name && e.Instance != nil })
		if i < 0 {
			return false
		}
		all = all[i].Instance.Exports
	}
	return !has(all, name)
}

// has reports whether something is exported by a name.
func has(all []types.Extern, name string) bool {
	return slices.ContainsFunc(all, func(e types.Extern) bool { return e.Name == name })
}

// absentResources are what generated code is given for the resources of an
// interface that the component does not export: nothing comes of them.
func absentResources(x *abi.Interface) []*abi.Exported {
	list := make([]*abi.Exported, len(x.Resources))
	for i := range list {
		list[i] = absentResource(x)
	}
	return list
}

// absentResource is one of those.
func absentResource(x *abi.Interface) *abi.Exported { return abi.NewExported(nil, x.Name) }
