package abi

import (
	"fmt"
	"slices"
)

// Exports is what the host can see of an instance's exported resources; only
// package rt makes it. It is the Exports of the instance's tree.
type Exports struct {
	// Resources holds, for each interface that the host calls, what it has
	// of resources, in its order.
	Resources map[*Interface][]*Exported
}

// Exported is a resource type in an interface that an instance exports. Most
// often the instance defines it; one that exports what it imports has a type
// of the host there.
type Exported struct {
	typ      *ResourceType
	in       string                     // the name of the interface
	client   any                        // func(*Resource) T, for the T of Bind
	resource func(client any) *Resource // nil for what is no client
}

// NewExported returns the export of a resource type in an interface, by the
// name that it is exported by; only package rt can make one. The type is nil for
// what the component does not export, though its world says that it may.
func NewExported(t *ResourceType, in string) *Exported { return &Exported{typ: t, in: in} }

// Type returns the type.
func (e *Exported) Type() *ResourceType { return e.typ }

// Bind says what resources of the type are in Go: client makes a T that calls
// the resource's functions, and resource tells what its own type of client
// calls them for. Generated code calls it before there are resources.
func Bind[T, C any](e *Exported, client func(r *Resource) T, resource func(c C) *Resource) {
	e.client = client
	e.resource = func(v any) *Resource {
		if c, ok := v.(C); ok {
			return resource(c)
		}
		return nil
	}
}

// exported returns resource n of an interface that the instance exports: by the
// name that the function's interface has, if it is that one. It returns nil and fails if that does not: the bindings of one interface were
// made for a world that exports the other, and are used for one that does not.
func (m *Mem) exported(x *Interface, n int) *Exported {
	if m.under != nil && m.under.of == x {
		x = m.under
	}
	if e, ok := m.opts.Instance.Tree.Exports.(*Exports); ok && n < len(e.Resources[x]) {
		if r := e.Resources[x][n]; r.typ != nil {
			return r
		}
		m.Trap(fmt.Errorf("%w resource %q of %q", ErrNotExported, x.Resources[n], x.Name))
		return nil
	}
	m.Trap(fmt.Errorf("resource %q of %q, which the world does not export", x.Resources[n], x.Name))
	return nil
}

// LiftOwnExported lifts an own handle to resource n of an interface that the
// instance exports, which the host then owns. It returns the zero T on failure.
func LiftOwnExported[T any](m *Mem, x *Interface, n int, i uint32) (v T) {
	if m.err != nil {
		return v
	}
	e := m.exported(x, n)
	if e == nil {
		return v
	}
	r := m.liftOwn(e.typ, i)
	switch {
	case r == nil:
		return v
	case e.typ.hosts():
		return valueOf[T](m, e.typ, r.value)
	}
	return e.client.(func(*Resource) T)(r)
}

// LowerOwnExported lowers an own handle to resource n of an interface that the
// instance exports. The value is a client that came from this instance.
func (m *Mem) LowerOwnExported(x *Interface, n int, v any) uint32 {
	e := m.exported(x, n)
	if r := m.clientOf(e, v); r != nil {
		return m.lowerOwn(e.typ, r)
	}
	return 0
}

// LowerBorrowExported lowers a borrow handle in the manner of LowerOwnExported.
// The guest has the resource until the call ends.
func (m *Mem) LowerBorrowExported(x *Interface, n int, v any) uint32 {
	e := m.exported(x, n)
	if r := m.clientOf(e, v); r != nil {
		return m.lowerBorrow(e.typ, r)
	}
	return 0
}

// LowerSelf lowers the resource whose method is called, by its client.
func (m *Mem) LowerSelf(r *Resource) uint32 { return m.lowerBorrow(r.typ, r) }

// clientOf returns the resource that a value stands for; nil on failure.
func (m *Mem) clientOf(e *Exported, v any) *Resource {
	switch {
	case e == nil:
		return nil
	case v == nil:
		m.failNil(e.typ)
		return nil
	case e.typ.hosts():
		return e.typ.New(v)
	}
	r := e.resource(v)
	switch {
	case r == nil:
		m.Fail(fmt.Errorf("%T is no resource %q of the instance", v, e.typ.Name()))
	case r.typ != e.typ:
		m.Fail(m.stranger(e, r))
		return nil
	}
	return r
}

// stranger says why a resource is not of the type that an export has: it is of
// another instance, or of this one under another name.
func (m *Mem) stranger(e *Exported, r *Resource) error {
	all := m.opts.Instance.Tree.Exports.(*Exports)
	var names []string
	for _, list := range all.Resources {
		for _, other := range list {
			if other.typ == r.typ {
				names = append(names, other.in)
			}
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("resource %q is of another instance", e.typ.Name())
	}
	return fmt.Errorf("resource %q is of the export %q, not of %q", e.typ.Name(), slices.Min(names), e.in)
}

// hosts reports whether the host defines the type.
func (t *ResourceType) hosts() bool { return t.inside == nil }
