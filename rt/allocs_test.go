//go:build !race

package rt_test

import (
	"context"
	"strings"
	"testing"

	guestapi "github.com/witgen/witgen/golden/calls/guest"
	"github.com/witgen/witgen/rt"
)

var string64K = strings.Repeat("x", 64<<10)

// TestAllocs holds what a call allocates: nothing, but for what it returns.
func TestAllocs(t *testing.T) {
	g := startCalls(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := strings.Repeat("x", 16)
	large, points, lines := make([]byte, 1<<20), make([]guestapi.Point, 1000), make([]guestapi.Line, 1000)
	for i := range lines {
		lines[i].Text = s
	}
	limited := startLimited(t, callsOn(t, ownEngine(t, rt.Config{})), rt.Limits{HostCalls: 10, HostBytes: 160, Lift: 16, Depth: 1}).Guest
	into := rt.WithBuffer(ctx, make([]byte, 0, 1<<20))
	tests := []struct {
		name string
		want float64
		run  func() error
	}{
		{"add", 0, func() error { _, err := g.Add(ctx, 1, 2); return err }},
		{"echo", 1, func() error { _, err := g.Echo(ctx, s); return err }},
		{"echo of 64 KiB", 1, func() error { _, err := g.Echo(ctx, string64K); return err }},
		{"bytes", 1, func() error { _, err := g.Bytes(ctx, large); return err }},
		{"bytes into a buffer", 0, func() error { _, err := g.Bytes(into, large); return err }},
		{"points", 1, func() error { _, err := g.Points(ctx, points); return err }},
		{"lines, whose strings share blocks", 1 + 16, func() error { _, err := g.Lines(ctx, lines); return err }},
		{"10 host calls with numbers", 0, func() error { _, err := g.HostAdd(ctx, 1, 10); return err }},
		{"10 host calls with strings", 10, func() error { _, err := g.HostEcho(ctx, s, 10); return err }},
		{"10 host calls with numbers, within limits", 0, func() error { _, err := limited.HostAdd(ctx, 1, 10); return err }},
		{"10 host calls with strings, within limits", 10, func() error { _, err := limited.HostEcho(ctx, s, 10); return err }},
	}
	for _, test := range tests {
		var err error
		got := testing.AllocsPerRun(100, func() {
			if e := test.run(); e != nil {
				err = e
			}
		})
		if err != nil || got != test.want {
			t.Errorf("%s: %v allocations, want %v, %v", test.name, got, test.want, err)
		}
	}
}
