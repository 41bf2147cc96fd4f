package owned

import (
	"context"
	"testing"

	v01store "github.com/witgen/witgen/golden/owned/v0_1/store"
	"github.com/witgen/witgen/golden/owned/v0_2/store"
	"github.com/witgen/witgen/rt/cm"
)

// ledger has the files of a test.
type ledger []*count

// count counts how often a file is closed.
type count struct{ closed int }

func (c *count) Close(context.Context) error {
	c.closed++
	return nil
}

// file is a file of the newest version, oldFile one of the older.
type (
	file    struct{ *count }
	oldFile struct{ *count }
)

func (file) Size(context.Context) (uint64, error)    { return 1, nil }
func (oldFile) Size(context.Context) (uint32, error) { return 1, nil }

func (l *ledger) count() *count {
	*l = append(*l, &count{})
	return (*l)[len(*l)-1]
}

// check checks that every file has been closed so often.
func (l *ledger) check(t *testing.T, times int) {
	t.Helper()
	for n, c := range *l {
		if c.closed != times {
			t.Errorf("file %d of %d is closed %d times, want %d", n, len(*l), c.closed, times)
		}
	}
}

// side makes values of one version's types.
type side[F, L, P, E any] struct {
	file  func() F
	pair  func(F, L) P
	one   func(F) E
	two   func(P) E
	level func(L) E
	lost  L // which the other version has not
}

// entries are of every kind, with files before and after what is lost.
func (s side[F, L, P, E]) entries(l L) []E {
	return []E{s.one(s.file()), s.two(s.pair(s.file(), l)), s.level(l), s.one(s.file())}
}

func (s side[F, L, P, E]) pairs(l L) map[string]P {
	return map[string]P{"a": s.pair(s.file(), l), "b": s.pair(s.file(), l), "c": s.pair(s.file(), l)}
}

func (s side[F, L, P, E]) many(l L) cm.Tuple3[cm.Option[F], [2]F, []L] {
	return cm.T3(cm.Some(s.file()), [2]F{s.file(), s.file()}, []L{l, l})
}

type newest = side[store.File, store.Level, store.Pair, store.Entry]

func newNewest(file func() store.File) newest {
	return newest{
		file:  file,
		pair:  func(f store.File, l store.Level) store.Pair { return store.Pair{File: f, Level: l} },
		one:   func(f store.File) store.Entry { return store.EntryOne{Value: f} },
		two:   func(p store.Pair) store.Entry { return store.EntryTwo{Value: p} },
		level: func(l store.Level) store.Entry { return store.EntryLevel{Value: l} },
		lost:  store.LevelFresh,
	}
}

type older = side[v01store.File, v01store.Level, v01store.Pair, v01store.Entry]

func newOlder(file func() v01store.File) older {
	return older{
		file:  file,
		pair:  func(f v01store.File, l v01store.Level) v01store.Pair { return v01store.Pair{File: f, Level: l} },
		one:   func(f v01store.File) v01store.Entry { return v01store.EntryOne{Value: f} },
		two:   func(p v01store.Pair) v01store.Entry { return v01store.EntryTwo{Value: p} },
		level: func(l v01store.Level) v01store.Entry { return v01store.EntryLevel{Value: l} },
		lost:  v01store.LevelStale,
	}
}

// api is the store of one version.
type api[F, L, P, E any] interface {
	Put(context.Context, F, L) (uint64, error)
	PutAll(context.Context, []E) (uint64, error)
	PutMap(context.Context, map[string]P) (uint64, error)
	PutResult(context.Context, cm.Result[F, P]) (uint64, error)
	PutMany(context.Context, cm.Tuple3[cm.Option[F], [2]F, []L]) (uint64, error)
	Look(context.Context, F, L) (uint64, error)
	Get(context.Context, L) (P, error)
	GetAll(context.Context, L) ([]E, error)
	GetMap(context.Context, L) (map[string]P, error)
	GetResult(context.Context, L) (cm.Result[F, P], error)
	GetMany(context.Context, L) (cm.Tuple3[cm.Option[F], [2]F, []L], error)
	Open(context.Context, L) (F, error)
	May(context.Context, L) (uint64, error)
	Cannot(context.Context, L) (uint64, error)
	Work(context.Context, F, L) (P, error)
}

// fake is a store that keeps what it is given, and answers with a level.
type fake[F, L, P, E any] struct {
	side[F, L, P, E]
	answer L
	fails  string // the function that does

	given []any
}

func (f *fake[F, L, P, E]) give(v ...any) (uint64, error) {
	f.given = append(f.given, v...)
	return 1, nil
}

// pairError is a pair as the error of a function that fails.
func (f *fake[F, L, P, E]) pairError(name string) error {
	if f.fails != name {
		return nil
	}
	return any(f.pair(f.file(), f.answer)).(error)
}

func (f *fake[F, L, P, E]) Put(_ context.Context, v F, _ L) (uint64, error)  { return f.give(v) }
func (f *fake[F, L, P, E]) PutAll(_ context.Context, v []E) (uint64, error)  { return f.give(v) }
func (f *fake[F, L, P, E]) Look(_ context.Context, v F, _ L) (uint64, error) { return f.give(v) }
func (f *fake[F, L, P, E]) Get(context.Context, L) (P, error)                { return f.pair(f.file(), f.answer), nil }
func (f *fake[F, L, P, E]) GetAll(context.Context, L) ([]E, error)           { return f.entries(f.answer), nil }
func (f *fake[F, L, P, E]) GetMap(context.Context, L) (map[string]P, error) {
	return f.pairs(f.answer), nil
}
func (f *fake[F, L, P, E]) May(context.Context, L) (uint64, error) { return 1, f.pairError("may") }
func (f *fake[F, L, P, E]) Cannot(context.Context, L) (uint64, error) {
	return 1, f.pairError("cannot")
}
func (f *fake[F, L, P, E]) PutMap(_ context.Context, v map[string]P) (uint64, error) {
	return f.give(v)
}

func (f *fake[F, L, P, E]) PutResult(_ context.Context, v cm.Result[F, P]) (uint64, error) {
	return f.give(v)
}

func (f *fake[F, L, P, E]) PutMany(_ context.Context, v cm.Tuple3[cm.Option[F], [2]F, []L]) (uint64, error) {
	return f.give(v)
}

func (f *fake[F, L, P, E]) GetResult(context.Context, L) (cm.Result[F, P], error) {
	return cm.Fail[F](f.pair(f.file(), f.answer)), nil
}

func (f *fake[F, L, P, E]) GetMany(context.Context, L) (cm.Tuple3[cm.Option[F], [2]F, []L], error) {
	return f.many(f.answer), nil
}

func (f *fake[F, L, P, E]) Open(context.Context, L) (v F, err error) {
	if err = f.pairError("open"); err == nil {
		v = f.file()
	}
	return v, err
}

func (f *fake[F, L, P, E]) Work(_ context.Context, v F, l L) (p P, err error) {
	f.given = append(f.given, v)
	if f.fails == "work" {
		return p, any(f.two(f.pair(f.file(), f.answer))).(error)
	}
	return f.pair(f.file(), f.answer), nil
}

// host and guest have what a fake has, and nothing else.
type (
	fakeHost  = fake[store.File, store.Level, store.Pair, store.Entry]
	fakeGuest = fake[v01store.File, v01store.Level, v01store.Pair, v01store.Entry]
	hostRest  struct{ store.UnimplementedStore }
	guestRest struct{ v01store.UnimplementedStore }
	host      struct {
		*fakeHost
		hostRest
	}
	guest struct {
		*fakeGuest
		guestRest
	}
)
