package tracks_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/witgen/witgen/golden/tracks/v0_3/handler"
	"github.com/witgen/witgen/golden/tracks/v0_3/kinds"
	"github.com/witgen/witgen/golden/tracks/v0_3/tracks"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// live checks how many sessions and notes the guest has.
func live(t *testing.T, p *tracks.Tracks, want uint32) {
	t.Helper()
	if n, err := p.Handler.Live(t.Context()); n != want || err != nil {
		t.Errorf("the guest has %d sessions and notes, %v, want %d", n, err, want)
	}
}

func newSession(t *testing.T, p *tracks.Tracks) handler.Session {
	t.Helper()
	s, err := p.Handler.NewSession(t.Context(), "s", cm.None[uint32]())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closed(t *testing.T, of ...interface{ Close(context.Context) error }) {
	t.Helper()
	for _, r := range of {
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestSessions has the host use resources of guests, and hand them back.
func TestSessions(t *testing.T) {
	sees := map[string]string{"0.1": plainV01, "0.2": plainV02, "0.3": plainV03}
	for _, version := range []string{"0.1", "0.2", "0.3"} {
		t.Run(version, func(t *testing.T) {
			ctx := t.Context()
			p, _ := start(t, version)
			a, b := newSession(t, p), newSession(t, p)
			live(t, p, 2)
			other := kinds.Item{Name: "o", Size: 8}
			if n, err := a.Put(ctx, plain); n != 1 || err != nil {
				t.Errorf("put = %d, %v", n, err)
			}
			if seen, err := p.Seen(ctx); !slices.Equal(seen, []string{sees[version]}) {
				t.Errorf("the guest saw %q, %v", seen, err)
			}
			if _, err := b.Put(ctx, other); err != nil {
				t.Error(err)
			}
			if _, err := a.Put(ctx, noted); errors.Is(err, rt.ErrLossy) != (version != "0.3") {
				t.Errorf("put with a note: %v", err)
			}
			if i, err := a.Get(ctx, "x"); i.IsSome() || err != nil {
				t.Errorf("get = %v, %v, want none", i, err)
			}
			merged, err := p.Handler.SessionMerge(ctx, a, b)
			if err != nil {
				t.Fatal(err)
			}
			live(t, p, 2)
			if _, err := a.Get(ctx, "i"); err == nil {
				t.Error("a session that was given away can be used")
			}
			for _, want := range []kinds.Item{plain, other} {
				if i, err := merged.Get(ctx, want.Name); i != cm.Some(want) || err != nil {
					t.Errorf("get = %v, %v, want %v", i, err, want)
				}
			}
			spread, err := p.Handler.Spread(ctx, merged, 3)
			if err != nil || len(spread) != 3 {
				t.Fatalf("spread = %v, %v", spread, err)
			}
			live(t, p, 4)
			adopted, err := p.Handler.Adopt(ctx, cm.Some(spread[0]))
			back, ok := adopted.Get()
			if err != nil || !ok {
				t.Fatalf("adopt = %v, %v", adopted, err)
			}
			if i, err := back.Get(ctx, "o"); i != cm.Some(other) || err != nil {
				t.Errorf("get = %v, %v", i, err)
			}
			if none, err := p.Handler.Adopt(ctx, cm.None[handler.Session]()); none.IsSome() || err != nil {
				t.Errorf("adopt = %v, %v, want none", none, err)
			}
			note, err := p.Handler.FirstNote(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if text, err := note.Text(ctx); text != "first" || err != nil {
				t.Errorf("text = %q, %v", text, err)
			}
			live(t, p, 5)
			closed(t, note, b, back, spread[1])
			live(t, p, 1)
			closed(t, spread[2])
			live(t, p, 0)
			closed(t, spread[2]) // which does nothing the second time
			live(t, p, 0)
		})
	}
}

// TestConstructors has parameters of a constructor that are new.
func TestConstructors(t *testing.T) {
	for _, version := range []string{"0.1", "0.2", "0.3"} {
		ctx := t.Context()
		p, _ := start(t, version)
		s, err := p.Handler.NewSession(ctx, "s", cm.Some[uint32](0))
		if version == "0.1" {
			if !errors.Is(err, rt.ErrLossy) {
				t.Errorf("0.1: got %v", err)
			}
			live(t, p, 0)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if n, err := s.Put(ctx, plain); n != 0 || err != nil { // it takes nothing
			t.Errorf("%s: put = %d, %v", version, n, err)
		}
		closed(t, s)
	}
	p, _ := start(t, "0.2")
	_, err := p.Handler.SessionOpen(t.Context(), "")
	if e, ok := errors.AsType[cm.Err[string]](err); !ok || e.Value != "no name" {
		t.Errorf("open without a name: %v", err)
	}
}

// TestForeign gives a guest sessions of another's, and of nobody's.
func TestForeign(t *testing.T) {
	ctx := t.Context()
	instances := make(map[string]*tracks.Tracks)
	for _, version := range []string{"0.1", "0.2", "0.3"} {
		instances[version], _ = start(t, version)
	}
	another, _ := start(t, "0.1")
	for from, p := range instances {
		for to, q := range instances {
			if from == to {
				continue
			}
			s := newSession(t, p)
			_, err := q.Handler.Adopt(ctx, cm.Some(s))
			if err == nil || to != "0.3" && !errors.Is(err, rt.ErrLossy) {
				t.Errorf("a session of %s for %s: %v", from, to, err)
			}
			if _, err := s.Put(ctx, plain); err != nil {
				t.Errorf("a session of %s that %s did not take: %v", from, to, err)
			}
			live(t, q, 0)
			closed(t, s)
		}
	}
	s := newSession(t, another)
	if _, err := instances["0.1"].Handler.Adopt(ctx, cm.Some(s)); err == nil {
		t.Error("a guest takes a session of another's")
	}
	closed(t, s)
	for version, p := range instances {
		if _, err := p.Handler.Adopt(ctx, cm.Some[handler.Session](handler.UnimplementedSession{})); err == nil {
			t.Errorf("%s takes a session of nobody's", version)
		}
		if _, err := p.Handler.Adopt(ctx, cm.Some[handler.Session](nil)); err == nil {
			t.Errorf("%s takes a session that is nil", version)
		}
	}
}

// TestSinks has guests use resources of the host, which get to it as they are.
func TestSinks(t *testing.T) {
	wrote := map[string][]string{"0.1": {"error x"}, "0.2": {"trace x"}, "0.3": {"trace x", "flushed"}}
	for _, version := range []string{"0.1", "0.2", "0.3"} {
		t.Run(version, func(t *testing.T) {
			ctx := t.Context()
			p, h := start(t, version)
			for k, want := range []string{"wrote 1, best 1, kept 0", "wrote 1, best 1, kept 1"} {
				if got, err := p.Script(ctx, "sinks"); got != want || err != nil {
					t.Fatalf("got %q, %v, want %q", got, err, want)
				}
				if open := h.open.Load(); open != 1 { // the one that is kept
					t.Errorf("%d sinks are open after %d times", open, k+1)
				}
				s, ok := h.kept[0].(*held)
				if !ok || !reflect.DeepEqual(s.wrote, wrote[version]) {
					t.Errorf("the host keeps %#v", h.kept[0])
				}
			}
			if version == "0.1" {
				if got, err := p.Script(ctx, "drop all"); got != "1" || err != nil || h.open.Load() != 0 {
					t.Errorf("drop-all = %q, %v; %d are open", got, err, h.open.Load())
				}
			}
			if got, err := p.Script(ctx, "gauge"); got != "9" || err != nil {
				t.Errorf("gauge = %q, %v", got, err)
			}
		})
	}
}

// TestCounters has resources of guests hold those of the host, by an interface that
// is one in all versions.
func TestCounters(t *testing.T) {
	for _, version := range []string{"0.1", "0.2", "0.3"} {
		t.Run(version, func(t *testing.T) {
			ctx := t.Context()
			p, h := start(t, version)
			a, err1 := p.Tally.NewCounter(ctx, 5)
			b, err2 := p.Tally.NewCounter(ctx, 6)
			_, err3 := p.Tally.NewCounter(ctx, 7) // which the end of the guest closes
			if err := errors.Join(err1, err2, err3); err != nil {
				t.Fatal(err)
			}
			if n, err := a.Add(ctx, 2); n != 7 || err != nil {
				t.Errorf("add = %d, %v", n, err)
			}
			c, err := p.Tally.CounterJoin(ctx, a, b)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := c.Add(ctx, 0); n != 13 || err != nil {
				t.Errorf("add = %d, %v", n, err)
			}
			closed(t, b, c)
			if open := h.open.Load(); open != 1 {
				t.Errorf("%d are open, want one", open)
			}
			if sum, err := p.Tally.Sum(ctx, kinds.Path{{X: 1, Y: 2}, {X: 3, Y: 4}}); sum != (kinds.Point{X: 4, Y: 6}) || err != nil {
				t.Errorf("sum = %v, %v", sum, err)
			}
			if both, err := p.Tally.Turn(ctx, kinds.SignPlus{Value: kinds.Point{X: 1}}, kinds.ColorGreen); both != cm.T2(kinds.Point{X: 1}, kinds.ColorGreen) || err != nil {
				t.Errorf("turn = %v, %v", both, err)
			}
			_, err = p.Tally.Turn(ctx, kinds.SignText{Value: "x"}, kinds.ColorGreen)
			if e, ok := errors.AsType[cm.Err[kinds.Color]](err); !ok || e.Value != kinds.ColorGreen {
				t.Errorf("turn: %v", err)
			}
			if r, err := p.Tally.Grant(ctx, kinds.RightsWrite); r != kinds.RightsRead|kinds.RightsWrite || err != nil {
				t.Errorf("grant = %v, %v", r, err)
			}
		})
	}
}
