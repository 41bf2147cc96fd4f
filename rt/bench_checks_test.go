package rt_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	component "github.com/witgen/witgen/rt/internal/binary"
	rewrite "github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/types"
)

// sides are two ways to do the same, as an array has them.
const (
	plain   = iota // without checks in the guest
	checked        // with them
)

// overhead is how much longer guests take with checks, by the names of what
// they do: the guest's, and after a slash the work's if there are several.
type overhead struct{ least, median map[string]float64 }

// mean returns the geometric mean: of guests, and of what a guest does.
func mean(ratios map[string]float64) float64 {
	logs, guests := make(map[string][]float64), []float64(nil)
	for name, r := range ratios {
		guest, _, _ := strings.Cut(name, "/")
		logs[guest] = append(logs[guest], math.Log(r))
	}
	average := func(list []float64) float64 {
		sum := 0.0
		for _, x := range list {
			sum += x
		}
		return sum / float64(len(list))
	}
	for _, list := range logs {
		guests = append(guests, average(list))
	}
	return math.Exp(average(guests))
}

// byTurns does the same work on both sides, by turns, and reports how long it
// takes: the median of all turns, and the ratios of the least and the median.
func (o *overhead) byTurns(b *testing.B, work [2]func()) {
	var took [2][]time.Duration
	work[plain]() // what is made at the first call
	work[checked]()
	runtime.LockOSThread() // whose clock it is
	defer runtime.UnlockOSThread()
	for n := 0; b.Loop(); n++ {
		for i := range work {
			i ^= n % 2
			runtime.GC() // what the other side left
			begin := clock()
			work[i]()
			took[i] = append(took[i], clock()-begin)
		}
	}
	ratio := func(of func([]time.Duration) time.Duration) float64 {
		return float64(of(took[checked])) / float64(of(took[plain]))
	}
	median := func(all []time.Duration) time.Duration {
		slices.Sort(all)
		return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
	}
	name := strings.TrimPrefix(b.Name(), "BenchmarkChecked/")
	o.least[name], o.median[name] = ratio(slices.Min[[]time.Duration]), ratio(median)
	b.ReportMetric(o.least[name], "x-min")
	b.ReportMetric(o.median[name], "x-median")
	b.ReportMetric(float64(median(took[plain]))/1e6, "ms-plain")
	b.ReportMetric(float64(median(took[checked]))/1e6, "ms-checked")
	b.ReportMetric(0, "ns/op") // of both together, which means nothing
}

// growth reports how much larger core modules get, and how much longer they
// take to compile, in up to three turns.
func growth(b *testing.B, size [2]int, compile [2]func()) {
	var least [2]time.Duration
	for n := 0; b.Loop(); n++ {
		if n == 3 {
			continue
		}
		for i := range compile {
			begin := time.Now() // it is done on other threads too
			compile[i]()
			if took := time.Since(begin); n == 0 || took < least[i] {
				least[i] = took
			}
		}
	}
	b.ReportMetric(float64(size[checked])/float64(size[plain]), "x-size")
	b.ReportMetric(float64(least[checked])/float64(least[plain]), "x-compile")
	b.ReportMetric(float64(least[plain])/1e6, "ms-plain")
	b.ReportMetric(float64(least[checked])/1e6, "ms-checked")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkChecked runs guests with checks at which they are interrupted, and
// the same guests without, by turns: make overhead
func BenchmarkChecked(b *testing.B) {
	o := &overhead{make(map[string]float64), make(map[string]float64)}
	var engines [2]*rt.Engine
	for i := range engines {
		engines[i] = ownEngine(b, rt.Config{Uninterrupted: i == plain})
	}
	b.Run("loop", func(b *testing.B) {
		var work [2]func()
		for i, e := range engines {
			in := startFrom(b, spinner.compile(b, e), hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue}))
			work[i] = func() { must(b, in, "count", uint32(10_000_000)) }
		}
		o.byTurns(b, work)
		clear(o.least) // no real guest
		clear(o.median)
	})
	for _, guest := range []struct {
		lang  string
		calls int
	}{{"rust", 10_000}, {"c", 10_000}, {"go", 3000}, {"js", 500}} {
		b.Run(guest.lang, func(b *testing.B) { o.byTurns(b, processing(b, engines, guest.lang, guest.calls)) })
	}
	benchmarkWasmTools(b, o)
	b.Run("mean", func(b *testing.B) {
		for b.Loop() {
			continue
		}
		b.ReportMetric(mean(o.least), "x-min")
		b.ReportMetric(mean(o.median), "x-median")
		b.ReportMetric(0, "ns/op")
	})
	for _, lang := range languages {
		b.Run("compile/"+lang, func(b *testing.B) { benchmarkGrowth(b, readGuest(b, lang)) })
	}
}

// processing is so many calls of a plugin, with an input of some length.
func processing(b *testing.B, engines [2]*rt.Engine, lang string, calls int) (work [2]func()) {
	b.Helper()
	ctx := context.Background()
	wasm, err := os.ReadFile(guests.Plugin(lang + "/image-processor"))
	if err != nil {
		b.Fatal(err)
	}
	input := pluginapi.ProcessRequest{Input: strings.Repeat("image ", 100), Options: []cm.Tuple2[string, string]{cm.T2("width", "1024"), cm.T2("format", "png")}}
	for i, e := range engines {
		c, err := e.Compile(ctx, wasm)
		if err != nil {
			b.Fatal(err)
		}
		p, err := plugin.Instantiate(ctx, c, plugin.Imports{HostAPI: soakHost{}}, rt.InstanceConfig{})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { p.Close(ctx); c.Close(ctx) })
		work[i] = func() {
			for range calls {
				if out, err := p.PluginAPI.Process(ctx, input); err != nil || len(out.Output) < len(input.Input) {
					b.Fatal(out, err)
				}
			}
		}
	}
	return work
}

// benchmarkGrowth compiles a component with checks and without.
func benchmarkGrowth(b *testing.B, wasm []byte) {
	tree, err := component.Decode(wasm)
	if err != nil {
		b.Fatal(err)
	}
	valid, err := types.Check(tree)
	if err != nil {
		b.Fatal(err)
	}
	p, err := plan.Build(valid)
	if err != nil {
		b.Fatal(err)
	}
	var size [2]int
	for _, im := range p.Images {
		in, err := rewrite.Instrument(im.Module, rewrite.Options{Interrupt: true})
		if err != nil {
			b.Fatal(err)
		}
		size[plain] += len(im.Module)
		size[checked] += len(in.Wasm)
	}
	var compile [2]func()
	for i := range compile {
		compile[i] = func() {
			e, err := rt.NewEngine(b.Context(), rt.Config{Uninterrupted: i == plain}) // one remembers what it compiled
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close(context.Background())
			if _, err := e.Compile(b.Context(), wasm); err != nil {
				b.Fatal(fmt.Errorf("compile: %w", err))
			}
		}
	}
	growth(b, size, compile)
}
