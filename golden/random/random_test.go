// Package random_test holds generated code against the runtime's dynamic calls,
// for worlds that nobody wrote: values, errors and traps have to be the same.
//
// The go command compiles what is generated for random worlds as packages of
// this module which only an overlay has, "golden/random/w17/...". With the same
// overlay it builds two tests that know of these packages. TestAgree, here, has
// guests call each other through them; the tests of glue in rt/differential compare
// the memory that they read and write, down to guests that hand over nonsense.
// TestRandomWorlds does all of it: the other test is run by it alone.
//
// TestRandomPairs has random worlds in two versions, some with resources: see there.
//
// Async functions are left out, and other worlds have no resources: the guests that
// call each other have none.
package random_test

import (
	"bytes"
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/wit"
)

var (
	count    = flag.Int("worlds", 10, "random worlds in one build")
	seed     = flag.Uint64("seed", 7, "where random worlds and values begin")
	rounds   = flag.Int("rounds", 10, "random calls of each function, through each way")
	duration = flag.Duration("for", 0, "go on with further seeds until this time is over")
)

// TestRandomWorlds generates the bindings of random worlds, compiles them and
// has them used. With
//
//	go test ./golden/random -worlds 500
//
// there are as many, and with -seed 1 others.
func TestRandomWorlds(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles many packages")
	}
	start := time.Now()
	for s := *seed; ; s++ {
		if s != *seed {
			t.Logf("-seed %d", s)
		}
		build(t, s)
		if t.Failed() || time.Since(start) >= *duration {
			return
		}
	}
}

// build has the worlds of one seed used.
func build(t *testing.T, seed uint64) {
	t.Helper()
	o, err := newOverlay(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var worlds []*wit.World
	functions := 0
	for n := 0; len(worlds) < *count; n++ {
		w, err := newWorld(seed, n)
		if err != nil {
			t.Fatalf("world %d of -seed %d: %v", n, seed, err)
		}
		if tooLarge(w) {
			continue
		}
		if err := o.addWorld(len(worlds), w); err != nil {
			t.Fatalf("world %d of -seed %d: %v\n%s", n, seed, err, wit.Print(w.Package))
		}
		worlds = append(worlds, w)
		functions += len(w.Exports[0].Interface.Funcs)
	}
	if err := o.finish(); err != nil {
		t.Fatal(err)
	}
	out, err := o.run("./golden/random", "./rt/differential", "^(TestAgree$|TestGlue(Values|Nonsense)$)/^(echo:)?random-w", seed)
	log := string(out)
	for line := range strings.Lines(log) {
		if _, text, ok := strings.Cut(line, "summary: "); ok {
			t.Log(strings.TrimSpace(text))
		}
	}
	if err != nil {
		fail(t, seed, log, worlds)
	}
	for test, want := range map[string]int{"TestAgree": len(worlds), "TestGlueValues": functions, "TestGlueNonsense": functions} {
		if got := strings.Count(log, "--- PASS: "+test+"/"); err == nil && got != want {
			t.Errorf("%s passed %d times, want %d", test, got, want)
		}
	}
}

// inWorld finds the numbers of worlds: as paths of packages and names of tests
// have them.
var inWorld = regexp.MustCompile(`random[-/]w(\d+)\b`)

// fail reports what failed, with the WIT of the first worlds that did.
func fail(t *testing.T, seed uint64, log string, worlds []*wit.World) {
	t.Helper()
	var wrong []string
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(strings.TrimSpace(line), "--- PASS") && !strings.HasPrefix(line, "=== ") {
			wrong = append(wrong, line)
		}
	}
	t.Errorf("with -seed %d -worlds %d:\n%.20000s", seed, len(worlds), strings.Join(wrong, ""))
	shown := make(map[int]bool)
	for _, line := range wrong {
		m := inWorld.FindStringSubmatch(line)
		if m == nil || len(shown) == 3 || strings.Contains(line, "--- SKIP") {
			continue
		}
		if n, err := strconv.Atoi(m[1]); err == nil && n < len(worlds) && !shown[n] {
			shown[n] = true
			t.Logf("world %d:\n%.20000s", n, wit.Print(worlds[n].Package))
		}
	}
}

// run runs tests of two packages with the overlay.
func (o *overlay) run(own, glue, tests string, seed uint64) ([]byte, error) {
	cmd := exec.Command("go", "test", "-v", "-count=1", "-vet=off", "-overlay", filepath.Join(o.dir, overlayFile), "-run", tests, own, glue,
		"-args", "-seed", fmt.Sprint(seed), "-rounds", fmt.Sprint(*rounds))
	cmd.Dir = o.base
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.Bytes(), err
}
