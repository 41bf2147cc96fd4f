package goapi

import (
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

const root = "example.com/app/api"

// api returns the lines of the only world of a package.
func api(t *testing.T, text string, o gen.Options) []string {
	t.Helper()
	p, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(text)}}, "a.wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := p.ChooseWorld("")
	if err != nil {
		t.Fatal(err)
	}
	o.PackageRoot = root
	files, err := gen.Generate(w, o)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := Of(Source{root, files})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestOf looks at the line for each kind of declaration.
func TestOf(t *testing.T) {
	got := api(t, `package acme:kv@0.2.1;
interface types {
  record entry { key: string, size: u32 }
  record blob { data: list<u8> }
  enum level { low, high }
  flags rights { r, w }
  variant shape { none, circle(f64) }
  type number = u32;
  resource cursor { next: func() -> option<string>; }
}
interface store {
  use types.{entry, cursor};
  put: func(e: entry) -> result<_, string>;
  walk: func(by: stream<u8>) -> tuple<cursor, list<u8>>;
}
world app { import store; export run: func(); }`, gen.Options{})
	want := `pkg app, func Instantiate(context.Context, *rt.Component, Imports, rt.InstanceConfig) (*App, error)
pkg app, func Prepare(*rt.Component) (*Prepared, error)
pkg app, method (*App) Close(context.Context) error
pkg app, method (*App) RT() *rt.Instance
pkg app, method (*App) Run(context.Context) error
pkg app, method (*Prepared) Instantiate(context.Context, Imports, rt.InstanceConfig) (*App, error)
pkg app, method (*Prepared) World() rt.World
pkg app, type App struct
pkg app, type App, comparable
pkg app, type Imports struct
pkg app, type Imports struct, Store store.Store
pkg app, type Imports, comparable
pkg app, type Prepared struct
pkg app, type Prepared, comparable
pkg store, func Import(Store) rt.Import
pkg store, method (UnimplementedStore) Put(context.Context, types.Entry) error
pkg store, method (UnimplementedStore) Walk(context.Context, *cm.Stream[uint8]) (cm.Tuple2[types.Cursor, []uint8], error)
pkg store, type Store interface
pkg store, type Store interface, method Put(context.Context, types.Entry) error
pkg store, type Store interface, method Walk(context.Context, *cm.Stream[uint8]) (cm.Tuple2[types.Cursor, []uint8], error)
pkg store, type UnimplementedStore struct
pkg store, type UnimplementedStore, comparable
pkg store, var Interface *abi.Interface
pkg types, const LevelHigh Level = 1
pkg types, const LevelLow Level = 0
pkg types, const RightsR Rights = 1
pkg types, const RightsW Rights = 2
pkg types, func Import() rt.Import
pkg types, method (Level) String() string
pkg types, method (Rights) Has(Rights) bool
pkg types, method (Rights) String() string
pkg types, method (UnimplementedCursor) Close(context.Context) error
pkg types, method (UnimplementedCursor) Next(context.Context) (cm.Option[string], error)
pkg types, type Blob struct
pkg types, type Blob struct, Data []uint8
pkg types, type Cursor interface
pkg types, type Cursor interface, method Close(context.Context) error
pkg types, type Cursor interface, method Next(context.Context) (cm.Option[string], error)
pkg types, type Entry struct
pkg types, type Entry struct, Key string
pkg types, type Entry struct, Size uint32
pkg types, type Entry, comparable
pkg types, type Level uint8
pkg types, type Number = uint32
pkg types, type Rights uint8
pkg types, type Shape interface
pkg types, type Shape interface, unexported methods
pkg types, type ShapeCircle struct
pkg types, type ShapeCircle struct, Value float64
pkg types, type ShapeCircle, comparable
pkg types, type ShapeNone struct
pkg types, type ShapeNone, comparable
pkg types, type UnimplementedCursor struct
pkg types, type UnimplementedCursor, comparable
pkg types, var CursorResource *abi.ResourceType
pkg types, var Interface *abi.Interface`
	if !slices.Equal(got, strings.Split(want, "\n")) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), want)
	}
}

// TestOfReal compares the lines that are made with stand-ins for the packages
// of the runtime with those that the real ones lead to.
func TestOfReal(t *testing.T) {
	names := []string{"types", "collections", "resources", "optional", "streams", "worlds", "named", "reuse", "versions", "tracks"}
	built := compiled(t, names)
	for _, name := range names {
		dir := os.DirFS("../../golden/" + name)
		s := Source{Root: "github.com/witgen/witgen/golden/" + name}
		w := &writer{paths: make(map[string]string)}
		err := fs.WalkDir(dir, ".", func(file string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(file, gen.Suffix) {
				return err
			}
			content, err := fs.ReadFile(dir, file)
			s.Files = append(s.Files, gen.File{Path: file, Content: content})
			w.paths[path.Join(s.Root, path.Dir(file))] = path.Dir(file)
			return err
		})
		if err != nil || len(s.Files) == 0 {
			t.Fatal(name, err)
		}
		got, err := Of(s)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, of := range slices.Sorted(maps.Keys(w.paths)) {
			p, err := built.Import(of)
			if err != nil {
				t.Fatal(err)
			}
			w.packageLines(p)
		}
		slices.Sort(w.lines)
		if !slices.Equal(got, w.lines) {
			for _, l := range got {
				if !slices.Contains(w.lines, l) {
					t.Errorf("%s: wrong: %s", name, l)
				}
			}
			for _, l := range w.lines {
				if !slices.Contains(got, l) {
					t.Errorf("%s: missing: %s", name, l)
				}
			}
		}
	}
}

// compiled returns an importer of the packages below directories of golden, as
// the compiler has them.
func compiled(t *testing.T, names []string) types.Importer {
	t.Helper()
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}
	for _, name := range names {
		args = append(args, "../../golden/"+name+"/...")
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatalf("the go command does not compile the golden packages: %v", err)
	}
	files := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[name] = file
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(name string) (io.ReadCloser, error) { return os.Open(files[name]) })
}

// TestOfSources makes lines of two output directories.
func TestOfSources(t *testing.T) {
	file := func(name, text string) []gen.File { return []gen.File{{Path: name, Content: []byte(text)}} }
	got, err := Of(
		Source{"example.com/app/one", file("a/a.wit.go", "package a\ntype A struct { F []string }\n")},
		Source{"example.com/app/other", file("b/b.wit.go", "package b\nimport (\n\"example.com/app/one/a\"\nx \"example.com/x-1\"\n)\ntype B struct { A a.A; X x.T }\nfunc F(a.A)\n")})
	want := []string{
		"pkg one/a, type A struct", "pkg one/a, type A struct, F []string",
		"pkg other/b, func F(one/a.A)", "pkg other/b, type B struct", "pkg other/b, type B struct, A one/a.A", "pkg other/b, type B struct, X example.com/x-1.T",
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v", got, err)
	}
	for _, text := range []string{"package a\ntype A struct { F B }\n", "package a\nfunc", "package a\nimport \"example.com/app/a\"\nvar X a.A\n"} {
		if got, err := Of(Source{"example.com/app", file("a/a.wit.go", text)}); err == nil {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

var _ types.Importer = (*universe)(nil)
