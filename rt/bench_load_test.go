package rt_test

import (
	"context"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
	component "github.com/witgen/witgen/rt/internal/binary"
	rewrite "github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/types"
)

// BenchmarkLoad measures the phases of Compile one by one, and the whole. What
// it does beside compiling core code is reported by the last one, as a share
// of the whole.
func BenchmarkLoad(b *testing.B) {
	for _, lang := range languages {
		b.Run(lang, func(b *testing.B) { benchmarkLoad(b, readGuest(b, lang)) })
	}
	b.Run("10MB", func(b *testing.B) { benchmarkLoad(b, largeComponent(b, 10_000_000, "go", "rust", "c", "js")) })
}

func benchmarkLoad(b *testing.B, wasm []byte) {
	var tree *component.Component
	var checked *types.Component
	var p *plan.Plan
	own := make(map[string]time.Duration) // by phase
	phase := func(name string, run func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(wasm)))
			for b.Loop() {
				if err := run(); err != nil {
					b.Fatal(err)
				}
			}
			own[name] = b.Elapsed() / time.Duration(b.N)
		})
	}
	phase("decode", func() (err error) {
		tree, err = component.Decode(wasm)
		return err
	})
	phase("check", func() (err error) {
		checked, err = types.Check(tree)
		return err
	})
	phase("plan", func() (err error) {
		p, err = plan.Build(checked)
		return err
	})
	phase("rename", func() error {
		for _, im := range p.Images {
			if _, err := rewrite.Rename(im.Module, im.Names); err != nil {
				return err
			}
		}
		for _, im := range p.Unused {
			if _, err := rewrite.Rename(im.Module, im.Names); err != nil {
				return err
			}
		}
		return nil
	})
	b.Run("compile", func(b *testing.B) {
		ctx := context.Background()
		b.ReportAllocs()
		b.SetBytes(int64(len(wasm)))
		for b.Loop() {
			b.StopTimer() // a new engine, since one remembers what it compiled
			e, err := rt.NewEngine(ctx, rt.Config{})
			if err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			if _, err := e.Compile(ctx, wasm); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if err := e.Close(ctx); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
		all := b.Elapsed() / time.Duration(b.N)
		var load time.Duration
		for _, d := range own {
			load += d
		}
		b.ReportMetric(100*float64(load)/float64(all), "%load")
	})
}
