//go:build !race

package types_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/witgen/witgen/golden/types/base"
	"github.com/witgen/witgen/golden/types/choices"
	"github.com/witgen/witgen/golden/types/everything"
	"github.com/witgen/witgen/golden/types/failures"
	"github.com/witgen/witgen/golden/types/primitives"
	"github.com/witgen/witgen/golden/types/sequences"
	"github.com/witgen/witgen/golden/types/structures"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// mirror is a host that returns its arguments and allocates nothing.
type mirror struct {
	failures.UnimplementedFailures
	choices.UnimplementedChoices
	primitives.UnimplementedPrimitives
	sequences.UnimplementedSequences
	structures.UnimplementedStructures
}

func (mirror) Double(_ context.Context, a float64) (float64, error)               { return a, nil }
func (mirror) Chars(_ context.Context, a rune) (rune, error)                      { return a, nil }
func (mirror) Strings(_ context.Context, a, _ string) (string, error)             { return a, nil }
func (mirror) Blob(_ context.Context, a []byte) ([]byte, error)                   { return a, nil }
func (mirror) Doubles(_ context.Context, a []float64) ([]float64, error)          { return a, nil }
func (mirror) Texts(_ context.Context, a base.Names) ([]string, error)            { return a, nil }
func (mirror) LevelOf(_ context.Context, a base.Level) (base.Level, error)        { return a, nil }
func (mirror) Where(_ context.Context, a structures.Place) (base.Position, error) { return a, nil }
func (mirror) Shapes(_ context.Context, a choices.Shape) (choices.Shape, error)   { return a, nil }
func (mirror) Markers(_ context.Context, a choices.Marker) (choices.Marker, error) {
	return a, nil
}
func (mirror) Flat(_ context.Context, a base.Position, _ base.Level, _ base.Permissions, _ structures.ManyFlags, _ structures.FullFlags, _ structures.WideFlags) (base.Position, error) {
	return a, nil
}
func (mirror) OptionPosition(_ context.Context, a cm.Option[base.Position], _ cm.Option[[]byte]) (cm.Option[base.Position], error) {
	return a, nil
}
func (mirror) Fails(context.Context, uint8) (base.Position, error) { return base.Position{}, nil }
func (mirror) OnlyReason(context.Context, uint8) error             { return failures.ReasonNotFound }

// TestAllocs holds what a call through the guest to the host and back
// allocates: each list and each string once when it is lifted, which is on
// both ways here, and nothing for values without one.
func TestAllocs(t *testing.T) {
	ctx := context.Background()
	prepared, err := prepared()
	if err != nil {
		t.Fatal(err)
	}
	p, err := prepared.Instantiate(ctx, everything.Imports{
		Primitives: mirror{}, Sequences: mirror{}, Structures: mirror{}, Choices: mirror{}, Failures: mirror{},
	}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(ctx)
	s := "sixteen letters."
	bytes, doubles, texts := make([]byte, 1000), make([]float64, 1000), []string{s, s, s}
	var small, long, text choices.Shape = choices.ShapeSmall{Value: 1}, choices.ShapeLong{Value: 1 << 40}, choices.ShapeText{Value: s}
	pos := base.Position{Line: 1, Column: 2}
	for _, test := range []struct {
		name string
		want float64
		run  func() error
	}{
		{"f64", 0, func() error { _, err := p.Primitives.Double(ctx, 1); return err }},
		{"char", 0, func() error { _, err := p.Primitives.Chars(ctx, 'a'); return err }},
		{"string", 2, func() error { _, err := p.Primitives.Strings(ctx, s, ""); return err }},
		{"list<u8>", 2, func() error { _, err := p.Sequences.Blob(ctx, bytes); return err }},
		{"list<f64>", 2, func() error { _, err := p.Sequences.Doubles(ctx, doubles); return err }},
		{"list of 3 strings", 8, func() error { _, err := p.Sequences.Texts(ctx, texts); return err }},
		{"enum", 0, func() error { _, err := p.Structures.LevelOf(ctx, base.LevelInfo); return err }},
		{"record", 0, func() error { _, err := p.Structures.Where(ctx, pos); return err }},
		{"flags", 0, func() error { _, err := p.Structures.Flat(ctx, pos, 1, 1, 1, 1, 1); return err }},
		{"variant without payloads", 0, func() error { _, err := p.Choices.Markers(ctx, choices.MarkerThere{}); return err }},
		{"variant of a byte", 0, func() error { _, err := p.Choices.Shapes(ctx, small); return err }},
		{"variant of a number", 2, func() error { _, err := p.Choices.Shapes(ctx, long); return err }},
		{"variant of a string", 4, func() error { _, err := p.Choices.Shapes(ctx, text); return err }},
		{"option", 0, func() error { _, err := p.Choices.OptionPosition(ctx, cm.Some(pos), cm.None[[]byte]()); return err }},
		{"result that is ok", 0, func() error { _, err := p.Failures.Fails(ctx, 1); return err }},
		{"result that is err", 0, func() error {
			err := p.Failures.OnlyReason(ctx, 1)
			if r, ok := errors.AsType[failures.Reason](err); !ok || r != failures.ReasonNotFound {
				return fmt.Errorf("not what the host returned: %w", err)
			}
			return nil
		}},
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
