package wit_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit"
)

// TestConformanceDecode encodes the packages of the corpus that the encoder of
// the tests knows, and compares what decoding makes of them with what loading
// makes of their text.
func TestConformanceDecode(t *testing.T) {
	n, equal := 0, 0
	for _, in := range corpusInputs(t) {
		name := filepath.Join(in.dir, in.path)
		p, err := wit.Load(name, wit.Options{AllFeatures: true})
		if err != nil || len(p.Interfaces)+len(p.Worlds) == 0 {
			continue // the encoding of nothing tells nothing
		}
		wasm, err := wasmTools(t, "component", "wit", "--all-features", "-w", absolute(t, name))
		if err != nil {
			t.Logf("%s: not encoded: %v", in.path, strings.Split(err.Error(), "\n")[0])
			continue
		}
		n++
		q, err := wit.Decode("x.wasm", wasm)
		text := fmt.Sprint(err)
		if err == nil {
			checkPrint(t, q)
			text = diff(dumpMain(p), dumpMain(q))
		}
		reason := encodedOtherwise[filepath.ToSlash(in.path)]
		switch {
		case (text == "") == (reason == ""):
			equal++
		case reason == "":
			t.Logf("%s:\n%s", in.path, text)
		default:
			t.Logf("%s is equal, which it cannot be: %s", in.path, reason)
		}
	}
	report(t, "equal after encoding and decoding", equal, n, floorDecoded)
}

const floorDecoded = 152

// encodedOtherwise says why the old encoder of the tests writes something else
// than what a package says.
var encodedOtherwise = map[string]string{
	"async.wit":                "async is part of names",
	"async-resource-func.wit":  "async is part of names",
	"async-trait-function.wit": "async is part of names",
	"issue-1598.wit":           "an async export is not async",
	"with-resource-as.wit":     "an included resource keeps its name",
}

// TestConformanceDecodeComponent makes a component for each world of the
// corpus, and compares what decoding makes of it with what the maker of the
// component does. It does so, too, with the components of the examples.
func TestConformanceDecodeComponent(t *testing.T) {
	dir := t.TempDir()
	core, component := filepath.Join(dir, "core.wasm"), filepath.Join(dir, "component.wasm")
	n, equal := 0, 0
	check := func(name, file string) {
		n++
		want, err := wasmTools(t, "component", "wit", "--json", absolute(t, file))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		p, err := wit.Load(file, wit.Options{})
		text := fmt.Sprint(err)
		if err == nil {
			text = diff(dumpJSON(t, want), dumpModel(p))
		}
		if text != "" {
			t.Logf("%s:\n%s", name, text)
			return
		}
		equal++
	}
	for _, in := range corpusInputs(t) {
		name := filepath.Join(in.dir, in.path)
		p, err := wit.Load(name, wit.Options{AllFeatures: true})
		if err != nil || in.path == "stress-export-elaborate.wit" { // the maker never ends with that
			continue
		}
		for _, w := range p.Worlds {
			name := in.path + " " + w.Name
			_, err := wasmTools(t, "component", "embed", "--dummy", "--all-features", "--world", w.Name,
				absolute(t, filepath.Join(in.dir, in.path)), "-o", absolute(t, core))
			if err == nil {
				_, err = wasmTools(t, "component", "new", absolute(t, core), "-o", absolute(t, component))
			}
			if err != nil {
				t.Logf("%s: not made: %v", name, strings.Split(err.Error(), "\n")[0])
				continue
			}
			if encodedOtherwise[in.path] != "" {
				continue
			}
			check(name, component)
		}
	}
	guests, err := filepath.Glob("../examples/plugins/guests/*/*.wasm")
	if err != nil || len(guests) == 0 {
		t.Fatalf("no components: %v", err)
	}
	for _, g := range guests {
		check(g, g)
	}
	report(t, "equal components", equal, n, floorComponents)
}

const floorComponents = 170

// dumpMain writes out a package itself, without what was loaded with it.
// Functions of resources come before others, as the encoder has them.
func dumpMain(p *wit.Package) string {
	for _, i := range p.Interfaces {
		slices.SortStableFunc(i.Funcs, func(a, b *wit.Func) int {
			return min(int(b.Kind), 1) - min(int(a.Kind), 1)
		})
	}
	m := &modelPrinter{}
	m.pkg(p)
	return strings.Join(m.lines, "\n")
}

type corpusInput struct{ dir, path string }

// corpusInputs returns what the corpus has of packages that are accepted.
func corpusInputs(t testing.TB) []corpusInput {
	t.Helper()
	var inputs []corpusInput
	for _, dir := range []string{"wit-corpus/ui", "wit-corpus/codegen"} {
		dir = corpus(t, dir)
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			name := e.Name()
			switch {
			case name == "parse-fail", strings.HasSuffix(name, ".json"), strings.HasSuffix(name, ".wat"):
				continue
			case e.IsDir() && filepath.Base(dir) == "codegen":
				name += "/wit"
			}
			inputs = append(inputs, corpusInput{dir, name})
		}
	}
	return inputs
}

var update = flag.Bool("update", false, "encode testdata/encoded again")

// TestDecode decodes the encodings in testdata/encoded and compares them with
// the text beside each, and with the world that a component is made for.
func TestDecode(t *testing.T) {
	for _, name := range []string{"types", "worlds"} {
		base := filepath.Join("testdata", "encoded", name)
		if *update {
			encode(t, base)
		}
		text, err := os.ReadFile(base + ".wit")
		if err != nil {
			t.Fatal(err)
		}
		p, err := wit.Load(base+".wasm", wit.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := wit.Print(p, p.Deps...); got != string(text) {
			t.Errorf("%s:\n%s", name, diff(string(text), got))
		}
		if got, want := p.Pos.File, base+".wasm"; got != filepath.ToSlash(want) {
			t.Errorf("the package is in %s, want %s", got, want)
		}
	}
	p, err := wit.Load("testdata/encoded/rich.wasm", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/encoded/rich.wit")
	if err != nil {
		t.Fatal(err)
	}
	if got := wit.Print(p, p.Deps...); got != string(want) {
		t.Errorf("component:\n%s", diff(string(want), got))
	}
	checkPrint(t, p)
}

// encode encodes a package, and makes a component for its world rich if there
// is one.
func encode(t *testing.T, base string) {
	t.Helper()
	run := func(args ...string) {
		t.Helper()
		if _, err := wasmTools(t, append([]string{"component"}, args...)...); err != nil {
			t.Fatal(err)
		}
	}
	text, wasm := absolute(t, base+".wit"), absolute(t, base+".wasm")
	run("wit", "--all-features", "-w", text, "-o", wasm)
	if filepath.Base(base) == "worlds" {
		core := absolute(t, filepath.Join(t.TempDir(), "core.wasm"))
		run("embed", "--dummy", "--world", "rich", text, "-o", core)
		run("new", core, "-o", absolute(t, filepath.Join(filepath.Dir(base), "rich.wasm")))
	}
}
