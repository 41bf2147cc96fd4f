package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/witgen/witgen/rt/plugin"
)

// TestRecent has slots remember what happened, in so much memory.
func TestRecent(t *testing.T) {
	h := newHost(t)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Status().Events; len(got) != 1 || got[0].Kind != plugin.Swapped || got[0].Plugin != "data" || got[0].Time.IsZero() {
		t.Errorf("events at first: %+v", got)
	}
	for i := range 200 {
		s.Happen(plugin.Event{Kind: plugin.DeniedUse, Revision: "r", Text: fmt.Sprintf("denied %d", i%40)})
	}
	s.Happen(plugin.Event{Kind: plugin.StageFailed, Err: errors.New(strings.Repeat("é", 2000))})
	st := s.Status()
	if len(st.Events) != 2 || st.Events[1].Err != nil || len(st.Events[1].Text) > 1100 || !utf8.ValidString(st.Events[1].Text) {
		t.Errorf("events: %+v", st.Events)
	}
	if last := st.Denials[len(st.Denials)-1]; len(st.Denials) != 32 || st.Denied != 200 || last.Text != "denied 39" || last.Last.IsZero() {
		t.Errorf("%d denials of %d, the last %+v", len(st.Denials), st.Denied, last)
	}
	for range 3 {
		s.Happen(plugin.Event{Kind: plugin.DeniedUse, Revision: "r", Text: "denied 10"})
	}
	if got := s.Status().Denials; got[31].Text != "denied 10" || got[31].Count != 4 || len(got) != 32 {
		t.Errorf("the same again: %+v", got[31])
	}
	for i := range 100 {
		s.Happen(plugin.Event{Kind: plugin.BreakerMoved, Text: fmt.Sprint(i)})
	}
	if got := s.Status().Events; len(got) != 64 || got[0].Text != "36" || got[63].Text != "99" {
		t.Errorf("%d events from %q", len(got), got[0].Text)
	}
}

// TestOwnSource loads the slot's own source again, and holds a trial of another.
func TestOwnSource(t *testing.T) {
	seen := &events{}
	h := observed(t, seen)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	own := s.Status().Stable.Digest
	r, err := s.Stage(t.Context(), another(t, "c/data-processor", 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Canary(r, plugin.Ramp{}); err != nil {
		t.Fatal(err)
	}
	for _, hold := range []bool{true, true, false} {
		if err := s.Hold(hold); err != nil || s.Status().Held != hold {
			t.Errorf("held %v, %v", s.Status().Held, err)
		}
	}
	if got := seen.of(plugin.CanaryHeld); len(got) != 2 || got[0].Text != "canary held at 1%" || got[1].Text != "canary goes on from 1%" {
		t.Errorf("%+v", got)
	}
	if err := s.PromoteOf(own); err == nil || !strings.Contains(err.Error(), "and not "+own.Short()) {
		t.Errorf("promoted what is not tried out: %v", err)
	}
	if err := s.RollbackOf(t.Context(), own, ""); err == nil || s.Status().Canary == nil {
		t.Errorf("rolled back what is not tried out: %v", err)
	}
	if err := s.PromoteOf(r.Digest()); err != nil || s.Status().Stable.Digest != r.Digest() {
		t.Fatal(err)
	}
	if err := s.RollbackOf(t.Context(), own, ""); err == nil || s.Status().Stable.Digest != r.Digest() {
		t.Errorf("rolled back what does not serve: %v", err)
	}
	staged, err := s.Stage(t.Context(), plugin.Source{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Discard(staged); err != nil || staged.Digest() != own {
		t.Errorf("staged %v, %v", staged.Digest(), err)
	}
	if _, err := s.Retry(t.Context(), plugin.Source{}); err != nil || s.Status().Stable.Digest != own {
		t.Errorf("serves %v, %v", s.Status().Stable.Digest, err)
	}
}

// TestHostReady asks a host about all slots at once.
func TestHostReady(t *testing.T) {
	h := newHost(t)
	if err := h.Ready(); err != nil {
		t.Errorf("without slots: %v", err)
	}
	if _, err := plugin.Add(t.Context(), h, "good", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")}); err != nil {
		t.Fatal(err)
	}
	bad, err := plugin.Add(t.Context(), h, "bad", world(), plugin.Options{Policy: pooled(), Source: guest(t, "broken/hostile")})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Ready(); err != nil {
		t.Errorf("at first: %v", err)
	}
	for range 5 {
		_, _ = process(t.Context(), bad, "trap")
	}
	if err := h.Ready(); !errors.Is(err, plugin.ErrUnavailable) || !strings.Contains(err.Error(), "plugin bad") || strings.Contains(err.Error(), "good") {
		t.Errorf("with a breaker open: %v", err)
	}
	if err := h.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := h.Ready(); !errors.Is(err, plugin.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// counter counts what is logged.
type counter struct {
	slog.Handler
	n, unlogged atomic.Int64
}

func (c *counter) Enabled(context.Context, slog.Level) bool { return true }
func (c *counter) Handle(_ context.Context, r slog.Record) error {
	c.n.Add(1)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "unlogged" {
			c.unlogged.Add(int64(a.Value.Uint64()))
		}
		return true
	})
	return nil
}
func (c *counter) WithAttrs([]slog.Attr) slog.Handler { return c }
func (c *counter) WithGroup(string) slog.Handler      { return c }

// TestDenialsLogged has a plugin be denied something 2,000 times in a second: as many
// are logged as are remembered, and the next one says how many were not. All are told.
func TestDenialsLogged(t *testing.T) {
	c := &counter{}
	seen := &events{}
	h, err := plugin.New(t.Context(), plugin.Config{Logger: slog.New(c), Observer: seen})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(context.Background())
	s := add(t, h, "data", func(context.Context) error { return nil })
	c.n.Store(0)
	now := time.Now()
	for i := range 1000 {
		s.Happen(plugin.Event{Kind: plugin.DeniedUse, Time: now, Text: "denied: fs open /a"})
		s.Happen(plugin.Event{Kind: plugin.DeniedUse, Time: now, Text: fmt.Sprint("denied: fs open /", i)})
	}
	if n := c.n.Load(); n != 32 {
		t.Errorf("%d lines for 2,000 denials in a second", n)
	}
	s.Happen(plugin.Event{Kind: plugin.DeniedUse, Time: now.Add(time.Second), Text: "denied: fs open /a"})
	if n := c.n.Load(); n != 33 || c.unlogged.Load() != 1968 {
		t.Errorf("%d lines a second later, with %d left out", n, c.unlogged.Load())
	}
	if n, all := len(seen.of(plugin.DeniedUse)), s.Status().Denied; n != 2001 || all != 2001 {
		t.Errorf("told of %d, counted %d", n, all)
	}
}
