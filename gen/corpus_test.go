package gen_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// corpus is WIT that others wrote.
var corpus = []string{
	"../../shared/wit-corpus/codegen/*.wit", "../../shared/wit-corpus/codegen/*/wit", "../../shared/wasi-wit/*/*",
}

// TestCorpus generates bindings for every world of the corpus that has any,
// and for worlds of our own whose names meet in all ways. It compiles them as
// packages of this module, which exist for the go command alone.
func TestCorpus(t *testing.T) {
	sources := []string{"testdata/packages", "testdata/worlds"}
	for _, pattern := range corpus {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, names...)
	}
	if len(sources) == 2 {
		t.Log("no corpus at ../shared: only WIT of our own is compiled")
	}
	const root = "corpus"
	base, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	generated, refused := 0, 0
	for n, source := range sources {
		pkg, err := wit.Load(source, wit.Options{AllFeatures: true})
		if err != nil {
			continue // it needs packages that are elsewhere
		}
		for _, w := range pkg.Worlds {
			out := path.Join(root, fmt.Sprintf("c%d", n), w.Name)
			files, err := gen.Generate(w, gen.Options{PackageRoot: path.Join(module, out)})
			if err != nil {
				refused++
				if strings.HasPrefix(source, "testdata/") {
					t.Errorf("%s: %s: %v", source, w.Name, err)
				}
				if _, ok := errors.AsType[gen.ErrorList](err); !ok || files != nil {
					t.Errorf("%s: %s: got %d files and %v, want files or a list of errors", source, w.Name, len(files), err)
				}
				continue
			}
			generated++
			for _, f := range files {
				content := filepath.Join(dir, fmt.Sprint(len(overlay.Replace)))
				if err := os.WriteFile(content, f.Content, 0o666); err != nil {
					t.Fatal(err)
				}
				overlay.Replace[filepath.Join(base, filepath.FromSlash(path.Join(out, f.Path)))] = content
			}
		}
	}
	t.Logf("%d worlds generated, %d refused", generated, refused)
	compile(t, base, "./"+root+"/...", overlay)
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
