package abi

import "context"

// Interface describes a WIT interface as one side knows it. Descriptions are
// compared when a component is linked. An Interface never changes once it is
// used, and may then be shared.
type Interface struct {
	// Name is the name a component imports or exports it by, such as
	// "wasi:io/streams@0.2.0"; empty for functions of the world itself.
	Name      string
	Resources []string // names of the resource types that the interface defines
	Funcs     []FuncType

	of *Interface // what it is another name of; nil for none
}

// As returns the description by another name, for worlds that import or export
// the interface by a name of their own.
func (x *Interface) As(name string) *Interface {
	return &Interface{Name: name, Resources: x.Resources, Funcs: x.Funcs, of: x}
}

// Of returns the description that this one is another name of, or this one.
func (x *Interface) Of() *Interface {
	if x.of == nil {
		return x
	}
	return x.of
}

// FuncType describes a function of an interface.
type FuncType struct {
	Name string // on the wire: "f", "[method]r.m"
	Type string // canonical text: "func(key: string) -> option<string>"
}

// HostFunc answers one call from a guest: it lifts its arguments from c.Flat
// and c.Mem and lowers its result there. What goes wrong is kept by c.Mem.
type HostFunc func(ctx context.Context, c *Call)
