package rt_test

import (
	"context"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/witgen/witgen/golden/collections/arrays"
	"github.com/witgen/witgen/golden/collections/collections"
	"github.com/witgen/witgen/golden/collections/maps"
	"github.com/witgen/witgen/golden/types/base"
	"github.com/witgen/witgen/golden/types/choices"
	"github.com/witgen/witgen/golden/types/everything"
	"github.com/witgen/witgen/golden/types/failures"
	"github.com/witgen/witgen/golden/types/primitives"
	"github.com/witgen/witgen/golden/types/sequences"
	"github.com/witgen/witgen/golden/types/structures"
	echoes "github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/internal/echo/values"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

// generated is a world with packages of generated code.
type generated struct {
	name, source string
	// start starts a guest and returns its exports, as a host of the world.
	start func(ctx context.Context, c *rt.Component, config rt.InstanceConfig) ([]rt.Import, func(context.Context) error, error)
}

func generatedWorlds() []generated {
	return []generated{
		{"types", "../golden/types/wit/types.wit", func(ctx context.Context, c *rt.Component, config rt.InstanceConfig) ([]rt.Import, func(context.Context) error, error) {
			p, err := everything.Instantiate(ctx, c, everything.Imports{
				Primitives: primitives.UnimplementedPrimitives{}, Sequences: sequences.UnimplementedSequences{},
				Structures: structures.UnimplementedStructures{}, Choices: choices.UnimplementedChoices{}, Failures: failures.UnimplementedFailures{},
			}, config)
			if err != nil {
				return nil, nil, err
			}
			return []rt.Import{
				{Interface: base.Interface}, primitives.Import(p.Primitives), sequences.Import(p.Sequences),
				structures.Import(p.Structures), choices.Import(p.Choices), failures.Import(p.Failures),
			}, p.Close, nil
		}},
		{"collections", "../golden/collections/wit/collections.wit", func(ctx context.Context, c *rt.Component, config rt.InstanceConfig) ([]rt.Import, func(context.Context) error, error) {
			p, err := collections.Instantiate(ctx, c, collections.Imports{Arrays: arrays.UnimplementedArrays{}, Maps: maps.UnimplementedMaps{}}, config)
			if err != nil {
				return nil, nil, err
			}
			return []rt.Import{arrays.Import(p.Arrays), maps.Import(p.Maps)}, p.Close, nil
		}},
	}
}

// TestEchoGenerated makes calls with random values of a guest whose host is
// what another guest exports, both as generated code has them: from there they
// go to a host that checks them. Each value goes through generated code that
// lifts it out of the one guest and lowers it into the other.
func TestEchoGenerated(t *testing.T) {
	for _, g := range generatedWorlds() {
		for n, enc := range echoes.Encodings {
			t.Run(g.name+" "+enc.String(), func(t *testing.T) {
				w := g.load(t)
				other := echoes.Apart(w)
				h := &echoHost{equal: equalSettled}
				config := rt.InstanceConfig{Host: h.instances(other)}
				imports, end, err := g.start(t.Context(), echoComponent(t, other, echoes.Encodings[(n+1)%3]), config)
				if err != nil {
					t.Fatal(err)
				}
				defer end(t.Context())
				in, err := linkedTo(t.Context(), echoComponent(t, w, enc), imports)
				if err != nil {
					t.Fatal(err)
				}
				defer in.Close(t.Context())
				if err := h.random(t.Context(), in, w, rand.New(rand.NewPCG(uint64(n), *seed)), *rounds/2); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func (g generated) load(t *testing.T) *wit.World {
	t.Helper()
	source, err := os.ReadFile(g.source)
	if err != nil {
		t.Fatal(err)
	}
	w, err := loadWorld(string(source))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// echoComponent compiles a guest for the test.
func echoComponent(t *testing.T, w *wit.World, e echoes.Encoding) *rt.Component {
	t.Helper()
	wasm, err := echoes.Component(w, e)
	if err != nil {
		t.Fatal(err)
	}
	eng, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c, err := eng.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// linkedTo starts an instance for dynamic calls with a host of generated code.
func linkedTo(ctx context.Context, c *rt.Component, imports []rt.Import) (*rt.Instance, error) {
	w := rt.World{Name: "test"}
	for _, im := range imports {
		w.Imports = append(w.Imports, im.Interface)
	}
	l, err := c.Link(w)
	if err != nil {
		return nil, err
	}
	return l.Instantiate(ctx, imports, rt.InstanceConfig{})
}

// equalSettled compares values that have been through generated code: maps
// have each key once and are in no order that counts.
func equalSettled(got, want rt.Value) bool {
	return values.Equal(values.Settled(got), values.Settled(want))
}
