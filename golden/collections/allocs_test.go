//go:build !race

package collections_test

import (
	"context"
	"testing"

	"github.com/witgen/witgen/golden/collections/arrays"
	"github.com/witgen/witgen/golden/collections/collections"
	"github.com/witgen/witgen/golden/collections/maps"
	"github.com/witgen/witgen/rt/cm"
)

// mirror is a host that returns its arguments and allocates nothing.
type mirror struct {
	arrays.UnimplementedArrays
	maps.UnimplementedMaps
}

func (mirror) Most(_ context.Context, a [16]byte) ([16]byte, error)    { return a, nil }
func (mirror) TooMany(_ context.Context, a [17]byte) ([17]byte, error) { return a, nil }
func (mirror) Reals(_ context.Context, a [3]float32, b [3]float64) (reals, error) {
	return reals{F0: a, F1: b}, nil
}
func (mirror) Cells(_ context.Context, a [2]arrays.Cell, _ uint8) ([2]arrays.Cell, error) {
	return a, nil
}
func (mirror) Optional(_ context.Context, _ cm.Option[[2]uint32], b [2]cm.Option[uint32], _ cm.Result[[2]byte, [2]float32]) ([2]cm.Option[uint32], error) {
	return b, nil
}

// TestAllocs holds what a call through the guest to the host and back
// allocates: nothing for arrays.
func TestAllocs(t *testing.T) {
	ctx := context.Background()
	p := start(t, collections.Imports{Arrays: mirror{}, Maps: mirror{}})
	for _, test := range []struct {
		name string
		run  func() error
	}{
		{"bytes as core values", func() error { _, err := p.Arrays.Most(ctx, [16]byte{1}); return err }},
		{"bytes in memory", func() error { _, err := p.Arrays.TooMany(ctx, [17]byte{1}); return err }},
		{"floats", func() error { _, err := p.Arrays.Reals(ctx, [3]float32{1}, [3]float64{2}); return err }},
		{"records", func() error { _, err := p.Arrays.Cells(ctx, [2]arrays.Cell{}, 1); return err }},
		{"options", func() error {
			_, err := p.Arrays.Optional(ctx, cm.Some([2]uint32{}), [2]cm.Option[uint32]{}, cm.OK[[2]byte, [2]float32]([2]byte{}))
			return err
		}},
	} {
		var err error
		got := testing.AllocsPerRun(100, func() {
			if e := test.run(); e != nil {
				err = e
			}
		})
		if err != nil || got != 0 {
			t.Errorf("%s: %v allocations, want none, %v", test.name, got, err)
		}
	}
}
