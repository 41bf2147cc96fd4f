package rt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/witgen/witgen/golden/owned/v0_2/owned"
	shop "github.com/witgen/witgen/golden/owned/v0_2/store"
	"github.com/witgen/witgen/rt"
)

const ownedName = "golden:owned/store@0.1.0#"

// closings is where guests of golden/owned count the files that are closed.
const closings = 900

// ownedGuest is a guest of version 0.1 of golden/owned, which lifts and lowers its
// async functions as such or synchronously. What it is asked for at the level low,
// it answers at one that version 0.2 has not, and at high at that.
func ownedGuest(t *testing.T, async bool) *guest {
	t.Helper()
	source, err := os.ReadFile("../golden/owned/older/owned.wit")
	if err != nil {
		t.Fatal(err)
	}
	const low, high, stale = 0, 1, 2
	// pair puts a new file and its level somewhere.
	pair := func(at int) string {
		level := i32(resultArea) + i32(stale) + i32(high) + get(0) + "\x45\x1b" // of low is stale
		return level + "\x3a\x00" + uleb(at+4)
	}
	file := func(at int) []any { return []any{i32(resultArea), i32(7), call("new file"), store(at), pair(at)} }
	fails := func(at int) body {
		return body{code: append(append([]any{i32(resultArea), i32(1), "\x3a\x00\x00"}, file(at)...), i32(resultArea))}
	}
	g := &guest{
		world: string(source),
		dtors: map[string]body{"file": does(i32(closings), i32(closings), load(0), i32(1), add, store(0))},
		funcs: map[string]body{
			ownedName + "[method]file.size": does(i32(5)),
			ownedName + "get":               {code: append(file(0), i32(resultArea))},
			ownedName + "open":              fails(4),
			ownedName + "cannot":            fails(8),
			// How many files are closed; or it asks the host for a pair.
			ownedName + "may": does(get(0), i32(high), eq, when, i32(closings), load(0), "\xad", "\x0f", end,
				get(0), i32(resultArea), call(ownedName+"get"), "\x42\x00"),
			// Has the host open a file, and gives that back at a level that it has not.
			ownedName + "feel": does(i32(low), i32(resultArea), call(ownedName+"open"),
				i32(resultArea), load(4), i32(stale), call(ownedName+"put"), drop, i32(0)),
			ownedName + "wait": does(passOn(ownedName + "wait")),
		},
	}
	if async {
		g.callback = &body{code: []any{trap}}
		g.funcs[ownedName+"wait"] = does(
			get(0), get(1), i32(resultArea), call(ownedName+"wait"), i32(2), "\x47", when, trap, end,
			i32(resultArea), load8(0),
			i32(resultArea), load(4), i32(resultArea), load8(4), i32(resultArea), load8(0), "\x45\x1b", // a number, or a level
			call("return "+ownedName+"wait"), i32(0))
	}
	return g
}

// librarian is a host of version 0.2. Its files are closed once.
type librarian struct {
	shop.UnimplementedStore
	level         shop.Level // of what it answers
	opened, ended int
}

type ownedFile struct {
	shop.UnimplementedFile
	of *librarian
}

func (f ownedFile) Close(context.Context) error {
	f.of.ended++
	return nil
}

func (o *librarian) file() shop.File {
	o.opened++
	return ownedFile{of: o}
}

func (o *librarian) Get(context.Context, shop.Level) (shop.Pair, error) {
	return shop.Pair{File: o.file(), Level: o.level}, nil
}

func (o *librarian) Open(context.Context, shop.Level) (shop.File, error) { return o.file(), nil }

func (o *librarian) Wait(_ context.Context, n uint64, l shop.Level) (uint64, error) {
	switch {
	case n == 1:
		return 0, o.level
	case n == 2:
		return 1 << 40, nil
	}
	return n + uint64(l), nil
}

func startOwned(t *testing.T, g *guest, o *librarian) *owned.Owned {
	t.Helper()
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	p, err := owned.Instantiate(t.Context(), g.compile(t, e), owned.Imports{Store: o}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if o.opened != o.ended {
			t.Errorf("the host has opened %d files, and closed %d times", o.opened, o.ended)
		}
	})
	return p
}

