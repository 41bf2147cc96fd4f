package gen_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// TestConformanceReleases generates the worlds of WASI 0.3 with those of WASI 0.2 as
// their older version, where both have one of a name. Nearly all of it has changed,
// from resources to streams: what is generated is well typed all the same.
func TestConformanceReleases(t *testing.T) {
	m := newTyped("example.com/generated")
	worlds := 0
	for n, name := range []string{"cli", "clocks", "filesystem", "http", "random", "sockets"} {
		old, now := loadRelease(t, "0.2.12", name), loadRelease(t, "0.3.0", name)
		for _, w := range now.Worlds {
			o := old.World(w.Name)
			if o == nil {
				continue
			}
			for k, all := range []bool{true, false} {
				worlds++
				dir := fmt.Sprintf("d%d/%s/g%d", n, w.Name, k)
				files, renamed, err := generateRenaming(w, gen.Options{PackageRoot: path.Join(m.name, dir), Older: []*wit.World{o}, GenerateWASI: all})
				if err != nil {
					t.Errorf("%s, generated %v: %v", w.ID(), all, err)
					continue
				}
				m.add(dir, files)
				stubs, err := m.stubs(dir, files)
				if err != nil {
					t.Error(err)
				}
				t.Logf("%s, generated %v: %d functions are the user's, renamed %q", w.ID(), all, len(stubs), renamed)
			}
		}
	}
	if worlds == 0 {
		t.Error("no world is in both releases")
	}
	m.check(t)
}

// loadRelease loads a package of WASI, beside the others of its release.
func loadRelease(t *testing.T, version, name string) *wit.Package {
	t.Helper()
	packages := filepath.Join(shared, "wasi-wit", version)
	entries, err := os.ReadDir(packages)
	if err != nil {
		t.Skip("no releases of WASI at ../shared")
	}
	dir := t.TempDir()
	for _, e := range entries {
		to := filepath.Join(dir, "deps", e.Name())
		if e.Name() == name {
			to = dir
		}
		if err := os.CopyFS(to, os.DirFS(filepath.Join(packages, e.Name()))); err != nil {
			t.Fatal(err)
		}
	}
	p, err := wit.Load(dir, wit.Options{AllFeatures: true})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// unversioned finds the package of a file that has no version.
var unversioned = regexp.MustCompile(`(?m)^(package [\w:%-]+);`)

// TestConformanceUnchanged has every world of the corpus as an older version of
// itself: there is nothing that the user has to write.
func TestConformanceUnchanged(t *testing.T) {
	m := newTyped("example.com/generated")
	names, err := filepath.Glob(shared + "wit-corpus/codegen/*.wit")
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Skip("no corpus at ../shared")
	}
	done := 0
	for n, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		of := func(version string) (*wit.Package, error) {
			versioned := unversioned.ReplaceAll(text, []byte("$1@"+version+";"))
			return wit.LoadFS(fstest.MapFS{"x.wit": {Data: versioned}}, "x.wit", wit.Options{AllFeatures: true})
		}
		old, err := of("0.1.0")
		if err != nil {
			continue // it needs packages that are elsewhere
		}
		now, err := of("0.2.0")
		if err != nil || now.Name.Version != "0.2.0" {
			continue
		}
		for k, w := range now.Worlds {
			dir := fmt.Sprintf("c%d/w%d", n, k)
			o := gen.Options{PackageRoot: path.Join(m.name, dir), Older: []*wit.World{old.World(w.Name)}}
			files, _, err := generateRenaming(w, o)
			if err != nil {
				t.Errorf("%s %s: %v", filepath.Base(name), w.Name, err)
				continue
			}
			m.add(dir, files)
			stubs, err := m.stubs(dir, files)
			if err != nil {
				t.Error(err)
			}
			for _, s := range stubs {
				t.Errorf("%s %s: %s", filepath.Base(name), w.Name, s.Why)
			}
			done++
		}
	}
	t.Logf("%d worlds", done)
	if done < 50 {
		t.Errorf("only %d worlds", done)
	}
	m.check(t)
}
