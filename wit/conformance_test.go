package wit_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
)

// shared holds reference data that is no part of the repository.
const shared = "../../shared"

func corpus(t testing.TB, dir string) string {
	t.Helper()
	dir = filepath.Join(shared, dir)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no reference data: %v", err)
	}
	return dir
}

// The floors are what is reached. They may only rise.
const (
	floorAccepted  = 74
	floorRefused   = 150
	floorPositions = 145
	floorFirst     = 145
	floorCodegen   = 101
)

// TestConformanceAccept loads the inputs of the reference's own tests.
func TestConformanceAccept(t *testing.T) {
	dir := corpus(t, "wit-corpus/ui")
	goldens, err := filepath.Glob(filepath.Join(dir, "*.wit.json"))
	if err != nil {
		t.Fatal(err)
	}
	accepted := 0
	for _, golden := range goldens {
		name := goldenInput(golden)
		if _, err := wit.Load(assembled(t, name), wit.Options{Features: []string{"active"}}); err != nil {
			t.Logf("refused: %s: %v", filepath.Base(name), err)
			continue
		}
		accepted++
	}
	report(t, "accepted", accepted, len(goldens), floorAccepted)
}

// goldenInput returns the place of the package whose model a golden is.
func goldenInput(golden string) string {
	base := strings.TrimSuffix(golden, ".wit.json")
	for _, name := range []string{base, base + ".wat"} {
		if _, err := os.Stat(name); err == nil {
			return name
		}
	}
	return base + ".wit"
}

func report(t *testing.T, what string, n, of, floor int) {
	t.Helper()
	t.Logf("%s: %d of %d", what, n, of)
	if n < floor {
		t.Errorf("%s: %d of %d, was %d before", what, n, of, floor)
	}
}

// place finds where a golden says the error is.
var place = regexp.MustCompile(`tests/ui/(\S+?:\d+:\d+)`)

// TestConformanceRefuse loads the inputs that are wrong, and looks for the
// reference's place of the error among ours.
func TestConformanceRefuse(t *testing.T) {
	dir := corpus(t, "wit-corpus/ui/parse-fail")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	inputs, refused, placed, found, first := 0, 0, 0, 0, 0
	for _, e := range entries {
		name := e.Name()
		if strings.HasSuffix(name, ".result") {
			continue
		}
		inputs++
		_, err := wit.Load(filepath.Join(dir, name), wit.Options{Features: []string{"active"}})
		if err == nil {
			t.Logf("accepted: %s", name)
			continue
		}
		refused++
		golden, readErr := os.ReadFile(filepath.Join(dir, strings.TrimSuffix(name, ".wit")+".wit.result"))
		if readErr != nil {
			t.Fatal(readErr)
		}
		var want []string
		for _, m := range place.FindAllStringSubmatch(string(golden), -1) {
			want = append(want, m[1])
		}
		if len(want) == 0 {
			continue
		}
		placed++
		got := places(err)
		switch i := slices.IndexFunc(got, func(p string) bool { return slices.Contains(want, p) }); {
		case i < 0:
			t.Logf("%s: want an error at %s, got\n%v", name, want[0], err)
		case i > 0:
			t.Logf("%s: the error at %s is not the first:\n%v", name, want[0], err)
			found++
		default:
			found++
			first++
		}
	}
	report(t, "refused", refused, inputs, floorRefused)
	report(t, "errors at the reference's place", found, placed, floorPositions)
	report(t, "errors at the reference's place, first", first, placed, floorFirst)
}

// places returns where the errors are, relative to the corpus.
func places(err error) []string {
	errs, _ := errors.AsType[wit.Errors](err)
	var list []string
	for _, e := range errs {
		_, rest, _ := strings.Cut(e.Pos.String(), "/ui/")
		list = append(list, rest)
	}
	return list
}

// TestConformanceCodegen loads what the reference generates bindings for.
func TestConformanceCodegen(t *testing.T) {
	dir := corpus(t, "wit-corpus/codegen")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	loaded := 0
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if e.IsDir() {
			name = filepath.Join(name, "wit")
		}
		if _, err := wit.Load(name, wit.Options{}); err != nil {
			t.Logf("refused: %s: %v", e.Name(), err)
			continue
		}
		loaded++
	}
	report(t, "loaded", loaded, len(entries), floorCodegen)
}

// TestConformanceWASI loads each package of WASI with the others as its deps.
func TestConformanceWASI(t *testing.T) {
	dir := corpus(t, "wasi-wit")
	for version, packages := range map[string]int{"0.2.12": 7, "0.3.0": 6} {
		for _, all := range []bool{false, true} {
			roots, err := os.ReadDir(filepath.Join(dir, version))
			if err != nil {
				t.Fatal(err)
			}
			if len(roots) != packages {
				t.Errorf("%d packages in %s, want %d", len(roots), version, packages)
			}
			for _, root := range roots {
				p, err := wit.LoadFS(wasi(t, filepath.Join(dir, version), root.Name()), ".", wit.Options{AllFeatures: all})
				if err != nil {
					t.Errorf("%s %s: %v", version, root.Name(), err)
					continue
				}
				if want := "wasi:" + root.Name() + "@" + version; p.Name.String() != want {
					t.Errorf("loaded %s, want %s", p.Name, want)
				}
			}
		}
	}
}

// wasi returns a file system with one package at its root and the others of
// its version in deps.
func wasi(t testing.TB, dir, root string) fs.FS {
	t.Helper()
	fsys := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		if own, ok := strings.CutPrefix(name, root+"/"); ok {
			name = own
		} else {
			name = "deps/" + name
		}
		fsys[name] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fsys
}
