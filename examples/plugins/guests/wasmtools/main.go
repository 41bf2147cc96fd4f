// Command wasmtools runs wasm-tools, the component toolchain, without a Rust
// toolchain: it takes the WebAssembly build of it that the module
// go.bytecodealliance.org carries and runs that on wazero. The arguments are
// those of wasm-tools. Paths have to be absolute, for the program inside sees
// the file system from its root and has no working directory.
//
// go.mod pins the version, go.sum the content. The first run compiles for some
// seconds and keeps the result in witgen/wasmtools under [os.UserCacheDir].
package main

import (
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
	_ "go.bytecodealliance.org/wit/logging" // puts the carrier's version and checksum into the build information
)

const carrier = "go.bytecodealliance.org"

func main() {
	err := run(context.Background(), os.Args[1:])
	if exit, ok := errors.AsType[*sys.ExitError](err); ok {
		os.Exit(int(exit.ExitCode()))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "wasmtools:", err)
		os.Exit(1)
	}
}

// run runs wasm-tools with args; a [*sys.ExitError] tells its exit code.
func run(ctx context.Context, args []string) error {
	wasm, err := program(ctx)
	if err != nil {
		return err
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	cache, err := wazero.NewCompilationCacheWithDir(filepath.Join(dir, "witgen", "wasmtools"))
	if err != nil {
		return err
	}
	defer cache.Close(ctx)
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCompilationCache(cache))
	defer runtime.Close(ctx)
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, runtime); err != nil {
		return err
	}
	_, err = runtime.InstantiateWithConfig(ctx, wasm, wazero.NewModuleConfig().
		WithArgs(append([]string{"wasm-tools"}, args...)...).
		WithStdin(os.Stdin).WithStdout(os.Stdout).WithStderr(os.Stderr).
		WithFSConfig(wazero.NewFSConfig().WithDirMount("/", "/")).
		WithRandSource(rand.Reader).WithSysWalltime().WithSysNanotime().WithSysNanosleep())
	return err
}

// program reads wasm-tools out of the carrier in the module cache.
func program(ctx context.Context) ([]byte, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil, errors.New("built without module information")
	}
	i := slices.IndexFunc(info.Deps, func(m *debug.Module) bool { return m.Path == carrier })
	if i < 0 {
		return nil, fmt.Errorf("built without module %s", carrier)
	}
	dep := info.Deps[i]

	// What arrives is compared with go.sum's checksum below.
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", dep.Path+"@"+dep.Version)
	cmd.Dir, cmd.Env, cmd.Stderr = "/", append(os.Environ(), "GOSUMDB=off", "GOWORK=off"), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("fetch module %s %s: %w: %s", dep.Path, dep.Version, err, out)
	}
	var module struct{ Dir, Sum string }
	if err := json.Unmarshal(out, &module); err != nil {
		return nil, err
	}
	if module.Sum != dep.Sum {
		return nil, fmt.Errorf("module %s %s: checksum is %s, go.sum has %s", dep.Path, dep.Version, module.Sum, dep.Sum)
	}

	f, err := os.Open(filepath.Join(module.Dir, "internal", "wasmtools", "wasm-tools.wasm.gz"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
