package gen_test

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// reuses are worlds that are generated on golden bindings of some of their
// interfaces, into packages in golden/reuse.
var reuses = []struct {
	name, wit string
	options   gen.Options
	files     []string
}{
	{
		"all", "golden/plugins/wit",
		gen.Options{With: map[string]string{"witgen:plugins/*@0.1.0": module + "/golden/plugins/*"}, Package: "reuse"},
		[]string{"reuse/reuse.wit.go"},
	},
	{
		"resources", "golden/resources/wit",
		gen.Options{Package: "cursors", With: map[string]string{
			"store":                         module + "/golden/resources/store",
			"golden:resources/feed":         module + "/golden/resources/feed",
			"golden:resources/timers@0.1.0": module + "/golden/resources/timers",
		}},
		[]string{"cursors/cursors.wit.go", "query/query.wit.go", "query/query_abi.wit.go", "work/work.wit.go", "work/work_abi.wit.go"},
	},
	{ // components may lack much of it, with the same packages of interfaces
		"named", "golden/named/wit",
		gen.Options{
			Package: "lacking", With: map[string]string{"golden:named/*": module + "/golden/named/*"},
			OptionalExports: []string{
				"named#left", "finder", "finder#open", "named#right.open", "vault", "scale", "named#safe",
				"vault#box.both", "vault#box.constructor", "named#spare.box.both", "named#spare.box.constructor",
			},
		},
		[]string{"lacking/lacking.wit.go"},
	},
	{ // functions that wait, and that cannot be called
		"streams", "golden/streams/wit",
		gen.Options{
			Package: "unready", With: map[string]string{"golden:streams/*": module + "/golden/streams/*"},
			OptionalExports: []string{"streams#ping", "streams#pong", "streams#pack", "work", "rooms", "silent"},
		},
		[]string{"unready/unready.wit.go", "unready/unready_abi.wit.go"},
	},
}

func TestReuse(t *testing.T) {
	const out = "golden/reuse"
	for _, tt := range reuses {
		t.Run(tt.name, func(t *testing.T) {
			tt.options.PackageRoot = path.Join(module, out)
			files, err := gen.Generate(loadWorld(t, tt.wit), tt.options)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, f := range files {
				names = append(names, f.Path)
				compare(t, filepath.Join("..", filepath.FromSlash(out), filepath.FromSlash(f.Path)), f.Content)
			}
			if !slices.Equal(names, tt.files) {
				t.Errorf("got %q, want %q", names, tt.files)
			}
		})
	}
}

// reuseWIT uses golden:types, imports some of it and exports some.
const reuseWIT = `package golden:reuse;
interface mine {
	use golden:types/base@1.2.3.{level, permissions, position, name as title};
	use golden:types/failures@1.2.3.{problem};
	record box { at: position, level: option<level>, all: list<permissions> }
	f: func(b: box, ps: list<position>, t: title) -> result<box, problem>;
}
world user {
	import golden:types/structures@1.2.3;
	import mine;
	export golden:types/choices@1.2.3;
	export mine;
}
`

// TestReuseTypes compiles an interface and a world made of types that have
// their golden bindings.
func TestReuseTypes(t *testing.T) {
	types, err := os.ReadFile("../golden/types/wit/types.wit")
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := wit.LoadFS(fstest.MapFS{
		"wit/reuse.wit":            {Data: []byte(reuseWIT)},
		"wit/deps/types/types.wit": {Data: types},
	}, "wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := pkg.ChooseWorld("")
	if err != nil {
		t.Fatal(err)
	}
	const out = "reuse-of-types"
	files, err := gen.Generate(w, gen.Options{
		PackageRoot: path.Join(module, out),
		With:        map[string]string{"golden:types/*": module + "/golden/types/*"},
	})
	if err != nil {
		t.Fatal(err)
	}
	base, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	written := make(map[string]bool)
	dir := t.TempDir()
	for _, f := range files {
		written[f.Path] = true
		content := filepath.Join(dir, strings.ReplaceAll(f.Path, "/", "-"))
		if err := os.WriteFile(content, f.Content, 0o666); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[filepath.Join(base, out, filepath.FromSlash(f.Path))] = content
	}
	if got, want := slices.Sorted(maps.Keys(written)), []string{"mine/mine.wit.go", "mine/mine_abi.wit.go", "user/user.wit.go"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	compile(t, base, "./"+out+"/...", overlay)
}
