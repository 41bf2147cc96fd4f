package plugin_test

import (
	"context"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/examples/plugins/api/plugin"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// BenchmarkDo is what a slot adds to a call. By turns, so that all have the same
// machine, it calls a generated method of a bare instance under the same limits, the
// same method of an instance that a slot has, and nothing of one: of one caller, and
// of two at a time, who have a bare instance each. It says how long calls took in
// half of all turns, and in the quickest one, which has least of what else the
// machine did.
func BenchmarkDo(b *testing.B) {
	h := newHost(b)
	const name = "c/data-processor"
	s, err := plugin.Add(b.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(b, name)})
	if err != nil {
		b.Fatal(err)
	}
	wasm, err := os.ReadFile("../../examples/plugins/guests/" + name + ".wasm")
	if err != nil {
		b.Fatal(err)
	}
	component, err := h.Engine().Compile(b.Context(), wasm)
	if err != nil {
		b.Fatal(err)
	}
	var bare [2]*api.Plugin
	for i := range bare {
		if bare[i], err = api.Instantiate(b.Context(), component, api.Imports{HostAPI: host{}}, rt.InstanceConfig{Limits: pooled().Limits.RT()}); err != nil {
			b.Fatal(err)
		}
	}
	ctx := b.Context()
	shutdown := func(ctx context.Context, p *api.Plugin) error { return p.PluginAPI.Shutdown(ctx) }
	nothing := func(context.Context, *api.Plugin) error { return nil }
	ways := []way{
		{"bare", func(caller int) error { return shutdown(ctx, bare[caller]) }},
		{"slot", func(int) error { return s.Do(ctx, shutdown) }},
		{"nothing", func(int) error { return s.Do(ctx, nothing) }},
	}
	b.Run("one", func(b *testing.B) {
		byTurns(b, 1, ways)
		b.ReportMetric(testing.AllocsPerRun(1000, func() { _ = s.Do(ctx, nothing) }), "allocs/nothing")
	})
	b.Run("two", func(b *testing.B) { byTurns(b, len(bare), ways) })
}

// way is a way to make a call, of one of several callers.
type way struct {
	name string
	call func(caller int) error
}

// byTurns measures ways to make a call, and what the second one takes more than
// the first.
func byTurns(b *testing.B, callers int, ways []way) {
	const turn = 1000
	took := make([][]time.Duration, len(ways))
	for b.Loop() {
		for i, w := range ways {
			var work sync.WaitGroup
			begin := time.Now()
			for caller := range callers {
				work.Go(func() {
					for range turn {
						if err := w.call(caller); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			work.Wait()
			took[i] = append(took[i], time.Since(begin)/turn)
		}
	}
	b.ReportMetric(0, "ns/op")
	for i, w := range ways {
		slices.Sort(took[i])
		b.ReportMetric(quantile(took[i], 0.5), "ns/"+w.name)
		b.ReportMetric(quantile(took[i], 0), "least-ns/"+w.name)
	}
	b.ReportMetric(quantile(took[1], 0.5)-quantile(took[0], 0.5), "ns/more")
	b.ReportMetric(quantile(took[1], 0)-quantile(took[0], 0), "least-ns/more")
}

// BenchmarkReload reloads a plugin again and again while two callers call it, and
// says how long their calls took: half of them, all but a thousandth, and all. Beside
// that it says so of as many callers with nothing else to do on the machine, and with
// revisions that are made ready and never serve, which is all of a reload but the
// swap: what they take from callers is processors. Callers rest between their
// calls, so that those come at all times and not only when calls are quick. One of
// the two plugins has its instances started before the swap, the other by the first
// calls after it.
func BenchmarkReload(b *testing.B) {
	const callers = 2
	for _, of := range []struct {
		name string
		warm policy.Count
	}{{"warm", callers}, {"cold", 0}} {
		b.Run(of.name, func(b *testing.B) {
			grant := pooled()
			grant.Limits.MinIdle = of.warm
			s, err := plugin.Add(b.Context(), newHost(b), "data", world(), plugin.Options{Policy: grant, Source: guest(b, "c/data-processor")})
			if err != nil {
				b.Fatal(err)
			}
			n := byte(0)
			next := func(of byte) plugin.Source {
				n = (n + 1) % 13 // and so never what serves
				return another(b, "c/data-processor", of+n)
			}
			quiet := latencies(b, s, callers, func() { time.Sleep(time.Second) })
			reloads, begin := 0, time.Now()
			reload := latencies(b, s, callers, func() {
				for ; b.Loop(); reloads++ {
					if _, err := s.Load(b.Context(), next(0)); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(time.Since(begin))/float64(reloads), "ns/op")
			stage := latencies(b, s, callers, func() {
				for range reloads {
					r, err := s.Stage(b.Context(), next(13))
					if err != nil {
						b.Error(err)
						return
					}
					if err := s.Discard(r); err != nil {
						b.Error(err)
					}
				}
			})
			for _, of := range []struct {
				name string
				took []time.Duration
			}{{"quiet", quiet}, {"stage", stage}, {"reload", reload}} {
				b.ReportMetric(quantile(of.took, 0.5), of.name+"-p50-ns")
				b.ReportMetric(quantile(of.took, 0.999), of.name+"-p99.9-ns")
				b.ReportMetric(quantile(of.took, 1), of.name+"-max-ns")
			}
		})
	}
}

func quantile(sorted []time.Duration, q float64) float64 {
	return float64(sorted[min(int(q*float64(len(sorted))), len(sorted)-1)])
}

// latencies returns how long each call took while something was done, sorted.
func latencies(b *testing.B, s *plugin.Slot[*api.Plugin], callers int, do func()) []time.Duration {
	var over atomic.Bool
	var work sync.WaitGroup
	took := make([][]time.Duration, callers)
	for i := range took {
		work.Go(func() {
			for !over.Load() {
				begin := time.Now()
				if err := s.Do(b.Context(), func(ctx context.Context, p *api.Plugin) error { return p.PluginAPI.Shutdown(ctx) }); err != nil {
					b.Error(err)
					return
				}
				took[i] = append(took[i], time.Since(begin))
				time.Sleep(20 * time.Microsecond)
			}
		})
	}
	do()
	over.Store(true)
	work.Wait()
	all := slices.Concat(took...)
	slices.Sort(all)
	return all
}
