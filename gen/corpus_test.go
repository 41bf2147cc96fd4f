package gen_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/build"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// shared is where WIT is that others wrote, and corpus what of it is compiled.
const shared = "../../shared/"

var corpus = []string{"wit-corpus/codegen/*.wit", "wit-corpus/codegen/*/wit", "wasi-wit/*/*"}

// collide are the worlds of the corpus in which two names really are one in Go,
// and what --rename is to settle, as the errors have it.
var collide = map[string][]string{
	// A type, and the interface or world that it stands in.
	"wit-corpus/codegen/guest-name.wit another-guest": {"guest.guest"},
	"wit-corpus/codegen/same-names4.wit w":            {"name4.name4"},
	"wit-corpus/codegen/same-names5.wit name5":        {"name5.name5"},
}

// TestConformanceCorpus generates bindings for every world of the corpus, and for
// worlds of our own whose names meet in all ways. It builds and vets them as
// packages of a module that is there for that alone. Where names are one in Go,
// it does what the errors say.
func TestConformanceCorpus(t *testing.T) {
	m := newTestModule(t)
	sources := []string{"testdata/packages", "testdata/worlds", "testdata/identifiers"}
	own := len(sources)
	for _, pattern := range corpus {
		names, err := filepath.Glob(shared + pattern)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, names...)
	}
	if len(sources) == own {
		t.Log("no corpus at ../shared: only WIT of our own is compiled")
	}
	unseen := maps.Clone(collide)
	for n, source := range sources {
		pkg, err := wit.Load(source, wit.Options{AllFeatures: true})
		if err != nil {
			if n < own {
				t.Error(err)
			}
			continue // it needs packages that are elsewhere
		}
		for k, w := range pkg.Worlds {
			name := strings.TrimPrefix(filepath.ToSlash(source), shared) + " " + w.Name
			delete(unseen, name)
			t.Run(name, func(t *testing.T) { m.conforms(t, name, w, fmt.Sprintf("c%d/w%d", n, k)) })
		}
	}
	if len(sources) > own && len(unseen) > 0 {
		t.Errorf("not in the corpus: %q", slices.Sorted(maps.Keys(unseen)))
	}
	for _, command := range []string{"build", "vet"} {
		t.Run(command, func(t *testing.T) { m.run(t, command, "-trimpath", "./...") })
	}
}

// conforms adds the bindings of a world of the corpus to the module.
func (m testModule) conforms(t *testing.T, name string, w *wit.World, dir string) {
	files, renamed, err := generateRenaming(w, gen.Options{PackageRoot: path.Join(m.name, dir)})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(renamed, collide[name]) {
		t.Errorf("renamed %q, want %q", renamed, collide[name])
	}
	m.add(t, dir, files)
}

// generateRenaming generates the bindings of a world, with the entries of
// --rename that errors ask for. It returns those, in order.
func generateRenaming(w *wit.World, o gen.Options) ([]gen.File, []string, error) {
	o.Rename = make(map[string]string)
	var renamed []string
	for {
		files, err := gen.Generate(w, o)
		list, ok := errors.AsType[gen.ErrorList](err)
		if err != nil && !ok || err != nil && files != nil {
			return nil, renamed, fmt.Errorf("got %d files and %w, want files or a list of errors", len(files), err)
		}
		before := len(renamed)
		for _, e := range list {
			if e.Rename != "" && o.Rename[e.Rename] == "" {
				o.Rename[e.Rename] = fmt.Sprintf("Renamed%d", len(renamed))
				renamed = append(renamed, e.Rename)
			}
		}
		if err == nil || len(renamed) == before {
			return files, renamed, err
		}
	}
}

// testModule is a module of generated packages, which uses this one.
type testModule struct{ name, dir string }

func newTestModule(t *testing.T) testModule {
	t.Helper()
	base, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	m := testModule{"example.com/generated", t.TempDir()}
	m.write(t, "go.mod", []byte("module "+m.name+"\n\ngo 1.26.0\n"))
	m.write(t, "go.work", fmt.Appendf(nil, "go 1.26.0\n\nuse (\n\t.\n\t%q\n)\n", base))
	return m
}

// add adds generated files below a directory. All of them must be files to Go on
// every system.
func (m testModule) add(t *testing.T, dir string, files []gen.File) {
	t.Helper()
	elsewhere := build.Default
	elsewhere.GOOS, elsewhere.GOARCH = "elsewhere", "elsewhere"
	for _, f := range files {
		name := m.write(t, path.Join(dir, f.Path), f.Content)
		if ok, err := elsewhere.MatchFile(filepath.Dir(name), filepath.Base(name)); !ok || err != nil {
			t.Errorf("%s is not for every system (%v)", f.Path, err)
		}
	}
}

func (m testModule) write(t *testing.T, name string, content []byte) string {
	t.Helper()
	file := filepath.Join(m.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// run has the go command do something with the module.
func (m testModule) run(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(m.dir, "go.work"), "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// compile has the go command compile packages that are in an overlay.
func compile(t *testing.T, dir, pattern string, overlay any) {
	t.Helper()
	text, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(name, text, 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-overlay", name, pattern)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
