package wit_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
)

// reloaded prints a package with all that were loaded with it, and loads the
// text.
func reloaded(t testing.TB, p *wit.Package) *wit.Package {
	t.Helper()
	text := printAll(p)
	again, err := wit.LoadFS(fstest.MapFS{"again.wit": {Data: []byte(text)}}, "again.wit", wit.Options{AllFeatures: true})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return again
}

func printAll(p *wit.Package) string {
	others := slices.DeleteFunc(slices.Clone(p.Loaded()), func(q *wit.Package) bool { return q == p })
	return wit.Print(p, others...)
}

// checkPrint checks that printing and loading gives the same model again, and
// that the text of that is the same.
func checkPrint(t testing.TB, p *wit.Package) bool {
	t.Helper()
	again := reloaded(t, p)
	if got, want := dumpAll(again), dumpAll(p); got != want {
		t.Errorf("the model differs after printing:\n%s\n%s", diff(want, got), printAll(p))
		return false
	}
	if got, want := printAll(again), printAll(p); got != want {
		t.Errorf("the text differs after loading:\n%s", diff(want, got))
		return false
	}
	return true
}

// TestConformancePrint prints every package of the corpus and of WASI, and
// those of the examples, and loads the text again.
func TestConformancePrint(t *testing.T) {
	type input struct {
		name string
		fsys fs.FS
		path string
	}
	var inputs []input
	for _, in := range corpusInputs(t) {
		whole := assembled(t, filepath.Join(in.dir, in.path))
		inputs = append(inputs, input{in.path, os.DirFS(filepath.Dir(whole)), filepath.Base(whole)})
	}
	for version, root := range map[string]string{"0.2.12": "http", "0.3.0": "http"} {
		dir := filepath.Join(corpus(t, "wasi-wit"), version)
		inputs = append(inputs, input{"wasi:" + root + "@" + version, wasi(t, dir, root), "."})
	}
	equal := 0
	for _, in := range inputs {
		p, err := wit.LoadFS(in.fsys, in.path, wit.Options{AllFeatures: true})
		if err != nil { // some want what is gated out of the way
			p, err = wit.LoadFS(in.fsys, in.path, wit.Options{Features: []string{"active"}})
		}
		if err != nil {
			t.Logf("%s: not loaded: %v", in.name, err)
			continue
		}
		if checkPrint(t, p) {
			equal++
		}
	}
	report(t, "equal after printing", equal, len(inputs), len(inputs))
}

// TestPrintLoad prints what is hard to print so that it loads again.
func TestPrintLoad(t *testing.T) {
	tests := []struct{ name, text string }{
		{"functions before resources", `package a:b; interface i {
			f: func(); resource r { m: func(); constructor(); s: static async func() -> r; }
			g: func(); resource s; resource t { n: func(); } h: func(a: own<r>, b: borrow<s>); }`},
		{"a type before what it needs", `package a:b; interface i {
			record r { s: s, t: list<t> } f: func(); resource x { m: func(); } type s = own<x>; type t = x; type u = s; }`},
		{"uses apart", `package a:b; interface j { type a = u8; type b = u8; resource r; }
			interface i { use j.{a}; type c = a; use j.{b as d, r}; f: func(r: r) -> own<r>; }`},
		{"keywords", `package %list:%type@1.0.0; interface %interface { type %u8 = u8; record %record { %world: %u8, %as: own<%own> }
			resource %own { %static: static func(%self: u8); %func: func(%from: %u8); } @unstable(feature = %async) %async: async func(); }
			world %world { import %import: %interface; import %interface; export %export: func(); use %interface.{%own as %use}; }`},
		{"gates of resource functions", `package a:b@2.0.0; @since(version = 1.0.0) interface i {
			@since(version = 1.0.0) @deprecated(version = 2.0.0) resource r {
			@since(version = 1.0.0) constructor(); @unstable(feature = x) m: func(); } }`},
		{"gates of another package's world", `package a:b@1.0.0; world w { include c:d/v@2.0.0; }
			package c:d@2.0.0 { interface i {} world v {
			@since(version = 2.0.0) @deprecated(version = 2.0.0) import f: func();
			@since(version = 2.0.0) import i; @unstable(feature = x) @deprecated(version = 1.0.0) export g: func();
			@since(version = 2.0.0) type t = u8; @since(version = 2.0.0) resource r { @since(version = 2.0.0) m: func(); } } }`},
		{"gates of implied imports", `package a:b@1.0.0; interface i { type t = u8; } interface j { use i.{t}; }
			world w { @since(version = 1.0.0) import j; @unstable(feature = x) export k: interface { use i.{t}; } }`},
		{"external ids", `package a:b; interface i { @external-id("\u{e9}\t\"\\") f: func();
			@external-id("t") type t = u8; @external-id("r") resource r { @external-id("m") m: func(); } }
			world w { @external-id("x") import i; @external-id("y") export n: i; @external-id("z") import f: func(); }`},
		{"docs", "/// p\npackage a:b;\n/// one\n/** two\n  *  three\n  * four\n  */\ninterface i {\n  ///   indented\n  ///\n  /// \tmore */\n  f: func();\n" +
			"  /** r */ record r { /// a\n /// / b\n a: u8, /** b */ b: u8 }\n  resource s { /// c\n constructor(); } }\n" +
			"world w { /// inline\n import x: interface { /// f\n f: func(); }\n /// t\n type t = u8;\n /// r\n export f: func(t: t); }\n/// n\npackage c:d { /// i\n interface i {} }"},
		{"empty", `package a:b; interface i {} world w {} world v { import x: interface {} export i; } interface j { record r {} flags f {} resource s {} } package c:d {}`},
		{"every type", `package a:b; interface i { resource r;
			type a = tuple<u8, s8, u16, s16, u32, s32, u64, s64, f32, f64, char, bool, string, error-context>;
			type b = result; type c = result<u8>; type d = result<_, u8>; type e = result<u8, string>;
			type f = stream; type g = stream<u8>; type h = future; type j = future<list<option<u8>>>; type k = list<u8, 4>;
			type l = map<string, map<u8, own<r>>>; type m = borrow<r>; type n = option<r>;
			variant v { a, b(u8), c(result) } enum x { a, b } flags y { a, b } }`},
		{"worlds", `package a:b@0.1.0; interface i { type t = u8; resource r; } interface j { use i.{t}; }
			world v { type p = u8; resource res { constructor(a: p); m: func() -> res; } import f: func(r: borrow<res>); export g: func() -> res; }
			world w { include v with { f as ff, res as resource-too, p as o } use i.{t as tt, r}; record rec { t: tt, r: r }
			resource z { s: static func(); } import h: func(r: rec); export j; export k: j; import k: i; import l: interface { use i.{r}; f: func(r: r); } }`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkPrint(t, one(t, tt.text, wit.Options{AllFeatures: true})) })
	}
}
