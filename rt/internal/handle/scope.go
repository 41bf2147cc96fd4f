package handle

import "errors"

var errBorrowsRemain = errors.New("borrow handles still remain at the end of the call")

// Scope is what a call holds of handles: the borrows that it brought into the
// callee's table, and the handles of the caller's table that it was lent. It
// is the part of definitions.py's Task and Subtask that is about borrows. The
// zero Scope is that of a call that begins; after [Scope.Return] and
// [Scope.GiveBack] it serves for another. It may not be copied.
type Scope struct {
	borrows int
	lenders []*Handle
}

// Return is for when the callee returns, before its result is handed to the
// caller: it traps unless the callee has dropped every borrow that the call
// brought it. See definitions.py, Task.return_.
func (s *Scope) Return() error {
	if s.borrows != 0 {
		return errBorrowsRemain
	}
	return nil
}

// GiveBack ends what the call was lent, after the caller has its result: the
// caller may drop and hand over those handles again. See definitions.py,
// Subtask.deliver_resolve.
func (s *Scope) GiveBack() {
	for _, h := range s.lenders {
		h.lends--
	}
	clear(s.lenders)
	s.lenders = s.lenders[:0]
}

// Revoke takes back the borrows that a call brought into the callee's table: the
// call is not made after all.
func (t *Table) Revoke(s *Scope) {
	for i := 1; i < len(t.entries) && s.borrows > 0; i++ {
		if h, ok := t.entries[i].(*Handle); ok && h.scope == s {
			t.clear(uint32(i))
			s.borrows--
		}
	}
}

// Reclaim takes back a handle that owns a resource, if there is one: the call
// that gave it is not made after all.
func (t *Table) Reclaim(r *Resource, rep uint32) {
	for i := len(t.entries) - 1; i > 0; i-- {
		if h, ok := t.entries[i].(*Handle); ok && h.own && h.resource == r && h.rep == rep && h.lends == 0 {
			t.clear(uint32(i))
			return
		}
	}
}
