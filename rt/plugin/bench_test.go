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
// machine, it calls a generated method of a bare instance under the same limits and
// with a deadline, the same method of an instance that a slot has, and nothing of
// one.
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
	bare, err := api.Instantiate(b.Context(), component, api.Imports{HostAPI: host{}}, rt.InstanceConfig{Limits: pooled().Limits.RT()})
	if err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	shutdown := func(ctx context.Context, p *api.Plugin) error { return p.PluginAPI.Shutdown(ctx) }
	nothing := func(context.Context, *api.Plugin) error { return nil }
	const turn = 2000
	ways := []struct {
		name string
		call func() error
	}{
		{"bare", func() error { return shutdown(ctx, bare) }},
		{"slot", func() error { return s.Do(ctx, shutdown) }},
		{"nothing", func() error { return s.Do(ctx, nothing) }},
	}
	took := make([][]time.Duration, len(ways))
	for b.Loop() {
		for i, w := range ways {
			begin := time.Now()
			for range turn {
				if err := w.call(); err != nil {
					b.Fatal(err)
				}
			}
			took[i] = append(took[i], time.Since(begin))
		}
	}
	median := func(i int) float64 {
		slices.Sort(took[i])
		return float64(took[i][len(took[i])/2]) / turn
	}
	b.ReportMetric(0, "ns/op")
	for i, w := range ways {
		b.ReportMetric(median(i), "ns/"+w.name)
	}
	b.ReportMetric(median(1)-median(0), "ns/more")
	b.ReportMetric(testing.AllocsPerRun(1000, func() { _ = s.Do(ctx, nothing) }), "allocs/nothing")
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
