//go:build !race

package rt_test

import (
	"context"
	"strings"
	"testing"
)

// TestAllocs holds what a call allocates: nothing, but for what it returns.
func TestAllocs(t *testing.T) {
	g := startCalls(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := strings.Repeat("x", 16)
	tests := []struct {
		name string
		want float64
		run  func() error
	}{
		{"add", 0, func() error { _, err := g.Add(ctx, 1, 2); return err }},
		{"echo", 1, func() error { _, err := g.Echo(ctx, s); return err }},
		{"10 host calls with numbers", 0, func() error { _, err := g.HostAdd(ctx, 1, 10); return err }},
		{"10 host calls with strings", 10, func() error { _, err := g.HostEcho(ctx, s, 10); return err }},
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
