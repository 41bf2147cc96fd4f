package abi

import "fmt"

// LiftOwn lifts an own handle to a resource of the host: the value that it was
// made of, which the host owns again. It returns the zero T on failure.
func LiftOwn[T any](m *Mem, t *ResourceType, i uint32) (v T) {
	t = m.typeOf(t)
	if r := m.liftOwn(t, i); r != nil {
		return valueOf[T](m, t, r.value)
	}
	return v
}

// LiftBorrow lifts a borrow handle to a resource of the host, which the guest
// lends until the call ends. It returns the zero T on failure.
func LiftBorrow[T any](m *Mem, t *ResourceType, i uint32) (v T) {
	if m.err != nil {
		return v
	}
	t = m.typeOf(t)
	in, h := m.opts.Instance, m.Handles()
	rep, err := in.Handles.LiftBorrow(t.as(in), i, &h.Scope)
	if err != nil {
		m.Reject(err)
		return v
	}
	return valueOf[T](m, t, h.values().Get(rep).(*Resource).value)
}

// valueOf returns the value behind a resource of the host. Code that was not
// generated may have made one of something else.
func valueOf[T any](m *Mem, t *ResourceType, value any) T {
	v, ok := value.(T)
	if !ok {
		m.Trap(fmt.Errorf("%T is no value for resource %q", value, t.Name()))
	}
	return v
}

// Lifted reports whether all arguments of the host function have been lifted.
// If so, the resources among them that the guest gave away are the host's from
// now on; if not, they end with the guest's instance.
func (m *Mem) Lifted() bool {
	if m.err != nil {
		return false
	}
	if h := m.handles; h != nil {
		h.settle(true)
	}
	return true
}

// liftOwn takes a resource from the guest; nil on failure.
func (m *Mem) liftOwn(t *ResourceType, i uint32) *Resource {
	if m.err != nil {
		return nil
	}
	in, h := m.opts.Instance, m.Handles()
	r := t.as(in)
	rep, err := in.Handles.LiftOwn(r, i)
	if err != nil {
		m.Reject(err)
		return nil
	}
	v := h.Own(r, rep)
	if r != t.inside {
		h.taken = append(h.taken, v)
	}
	return v
}

// LowerOwn lowers an own handle to a resource of the host, which it makes of a
// value. The guest owns it.
func (m *Mem) LowerOwn(t *ResourceType, v any) uint32 {
	if v == nil {
		m.failNil(t)
		return 0
	}
	t = m.typeOf(t)
	return m.lowerOwn(t, t.New(v))
}

// LowerBorrow lowers a borrow handle to a resource of the host, which it makes
// of a value. The guest has it until the call ends.
func (m *Mem) LowerBorrow(t *ResourceType, v any) uint32 {
	if v == nil {
		m.failNil(t)
		return 0
	}
	t = m.typeOf(t)
	return m.lowerBorrow(t, t.New(v))
}

func (m *Mem) failNil(t *ResourceType) { m.Fail(fmt.Errorf("resource %q is nil", t.Name())) }

// lowerOwn gives a resource to the guest.
func (m *Mem) lowerOwn(t *ResourceType, v *Resource) uint32 {
	h := m.Handles()
	if m.err != nil {
		// The guest is stopped, and would have owned it.
		if (m.answers || m.fault == faultGuest) && v.take(given) == nil {
			h.keep(v)
		}
		return 0
	}
	in := m.opts.Instance
	r := t.as(in)
	rep, err := h.Give(r, v)
	if err != nil {
		m.Fail(err)
		return 0
	}
	i, err := in.Handles.LowerOwn(r, rep)
	if err != nil {
		m.Reject(err)
		return 0
	}
	h.given = append(h.given, gift{v, r, i})
	return i
}

// lowerBorrow lends a resource to the guest.
func (m *Mem) lowerBorrow(t *ResourceType, v *Resource) uint32 {
	if m.err != nil {
		return 0
	}
	in, h := m.opts.Instance, m.Handles()
	r := t.as(in)
	rep, err := h.Lend(r, v)
	if err != nil {
		m.Fail(err)
		return 0
	}
	i, err := in.Handles.LowerBorrow(r, rep, &h.Scope)
	if err != nil {
		m.Reject(err)
	}
	return i
}
