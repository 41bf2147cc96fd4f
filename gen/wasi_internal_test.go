package gen

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit"
)

// TestWASI compares the interfaces that have their bindings in the runtime with
// those of the WIT that they are made of, and with the packages that are there.
func TestWASI(t *testing.T) {
	const p2 = "../rt/wasi/p2"
	pkg, err := wit.Load(filepath.Join(p2, "wit"), wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	have := make(map[string][]string)
	for _, world := range []string{"wasi:cli/command", "wasi:http/proxy"} {
		w, err := pkg.ChooseWorld(world)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range append(reach(w), pkg.Interfaces...) {
			of := i.Package.Name
			if !slices.Contains(have[of.Name], i.Name) {
				have[of.Name] = append(have[of.Name], i.Name)
			}
		}
	}
	have["clocks"] = append(have["clocks"], "timezone") // unstable, so that it is in no world here
	for _, list := range have {
		slices.Sort(list)
	}
	if !maps.EqualFunc(have, wasiInterfaces, slices.Equal) {
		t.Errorf("got\n%v\nwant those of the WIT:\n%v", wasiInterfaces, have)
	}
	for name, list := range wasiInterfaces {
		for _, iface := range list {
			dir := packageWord(iface)
			if badPackage(dir) {
				dir = packageWord(name) + dir
			}
			if _, err := os.Stat(filepath.Join(p2, name, dir, dir+Suffix)); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestWASIDrafts compares the drafts that have their bindings in the runtime with
// their WIT, and with the packages that are there.
func TestWASIDrafts(t *testing.T) {
	const draft = "../rt/wasi/draft"
	pkg, err := wit.Load(filepath.Join(draft, "wit"), wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	have := make(map[string]bool)
	for _, world := range []string{"witgen:draft/imports", "wasi:keyvalue/watch-service@0.2.0-draft", "wasi:keyvalue/watch-service@0.2.0-draft2"} {
		w, err := pkg.ChooseWorld(world)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range reach(w) {
			have[i.ID()] = true
			folder, _ := wasiBindings(i)
			dir := packageWord(i.Name)
			if _, err := os.Stat(filepath.Join("../rt/wasi", folder, dir, dir+Suffix)); folder == "" || err != nil {
				t.Errorf("%s: folder %q, %v", i.ID(), folder, err)
			}
		}
	}
	for id := range wasiDrafts {
		if !have[id] {
			t.Errorf("%s is not in the WIT", id)
		}
	}
}

// TestWASIDraftsTogether generates a world that imports several versions of a draft,
// of which some share a package: nothing is generated but the world.
func TestWASIDraftsTogether(t *testing.T) {
	pkg, err := wit.Load("../rt/wasi/draft/wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := pkg.ChooseWorld("witgen:draft/imports")
	if err != nil {
		t.Fatal(err)
	}
	files, err := Generate(w, Options{PackageRoot: "example.com/x"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Path, "imports/") {
			t.Errorf("%s is generated", f.Path)
		}
	}
	rule := map[string]string{"wasi:config/store@0.2.0-rc.1": rtPath + "/wasi/draft/config/store"}
	if _, err := Generate(w, Options{PackageRoot: "example.com/x", With: rule}); err == nil || !strings.Contains(err.Error(), "and so has") {
		t.Errorf("a package that is somebody's choice for one is taken for both: %v", err)
	}
}
