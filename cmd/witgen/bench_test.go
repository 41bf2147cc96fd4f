package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// smallWIT is a small world.
const smallWIT = `package acme:small@1.0.0;
interface store { get: func(key: string) -> option<string>; }
world small { import store; export store; }
`

// BenchmarkGenerate is the command but for the start of its process: it reads
// the WIT, generates, compares and writes. The budgets are 30 ms for a small
// world and 300 ms for all of WASI.
func BenchmarkGenerate(b *testing.B) {
	small := filepath.Join(b.TempDir(), "small.wit")
	put(b, small, []byte(smallWIT))
	for _, bb := range []struct {
		name string
		path func(b *testing.B) string
		args []string
	}{
		{"small", func(*testing.B) string { return small }, nil},
		{"WASI 0.2", allWASI, nil},
	} {
		b.Run(bb.name, func(b *testing.B) {
			path := bb.path(b)
			generate := func(b *testing.B, out string) {
				var stderr bytes.Buffer
				args := append([]string{"generate", path, "--package-root", "example.com/x", "--out", out}, bb.args...)
				if code := run(args, io.Discard, &stderr); code != exitOK {
					b.Fatalf("exit code %d\n%s", code, &stderr)
				}
			}
			b.Run("new", func(b *testing.B) {
				b.ReportAllocs()
				dir := b.TempDir()
				for b.Loop() {
					out := filepath.Join(dir, "out")
					generate(b, out)
					b.StopTimer()
					if err := os.RemoveAll(out); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
			})
			b.Run("unchanged", func(b *testing.B) {
				b.ReportAllocs()
				out := filepath.Join(b.TempDir(), "out")
				for b.Loop() {
					generate(b, out)
				}
			})
		})
	}
}

// allWASI returns a directory with all of WASI 0.2 in a world.
func allWASI(b *testing.B) string {
	b.Helper()
	const packages = "../../../shared/wasi-wit/0.2.12"
	if _, err := os.Stat(packages); err != nil {
		b.Skip("the packages of WASI are not at ../shared/wasi-wit")
	}
	dir := b.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "deps"), os.DirFS(packages)); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "all.wit"), []byte(`package acme:all;
world all {
	include wasi:cli/command@0.2.12;
	include wasi:http/proxy@0.2.12;
}
`), 0o666); err != nil {
		b.Fatal(err)
	}
	return dir
}
