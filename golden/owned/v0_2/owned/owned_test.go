package owned

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	v01store "github.com/witgen/witgen/golden/owned/v0_1/store"
	"github.com/witgen/witgen/golden/owned/v0_2/store"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// gives are the calls that give something away, or lend it.
func gives[F, L, P, E any](t *testing.T, x api[F, L, P, E], s side[F, L, P, E], l L) map[string]func() error {
	ctx, failed := t.Context(), func(_ uint64, err error) error { return err }
	return map[string]func() error{
		"put":      func() error { return failed(x.Put(ctx, s.file(), l)) },
		"put-all":  func() error { return failed(x.PutAll(ctx, s.entries(l))) },
		"put-map":  func() error { return failed(x.PutMap(ctx, s.pairs(l))) },
		"put-err":  func() error { return failed(x.PutResult(ctx, cm.Fail[F](s.pair(s.file(), l)))) },
		"put-many": func() error { return failed(x.PutMany(ctx, s.many(l))) },
		"look":     func() error { return failed(x.Look(ctx, s.file(), l)) },
		"work":     func() error { _, err := x.Work(ctx, s.file(), l); return err },
	}
}

// gets are the calls that are answered with something to keep.
func gets[F, L, P, E any](t *testing.T, x api[F, L, P, E], s side[F, L, P, E], l L) map[string]func() (any, error) {
	ctx := t.Context()
	return map[string]func() (any, error){
		"get":        func() (any, error) { return x.Get(ctx, l) },
		"get-all":    func() (any, error) { return x.GetAll(ctx, l) },
		"get-map":    func() (any, error) { return x.GetMap(ctx, l) },
		"get-result": func() (any, error) { return x.GetResult(ctx, l) },
		"get-many":   func() (any, error) { return x.GetMany(ctx, l) },
		"open":       func() (any, error) { return x.Open(ctx, l) },
		"may":        func() (any, error) { return x.May(ctx, l) },
		"cannot":     func() (any, error) { return x.Cannot(ctx, l) },
		"work":       func() (any, error) { return x.Work(ctx, s.file(), l) },
	}
}

// scene is a call from one version to the other.
type scene struct {
	gives map[string]func() error
	gets  map[string]func() (any, error)

	files *ledger
	given *[]any // what the callee is
	// theirs and ours are how files are seen by callee and caller.
	theirs, ours string
}

// losing says what of a call cannot be said in the other version, and which function
// fails.
type losing struct {
	given, answered bool
	fails           string
}

// guestCalls has guests of the older version call the host.
func guestCalls(t *testing.T, what losing) scene {
	files := &ledger{}
	of := &fakeHost{
		side:   newNewest(func() store.File { return file{files.count()} }),
		answer: store.LevelHigh, fails: what.fails,
	}
	s, l := newOlder(func() v01store.File { return storeFileForV01{file{files.count()}} }), v01store.LevelHigh
	if what.given {
		l = s.lost
	}
	if what.answered {
		of.answer = of.lost
	}
	x := storeForV01{host{fakeHost: of}}
	return scene{gives(t, x, s, l), gets(t, x, s, v01store.LevelLow), files, &of.given, "owned.file{", "owned.storeFileForV01{"}
}

// hostCalls has the host call guests of the older version.
func hostCalls(t *testing.T, what losing) scene {
	files := &ledger{}
	of := &fakeGuest{
		side:   newOlder(func() v01store.File { return oldFile{files.count()} }),
		answer: v01store.LevelHigh, fails: what.fails,
	}
	s, l := newNewest(func() store.File { return storeFileOfV01{oldFile{files.count()}} }), store.LevelHigh
	if what.given {
		l = s.lost
	}
	if what.answered {
		of.answer = of.lost
	}
	x := storeOfV01{guest{fakeGuest: of}}
	return scene{gives(t, x, s, l), gets(t, x, s, store.LevelLow), files, &of.given, "owned.oldFile{", "owned.storeFileOfV01{"}
}

// has checks how many files are in a value, all of which are seen in one way.
func has(t *testing.T, v any, as string, n int) {
	t.Helper()
	text := fmt.Sprintf("%#v", v)
	if strings.Count(text, as) != n || strings.HasPrefix(as, "owned.store") != strings.Contains(text, "V01{") && n > 0 {
		t.Errorf("got %s, want %d of %s}", text, n, as)
	}
}

