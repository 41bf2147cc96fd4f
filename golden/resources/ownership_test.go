package resources_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/witgen/witgen/golden/resources/feed"
	"github.com/witgen/witgen/golden/resources/query"
	"github.com/witgen/witgen/golden/resources/resources"
	"github.com/witgen/witgen/golden/resources/store"
	"github.com/witgen/witgen/golden/resources/timers"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/cm"
)

// wantError fails the test unless an error says what is wanted, and is no trap.
func wantError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if _, trapped := errors.AsType[*rt.Trap](err); err == nil || trapped || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want an error with %q", what, err, want)
	}
}

// TestMisuse uses resources of an instance as they may not be used. The
// instance goes on.
func TestMisuse(t *testing.T) {
	ctx := t.Context()
	h := new(shelf)
	in, other := start(t, h, h, rt.Limits{}), start(t, h, h, rt.Limits{})
	open := func(from *resources.Resources) store.Cursor {
		t.Helper()
		return must[store.Cursor](t)(from.Store.Open(ctx, "a/b"))
	}
	c := open(in)

	closed := open(in)
	closeAll(t, closed, closed)
	_, err := closed.Position(ctx)
	wantError(t, "method of a closed one", err, `golden:resources/store@0.1.0#[method]cursor.position: resource "cursor" is closed`)
	_, err = in.Store.CursorMerge(ctx, c, closed)
	wantError(t, "lending a closed one", err, `"cursor" is closed`)
	wantError(t, "giving a closed one", c.Absorb(ctx, closed), `"cursor" is closed`)

	given := open(in)
	if err := c.Absorb(ctx, given); err != nil {
		t.Error(err)
	}
	wantError(t, "giving twice", c.Absorb(ctx, given), `"cursor" was given to a guest`)
	_, err = given.Next(ctx)
	wantError(t, "method of a given one", err, `"cursor" was given to a guest`)
	closeAll(t, given) // it is not the host's

	twice := open(in)
	_, err = in.Query.Gather(ctx, []store.Cursor{twice, twice})
	wantError(t, "giving twice at once", err, `"cursor" was given to a guest`)
	_, err = in.Store.CursorMerge(ctx, twice, twice)
	wantError(t, "giving and lending", err, `"cursor" was given to a guest`)
	_, err = twice.Position(ctx)
	if err != nil {
		t.Errorf("what was not given after all: %v", err)
	}
	wantError(t, "giving a resource to itself", twice.Absorb(ctx, twice), `"cursor" is lent to a call`)

	foreign := open(other)
	_, err = in.Store.CursorMerge(ctx, c, foreign)
	wantError(t, "another instance's", err, `"cursor" is of another instance`)
	_, err = in.Query.Peek(ctx, []store.Cursor{foreign})
	wantError(t, "another instance's, in a list", err, `"cursor" is of another instance`)
	mine := h.cursor(nil)
	_, err = in.Query.Maybe(ctx, cm.Some[store.Cursor](mine))
	wantError(t, "the host's own", err, `*resources_test.cursor is no resource "cursor" of the instance`)
	wantError(t, "none", c.Absorb(ctx, nil), `"cursor" is nil`)
	_, err = in.Query.Peek(ctx, []store.Cursor{nil})
	wantError(t, "none in a list", err, `"cursor" is nil`)
	_, err = in.Work.Sum(ctx, nil)
	wantError(t, "no source", err, `"source" is nil`)

	h.during = func(ctx context.Context) {
		wantError(t, "closing what is lent", c.Close(ctx), `"cursor" is lent to a call`)
	}
	must[[]uint32](t)(in.Query.Peek(ctx, []store.Cursor{c}))
	h.during = nil
	got, err := c.Position(ctx)
	check(t, "after all that", got, err, 0)

	left := open(in)
	closeAll(t, c, twice, foreign, mine, in)
	_, err = left.Next(ctx)
	if !errors.Is(err, rt.ErrClosed) {
		t.Errorf("method after the instance was closed: %v", err)
	}
	closeAll(t, left)
	if n := h.open(t); n != 0 {
		t.Errorf("%d resources are open", n)
	}
}

