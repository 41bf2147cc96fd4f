package tracks_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/tracks/v0_3/handler"
	"github.com/witgen/witgen/golden/tracks/v0_3/kinds"
	"github.com/witgen/witgen/golden/tracks/v0_3/tracks"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// TestScripts has guests use what they import of the host: by functions of the
// world itself, by interfaces that are written in it, by some that are gone.
func TestScripts(t *testing.T) {
	report := func(runs uint64, l kinds.Level) tracks.Report { return tracks.Report{Runs: runs, Level: l} }
	for _, tt := range []struct {
		version, what string
		reply         any
		want          string
		got           any
		logged        string
		lossy         bool
	}{
		{version: "0.1", what: "log", want: "1", logged: "warn m "},
		{version: "0.2", what: "log", want: "1", logged: "warn m l"},
		{version: "0.3", what: "log", want: "1", logged: "warn m l"},
		{version: "0.1", what: "open error", want: "not error"},
		{version: "0.1", what: "ring", want: "1", logged: "warn ring "},
		{version: "0.1", what: "beep", want: "beeped", got: report(0, kinds.LevelWarn)},
		{version: "0.1", what: "clock", want: "12"},
		{version: "0.1", what: "clock", reply: uint64(1 << 32), lossy: true},
		{version: "0.2", what: "clock", reply: uint64(1 << 32), want: "4294967296"},
		{version: "0.1", what: "now", want: "11", got: kinds.LevelWarn},
		{version: "0.1", what: "now", reply: uint64(1 << 32), lossy: true},
		{version: "0.2", what: "now", reply: uint64(1 << 32), want: "4294967296", got: kinds.LevelWarn},
		{version: "0.1", what: "say", want: "Some(Report { runs: 3, level: " + label("Level", 0, "info") + " })", got: report(3, kinds.LevelInfo)},
		{version: "0.1", what: "say", reply: cm.Some(report(1<<32, kinds.LevelInfo)), lossy: true},
		{version: "0.1", what: "say", reply: cm.None[tracks.Report](), want: "None", got: report(3, kinds.LevelInfo)},
		{version: "0.2", what: "say", want: "Some(Report { runs: 3, level: " + label("Level", 1, "info") + " })", got: report(3, kinds.LevelInfo)},
		{version: "0.1", what: "gauge", want: "9"},
		{version: "0.2", what: "gauge", want: "9"},
		{version: "0.3", what: "gauge", want: "9"},
		{version: "0.3", what: "news", want: "all is new"},
	} {
		t.Run(tt.version+" "+tt.what, func(t *testing.T) {
			p, h := start(t, tt.version)
			h.reply = tt.reply
			text, err := p.Script(t.Context(), tt.what)
			if tt.lossy {
				if _, trapped := errors.AsType[*rt.Trap](err); !trapped || !errors.Is(err, rt.ErrLossy) {
					t.Errorf("got %v, want a trap for what cannot be said", err)
				}
				return
			}
			if err != nil || text != tt.want || h.got != tt.got || strings.Join(h.logged, "|") != tt.logged {
				t.Errorf("got %q, %v, want %q; the host got %v, want %v, and logged %q, want %q", text, err, tt.want, h.got, tt.got, h.logged, tt.logged)
			}
		})
	}
}

