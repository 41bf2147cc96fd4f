package wit_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
)

func TestLoadPlugins(t *testing.T) {
	p, err := wit.Load("../golden/plugins/wit/plugins.wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := p.ChooseWorld("")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.ID(), "witgen:plugins/plugin@0.1.0"; got != want {
		t.Errorf("world %s, want %s", got, want)
	}
	if len(w.Imports) != 1 || len(w.Exports) != 1 {
		t.Fatalf("%d imports and %d exports, want 1 and 1", len(w.Imports), len(w.Exports))
	}
	if got, want := w.Imports[0].Name(), "witgen:plugins/host-api@0.1.0"; got != want {
		t.Errorf("import %s, want %s", got, want)
	}
	var got []string
	for _, f := range w.Exports[0].Interface.Funcs {
		got = append(got, f.Name+": "+wit.FuncText(f))
	}
	response := "record { output: string, success: bool, error-message: option<string> }"
	want := []string{
		"initialize: func(config: list<tuple<string, string>>) -> result<_, string>",
		"process: func(req: record { input: string, options: list<tuple<string, string>> }) -> " + response,
		"shutdown: func() -> result<_, string>",
		"get-metadata: func() -> record { name: string, version: string, description: string }",
	}
	if !slices.Equal(got, want) {
		t.Errorf("functions:\n%q\nwant\n%q", got, want)
	}
	if got, want := string(w.Exports[0].Interface.Types[0].Docs), "Who a plugin says it is. Untrusted text: show it, never key on it."; got != want {
		t.Errorf("docs %q, want %q", got, want)
	}
}

// one loads a package that is one text.
func one(t *testing.T, text string, o wit.Options) *wit.Package {
	t.Helper()
	p, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(text)}}, "a.wit", o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLoadPaths(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("wit/a.wit", "package t:t;\ninterface i { use d:d/j.{t}; }\n")
	write("wit/deps/d/d.wit", "package d:d;\ninterface j { type t = u8; }\n")
	write("elsewhere/e.wit", "package e:e;\n")
	write("one.wit", "package t:one;\n")
	write("bad/a.wit", "package t:t;\ninterface i { f: func() -> none; }\n")
	write("wasm/a.wit", "package t:t;\n")
	write("wasm/deps/b.wasm", "\x00asm\x0d\x00\x01\x00")
	write("module/a.wit", "package t:t;\n")
	write("module/deps/b.wasm", "\x00asm\x01\x00\x00\x00")
	write("empty.wasm", "\x00asm\x0d\x00\x01\x00")
	write("component.wat", "(component)")
	write("wat/a.wit", "package t:t;\n")
	write("wat/deps/b.wat", "(component)")
	write("empty/readme", "")
	write("hollow/a.wit", "package t:t;\n")
	write("linked/a.wit", "package t:t;\n")
	if err := os.MkdirAll(filepath.Join(dir, "hollow/deps/h"), 0o777); err != nil {
		t.Fatal(err)
	}
	slash := filepath.ToSlash(dir)
	tests := []struct{ name, path, want, err string }{
		{"directory", "wit", "t:t", ""},
		{"directory with a slash", "wit/", "t:t", ""},
		{"file", "one.wit", "t:one", ""},
		{"file alone", "wit/a.wit", "", slash + "/wit/a.wit:2:19: package `d:d` does not exist"},
		{"errors name the path", "bad", "", slash + "/bad/a.wit:2:28: type `none` does not exist"},
		{"component", "empty.wasm", "root:component", ""},
		{"component in deps", "wasm", "", slash + "/wasm/deps/b.wasm: a component, where the encoding of a WIT package is wanted"},
		{"module in deps", "module", "", slash + "/module/deps/b.wasm: offset 0x0: a core module, where a component is wanted"},
		{"text of a component in deps", "wat", "", slash + "/wat/deps/b.wat: the text of a component is not read: assemble it to b.wasm first"},
		{"text of a component", "component.wat", "", slash + "/component.wat: the text of a component is not read"},
		{"no files", "empty", "", slash + "/empty: no .wit files"},
		{"no files in a dependency", "hollow", "", slash + "/hollow/deps/h: no .wit files"},
		{"not there", "missing", "", "missing: no such file"},
	}
	for _, tt := range tests {
		p, err := wit.Load(filepath.Join(dir, tt.path), wit.Options{})
		switch {
		case tt.err != "":
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: error %v, want %s", tt.name, err, tt.err)
			}
		case err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case p.Name.String() != tt.want:
			t.Errorf("%s: loaded %s, want %s", tt.name, p.Name, tt.want)
		}
	}

	if err := os.Symlink("../../elsewhere", filepath.Join(dir, "wit/deps/e")); err != nil {
		t.Skipf("no symbolic links: %v", err)
	}
	if err := os.Symlink("../elsewhere/e.wit", filepath.Join(dir, "linked/e.wit")); err != nil {
		t.Fatal(err)
	}
	p, err := wit.Load(filepath.Join(dir, "wit"), wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.Loaded()); n != 3 {
		t.Errorf("%d packages with one behind a link, want 3", n)
	}
	if _, err := wit.Load(filepath.Join(dir, "linked"), wit.Options{}); err == nil || !strings.Contains(err.Error(), "package `e:e` in one directory with package") {
		t.Errorf("a linked file is not part of the package: %v", err)
	}
}

