package core

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// Modules to measure checks on: run(n) takes n turns.
var (
	// An empty counting loop.
	benchLoop = testModule{
		types: []string{"\x01\x7f\x00"},
		funcs: []testFunc{{name: "run", code: "\x03\x40\x20\x00\x41\x01\x6b\x22\x00\x0d\x00\x0b"}},
	}
	// A loop with the call of a small function.
	benchLeaf = testModule{
		types: []string{"\x01\x7f\x00", "\x01\x7f\x01\x7f"},
		funcs: []testFunc{
			{name: "run", code: "\x03\x40\x20\x00\x10\x01\x22\x00\x0d\x00\x0b"},
			{typ: 1, code: "\x20\x00\x41\x01\x6b"},
		},
	}
	// A loop with the call of a function that could call another.
	benchCall = testModule{
		types: []string{"\x01\x7f\x00", "\x01\x7f\x01\x7f"},
		funcs: []testFunc{
			{name: "run", code: "\x03\x40\x20\x00\x10\x01\x22\x00\x0d\x00\x0b"},
			{typ: 1, code: "\x20\x00\x45\x04\x40\x41\x01\x10\x00\x0b\x20\x00\x41\x01\x6b"},
		},
	}
	// A function that calls itself twice, as Fibonacci numbers do.
	benchFib = testModule{
		types: []string{"\x01\x7f\x01\x7f", "\x01\x7f\x00"},
		funcs: []testFunc{
			{name: "run", typ: 1, code: "\x41\x16\x10\x01\x1a"},
			{typ: 0, code: "\x20\x00\x41\x02\x49\x04\x40\x20\x00\x0f\x0b\x20\x00\x41\x01\x6b\x10\x01\x20\x00\x41\x02\x6b\x10\x01\x6a"},
		},
	}
	// A loop that fills 64 bytes at most.
	benchFill = testModule{
		types:    []string{"\x01\x7f\x00"},
		funcs:    []testFunc{{name: "run", code: "\x03\x40\x41\x00\x41\x00\x20\x00\x41\x3f\x71\xfc\x0b\x00\x20\x00\x41\x01\x6b\x22\x00\x0d\x00\x0b"}},
		memories: []string{"\x00\x01"},
	}
	// A loop that copies 64 bytes at most.
	benchCopy = testModule{
		types:    []string{"\x01\x7f\x00"},
		funcs:    []testFunc{{name: "run", code: "\x03\x40\x41\x80\x01\x41\x00\x20\x00\x41\x3f\x71\xfc\x0a\x00\x00\x20\x00\x41\x01\x6b\x22\x00\x0d\x00\x0b"}},
		memories: []string{"\x00\x01"},
	}
)

func BenchmarkChecks(b *testing.B) {
	for _, bench := range []struct {
		name   string
		module testModule
	}{
		{"loop", benchLoop}, {"leaf", benchLeaf}, {"call", benchCall}, {"fill", benchFill}, {"copy", benchCopy}, {"fib", benchFib},
	} {
		b.Run(bench.name, func(b *testing.B) {
			w := newWorld(b, wazero.NewRuntimeConfigCompiler())
			module := bench.module.bytes()
			plain, err := w.InstantiateWithConfig(b.Context(), module, wazero.NewModuleConfig().WithName(""))
			if err != nil {
				b.Fatal(err)
			}
			checked, err := w.instrumented(module, &meter{budget: math.MaxInt64, slice: 1_000_000})
			if err != nil {
				b.Fatal(err)
			}
			f, g := plain.ExportedFunction("run"), checked.ExportedFunction("run")
			const turns = 100_000
			inTurns(b, turns, func() { f.Call(b.Context(), turns) }, func() { g.Call(b.Context(), turns) })
		})
	}
}

func BenchmarkGuests(b *testing.B) {
	modules := pluginModules(b)
	for _, lang := range []string{"c", "rust", "go"} {
		b.Run(lang, func(b *testing.B) {
			w := newWorld(b, wazero.NewRuntimeConfigCompiler())
			wasi_snapshot_preview1.MustInstantiate(b.Context(), w)
			plain, checked := newGuest(w, modules[lang], false), newGuest(w, modules[lang], true)
			input := strings.Repeat("image ", 1000)
			inTurns(b, 1, func() { plain.work(input) }, func() { checked.work(input) })
		})
	}
}

// inTurns runs both functions in turns and reports what each takes for one of
// n turns, as the median, and their ratio.
func inTurns(b *testing.B, n float64, plain, checked func()) {
	var without, with []time.Duration
	for b.Loop() {
		begin := time.Now()
		plain()
		between := time.Now()
		checked()
		without, with = append(without, between.Sub(begin)), append(with, time.Since(between))
	}
	slices.Sort(without)
	slices.Sort(with)
	p, c := float64(without[len(without)/2])/n, float64(with[len(with)/2])/n
	b.ReportMetric(p, "ns/plain")
	b.ReportMetric(c, "ns/checked")
	b.ReportMetric(c/p, "ratio")
}

func BenchmarkInstrument(b *testing.B) {
	for lang, module := range pluginModules(b) {
		b.Run(lang, func(b *testing.B) {
			b.SetBytes(int64(len(module)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Instrument(module, Options{Interrupt: true, Stack: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkInstance makes instances of a module without and with checks.
func BenchmarkInstance(b *testing.B) {
	ctx := b.Context()
	plain := benchCall.bytes()
	in := again(b, plain, Options{Interrupt: true})
	for _, bench := range []struct {
		name   string
		module []byte
	}{{"plain", plain}, {"checked", in.Wasm}} {
		b.Run(bench.name, func(b *testing.B) {
			w := newWorld(b, wazero.NewRuntimeConfigCompiler())
			interrupt := w.reference(&meter{})
			code, err := w.CompileModule(ctx, bench.module)
			if err != nil {
				b.Fatal(err)
			}
			config := wazero.NewModuleConfig().WithName("")
			b.ReportAllocs()
			for b.Loop() {
				m, err := w.InstantiateModule(ctx, code, config)
				if err != nil {
					b.Fatal(err)
				}
				if g, ok := m.ExportedGlobal(in.Interrupt).(api.MutableGlobal); ok {
					g.Set(interrupt)
				}
				m.Close(ctx)
			}
		})
	}
}