// TestWorld calls what the world exports outside of interfaces, and in one that is
// written in it.
func TestWorld(t *testing.T) {
	for _, version := range []string{"0.1", "0.2", "0.3"} {
		t.Run(version, func(t *testing.T) {
			ctx := t.Context()
			p, _ := start(t, version)
			old := version == "0.1"
			if n, err := p.Reset(ctx, cm.None[bool]()); n != 7 || err != nil {
				t.Errorf("reset = %d, %v", n, err)
			}
			switch n, err := p.Reset(ctx, cm.Some(true)); {
			case old && !errors.Is(err, rt.ErrLossy), !old && (n != 8 || err != nil):
				t.Errorf("reset = %d, %v", n, err)
			}
			if phase, err := p.Step(ctx, tracks.PhaseStarting); phase != tracks.PhaseRunning || err != nil {
				t.Errorf("step = %v, %v", phase, err)
			}
			want := tracks.Report{Runs: 4, Level: kinds.LevelError}
			if r, err := p.Total(ctx, tracks.Report{Runs: 3, Level: kinds.LevelError}); r != want || err != nil {
				t.Errorf("total = %v, %v", r, err)
			}
			switch r, err := p.Total(ctx, tracks.Report{Level: kinds.LevelTrace}); {
			case old && !errors.Is(err, rt.ErrLossy), !old && (r.Level != kinds.LevelTrace || err != nil):
				t.Errorf("total = %v, %v", r, err)
			}
			if ok, err := p.Status.OK(ctx); !ok || err != nil {
				t.Errorf("ok = %t, %v", ok, err)
			}
			if n, err := p.Work.Wait(ctx, 3); n != 4 || err != nil {
				t.Errorf("wait = %d, %v", n, err)
			}
			if _, err := p.Work.Feed(ctx, 1); !errors.Is(err, rt.ErrNotSupported) {
				t.Errorf("feed: %v", err)
			}
			switch n, err := p.Work.Wait(ctx, 1<<32); {
			case old && !errors.Is(err, rt.ErrLossy), !old && (n != 1<<32+1 || err != nil):
				t.Errorf("wait = %d, %v", n, err)
			}
		})
	}
}

// TestOldStream has the host's stream be asked for as a list.
func TestOldStream(t *testing.T) {
	p, _ := start(t, "0.1")
	_, err := p.Script(t.Context(), "feed")
	if _, trapped := errors.AsType[*rt.Trap](err); !trapped || !errors.Is(err, rt.ErrNotSupported) {
		t.Errorf("got %v", err)
	}
}

