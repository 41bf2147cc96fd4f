package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/wit"
)

// beyondTypes are the rows of the catalogue in which the table says less than that
// a component links, and why.
var beyondTypes = map[string]string{
	"32-type-renamed":          "package rt does not compare names of types, and other hosts do",
	"33-alias-kept":            "likewise",
	"34-alias-inlined":         "likewise",
	"54-type-moved":            "likewise",
	"54-type-moved-away":       "likewise",
	"60-imported-resource-own": "it links, and every call that passes a resource traps",
	"60-own-resource-imported": "likewise",
	"49-import-export":         "from new to old it links, and hosts have nothing to call",
	"50-export-import":         "it links, and hosts have nothing to call",
}

// TestCompatLinks holds the table to what package rt does: for each kind of change
// a component that uses all of one contract, as package rt has it, is compared with
// a host of the other.
func TestCompatLinks(t *testing.T) {
	rows, err := filepath.Glob("../../wit/compat/testdata/rows/*")
	if err != nil || len(rows) == 0 {
		t.Fatalf("no rows: %v", err)
	}
	f := &compatFlags{unstable: true}
	said := make(map[supportVerdict]int)
	differ := make(map[string]bool)
	for _, dir := range rows {
		row := filepath.Base(dir)
		sides := []*wit.Package{loadAll(t, filepath.Join(dir, "old.wit")), loadAll(t, filepath.Join(dir, "new.wit"))}
		for range sides {
			for _, w := range sides[0].Worlds {
				want := refused
				if host := sides[1].World(w.Name); host != nil {
					want = linking(rt.WorldOf(w), rt.WorldOf(host))
				}
				got := f.compared(w.Name, sides[0], sides[1]).verdict
				said[got]++
				switch {
				case got != want && beyondTypes[row] == "":
					t.Errorf("%s, world %s of %s: got %q, and it links: %q", row, w.Name, filepath.Base(sides[0].Pos.File), got, want)
				case got != want:
					differ[row] = true
				}
			}
			slices.Reverse(sides)
		}
	}
	for row := range beyondTypes {
		if !differ[row] {
			t.Errorf("%s differs no more", row)
		}
	}
	if len(said) != 3 {
		t.Errorf("got no more than %v", said)
	}
}

// TestCompatTracks says of the same contract in two versions what their names do.
func TestCompatTracks(t *testing.T) {
	const own = "interface i { f: func(); }\nworld w { import i; export g: func(); }\n"
	const none = "world w { import f: func(); export g: func(); }\n"
	for _, tt := range []struct {
		guest, host, text string
		want              supportVerdict
	}{
		{"0.1.0", "0.1.9", own, supported},
		{"0.1.9", "0.1.0", own, supported},
		{"0.1.0", "0.2.0", own, refused},
		{"0.2.0", "0.1.0", own, refused},
		{"1.0.0", "1.9.0", own, supported},
		{"0.0.1", "0.0.2", own, refused},
		{"0.0.1+a", "0.0.1+b", own, supported},
		{"1.0.0-rc.1", "1.0.0", own, refused},
		{"1.0.0-rc.1", "1.0.0-rc.1", own, supported},
		{"", "", own, supported},
		{"", "1.0.0", own, refused},
		{"0.1.0", "0.2.0", none, supported},
		{"1.0.0-rc.1", "1.0.0", none, supported},
	} {
		var sides []*edition
		for _, version := range []string{tt.guest, tt.host} {
			name := filepath.Join(t.TempDir(), "a.wit")
			if version != "" {
				version = "@" + version
			}
			put(t, name, []byte("package acme:kv"+version+";\n"+tt.text))
			sides = append(sides, &edition{pkg: loadAll(t, name), released: true})
		}
		got := new(compatFlags).answer(newSupport("w", sides), sides[0], sides[1])
		links := linking(rt.WorldOf(sides[0].pkg.World("w")), rt.WorldOf(sides[1].pkg.World("w")))
		if got.verdict != tt.want || (links == supported) != (tt.want == supported) {
			t.Errorf("a component of %q on a host of %q: got %q, want %q, and it links: %q", tt.guest, tt.host, got.verdict, tt.want, links)
		}
	}
}

