package plugin_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/witgen/witgen/rt/plugin"
)

// TestEventsFromTheCall is told of what happens before the loop over it begins.
func TestEventsFromTheCall(t *testing.T) {
	h := newHost(t)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	all := h.Events(t.Context())
	for i := range 300 {
		s.Happen(plugin.Event{Kind: plugin.BreakerMoved, Text: fmt.Sprint(i)})
	}
	var got []string
	for e := range all {
		if got = append(got, e.Text); e.Text == "299" {
			s.Happen(plugin.Event{Kind: plugin.BreakerMoved, Text: "in the loop"})
		}
		if e.Text == "in the loop" {
			break
		}
	}
	if len(got) != 257 || got[0] != "44" || got[255] != "299" {
		t.Errorf("%d events: %q", len(got), got)
	}
	s.Happen(plugin.Event{Kind: plugin.BreakerMoved, Text: "after it"})
	for e := range all {
		t.Errorf("told of %q after the loop", e.Text)
	}
}

// TestEventsEnd ends loops with their context and with the host, of which the
// last events are told.
func TestEventsEnd(t *testing.T) {
	h, err := plugin.New(t.Context(), plugin.Config{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended, last := h.Events(ctx), h.Events(t.Context())
	cancel()
	for range ended {
		s.Happen(plugin.Event{Kind: plugin.BreakerMoved}) // more, if it went on
	}
	if err := h.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var kinds []plugin.EventKind
	for e := range last {
		kinds = append(kinds, e.Kind)
	}
	if !slices.Contains(kinds, plugin.Retired) {
		t.Errorf("told of %v", kinds)
	}
}
