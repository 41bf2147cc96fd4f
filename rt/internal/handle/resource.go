package handle

import (
	"context"
	"fmt"
)

// Resource is a resource type at run time. Each component instance that
// defines one makes its own: two are the same type only if they are one
// Resource. See definitions.py, ResourceType.
type Resource struct {
	Name string // for errors
	// Owner is the component instance that defines the type, nil for a type
	// of the host. It is compared with [Table.Owner] by ==.
	Owner any
	// Drop is the destructor, nil when there is none. Whoever drops an
	// owned handle calls it, with the rep and outside of the table.
	Drop func(ctx context.Context, rep uint32) error
	// Host is what package abi has the type as when values of it reach the
	// host; nil if none ever do.
	Host any
}

// origin says in the words of traps where a type comes from.
func (r *Resource) origin() string {
	if r.Owner == nil {
		return "host-defined resource"
	}
	return "guest-defined resource"
}

// wrongType is the trap for a handle of a type that is not the expected one.
func wrongType(i uint32, want, have *Resource) error {
	found := have.origin()
	if found == want.origin() {
		found = "different " + found
	}
	err := fmt.Errorf("handle index %d used with the wrong type, expected %s but found a %s", i, want.origin(), found)
	if want.Name != "" && have.Name != "" {
		err = fmt.Errorf("%w: %q is not %q", err, have.Name, want.Name)
	}
	return err
}
