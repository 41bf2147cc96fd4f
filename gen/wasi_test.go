package gen_test

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// wasi is a version of WASI: all of it in one world, and a world of a host that
// uses some of it in an interface of its own.
type wasi struct {
	version, source string
	packages        []string // that the world app imports of
	beside          string   // what is generated for it where the runtime has WASI; empty for all
}

var wasis = []wasi{{"0.2.12", `package my:host;
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
`, []string{"cli", "clocks", "filesystem", "io", "random", "sockets"}, "app logs"}, {"0.3.0", `package my:host;
interface logs {
	use wasi:filesystem/types@0.3.0.{descriptor, error-code};
	use wasi:http/types@0.3.0.{request};
	record sink { to: descriptor, failed: future<result<_, error-code>> }
	attach: async func(s: sink) -> result<stream<request>, error-code>;
}
world all {
	include wasi:cli/command@0.3.0;
	include wasi:http/middleware@0.3.0;
}
world app {
	include wasi:cli/imports@0.3.0;
	import logs;
	export logs;
}
`, []string{"cli", "clocks", "filesystem", "http", "random", "sockets"}, ""}}

// load returns the package of the two worlds.
func (w wasi) load(tb testing.TB) *wit.Package {
	tb.Helper()
	packages := filepath.Join("../../shared/wasi-wit", w.version)
	if _, err := os.Stat(packages); err != nil {
		tb.Skip("the packages of WASI are not at ../shared/wasi-wit")
	}
	dir := tb.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "deps"), os.DirFS(packages)); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "host.wit"), []byte(w.source), 0o666); err != nil {
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
	for _, w := range wasis {
		t.Run(w.version, func(t *testing.T) { w.compile(t) })
	}
}

func (w wasi) compile(t *testing.T) {
	pkg, m := w.load(t), newTestModule(t)
	with := make(map[string]string)
	for _, p := range w.packages {
		with["wasi:"+p+"/*@"+wit.Track(w.version)] = path.Join(m.name, "wasi", p, "*")
	}
	for _, tt := range []struct {
		world, root string
		with        map[string]string
		own         string // where all of its packages are
		generate    bool
	}{
		{"all", "", nil, "", true},
		{"app", "host", with, "app logs", true},
		{"app", "runtime", nil, w.beside, false},
	} {
		w, err := pkg.ChooseWorld(tt.world)
		if err != nil {
			t.Fatal(err)
		}
		files, err := gen.Generate(w, gen.Options{PackageRoot: path.Join(m.name, tt.root), With: tt.with, GenerateWASI: tt.generate})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if first, _, _ := strings.Cut(f.Path, "/"); tt.own != "" && !strings.Contains(tt.own, first) {
				t.Errorf("world %s: there is a file %s", tt.world, f.Path)
			}
		}
		t.Logf("%s: %d files", tt.world, len(files))
		m.add(t, tt.root, files)
	}
	m.run(t, "build", "-trimpath", "./...")
	m.run(t, "vet", "-trimpath", "./...")
}
