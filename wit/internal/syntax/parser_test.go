package syntax

import (
	"fmt"
	"strings"
	"testing"
)

// parseErrors parses a text and writes out its errors, one a line.
func parseErrors(text string) (*File, string) {
	f, errs := Parse(NewSource("t.wit", text))
	var lines []string
	for _, e := range errs {
		line, col := e.Span.Source.Position(e.Span.Start)
		lines = append(lines, fmt.Sprintf("%d:%d: %s", line, col, e.Msg))
	}
	return f, strings.Join(lines, "\n")
}

func TestParseAccepts(t *testing.T) {
	tests := []struct{ name, in string }{
		{"empty", ""},
		{"header", "package a:b;"},
		{"header with version", "package a:b@1.2.3-rc.1+5;"},
		{"nested packages", "package a:b; package c:d@1.0.0 { interface i {} } package e:f {}"},
		{"top-level uses", "use a; use a:b/c; use a:b/c@1.0.0; use a as b; use a:b/c@1.0.0-rc.1 as d;"},
		{"interface items", "interface i { use j.{a, b as c,}; use x:y/z@1.0.0.{t}; type t = u8; f: func(); g: async func(a: u8,) -> u8; }"},
		{"no names used", "interface i { use j.{}; }"},
		{"primitives", "interface i { type t = tuple<u8, u16, u32, u64, s8, s16, s32, s64, f32, f64, char, bool, string, error-context>; }"},
		{"type expressions", "interface i { type t = tuple<list<a>, list<a, 4>, option<a>, result, result<a>, result<a, b>, result<_, b>, map<string, a>, own<a>, borrow<a>, stream, stream<a>, future, future<a>, tuple<>,>; }"},
		{"declarations", "interface i { record r { a: u8, b: u8, } record s {} variant v { a, b(u8), } enum e { a, b, } flags f { a, b, } resource q; resource p {} }"},
		{"resource functions", "interface i { resource r { constructor(a: u8); constructor(); constructor() -> result<r>; m: func(); n: async func(); s: static func(); t: static async func() -> u8; } }"},
		{"world items", "world w { import a; import a:b/c@1.0.0; import d: func(); export e: async func(); export f: interface { g: func(); } use j.{k}; record r { x: u8 } resource q { m: func(); } }"},
		{"named imports", "world w { import a: b; import c: d:e/f@1.0.0; export g: h; }"},
		{"includes", "world w { include a; include a:b/c@1.0.0; include a with { b as c, d as e, } include f; }"},
		{"attributes", "@since(version = 1.0.0) interface i { @unstable(feature = f) @deprecated(version = 1.0.0) type t = u8; @external-id(\"x y\") f: func(); }"},
		{"attributes everywhere", "@unstable(feature = f) world w { @unstable(feature = f) import a; @unstable(feature = f) include b; @unstable(feature = f) use c.{d}; resource r { @unstable(feature = f) constructor(); } }"},
		{"keywords as names", "interface %interface { %type: func(%func: u8); record %record { %flags: %list } }"},
		{"attribute names are no keywords", "interface since { version: func(self: u8, feature: u8); }"},
		{"upper-case words", "interface i { HTTP: func(); DNS-error: func(); utf-8: func(); f-1: func(); }"},
		{"comments anywhere", "/*a*/ interface /*b*/ i // c\n { /* d */ }"},
		{"carriage returns", "interface i {\r\n  f: func();\r\n}\r\n"},
		{"types as deep as may be", "interface i { type t = " + strings.Repeat("list<", 99) + "u8" + strings.Repeat(">", 99) + "; }"},
	}
	for _, tt := range tests {
		if _, errs := parseErrors(tt.in); errs != "" {
			t.Errorf("%s: %s\n%s", tt.name, tt.in, errs)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"stray word", "foo", "1:1: expected `interface`, `world`, `use` or `package`, found `foo`"},
		{"stray brace", "}\ninterface i {}", "1:1: expected `interface`, `world`, `use` or `package`, found `}`"},
		{"open interface", "interface i {\n  type t = u8;\n", "3:1: expected `}`, found the end of the file"},
		{"second header", "package a:b;\npackage c:d;", "2:12: expected `{`, found `;`"},
		{"nested namespaces", "package a:b:c;", "1:12: a package has one namespace and one name, as in `ns:name`"},
		{"bad version", "package a:b@1.0;", "1:13: `1.0` is no version of the form `1.0.0`, with an optional pre-release and build"},
		{"needless zero", "package a:b@1.02.0;", "1:13: `1.02.0` is no version of the form `1.0.0`, with an optional pre-release and build"},
		{"keyword as name", "interface type {}", "1:11: expected a name, found keyword `type`; write `%type` to use it as a name"},
		{"camel case", "interface myThing {}", "1:11: `myThing` is no name: a word is all lower case or all upper case, as in `my-thing`"},
		{"snake case", "interface my_thing {}", "1:11: `my_thing` is no name: words are joined by `-`, as in `my-thing`"},
		{"empty word", "interface a--b {}", "1:11: `a--b` is no name: a word is missing beside `-`"},
		{"trailing dash", "interface a- {}", "1:11: `a-` is no name: a word is missing beside `-`"},
		{"not ASCII", "interface é {}", "1:11: `é` is no name: only ASCII letters, digits and `-` are allowed"},
		{"types too deep", "interface i { type t = " + strings.Repeat("list<", 100) + "u8; }", "1:524: types nest too deep"},
		{"named results", "interface i { f: func() -> (a: u8); }", "1:28: expected a type, found `(`; named results are no more: return a tuple or a record"},
		{"union", "interface i { union u { u8 } }", "1:15: unions are no more: write a `variant`"},
		{"list of no length", "interface i { type t = list<u8,>; }", "1:32: expected the length of the list, found `>`"},
		{"list too long", "interface i { type t = list<u8, 4294967296>; }", "1:33: the length of a list is less than 4294967296"},
		{"own of a primitive", "interface i { type t = own<u8>; }", "1:28: expected the name of a resource, found keyword `u8`"},
		{"async before static", "interface i { resource r { f: async static func(); } }", "1:37: expected `func`, found keyword `static`"},
		{"async constructor", "interface i { resource r { async constructor(); } }", "1:28: expected `constructor` or the name of a function, found keyword `async`"},
		{"attribute on a field", "interface i { record r { @since(version = 1.0.0) a: u8 } }", "1:26: no attributes are allowed inside a record"},
		{"attribute on a use", "@since(version = 1.0.0) use a;", "1:1: no attributes are allowed before `use` here"},
		{"attribute on a package", "@since(version = 1.0.0) package a:b;", "1:1: no attributes are allowed before `package`"},
		{"unknown attribute", "@sinze(version = 1.0.0) interface i {}", "1:2: unknown attribute `@sinze`; did you mean `since`?"},
		{"wrong argument", "@since(feature = f) interface i {}", "1:8: expected `version`, found `feature`"},
		{"no argument", "@since interface i {}", "1:8: expected `(`, found keyword `interface`"},
		{"twice", "@since(version = 1.0.0) @since(version = 1.0.0) interface i {}", "1:26: `@since` stands here twice"},
		{"both gates", "@since(version = 1.0.0) @unstable(feature = f) interface i {}", "1:26: an item is either `@since` a version or `@unstable`"},
		{"deprecated alone", "@deprecated(version = 1.0.0) interface i {}", "1:2: `@deprecated` needs `@since` or `@unstable` beside it"},
		{"bad escape", `@external-id("a\q") interface i {}`, "1:16: unknown escape"},
		{"function in a world", "world w { f: func(); }", "1:12: expected `import` or `export` before the name, found `:`"},
		{"import without a name", "world w { import { } }", "1:18: expected a name, found `{`"},
		{"import of a type", "world w { import a: u8; }", "1:21: expected `func`, `async`, `interface` or the name of an interface, found keyword `u8`"},
	}
	for _, tt := range tests {
		if _, got := parseErrors(tt.in); got != tt.want {
			t.Errorf("%s: %s\ngot\n%s\nwant\n%s", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestParseResumes(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"after a semicolon", `interface i {
  f func();
  g: func();
  h: func(;
}
`, "2:5: expected `:`, found keyword `func`\n4:11: expected a name, found `;`"},
		{"after braces", `interface i {
  record r { a u8 }
  f: fun();
}
interface j { k }
`, "2:16: expected `:`, found keyword `u8`\n3:6: expected `func`, found `fun`\n5:17: expected `:`, found `}`"},
		{"missing semicolon", `package a:b
interface i {
  type t = u8
  f: func()
}
`, "2:1: expected `;`, found keyword `interface`\n4:3: expected `;`, found `f`\n5:1: expected `;`, found `}`"},
		{"invalid tokens are reported once", `interface i {
  type t = $;
  f: func(#);
}
`, "2:12: unexpected `$`\n3:11: unexpected `#`"},
		{"top level", `foo
interface i { type t = ; }
bar;
world w { import ; }
`, "1:1: expected `interface`, `world`, `use` or `package`, found `foo`\n" +
			"3:1: expected `interface`, `world`, `use` or `package`, found `bar`\n" +
			"4:18: expected a name, found `;`"},
	}
	for _, tt := range tests {
		if _, got := parseErrors(tt.in); got != tt.want {
			t.Errorf("%s:\ngot\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

func TestTree(t *testing.T) {
	f, errs := parseErrors(`/// The package.
package a:b@1.0.0;
use c:d/e@2.0.0 as x;
/// An interface.
@since(version = 1.0.0)
interface i {
  /// A function.
  f: async func(a: list<u8, 4>, b: result<_, t>) -> t;
  resource r { constructor(); }
}
world w {
  import l: c:d/e;
  @external-id("\u{41}b")
  export c:d/e;
  include v with { p as q }
}
`)
	if errs != "" {
		t.Fatal(errs)
	}
	if got := f.Header.Comments.Docs(); got != "The package." {
		t.Errorf("docs of the package %q", got)
	}
	if n := f.Header.Name; n.Namespace.Text != "a" || n.Name.Text != "b" || n.Version != "1.0.0" || n.Span.Text() != "a:b" {
		t.Errorf("header %+v", n)
	}
	if u := f.Uses[0]; u.Path.Package.Version != "2.0.0" || u.Path.Name.Text != "e" || u.Name.Text != "x" {
		t.Errorf("use %+v", u)
	}
	i := f.Items[0].(*Interface)
	if i.Comments.Docs() != "An interface." || i.Attributes.Since.Value != "1.0.0" {
		t.Errorf("interface: docs %q, since %v", i.Comments.Docs(), i.Attributes.Since)
	}
	fn := i.Items[0].(*Func)
	if fn.Comments.Docs() != "A function." || !fn.Async || fn.Name.Text != "f" || fn.Result.Name.Text != "t" {
		t.Errorf("function %+v", fn)
	}
	if p := fn.Params[0].Type; p.Kind != FixedList || p.Len != 4 || p.Args[0].Kind != U8 || p.Span.Text() != "list<u8, 4>" {
		t.Errorf("parameter a: %+v", p)
	}
	if p := fn.Params[1].Type; p.Kind != Result || p.Args[0] != nil || p.Args[1].Name.Text != "t" {
		t.Errorf("parameter b: %+v", p)
	}
	if c := i.Items[1].(*TypeDecl).Funcs[0]; !c.Constructor || c.Name.Span.Text() != "constructor" {
		t.Errorf("constructor %+v", c)
	}
	w := f.Items[1].(*World)
	if e := w.Items[0].(*Extern); e.Label.Text != "l" || e.Path.Package.Name.Text != "d" || e.Export {
		t.Errorf("import %+v", e)
	}
	if e := w.Items[1].(*Extern); e.Label.Text != "" || !e.Export || e.Attributes.ExternalID.Value != "Ab" {
		t.Errorf("export %+v", e)
	}
	if n := w.Items[2].(*Include).Renames[0]; n.Name.Text != "p" || n.As.Text != "q" {
		t.Errorf("rename %+v", n)
	}
}

func TestManyErrors(t *testing.T) {
	_, errs := Parse(NewSource("t.wit", strings.Repeat("x;", 1000)))
	if len(errs) != maxErrors {
		t.Errorf("%d errors, want %d", len(errs), maxErrors)
	}
}

func TestSuggest(t *testing.T) {
	names := []string{"string", "stream", "request", "u32"}
	tests := []struct{ in, want string }{
		{"strng", "string"},
		{"strign", "string"},
		{"requests", "request"},
		{"u23", "u32"},
		{"float", ""},
		{"x", ""},
	}
	for _, tt := range tests {
		want := ""
		if tt.want != "" {
			want = "; did you mean `" + tt.want + "`?"
		}
		if got := Suggest(tt.in, names); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", tt.in, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	seedCorpus(f)
	f.Add("package a:b@1.0.0; interface i { f: func(a: list<u8, 4>) -> result<_, string>; }")
	f.Add("world w { import a: interface { use b.{c as d}; } include x with { y as z } }")
	f.Add("@external-id(\"\\u{1}\") interface i { resource r { constructor() -> result<r>; } }")
	f.Add("interface i { record r { a: ; } /** doc */ variant v { a(tuple<u8>) } } }")
	f.Add("\uFEFFpackage a:b { package c:d { } } // \u202e")
	f.Fuzz(func(t *testing.T, text string) {
		src := NewSource("t.wit", text)
		_, errs := Parse(src)
		for _, e := range errs {
			if e.Span.Start < 0 || e.Span.End < e.Span.Start || int(e.Span.End) > len(text) {
				t.Fatalf("error %q at %d-%d of %d bytes", e.Msg, e.Span.Start, e.Span.End, len(text))
			}
			line, col := src.Position(e.Span.Start)
			if line < 1 || col < 1 {
				t.Fatalf("error %q at %d:%d", e.Msg, line, col)
			}
			src.Line(line)
		}
	})
}
