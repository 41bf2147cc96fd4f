package compat_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// reference returns a directory of reference data.
func reference(tb testing.TB, name string) string {
	tb.Helper()
	dir := filepath.Join("..", "..", "..", "shared", name)
	if _, err := os.Stat(dir); err != nil {
		tb.Skip("the reference data is not at ../shared/" + name)
	}
	return dir
}

// wasi returns a package of WASI with the others as its deps.
func wasi(tb testing.TB, version, root string) *wit.Package {
	tb.Helper()
	dir := reference(tb, "wasi-wit/"+version)
	files := make(fstest.MapFS)
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		pkg, file, _ := strings.Cut(name, "/")
		if pkg == root {
			files[file] = &fstest.MapFile{Data: data}
		} else {
			files["deps/"+name] = &fstest.MapFile{Data: data}
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	p, err := wit.LoadFS(files, ".", wit.Options{AllFeatures: true})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// TestConformanceSame compares every package of the reference data with what
// Print makes of it, which is the same contract: nothing is found.
func TestConformanceSame(t *testing.T) {
	compared := 0
	for _, pattern := range []string{"ui/*.wit", "ui/*", "codegen/*.wit", "codegen/*/wit"} {
		names, err := filepath.Glob(filepath.Join(reference(t, "wit-corpus"), pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			p, err := wit.Load(name, wit.Options{AllFeatures: true})
			if err != nil {
				continue // another test says whether it should
			}
			compared++
			again, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(wit.Print(p, p.Deps...))}}, "a.wit", wit.Options{AllFeatures: true})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for _, now := range []*wit.Package{p, again} {
				for _, unstable := range []bool{false, true} {
					for _, f := range compat.Compare(p, now, compat.Options{Unstable: unstable}) {
						t.Errorf("%s: compared with itself: %s", name, f)
					}
				}
			}
		}
	}
	if compared < 150 {
		t.Errorf("%d packages were compared, there are more", compared)
	}
	for _, version := range []string{"0.2.12", "0.3.0"} {
		for _, root := range []string{"cli", "clocks", "filesystem", "http", "random", "sockets"} {
			p := wasi(t, version, root)
			for _, f := range compat.Compare(p, p, compat.Options{Unstable: true}) {
				t.Errorf("wasi:%s@%s: compared with itself: %s", root, version, f)
			}
		}
	}
}

var wasiPackages = []string{"cli", "clocks", "filesystem", "http", "random", "sockets"}

// canonical returns the type of a function without the tracks of names in it.
func canonical(f *wit.Func) string {
	return strings.NewReplacer("@0.2.", ".", "@0.3.", ".").Replace(wit.FuncText(f))
}

// TestConformanceWASIBreaks compares WASI 0.2.12 with 0.3.0, which is not
// compatible, and looks for each function that is gone or has another type among
// what is found: by itself, or with its interface, its resource or a type of it.
// What stayed is not found.
func TestConformanceWASIBreaks(t *testing.T) {
	for _, root := range wasiPackages {
		old, now := wasi(t, "0.2.12", root), wasi(t, "0.3.0", root)
		found := compat.Compare(old, now, compat.Options{})
		errors := make(map[string]bool)
		users := make(map[string]bool)
		all := ""
		for _, f := range found {
			if f.Severity != compat.Error || f.Direction != compat.ToGuests {
				continue
			}
			errors[f.Item] = true
			all += f.Message
			for _, u := range f.UsedBy {
				users[u] = true
			}
		}
		breaks := 0
		for _, i := range old.Interfaces {
			if i.Stability.Feature != "" {
				continue
			}
			path := "wasi:" + root + "/" + i.Name
			j := now.Interface(i.Name)
			if j == nil {
				breaks++
				if !errors[path] && !strings.Contains(all, "`"+i.ID()+"`") {
					t.Errorf("%s is gone, and not found", path)
				}
				continue
			}
			for _, f := range i.Funcs {
				if f.Stability.Feature != "" {
					continue
				}
				name := strings.NewReplacer("[method]", "", "[static]", "", "[constructor]", "").Replace(f.Name)
				if f.Kind == wit.Constructor {
					name += ".constructor"
				}
				item := path + "#" + name
				resource, _, _ := strings.Cut(item, ".")
				n := slices.IndexFunc(j.Funcs, func(g *wit.Func) bool { return g.Name == f.Name })
				known := errors[item] || errors[resource] && f.Resource != nil
				for _, p := range f.Params {
					known = known || errors[item+"."+p.Name]
				}
				if n < 0 || canonical(f) != canonical(j.Funcs[n]) {
					breaks++
					if !known && !users[item] && n < 0 || !known && !users[item] && !onlyNames(f, j.Funcs[n]) {
						t.Errorf("%s is gone or has another type, and is not found", item)
					}
				} else if errors[item] {
					t.Errorf("%s is found, and has the type it had", item)
				}
			}
		}
		if got := compat.Needed(found); got != compat.MinorBump && root != "random" {
			t.Errorf("wasi:%s: it needs a %s, want a minor", root, got)
		}
		if f := compat.CheckBump(found, old, now); f != nil {
			t.Errorf("wasi:%s: 0.3.0 is not enough after 0.2.12: %s", root, f)
		}
		if breaks == 0 {
			t.Errorf("wasi:%s has no break, so nothing was tried", root)
		}
		t.Logf("wasi:%s: %d functions and interfaces are gone or changed, %d findings", root, breaks, len(found))
	}
}

// onlyNames reports whether two functions differ in the names of parameters
// alone, which is a warning.
func onlyNames(f, g *wit.Func) bool {
	if len(f.Params) != len(g.Params) {
		return false
	}
	a, b := *f, *g
	a.Params, b.Params = slices.Clone(f.Params), slices.Clone(g.Params)
	for i := range a.Params {
		b.Params[i].Name = a.Params[i].Name
	}
	return canonical(&a) == canonical(&b)
}

// TestConformanceWASIGuests compares what components that were built against
// older versions of WASI 0.2 import with 0.2.12, which has it all.
func TestConformanceWASIGuests(t *testing.T) {
	versions := make(map[string]bool)
	for _, pattern := range []string{"../../rt/wasi/testdata/*.wasm", "../../rt/wasi/testdata/languages/*.wasm", "../../examples/plugins/guests/js/*.wasm"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			p, err := wit.Load(name, wit.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range p.Deps {
				if d.Name.Namespace != "wasi" || wit.Track(d.Name.Version) != "0.2" || !slices.Contains(append(wasiPackages, "io"), d.Name.Name) {
					continue
				}
				versions[d.Name.Version] = true
				for _, f := range compat.Compare(d, wasi(t, "0.2.12", d.Name.Name), compat.Options{Role: compat.Imports, Unstable: true}) {
					if f.Severity == compat.Error || f.Direction == compat.ToGuests {
						t.Errorf("%s: %s", name, f)
					}
				}
			}
		}
	}
	if !versions["0.2.0"] || len(versions) < 3 {
		t.Errorf("the guests import WASI of versions %v only", versions)
	}
}

// BenchmarkCompareWASI compares all packages of WASI 0.2.12 with those of 0.3.0.
func BenchmarkCompareWASI(b *testing.B) {
	var old, now []*wit.Package
	for _, root := range wasiPackages {
		old, now = append(old, wasi(b, "0.2.12", root)), append(now, wasi(b, "0.3.0", root))
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range old {
			compat.Compare(old[i], now[i], compat.Options{})
		}
	}
}