// TestGiven has calls give resources away, with and without something beside them
// that the other version cannot say. What a guest has given away is the host's to
// close; what the host wanted to give stays its own, as does what is lent.
func TestGiven(t *testing.T) {
	for side, newScene := range map[string]func(*testing.T, losing) scene{"guest": guestCalls, "host": hostCalls} {
		for name := range newScene(t, losing{}).gives {
			t.Run(side+" "+name, func(t *testing.T) {
				s := newScene(t, losing{})
				if err := s.gives[name](); err != nil {
					t.Fatal(err)
				}
				s.files.check(t, 0)
				if name != "work" { // which answers with another one
					has(t, *s.given, s.theirs, len(*s.files))
				}

				s = newScene(t, losing{given: true})
				if err := s.gives[name](); !errors.Is(err, rt.ErrLossy) || len(*s.given) > 0 {
					t.Errorf("got %v, and the other side %v", err, *s.given)
				}
				times := 0
				if side == "guest" && name != "look" {
					times = 1
				}
				s.files.check(t, times)
			})
		}
	}
}

// TestAnswered has calls be answered with resources. Those in an answer that cannot
// be said are closed, as nobody gets them.
func TestAnswered(t *testing.T) {
	for side, newScene := range map[string]func(*testing.T, losing) scene{"guest": guestCalls, "host": hostCalls} {
		for name := range newScene(t, losing{}).gets {
			t.Run(side+" "+name, func(t *testing.T) {
				s := newScene(t, losing{})
				v, err := s.gets[name]()
				if err != nil {
					t.Fatal(err)
				}
				s.files.check(t, 0)
				if name == "work" {
					*s.files = (*s.files)[1:]
				}
				has(t, v, s.ours, len(*s.files))
				if len(*s.files) == 0 || name == "open" {
					return
				}
				s = newScene(t, losing{answered: true})
				if _, err := s.gets[name](); !errors.Is(err, rt.ErrLossy) {
					t.Errorf("got %v", err)
				}
				if name == "work" {
					*s.files = (*s.files)[1:]
				}
				s.files.check(t, 1)
			})
		}
	}
}

// TestFailed has calls fail with resources, and with such as the other version does
// not have errors for.
func TestFailed(t *testing.T) {
	for side, newScene := range map[string]func(*testing.T, losing) scene{"guest": guestCalls, "host": hostCalls} {
		for _, name := range []string{"open", "work", map[string]string{"guest": "may", "host": "cannot"}[side]} {
			t.Run(side+" "+name, func(t *testing.T) {
				for _, lost := range []bool{false, true} {
					s := newScene(t, losing{fails: name, answered: lost})
					_, err := s.gets[name]()
					if name == "work" {
						*s.files = (*s.files)[1:]
					}
					if lost || name == "may" || name == "cannot" {
						if !errors.Is(err, rt.ErrLossy) {
							t.Errorf("got %v", err)
						}
						s.files.check(t, 1)
						continue
					}
					has(t, err, s.ours, len(*s.files))
					s.files.check(t, 0)
				}
			})
		}
	}
}

// stopped is a guest that is stopped, for what the host has failed with.
type stopped struct {
	v01store.UnimplementedStore
	err error
}

func (s stopped) Open(context.Context, v01store.Level) (v01store.File, error) { return nil, s.err }

func (s stopped) Cannot(context.Context, v01store.Level) (uint64, error) { return 0, s.err }

// TestStopped has guests stopped for an error of the host's that is of a type that
// they may fail with: they have not.
func TestStopped(t *testing.T) {
	ctx := t.Context()
	files := &ledger{}
	s := stopped{err: fmt.Errorf("trap: %w", v01store.Pair{File: oldFile{files.count()}})}
	for name, call := range map[string]func() error{
		"open":   func() error { _, err := storeOfV01{s}.Open(ctx, store.LevelLow); return err },
		"cannot": func() error { _, err := storeOfV01{s}.Cannot(ctx, store.LevelLow); return err },
	} {
		if err := call(); err != s.err { //nolint:errorlint // it is the very value
			t.Errorf("%s: got %v, want %v", name, err, s.err)
		}
	}
	files.check(t, 0)
}
