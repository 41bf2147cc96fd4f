package compat_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	p, err := wit.LoadFS(files, ".", wit.Options{})
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

// TestDumpWASI is for looking.
func TestDumpWASI(t *testing.T) {
	root := os.Getenv("DUMP")
	if root == "" {
		t.Skip()
	}
	for _, f := range compat.Compare(wasi(t, "0.2.12", root), wasi(t, "0.3.0", root), compat.Options{}) {
		fmt.Println(f)
	}
}
