package abi

import (
	"context"
	"errors"
	"fmt"
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

// HostResourceType returns the resource type of the host whose resources are
// values of a Go type: each one's Close is called when it ends, as
// [NewResourceType] has it. Generated code calls it. The name is for errors.
func HostResourceType[T interface {
	Close(ctx context.Context) error
}](name string) *ResourceType {
	return NewResourceType(name, func(ctx context.Context, value any) error { return value.(T).Close(ctx) })
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
	returned := false
	defer func() {
		if !returned {
			err = stopped(tk, recover())
		}
	}()
	err = r.Ended(tk.Inside())
	returned = true
	return err
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

// become changes the state of a resource, whatever it is.
func (r *Resource) become(next state) {
	r.mu.Lock()
	r.state = next
	r.mu.Unlock()
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

// Task returns the call's task; only package rt asks for it.
func (c *Call) Task() *task.Task { return &c.task }
