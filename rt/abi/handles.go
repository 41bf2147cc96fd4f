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
	given []gift      // by the host, to the guest
	offer []offer     // the same by dynamic calls, which do not know the handle
	taken []*Resource // from the guest, and not with the host yet
}

// gift is a resource that the host has given to the guest.
type gift struct {
	resource *Resource
	typ      *handle.Resource
	index    uint32 // of its handle
}

// offer is a resource that the host has given to the guest, or is about to.
type offer struct {
	resource *Resource
	typ      *handle.Resource
	rep      uint32
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
	v.become(owned)
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

// Offer is Give for dynamic calls, which may end before there is a handle.
func (h *Handles) Offer(want *handle.Resource, v *Resource) (rep uint32, err error) {
	if rep, err = h.Give(want, v); err == nil {
		h.offer = append(h.offer, offer{v, want, rep})
	}
	return rep, err
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

// revoke undoes what was lowered for a call that is not made after all: the
// host has again what it gave.
func (h *Handles) revoke() {
	in := h.mem.opts.Instance
	in.Handles.Revoke(&h.Scope)
	for _, g := range h.given {
		rep, err := in.Handles.LiftOwn(g.typ, g.index)
		if err != nil {
			continue
		}
		if g.typ != g.resource.typ.inside {
			h.values().Remove(rep)
		}
		g.resource.become(owned)
	}
	for _, o := range h.offer {
		in.Handles.Reclaim(o.typ, o.rep)
		if o.typ != o.resource.typ.inside {
			h.values().Remove(o.rep)
		}
		o.resource.become(owned)
	}
}

// keep leaves a resource to the guest's instance without a handle for it: it
// ends with the instance.
func (h *Handles) keep(r *Resource) {
	if r.typ.as(h.mem.opts.Instance) != r.typ.inside {
		h.values().Add(r)
	}
}

// settle says whose the resources are that were taken from the guest: the
// host's if it gets them, else they stay with the guest's instance.
func (h *Handles) settle(delivered bool) {
	if !delivered {
		for _, r := range h.taken {
			r.become(given)
			h.keep(r)
		}
	}
	clear(h.taken)
	h.taken = h.taken[:0]
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
		v.become(closed)
	}
	clear(h.lent)
	clear(h.views)
	clear(h.given)
	clear(h.offer)
	h.lent, h.temps, h.views, h.given, h.offer = h.lent[:0], h.temps[:0], h.views[:0], h.given[:0], h.offer[:0]
}

// as returns what a type is in the handle table of a component instance: those
// of the tree that defines it know it as their own.
func (t *ResourceType) as(in *task.Instance) *handle.Resource {
	if t.inside != nil && t.inside.Owner.(*task.Instance).Tree == in.Tree {
		return t.inside
	}
	return &t.outside
}
