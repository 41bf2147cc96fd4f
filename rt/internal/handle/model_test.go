package handle_test

import (
	"testing"

	"github.com/witgen/witgen/rt/internal/handle"
)

// model is what a table is, without free lists and pointers.
type model struct {
	entries map[uint32]*entry
	freed   []uint32
	next    uint32
}

type entry struct {
	resource *handle.Resource
	rep      uint32
	own      bool
	call     int // of a borrow
	lends    [2]int
}

func (e *entry) lent() bool { return e.lends[0]+e.lends[1] > 0 }

func (m *model) add(e *entry) uint32 {
	i := m.next + 1
	if n := len(m.freed); n > 0 {
		i, m.freed = m.freed[n-1], m.freed[:n-1]
	} else {
		m.next++
	}
	m.entries[i] = e
	return i
}

func (m *model) remove(i uint32) {
	delete(m.entries, i)
	m.freed = append(m.freed, i)
}

// FuzzTable runs operations on a table and on a model of it. Each operation
// is three bytes: what, an index or rep, a resource and a call.
func FuzzTable(f *testing.F) {
	f.Add([]byte{0, 1, 0, 3, 1, 0, 4, 1, 0, 5, 1, 0, 6, 0, 0, 4, 1, 0})
	f.Add([]byte{1, 9, 2, 4, 1, 2, 1, 9, 2, 6, 0, 2, 4, 1, 2, 6, 0, 2})
	f.Fuzz(func(t *testing.T, ops []byte) {
		tab := &handle.Table{Owner: bob, Limit: 8}
		m := &model{entries: map[uint32]*entry{}}
		var calls [2]handle.Scope
		for ; len(ops) >= 3; ops = ops[3:] {
			op, arg := ops[0]%7, uint32(ops[1]%12)
			r := []*handle.Resource{file, clock}[ops[2]&1]
			call := int(ops[2]>>1) & 1
			e := m.entries[arg]
			usable := e != nil && e.resource == r
			room := len(m.entries) < 8
			switch op {
			case 0, 1:
				var i uint32
				var err error
				added := &entry{resource: r, rep: arg, own: op == 0, call: call}
				if op == 0 {
					i, err = tab.NewOwn(r, arg)
				} else {
					i, err = tab.LowerBorrow(r, arg, &calls[call])
				}
				if (err == nil) != room {
					t.Fatalf("added with %d handles: %v", len(m.entries), err)
				}
				if room {
					if want := m.add(added); i != want {
						t.Fatalf("added at %d, want %d", i, want)
					}
				}
			case 2:
				rep, err := tab.LiftOwn(r, arg)
				compare(t, "LiftOwn", e, rep, err, usable && e.own && !e.lent())
				if err == nil {
					m.remove(arg)
				}
			case 3:
				rep, err := tab.LiftBorrow(r, arg, &calls[call])
				compare(t, "LiftBorrow", e, rep, err, usable)
				if err == nil {
					e.lends[call]++
				}
			case 4:
				rep, owned, err := tab.Drop(r, arg)
				compare(t, "Drop", e, rep, err, usable && !e.lent())
				if err == nil {
					if owned != e.own {
						t.Fatalf("Drop: owned = %v", owned)
					}
					m.remove(arg)
				}
			case 5:
				rep, err := tab.Rep(r, arg)
				compare(t, "Rep", e, rep, err, usable)
			case 6:
				left := false
				for _, e := range m.entries {
					left = left || !e.own && e.call == call
				}
				if err := calls[call].Return(); (err != nil) != left {
					t.Fatalf("Return: %v with borrows left: %v", err, left)
				}
				calls[call].GiveBack()
				for _, e := range m.entries {
					e.lends[call] = 0
				}
			}
			if tab.Len() != len(m.entries) {
				t.Fatalf("Len = %d, want %d", tab.Len(), len(m.entries))
			}
		}
	})
}

func compare(t *testing.T, op string, e *entry, rep uint32, err error, ok bool) {
	t.Helper()
	if (err == nil) != ok {
		t.Fatalf("%s: %v, want success: %v", op, err, ok)
	}
	if ok && rep != e.rep {
		t.Fatalf("%s: rep %d, want %d", op, rep, e.rep)
	}
}
