// Package resources_test puts the golden bindings of the world resources to
// work.
package resources_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/witgen/witgen/golden/resources/query"
	"github.com/witgen/witgen/golden/resources/resources"
	"github.com/witgen/witgen/golden/resources/store"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// compiled compiles the guest, once.
var compiled = sync.OnceValues(func() (*rt.Component, error) {
	ctx := context.Background()
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		return nil, err
	}
	wasm, err := os.ReadFile("testdata/resources.wasm")
	if err != nil {
		return nil, err
	}
	return engine.Compile(ctx, wasm)
})

// prepared links the guest, once.
var prepared = sync.OnceValues(func() (*resources.Prepared, error) {
	component, err := compiled()
	if err != nil {
		return nil, err
	}
	return resources.Prepare(component)
})

// start starts an instance. A test may close it before it is closed at the end.
func start(t testing.TB, s store.Store, q query.Query, limits rt.Limits) *resources.Resources {
	t.Helper()
	p, err := prepared()
	if err != nil {
		t.Fatal(err)
	}
	in, err := p.Instantiate(context.Background(), resources.Imports{Store: s, Query: q}, rt.InstanceConfig{Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return in
}

// TestInterfaces uses the interfaces as three things implement them: the host,
// an instance that has the host's, and an instance that has another instance's.
// Which one it is cannot be told, and nothing is left over.
func TestInterfaces(t *testing.T) {
	for _, tt := range []struct {
		name  string
		depth int // instances between
	}{{"host", 0}, {"guest", 1}, {"chain", 2}, {"long chain", 3}} {
		t.Run(tt.name, func(t *testing.T) {
			h := new(shelf)
			var s store.Store = h
			var q query.Query = h
			for range tt.depth {
				in := start(t, s, q, rt.Limits{})
				s, q = in.Store, in.Query
			}
			walk(t, s)
			write(t, s)
			carry(t, s, q)
			// Eight cursors, a writer and a token.
			if n := h.open(t); n != 0 || h.made != 10 {
				t.Errorf("%d of %d resources are open, want 0 of 10", n, h.made)
			}
		})
	}
}

// check fails the test unless a call went well and returned what is wanted.
func check[T comparable](t *testing.T, what string, got T, err error, want T) {
	t.Helper()
	if err != nil || got != want {
		t.Errorf("%s = %v, %v, want %v", what, got, err, want)
	}
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

type closer interface {
	Close(ctx context.Context) error
}

func closeAll(t *testing.T, list ...closer) {
	t.Helper()
	for _, c := range list {
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// rest returns what a cursor has left.
func rest(t *testing.T, c store.Cursor) string {
	t.Helper()
	var keys []string
	for {
		key, ok := must[cm.Option[string]](t)(c.Next(t.Context())).Get()
		if !ok {
			return strings.Join(keys, "/")
		}
		keys = append(keys, key)
	}
}

// walk uses cursors: constructors, methods and static functions.
func walk(t *testing.T, s store.Store) {
	ctx, cursor := t.Context(), must[store.Cursor](t)
	a, b := cursor(s.NewCursor(ctx, "a/b/c/d")), cursor(s.Open(ctx, "x/y/z"))
	if c, err := s.Open(ctx, ""); c != nil || !errors.Is(err, store.ReasonMissing) {
		t.Errorf("open nothing = %v, %v", c, err)
	}
	at, err := b.Skip(ctx, 2)
	check(t, "skip", at, err, 2)
	if _, err := b.Skip(ctx, 2); !errors.Is(err, store.ReasonMissing) {
		t.Errorf("skip too far: %v", err)
	}
	before, err := a.IsBefore(ctx, b)
	check(t, "is-before", before, err, true)
	before, err = b.IsBefore(ctx, b)
	check(t, "is-before itself", before, err, false)
	two := must[cm.Tuple2[store.Cursor, store.Cursor]](t)(a.Split(ctx, 1))
	if got := rest(t, two.F1); got != "b/c/d" {
		t.Errorf("split: %q", got)
	}
	m := cursor(s.CursorMerge(ctx, a, b))
	at, err = m.Position(ctx)
	check(t, "position", at, err, 0)
	if err := m.Absorb(ctx, two.F0); err != nil {
		t.Error(err)
	}
	_, err = m.Join(ctx, two.F1)
	conflict, ok := errors.AsType[store.Conflict](err)
	if !ok || conflict.At != 0 || err.Error() != "conflict: at 0" {
		t.Fatalf("join of nothing: %v", err)
	}
	m = cursor(s.CursorSelf(ctx, m))
	if got := rest(t, m); got != "a/b/c/d/z/a" {
		t.Errorf("merged: %q", got)
	}
	at, err = m.Join(ctx, b)
	check(t, "join", at, err, 6)
	closeAll(t, m, conflict.LeftOver)
}

// write uses what a function that may fail makes, and what has no functions.
func write(t *testing.T, s store.Store) {
	ctx := t.Context()
	if w, err := s.WriterCreate(ctx, ""); w != nil || !errors.Is(err, store.ReasonBusy) {
		t.Errorf("a writer that is none: %v, %v", w, err)
	}
	w := must[store.Writer](t)(s.WriterCreate(ctx, "w"))
	if err := w.Put(ctx, store.Entry{Key: "k", Value: 1}); err != nil {
		t.Error(err)
	}
	err := w.Put(ctx, store.Entry{Key: "k"})
	if e, ok := errors.AsType[cm.Err[string]](err); !ok || e.Value != "no value for k" {
		t.Errorf("put: %v", err)
	}
	n, err := w.PutAll(ctx, "a", "bb", "", "ccc", "d", "e", "f", "g", 90)
	check(t, "put-all", n, err, 100)
	tok := must[store.Token](t)(s.Mint(ctx, 7))
	n, err = s.Redeem(ctx, tok)
	check(t, "redeem", n, err, 7)
	closeAll(t, w)
}

// carry hands over cursors in values of every kind.
func carry(t *testing.T, s store.Store, q query.Query) {
	ctx := t.Context()
	var c [4]store.Cursor
	for i := range c {
		c[i] = must[store.Cursor](t)(s.NewCursor(ctx, "a/b/c/d/e"))
		must[uint32](t)(c[i].Skip(ctx, uint32(i)))
	}
	at, err := q.Peek(ctx, c[:])
	if err != nil || !slices.Equal(at, []uint32{0, 1, 2, 3}) {
		t.Errorf("peek = %v, %v", at, err)
	}
	at, err = q.Peek(ctx, []store.Cursor{c[2], c[2]})
	if err != nil || !slices.Equal(at, []uint32{2, 2}) {
		t.Errorf("peek at one twice = %v, %v", at, err)
	}
	n, err := q.Ahead(ctx, cm.Tuple2[store.Cursor, uint32]{F0: c[1], F1: 5}, cm.Some(c[3]))
	check(t, "ahead", n, err, 36)
	n, err = q.Ahead(ctx, cm.Tuple2[store.Cursor, uint32]{F0: c[1], F1: 5}, cm.None[store.Cursor]())
	check(t, "ahead of nothing", n, err, 6)

	gathered := must[[]store.Cursor](t)(q.Gather(ctx, c[:]))
	for i, g := range gathered {
		at, err := g.Position(ctx)
		check(t, "gathered", at, err, uint32(3-i))
	}
	one, ok := must[cm.Option[store.Cursor]](t)(q.Maybe(ctx, cm.Some(gathered[0]))).Get()
	none, some := must[cm.Option[store.Cursor]](t)(q.Maybe(ctx, cm.None[store.Cursor]())).Get()
	if !ok || some || none != nil {
		t.Fatalf("maybe = %v, %v", one, none)
	}
	scan := must[query.Scan](t)(q.Rescan(ctx, query.Scan{Source: one, Limit: 4}))
	check(t, "rescan", scan.Limit, nil, 5)
	routed := must[query.Target](t)(q.Route(ctx, query.TargetOne{Value: scan.Source}))
	one = routed.(query.TargetOne).Value
	routed = must[query.Target](t)(q.Route(ctx, query.TargetMany{Value: gathered[1:]}))
	many := routed.(query.TargetMany).Value
	if routed := must[query.Target](t)(q.Route(ctx, query.TargetNothing{})); routed != (query.TargetNothing{}) {
		t.Errorf("route = %v", routed)
	}
	one = must[store.Cursor](t)(q.Attempt(ctx, one, false))
	_, err = q.Attempt(ctx, one, true)
	failed, ok := errors.AsType[cm.Err[cm.Tuple2[store.Cursor, string]]](err)
	if !ok || failed.Value.F1 != "as asked" {
		t.Fatalf("attempt: %v", err)
	}
	either := must[cm.Option[cm.Result[store.Cursor, store.Reason]]](t)(q.Either(ctx, cm.OK[store.Cursor, store.Reason](failed.Value.F0)))
	r, _ := either.Get()
	one, ok = r.OK()
	if !ok {
		t.Fatalf("either = %v", either)
	}
	either = must[cm.Option[cm.Result[store.Cursor, store.Reason]]](t)(q.Either(ctx, cm.Fail[store.Cursor](store.ReasonMissing)))
	if r, ok := either.Get(); !ok || r != cm.Fail[store.Cursor](store.ReasonMissing) {
		t.Errorf("either = %v", either)
	}
	if got := rest(t, one); got != "d/e" {
		t.Errorf("what went through all hands has %q left", got)
	}
	closeAll(t, one, many[0], many[1], many[2])
}
