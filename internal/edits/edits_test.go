package edits_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/internal/edits"
	"github.com/witgen/witgen/wit"
)

// TestPair makes contracts twice, and counts those that are valid, what is in them
// and what has become of them.
func TestPair(t *testing.T) {
	const count = 400
	tongue := edits.Tongue{Async: true, Lists: true, Names: true, Track: true, Gates: true}
	valid, kinds, all := 0, make(map[string]int), ""
	for n := range uint64(count) {
		old, now, what := edits.Pair(3, n, tongue)
		again, then, _ := edits.Pair(3, n, tongue)
		if again != old || then != now {
			t.Fatalf("contract %d is another one when it is made again", n)
		}
		if len(what) < 1 || len(what) > 2 {
			t.Errorf("contract %d: edits %q", n, what)
		}
		all += old
		if !loads(old) || !loads(now) {
			continue
		}
		valid++
		for _, w := range what {
			kinds[w]++
		}
	}
	for n := range uint64(1000) {
		edits.Pair(6, n, tongue) // one edit may make a type that has itself in it
	}
	if valid < count*9/10 {
		t.Errorf("%d of %d pairs are valid", valid, count)
	}
	if len(kinds) < 40 {
		t.Errorf("%d kinds of edits: %v", len(kinds), kinds)
	}
	for _, text := range []string{
		"resource", "constructor(", "static func", "async func", "stream<", "future<", "error-context", "map<", ", 2>", "use ", "borrow<", "own<",
		"flags", "enum", "variant", "record", "result<_", "import l", "export l", "import g", "export g",
		"include part", "package edits:other", "@unstable", "import x", "export x",
	} {
		if !strings.Contains(all, text) {
			t.Errorf("no contract has %q", text)
		}
	}
	plain := ""
	for n := range uint64(count) {
		old, now, _ := edits.Pair(3, n, edits.Tongue{})
		plain += old + now
	}
	if i := slices.IndexFunc([]string{"async", "stream", "future", "error-context", "map<"}, func(s string) bool { return strings.Contains(plain, s) }); i >= 0 {
		t.Errorf("contracts for all tools have word %d", i)
	}
}

func loads(text string) bool {
	_, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(text)}}, "a.wit", wit.Options{})
	return err == nil
}
