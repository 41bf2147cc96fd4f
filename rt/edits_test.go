package rt_test

import (
	"context"
	"flag"
	"slices"
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
	"TYPE_SAME_HOME":            "likewise, and whose a resource is shows when it is passed",
	"WORLD_IMPORT_ADDED":        "of an interface of types nothing is asked for",
	"WORLD_IMPORT_NO_DELETE":    "likewise",
	"WORLD_EXPORT_ADDED":        "likewise",
	"WORLD_EXPORT_NO_DELETE":    "likewise",
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
		old, now, what := edits.Pair(*seed, n, edits.Tongue{Async: true, Lists: true})
		var sides []*wit.Package
		for _, text := range []string{old, now} {
			p, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(text)}}, "a.wit", wit.Options{})
			if err != nil {
				break // not every edit can be made
			}
			sides = append(sides, p)
		}
		if len(sides) < 2 {
			continue
		}
		found := compat.Compare(sides[0], sides[1], compat.Options{Worlds: []string{"w"}})
		for i, d := range []compat.Direction{compat.ToGuests, compat.ToHosts} {
			c, err := compileWorld(t, e, sides[i].World("w"))
			if err != nil {
				unmade++ // as exports come in another order than they need
				continue
			}
			err = begins(t, c, sides[1-i].World("w"))
			breaks := slices.ContainsFunc(found, func(f compat.Finding) bool { return f.Direction == d && f.Severity != compat.Info })
			minded := slices.ContainsFunc(found, func(f compat.Finding) bool {
				return f.Direction == d && f.Severity != compat.Info && linksByShape[f.Rule] == ""
			})
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

// compileWorld compiles a guest of a world that uses all of it.
func compileWorld(t *testing.T, e *rt.Engine, w *wit.World) (*rt.Component, error) {
	t.Helper()
	g := guest{world: wit.Print(wit.Closure(w))}
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