func TestPositionsAndDocs(t *testing.T) {
	p := one(t, `/// Package docs.
package t:t@1.0.0;
/// Interface docs.
interface i {
  /// Type docs.
  @external-id("T")
  record r {
    /** Field docs. */
    f: u8, // no docs
    g: u8,
  }
  variant v { /// Case docs.
    c(u8) }
  flags fl { a, /// Flag docs.
    b }
  resource res {
    /// Method docs.
    @external-id("m")
    m: func(a: u8);
  }
}
/// World docs.
world w {
  /// Import docs.
  @external-id("outside")
  import named: i;
  /// Function docs.
  export f: func();
}
`, wit.Options{})
	i, w := p.Interfaces[0], p.Worlds[0]
	rec := i.Types[0].Type.(*wit.Record)
	vr := i.Types[1].Type.(*wit.Variant)
	fl := i.Types[2].Type.(*wit.Flags)
	tests := []struct {
		name, docs string
		pos        wit.Pos
		line, col  int
		wantDocs   string
	}{
		{"package", string(p.Docs), p.Pos, 2, 9, "Package docs."},
		{"interface", string(i.Docs), i.Pos, 4, 11, "Interface docs."},
		{"type", string(i.Types[0].Docs), i.Types[0].Pos, 7, 10, "Type docs."},
		{"field", string(rec.Fields[0].Docs), rec.Fields[0].Pos, 9, 5, "Field docs."},
		{"field without", string(rec.Fields[1].Docs), rec.Fields[1].Pos, 10, 5, ""},
		{"case", string(vr.Cases[0].Docs), vr.Cases[0].Pos, 13, 5, "Case docs."},
		{"flag", string(fl.Flags[1].Docs), fl.Flags[1].Pos, 15, 5, "Flag docs."},
		{"method", string(i.Funcs[0].Docs), i.Funcs[0].Pos, 19, 5, "Method docs."},
		{"parameter", "", i.Funcs[0].Params[1].Pos, 19, 13, ""},
		{"world", string(w.Docs), w.Pos, 23, 7, "World docs."},
		{"import", string(w.Imports[0].Docs), w.Imports[0].Pos, 26, 10, "Import docs."},
		{"export", string(w.Exports[0].Docs), w.Exports[0].Pos, 28, 10, "Function docs."},
		{"function", string(w.Exports[0].Func.Docs), w.Exports[0].Func.Pos, 28, 10, "Function docs."},
	}
	for _, tt := range tests {
		if want := (wit.Pos{File: "a.wit", Line: tt.line, Col: tt.col}); tt.pos != want {
			t.Errorf("%s: at %s, want %s", tt.name, tt.pos, want)
		}
		if tt.docs != tt.wantDocs {
			t.Errorf("%s: docs %q, want %q", tt.name, tt.docs, tt.wantDocs)
		}
	}
	ids := []string{i.Types[0].ExternalID, i.Funcs[0].ExternalID, w.Imports[0].ExternalID, w.Exports[0].ExternalID}
	if want := []string{"T", "m", "outside", ""}; !slices.Equal(ids, want) {
		t.Errorf("external IDs %q, want %q", ids, want)
	}
}

