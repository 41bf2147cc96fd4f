package rt

import (
	"context"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/wit"
)

// HostInstance is what a host offers of an interface, or for the imports of the
// world itself, without generated code. An instance of another component makes
// one of its exports: see [Instance.Export].
type HostInstance struct {
	// Name is the import's: "ns:pkg/interface@1.0.0", or a plain one; empty
	// for what the world itself imports.
	Name      string
	Funcs     map[string]HostFunc // by their names on the wire: "f", "[method]r.m"
	Resources map[string]*ResourceType
	Modules   map[string]*Module
	Instances map[string]*HostInstance // in it; their names are not looked at
}

// HostFunc is a function of a [HostInstance]. Call is called with the values
// of the arguments and returns that of the result, nil for a function without
// one; an error stops the guest. It may be called by several instances at once.
type HostFunc struct {
	// Type is what the function is; nil means whatever the component wants it
	// to be.
	Type *wit.Func
	Call func(ctx context.Context, args []Value) (Value, error)
}

// ResourceType is a resource type at the host's boundary.
type ResourceType = abi.ResourceType

// Resource is a resource that crosses the host's boundary.
type Resource = abi.Resource

// NewResourceType returns a resource type of the host. The name is for errors.
// Drop is called once for each resource, when it ends, with the value that it
// was made of; it may be nil.
func NewResourceType(name string, drop func(ctx context.Context, value any) error) *ResourceType {
	return abi.NewResourceType(name, drop)
}

// at returns the instance at a place inside this one, or nil.
func (h *HostInstance) at(inside []string) *HostInstance {
	for _, name := range inside {
		if h = h.Instances[name]; h == nil {
			return nil
		}
	}
	return h
}

// hosts is what a host offers without generated code.
type hosts struct {
	list  []HostInstance
	names names
}

func hostsOf(m wit.Matching, list []HostInstance) hosts {
	if len(list) == 0 {
		return hosts{}
	}
	all := make([]string, len(list))
	for i := range list {
		all[i] = list[i].Name
	}
	return hosts{list, names{wit.NewNames(m, all)}}
}

// lookup returns the instance that stands for a place, or nil, and the name of
// what it is in.
func (h hosts) lookup(p plan.Place) (name string, _ *HostInstance) {
	i, ok := h.names.stands(p)
	if !ok {
		return "", nil
	}
	return h.list[i].Name, h.list[i].at(p.Inside)
}

// stub stands for a function that the host does not have.
var stub = HostFunc{Call: func(context.Context, []Value) (Value, error) { return nil, ErrStub }}
