package handle

import (
	"fmt"
	"iter"
)

// How many handles a table holds at one time.
const (
	DefaultLimit = 1 << 16   // when [Table.Limit] is zero
	MaxLimit     = 1<<28 - 1 // of any table: definitions.py, Table.MAX_LENGTH
)

// Table is the handle table of a component instance. Index 0 is never valid;
// an index that was removed is the next to be given out. The zero Table is
// empty. See definitions.py, Table.
type Table struct {
	// Owner is the component instance whose table this is. A borrow of a
	// resource that it defines enters it as the bare rep.
	Owner any
	// Limit is the most handles the table holds at one time; 0 means
	// [DefaultLimit], less means none, and more than [MaxLimit] means that.
	Limit int
	// Count is how many handles all tables hold that have it, for which Limit is
	// a limit together then; nil means that this table is alone. Tables that share
	// one belong to one goroutine at a time.
	Count *int

	entries []any // nil where an index is free; index 0 stays nil
	free    []uint32
}

// Get returns the entry at index i.
func (t *Table) Get(i uint32) (any, error) {
	if uint64(i) >= uint64(len(t.entries)) || t.entries[i] == nil {
		return nil, fmt.Errorf("unknown handle index %d", i)
	}
	return t.entries[i], nil
}

// Add puts an entry, which is not nil, into the table and returns its index.
// It fails when the table is full.
func (t *Table) Add(e any) (uint32, error) {
	if limit := t.limit(); t.count() >= limit {
		return 0, LimitError(fmt.Sprintf("handle table is full: %d handles (Limits.Handles)", limit))
	}
	if t.Count != nil {
		*t.Count++
	}
	if n := len(t.free); n > 0 {
		i := t.free[n-1]
		t.free = t.free[:n-1]
		t.entries[i] = e
		return i, nil
	}
	if len(t.entries) == 0 {
		t.entries = append(t.entries, nil)
	}
	t.entries = append(t.entries, e)
	return uint32(len(t.entries) - 1), nil
}

// count returns how many handles there are of those that Limit allows.
func (t *Table) count() int {
	if t.Count != nil {
		return *t.Count
	}
	return t.Len()
}

// Remove takes the entry at index i out of the table and returns it.
func (t *Table) Remove(i uint32) (any, error) {
	e, err := t.Get(i)
	if err == nil {
		t.clear(i)
	}
	return e, err
}

// clear frees an index that has an entry.
func (t *Table) clear(i uint32) {
	t.entries[i] = nil
	t.free = append(t.free, i)
	if t.Count != nil {
		*t.Count--
	}
}

// Len returns how many entries the table holds.
func (t *Table) Len() int { return max(len(t.entries)-1, 0) - len(t.free) }

// Drain removes the resource handles from the table, in order of their
// indices, and yields the resource and rep of those that owned one. It is for
// the end of an instance, when its owned resources are dropped. What is done
// with one of them may drop others of the same table.
func (t *Table) Drain() iter.Seq2[*Resource, uint32] {
	return func(yield func(*Resource, uint32) bool) {
		for i := 1; i < len(t.entries); i++ {
			h, ok := t.entries[i].(*Handle)
			if !ok {
				continue
			}
			t.clear(uint32(i))
			if h.own && !yield(h.resource, h.rep) {
				return
			}
		}
	}
}

func (t *Table) limit() int {
	if t.Limit == 0 {
		return DefaultLimit
	}
	return max(0, min(t.Limit, MaxLimit))
}
