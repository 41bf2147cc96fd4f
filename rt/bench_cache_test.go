package rt_test

import (
	"context"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/witgen/witgen/rt"
)

// BenchmarkLoadCached compiles components whose code is in a cache directory,
// each time in a new engine, which is not part of the time. The floor is what
// wazero takes for the core modules alone, without checks in them, of a cache
// directory of its own.
func BenchmarkLoadCached(b *testing.B) {
	for _, lang := range languages {
		wasm := readGuest(b, lang)
		floor, witgen := loadBare(b, wasm), loadCached(b, wasm)
		for _, by := range []struct {
			name string
			load func(b *testing.B) time.Duration
		}{{"floor", floor}, {"witgen", witgen}} {
			b.Run(lang+"/by="+by.name, func(b *testing.B) {
				var took time.Duration
				for b.Loop() {
					took += by.load(b)
				}
				b.ReportMetric(float64(took)/float64(b.N), "ns/op")
			})
		}
		b.Run(lang+"/ratio", func(b *testing.B) { benchmarkTurns(b, witgen, floor) })
	}
}

// loadBare returns what loads the core modules of a component on bare wazero.
func loadBare(b *testing.B, wasm []byte) func(b *testing.B) time.Duration {
	b.Helper()
	ctx := context.Background()
	images := bareImages(b, planOf(b, wasm))
	dir := b.TempDir()
	load := func(b *testing.B) time.Duration {
		cache, err := wazero.NewCompilationCacheWithDir(dir)
		if err != nil {
			b.Fatal(err)
		}
		r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCoreFeatures(coreFeatures).WithCompilationCache(cache))
		start := time.Now()
		for _, image := range images {
			if _, err := r.CompileModule(ctx, image); err != nil {
				b.Fatal(err)
			}
		}
		took := time.Since(start)
		if err := r.Close(ctx); err != nil {
			b.Fatal(err)
		}
		if err := cache.Close(ctx); err != nil {
			b.Fatal(err)
		}
		return took
	}
	load(b)
	return load
}

// loadCached returns what loads a component.
func loadCached(b *testing.B, wasm []byte) func(b *testing.B) time.Duration {
	b.Helper()
	ctx := context.Background()
	dir, stored := b.TempDir(), false
	load := func(b *testing.B) time.Duration {
		e, err := rt.NewEngine(ctx, rt.Config{CacheDir: dir})
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if _, err := e.Compile(ctx, wasm); err != nil {
			b.Fatal(err)
		}
		took := time.Since(start)
		if use := e.Cache(); use.Misses > 0 == stored || use.Last != nil {
			b.Fatalf("%d misses, stored before: %v, %v", use.Misses, stored, use.Last)
		}
		if err := e.Close(ctx); err != nil {
			b.Fatal(err)
		}
		return took
	}
	load(b)
	stored = true
	return load
}
