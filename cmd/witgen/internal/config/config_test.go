package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/wit"
)

const good = `# Two worlds.
generate:
  - wit: wit
    world: plugin
    out: api
    package: plugin
    package-root: example.com/app/api
    wasi: generate
    rename: {store: KV, "store.get": Fetch}
    with:
      wasi:io/streams@0.2: example.com/wasi/io/streams
      wasi:io/*: example.com/wasi/io/*
    features: [a, "b"]
    versions: ["0.1", 0.1.2]
    optional_exports:
      - "acme:kv/handler#flush"
      - acme:kv/extra
  - {out: "other",    world: wörld, rename: {ü: A}}
`

func TestParse(t *testing.T) {
	f, err := parse("witgen.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if f.Name != "witgen.yaml" || len(f.Generate) != 2 {
		t.Fatalf("got %+v", f)
	}
	pos := func(line, col int) wit.Pos { return wit.Pos{File: "witgen.yaml", Line: line, Col: col} }
	first, second := f.Generate[0], f.Generate[1]
	for _, tt := range []struct {
		g         *Generate
		key, item string
		want      wit.Pos
	}{
		{first, "wit", "", pos(3, 5)},
		{first, "package-root", "", pos(7, 5)},
		{first, "rename", "store", pos(9, 14)},
		{first, "rename", "store.get", pos(9, 25)},
		{first, "with", "wasi:io/*", pos(12, 7)},
		{first, "with", "wasi:io/poll", wit.Pos{}},
		{first, "optional_exports", "acme:kv/extra", pos(17, 9)},
		{second, "out", "", pos(18, 6)},
		{second, "wit", "", wit.Pos{}},
		{second, "rename", "ü", pos(18, 47)}, // in bytes
	} {
		if got := tt.g.KeyPos(tt.key, tt.item); got != tt.want {
			t.Errorf("%s %s is at %s, want %s", tt.key, tt.item, got, tt.want)
		}
	}
	if second.Pos != pos(18, 5) {
		t.Errorf("the second entry is at %s", second.Pos)
	}
	first.pos, second.pos = nil, nil
	want := []*Generate{
		{
			Pos: pos(3, 5), WIT: "wit", World: "plugin", Out: "api", Package: "plugin", PackageRoot: "example.com/app/api", WASI: "generate",
			Rename:   map[string]string{"store": "KV", "store.get": "Fetch"},
			With:     map[string]string{"wasi:io/streams@0.2": "example.com/wasi/io/streams", "wasi:io/*": "example.com/wasi/io/*"},
			Features: []string{"a", "b"}, Versions: []string{"0.1", "0.1.2"}, OptionalExports: []string{"acme:kv/handler#flush", "acme:kv/extra"},
		},
		{Pos: pos(18, 5), Out: "other", World: "wörld", Rename: map[string]string{"ü": "A"}},
	}
	if !reflect.DeepEqual(f.Generate, want) {
		t.Errorf("got %+v %+v, want %+v %+v", first, second, want[0], want[1])
	}
}

