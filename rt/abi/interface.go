package abi

import (
	"context"
	"sync"
)

// Interface describes a WIT interface as one side knows it. Descriptions are
// compared when a component is linked. An Interface never changes once it is
// used, and may then be shared.
type Interface struct {
	// Name is the name a component imports or exports it by, such as
	// "wasi:io/streams@0.2.0"; empty for functions of the world itself.
	Name      string
	Resources []string // names of the resource types that the interface defines
	Funcs     []FuncType

	// of is what it is another name of, and types are the types that it has
	// under that name, by those of the host; nil for none.
	of    *Interface
	types *sync.Map
}

// As returns the description by another name, for worlds that import or export
// the interface by a name of their own. Under each name the interface has
// resource types of its own, as it has in the component model: a guest that
// hands a resource over under another name than it got it is stopped.
func (x *Interface) As(name string) *Interface {
	return &Interface{Name: name, Resources: x.Resources, Funcs: x.Funcs, of: x, types: new(sync.Map)}
}

// Type returns the type that a resource of the host has where the interface goes
// by this name, which is t unless the name is another. It returns the same type
// whenever it is asked; only package rt asks.
func (x *Interface) Type(t *ResourceType) *ResourceType {
	if x.types == nil {
		return t
	}
	own, ok := x.types.Load(t)
	if !ok {
		own, _ = x.types.LoadOrStore(t, NewResourceType(x.Name+"."+t.Name(), t.drop))
	}
	return own.(*ResourceType)
}

// typeOf returns the type that a resource of the host has in the call: the one
// under the name of the function's interface, if that defines it.
func (m *Mem) typeOf(t *ResourceType) *ResourceType {
	if m.under == nil || m.under.types == nil {
		return t
	}
	if own, ok := m.under.types.Load(t); ok {
		return own.(*ResourceType)
	}
	return t
}

// FuncType describes a function of an interface.
type FuncType struct {
	Name string // on the wire: "f", "[method]r.m"
	Type string // canonical text: "func(key: string) -> option<string>"
}

// HostFunc answers one call from a guest: it lifts its arguments from c.Flat
// and c.Mem and lowers its result there. What goes wrong is kept by c.Mem.
type HostFunc func(ctx context.Context, c *Call)
