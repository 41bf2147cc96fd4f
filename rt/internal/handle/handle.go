package handle

import (
	"errors"
	"fmt"
)

// Handle is a resource handle: it owns a resource or borrows it for the time
// of a call. See definitions.py, ResourceHandle.
type Handle struct {
	resource *Resource
	rep      uint32 // what stands for the resource in the instance that defines it
	own      bool
	lends    int    // how often it is lent to calls that have not ended
	scope    *Scope // of a borrow: the call that it may not outlive
}

// The traps of handles that are used against the rules.
var (
	errLent    = errors.New("cannot remove owned resource while borrowed")
	errNotOwn  = errors.New("cannot lift own resource from a borrow")
	errNoScope = errors.New("borrow handle outside of a call")
)

// NewOwn makes an owned handle for a resource that the table's instance
// defines, and returns its index. See definitions.py, canon_resource_new.
func (t *Table) NewOwn(r *Resource, rep uint32) (uint32, error) {
	return t.Add(&Handle{resource: r, rep: rep, own: true})
}

// LowerOwn hands a resource over to the table's instance and returns the index
// of its handle. See definitions.py, lower_own.
func (t *Table) LowerOwn(r *Resource, rep uint32) (uint32, error) { return t.NewOwn(r, rep) }

// LowerBorrow lends a resource to the table's instance until the call of that
// scope ends. It returns the index of a new handle, which the instance must
// drop before; the instance that defines the resource gets the bare rep. See
// definitions.py, lower_borrow.
func (t *Table) LowerBorrow(r *Resource, rep uint32, s *Scope) (uint32, error) {
	if r.Owner != nil && r.Owner == t.Owner {
		return rep, nil
	}
	if s == nil {
		return 0, errNoScope
	}
	i, err := t.Add(&Handle{resource: r, rep: rep, scope: s})
	if err == nil {
		s.borrows++
	}
	return i, err
}

// LiftOwn takes a resource from the table's instance: it removes the owned
// handle at index i and returns its rep. See definitions.py, lift_own.
func (t *Table) LiftOwn(r *Resource, i uint32) (uint32, error) {
	h, err := t.handle(r, i)
	switch {
	case err != nil:
		return 0, err
	case h.lends != 0:
		return 0, errLent
	case !h.own:
		return 0, fmt.Errorf("handle index %d: %w", i, errNotOwn)
	}
	_, err = t.Remove(i)
	return h.rep, err
}

// LiftBorrow borrows a resource from the table's instance: until the call of
// that scope gives it back, the handle at index i cannot be removed. It
// returns the rep. See definitions.py, lift_borrow.
func (t *Table) LiftBorrow(r *Resource, i uint32, s *Scope) (uint32, error) {
	h, err := t.handle(r, i)
	if err != nil {
		return 0, err
	}
	if s == nil {
		return 0, errNoScope
	}
	h.lends++
	s.lenders = append(s.lenders, h)
	return h.rep, nil
}

// Rep returns the rep of the handle at index i. See definitions.py,
// canon_resource_rep.
func (t *Table) Rep(r *Resource, i uint32) (uint32, error) {
	h, err := t.handle(r, i)
	if err != nil {
		return 0, err
	}
	return h.rep, nil
}

// Drop removes the handle at index i. If it owned its resource, the caller
// must end that: call its destructor, if it has one, with the rep. See
// definitions.py, canon_resource_drop.
func (t *Table) Drop(r *Resource, i uint32) (rep uint32, owned bool, err error) {
	h, err := t.handle(r, i)
	if err != nil {
		return 0, false, err
	}
	if h.lends != 0 {
		return 0, false, errLent
	}
	if h.scope != nil {
		h.scope.borrows--
	}
	_, err = t.Remove(i)
	return h.rep, h.own, err
}

// handle returns the handle at index i, which must be to a resource of type r.
func (t *Table) handle(r *Resource, i uint32) (*Handle, error) {
	e, err := t.Get(i)
	if err != nil {
		return nil, err
	}
	h, ok := e.(*Handle)
	if !ok {
		return nil, fmt.Errorf("handle index %d used with the wrong type, expected %s", i, r.origin())
	}
	if h.resource != r {
		return nil, wrongType(i, r, h.resource)
	}
	return h, nil
}