func TestParseErrors(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"a comment", "# nothing\n", ""},
		{"no entries", "generate: []\n", ""},
		{"an alias", "generate:\n  - {out: &x a, wit: *x}\n", ""},
		{"a list", "- a\n", "f:1:1: the file: want a mapping of keys to values, found a list"},
		{"a string", "generate", "f:1:1: the file: want a mapping of keys to values, found the string \"generate\""},
		{"unknown key", "x: 1\ngenerate: []\n\"y\": z\n", "f:1:1: the file has no key \"x\", only breaking, generate\nf:3:1: the file has no key \"y\", only breaking, generate"},
		{"a mapping", "generate:\n  wit: a\n", "f:2:3: generate: want a list of entries, found a mapping"},
		{"nothing for a list", "generate:\n", "f:1:10: generate: want a list of entries, found nothing"},
		{
			"unknown key of an entry", "generate:\n  - wit: a\n    wrold: b\n",
			"f:3:5: an entry of generate has no key \"wrold\", only features, golden, optional_exports, out, package, package-root, rename, versions, wasi, wit, with, world",
		},
		{"merge", "x: &x {wit: a}\ngenerate: [{<<: *x}]\n", "f:1:1: the file has no key \"x\", only breaking, generate\n" +
			"f:2:13: an entry of generate has no key \"<<\", only features, golden, optional_exports, out, package, package-root, rename, versions, wasi, wit, with, world"},
		{
			"wrong types", "generate:\n- a\n- wit: [a]\n  world: 1\n  out: true\n  package:\n  package-root: \"\"\n  rename: [a]\n  with: {a: {}}\n  features: x\n",
			`f:2:3: an entry of generate: want a mapping of keys to values, found the string "a"
f:3:8: wit: want a string, found a list
f:4:10: world: want a string, found 1, which is one only in quotes
f:5:8: out: want a string, found true, which is one only in quotes
f:6:11: package: want a string, found nothing
f:7:17: package-root is empty
f:8:11: rename: want a mapping of keys to values, found a list
f:9:13: with: a: want a string, found a mapping
f:10:13: features: want a list of names, found the string "x"`,
		},
		{"wrong items", "generate: [{features: [a, 1, '']}]\n", "f:1:27: features: want a string, found 1, which is one only in quotes\nf:1:30: features is empty"},
		{"no list", "generate: [{optional_exports: a}]\n", "f:1:31: optional_exports: want a list of exports, found the string \"a\""},
		{"duplicate key", "generate:\n- wit: a\n  wit: b\n", "f:3:3: an entry of generate has \"wit\" twice; it is at f:2:3 already"},
		{"duplicate rule", "generate: [{rename: {a: B, c: D, 'a': C}}]\n", "f:1:34: rename has \"a\" twice; it is at f:1:22 already"},
		{"keys of other types", "generate: [{rename: {1: B, [a]: C}}]\n1: 2\n", `f:1:22: a key of rename: want a string, found 1, which is one only in quotes
f:1:28: a key of rename: want a string, found a list
f:2:1: a key of the file: want a string, found 1, which is one only in quotes`},
		{"two documents", "generate: []\n---\ngenerate: []\n", "f:2:1: a second document"},
		{"no YAML", "generate:\n\t- a\n", "f:2:1: YAML is indented with spaces, not with tabs"},
		{"tabs after spaces", "generate:\n  - wit: a\n  \t\tout: b\n", "f:3:3: YAML is indented with spaces, not with tabs"},
		{"less indented", "generate:\n  - out: x\n   world: y\n  - out: z\n", "f:3: did not find expected '-' indicator"},
		{"not closed", "# one\ngenerate:\n  - {out: x,\n  - out: y\n", "f:3: did not find expected node content"},
		{"no string's end", "generate:\n  - out: \"x\n", "f:2: found unexpected end of stream"},
		{"no YAML in a second document", "generate: []\n---\na: b: c\n", "f:3: mapping values are not allowed in this context"},
		{"no YAML in the first line", "a: b: c\n", "f:1: mapping values are not allowed in this context"},
		{"unknown anchor", "generate: *x\n", "f:1: unknown anchor 'x' referenced"},
		{"itself", "generate: &x [*x]\n", "f:1:15: an entry of generate: want a mapping of keys to values, found a list"},
		{"a control", "generate: []\nä\x00", "f:2:3: this is no text"},
		{"no UTF-8", "generate: \xff", "f:1:11: this is no text"},
		{"a return", "generate: [{wit: a\rb}]\r\n", "f:1:19: this is no text"},
		{"lines that end in returns", "generate:\r\n- out: 1\r\n", "f:2:8: out: want a string, found 1, which is one only in quotes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := parse("f", []byte(tt.in))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want || (f == nil) != (err != nil) {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

const breaking = `breaking:
  wit: contracts
  against: git:origin/main
  use: [GUESTS, GO]
  except: [NAMES]
  worlds: [plugin]
  role: exports
  direction: guests
  features: [peeking]
  optional_exports: ["acme:kv/handler#flush"]
  ignore:
    - {item: "acme:kv/debug", rules: [FUNC_NO_DELETE], until: 2027-01-01, reason: "experimental"}
    - item: acme:kv
      until: "2028-02-29"
      reason: all
  ignore_unstable: true
  strict: false
`

func TestParseBreaking(t *testing.T) {
	f, err := parse("w", []byte(breaking))
	if err != nil {
		t.Fatal(err)
	}
	b := f.Breaking
	pos := func(line, col int) wit.Pos { return wit.Pos{File: "w", Line: line, Col: col} }
	for got, want := range map[wit.Pos]wit.Pos{
		b.KeyPos("use", "GO"): pos(4, 17), b.KeyPos("against", ""): pos(3, 3), b.Ignore[0].KeyPos("rules", "FUNC_NO_DELETE"): pos(12, 39),
		b.Ignore[1].KeyPos("until", ""): pos(14, 14), b.Ignore[1].Pos: pos(13, 7),
	} {
		if got != want {
			t.Errorf("a key is at %s, want %s", got, want)
		}
	}
	b.pos, b.Ignore[0].pos, b.Ignore[1].pos = nil, nil, nil
	want := &Breaking{
		WIT: "contracts", Against: "git:origin/main", Role: "exports", Direction: "guests", Worlds: []string{"plugin"}, Features: []string{"peeking"},
		Use: []string{"GUESTS", "GO"}, Except: []string{"NAMES"}, OptionalExports: []string{"acme:kv/handler#flush"}, IgnoreUnstable: true,
		Ignore: []*Ignore{
			{Pos: pos(12, 7), Item: "acme:kv/debug", Rules: []string{"FUNC_NO_DELETE"}, Until: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), Reason: "experimental"},
			{Pos: pos(13, 7), Item: "acme:kv", Until: time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC), Reason: "all"},
		},
	}
	if !reflect.DeepEqual(b, want) {
		t.Errorf("got %+v, want %+v", b, want)
	}
	for in, want := range map[string]string{
		"a: b":                "f:1:12: breaking has no key \"a\", only against, direction, except, features, ignore, ignore_unstable, optional_exports, role, strict, use, wit, worlds",
		"strict: 1":           "f:1:20: strict: want true or false, found 1",
		"ignore: [a]":         "f:1:21: an entry of ignore: want a mapping of keys to values, found the string \"a\"",
		"ignore: [{item: a}]": "f:1:21: an entry of ignore wants until and reason too",
		"ignore: [{item: a, until: tomorrow, reason: b}]": "f:1:38: until: want a day such as 2027-01-01, found the string \"tomorrow\"",
		"ignore: [{item: a, until: 2027, reason: b}]":     "f:1:38: until: want a day such as 2027-01-01, found 2027",
		"use: GO": "f:1:17: use: want a list of categories and rules, found the string \"GO\"",
	} {
		if _, err := parse("f", []byte("breaking: {"+in+"}\n")); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", in, err, want)
		}
	}
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a/go.mod", "a/b/c/x", "a/d/witgen.yaml", "a/d/e/f/x", "a/d/m/go.mod", "a/d/m/n/x", "a/g/go.mod", "a/g/witgen.yaml", "a/g/h/witgen.yaml/x"} {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ from, want string }{
		{"a/b/c", ""},
		{"a/d", "a/d/witgen.yaml"},
		{"a/d/e/f", "a/d/witgen.yaml"},
		{"a/d/m/n", ""}, // another module
		{"a/g", "a/g/witgen.yaml"},
		{"a/g/h", "a/g/witgen.yaml"}, // past a directory of that name
		{"a/d/none", "a/d/witgen.yaml"},
	} {
		got, err := Find(filepath.Join(root, filepath.FromSlash(tt.from)))
		if err != nil {
			t.Fatal(err)
		}
		want := tt.want
		if want != "" {
			want = filepath.Join(root, filepath.FromSlash(want))
		}
		if got != want {
			t.Errorf("from %s: got %q, want %q", tt.from, got, want)
		}
	}
}

func TestLoad(t *testing.T) {
	if _, err := Load(filepath.Join(t.TempDir(), "none")); !os.IsNotExist(err) {
		t.Errorf("got %v", err)
	}
}

// FuzzParse looks for text that makes the reader panic, or that it reads as
// nothing without an error.
func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(breaking))
	f.Add([]byte("generate: &x [*x]\n"))
	f.Add([]byte("generate: [{<<: {wit: a}, 1: 2, ? [a] : b}]\n--- \n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := parse("f", text)
		if (file == nil) != (err != nil) {
			t.Fatalf("got %v and %v", file, err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("no place: %v", err)
		}
	})
}
