package abi

import (
	"errors"
	"testing"

	"github.com/witgen/witgen/rt/internal/task"
)

// TestAbsentResource has handles of a resource that the component does not
// export, as one that lies about the rest of the interface may hand over.
func TestAbsentResource(t *testing.T) {
	x := &Interface{Name: "a:b/c@1.0.0", Resources: []string{"r"}}
	for _, tt := range []struct {
		name string
		use  func(m *Mem)
	}{
		{"lift", func(m *Mem) {
			if v := LiftOwnExported[any](m, x, 0, 1); v != nil {
				t.Errorf("got %v", v)
			}
		}},
		{"lower own", func(m *Mem) {
			if i := m.LowerOwnExported(x, 0, "value"); i != 0 {
				t.Errorf("got %d", i)
			}
		}},
		{"lower borrow", func(m *Mem) {
			if i := m.LowerBorrowExported(x, 0, nil); i != 0 {
				t.Errorf("got %d", i)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := NewTestMem(t)
			m.opts.Instance.Tree = &task.Tree{Exports: &Exports{
				Resources: map[*Interface][]*Exported{x: {NewExported(nil, x.Name)}},
			}}
			tt.use(m)
			const want = `component does not export resource "r" of "a:b/c@1.0.0"`
			if err := m.Err(); !errors.Is(err, ErrNotExported) || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

// TestAbsentFunc has a function that is not there.
func TestAbsentFunc(t *testing.T) {
	f := NewAbsent("a:b/c@1.0.0#f")
	f.Ready()
	f.Renew()
	f.Forget()
	if c, err := f.Enter(t.Context()); c != nil || !errors.Is(err, ErrNotExported) || f.Exported() || (*Func)(nil).Exported() {
		t.Errorf("got %v, %v", c, err)
	}
}
