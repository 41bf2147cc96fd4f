package printer

import (
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

func render(t *testing.T, f *File) string {
	t.Helper()
	src, err := f.Render()
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func TestFile(t *testing.T) {
	f := NewFile("example.com/x/y", "y", []string{"Header."}, Wrap("Package y is one."))
	f.Import("errors", "errors")
	f.Import("context", "context")
	f.Import("example.com/z/v2", "z")
	f.Import("example.com/unused", "unused")
	f.Add(
		Struct(Wrap("T is a type."), "T",
			Field{Name: "A", Type: Name("int"), Note: "first"},
			Field{Doc: Lines("B is\nanother."), Name: "B", Type: Qual("example.com/z/v2", "B").Pointer()},
			Field{Name: "C", Type: Qual("example.com/x/y", "T").Pointer()},
			Field{Name: "d", Type: Name("bool")}),
		Func{
			Name:    "F",
			Params:  []Param{{Name: "ctx", Type: Qual("context", "Context")}, {Name: "a", Same: true}, {Name: "b", Type: Name("string")}},
			Results: []Param{{Type: Name("error")}},
			Body: []Code{
				If(Name("a").Op("==", Name("b")), Return(Qual("errors", "New").Call(String("no")))),
				Return(Name("nil")),
			},
		}.Code(),
	)
	const want = `// Header.

// Package y is one.
package y

import (
	"context"
	"errors"

	z "example.com/z/v2"
)

// T is a type.
type T struct {
	A int // first

	// B is
	// another.
	B *z.B

	C *T

	d bool
}

func F(ctx context.Context, a, b string) error {
	if a == b {
		return errors.New("no")
	}
	return nil
}
`
	if got := render(t, f); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if first, second := render(t, f), render(t, f); first != second {
		t.Error("the second time differs")
	}
}

func TestFileRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		add  []Code
		want string
	}{
		{"one import without a name", []Code{Use(Qual("example.com/unknown", "X"))}, "not by the name announced"},
		{"two imports, one without", []Code{Use(Qual("errors", "X")), Use(Qual("example.com/unknown", "X"))}, "not by the name announced"},
		{"two imports of one name", []Code{Use(Qual("errors", "X")), Use(Qual("example.com/errors", "X"))}, "not by the name announced"},
		{"no Go", []Code{Name("type type")}, "expected"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := NewFile("example.com/x", "x", nil, nil)
			f.Import("errors", "errors")
			f.Import("example.com/errors", "errors")
			f.Add(tt.add...)
			if src, err := f.Render(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v\n%s", err, src)
			}
		})
	}
}

