package wit_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// wasi020Module is a module that has the WIT of WASI 0.2.0 in it, and wasi020Sum
// what it hashes to. It is not required: tests use it where it is in the module
// cache, which .ci/conformance sees to.
const (
	wasi020Module = "github.com/bytecodealliance/wasm-tools-go@v0.2.0"
	wasi020Sum    = "h1:JdmiZew7ewHjf+ZGGRE4gZM85Ad/PGW/5I57hepEOjQ="
)

// wasi020Texts returns all packages of WASI 0.2.0 by their names.
func wasi020Texts(t testing.TB) map[string]string {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", wasi020Module)
	cmd.Env = append(os.Environ(), "GOPROXY=off")
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("%s is not in the module cache", wasi020Module)
	}
	var module struct{ Dir, Sum string }
	if err := json.Unmarshal(out, &module); err != nil {
		t.Fatal(err)
	}
	if module.Sum != wasi020Sum {
		t.Fatalf("%s has the sum %s, want %s", wasi020Module, module.Sum, wasi020Sum)
	}
	text := readText(t, filepath.Join(module.Dir, "testdata", "wasi", "http.wit.json.golden.wit"))
	first, rest, ok := strings.Cut(text, "\npackage ")
	if !ok {
		t.Fatal("one package")
	}
	files := map[string]string{"cli": first}
	for nested := range strings.SplitSeq(rest, "\npackage ") {
		head, body, _ := strings.Cut(nested, " {\n")
		_, name, _ := strings.Cut(head, ":")
		name, _, _ = strings.Cut(name, "@")
		files[name] = "package " + head + ";\n" + body[:strings.LastIndexByte(body, '}')]
	}
	return files
}

// loadAll loads packages, each with the others as its deps.
func loadAll(t testing.TB, files map[string]string) (all []*wit.Package) {
	t.Helper()
	for _, root := range slices.Sorted(maps.Keys(files)) {
		fsys := fstest.MapFS{}
		for name, text := range files {
			dir := "deps/" + name + "/"
			if name == root {
				dir = ""
			}
			fsys[dir+name+".wit"] = &fstest.MapFile{Data: []byte(text)}
		}
		p, err := wit.LoadFS(fsys, ".", wit.Options{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// wasiPackage returns a package of a version of WASI.
func wasiPackage(t testing.TB, version, root string) *wit.Package {
	t.Helper()
	p, err := wit.LoadFS(wasi(t, filepath.Join(corpus(t, "wasi-wit"), version), root), ".", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestConformanceWASIPatches compares WASI 0.2.0 with 0.2.12: no guest of the one
// fails with the other, and all that is new for hosts is a function, and a name for
// the type of another one.
func TestConformanceWASIPatches(t *testing.T) {
	want := map[string]string{
		"cli":  "warning FUNC_ADDED_IMPORT [HOSTS] of imports, for hosts: wasi:cli/exit#exit-with-code",
		"http": "warning TYPE_ADDED [HOSTS] of imports, for hosts: wasi:http/types#field-name",
	}
	old := loadAll(t, wasi020Texts(t))
	if len(old) != 7 {
		t.Fatalf("%d packages, want 7", len(old))
	}
	for _, p := range old {
		now := wasiPackage(t, "0.2.12", p.Name.Name)
		var got []string
		found := compat.Compare(p, now, compat.Options{})
		for _, f := range found {
			got = append(got, string(f.Severity)+" "+f.Rule+" ["+string(f.Category)+"] of "+string(f.Role)+", for "+string(f.Direction)+": "+f.Item)
		}
		if got := strings.Join(got, "\n"); got != want[p.Name.Name] || p.Name.Version != "0.2.0" {
			t.Errorf("%s: got\n%s\nwant\n%s", p.Name, got, want[p.Name.Name])
		}
		if f := compat.CheckBump(found, p, now); f != nil {
			t.Errorf("%s: 0.2.12 is not enough: %s", p.Name, f)
		}
	}
}

// TestConformanceWASICounts counts what WASI 0.3.0 lacks of 0.2.12, has beside it,
// and has of other types, by what wasm-tools reads of both; what package compat
// finds is that, name by name.
func TestConformanceWASICounts(t *testing.T) {
	paths := make(map[string]map[string]string)
	for _, version := range []string{"0.2.12", "0.3.0"} {
		paths[version] = make(map[string]string)
		for _, in := range wasiInputs(t, version) {
			_, name, _ := strings.Cut(in.name, ":")
			name, _, _ = strings.Cut(name, "@")
			paths[version][name] = in.path
		}
	}
	var all changes
	for root, path := range paths["0.3.0"] {
		theirs := changesBetween(readWASI(t, root, paths["0.2.12"][root]), readWASI(t, root, path))
		ours := foundChanges(compat.Compare(wasiPackage(t, "0.2.12", root), wasiPackage(t, "0.3.0", root), compat.Options{}), "wasi:"+root+"/")
		theirs.compare(t, root, ours)
		all.add(theirs)
	}
	t.Logf("all: %s", &all)
	if len(paths["0.3.0"]) != 6 || len(all.goneInterfaces) == 0 || len(all.gone) == 0 || len(all.added) == 0 || len(all.changed) == 0 {
		t.Error("something of this has to be there")
	}
}

// BenchmarkWASI loads and compares all packages of WASI of two versions, as witgen
// breaking does.
func BenchmarkWASI(b *testing.B) {
	compare := func(b *testing.B, old func() []*wit.Package, version string) {
		for b.Loop() {
			for _, p := range old() {
				compat.Compare(p, wasiPackage(b, version, p.Name.Name), compat.Options{})
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/op")
	}
	b.Run("0.2.0-0.2.12", func(b *testing.B) {
		old := wasi020Texts(b)
		compare(b, func() []*wit.Package { return loadAll(b, old) }, "0.2.12")
	})
	b.Run("0.2.12-0.3.0", func(b *testing.B) {
		compare(b, func() (all []*wit.Package) {
			for _, root := range []string{"cli", "clocks", "filesystem", "http", "random", "sockets"} {
				all = append(all, wasiPackage(b, "0.2.12", root))
			}
			return all
		}, "0.3.0")
	})
}
