package gen_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// wasiWIT has all of WASI 0.2 in one world, and a world of a host that uses
// some of it in an interface of its own.
const wasiWIT = `package my:host;
interface logs {
	use wasi:io/streams@0.2.12.{output-stream};
	use wasi:clocks/wall-clock@0.2.12.{datetime};
	record sink { to: output-stream, since: option<datetime> }
	attach: func(s: sink);
	lend: func(s: borrow<output-stream>);
	detach: func() -> option<sink>;
}
world all {
	include wasi:cli/command@0.2.12;
	include wasi:http/proxy@0.2.12;
}
world app {
	include wasi:cli/imports@0.2.12;
	import logs;
	export logs;
}
`

// loadWASI returns the package of wasiWIT.
func loadWASI(tb testing.TB) *wit.Package {
	tb.Helper()
	const packages = "../../shared/wasi-wit/0.2.12"
	if _, err := os.Stat(packages); err != nil {
		tb.Skip("the packages of WASI are not at ../shared/wasi-wit")
	}
	dir := tb.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "deps"), os.DirFS(packages)); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "host.wit"), []byte(wasiWIT), 0o666); err != nil {
		tb.Fatal(err)
	}
	pkg, err := wit.Load(dir, wit.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return pkg
}

// TestConformanceWASI compiles bindings for all of WASI, and those of another
// world that are made on them.
func TestConformanceWASI(t *testing.T) {
	pkg := loadWASI(t)
	const out = "bindings-of-wasi"
	base, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	with := make(map[string]string)
	for _, p := range []string{"cli", "clocks", "filesystem", "io", "random", "sockets"} {
		with["wasi:"+p+"/*@0.2"] = path.Join(module, out, "wasi", p, "*")
	}
	for _, tt := range []struct {
		world, root string
		with        map[string]string
		own         string // where all of its packages are
	}{
		{"all", out, nil, ""},
		{"app", path.Join(out, "host"), with, "app logs"},
	} {
		w, err := pkg.ChooseWorld(tt.world)
		if err != nil {
			t.Fatal(err)
		}
		files, err := gen.Generate(w, gen.Options{PackageRoot: path.Join(module, tt.root), With: tt.with})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if first, _, _ := strings.Cut(f.Path, "/"); tt.own != "" && !strings.Contains(tt.own, first) {
				t.Errorf("world %s: there is a file %s", tt.world, f.Path)
			}
			content := filepath.Join(dir, fmt.Sprint(len(overlay.Replace)))
			if err := os.WriteFile(content, f.Content, 0o666); err != nil {
				t.Fatal(err)
			}
			overlay.Replace[filepath.Join(base, filepath.FromSlash(path.Join(tt.root, f.Path)))] = content
		}
	}
	t.Logf("%d files", len(overlay.Replace))
	compile(t, base, "./"+out+"/...", overlay)
}
