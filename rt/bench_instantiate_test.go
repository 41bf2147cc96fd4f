package rt_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	component "github.com/witgen/witgen/rt/internal/binary"
	rewrite "github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/types"
)

// coreFeatures are what core modules may use, as the runtime has it.
const coreFeatures = api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall | experimental.CoreFeaturesExtendedConst |
	experimental.CoreFeaturesExceptionHandling | experimental.CoreFeaturesTypedFunctionReferences

// bareModules are the core modules of a component on bare wazero: what is left
// of an instantiation when nothing is done but what wazero does.
type bareModules struct {
	runtime wazero.Runtime
	images  []wazero.CompiledModule
	steps   []bareStep
	host    api.Module // what the component's modules import of the outside, shared by all instances
}

// bareStep is an instantiation of a core module. Its imports are found by the
// module names in from: in the core instance of that number, or in the host
// module if it is negative.
type bareStep struct {
	image int
	from  map[string]int
}

func planOf(b *testing.B, wasm []byte) *plan.Plan {
	b.Helper()
	tree, err := component.Decode(wasm)
	if err != nil {
		b.Fatal(err)
	}
	checked, err := types.Check(tree)
	if err != nil {
		b.Fatal(err)
	}
	p, err := plan.Build(checked)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// bareImages are the core modules that a component has instances of.
func bareImages(b *testing.B, p *plan.Plan) (images [][]byte) {
	b.Helper()
	for _, im := range p.Images {
		image, err := rewrite.Rename(im.Module, im.Names)
		if err != nil {
			b.Fatal(err)
		}
		images = append(images, image)
	}
	return images
}

func newBareModules(b *testing.B, wasm []byte) *bareModules {
	b.Helper()
	p := planOf(b, wasm)
	ctx := context.Background()
	m := &bareModules{runtime: wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCoreFeatures(coreFeatures))}
	b.Cleanup(func() { m.runtime.Close(ctx) })
	for _, image := range bareImages(b, p) {
		compiled, err := m.runtime.CompileModule(ctx, image)
		if err != nil {
			b.Fatal(err)
		}
		m.images = append(m.images, compiled)
	}
	for _, s := range p.Steps {
		if s, ok := s.(plan.InstantiateModule); ok {
			from := make(map[string]int)
			for i, arg := range s.Args {
				from[p.Images[s.Image].Names[i].Module] = arg.Instance
			}
			m.steps = append(m.steps, bareStep{s.Image, from})
		}
	}
	m.provide(b, p)
	return m
}

// provide makes the host module. Guests call none of its functions while they
// start, or the floor would leave out work.
func (m *bareModules) provide(b *testing.B, p *plan.Plan) {
	b.Helper()
	ctx := context.Background()
	valueTypes := func(list []component.CoreValType) (types []api.ValueType) {
		for _, t := range list {
			types = append(types, t.Code)
		}
		return types
	}
	builder := m.runtime.NewHostModuleBuilder("host")
	for i, f := range p.Provided {
		builder.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(context.Context, api.Module, []uint64) {
			panic(errors.New("called provided function " + strconv.Itoa(i)))
		}), valueTypes(f.Type.Params), valueTypes(f.Type.Results)).Export(plan.ProvidedName(i))
	}
	compiled, err := builder.Compile(ctx)
	if err != nil {
		b.Fatal(err)
	}
	if m.host, err = m.runtime.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName("")); err != nil {
		b.Fatal(err)
	}
}

// instantiate makes the core instances in order and closes them again.
func (m *bareModules) instantiate(ctx context.Context) error {
	var step *bareStep
	modules := make([]api.Module, 0, len(m.steps))
	ctx = experimental.WithImportResolver(ctx, func(name string) api.Module {
		if i := step.from[name]; i >= 0 {
			return modules[i]
		}
		return m.host
	})
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	for i := range m.steps {
		step = &m.steps[i]
		mod, err := m.runtime.InstantiateModule(ctx, m.images[step.image], config)
		if err != nil {
			return err
		}
		modules = append(modules, mod)
	}
	for _, mod := range slices.Backward(modules) {
		if err := mod.Close(ctx); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkInstantiate starts an instance and closes it. The last benchmark of
// each guest does both by turns, which machines that are busy with other things
// disturb alike, and reports the ratio of the medians.
func BenchmarkInstantiate(b *testing.B) {
	ctx := context.Background()
	for _, lang := range languages {
		bare := newBareModules(b, readGuest(b, lang))
		p := prepare(b, guests.Plugin(lang+"/data-processor"))
		floor := func(b *testing.B) {
			if err := bare.instantiate(ctx); err != nil {
				b.Fatal(err)
			}
		}
		witgen := func(b *testing.B) {
			in, err := p.Instantiate(ctx, plugin.Imports{HostAPI: &host{}}, rt.InstanceConfig{})
			if err != nil {
				b.Fatal(err)
			}
			if err := in.Close(ctx); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(lang+"/by=floor", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				floor(b)
			}
		})
		b.Run(lang+"/by=witgen", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				witgen(b)
			}
		})
		b.Run(lang+"/ratio", func(b *testing.B) { benchmarkRatio(b, witgen, floor) })
	}
}

// benchmarkRatio does two things by turns and reports how long the first takes
// beside the second.
func benchmarkRatio(b *testing.B, first, second func(b *testing.B)) {
	timed := func(run func(b *testing.B)) func(b *testing.B) time.Duration {
		return func(b *testing.B) time.Duration {
			start := time.Now()
			run(b)
			return time.Since(start)
		}
	}
	benchmarkTurns(b, timed(first), timed(second))
}

// benchmarkTurns is benchmarkRatio for things that tell how long they took.
func benchmarkTurns(b *testing.B, first, second func(b *testing.B) time.Duration) {
	run := [2]func(b *testing.B) time.Duration{first, second}
	var took [2][]time.Duration
	for n := 0; b.Loop(); n++ {
		for i := range run {
			i ^= n % 2 // the garbage of the one is not always collected in the other
			took[i] = append(took[i], run[i](b))
		}
	}
	slices.Sort(took[0])
	slices.Sort(took[1])
	median := len(took[0]) / 2
	b.ReportMetric(float64(took[0][median])/float64(took[1][median]), "x-floor")
	b.ReportMetric(0, "ns/op") // of both together, which means nothing
}