// TestCodeIsShared adds to one piece of code twice.
func TestCodeIsShared(t *testing.T) {
	f := NewFile("example.com/x", "x", nil, nil)
	a := Name("a")
	f.Add(
		Var(nil, "x", Code{}, a.Dot("b").Call()),
		Var(nil, "y", Code{}, a.Dot("c").At(Int(1)).From(Int(2))),
		Var(nil, "z", Name("T"), a.Op("&", Hex(255)).Paren().Cast(Name("T"))),
	)
	const want = "package x\n\nvar x = a.b()\n\nvar y = a.c[1][2:]\n\nvar z T = (a & 0xff).(T)\n"
	if got := render(t, f); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWrap(t *testing.T) {
	word := strings.Repeat("w", 36)
	for _, c := range []Comment{
		Wrap(word + " " + word + " x"),
		Wrap(word + " " + word + "w x"),
		Wrap(word + " " + word + "ww x"),
	} {
		for _, line := range c {
			if n := len("// " + line); n > 79 {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
	if c := Wrap(word + " " + word + " x"); len(c) != 1 && len(c[0]) != 75 {
		t.Errorf("not filled: %q", c)
	}
	if c := Wrap("a").And(nil).And(Wrap("b")).Then("c"); strings.Join(c, "|") != "a||b|c" {
		t.Errorf("got %q", c)
	}
}

// attacks are texts that would be more than comments if they were printed as
// they are.
var attacks = []string{
	"*/ func init() { panic(1) } /*",
	"\n*/\nfunc init() { panic(1) }\n/*",
	"/* open",
	"//go:linkname x y",
	"go:build ignore",
	"+build ignore",
	"first\n\t +build ignore",
	"\u00a0+build ignore\n// +build ignore",
	"\n//go:embed secret",
	"//line /etc/passwd:1",
	"line x.go:1\n//line x.go:2",
	"//export X",
	"\r\n//go:noinline\r",
	"a\rfunc init() { panic(1) }",
	"a\u2028func init() {}\u2029func init() {}",
	"nul \x00 bell \a escape \x1b[31m",
	"\ufeff in the middle",
	"bad \xff utf-8 \xc0\x80",
	"\u202eesrever\u202c \u2066x\u2069",
	"` + \"quotes\" + `",
	"\\u000afunc init() {}",
}

// TestFormatted prints documentation that gofmt has a form of its own for.
func TestFormatted(t *testing.T) {
	for _, docs := range []string{
		"  Indented more\nthan the line after it.",
		"Text.\n    code\n    more code\nText.",
		"- a list\n- of two",
		"Text:\n\n* a list\n* of two\n\nText.",
		"# Heading\nText.\n\n\n\nText.",
		"```\n\tcode\n```",
		"[link]: https://example.com\nText.",
		"Text.\n\tcode",
		"\ttab",
	} {
		f := NewFile("example.com/x", "x", nil, Lines(docs))
		f.Add(
			Struct(Lines(docs), "S", Field{Doc: Lines(docs), Name: "A", Type: Name("int")}),
			Interface(Lines(docs), "I", nil, Func{Doc: Lines(docs), Name: "M"}),
			Consts(Lines(docs), Const{Doc: Lines(docs), Name: "C", Value: Int(1)}),
			Func{Doc: Lines(docs).And(Quoted("f: func()")), Name: "F"}.Code(),
			Var(Lines(docs), "V", Code{}, Int(1)),
		)
		formatted(t, render(t, f))
	}
}

// formatted wants source as gofmt leaves it.
func formatted(t *testing.T, src string) {
	t.Helper()
	if want, err := format.Source([]byte(src)); err != nil || src != string(want) {
		t.Errorf("printed\n%s\nwhich gofmt makes %v\n%s", src, err, want)
	}
}

// TestAttacks puts hostile text wherever a comment can be.
func TestAttacks(t *testing.T) {
	for _, attack := range attacks {
		f := NewFile("example.com/x", "x", []string{attack}, Lines(attack))
		f.Add(
			Struct(Lines(attack), "S", Field{Doc: Lines(attack), Name: "A", Type: Name("int"), Note: attack}),
			Interface(Lines(attack), "I", nil, Func{Doc: Lines(attack), Name: "M"}),
			Consts(Lines(attack), Const{Doc: Lines(attack), Name: "C", Value: Int(1)}),
			Func{Doc: Lines(attack).And(Quoted(attack)), Name: "F"}.Code(),
			Var(Wrap(attack), "V", Code{}, String(attack)),
		)
		src := render(t, f)
		formatted(t, src)
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", src, parser.ParseComments)
		if err != nil {
			t.Errorf("%q: %v\n%s", attack, err, src)
			continue
		}
		if len(file.Decls) != 5 || len(file.Imports) != 0 {
			t.Errorf("%q: %d declarations\n%s", attack, len(file.Decls), src)
		}
		for _, g := range file.Comments {
			for _, c := range g.List {
				if c.Text != "//" && !strings.HasPrefix(c.Text, "// ") && !strings.HasPrefix(c.Text, "//\t") {
					t.Errorf("%q: comment %q", attack, c.Text)
				}
			}
		}
		for line := range strings.Lines(src) {
			if strings.HasPrefix(line, "// +build") {
				t.Errorf("%q: a build constraint\n%s", attack, src)
			}
		}
		if i := strings.IndexFunc(src, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }); i >= 0 {
			t.Errorf("%q: control character %q", attack, src[i])
		}
	}
}
