package plugin_test

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	api "github.com/witgen/witgen/examples/plugins/api/plugin"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
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
