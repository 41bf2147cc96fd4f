package rt_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	rewrite "github.com/witgen/witgen/rt/internal/core"
)

// wasmTools returns a large program: wasm-tools, as the module
// go.bytecodealliance.org carries it for WASI 0.1.
func wasmTools(b *testing.B) []byte {
	b.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", "go.bytecodealliance.org").Output()
	if err != nil {
		b.Skip("the module that carries wasm-tools cannot be had: ", err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		b.Fatal(err)
	}
	f, err := os.Open(filepath.Join(module.Dir, "internal", "wasmtools", "wasm-tools.wasm.gz"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	wasm, err := io.ReadAll(z)
	if err != nil {
		b.Fatal(err)
	}
	return wasm
}

// command is a program for WASI 0.1 on bare wazero, with checks or without.
type command struct {
	b       *testing.B
	runtime wazero.Runtime
	code    wazero.CompiledModule
	dir     string                // its root directory
	in      *rewrite.Instrumented // nil without checks
	refill  uint64
	fuel    api.MutableGlobal // of the instance that runs
}

func newCommand(b *testing.B, wasm []byte, dir string, checks bool) *command {
	b.Helper()
	ctx := context.Background()
	c := &command{b: b, dir: dir, runtime: wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCoreFeatures(coreFeatures).WithDebugInfoEnabled(false))}
	b.Cleanup(func() { c.runtime.Close(ctx) })
	wasi_snapshot_preview1.MustInstantiate(ctx, c.runtime)
	if checks {
		c.check(ctx, &wasm)
	}
	var err error
	if c.code, err = c.runtime.CompileModule(ctx, wasm); err != nil {
		b.Fatal(err)
	}
	return c
}

// check puts checks into the program. What they call does as the runtime does.
func (c *command) check(ctx context.Context, wasm *[]byte) {
	var err error
	if c.in, err = rewrite.Instrument(*wasm, rewrite.Options{Interrupt: true}); err != nil {
		c.b.Fatal(err)
	}
	*wasm = c.in.Wasm
	refill := api.GoModuleFunc(func(ctx context.Context, _ api.Module, _ []uint64) {
		if err := ctx.Err(); err != nil {
			panic(err)
		}
		c.fuel.Set(c.fuel.Get() + 1_000_000)
	})
	if _, err := c.runtime.NewHostModuleBuilder("host").NewFunctionBuilder().WithGoModuleFunction(refill, nil, nil).Export("refill").Instantiate(ctx); err != nil {
		c.b.Fatal(err)
	}
	reference, err := c.runtime.Instantiate(ctx, rewrite.Reference(rewrite.Binding{Module: "host", Name: "refill"}))
	if err != nil {
		c.b.Fatal(err)
	}
	c.refill = reference.ExportedGlobal(rewrite.ReferenceExport).Get()
}

// run runs the program and returns what it writes.
func (c *command) run(args ...string) string {
	ctx := context.Background()
	var out, diagnostics bytes.Buffer
	m, err := c.runtime.InstantiateModule(ctx, c.code, wazero.NewModuleConfig().WithName("").WithStartFunctions().
		WithArgs(append([]string{"wasm-tools"}, args...)...).WithStdout(&out).WithStderr(&diagnostics).
		WithFSConfig(wazero.NewFSConfig().WithReadOnlyDirMount(c.dir, "/")).WithRandSource(rand.Reader))
	if err != nil {
		c.b.Fatal(err)
	}
	defer m.Close(ctx)
	if c.in != nil {
		c.fuel = m.ExportedGlobal(c.in.Fuel).(api.MutableGlobal)
		m.ExportedGlobal(c.in.Interrupt).(api.MutableGlobal).Set(c.refill)
		if c.in.Start != "" {
			c.b.Fatal("it has a start function")
		}
	}
	_, err = m.ExportedFunction("_start").Call(ctx)
	if exit, ok := errors.AsType[*sys.ExitError](err); err != nil && (!ok || exit.ExitCode() != 0) {
		c.b.Fatal(err, diagnostics.String())
	}
	return out.String()
}

// benchmarkWasmTools has the program read, print, encode and validate the WIT of
// WASI, and read components.
func benchmarkWasmTools(b *testing.B, o *overhead) {
	b.Run("wasm-tools", func(b *testing.B) {
		wasm, dir := wasmTools(b), b.TempDir()
		for _, lang := range languages {
			if err := os.WriteFile(filepath.Join(dir, lang+".wasm"), readGuest(b, lang), 0o600); err != nil {
				b.Fatal(err)
			}
		}
		jobs := []struct {
			name string
			args []string
		}{
			{"read-js", []string{"component", "wit", "/js.wasm"}},
			{"read-go", []string{"component", "wit", "/go.wasm"}},
		}
		if wasiHTTP(b, filepath.Join(dir, "http")) {
			jobs = append(jobs, []struct {
				name string
				args []string
			}{
				{"print-wit", []string{"component", "wit", "/http"}},
				{"print-all", []string{"component", "wit", "/http", "--all-features", "--json"}},
				{"encode-and-validate", []string{"component", "wit", "/http", "--wasm"}},
			}...)
		}
		commands := [2]*command{newCommand(b, wasm, dir, false), newCommand(b, wasm, dir, true)}
		for _, job := range jobs {
			if want, got := commands[plain].run(job.args...), commands[checked].run(job.args...); got != want || len(got) < 100 {
				b.Fatalf("%s: with checks %.100q, without %.100q", job.name, got, want)
			}
			b.Run(job.name, func(b *testing.B) {
				o.byTurns(b, [2]func(){func() { commands[plain].run(job.args...) }, func() { commands[checked].run(job.args...) }})
			})
		}
		b.Run("compile", func(b *testing.B) {
			growth(b, [2]int{len(wasm), len(commands[checked].in.Wasm)},
				[2]func(){func() { newCommand(b, wasm, dir, false) }, func() { newCommand(b, wasm, dir, true) }})
		})
	})
}

// wasiHTTP makes a directory with the WIT of wasi:http and what that refers to.
// It reports false where the reference data is not beside the repository.
func wasiHTTP(b *testing.B, dir string) bool {
	b.Helper()
	const reference = "../../shared/wasi-wit/0.2.12"
	packages, err := os.ReadDir(reference)
	if err != nil {
		b.Log("no WIT of WASI to read: ", err)
		return false
	}
	for _, p := range packages {
		to := filepath.Join(dir, "deps", p.Name())
		if p.Name() == "http" {
			to = dir
		}
		if err := os.CopyFS(to, os.DirFS(filepath.Join(reference, p.Name()))); err != nil {
			b.Fatal(err)
		}
	}
	return true
}