// TestNotGiven has calls fail before they are made: the host has what it was
// about to give, and handles do not pile up in the guest.
func TestNotGiven(t *testing.T) {
	ctx := t.Context()
	h := new(shelf)
	in := start(t, h, h, rt.Limits{Handles: 8})
	s, c := h.source(3), must[store.Cursor](t)(in.Store.Open(ctx, "a"))
	for range 20 {
		_, err := in.Work.Same(ctx, []feed.Source{s, s}, "\xff")
		wantError(t, "same", err, "UTF-8")
		_, err = in.Query.Gather(ctx, []store.Cursor{c, nil})
		wantError(t, "gather", err, "is nil")
	}
	if n := h.open(t); n != 2 {
		t.Errorf("%d resources are open, want 2", n)
	}
	same := must[cm.Tuple2[[]feed.Source, string]](t)(in.Work.Same(ctx, []feed.Source{s}, "name"))
	if len(same.F0) != 1 || same.F0[0] != feed.Source(s) || same.F1 != "name" {
		t.Errorf("same = %v", same)
	}
	c = must[[]store.Cursor](t)(in.Query.Gather(ctx, []store.Cursor{c}))[0]
	closeAll(t, c, s)
	if n := h.open(t); n != 0 {
		t.Errorf("%d resources are open", n)
	}
}

