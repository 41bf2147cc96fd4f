package abi

import (
	"fmt"

	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/task"
)

// Handles is what a call between the host and a guest holds of resources. Only
// package rt asks for it. It belongs to the goroutine that has the tree's turn.
type Handles struct {
	Scope handle.Scope // of the guest's side

	mem   *Mem
	lent  []*Resource // by the host, to the guest
	temps []uint32    // values that stand for them
	views []*Resource // lent to the host
}

// Handles returns what the call holds of resources. The call gives it back when
// it ends; only package rt asks for it.
func (m *Mem) Handles() *Handles {
	if m.handles == nil {
		m.handles = &Handles{mem: m}
	}
	return m.handles
}

// values returns the values of the host behind handles of the tree.
func (h *Handles) values() *task.Values { return &h.mem.opts.Instance.Tree.Values }

// Own returns the resource that a guest has handed over.
func (h *Handles) Own(r *handle.Resource, rep uint32) *Resource {
	t := r.Host.(*ResourceType)
	if r == t.inside {
		return &Resource{typ: t, rep: rep}
	}
	v := h.values().Remove(rep).(*Resource)
	v.mu.Lock()
	v.state = owned
	v.mu.Unlock()
	return v
}

// Borrow returns a resource that a guest lends until the call ends.
func (h *Handles) Borrow(r *handle.Resource, rep uint32) *Resource {
	t := r.Host.(*ResourceType)
	v := &Resource{typ: t, rep: rep, state: lent}
	if r != t.inside {
		of := h.values().Get(rep).(*Resource)
		v.value, v.rep = of.value, of.rep
	}
	h.views = append(h.views, v)
	return v
}

// Give hands a resource over to the guest, and returns its rep there.
func (h *Handles) Give(want *handle.Resource, v *Resource) (rep uint32, err error) {
	inside, err := v.fits(want)
	if err == nil {
		err = v.take(given)
	}
	switch {
	case err != nil:
		return 0, err
	case inside:
		return v.rep, nil
	}
	return h.values().Add(v), nil
}

// Lend lends a resource to the guest until the call ends, and returns its rep
// there.
func (h *Handles) Lend(want *handle.Resource, v *Resource) (rep uint32, err error) {
	inside, err := v.fits(want)
	if err == nil {
		err = v.lend()
	}
	if err != nil {
		return 0, err
	}
	h.lent = append(h.lent, v)
	if inside {
		return v.rep, nil
	}
	rep = h.values().Add(v)
	h.temps = append(h.temps, rep)
	return rep, nil
}

// fits compares a resource's type with what a guest wants, and reports whether
// the guest defines it.
func (r *Resource) fits(want *handle.Resource) (inside bool, err error) {
	switch want {
	case &r.typ.outside:
		return false, nil
	case r.typ.inside:
		return true, nil
	}
	return false, fmt.Errorf("resource %q is not of the type %q that is wanted, though it may have its name", r.typ.Name(), want.Name)
}

// end ends the call: what was lent goes back.
func (h *Handles) end() {
	h.Scope.GiveBack()
	for _, v := range h.lent {
		v.mu.Lock()
		v.lends--
		v.mu.Unlock()
	}
	for _, rep := range h.temps {
		h.values().Remove(rep)
	}
	for _, v := range h.views {
		v.mu.Lock()
		v.state = closed
		v.mu.Unlock()
	}
	clear(h.lent)
	clear(h.views)
	h.lent, h.temps, h.views = h.lent[:0], h.temps[:0], h.views[:0]
}

// Exports is what the host can see of an instance's exported resources; only
// package rt makes it. It is the Exports of the instance's tree.
type Exports struct {
	// Types holds, for each interface that the host calls, the types of its
	// Resources.
	Types map[*Interface][]*ResourceType
}

// Exported returns the type of resource i of an interface that the instance
// exports.
func (m *Mem) Exported(x *Interface, i int) *ResourceType {
	return m.opts.Instance.Tree.Exports.(*Exports).Types[x][i]
}

// LiftOwn lifts an own handle. For a type of the host it returns the value that
// was made a resource; for a type that the instance exports a [*Resource],
// which the host owns. It returns nil on failure.
func (m *Mem) LiftOwn(t *ResourceType, i uint32) any {
	if m.err != nil {
		return nil
	}
	in := m.opts.Instance
	r := t.as(in)
	rep, err := in.Handles.LiftOwn(r, i)
	if err != nil {
		m.Reject(err)
		return nil
	}
	v := m.Handles().Own(r, rep)
	if r == t.inside {
		return v
	}
	return v.value
}

// LiftBorrow lifts a borrow handle, in the manner of LiftOwn. What it returns
// is the host's until the call ends.
func (m *Mem) LiftBorrow(t *ResourceType, i uint32) any {
	if m.err != nil {
		return nil
	}
	in, h := m.opts.Instance, m.Handles()
	r := t.as(in)
	rep, err := in.Handles.LiftBorrow(r, i, &h.Scope)
	if err != nil {
		m.Reject(err)
		return nil
	}
	if r == t.inside {
		return h.Borrow(r, rep)
	}
	return h.values().Get(rep).(*Resource).value
}

// LowerOwn lowers an own handle: a value of the host that becomes a resource,
// or a [*Resource] of a type that the instance exports.
func (m *Mem) LowerOwn(t *ResourceType, v any) uint32 {
	if m.err != nil {
		return 0
	}
	res, ok := m.resource(t, v)
	if !ok {
		return 0
	}
	in := m.opts.Instance
	r := t.as(in)
	rep, err := m.Handles().Give(r, res)
	if err != nil {
		m.Fail(err)
		return 0
	}
	i, err := in.Handles.LowerOwn(r, rep)
	if err != nil {
		m.Reject(err)
	}
	return i
}

// LowerBorrow lowers a borrow handle, in the manner of LowerOwn. The guest has
// the resource until the call ends.
func (m *Mem) LowerBorrow(t *ResourceType, v any) uint32 {
	if m.err != nil {
		return 0
	}
	res, ok := m.resource(t, v)
	if !ok {
		return 0
	}
	in, h := m.opts.Instance, m.Handles()
	r := t.as(in)
	rep, err := h.Lend(r, res)
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

// as returns what a type is in the handle table of a component instance: those
// of the tree that defines it know it as their own.
func (t *ResourceType) as(in *task.Instance) *handle.Resource {
	if t.inside != nil && t.inside.Owner.(*task.Instance).Tree == in.Tree {
		return t.inside
	}
	return &t.outside
}

// resource returns the resource that a value of the host is to be.
func (m *Mem) resource(t *ResourceType, v any) (*Resource, bool) {
	if t.inside == nil {
		if v == nil {
			m.Fail(fmt.Errorf("resource %q is nil", t.Name()))
			return nil, false
		}
		return t.New(v), true
	}
	r, ok := v.(*Resource)
	if !ok || r == nil {
		m.Fail(fmt.Errorf("%T is no resource %q of this instance", v, t.Name()))
		return nil, false
	}
	return r, true
}
