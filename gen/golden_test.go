package gen_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

var update = flag.Bool("update", false, "rewrite golden files")

const module = "github.com/witgen/witgen"

// goldens are worlds whose bindings are checked in as packages of this module,
// so that every build compiles them. Paths are relative to the module.
var goldens = []struct {
	name, wit, out  string
	optional, older []string
}{
	{name: "plugins", wit: "golden/plugins/wit", out: "golden/plugins"},
	{name: "calls", wit: "golden/calls/wit", out: "golden/calls"},
	{name: "example", wit: "examples/plugins/wit", out: "examples/plugins/api", older: []string{"examples/plugins/golden/witgen_plugins@0.1.0.wit"}},
	{name: "types", wit: "golden/types/wit", out: "golden/types"},
	{name: "resources", wit: "golden/resources/wit", out: "golden/resources"},
	{name: "collections", wit: "golden/collections/wit", out: "golden/collections"},
	{name: "makers", wit: "golden/makers/wit", out: "golden/makers"},
	{name: "worlds", wit: "golden/worlds/wit", out: "golden/worlds"},
	{name: "named", wit: "golden/named/wit", out: "golden/named"},
	{name: "versions", wit: "golden/versions/wit", out: "golden/versions"},
	{name: "streams", wit: "golden/streams/wit", out: "golden/streams"},
	{name: "optional", wit: "golden/optional/wit", out: "golden/optional", optional: []string{
		"handler#flush", "golden:optional/handler@0.2.1#session.rewind", "golden:optional/extra", "marks@0.2",
		"handler#note.constructor", "handler#note.text", "handler#join",
		"optional#reset", "optional#status", "optional#status.count",
	}},
	{
		name: "tracks", wit: "golden/tracks/wit", out: "golden/tracks",
		optional: []string{"handler#flush", "extra", "tracks#spare"},
		older:    []string{"golden/tracks/golden/golden_tracks@0.2.1.wit", "golden/tracks/golden/golden_tracks@0.1.3.wit"},
	},
	{name: "owned", wit: "golden/owned/wit", out: "golden/owned", older: []string{"golden/owned/older/owned.wit"}},
}

func loadWorld(t *testing.T, dir string) *wit.World {
	t.Helper()
	pkg, err := wit.LoadFS(os.DirFS(".."), dir, wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := pkg.ChooseWorld("")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestGolden(t *testing.T) {
	for _, g := range goldens {
		t.Run(g.name, func(t *testing.T) {
			o := gen.Options{PackageRoot: path.Join(module, g.out), OptionalExports: g.optional}
			for _, name := range g.older {
				o.Older = append(o.Older, loadWorld(t, name))
			}
			files, err := gen.Generate(loadWorld(t, g.wit), o)
			if err != nil {
				t.Fatal(err)
			}
			out := filepath.Join("..", filepath.FromSlash(g.out))
			want := make(map[string]bool)
			for _, f := range files {
				name := filepath.Join(out, filepath.FromSlash(f.Path))
				want[name] = true
				compare(t, name, f.Content)
			}
			for _, name := range generated(t, out) {
				switch {
				case want[name]:
				case *update:
					if err := os.Remove(name); err != nil {
						t.Error(err)
					}
				default:
					t.Errorf("%s: nothing generates it; go test ./gen -update removes it", name)
				}
			}
		})
	}
}

// compare compares a golden file, or rewrites it.
func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Errorf("%v; go test ./gen -update writes it", err)
		return
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; go test ./gen -update rewrites it\n%s", name, firstDifference(got, want))
	}
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + w[i]
		}
	}
	return "one is the beginning of the other"
}

// generated returns the generated files in a directory.
func generated(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, gen.Suffix) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