func TestFeatures(t *testing.T) {
	text := "package t:t; interface i { @unstable(feature = a) f: func(); @unstable(feature = b) g: func(); h: func(); }"
	tests := []struct {
		o    wit.Options
		want int
	}{
		{wit.Options{}, 1},
		{wit.Options{Features: []string{"a"}}, 2},
		{wit.Options{Features: []string{"a", "b", "c"}}, 3},
		{wit.Options{AllFeatures: true}, 3},
	}
	for _, tt := range tests {
		if got := len(one(t, text, tt.o).Interfaces[0].Funcs); got != tt.want {
			t.Errorf("%+v: %d functions, want %d", tt.o, got, tt.want)
		}
	}
}

func TestDeps(t *testing.T) {
	p := one(t, `package t:t;
interface i { use a:a/i.{t}; }
package c:c {}
package a:a { interface i { use b:b/i.{t}; } }
package b:b { interface i { type t = u8; } }
`, wit.Options{})
	var got []string
	for _, d := range p.Deps {
		got = append(got, d.Name.String())
	}
	if want := []string{"b:b", "a:a"}; !slices.Equal(got, want) {
		t.Errorf("deps %v, want %v", got, want)
	}
	if len(p.Loaded()) != 4 {
		t.Errorf("%d packages, want 4", len(p.Loaded()))
	}
}

func TestChooseWorld(t *testing.T) {
	many := one(t, `package t:t@1.0.0;
world a {}
world b {}
package u:u { world a {} world c {} }
package v:v@1.0.0 { world x {} world y {} }
package v:v@2.0.0 { world x {} }
`, wit.Options{})
	single := one(t, "package t:t; world only {}", wit.Options{})
	none := one(t, "package t:t; package u:u { world w {} }", wit.Options{})
	const list = "; there are a, b, u:u/a, u:u/c, v:v/x@1.0.0, v:v/y@1.0.0, v:v/x@2.0.0"
	tests := []struct {
		p               *wit.Package
		name, want, err string
	}{
		{single, "", "t:t/only", ""},
		{single, "only", "t:t/only", ""},
		{none, "", "", "package t:t has no world; there are u:u/w"},
		{many, "", "", "package t:t@1.0.0 has 2 worlds, which one is not said" + list},
		{many, "b", "t:t/b@1.0.0", ""},
		{many, "c", "", `package t:t@1.0.0 has no world "c"` + list},
		{many, "t:t/a", "t:t/a@1.0.0", ""},
		{many, "t:t/a@1.0.0", "t:t/a@1.0.0", ""},
		{many, "t:t/a@1.0.1", "", `no world "t:t/a@1.0.1" is loaded` + list},
		{many, "u:u/a", "u:u/a", ""},
		{many, "v:v/y", "v:v/y@1.0.0", ""},
		{many, "v:v/x", "", `world "v:v/x" is loaded in several versions` + list},
		{many, "v:v/x@2.0.0", "v:v/x@2.0.0", ""},
	}
	for _, tt := range tests {
		w, err := tt.p.ChooseWorld(tt.name)
		switch {
		case tt.err != "":
			if err == nil || err.Error() != tt.err {
				t.Errorf("%q: error %v, want %s", tt.name, err, tt.err)
			}
		case err != nil:
			t.Errorf("%q: %v", tt.name, err)
		case w.ID() != tt.want:
			t.Errorf("%q: %s, want %s", tt.name, w.ID(), tt.want)
		}
	}
}

