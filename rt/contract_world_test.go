package rt_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// worldRows are the kinds of change of worlds and packages that components can
// notice, and what keeps a guest of the old contract from being linked to a host of
// the new one (a), and the other way round (b): "import interface#function", where
// nothing before the # stands in the world itself, and nothing behind it is all of
// an interface. Nothing is a guest that starts.
var worldRows = []struct {
	row, a, b string
	lax       string // why package compat finds more than keeps guests from starting
}{
	{row: "45-import-added", b: "import #trace, import acme:kv/admin@0.2.1#"},
	{row: "46-import-removed", a: "import #trace, import acme:kv/admin@0.2.1#"},
	{row: "47-export-added", a: "export #trace, export acme:kv/admin@0.2.1#"},
	{row: "48-export-removed", b: "export #trace, export acme:kv/admin@0.2.1#"},
	{row: "49-import-export", a: "export #trace, export acme:kv/store@0.2.1#, import #trace, import acme:kv/store@0.2.1#"},
	{
		row: "50-export-import", b: "export #trace, export acme:kv/store@0.2.1#, import #trace, import acme:kv/store@0.2.1#",
		lax: "an old guest links, but the host has nothing to call any more",
	},
	{row: "51-inline-named-export", a: "export acme:kv/admin@0.2.1#", b: "export admin#"},
	{row: "51-inline-named-import", a: "import admin#", b: "import acme:kv/admin@0.2.1#"},
	{row: "52-include"},
	// An instance that has types alone is nothing that a host has to have.
	{row: "53-world-use", b: "import #put"},
	{row: "54-type-moved", lax: "types of functions are spelled out, and are what they were: only tools that compose components look for who declares them"},
	{row: "54-type-moved-away", lax: "as the row before"},
	{
		row: "54-resource-moved",
		a:   "export acme:kv/a@0.2.1#get, export acme:kv/b@0.2.1#entry, import acme:kv/a@0.2.1#entry, import acme:kv/a@0.2.1#get",
		b:   "export acme:kv/a@0.2.1#get, import acme:kv/a@0.2.1#entry, import acme:kv/a@0.2.1#get, import acme:kv/b@0.2.1#entry",
	},
	{row: "55-package-version-added", a: "export acme:kv/admin@0.2.1#, import acme:kv/store#", b: "export acme:kv/admin#, import acme:kv/store@0.2.1#"},
	{row: "55-package-version-gone", a: "export acme:kv/admin#, import acme:kv/store@0.2.1#", b: "export acme:kv/admin@0.2.1#, import acme:kv/store#"},
	{
		row: "60-imported-resource-own",
		a:   "export acme:kv/store@0.2.1#get, export acme:kv/store@0.2.1#put, export acme:kv/types@0.2.1#",
		b:   "export acme:kv/store@0.2.1#get, export acme:kv/store@0.2.1#put",
	},
	{
		row: "60-own-resource-imported",
		a:   "export acme:kv/store@0.2.1#get, export acme:kv/store@0.2.1#put",
		b:   "export acme:kv/store@0.2.1#get, export acme:kv/store@0.2.1#put, export acme:kv/types@0.2.1#",
	},
	{row: "55-package-renamed", a: "export acme:store/admin@0.2.1#, import acme:kv/store@0.2.1#", b: "export acme:kv/admin@0.2.1#, import acme:store/store@0.2.1#"},
	{row: "56-version-bump"},
	{row: "56-version-bump-too-small", a: "export acme:kv/admin@0.2.2#"},
}

// TestContractWorlds makes a guest of each side of each row, both of which import
// and export all that their worlds do, and links each to a host of the other side.
func TestContractWorlds(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range worldRows {
		t.Run(tt.row, func(t *testing.T) {
			var sides [2]*wit.Package
			for i, name := range []string{"old.wit", "new.wit"} {
				if sides[i], err = wit.Load(filepath.Join(contractRows, tt.row, name), wit.Options{}); err != nil {
					t.Fatal(err)
				}
			}
			found := compat.Compare(sides[0], sides[1], compat.Options{})
			for i, want := range []string{tt.a, tt.b} {
				direction := []compat.Direction{compat.ToGuests, compat.ToHosts}[i]
				breaks := slices.ContainsFunc(found, func(f compat.Finding) bool { return f.Direction == direction && f.Severity != compat.Info })
				var got []string
				for _, w := range sides[i].Worlds {
					if host := sides[1-i].World(w.Name); host != nil {
						got = append(got, meets(t, e, w, host)...)
					}
				}
				slices.Sort(got)
				if got := strings.Join(slices.Compact(got), ", "); got != want {
					t.Errorf("for %s: got %q, want %q", direction, got, want)
				}
				if breaks != (want != "") && tt.lax == "" {
					t.Errorf("for %s: package compat finds %v", direction, found)
				}
			}
			if tt.lax != "" && len(found) == 0 {
				t.Errorf("package compat finds nothing, which needs no reason: %s", tt.lax)
			}
		})
	}
}

// meets links a guest of a world to a host of another one and starts it. It returns
// what keeps it from that.
func meets(t *testing.T, e *rt.Engine, of, host *wit.World) (misfits []string) {
	t.Helper()
	g := guest{world: wit.Print(wit.Closure(of))}
	wasm, err := g.encode()
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	w := rt.WorldOf(host)
	linked, err := c.Link(w)
	if err == nil {
		err = starts(t.Context(), linked, w)
	}
	draft, draftErr := e.Draft(wasm)
	if draftErr != nil {
		t.Fatal(draftErr)
	}
	all := draft.Fit(w, rt.InstanceConfig{}).Err
	if (err == nil) != (all == nil) {
		t.Errorf("it is linked and started: %v; it is said to fit: %v", err, all)
	}
	if all == nil {
		return nil
	}
	link, ok := errors.AsType[*rt.LinkError](all)
	if !ok {
		t.Fatal(all)
	}
	for _, m := range link.Misfits {
		text := map[bool]string{false: "import ", true: "export "}[m.Export] + m.Interface + "#" + m.Name
		misfits = append(misfits, text)
		if m.Interface != "" && !strings.Contains(all.Error(), m.Interface) || !strings.Contains(all.Error(), m.Name) {
			t.Errorf("%v does not tell of %s", all, text)
		}
	}
	return misfits
}
