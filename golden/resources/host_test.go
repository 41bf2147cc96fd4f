package resources_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/witgen/witgen/golden/resources/feed"
	"github.com/witgen/witgen/golden/resources/query"
	"github.com/witgen/witgen/golden/resources/store"
	"github.com/witgen/witgen/rt/cm"
)

// shelf is a host that counts its resources, and how often each was closed.
type shelf struct {
	query.UnimplementedQuery
	mu     sync.Mutex
	made   int
	closes map[int]int
	// during is called in the middle of a call of Peek.
	during func(ctx context.Context)
	// ending is what Close of a source returns.
	ending error
}

// object is a resource of the shelf.
type object struct {
	shelf *shelf
	id    int
}

func (s *shelf) object() object {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	return object{s, s.made}
}

func (o object) Close(context.Context) error {
	o.shelf.mu.Lock()
	defer o.shelf.mu.Unlock()
	if o.shelf.closes == nil {
		o.shelf.closes = make(map[int]int)
	}
	o.shelf.closes[o.id]++
	return nil
}

// open returns how many resources of the shelf are not closed.
func (s *shelf) open(t *testing.T) int {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, n := range s.closes {
		if n != 1 {
			t.Errorf("resource %d was closed %d times", id, n)
		}
	}
	return s.made - len(s.closes)
}

// cursor walks through the parts of a path.
type cursor struct {
	object
	keys []string
	at   int
}

func (s *shelf) cursor(keys []string) *cursor { return &cursor{object: s.object(), keys: keys} }

func (c *cursor) left() []string { return c.keys[c.at:] }

func (c *cursor) Next(context.Context) (cm.Option[string], error) {
	if len(c.left()) == 0 {
		return cm.None[string](), nil
	}
	c.at++
	return cm.Some(c.keys[c.at-1]), nil
}

func (c *cursor) Position(context.Context) (uint32, error) { return uint32(c.at), nil }

func (c *cursor) Skip(_ context.Context, n uint32) (uint32, error) {
	if int(n) > len(c.left()) {
		return 0, store.ReasonMissing
	}
	c.at += int(n)
	return uint32(c.at), nil
}

func (c *cursor) Split(_ context.Context, at uint32) (cm.Tuple2[store.Cursor, store.Cursor], error) {
	return cm.Tuple2[store.Cursor, store.Cursor]{F0: c.shelf.cursor(c.keys[:at]), F1: c.shelf.cursor(c.keys[at:])}, nil
}

func (c *cursor) Absorb(ctx context.Context, other store.Cursor) error {
	c.keys = slices.Concat(c.keys, other.(*cursor).left())
	return other.Close(ctx)
}

func (c *cursor) IsBefore(_ context.Context, other store.Cursor) (bool, error) {
	return c.at < other.(*cursor).at, nil
}

func (c *cursor) Join(ctx context.Context, other store.Cursor) (uint32, error) {
	if len(other.(*cursor).left()) == 0 {
		return 0, store.Conflict{At: uint32(c.at), LeftOver: other}
	}
	return uint32(len(c.keys)), c.Absorb(ctx, other)
}

// writer keeps nothing of what is written.
type writer struct{ object }

func (writer) Put(_ context.Context, e store.Entry) error {
	if e.Value == 0 {
		return cm.Errorf("no value for %s", e.Key)
	}
	return nil
}

func (writer) PutAll(_ context.Context, a, b, c, d, e, f, g, h string, i uint32) (uint32, error) {
	return uint32(len(a+b+c+d+e+f+g+h)) + i, nil
}

type token struct {
	object
	n uint32
}

func (s *shelf) NewCursor(_ context.Context, path string) (store.Cursor, error) {
	return s.cursor(strings.Split(path, "/")), nil
}

func (*shelf) CursorMerge(_ context.Context, a, b store.Cursor) (store.Cursor, error) {
	x := a.(*cursor)
	x.keys = slices.Concat(x.keys, b.(*cursor).left())
	return a, nil
}

func (*shelf) CursorSelf(_ context.Context, self store.Cursor) (store.Cursor, error) {
	return self, nil
}

func (s *shelf) WriterCreate(_ context.Context, path string) (store.Writer, error) {
	if path == "" {
		return nil, store.ReasonBusy
	}
	return writer{s.object()}, nil
}

func (s *shelf) Open(ctx context.Context, path string) (store.Cursor, error) {
	if path == "" {
		return nil, store.ReasonMissing
	}
	return s.NewCursor(ctx, path)
}

func (s *shelf) Mint(_ context.Context, n uint32) (store.Token, error) {
	return token{s.object(), n}, nil
}

func (*shelf) Redeem(ctx context.Context, t store.Token) (uint32, error) {
	return t.(token).n, t.Close(ctx)
}

func (s *shelf) Peek(ctx context.Context, of []store.Cursor) ([]uint32, error) {
	if s.during != nil {
		s.during(ctx)
	}
	at := make([]uint32, len(of))
	for i, c := range of {
		at[i] = uint32(c.(*cursor).at)
	}
	return at, nil
}

func (*shelf) Ahead(_ context.Context, pair cm.Tuple2[store.Cursor, uint32], other cm.Option[store.Cursor]) (uint32, error) {
	at := uint32(pair.F0.(*cursor).at) + pair.F1
	if c, ok := other.Get(); ok {
		at += 10 * uint32(c.(*cursor).at)
	}
	return at, nil
}

func (*shelf) Gather(_ context.Context, cursors []store.Cursor) ([]store.Cursor, error) {
	slices.Reverse(cursors)
	return cursors, nil
}

func (*shelf) Maybe(_ context.Context, c cm.Option[store.Cursor]) (cm.Option[store.Cursor], error) {
	return c, nil
}

func (*shelf) Rescan(_ context.Context, s query.Scan) (query.Scan, error) {
	s.Limit++
	return s, nil
}

func (*shelf) Route(_ context.Context, t query.Target) (query.Target, error) { return t, nil }

func (*shelf) Attempt(_ context.Context, c store.Cursor, fails bool) (store.Cursor, error) {
	if fails {
		return nil, cm.Err[cm.Tuple2[store.Cursor, string]]{Value: cm.Tuple2[store.Cursor, string]{F0: c, F1: "as asked"}}
	}
	return c, nil
}

func (*shelf) Either(ctx context.Context, r cm.Result[store.Cursor, store.Reason]) (cm.Option[cm.Result[store.Cursor, store.Reason]], error) {
	if e, failed := r.Err(); failed && e == store.ReasonBusy {
		return cm.None[cm.Result[store.Cursor, store.Reason]](), nil
	}
	return cm.Some(r), nil
}

// source yields numbers from n down to 1.
type source struct {
	object
	n uint32
}

func (s *shelf) source(n uint32) *source { return &source{s.object(), n} }

func (s *source) Read(context.Context) (cm.Option[uint32], error) {
	if s.n == 0 {
		return cm.None[uint32](), nil
	}
	s.n--
	return cm.Some(s.n + 1), nil
}

func (s *source) Close(ctx context.Context) error {
	if err := s.object.Close(ctx); err != nil {
		return err
	}
	return s.shelf.ending
}

var (
	_ store.Store  = (*shelf)(nil)
	_ query.Query  = (*shelf)(nil)
	_ store.Cursor = (*cursor)(nil)
	_ store.Writer = writer{}
	_ store.Token  = token{}
	_ feed.Source  = (*source)(nil)
	_ fmt.Stringer = store.ReasonBusy
)
