package rt_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
)

// worldOf returns a world that imports and exports interfaces of the function f.
func worldOf(f string, names ...string) rt.World {
	var w rt.World
	for _, name := range names {
		x := &abi.Interface{Name: name, Funcs: []abi.FuncType{{Name: "f", Type: f}}}
		w.Imports, w.Exports = append(w.Imports, x), append(w.Exports, x)
	}
	return w
}

// TestChoose chooses among versions of a world by the names of components.
func TestChoose(t *testing.T) {
	e, err := rt.NewEngine(t.Context(), rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	const fits, not = "func()", "func() -> u32"
	three := worldOf(fits, "a:b/c@0.3.0", "a:b/d@0.3.0", "w:x/io@0.2.6")
	three.Older = []rt.World{worldOf(fits, "a:b/c@0.2.4", "w:x/io@0.2.6"), worldOf(fits, "a:b/c@0.1.0", "w:x/io@0.2.6")}
	pre := worldOf(fits, "a:b/c@0.0.3")
	pre.Older = []rt.World{worldOf(fits, "a:b/c@0.0.2"), worldOf(fits, "a:b/c@0.0.2-rc.1")}
	plain := worldOf(not, "status")
	plain.Older = []rt.World{worldOf(not, "status"), worldOf(fits, "status")}
	none := worldOf(not, "status")
	none.Older = []rt.World{worldOf(not, "status")}
	alone := worldOf(fits, "a:b/c@0.3.0")
	// What the newest takes from another package, components have always had.
	more := worldOf(fits, "a:b/c@0.2.0", "w:x/io@0.2.6", "w:x/cli@0.2.6")
	more.Older = []rt.World{worldOf(fits, "a:b/c@0.1.0")}
	// The other package has another version, and toolchains have not.
	later := worldOf(fits, "a:b/c@0.2.0", "w:x/io@0.3.0", "w:x/cli@0.3.0")
	later.Older = []rt.World{worldOf(fits, "a:b/c@0.1.0", "w:x/io@0.2.6", "w:x/cli@0.2.6")}
	// The worlds have nothing of their own.
	borrowed := worldOf(fits, "w:x/io@0.3.0", "w:y/io@1.0.0", "w:y/cli@1.0.0")
	borrowed.Older = []rt.World{worldOf(fits, "w:x/io@0.2.6")}
	for _, w := range []*rt.World{&more, &later, &borrowed} {
		w.Name, w.Older[0].Name = "a:b/w@0.2.0", "a:b/w@0.1.0"
	}
	for _, tt := range []struct {
		name  string
		world rt.World
		has   string // what the component imports and exports
		want  int
	}{
		{"the newest", three, "a:b/c@0.3.0 a:b/d@0.3.0 w:x/io@0.2.6", 0},
		{"a part of the newest", three, "a:b/c@0.3.0", 0},
		{"a later version of its track", three, "a:b/c@0.2.9 w:x/io@0.2.0", 1},
		{"an earlier version of its track", three, "a:b/c@0.2.0", 1},
		{"a track as a name", three, "a:b/c@0.1 w:x/io@0.2", 2},
		{"a version with a suffix", three, "a:b/c@0.1/+.7", 2},
		{"names that all versions have", three, "w:x/io@0.2.6", 0},
		{"no name that any has", three, "o:p/q@1.0.0", 0},
		{"nothing at all", three, "", 0},
		{"a track that is not served", three, "a:b/c@0.4.0", 0},
		{"two of the newest and one of an older", three, "a:b/c@0.3.0 a:b/d@0.3.0 a:b/c@0.1.0", 0},
		{"as many of two versions", three, "a:b/c@0.2.0 a:b/c@0.1.0", 1},
		{"no compatible versions", pre, "a:b/c@0.0.2", 1},
		{"a pre-release", pre, "a:b/c@0.0.2-rc.1", 2},
		{"a plain name, by its type", plain, "status", 2},
		{"a plain name that fits none", none, "status", 0},
		{"no older versions", alone, "a:b/c@0.1.0", 0},
		{"another package beside its version", more, "a:b/c@0.1.0 w:x/io@0.2.6 w:x/cli@0.2.6", 1},
		{"another package beside the newest", more, "a:b/c@0.2.0 w:x/io@0.2.6 w:x/cli@0.2.6", 0},
		{"an older version of another package", later, "a:b/c@0.2.0 w:x/io@0.2.6 w:x/cli@0.2.6", 0},
		{"a later version of another package", later, "a:b/c@0.1.0 w:x/io@0.3.0 w:x/cli@0.3.0", 1},
		{"only another package", borrowed, "w:x/io@0.2.0 w:y/io@1.0.0 w:y/cli@1.0.0", 1},
	} {
		c, err := e.Compile(t.Context(), passing(strings.Fields(tt.has)))
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := c.Choose(tt.world); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
		draft, err := e.Draft(passing(strings.Fields(tt.has)))
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := draft.Choose(tt.world); got != tt.want {
			t.Errorf("%s, before it is compiled: got %d, want %d", tt.name, got, tt.want)
		}
		worlds := slices.Concat([]rt.World{tt.world}, tt.world.Older)
		for i := range worlds {
			worlds[i].Name = "a:b/w" + string(rune('0'+i))
		}
		w := worlds[0]
		w.Older = worlds[1:]
		if got := c.Fit(w, rt.InstanceConfig{}).World; got != worlds[tt.want].Name {
			t.Errorf("%s: fits are of %s, want those of %s", tt.name, got, worlds[tt.want].Name)
		}
	}
}
