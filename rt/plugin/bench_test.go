package plugin_test

import (
	"context"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/internal/guests"
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
	wasm, err := os.ReadFile(guests.Plugin(name))
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
// says how long all calls took but a thousandth. What of that is the machine's is for
// the same callers to say: by turns with the reloads they have the machine for
// themselves, and then beside a compiler of the same bytes that knows of no slot. And
// while there are reloads each of them also calls a bare instance of the component, and
// allocates as much as a slot does for a call: an allocation may have to wait for the
// garbage collector, which has much to do where something is compiled. So "reload"
// over "bare" is what slots have to do with it. Callers rest between their calls,
// so that those come at all times and not only when calls are quick.
//
// The plugin has instances kept ready, or none but what its calls leave, or instances
// kept ready and a cache directory that has all that is compiled. A turn takes a fifth
// of a second, of which there should be a hundred.
func BenchmarkReload(b *testing.B) {
	for _, of := range []struct {
		name   string
		idle   policy.Count
		cached bool
	}{{"warm", callers, false}, {"cold", 0, false}, {"cached", callers, true}} {
		b.Run(of.name, func(b *testing.B) {
			c := plugin.Config{Logger: quiet}
			if of.cached {
				c.Engine.CacheDir = b.TempDir()
			}
			benchmarkReload(b, hosting(b, c), of.idle)
		})
	}
}

// hosting returns a host that is closed in the end.
func hosting(b *testing.B, c plugin.Config) *plugin.Host {
	b.Helper()
	h, err := plugin.New(b.Context(), c)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			b.Error(err)
		}
	})
	return h
}

func benchmarkReload(b *testing.B, h *plugin.Host, idle policy.Count) {
	grant := pooled()
	grant.Limits.MinIdle = idle
	s, err := plugin.Add(b.Context(), h, "data", world(), plugin.Options{Policy: grant, Source: guest(b, "c/data-processor")})
	if err != nil {
		b.Fatal(err)
	}
	wasm, err := os.ReadFile(guests.Plugin("c/data-processor"))
	if err != nil {
		b.Fatal(err)
	}
	next := 0
	another := func() []byte { // than what serves, or is compiled
		next = (next + 1) % 64
		return append(wasm[:len(wasm):len(wasm)], 0, 2, 1, byte(next))
	}
	compile := func() error {
		c, err := h.Engine().Compile(b.Context(), another())
		if err != nil {
			return err
		}
		return c.Close(b.Context())
	}
	reload := func() error {
		_, err := s.Load(b.Context(), plugin.Bytes("data", another()))
		return err
	}
	rest := func() error { time.Sleep(time.Millisecond); return nil }
	for range 64 { // what the cache has then
		if err := compile(); err != nil {
			b.Fatal(err)
		}
	}

	inSlot := func() error { return s.Do(b.Context(), shutdown) }
	bare := bareCalls(b, h)
	phases := []struct {
		name string
		do   func() error
		slot []time.Duration // how long calls took
		bare []time.Duration
		n    int
		took time.Duration
	}{{name: "quiet", do: rest}, {name: "compile", do: compile}, {name: "reload", do: reload}}
	for b.Loop() {
		for i := range phases {
			p := &phases[i]
			begin := time.Now()
			slot, bare := latencies(b, inSlot, bare, func() {
				for ; time.Since(begin) < 60*time.Millisecond; p.n++ {
					if err := p.do(); err != nil {
						b.Error(err)
						return
					}
				}
			})
			p.took += time.Since(begin)
			p.slot, p.bare = append(p.slot, slot...), append(p.bare, bare...)
		}
	}
	b.ReportMetric(0, "ns/op")
	for i := range phases {
		p := &phases[i]
		b.ReportMetric(quantile(p.slot, 0.999), p.name+"-p99.9-ns")
		b.ReportMetric(quantile(p.slot, 1), p.name+"-max-ns")
		if i > 0 {
			b.ReportMetric(float64(p.took)/float64(p.n), "ns/"+p.name)
		}
	}
	reloads := &phases[2]
	b.ReportMetric(quantile(reloads.bare, 0.999), "bare-p99.9-ns")
	b.ReportMetric(quantile(reloads.slot, 0.999)/quantile(reloads.bare, 0.999), "reload/bare")
}

// callers is how many call at a time.
const callers = 2

func shutdown(ctx context.Context, p *api.Plugin) error { return p.PluginAPI.Shutdown(ctx) }

// bareCalls returns for each caller what calls an instance of its own, and allocates
// as slots do.
func bareCalls(b *testing.B, h *plugin.Host) (calls []func() error) {
	b.Helper()
	wasm, err := os.ReadFile(guests.Plugin("c/data-processor"))
	if err != nil {
		b.Fatal(err)
	}
	component, err := h.Engine().Compile(b.Context(), wasm)
	if err != nil {
		b.Fatal(err)
	}
	for range callers {
		p, err := api.Instantiate(b.Context(), component, api.Imports{HostAPI: host{}}, rt.InstanceConfig{Limits: pooled().Limits.RT()})
		if err != nil {
			b.Fatal(err)
		}
		var kept *[18]*byte // of as many bytes as a slot's call
		calls = append(calls, func() error {
			kept = new([18]*byte)
			defer runtime.KeepAlive(kept)
			return shutdown(b.Context(), p)
		})
	}
	return calls
}

func quantile(all []time.Duration, q float64) float64 {
	slices.Sort(all)
	return float64(all[min(int(q*float64(len(all))), len(all)-1)])
}

// latencies returns how long each call took while something was done: those of the
// slot, and those of bare instances.
func latencies(b *testing.B, inSlot func() error, bare []func() error, do func()) (slot, alone []time.Duration) {
	var over atomic.Bool
	var work sync.WaitGroup
	took := make([][2][]time.Duration, callers)
	for i := range took {
		work.Go(func() {
			for !over.Load() {
				for k, call := range []func() error{inSlot, bare[i]} {
					begin := time.Now()
					if err := call(); err != nil {
						b.Error(err)
						return
					}
					took[i][k] = append(took[i][k], time.Since(begin))
					time.Sleep(20 * time.Microsecond)
				}
			}
		})
	}
	do()
	over.Store(true)
	work.Wait()
	for _, t := range took {
		slot, alone = append(slot, t[0]...), append(alone, t[1]...)
	}
	return slot, alone
}