// TestLacking asks each version for what is not in all of them.
func TestLacking(t *testing.T) {
	for _, tt := range []struct {
		name string
		has  string // the versions that have it
		asks func(*tracks.Tracks) bool
		do   func(context.Context, *tracks.Tracks) error
	}{
		{"session.clear", "0.3", (*tracks.Tracks).HasHandlerSessionClear, withSession(func(ctx context.Context, s handler.Session) error { return s.Clear(ctx) })},
		{"session.open", "0.2 0.3", (*tracks.Tracks).HasHandlerSessionOpen, func(ctx context.Context, p *tracks.Tracks) error {
			s, err := p.Handler.SessionOpen(ctx, "s")
			if err != nil {
				return err
			}
			return s.Close(ctx)
		}},
		{"note.constructor", "0.3", (*tracks.Tracks).HasHandlerNewNote, func(ctx context.Context, p *tracks.Tracks) error {
			n, err := p.Handler.NewNote(ctx, "n")
			if err != nil {
				return err
			}
			return n.Close(ctx)
		}},
		{"walk", "0.3", func(p *tracks.Tracks) bool { return p.HasHandlerWalk() && p.HasHandlerCursorNext() }, func(ctx context.Context, p *tracks.Tracks) error {
			c, err := p.Handler.Walk(ctx)
			if err != nil {
				return err
			}
			if n, err := c.Next(ctx); n != 1 || err != nil {
				t.Errorf("next = %d, %v", n, err)
			}
			return c.Close(ctx)
		}},
		// Optional since 0.2.1: the guest of 0.2 was built for 0.2.0.
		{"flush", "0.3", (*tracks.Tracks).HasHandlerFlush, func(ctx context.Context, p *tracks.Tracks) error { _, err := p.Handler.Flush(ctx); return err }},
		{"spare", "0.3", (*tracks.Tracks).HasSpare, func(ctx context.Context, p *tracks.Tracks) error { _, err := p.Spare(ctx); return err }},
		{"count", "0.2 0.3", (*tracks.Tracks).HasCount, func(ctx context.Context, p *tracks.Tracks) error { _, err := p.Count(ctx); return err }},
		{"status.grade", "0.3", (*tracks.Tracks).HasStatusGrade, func(ctx context.Context, p *tracks.Tracks) error { _, err := p.Status.Grade(ctx); return err }},
	} {
		for _, version := range []string{"0.1", "0.2", "0.3"} {
			t.Run(version+" "+tt.name, func(t *testing.T) {
				p, _ := start(t, version)
				want := slices.Contains(strings.Fields(tt.has), version)
				if has := tt.asks(p); has != want {
					t.Errorf("it is said to be there: %t", has)
				}
				for range 2 { // asking for it does no harm
					err := tt.do(t.Context(), p)
					if want && err != nil || !want && !errors.Is(err, rt.ErrNotExported) {
						t.Errorf("got %v", err)
					}
				}
				if _, err := p.Handler.Live(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	}
	for _, version := range []string{"0.1", "0.2", "0.3"} {
		p, _ := start(t, version)
		late, hasLate := p.Late.Get()
		extra, hasExtra := p.Extra.Get()
		if want := version == "0.3"; hasLate != want || hasExtra != want {
			t.Fatalf("%s has late: %t, extra: %t", version, hasLate, hasExtra)
		}
		if !hasLate {
			continue
		}
		if n, err := late.Run(t.Context(), 4); n != 5 || err != nil {
			t.Errorf("run = %d, %v", n, err)
		}
		if s, err := extra.Farewell(t.Context(), "x"); s != "goodbye x" || err != nil {
			t.Errorf("farewell = %q, %v", s, err)
		}
	}
}

// TestTraps has guests of all versions trap, which the host hears of as it would
// of any guest's.
func TestTraps(t *testing.T) {
	for _, version := range []string{"0.1", "0.2", "0.3"} {
		p, _ := start(t, version)
		err := p.Handler.Fail(t.Context(), "for the test")
		trap, ok := errors.AsType[*rt.Trap](err)
		if !ok || trap.Kind != rt.TrapUnreachable || !strings.HasPrefix(trap.Export, "golden:tracks/handler@"+version) || !strings.HasSuffix(trap.Export, "#fail") {
			t.Errorf("%s: got %v", version, err)
		}
		if _, err := p.Handler.Live(t.Context()); !errors.Is(err, rt.ErrDead) {
			t.Errorf("%s: after it: %v", version, err)
		}
	}
}

// withSession returns the call of a method of a session.
func withSession(do func(context.Context, handler.Session) error) func(context.Context, *tracks.Tracks) error {
	return func(ctx context.Context, p *tracks.Tracks) error {
		s, err := p.Handler.NewSession(ctx, "s", cm.None[uint32]())
		if err != nil {
			return err
		}
		return errors.Join(do(ctx, s), s.Close(ctx))
	}
}

// TestMisfits has components that fit no version: they are told what they lack of
// the one that they were built for.
func TestMisfits(t *testing.T) {
	for _, tt := range []struct{ version, old, text, want string }{
		{"0.1", "drop-all", "drop-alk", `"golden:tracks/log@0.1.3": function "drop-alk": host does not have it`},
		{"0.2", "first-note", "first-mote", `export "golden:tracks/handler@0.2.1": function "first-note" is missing`},
		{"0.3", "first-note", "first-mote", `export "golden:tracks/handler@0.3.0": function "first-note" is missing`},
	} {
		wasm, err := os.ReadFile("testdata/v" + tt.version + ".wasm")
		if err != nil {
			t.Fatal(err)
		}
		engine, err := rt.NewEngine(t.Context(), rt.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer engine.Close(context.Background())
		component, err := engine.Compile(t.Context(), bytes.ReplaceAll(wasm, []byte(tt.old), []byte(tt.text)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = tracks.Prepare(component)
		if _, ok := errors.AsType[*rt.LinkError](err); !ok || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.version, err, tt.want)
		}
	}
}
