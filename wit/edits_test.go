package wit_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/internal/edits"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

var (
	editCount = flag.Int("edits", 100, "random changes of random contracts")
	editSeed  = flag.Uint64("seed", 1, "where random contracts begin")
)

// toolsLet are the rules about changes that wasm-tools has nothing against, and
// why: in the role in which it has not.
var toolsLet = map[string]string{
	"WORLD_ITEM_SAME_DIRECTION exports": "it lets exports go, and hosts have nothing to call any more",
	"TYPE_SAME_HOME imports":            "a host may offer one resource by two names; package rt goes by what declares it",
	"TYPE_SAME_HOME exports":            "as when they are imported",
	"TYPE_ADDED imports":                "an interface may be exported, too, and be used there alone",
}

// TestConformanceEdits holds what package compat finds in random changes against
// wasm-tools, which says of a component that uses all of one side whether it fits
// a world of the other. What it alone minds has to be found as information, which says so.
func TestConformanceEdits(t *testing.T) {
	asked, fit, odd := 0, 0, 0
	for n := range uint64(*editCount) {
		old, now, what := edits.Pair(*editSeed, n, edits.Tongue{})
		texts := []string{old, now}
		before, after := gated(old), gated(now)
		if before == nil || after == nil {
			continue // not every edit can be made
		}
		found := compat.Compare(before, after, compat.Options{Worlds: []string{"w"}})
		for i, d := range []compat.Direction{compat.ToGuests, compat.ToHosts} {
			fits, sane := fitsText(t, texts[i], texts[1-i])
			if !sane {
				odd++
				continue
			}
			asked++
			if fits {
				fit++
			}
			if why := differs(found, d, fits); why != "" {
				t.Errorf("-seed %d: change %d, %q, for %s: %s; we find %v\n%s\n%s", *editSeed, n, what, d, why, found, old, now)
			}
		}
	}
	t.Logf("wasm-tools gave %d verdicts, of which %d are that a component fits; %d components do not fit what they are of", asked, fit, odd)
	if asked < *editCount || fit < asked/5 || odd > asked/20 {
		t.Error("that is no use as a test")
	}
}

// gated loads a package with all that is unstable, nil if it cannot be loaded with
// that or without it.
func gated(text string) (p *wit.Package) {
	for _, all := range []bool{false, true} {
		var err error
		if p, err = wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(text)}}, "a.wit", wit.Options{AllFeatures: all}); err != nil {
			return nil
		}
	}
	return p
}

// fitsText reports whether a component of one world w fits another one, and
// whether that is worth anything: there are worlds that wasm-tools cannot be asked
// about, since not even components of their own fit them.
func fitsText(t *testing.T, guest, host string) (fits, sane bool) {
	t.Helper()
	dir := t.TempDir()
	var files []string
	for i, text := range []string{guest, host} {
		files = append(files, filepath.Join(dir, fmt.Sprintf("%d.wit", i)))
		if err := os.WriteFile(files[i], []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	component, err := dummy(t, files[0], "w")
	if err != nil {
		t.Fatalf("%v\n%s", err, guest)
	}
	if fits, err = targets(t, component, files[1], "w"); err != nil {
		t.Fatalf("%v\n%s", err, host)
	}
	if fits {
		return true, true
	}
	for _, file := range files {
		own, err := dummy(t, file, "w")
		if err != nil {
			return false, false
		}
		if sane, err = targets(t, own, file, "w"); err != nil || !sane {
			return false, false
		}
	}
	return false, true
}

// differs says how what was found in a direction differs from a verdict, "" if it
// does not.
func differs(found []compat.Finding, d compat.Direction, fits bool) string {
	breaks, told, minded := false, false, false
	for _, f := range found {
		if f.Direction != d {
			continue
		}
		told = told || f.Severity == compat.Info && strings.Contains(f.Message, ", unlike hosts, ")
		if f.Severity != compat.Info {
			breaks = true
			minded = minded || toolsLet[f.Rule+" "+string(f.Role)] == ""
		}
	}
	switch {
	case fits && minded:
		return "it fits"
	case !fits && !breaks && !told:
		return "it does not fit"
	}
	return ""
}
