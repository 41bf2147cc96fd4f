package handle_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/internal/handle"
)

type instance struct{ name string }

var (
	alice, bob = &instance{"alice"}, &instance{"bob"}
	file       = &handle.Resource{Name: "file", Owner: alice}
	socket     = &handle.Resource{Name: "socket", Owner: alice}
	clock      = &handle.Resource{Name: "clock"}
)

// must returns the value of an operation that may not fail.
func must(t *testing.T) func(uint32, error) uint32 {
	return func(v uint32, err error) uint32 {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestIndices(t *testing.T) {
	ok := must(t)
	tab := &handle.Table{Owner: alice}
	var got []uint32
	for rep := range uint32(4) {
		got = append(got, ok(tab.NewOwn(file, rep)))
	}
	for _, i := range []uint32{2, 4, 1} {
		if rep, owned, err := tab.Drop(file, i); err != nil || !owned || rep != i-1 {
			t.Errorf("Drop(%d) = %d, %v, %v", i, rep, owned, err)
		}
	}
	for range 4 {
		got = append(got, ok(tab.NewOwn(file, 9)))
	}
	if want := []uint32{1, 2, 3, 4, 1, 4, 2, 5}; !slices.Equal(got, want) {
		t.Errorf("indices = %v, want %v", got, want)
	}
	if tab.Len() != 5 {
		t.Errorf("Len = %d, want 5", tab.Len())
	}
}

// TestCount has two tables count together, whatever takes their handles.
func TestCount(t *testing.T) {
	ok, count := must(t), 0
	a := &handle.Table{Owner: alice, Limit: 3, Count: &count}
	b := &handle.Table{Owner: bob, Limit: 3, Count: &count}
	var scope handle.Scope
	full := func(want bool) {
		t.Helper()
		i, err := b.NewOwn(file, 7)
		if (err != nil) != want || err != nil && !errors.Is(err, handle.ErrLimit) {
			t.Fatalf("one more: %v, want an error: %v", err, want)
		}
		if err == nil {
			if _, err := b.Remove(i); err != nil {
				t.Fatal(err)
			}
		}
	}
	i := ok(a.NewOwn(file, 1))
	ok(b.NewOwn(file, 2))
	full(false)
	ok(b.LowerBorrow(clock, 3, &scope))
	full(true)
	b.Revoke(&scope)
	full(false)
	ok(a.NewOwn(file, 4))
	full(true)
	a.Reclaim(file, 4)
	full(false)
	ok(a.NewOwn(file, 5))
	if _, _, err := a.Drop(file, i); err != nil {
		t.Fatal(err)
	}
	full(false)
	for _, tab := range []*handle.Table{a, b} {
		for range tab.Drain() {
		}
	}
	if count != 0 {
		t.Errorf("%d are left", count)
	}
}

func TestTraps(t *testing.T) {
	// Each table holds: 1 an owned file, 2 an owned file that is lent,
	// 3 a borrowed clock, 4 no resource handle, 5 nothing any more.
	const (
		unknown   = "unknown handle index "
		wrong     = "used with the wrong type, expected guest-defined resource but found a different guest-defined resource"
		lent      = "cannot remove owned resource while borrowed"
		wrongHost = "handle index 1 used with the wrong type, expected host-defined resource but found a guest-defined resource"
	)
	lift := func(r *handle.Resource, i uint32) func(*handle.Table) error {
		return func(tab *handle.Table) error { _, err := tab.LiftOwn(r, i); return err }
	}
	borrow := func(r *handle.Resource, i uint32) func(*handle.Table) error {
		return func(tab *handle.Table) error { _, err := tab.LiftBorrow(r, i, new(handle.Scope)); return err }
	}
	drop := func(r *handle.Resource, i uint32) func(*handle.Table) error {
		return func(tab *handle.Table) error { _, _, err := tab.Drop(r, i); return err }
	}
	rep := func(r *handle.Resource, i uint32) func(*handle.Table) error {
		return func(tab *handle.Table) error { _, err := tab.Rep(r, i); return err }
	}
	tests := []struct {
		name string
		do   func(*handle.Table) error
		want string
	}{
		{"index 0", drop(file, 0), unknown + "0"},
		{"freed", drop(file, 5), unknown + "5"},
		{"past the end", rep(file, 6), unknown + "6"},
		{"last index", borrow(file, 1<<32-1), unknown + "4294967295"},
		{"freed, lift", lift(file, 5), unknown + "5"},
		{"other type, drop", drop(socket, 1), "handle index 1 " + wrong},
		{"other type, lift", lift(socket, 2), "handle index 2 " + wrong},
		{"other type, borrow", borrow(socket, 1), "handle index 1 " + wrong},
		{"other type, rep", rep(socket, 1), "handle index 1 " + wrong},
		{"type of the host", rep(clock, 1), wrongHost},
		{"no resource", rep(file, 4), "handle index 4 used with the wrong type, expected guest-defined resource"},
		{"drop while lent", drop(file, 2), lent},
		{"hand over while lent", lift(file, 2), lent},
		{"borrow handed over", lift(clock, 3), "cannot lift own resource from a borrow"},
		{"borrow without a call", func(tab *handle.Table) error { _, err := tab.LiftBorrow(file, 1, nil); return err }, "outside of a call"},
		{"lend without a call", func(tab *handle.Table) error { _, err := tab.LowerBorrow(clock, 1, nil); return err }, "outside of a call"},
		{"table full", func(tab *handle.Table) error {
			tab.Limit = 5
			if _, err := tab.NewOwn(file, 0); err != nil { // index 5 is free
				t.Error(err)
			}
			_, err := tab.LowerBorrow(clock, 0, new(handle.Scope))
			return err
		}, "handle table is full: 5 handles"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ok := must(t)
			tab := &handle.Table{Owner: alice}
			ok(tab.NewOwn(file, 10))
			ok(tab.NewOwn(file, 20))
			ok(tab.LiftBorrow(file, 2, new(handle.Scope)))
			ok(tab.LowerBorrow(clock, 30, new(handle.Scope)))
			ok(tab.Add("a waitable set"))
			ok(tab.LiftOwn(file, ok(tab.NewOwn(file, 50))))
			before := tab.Len()
			err := tt.do(tab)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if got := tab.Len(); got != before && tab.Limit == 0 {
				t.Errorf("Len = %d, was %d", got, before)
			}
		})
	}
}

func TestHandOver(t *testing.T) {
	ok := must(t)
	from, to := &handle.Table{Owner: alice}, &handle.Table{Owner: bob}
	i := ok(from.NewOwn(file, 42))
	if rep := ok(from.Rep(file, i)); rep != 42 {
		t.Errorf("Rep = %d, want 42", rep)
	}
	j := ok(to.LowerOwn(file, ok(from.LiftOwn(file, i))))
	if from.Len() != 0 || to.Len() != 1 {
		t.Errorf("tables hold %d and %d handles, want 0 and 1", from.Len(), to.Len())
	}
	if rep, owned, err := to.Drop(file, j); rep != 42 || !owned || err != nil {
		t.Errorf("Drop = %d, %v, %v", rep, owned, err)
	}
}

func TestBorrow(t *testing.T) {
	ok := must(t)
	caller, callee := &handle.Table{Owner: bob}, &handle.Table{Owner: &instance{"carol"}}
	var call handle.Scope
	i := ok(caller.LowerOwn(file, 7))
	j := ok(callee.LowerBorrow(file, ok(caller.LiftBorrow(file, i, &call)), &call))

	const remain = "borrow handles still remain at the end of the call"
	if err := call.Return(); err == nil || err.Error() != remain {
		t.Errorf("Return with a borrow left: %v, want %q", err, remain)
	}
	// The callee lends on what it borrowed, to a call inside the call.
	var inner handle.Scope
	ok(callee.LiftBorrow(file, j, &inner))
	if _, _, err := callee.Drop(file, j); err == nil {
		t.Error("a borrow was dropped while lent")
	}
	inner.GiveBack()
	if rep, owned, err := callee.Drop(file, j); rep != 7 || owned || err != nil {
		t.Errorf("Drop of a borrow = %d, %v, %v, want 7, false", rep, owned, err)
	}
	if err := call.Return(); err != nil {
		t.Errorf("Return: %v", err)
	}
	if _, err := caller.LiftOwn(file, i); err == nil {
		t.Error("handed over while lent")
	}
	call.GiveBack()
	ok(caller.LiftOwn(file, i))
}

func TestBorrowIntoDefiner(t *testing.T) {
	ok := must(t)
	tab := &handle.Table{Owner: alice}
	var call handle.Scope
	if got := ok(tab.LowerBorrow(file, 1234, &call)); got != 1234 || tab.Len() != 0 {
		t.Errorf("LowerBorrow = %d with %d handles, want the rep and no handle", got, tab.Len())
	}
	if err := call.Return(); err != nil {
		t.Error(err)
	}
	// The host is not the instance that a table without an owner belongs to.
	if got := ok((&handle.Table{}).LowerBorrow(clock, 1234, &call)); got != 1 {
		t.Errorf("LowerBorrow of a host's resource = %d, want a handle", got)
	}
}

func TestDrain(t *testing.T) {
	ok := must(t)
	tab := &handle.Table{Owner: alice}
	for rep := range uint32(3) {
		ok(tab.NewOwn(file, rep))
		ok(tab.LowerBorrow(clock, rep, new(handle.Scope)))
	}
	var got []uint32
	for r, rep := range tab.Drain() {
		if r != file {
			t.Errorf("drained a %s", r.Name)
		}
		if rep == 0 { // its destructor drops the next
			if _, _, err := tab.Drop(file, 3); err != nil {
				t.Error(err)
			}
		}
		got = append(got, rep)
	}
	if want := []uint32{0, 2}; !slices.Equal(got, want) || tab.Len() != 0 {
		t.Errorf("drained %v and left %d, want %v and 0", got, tab.Len(), want)
	}
	for range tab.Drain() {
		t.Error("drained twice")
	}
}
