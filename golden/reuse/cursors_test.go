package reuse_test

import (
	"context"
	"os"
	"testing"

	"github.com/witgen/witgen/golden/resources/feed"
	otherquery "github.com/witgen/witgen/golden/resources/query"
	"github.com/witgen/witgen/golden/resources/resources"
	"github.com/witgen/witgen/golden/resources/store"
	"github.com/witgen/witgen/golden/reuse/cursors"
	"github.com/witgen/witgen/golden/reuse/query"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// shelf has cursors that are numbers, and counts those that are open.
type shelf struct {
	store.UnimplementedStore
	query.UnimplementedQuery
	open int
}

type cursor struct {
	store.UnimplementedCursor
	shelf *shelf
	at    uint32
}

func (s *shelf) NewCursor(_ context.Context, path string) (store.Cursor, error) {
	s.open++
	return &cursor{shelf: s, at: uint32(len(path))}, nil
}

func (c *cursor) Position(context.Context) (uint32, error) { return c.at, nil }

func (c *cursor) Close(context.Context) error {
	c.shelf.open--
	return nil
}

func (s *shelf) Rescan(_ context.Context, v query.Scan) (query.Scan, error) {
	v.Limit++
	return v, nil
}

func (s *shelf) Peek(ctx context.Context, of []store.Cursor) ([]uint32, error) {
	var at []uint32
	for _, c := range of {
		n, err := c.Position(ctx)
		if err != nil {
			return nil, err
		}
		at = append(at, n)
	}
	return at, nil
}

// source has numbers to read, once each.
type source struct {
	feed.UnimplementedSource
	left []uint32
}

func (s *source) Read(context.Context) (cm.Option[uint32], error) {
	if len(s.left) == 0 {
		return cm.None[uint32](), nil
	}
	v := s.left[0]
	s.left = s.left[1:]
	return cm.Some(v), nil
}

// TestReuseResources hands resources through interfaces that are generated to
// and fro with interfaces that are not.
func TestReuseResources(t *testing.T) {
	ctx := context.Background()
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close(ctx)
	wasm, err := os.ReadFile("../resources/testdata/resources.wasm")
	if err != nil {
		t.Fatal(err)
	}
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		t.Fatal(err)
	}
	h := &shelf{}
	in, err := cursors.Instantiate(ctx, component, cursors.Imports{Store: h, Query: h}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}

	// A cursor of the host, through the guest's own store.
	c, err := in.Store.NewCursor(ctx, "four")
	if err != nil || h.open != 1 {
		t.Fatalf("new cursor: %v, %d are open", err, h.open)
	}
	at, err := in.Query.Peek(ctx, []store.Cursor{c, c})
	if err != nil || len(at) != 2 || at[0] != 4 || at[1] != 4 {
		t.Errorf("peek = %v, %v, want 4 and 4", at, err)
	}
	scan, err := in.Query.Rescan(ctx, query.Scan{Source: c, Limit: 7})
	if err != nil || scan.Limit != 8 {
		t.Fatalf("rescan = %v, %v, want the limit 8", scan, err)
	}
	if n, err := scan.Source.Position(ctx); err != nil || n != 4 {
		t.Errorf("position = %d, %v, want 4", n, err)
	}

	// A guest in the other world has this one's store: they are one in Go.
	other, err := resources.Instantiate(ctx, component, resources.Imports{Store: in.Store, Query: otherquery.UnimplementedQuery{}}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	far, err := other.Store.NewCursor(ctx, "eleven")
	if err != nil || h.open != 2 {
		t.Fatalf("new cursor of the other: %v, %d are open", err, h.open)
	}
	if n, err := far.Position(ctx); err != nil || n != 6 {
		t.Errorf("position = %d, %v, want 6", n, err)
	}

	// Resources of the host in an interface that only the guest has, and the
	// guest's.
	if n, err := in.Work.Sum(ctx, &source{left: []uint32{1, 2, 3}}); err != nil || n != 6 {
		t.Errorf("sum = %d, %v, want 6", n, err)
	}
	timer, err := in.Work.Start(ctx, 5)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := in.Work.Wait(ctx, timer, &source{left: []uint32{4}}); err != nil || n != 9 {
		t.Errorf("wait = %d, %v, want 9", n, err)
	}
	if n, err := in.Work.Stop(ctx, timer); err != nil || n != 5 {
		t.Errorf("stop = %d, %v, want 5", n, err)
	}

	for _, end := range []interface{ Close(context.Context) error }{far, other, scan.Source, in} {
		if err := end.Close(ctx); err != nil {
			t.Error(err)
		}
	}
	if h.open != 0 {
		t.Errorf("%d cursors are open at the end", h.open)
	}
}