// TestCompatShared changes types of an interface that others use: a component
// need not use what it imports, and has what it exports.
func TestCompatShared(t *testing.T) {
	const old, now = "record r { a: u32 }", "record r { a: u32, b: u32 }"
	for _, tt := range []struct {
		name, old, now, world string
		want                  supportVerdict
	}{
		{"imported", old, now, "import i;", partly},
		{"exported", old, now, "export i;", refused},
		{"both", old, now, "import i; export i;", refused},
		{"in a function of the world", old, now, "use t.{r}; export g: func() -> r;", refused},
		{"in one that is imported", old, now, "use t.{r}; import g: func() -> r;", partly},
		{"in an interface of the world", old, now, "export g: interface { use t.{r}; g: func() -> r; }", refused},
		{"by another type", "enum e { a }\nrecord r { e: e }", "enum e { a, b }\nrecord r { e: e }", "export i;", refused},
		{"used by none", old, now, "export t;", supported},
	} {
		var sides []*wit.Package
		for _, types := range []string{tt.old, tt.now} {
			name := filepath.Join(t.TempDir(), "a.wit")
			put(t, name, []byte("package acme:kv@1.0.0;\ninterface t {\n"+types+"\n}\ninterface i { use t.{r}; f: func(x: r); }\nworld w { "+tt.world+" }\n"))
			sides = append(sides, loadAll(t, name))
		}
		links := linking(rt.WorldOf(sides[0].World("w")), rt.WorldOf(sides[1].World("w")))
		got := new(compatFlags).compared("w", sides[0], sides[1])
		if got.verdict != tt.want || links != tt.want {
			t.Errorf("%s: got %q, want %q, and it links: %q", tt.name, got.verdict, tt.want, links)
		}
	}
}

func loadAll(t *testing.T, name string) *wit.Package {
	t.Helper()
	p, err := wit.Load(name, wit.Options{AllFeatures: true})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// linking says whether components of one world link to hosts of another: all of
// them, some, or none.
func linking(guest, host rt.World) supportVerdict {
	switch {
	case !hasAll(guest.Exports, host.Exports):
		return refused
	case !hasAll(host.Imports, guest.Imports):
		return partly
	}
	return supported
}

// hasAll reports whether all functions and resources of some interfaces are in what
// stands for them among others.
func hasAll(have, want []*abi.Interface) bool {
	var list []string
	for _, x := range have {
		list = append(list, x.Name)
	}
	names := wit.NewNames(wit.MatchTrack, list)
	for _, x := range want {
		y := new(abi.Interface)
		if i, ok := names.Find(x.Name); ok {
			y = have[i]
		}
		for _, r := range x.Resources {
			if !slices.Contains(y.Resources, r) {
				return false
			}
		}
		for _, f := range x.Funcs {
			if !slices.ContainsFunc(y.Funcs, func(g abi.FuncType) bool { return f.Name == g.Name && wit.MatchTrack.SameText(f.Type, g.Type) }) {
				return false
			}
		}
	}
	return true
}

// TestCompatGuests says of real components what package rt finds when it compares
// them.
func TestCompatGuests(t *testing.T) {
	host := loadAll(t, "../../golden/plugins/wit")
	e, err := rt.NewEngine(t.Context(), rt.Config{Interpreter: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	for _, tt := range []struct {
		wit, wasm, world string
		want             supportVerdict
	}{
		{"golden/plugins/wit", "c/data-processor", "plugin", supported},
		{"examples/plugins/guests/broken/changed.wit", "broken/changed", "plugin", refused},
	} {
		wasm, err := os.ReadFile(guests.Plugin(tt.wasm))
		if err != nil {
			t.Fatal(err)
		}
		c, err := e.Compile(t.Context(), wasm)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(t.Context())
		fit := c.Fit(rt.WorldOf(host.World("plugin")), rt.InstanceConfig{})
		got := new(compatFlags).compared(tt.world, loadAll(t, "../../"+tt.wit), host)
		if got.verdict != tt.want || (fit.Err == nil) != (tt.want == supported) {
			t.Errorf("%s: got %q, want %q; it links: %v", tt.wasm, got.verdict, tt.want, fit.Err)
		}
	}
}
