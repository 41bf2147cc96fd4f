package wit_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/witgen/witgen/internal/race"
	"github.com/witgen/witgen/wit"
)

// TestHostileText loads texts that want to crash, hang or flood whoever reads
// them. Each is refused, with a place and in few words.
func TestHostileText(t *testing.T) {
	huge, many := race.Fewer(10<<20, 1<<20), race.Fewer(1_000_000, 100_000)
	long := strings.Repeat("a", huge)
	deep := func(n int, left, middle, right string) string {
		return strings.Repeat(left, n) + middle + strings.Repeat(right, n)
	}
	inInterface := func(text string) string { return "package a:b;\ninterface i {\n" + text + "\n}\n" }
	tests := []struct{ name, text, want string }{
		{"deep types", inInterface("type t = " + deep(100_000, "list<", "u8", ">") + ";"), "types nest too deep"},
		{"deep types without end", inInterface("type t = " + strings.Repeat("tuple<u8, ", many)), "types nest too deep"},
		{"deep results", inInterface("f: func() -> " + deep(100_000, "result<_, ", "u8", ">") + ";"), "types nest too deep"},
		{"deep packages", "package a:b;\n" + deep(100_000, "package c:d {", "", "}"), "packages nest too deep"},
		{"deep comments without end", strings.Repeat("/*", many), "unterminated comment"},
		{"braces", strings.Repeat("{", many), "expected `interface`"},
		{"interfaces in one another", "package a:b;\n" + strings.Repeat("interface i {", 100_000), "expected"},
		{"long name", inInterface("type " + long + " = u8;"), "is no name: it is longer than 100000 bytes"},
		{"long name of a package", "package " + long + ":b;", "is no name: it is longer"},
		{"long name in a use", inInterface("use " + long + ".{a};"), "is no name: it is longer"},
		{"long name with capitals", inInterface(strings.Repeat("aB", huge/2) + ": func();"), "is no name: it is longer"},
		{"long name with underscores", inInterface(strings.Repeat("a_", huge/2) + ": func();"), "is no name: it is longer"},
		{"long name of many words", inInterface(strings.Repeat("a-", huge/2) + "a: func();"), "is no name: it is longer"},
		{"long name in another alphabet", inInterface(strings.Repeat("ж", huge/2) + ": func();"), "is no name: it is longer"},
		{"long escaped name", inInterface("%" + long + ": func();"), "is no name: it is longer"},
		{"long attribute", "package a:b; @" + long + " interface i {}", "is no name: it is longer"},
		{"long feature", "package a:b; @unstable(feature = " + long + ") interface i {}", "is no name: it is longer"},
		{"long version", "package a:b@1." + strings.Repeat("1", huge) + ".0;", "is no version"},
		{"long pre-release", "package a:b@1.0.0-" + strings.Repeat("01.", huge/3) + "1;", "is no version"},
		{"long number", inInterface("type t = list<u8, " + strings.Repeat("9", huge) + ">;"), "less than 4294967296"},
		{"long nonsense", "package a:b; " + strings.Repeat("§", huge/2), "unexpected `§"},
		{"many errors", strings.Repeat("x y z;\n", many), "expected"},
		{"many unknown types", inInterface(strings.Repeat("f: func(a: unknown-type);\n", many/10)), "type `unknown-type` does not exist"},
		{"packages in a circle", "package a:a; interface i { use b:b/i.{t}; }\npackage b:b { interface i { use c:c/i.{t}; } }\n" +
			"package c:c { interface i { use a:a/i.{t}; } }", "depends on itself"},
		{"a package that needs itself", "package a:a; interface i { use a:a/i.{t}; }", "depends on itself"},
		{"types in a circle", inInterface("type a = list<b>; type b = option<c>; record c { a: a }"), "depends on itself"},
		{"includes in a circle", "package a:a; world a { include b; } world b { include a; }", "depends on itself"},
		{"latin 1", "package a:b; // caf\xe9\n", "is not encoded as UTF-8"},
		{"UTF-16", "\xff\xfep\x00a\x00c\x00k\x00", "is not encoded as UTF-8"},
		{"cut in a character", "package a:b; // \xe2\x82", "is not encoded as UTF-8"},
		{"surrogate", "package a:b; // \xed\xa0\x80", "is not encoded as UTF-8"},
		{"nul", "package a:b;\x00", "control character U+0000"},
		{"second byte order mark", "\uFEFF\uFEFFpackage a:b;", "unexpected `\uFEFF`"},
		{"only a byte order mark", "\uFEFF", "no file of this package has a header"},
		{"nothing", "", "no file of this package has a header"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			_, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(tt.text)}}, "a.wit", wit.Options{})
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
			errs, ok := errors.AsType[wit.Errors](err)
			if !ok {
				t.Fatalf("got %v, want errors with places", err)
			}
			if !strings.Contains(errs[0].Msg, tt.want) {
				t.Errorf("got %.300q, want %q", errs[0].Msg, tt.want)
			}
			if size := len(err.Error()); size > 1<<20 {
				t.Errorf("%d bytes of errors", size)
			}
		})
	}
	p := one(t, "\uFEFFpackage a:b;\r\ninterface i {}\r\n", wit.Options{})
	if got, want := p.Pos.String(), "a.wit:1:9"; got != want {
		t.Errorf("with a byte order mark the package is at %s, want %s", got, want)
	}
}

// TestHostileDirectories loads directories that lead nowhere or back.
func TestHostileDirectories(t *testing.T) {
	tests := []struct {
		name  string
		links map[string]string
		want  string
	}{
		{"a link to itself in deps", map[string]string{"deps/loop": "loop"}, "deps/loop"},
		{"links to one another in deps", map[string]string{"deps/x": "y", "deps/y": "x"}, "deps/x"},
		{"a link up", map[string]string{"deps/up": ".."}, "package `a:b` is defined twice"},
		{"a link to deps in deps", map[string]string{"deps/deps": "../deps"}, "no .wit files"},
		{"a dead link in deps", map[string]string{"deps/dead.wit": "none"}, "deps/dead.wit"},
		{"a dead link", map[string]string{"dead.wit": "none"}, "dead.wit"},
		{"deps that are a link to themselves", map[string]string{"deps": "deps"}, "deps"},
		{"a link to a device", map[string]string{"deps/zero.wit": "/dev/null"}, "no file of this package has a header"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "a.wit"), []byte("package a:b;\n"), 0o666); err != nil {
				t.Fatal(err)
			}
			for link, target := range tt.links {
				link = filepath.Join(dir, filepath.FromSlash(link))
				if err := os.MkdirAll(filepath.Dir(link), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink(target, link); err != nil {
					t.Skipf("no symbolic links: %v", err)
				}
			}
			_, err := wit.Load(dir, wit.Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
