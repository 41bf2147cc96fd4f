package dyn

import (
	"reflect"
	"slices"
	"testing"

	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit"
)

// TestSpecHandles calls a guest with two owned resources of another, a
// borrowed one of that type and a borrowed one of its own. The guest lends two
// of them to a host function that returns a third, drops one, makes another
// and returns what it owns.
func TestSpecHandles(t *testing.T) {
	doorDef := &wit.TypeDef{Name: "door", Type: &wit.Resource{}}
	h := &heap{b: make([]byte, 64)}
	g := h.guest(task.UTF8)
	door := &handle.Resource{Name: "door", Owner: g}
	resources := func(d *wit.TypeDef) *handle.Resource {
		return map[*wit.TypeDef]*handle.Resource{fileDef: file, doorDef: door}[d]
	}
	in := func(s *handle.Scope, do func(x *Context)) {
		t.Helper()
		if err := g.run(t, func(x *Context) { x.Scope, x.Resource = s, resources; do(x) }); err != nil {
			t.Fatal(err)
		}
	}
	own, borrow := &wit.Handle{Resource: fileDef}, &wit.Handle{Resource: fileDef, Borrow: true}
	export, _ := mustFunc(t, funcOf(tupleOf(own, own, own), own, own, borrow, &wit.Handle{Resource: doorDef, Borrow: true}))
	_, host := mustFunc(t, funcOf(own, borrow, borrow))

	var called handle.Scope
	flat := make([]uint64, export.Signature.Slots())
	in(&called, func(x *Context) {
		export.LowerParams(x, flat, []any{Own{file, 42}, Own{file, 43}, Borrow{file, 44}, Borrow{door, 13}})
	})
	if want := []uint64{1, 2, 3, 13}; !slices.Equal(flat, want) {
		t.Fatalf("lowered %d, want %d", flat, want)
	}
	wantLen := func(n int) {
		t.Helper()
		if g.table.Len() != n {
			t.Errorf("the table holds %d handles, want %d", g.table.Len(), n)
		}
	}
	wantRep := func(i, want uint32) {
		t.Helper()
		if rep, err := g.table.Rep(file, i); rep != want || err != nil {
			t.Errorf("handle %d is %d, %v, want %d", i, rep, err, want)
		}
	}
	wantGone := func(i uint32) {
		t.Helper()
		if _, err := g.table.Get(i); err == nil {
			t.Errorf("handle %d is there", i)
		}
	}
	wantLen(3)
	wantGone(0)
	wantRep(1, 42)
	wantRep(2, 43)
	wantRep(3, 44)

	var lent handle.Scope
	stack := []uint64{1, 3}
	in(&lent, func(x *Context) {
		args := host.LiftParams(x, stack)
		if want := []any{Borrow{file, 42}, Borrow{file, 44}}; !slices.Equal(args, want) {
			t.Errorf("the host has %v, want %v", args, want)
		}
		if _, _, err := g.table.Drop(file, 1); err == nil {
			t.Error("dropped what is lent")
		}
		host.LowerResult(x, stack, Own{file, 45})
	})
	lent.GiveBack()
	if stack[0] != 4 {
		t.Errorf("the host's resource is handle %d, want 4", stack[0])
	}
	wantRep(4, 45)

	if rep, owned, err := g.table.Drop(file, 1); rep != 42 || !owned || err != nil {
		t.Errorf("dropping an own: %d, %v, %v", rep, owned, err)
	}
	wantLen(3)
	wantGone(1)
	if i, err := g.table.NewOwn(file, 46); i != 1 || err != nil {
		t.Errorf("a new handle has index %d, %v, want the free one", i, err)
	}
	wantLen(4)
	if called.Return() == nil {
		t.Error("returned with a borrow left")
	}
	if rep, owned, err := g.table.Drop(file, 3); rep != 44 || owned || err != nil {
		t.Errorf("dropping a borrow: %d, %v, %v", rep, owned, err)
	}
	wantLen(3)
	wantGone(3)

	copy(h.b, []byte{1, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0}) // the guest's result
	var result any
	in(&called, func(x *Context) { result = export.LiftResult(x, []uint64{0, 0, 0, 0}) })
	if err := called.Return(); err != nil {
		t.Error(err)
	}
	if got, want := result, []any{Own{file, 46}, Own{file, 43}, Own{file, 45}}; !reflect.DeepEqual(got, want) {
		t.Errorf("returned %v, want %v", got, want)
	}
	wantLen(0)
	for i := range uint32(5) {
		wantGone(i)
	}
	if i, err := g.table.NewOwn(file, 47); i != 4 || err != nil {
		t.Errorf("a handle after the call has index %d, %v, want the one freed last", i, err)
	}
}
