package wit_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// targetsDiffers are the rows in which package compat finds less or more than
// wasm-tools component targets, and why.
var targetsDiffers = map[string]string{
	"19-unused-type-changed": "no value of the type is ever passed, so that it is info alone",
	"30-type-added":          "hosts do not ask for types but resources, so that it is info alone",
	"50-export-import":       "it fits, and hosts have nothing to call any more",
	"54-resource-moved":      "it fits where the name is kept; package rt names resources by what declares them",
}

// targetsCannot are the rows that wasm-tools 1.230.0 does not take.
var targetsCannot = map[string]string{
	"05-async-sync":             "async is off",
	"05-sync-async":             "async is off",
	"12-list-of-a-fixed-length": "lists of a fixed length are off",
	"27-flags-32-33":            "33 flags are not valid",
	"43-constructor-result":     "constructors have no results",
	"58-world-removed":          "worlds are asked for by name",
	"58-world-renamed":          "worlds are asked for by name",
	"59-interface-removed":      "it is about no world",
}

// dummy has wasm-tools make a component that uses all of a world, and returns
// where it is. Flags are those of features.
func dummy(t testing.TB, file, world string, flags ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	core, component := filepath.Join(dir, "core.wasm"), filepath.Join(dir, "component.wasm")
	if _, err := wasmTools(t, append([]string{"component", "embed", "--dummy", "-w", world, absolute(t, file), "-o", absolute(t, core)}, flags...)...); err != nil {
		return "", err
	}
	_, err := wasmTools(t, "component", "new", absolute(t, core), "-o", absolute(t, component))
	return component, err
}

// targets has wasm-tools say whether a component fits a world: it may import
// less, and export more.
func targets(t testing.TB, component, file, world string, flags ...string) (fits bool, err error) {
	t.Helper()
	_, err = wasmTools(t, append([]string{"component", "targets", "-w", world, absolute(t, file), absolute(t, component)}, flags...)...)
	if err != nil && (strings.Contains(err.Error(), "mismatch") || strings.Contains(err.Error(), "missing")) {
		return false, nil
	}
	return err == nil, err
}

// TestConformanceTargets compares what package compat finds in each of its rows
// with what wasm-tools says of a component that uses all of the one side and a
// world of the other. It takes rows that semver-check does not, since each side
// has a file of its own.
func TestConformanceTargets(t *testing.T) {
	dirs, err := filepath.Glob("compat/testdata/rows/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no rows: %v", err)
	}
	asked, differ := 0, make(map[string]bool)
	for _, dir := range dirs {
		row := filepath.Base(dir)
		if targetsCannot[row] != "" {
			continue
		}
		files := []string{filepath.Join(dir, "old.wit"), sameVersion(t, dir)}
		var sides []*wit.Package
		for _, name := range files {
			p, err := wit.Load(name, wit.Options{AllFeatures: true})
			if err != nil {
				t.Fatal(err)
			}
			sides = append(sides, p)
		}
		for _, w := range sides[0].Worlds {
			found := compat.Compare(sides[0], sides[1], compat.Options{Worlds: []string{w.Name}, Unstable: true})
			for i, d := range []compat.Direction{compat.ToGuests, compat.ToHosts} {
				component, err := dummy(t, files[i], w.Name, "--all-features")
				if err != nil {
					t.Fatalf("%s: %v", row, err)
				}
				fits, err := targets(t, component, files[1-i], w.Name, "--all-features")
				if err != nil {
					t.Fatalf("%s: %v", row, err)
				}
				asked++
				breaks := slices.ContainsFunc(found, func(f compat.Finding) bool { return f.Direction == d && f.Severity != compat.Info })
				switch {
				case breaks != fits:
				case targetsDiffers[row] != "":
					differ[row] = true
				default:
					t.Errorf("%s: world %s, %s: it fits: %v; we find %v", row, w.Name, d, fits, found)
				}
			}
		}
	}
	for row, why := range targetsDiffers {
		if !differ[row] {
			t.Errorf("%s does not differ: %s", row, why)
		}
	}
	if asked < 250 {
		t.Errorf("wasm-tools gave %d verdicts, there are more", asked)
	}
}

// sameVersion returns a file with the newer side of a row: in the version of the
// older one if it has another, since wasm-tools knows no tracks.
func sameVersion(t *testing.T, dir string) string {
	t.Helper()
	name := filepath.Join(dir, "new.wit")
	first := func(text string) string {
		line, _, _ := strings.Cut(text, "\n")
		return line
	}
	text := readText(t, name)
	was, is := first(readText(t, filepath.Join(dir, "old.wit"))), first(text)
	if !strings.Contains(was, "@") || !strings.Contains(is, "@") || strings.Contains(is, "acme:store") {
		return name
	}
	copied := filepath.Join(t.TempDir(), "new.wit")
	if err := os.WriteFile(copied, []byte(strings.Replace(text, is, was, 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	return copied
}
