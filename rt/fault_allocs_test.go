//go:build !race

package rt_test

import "testing"

// TestFault19Allocations: call with numbers, and have the guest call its host
// with numbers -> the Go side allocates nothing; with a string, that string.
func TestFault19Allocations(t *testing.T) {
	g := startCalls(t)
	ctx := t.Context()
	for _, test := range []struct {
		name string
		want float64
		run  func() error
	}{
		{"numbers", 0, func() error { _, err := g.Add(ctx, 1, 2); return err }},
		{"host call with numbers", 0, func() error { _, err := g.HostAdd(ctx, 1, 1); return err }},
		{"string", 1, func() error { _, err := g.Echo(ctx, "sixteen bytes ok"); return err }},
		{"host call with a string", 1, func() error { _, err := g.HostEcho(ctx, "sixteen bytes ok", 1); return err }},
	} {
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