func TestClosure(t *testing.T) {
	p := one(t, `package t:t;
interface i { use a:a/j.{t}; }
interface unused { use c:c/k.{u}; }
world w { import i; import x: interface { use l.{v}; } }
world v { import unused; }
interface l { type v = u8; }
package a:a { interface j { use b:b/m.{t}; } interface n {} }
package b:b { interface m { type t = u8; } world w { import m; } }
package c:c { interface k { type u = u8; } }
`, wit.Options{})
	c := wit.Closure(p.World("w"))
	want := one(t, `package t:t;
interface i { use a:a/j.{t}; }
world w { import i; import x: interface { use l.{v}; } }
interface l { type v = u8; }
package a:a { interface j { use b:b/m.{t}; } }
package b:b { interface m { type t = u8; } }
`, wit.Options{})
	if got, want := dumpAll(c), dumpAll(want); got != want {
		t.Errorf("differs:\n%s", diff(want, got))
	}
	if got, want := wit.Print(c, c.Deps...), wit.Print(want, want.Deps...); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := len(p.Interfaces); got != 3 {
		t.Errorf("the package itself has %d interfaces left, want 3", got)
	}
}

// TestLongChains resolves what refers to one another in long chains, which
// must not recurse without bound.
func TestLongChains(t *testing.T) {
	var b strings.Builder
	b.WriteString("package t:t; interface i0 { type t = u8; ")
	const n = 20000
	for i := range n {
		fmt.Fprintf(&b, "type a%d = a%d; ", i, i+1)
	}
	fmt.Fprintf(&b, "type a%d = t; }\n", n)
	for i := range 2000 {
		fmt.Fprintf(&b, "interface i%d { use i%d.{t}; }\n", i+1, i)
	}
	b.WriteString("world w { export i2000; }\n")
	p := one(t, b.String(), wit.Options{})
	if got := wit.Underlying(p.Interfaces[0].Types[n]); got != wit.U8 {
		t.Errorf("the last alias is %v, want u8", got)
	}
	if got := len(p.Worlds[0].Imports); got != 2000 {
		t.Errorf("%d imports, want 2000", got)
	}
}

// FuzzLoad checks that errors have places, and that what loads can be printed
// and loaded again.
func FuzzLoad(f *testing.F) {
	seedCorpus(f)
	f.Add("package a:b; interface i { use j.{t}; resource r { m: func(a: own<t>); } } interface j { type t = u8; }")
	f.Add("package a:b@1.0.0; world w { include v with { a as b } import i: interface { f: func(); } } world v { import a: func(); }")
	f.Add("package a:b; use c:d/e; world w { import e; } package c:d { interface e { type t = map<string, u8>; } }")
	f.Add("package a:b; interface i { type a = option<b>; type b = a; } interface j { use i.{a}; } world w { export j; export i; }")
	f.Add("package a:b; @unstable(feature = x) interface i {} world w { import i; export i; use i.{t}; }")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(text)}}, "a.wit", wit.Options{Features: []string{"on"}})
		if err != nil {
			errs, ok := errors.AsType[wit.Errors](err)
			if !ok || len(errs) == 0 {
				t.Fatalf("error without a place: %v", err)
			}
			for _, e := range errs {
				if e.Pos.Line < 1 || e.Pos.Col < 1 || e.Error() == "" {
					t.Fatalf("error at %v: %s", e.Pos, e.Msg)
				}
			}
			return
		}
		checkPrint(t, p)
		for _, w := range p.Worlds {
			wit.Validate(w) // must not panic
			wit.JSON(wit.Closure(w))
		}
	})
}

// seedCorpus adds the texts of the reference corpus, where it is there.
func seedCorpus(f *testing.F) {
	err := filepath.WalkDir(filepath.Join(shared, "wit-corpus"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".wit") {
			return err
		}
		text, err := os.ReadFile(name)
		if err == nil && len(text) < 1<<14 {
			f.Add(string(text))
		}
		return err
	})
	if err != nil {
		f.Logf("no reference data: %v", err)
	}
}
