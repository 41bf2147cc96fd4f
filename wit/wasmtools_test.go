package wit_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
	_ "go.bytecodealliance.org/wit" // brings wasm-tools
)

// wasmToolsModule is the module that has a WebAssembly build of wasm-tools
// 1.230.0 in it. Nothing else of it is used here but in the oracle test.
const wasmToolsModule = "go.bytecodealliance.org"

type compiled struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
}

// wasmToolsProgram compiles the program once for all tests. The result of the
// first time is kept for later runs.
var wasmToolsProgram = sync.OnceValues(func() (*compiled, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", wasmToolsModule).Output()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(strings.TrimSpace(string(dir)), "internal", "wasmtools", "wasm-tools.wasm.gz"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	wasm, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	config := wazero.NewRuntimeConfig()
	if dir, err := os.UserCacheDir(); err == nil {
		cache, err := wazero.NewCompilationCacheWithDir(filepath.Join(dir, "witgen", "wasmtools"))
		if err != nil {
			return nil, err
		}
		config = config.WithCompilationCache(cache)
	}
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, config)
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, r); err != nil {
		return nil, err
	}
	module, err := r.CompileModule(ctx, wasm)
	return &compiled{r, module}, err
})

// wasmTools runs wasm-tools and returns what it prints. The error is what it
// prints when it fails.
func wasmTools(t testing.TB, args ...string) ([]byte, error) {
	t.Helper()
	p, err := wasmToolsProgram()
	if err != nil {
		t.Fatalf("wasm-tools: %v", err)
	}
	var stdout, stderr bytes.Buffer
	ctx := context.Background()
	m, err := p.runtime.InstantiateModule(ctx, p.module, wazero.NewModuleConfig().WithName("").
		WithArgs(append([]string{"wasm-tools"}, args...)...).
		WithStdout(&stdout).WithStderr(&stderr).
		WithFSConfig(wazero.NewFSConfig().WithDirMount("/", "/")).
		WithRandSource(rand.Reader))
	if m != nil {
		m.Close(ctx)
	}
	if exit, ok := errors.AsType[*sys.ExitError](err); ok && exit.ExitCode() == 0 {
		err = nil
	}
	if err != nil {
		return nil, errors.New(strings.TrimSpace(stderr.String()))
	}
	return stdout.Bytes(), nil
}

// absolute returns a path that wasm-tools can use, which has no directory that
// it is in.
func absolute(t testing.TB, name string) string {
	t.Helper()
	name, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(name)
}

// assemble turns the text of a component into its binary form.
func assemble(t testing.TB, wat, wasm string) {
	t.Helper()
	_, err := wasmTools(t, "component", "unbundle", "--threshold", "100000000",
		"--module-dir", absolute(t, t.TempDir()), absolute(t, wat), "-o", absolute(t, wasm))
	if err != nil {
		t.Fatalf("assemble %s: %v", wat, err)
	}
}

// assembled returns the place of a package in which texts of components have
// been assembled: the package's own if it has none.
func assembled(t testing.TB, name string) string {
	t.Helper()
	if filepath.Ext(name) == ".wat" {
		wasm := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(name), ".wat")+".wasm")
		assemble(t, name, wasm)
		return wasm
	}
	texts, err := filepath.Glob(filepath.Join(name, "deps", "*.wat"))
	if err != nil || len(texts) == 0 {
		return name
	}
	dir := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.CopyFS(dir, os.DirFS(name)); err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		copied := filepath.Join(dir, "deps", filepath.Base(text))
		assemble(t, copied, strings.TrimSuffix(copied, ".wat")+".wasm")
		if err := os.Remove(copied); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
