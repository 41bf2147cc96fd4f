package abi

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/task"
)

// ResourceType is a resource type as the host has it: one of its own, or one
// that an instance exports. Two are the same type only if they are one
// ResourceType. It may be shared between goroutines and instances.
type ResourceType struct {
	// outside is the type in handle tables of instances that import it. A
	// rep is an index in the Values of the tree; what is there is a *Resource.
	outside handle.Resource
	// inside is the type in the tables of the instance that defines it, and
	// end calls its destructor there; nil for a type of the host.
	inside *handle.Resource
	end    func(ctx context.Context, rep uint32) error
	drop   func(ctx context.Context, value any) error // of a type of the host; may be nil
}

// NewResourceType returns a resource type of the host. The name is for errors.
// Drop is called once for each resource when it ends: when the guest that owns
// it drops it or its instance is closed, or when the host closes it. It may be
// nil.
func NewResourceType(name string, drop func(ctx context.Context, value any) error) *ResourceType {
	t := &ResourceType{drop: drop}
	t.outside = handle.Resource{Name: name, Host: t, Drop: t.dropped}
	return t
}

// GuestResourceType returns the type of the resources that an instance exports;
// only package rt can make one. End calls the destructor.
func GuestResourceType(inside *handle.Resource, end func(ctx context.Context, rep uint32) error) *ResourceType {
	t := NewResourceType(inside.Name, nil)
	t.inside, t.end = inside, end
	inside.Host = t
	return t
}

// Name returns the type's name, for errors.
func (t *ResourceType) Name() string { return t.outside.Name }

// Outside returns what the type is in handle tables of instances that import
// it; only package rt calls it.
func (t *ResourceType) Outside() *handle.Resource { return &t.outside }

// New returns a resource of a type of the host, with a value of the host's
// behind it. The host owns it, and closes it or gives it to a guest.
func (t *ResourceType) New(value any) *Resource { return &Resource{typ: t, value: value} }

// dropped ends a resource that a guest owned and has dropped.
func (t *ResourceType) dropped(ctx context.Context, rep uint32) (err error) {
	tk := ctx.(*task.Task)
	r := tk.Tree.Values.Remove(rep).(*Resource)
	defer func() {
		if p := recover(); p != nil {
			err = &task.PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	return r.Ended(tk.Inside())
}

// Resource is a resource that reaches the host, or comes from it. The host owns
// it, until it gives it to a guest or closes it; or it was lent to the host for
// the time of a call. It may be shared between goroutines.
type Resource struct {
	typ   *ResourceType
	value any    // of a type of the host
	rep   uint32 // of a type of a guest

	mu    sync.Mutex
	state state
	lends int // calls that it is lent to
}

// state is who has a resource.
type state uint8

const (
	owned  state = iota // the host
	lent                // a guest, which lent it for the time of a call
	given               // a guest
	closed              // nobody
)

var errStates = [...]error{
	lent:   errors.New("is only lent to the host"),
	given:  errors.New("was given to a guest"),
	closed: errors.New("is closed"),
}

// Type returns the resource's type.
func (r *Resource) Type() *ResourceType { return r.typ }

// Value returns what [ResourceType.New] was given; nil for a resource of a
// guest.
func (r *Resource) Value() any { return r.value }

// String returns the type's name in angle brackets.
func (r *Resource) String() string { return "<" + r.typ.Name() + ">" }

// Close ends a resource that the host owns: its destructor runs, in the guest
// that defines it as a call like any other, or it is the type's drop function.
// It fails while the resource is lent to a call, and with what a call of the
// guest fails with; it may be tried again then. It does nothing once it has
// succeeded, nor for a resource that the host does not own.
func (r *Resource) Close(ctx context.Context) error {
	r.mu.Lock()
	switch {
	case r.state != owned:
		r.mu.Unlock()
		return nil
	case r.lends > 0:
		r.mu.Unlock()
		return fmt.Errorf("resource %q is lent to a call", r.typ.Name())
	}
	r.state = closed
	r.mu.Unlock()
	err := r.end(ctx)
	if err != nil && r.typ.end != nil { // the guest was not reached
		r.mu.Lock()
		r.state = owned
		r.mu.Unlock()
	}
	return err
}

// Ended ends a resource that a guest owned and has no more use for; only
// package rt calls it.
func (r *Resource) Ended(ctx context.Context) error {
	r.mu.Lock()
	theirs := r.state == given
	if theirs {
		r.state = closed
	}
	r.mu.Unlock()
	if !theirs {
		return nil
	}
	return r.end(ctx)
}

func (r *Resource) end(ctx context.Context) error {
	switch {
	case r.typ.end != nil:
		if err := r.typ.end(ctx, r.rep); !errors.Is(err, task.ErrClosed) {
			return err
		}
		return nil // it ended with its instance
	case r.typ.drop != nil:
		return r.typ.drop(ctx, r.value)
	}
	return nil
}

// take changes the state of a resource that the host owns.
func (r *Resource) take(next state) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.state != owned:
		return fmt.Errorf("resource %q %w", r.typ.Name(), errStates[r.state])
	case r.lends > 0:
		return fmt.Errorf("resource %q is lent to a call", r.typ.Name())
	}
	r.state = next
	return nil
}

// lend counts a call that the resource is lent to.
func (r *Resource) lend() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state != owned && r.state != lent {
		return fmt.Errorf("resource %q %w", r.typ.Name(), errStates[r.state])
	}
	r.lends++
	return nil
}

// Handles is what a call between the host and a guest holds of resources on
// the host's side. Only package rt makes calls with it. It belongs to the
// goroutine that has the tree's turn.
type Handles struct {
	Scope handle.Scope // of the guest's side

	tree  *task.Tree
	lent  []*Resource // by the host, to the guest
	temps []uint32    // values that stand for them
	views []*Resource // lent to the host
}

// Begin makes h that of a call into or out of a tree.
func (h *Handles) Begin(tree *task.Tree) { h.tree = tree }

// Own returns the resource that a guest has handed over.
func (h *Handles) Own(r *handle.Resource, rep uint32) *Resource {
	t := r.Host.(*ResourceType)
	if r == t.inside {
		return &Resource{typ: t, rep: rep}
	}
	v := h.tree.Values.Remove(rep).(*Resource)
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
		of := h.tree.Values.Get(rep).(*Resource)
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
	return h.tree.Values.Add(v), nil
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
	rep = h.tree.Values.Add(v)
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

// End ends the call: what was lent goes back.
func (h *Handles) End() {
	h.Scope.GiveBack()
	for _, v := range h.lent {
		v.mu.Lock()
		v.lends--
		v.mu.Unlock()
	}
	for _, rep := range h.temps {
		h.tree.Values.Remove(rep)
	}
	for _, v := range h.views {
		v.mu.Lock()
		v.state = closed
		v.mu.Unlock()
	}
	h.lent, h.temps, h.views = h.lent[:0], h.temps[:0], h.views[:0]
}

// Task returns the call's task; only package rt asks for it.
func (c *Call) Task() *task.Task { return &c.task }
