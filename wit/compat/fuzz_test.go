package compat_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// FuzzCompare compares any two packages: it does not panic, each finding is of a
// rule and says something, and a package is the same as itself.
func FuzzCompare(f *testing.F) {
	dirs, err := filepath.Glob("testdata/rows/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, dir := range dirs {
		old, err := os.ReadFile(filepath.Join(dir, "old.wit"))
		if err != nil {
			f.Fatal(err)
		}
		now, err := os.ReadFile(filepath.Join(dir, "new.wit"))
		if err != nil {
			f.Fatal(err)
		}
		if len(old) < 1000 {
			f.Add(string(old), string(now))
		}
	}
	parse := func(t *testing.T, text string) *wit.Package {
		p, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(text)}}, "a.wit", wit.Options{AllFeatures: true})
		if err != nil {
			t.Skip()
		}
		return p
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		old, now := parse(t, a), parse(t, b)
		for _, o := range []compat.Options{{}, {Unstable: true}, {Role: compat.Exports}} {
			found := compat.Compare(old, now, o)
			for _, x := range found {
				r, ok := compat.FindRule(x.Rule)
				if !ok || x.Message == "" || x.Item == "" || x.Fix == "" || x.Severity == "" || x.Old == nil && x.New == nil {
					t.Errorf("finding %+v of rule %+v", x, r)
				}
			}
			compat.CheckBump(found, old, now)
		}
		for _, p := range []*wit.Package{old, now} {
			again := parse(t, wit.Print(p, p.Deps...))
			for _, other := range []*wit.Package{p, again} {
				if found := compat.Compare(p, other, compat.Options{Unstable: true}); len(found) > 0 {
					t.Errorf("compared with itself: %s", found[0])
				}
			}
		}
	})
}

// TestCompareShared compares types that are made of each other twice, sixty
// times over: each is looked at once.
func TestCompareShared(t *testing.T) {
	text := func(first string) string {
		s := "package a:b@1.0.0;\ninterface i {\n  type t0 = " + first + ";\n"
		for n := range 60 {
			s += fmt.Sprintf("  type t%d = tuple<t%d, t%d>;\n", n+1, n, n)
		}
		return s + "  f: func(x: t60);\n}\nworld w { import i; }\n"
	}
	found := compat.Compare(load(t, "a.wit", text("u8")), load(t, "a.wit", text("u16")), compat.Options{})
	check(t, "the first type", lines(found), []string{
		"TYPE_SAME error guests imports w a:b/i#t0",
		"TYPE_SAME error hosts imports w a:b/i#t0",
	})
}
