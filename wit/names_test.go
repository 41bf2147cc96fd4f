package wit_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit"
)

// TestNames takes the table that package rt has real components for.
func TestNames(t *testing.T) {
	text, err := os.ReadFile("testdata/matching.txt")
	if err != nil {
		t.Fatal(err)
	}
	named := func(version string) string {
		if version == "none" {
			return "a:b/c"
		}
		return "a:b/c@" + strings.Replace(version, "/", "", 1)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		rows++
		have := strings.Split(f[1], ",")
		list := []string{"a:b/other@9.9.9", "x:b/c@9.9.9"}
		for _, v := range have {
			list = append(list, named(v))
		}
		for m, want := range map[wit.Matching]string{wit.MatchTrack: f[2], wit.MatchExact: f[3], wit.MatchPrerelease: f[4]} {
			got := "-"
			if i, ok := wit.NewNames(m, list).Find(named(f[0])); ok {
				got = have[max(i-2, 0)]
			}
			if got != want {
				t.Errorf("%s of %s, matching %d: got %s, want %s", f[0], f[1], m, got, want)
			}
		}
	}
	if rows < 40 {
		t.Errorf("%d rows; there are more", rows)
	}
}

func TestNamesTwice(t *testing.T) {
	n := wit.NewNames(wit.MatchTrack, []string{"a:b/c@1.2.0", "a:b/c@1.2.0", "a:b/c@1.2.0+x", "", "plain"})
	for name, want := range map[string]int{"a:b/c@1.2.0": 0, "a:b/c@1.3.0": 0, "a:b/c@1.2.0+x": 2, "a:b/c@1.2.0+y": 0, "": 3, "plain": 4} {
		if i, ok := n.Find(name); !ok || i != want {
			t.Errorf("%q: got %d, %v, want %d", name, i, ok, want)
		}
	}
	for _, name := range []string{"a:b/c", "a:b/d@1.2.0", "plai", "a:b/c@2.0.0"} {
		if i, ok := n.Find(name); ok {
			t.Errorf("%q: got %d", name, i)
		}
	}
	if _, ok := (wit.Names{}).Find("a:b/c@1.2.0"); ok {
		t.Error("the zero Names finds something")
	}
}

func TestNamesVersions(t *testing.T) {
	n := wit.NewNames(wit.MatchTrack, []string{"a:b/c@1.10.0", "a:b/c@1.2.0", "a:b/c@1.2.0", "a:b/d@1.0.0", "a:b/c", "a:b/c@1.2.0-rc"})
	if got, want := n.Versions("a:b/c@7.0.0"), []string{"1.2.0-rc", "1.2.0", "1.10.0"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := n.Versions("a:b/e"); len(got) > 0 {
		t.Errorf("got %q", got)
	}
}

func TestSameText(t *testing.T) {
	const plain = "func(x: own<a:b/c@0.2.r>, y: list<borrow<d:e/f.s>>) -> u32"
	for _, tt := range []struct {
		a, b                 string
		always, withReleases bool
	}{
		{plain, plain, true, true},
		{plain, strings.Replace(plain, "0.2", "0.2.6-rc.1", 1), false, true},
		{plain, strings.Replace(plain, "0.2", "0.3.6-rc.1", 1), false, false},
		{plain, strings.Replace(plain, "@0.2.r", "@0.2.6-rc.1.q", 1), false, false},
		{"own<a:b/c@0.2.6-rc.2.r>", "own<a:b/c@0.2.6-rc.1.r>", false, true},
		{"own<a:b/c@0.0.1-rc.2.r>", "own<a:b/c@0.0.1-rc.1.r>", false, false},
		{"own<a:b/c@1.r>", "own<a:b/c.r>", false, false},
	} {
		for m, want := range map[wit.Matching]bool{wit.MatchTrack: tt.always, wit.MatchExact: tt.always, wit.MatchPrerelease: tt.withReleases} {
			if m.SameText(tt.a, tt.b) != want || m.SameText(tt.b, tt.a) != want {
				t.Errorf("%s and %s, matching %d: want %v", tt.a, tt.b, m, want)
			}
		}
	}
}