// TestHostResources gives resources of the host to the guest, which uses them,
// keeps them, drops them, gives them back and traps with them in its hands.
func TestHostResources(t *testing.T) {
	ctx := t.Context()
	h := new(shelf)
	in := start(t, h, h, rt.Limits{})
	a, b := h.source(4), h.source(3)
	n, err := in.Work.Sum(ctx, a)
	check(t, "sum", n, err, 10)
	for _, s := range []feed.Source{a, b, h.source(1)} {
		if err := in.Work.Keep(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	n, err = in.Work.Kept(ctx)
	check(t, "kept", n, err, 3)
	back := must[cm.Option[feed.Source]](t)(in.Work.GiveBack(ctx))
	if s, ok := back.Get(); !ok || s.(*source).n != 1 {
		t.Errorf("give-back = %v", back)
	} else {
		closeAll(t, s)
	}
	dropped := h.source(0)
	if err := in.Work.Drop(ctx, dropped); err != nil || h.closes[dropped.id] != 1 {
		t.Errorf("drop: %v, closed %d times", err, h.closes[dropped.id])
	}
	if n := h.open(t); n != 2 {
		t.Errorf("%d resources are open, want 2", n)
	}
	err = in.Work.Fail(ctx, h.source(0))
	if _, trapped := errors.AsType[*rt.Trap](err); !trapped {
		t.Errorf("fail: %v", err)
	}
	if n := h.open(t); n != 3 {
		t.Errorf("%d resources are open after the trap, want 3", n)
	}
	closeAll(t, in)
	if n := h.open(t); n != 0 {
		t.Errorf("%d resources are open after the instance was closed", n)
	}
}

// TestEndingFails has the host's Close fail: where the guest drops the
// resource, that stops it.
func TestEndingFails(t *testing.T) {
	ctx := t.Context()
	h := &shelf{ending: errors.New("the disk is full")}
	in := start(t, h, h, rt.Limits{})
	err := in.Work.Drop(ctx, h.source(0))
	if _, trapped := errors.AsType[*rt.Trap](err); !trapped || !errors.Is(err, h.ending) {
		t.Errorf("drop: %v", err)
	}
	if n := h.open(t); n != 0 {
		t.Errorf("%d resources are open", n)
	}
}

// TestGuestResources uses resources that only the guest has, beside the host's
// in one call.
func TestGuestResources(t *testing.T) {
	ctx := t.Context()
	h := new(shelf)
	in, other := start(t, h, h, rt.Limits{}), start(t, h, h, rt.Limits{})
	begin := func(at uint32) timers.Timer { return must[timers.Timer](t)(in.Work.Start(ctx, at)) }
	a, b, c := begin(1), begin(2), begin(9)
	n, err := a.Tick(ctx)
	check(t, "tick", n, err, 2)
	is, err := a.CloseTo(ctx, b)
	check(t, "close-to", is, err, true)
	is, err = a.CloseTo(ctx, c)
	check(t, "close-to", is, err, false)
	is, err = a.CloseTo(ctx, a)
	check(t, "close to itself", is, err, true)
	s := h.source(3)
	n, err = in.Work.Wait(ctx, a, s)
	check(t, "wait", n, err, 8)
	_, err = other.Work.Wait(ctx, a, s)
	wantError(t, "wait elsewhere", err, `"timer" is of another instance`)
	_, err = in.Work.Wait(ctx, timers.UnimplementedTimer{}, s)
	wantError(t, "wait for what is no timer", err, `timers.UnimplementedTimer is no resource "timer" of the instance`)
	n, err = in.Work.Running(ctx)
	check(t, "running", n, err, 3)
	n, err = in.Work.Stop(ctx, c)
	check(t, "stop", n, err, 9)
	closeAll(t, a, a, c)
	n, err = in.Work.Running(ctx)
	check(t, "running", n, err, 1)
	closeAll(t, in, b, s)

	bomb := must[timers.Bomb](t)(other.Work.Arm(ctx))
	err = bomb.Close(ctx)
	if trap, ok := errors.AsType[*rt.Trap](err); !ok || !strings.Contains(trap.Error(), "[resource-drop]bomb") {
		t.Errorf("a destructor that traps: %v", err)
	}
	if _, err := other.Work.Running(ctx); err == nil {
		t.Error("the instance lives on after the trap of a destructor")
	}
	if err := bomb.Close(ctx); err == nil {
		t.Error("what could not be closed was closed the second time")
	}
	closeAll(t, other, bomb)
}

// TestUnimplemented calls what the host leaves out.
func TestUnimplemented(t *testing.T) {
	ctx := t.Context()
	in := start(t, store.UnimplementedStore{}, query.UnimplementedQuery{}, rt.Limits{})
	if _, err := in.Store.NewCursor(ctx, ""); !errors.Is(err, rt.ErrUnimplemented) {
		t.Error(err)
	}
	in = start(t, empty{}, query.UnimplementedQuery{}, rt.Limits{})
	c := must[store.Cursor](t)(in.Store.NewCursor(ctx, ""))
	if _, err := c.Next(ctx); !errors.Is(err, rt.ErrUnimplemented) || !strings.Contains(err.Error(), "[method]cursor.next") {
		t.Error(err)
	}
	closeAll(t, in, c)
}

// empty is a store whose cursors can nothing.
type empty struct{ store.UnimplementedStore }

func (empty) NewCursor(context.Context, string) (store.Cursor, error) {
	return store.UnimplementedCursor{}, nil
}

// TestConcurrent uses the resources of one instance, and of a chain, from many
// goroutines.
func TestConcurrent(t *testing.T) {
	ctx := t.Context()
	h := new(shelf)
	inner := start(t, h, h, rt.Limits{})
	outer := start(t, inner.Store, inner.Query, rt.Limits{})
	shared := must[store.Cursor](t)(outer.Store.Open(ctx, "a"))
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			s := []store.Store{inner.Store, outer.Store}[i%2]
			for range 20 {
				c, err := s.Open(ctx, "a/b/c")
				if err != nil {
					t.Error(err)
					return
				}
				if n, err := c.Skip(ctx, 2); err != nil || n != 2 {
					t.Errorf("skip = %d, %v", n, err)
				}
				if _, err := shared.Position(ctx); err != nil {
					t.Error(err)
				}
				if err := c.Close(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	closeAll(t, shared)
	if n := h.open(t); n != 0 {
		t.Errorf("%d resources are open", n)
	}
}

// TestChainEnds closes an instance that has another one's resources: they end
// in that, and then in the host.
func TestChainEnds(t *testing.T) {
	ctx := t.Context()
	h := new(shelf)
	inner := start(t, h, h, rt.Limits{})
	outer := start(t, inner.Store, inner.Query, rt.Limits{})
	for range 3 {
		must[store.Cursor](t)(outer.Store.Open(ctx, "a"))
	}
	c := must[store.Cursor](t)(inner.Store.Open(ctx, "a"))
	if n := h.open(t); n != 4 {
		t.Errorf("%d resources are open, want 4", n)
	}
	closeAll(t, outer)
	if n := h.open(t); n != 1 {
		t.Errorf("%d resources are open, want that of the inner instance", n)
	}
	closeAll(t, c)
	if n := h.open(t); n != 0 {
		t.Errorf("%d resources are open", n)
	}
}

// TestNotExported uses bindings in a world that exports less than the one they
// were made for, and does not say whose the resources of the rest are.
func TestNotExported(t *testing.T) {
	ctx := t.Context()
	component, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	linked, err := component.Link(rt.World{
		Name:    "less",
		Exports: []*abi.Interface{query.Interface},
	})
	if err != nil {
		t.Fatal(err)
	}
	h := new(shelf)
	beside := []rt.Import{store.Import(h), query.Import(h), feed.Import()}
	in, err := linked.Instantiate(ctx, nil, rt.InstanceConfig{Imports: beside})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(ctx)
	q := query.Export(in.Exports(0))
	_, err = q.Maybe(ctx, cm.Some[store.Cursor](h.cursor(nil)))
	wantError(t, "a cursor", err, `resource "cursor" of "golden:resources/store@0.1.0", which the world does not export`)
	none, err := q.Maybe(ctx, cm.None[store.Cursor]())
	check(t, "no cursor", none, err, cm.None[store.Cursor]())
}
