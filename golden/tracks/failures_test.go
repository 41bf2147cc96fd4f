package tracks_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/witgen/witgen/golden/tracks/v0_3/failures"
	"github.com/witgen/witgen/golden/tracks/v0_3/kinds"
	"github.com/witgen/witgen/golden/tracks/v0_3/tracks"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// failure is a call that fails: by 0 with an error that all versions know, by 9
// with one that version 0.1 does not.
type failure struct {
	name, version string
	n             uint32
	seen          string
	want          error
	lossy         string // the version that cannot say it
	trap          bool   // the guest is stopped, as it cannot be told
}

// TestFailures has errors go from the host to a guest and back.
func TestFailures(t *testing.T) {
	calls := map[string]func(context.Context, failures.Failures, uint32) error{
		"owned":  func(ctx context.Context, f failures.Failures, n uint32) error { _, err := f.Owned(ctx, n); return err },
		"worth":  func(ctx context.Context, f failures.Failures, n uint32) error { _, err := f.Worth(ctx, n); return err },
		"may":    func(ctx context.Context, f failures.Failures, n uint32) error { _, err := f.May(ctx, n); return err },
		"cannot": func(ctx context.Context, f failures.Failures, n uint32) error { _, err := f.Cannot(ctx, n); return err },
		"text":   func(ctx context.Context, f failures.Failures, n uint32) error { _, err := f.Text(ctx, n); return err },
		"reason": func(ctx context.Context, f failures.Failures, n uint32) error { _, err := f.Reason(ctx, n); return err },
		"bare":   func(ctx context.Context, f failures.Failures, n uint32) error { _, err := f.Bare(ctx, n); return err },
		"rank":   func(ctx context.Context, f failures.Failures, n uint32) error { return f.Rank(ctx, n) },
		"moved":  func(ctx context.Context, f failures.Failures, n uint32) error { return f.Moved(ctx, n) },
	}
	why, none := cm.Err[cm.Option[string]]{Value: cm.Some("why")}, cm.Err[cm.Option[string]]{}
	broken := label("Failure", 1, "broken")
	// In the guest of 0.1 it is the type of another enum that has the same cases.
	problem := label("Problem", 1, "broken")
	for _, f := range []failure{
		{name: "owned", version: "0.1", seen: "Err(" + problem + ")", want: failures.FailureBroken},
		{name: "owned", version: "0.1", n: 9, lossy: "0.1.3", trap: true},
		{name: "owned", version: "0.2", n: 9, seen: "Err(" + label("Failure", 2, "gone") + ")", want: failures.FailureGone},
		{name: "owned", version: "0.3", n: 9, seen: "Err(" + label("Failure", 2, "gone") + ")", want: failures.FailureGone},
		{name: "worth", version: "0.1", seen: "Err(" + problem + ")", want: failures.FailureBroken},
		{name: "worth", version: "0.1", n: 3, seen: "Ok(3)"},
		{name: "worth", version: "0.1", n: 20, lossy: "0.1.3", trap: true}, // a value of 40 bits
		{name: "worth", version: "0.2", n: 20, seen: "Ok(85899345920)"},
		{name: "may", version: "0.1", n: 3, seen: `"3"`},
		{name: "may", version: "0.1", lossy: "0.1.3", trap: true},
		{name: "may", version: "0.2", seen: "Err(" + broken + ")", want: failures.FailureBroken},
		{name: "cannot", version: "0.1", n: 3},
		{name: "cannot", version: "0.1", lossy: "0.3.0"},
		{name: "cannot", version: "0.2", seen: `"0"`},
		{name: "text", version: "0.1", seen: "Err('x')", want: cm.Err[string]{Value: "x"}},
		{name: "text", version: "0.1", n: 9, lossy: "0.1.3", trap: true},
		{name: "text", version: "0.2", n: 9, seen: `Err("long")`, want: cm.Err[string]{Value: "long"}},
		{name: "reason", version: "0.1", seen: "Err(())", want: none},
		{name: "reason", version: "0.2", seen: `Err(Some("why"))`, want: why},
		{name: "bare", version: "0.1", seen: "Err(None)", want: cm.Err[struct{}]{}},
		{name: "bare", version: "0.2", seen: `Err("for no reason")`, want: cm.Err[struct{}]{}},
		{name: "bare", version: "0.3", seen: "Err(())", want: cm.Err[struct{}]{}},
		{name: "rank", version: "0.1", seen: "Err(" + label("Level", 1, "warn") + ")", want: cm.Err[kinds.Level]{Value: kinds.LevelWarn}},
		{name: "rank", version: "0.1", n: 9, lossy: "0.1.3", trap: true},
		{name: "rank", version: "0.2", n: 9, seen: "Err(" + label("Level", 0, "trace") + ")", want: cm.Err[kinds.Level]{Value: kinds.LevelTrace}},
		{name: "moved", version: "0.1", seen: "Err(" + problem + ")", want: failures.FailureBroken},
		{name: "moved", version: "0.1", n: 9, lossy: "0.1.3", trap: true},
		{name: "moved", version: "0.2", seen: "Err(" + broken + ")", want: failures.FailureBroken},
	} {
		t.Run(fmt.Sprint(f.version, " ", f.name, " ", f.n), func(t *testing.T) {
			p, _ := start(t, f.version)
			f.check(t, p, calls[f.name](t.Context(), p.Failures, f.n))
		})
	}
}

func (f failure) check(t *testing.T, p *tracks.Tracks, err error) {
	t.Helper()
	if _, trapped := errors.AsType[*rt.Trap](err); trapped != f.trap {
		t.Errorf("got %v; the guest is stopped: %t, want %t", err, trapped, f.trap)
	}
	switch {
	case f.lossy != "":
		if !errors.Is(err, rt.ErrLossy) {
			t.Errorf("got %v, want what cannot be said in version %s", err, f.lossy)
		}
	case err != f.want: //nolint:errorlint // it is the very value
		t.Errorf("got %#v, want %#v", err, f.want)
	}
	if f.trap {
		return
	}
	seen, err := p.Seen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if last := append([]string{""}, seen...)[len(seen)]; last != f.seen {
		t.Errorf("the guest saw %q, want %q", last, f.seen)
	}
}

// TestLostReason has a guest fail for a reason that the host cannot be told.
func TestLostReason(t *testing.T) {
	ctx := t.Context()
	p, _ := start(t, "0.1")
	if _, err := p.Script(ctx, "some"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Failures.Bare(ctx, 3); !errors.Is(err, rt.ErrLossy) {
		t.Errorf("got %v, want what cannot be said", err)
	}
	if n, err := p.Failures.Bare(ctx, 3); n != 3 || err != nil {
		t.Errorf("after it: %d, %v", n, err)
	}
}
