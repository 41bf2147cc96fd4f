package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkProcess is the command as people start it, in a new directory and in
// one where nothing changes. The budgets are those of [BenchmarkGenerate]; the
// metrics are of single runs.
func BenchmarkProcess(b *testing.B) {
	for _, bb := range []struct {
		name string
		fill func(b *testing.B, dir string)
	}{
		{"small", func(b *testing.B, dir string) {
			put(b, filepath.Join(dir, "wit", "small.wit"), []byte(smallWIT))
			put(b, filepath.Join(dir, "witgen.yaml"), []byte("generate: [{out: out}]\n"))
		}},
		{"WASI 0.2 in a world", func(b *testing.B, dir string) {
			put(b, filepath.Join(dir, "witgen.yaml"), fmt.Appendf(nil, "generate: [{wit: %q, out: out}]\n", allWASI(b)))
		}},
		{"WASI 0.2 world by world", everyWorld},
	} {
		b.Run(bb.name, func(b *testing.B) {
			dir := b.TempDir()
			put(b, filepath.Join(dir, "go.mod"), []byte("module example.com/app\n"))
			bb.fill(b, dir)
			b.Run("new", func(b *testing.B) { benchmarkProcess(b, dir, true) })
			b.Run("unchanged", func(b *testing.B) { benchmarkProcess(b, dir, false) })
		})
	}
}

// benchmarkProcess measures runs in a directory.
func benchmarkProcess(b *testing.B, dir string, fresh bool) {
	var times []time.Duration
	for b.Loop() {
		if fresh {
			b.StopTimer()
			if err := os.RemoveAll(filepath.Join(dir, "out")); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
		cmd := process(b, dir, nil, "generate")
		start := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[0].Microseconds())/1e3, "min-ms")
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1e3, "median-ms")
}

// everyWorld lays out each package of WASI 0.2 with the others in its deps, and
// a file with an entry for each of their worlds.
func everyWorld(b *testing.B, dir string) {
	b.Helper()
	const packages = "../../../shared/wasi-wit/0.2.12"
	entries, err := os.ReadDir(packages)
	if err != nil {
		b.Skip("the packages of WASI are not at ../shared/wasi-wit")
	}
	var file strings.Builder
	file.WriteString("generate:\n")
	for _, e := range entries {
		own := filepath.Join(dir, "wit", e.Name())
		if err := os.CopyFS(own, os.DirFS(filepath.Join(packages, e.Name()))); err != nil {
			b.Fatal(err)
		}
		for _, other := range entries {
			if other.Name() == e.Name() {
				continue
			}
			if err := os.CopyFS(filepath.Join(own, "deps", other.Name()), os.DirFS(filepath.Join(packages, other.Name()))); err != nil {
				b.Fatal(err)
			}
		}
		fmt.Fprintf(&file, "  - {wit: wit/%s, world: imports, out: out/%s, rename: {imports: All}}\n", e.Name(), e.Name())
	}
	file.WriteString("  - {wit: wit/cli, world: command, out: out/command}\n  - {wit: wit/http, world: proxy, out: out/proxy}\n")
	put(b, filepath.Join(dir, "witgen.yaml"), []byte(file.String()))
}
