//go:build !race

package resources_test

import (
	"context"
	"testing"

	"github.com/witgen/witgen/golden/resources/store"
	"github.com/witgen/witgen/golden/resources/timers"
	"github.com/witgen/witgen/rt"
)

// TestAllocs holds what methods allocate: nothing, whether the guest has the
// resource or the host.
func TestAllocs(t *testing.T) {
	ctx := context.Background()
	h := new(shelf)
	in := start(t, h, h, rt.Limits{})
	timer := must[timers.Timer](t)(in.Work.Start(ctx, 1))
	other := must[timers.Timer](t)(in.Work.Start(ctx, 1))
	cursor := must[store.Cursor](t)(in.Store.Open(ctx, "a/b"))
	s := h.source(0)
	for _, test := range []struct {
		name string
		want float64
		run  func() error
	}{
		{"method of a guest's resource", 0, func() error { _, err := timer.Tick(ctx); return err }},
		{"guest's resource lent", 0, func() error { _, err := timer.CloseTo(ctx, other); return err }},
		{"method of a guest's that calls one of a host's", 0, func() error { _, err := cursor.Position(ctx); return err }},
		// The resource, and the guest's handle to it.
		{"host's resource lent", 2, func() error { s.n = 0; _, err := in.Work.Sum(ctx, s); return err }},
		{"10 methods of a host's resource", 2, func() error { s.n = 10; _, err := in.Work.Sum(ctx, s); return err }},
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

// BenchmarkMethod is what a method of a resource takes: of the guest's, as the
// host calls it, and of the host's, as the guest calls it. The first two are
// plain functions, to compare with.
func BenchmarkMethod(b *testing.B) {
	ctx := context.Background()
	h := new(shelf)
	in := start(b, h, h, rt.Limits{})
	timer, err := in.Work.Start(ctx, 1)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("function", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := in.Work.Running(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("guest", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := timer.Tick(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("host", func(b *testing.B) {
		b.ReportAllocs()
		s := h.source(uint32(b.N))
		if n, err := in.Work.Sum(ctx, s); err != nil {
			b.Fatal(n, err)
		}
	})
	b.Run("made and closed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			t, err := in.Work.Start(ctx, 1)
			if err != nil {
				b.Fatal(err)
			}
			if err := t.Close(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}
