package rt_test

import (
	"context"
	"flag"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/internal/edits"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

var editCount = flag.Int("edits", 400, "random changes of random contracts")

// linksByShape are the rules about changes that package rt does not look at, and
// why. What any other rule finds keeps guests from starting.
var linksByShape = map[string]string{
	"TYPE_NO_DELETE":            "types have the shape they had",
	"TYPE_ADDED":                "likewise",
	"TYPE_SAME_HOME":            "likewise, but for whose a resource is",
	"WORLD_ITEM_SAME_DIRECTION": "nothing calls it any more",
}

// TestConformanceEdits makes guests of both sides of random changes and links each
// to a host of the other side: those that are refused are those of which package
// compat says so.
func TestConformanceEdits(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	linked, refused, unmade := 0, 0, 0
	for n := range uint64(*editCount) {
		old, now, what := edits.Pair(*seed, n, edits.Tongue{Async: true, Lists: true, Names: true, Track: true, Gates: true})
		var sides, gated []*wit.Package
		for _, text := range []string{old, now} {
			file := fstest.MapFS{"a.wit": {Data: []byte(text)}}
			p, err := wit.LoadFS(file, "a.wit", wit.Options{})
			all, err2 := wit.LoadFS(file, "a.wit", wit.Options{AllFeatures: true})
			if err != nil || err2 != nil {
				break // not every edit can be made
			}
			sides, gated = append(sides, p), append(gated, all)
		}
		if len(sides) < 2 {
			continue
		}
		found := compat.Compare(gated[0], gated[1], compat.Options{Worlds: []string{"w"}})
		for i, d := range []compat.Direction{compat.ToGuests, compat.ToHosts} {
			c, err := compileWorld(t, e, sides[i].World("w"))
			if err != nil {
				unmade++ // as exports come in another order than they need
				continue
			}
			err = begins(t, c, sides[1-i].World("w"))
			breaks, minded := false, false
			for _, f := range found {
				if f.Direction == d && f.Severity != compat.Info {
					byShape := linksByShape[f.Rule] != "" && !strings.Contains(f.Message, "pass its resources")
					breaks, minded = true, minded || !byShape && !byWhatItIs(sides, f) && !asksNothing(sides, f)
				}
			}
			switch {
			case err == nil && minded, err != nil && !breaks:
				t.Errorf("-seed %d: change %d, %q, for %s: it gets %v; we find %v\n%s\n%s", *seed, n, what, d, err, found, old, now)
			case err == nil:
				linked++
			default:
				refused++
			}
		}
	}
	t.Logf("%d guests started, %d were refused, %d could not be made", linked, refused, unmade)
	if linked < *editCount/4 || refused < *editCount/4 || unmade > *editCount/10 {
		t.Error("that is no use as a test")
	}
}

// byWhatItIs reports whether a finding is about an interface that guests have by
// another name, and hosts by its own: guests say what it is, and package rt links it
// to that, unlike hosts that go by names alone.
func byWhatItIs(sides []*wit.Package, f compat.Finding) bool {
	guest, host := itemsOf(sides[0], f.Role), itemsOf(sides[1], f.Role)
	if f.Direction == compat.ToHosts {
		guest, host = host, guest
	}
	path := func(item *wit.WorldItem) string {
		path, _, _ := strings.Cut(item.Interface.ID(), "@")
		return path
	}
	return slices.ContainsFunc(guest, func(g *wit.WorldItem) bool {
		return slices.ContainsFunc(host, func(h *wit.WorldItem) bool {
			return g.Interface != nil && h.Interface != nil && g.Label != "" && h.Label == "" && path(g) == path(h) && (about(f, g) || about(f, h))
		})
	})
}

// asksNothing reports whether a finding is about an interface of types alone, of
// which nothing is asked for.
func asksNothing(sides []*wit.Package, f compat.Finding) bool {
	p := sides[0]
	if (f.Role == compat.Imports) == (f.Direction == compat.ToHosts) {
		p = sides[1] // whose guests ask, or whose hosts
	}
	return slices.ContainsFunc(itemsOf(p, f.Role), func(item *wit.WorldItem) bool {
		i := item.Interface
		return i != nil && about(f, item) && len(i.Funcs) == 0 &&
			!slices.ContainsFunc(i.Types, func(d *wit.TypeDef) bool { _, is := d.Type.(*wit.Resource); return is })
	})
}

// itemsOf returns what the world of a package has in a role.
func itemsOf(p *wit.Package, r compat.Role) []*wit.WorldItem {
	if r == compat.Exports {
		return p.World("w").Exports
	}
	return p.World("w").Imports
}

// about reports whether a finding is about an item, as it was or as it is.
func about(f compat.Finding, item *wit.WorldItem) bool {
	text := " " + item.Name()
	switch {
	case item.Interface == nil:
		return false
	case item.Interface.Name == "":
		text += ": interface"
	case item.Label != "":
		text += ": " + item.Interface.ID() + ";"
	default:
		text += ";"
	}
	is := func(at *compat.Place) bool { return at != nil && strings.HasSuffix(at.Text, text) }
	return is(f.Old) || is(f.New)
}

// compileWorld compiles a guest of a world that uses all of it.
func compileWorld(t *testing.T, e *rt.Engine, w *wit.World) (*rt.Component, error) {
	t.Helper()
	p := wit.Closure(w)
	g := guest{world: wit.Print(p, p.Deps...)}
	wasm, err := g.encode()
	if err != nil {
		t.Fatal(err)
	}
	return e.Compile(t.Context(), wasm)
}

// begins links a guest to a host of a world, starts it, and closes both.
func begins(t *testing.T, c *rt.Component, host *wit.World) error {
	t.Helper()
	defer c.Close(context.Background())
	w := rt.WorldOf(host)
	linked, err := c.Link(w)
	if err != nil {
		return err
	}
	return starts(t.Context(), linked, w)
}