// TestOlderAsync calls async functions of guests of an older version, which call
// those of the host, however they lift and lower them.
func TestOlderAsync(t *testing.T) {
	for _, async := range []bool{false, true} {
		for _, tt := range []struct {
			n      uint64
			l      shop.Level
			fails  shop.Level // of the host, if n is 1
			want   uint64
			lossy  bool
			trap   bool
			failed bool
		}{
			{n: 40, l: shop.LevelHigh, want: 41},
			{n: 1, fails: shop.LevelHigh, failed: true},
			{n: 1, fails: shop.LevelFresh, lossy: true, trap: true},
			{n: 2, lossy: true, trap: true},
			{n: 1 << 40, lossy: true},
			{n: 40, l: shop.LevelFresh, lossy: true},
		} {
			t.Run(fmt.Sprint("async ", async, " ", tt.n, tt.l, tt.fails), func(t *testing.T) {
				p := startOwned(t, ownedGuest(t, async), &librarian{level: tt.fails})
				n, err := p.Store.Wait(t.Context(), tt.n, tt.l)
				if _, trapped := errors.AsType[*rt.Trap](err); n != tt.want || errors.Is(err, rt.ErrLossy) != tt.lossy || trapped != tt.trap {
					t.Errorf("got %d, %v", n, err)
				}
				if tt.failed != (err == error(tt.fails)) || err != nil && !tt.failed && !tt.lossy { //nolint:errorlint // it is the very value
					t.Errorf("got %v, want %v", err, tt.fails)
				}
				if tt.trap {
					return
				}
				if n, err := p.Store.Wait(t.Context(), 3, shop.LevelLow); n != 3 || err != nil {
					t.Errorf("after it: %d, %v", n, err)
				}
			})
		}
	}
}

// TestOlderAnswers has a guest of an older version answer and fail with files at
// levels that the host does not know: they are closed.
func TestOlderAnswers(t *testing.T) {
	ctx := t.Context()
	p := startOwned(t, ownedGuest(t, false), &librarian{})
	closed := func(want uint64) {
		t.Helper()
		if n, err := p.Store.May(ctx, shop.LevelHigh); n != want || err != nil {
			t.Errorf("%d files are closed, %v, want %d", n, err, want)
		}
	}
	lossy := func(err error) {
		t.Helper()
		if _, trapped := errors.AsType[*rt.Trap](err); !errors.Is(err, rt.ErrLossy) || trapped {
			t.Errorf("got %v", err)
		}
	}
	take := func(pair shop.Pair) {
		t.Helper()
		if n, err := pair.File.Size(ctx); n != 5 || err != nil || pair.Level != shop.LevelHigh {
			t.Errorf("size = %d, %v, level %s", n, err, pair.Level)
		}
		if err := pair.File.Close(ctx); err != nil {
			t.Error(err)
		}
	}
	_, err := p.Store.Get(ctx, shop.LevelLow)
	lossy(err)
	closed(1)
	_, err = p.Store.Open(ctx, shop.LevelLow)
	lossy(err)
	closed(2)
	for n, l := range []shop.Level{shop.LevelLow, shop.LevelHigh} { // the host knows of no error here
		_, err = p.Store.Cannot(ctx, l)
		lossy(err)
		closed(uint64(3 + n))
	}
	pair, err := p.Store.Get(ctx, shop.LevelHigh)
	if err != nil {
		t.Fatal(err)
	}
	closed(4)
	take(pair)
	closed(5)
	_, err = p.Store.Open(ctx, shop.LevelHigh)
	pair, ok := errors.AsType[shop.Pair](err)
	if !ok {
		t.Fatal(err)
	}
	closed(5)
	take(pair)
	closed(6)
}

// TestOlderLoses has the host answer a guest of an older version with a file at a
// level that that does not know, and the guest give one away at one that the host
// does not: the guest is stopped, and the files are closed.
func TestOlderLoses(t *testing.T) {
	for name, call := range map[string]func(context.Context, *owned.Owned) error{
		"answered": func(ctx context.Context, p *owned.Owned) error {
			_, err := p.Store.May(ctx, shop.LevelLow)
			return err
		},
		"given": func(ctx context.Context, p *owned.Owned) error {
			_, err := p.Store.Feel(ctx, shop.MoodGood{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := &librarian{level: shop.LevelFresh}
			p := startOwned(t, ownedGuest(t, false), o)
			err := call(t.Context(), p)
			if _, trapped := errors.AsType[*rt.Trap](err); !trapped || !errors.Is(err, rt.ErrLossy) {
				t.Errorf("got %v", err)
			}
			if o.opened != 1 || o.ended != 1 {
				t.Errorf("%d files are opened, %d closed", o.opened, o.ended)
			}
		})
	}
}
