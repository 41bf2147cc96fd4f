package types_test

import (
	"os"
	"slices"
	"testing"

	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/types"
	"github.com/witgen/witgen/wit"
)

func check(t *testing.T, file string) *types.Component {
	t.Helper()
	wasm, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := binary.Decode(wasm)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	c, err := types.Check(tree)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return c
}

// TestGuests compares the types that toolchains write into components with
// those that the contract's WIT has: one text for both.
func TestGuests(t *testing.T) {
	pkg, err := wit.Load("../../../golden/plugins/wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"c", "go", "js", "rust"} {
		for _, name := range []string{"/data-processor", "/image-processor"} {
			file := guests.Plugin(language + name)
			c := check(t, file)
			compare(t, file, c.Type.Imports, pkg.Interface("host-api"), false)
			compare(t, file, c.Type.Exports, pkg.Interface("plugin-api"), true)
		}
	}
}

// compare compares the functions of an interface; all of them have to be there
// for an export, and only those that are used for an import.
func compare(t *testing.T, file string, externs []types.Extern, want *wit.Interface, all bool) {
	t.Helper()
	i := slices.IndexFunc(externs, func(e types.Extern) bool { return e.Name == want.ID() })
	if i < 0 {
		if all {
			t.Errorf("%s lacks %s", file, want.ID())
		}
		return
	}
	seen := 0
	for _, e := range externs[i].Instance.Exports {
		if e.Func == nil {
			continue
		}
		seen++
		k := slices.IndexFunc(want.Funcs, func(f *wit.Func) bool { return f.Name == e.Name })
		if k < 0 {
			t.Errorf("%s: %s has no function %q", file, want.ID(), e.Name)
			continue
		}
		if got, want := wit.FuncText(e.Func), wit.FuncText(want.Funcs[k]); got != want {
			t.Errorf("%s: %s\ngot  %s\nwant %s", file, e.Name, got, want)
		}
	}
	if all && seen != len(want.Funcs) {
		t.Errorf("%s: %d functions of %s, want %d", file, seen, want.ID(), len(want.Funcs))
	}
}
