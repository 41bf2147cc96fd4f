package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// TestGoldenHelp compares the options of golden with its help.
func TestGoldenHelp(t *testing.T) {
	var flags, helped []string
	new(goldenFlags).goldenFlagSet().VisitAll(func(f *flag.Flag) { flags = append(flags, option(f.Name)) })
	for _, m := range regexp.MustCompile(`(?m)^  (--?[a-z-]+)(?: [A-Z.]+)? {1,}`).FindAllStringSubmatch(goldenHelp, -1) {
		helped = append(helped, m[1])
	}
	slices.Sort(flags)
	slices.Sort(helped)
	if !slices.Equal(flags, helped) {
		t.Errorf("the options are %q, in the help are %q", flags, helped)
	}
}

// TestGoldenWIT loads what is kept of packages again: it is the same contract,
// and what is kept of that is the same text.
func TestGoldenWIT(t *testing.T) {
	paths := []string{"../../examples/plugins/wit"}
	for _, pattern := range []string{"../../golden/*/wit", "../../../shared/wit-corpus/codegen/*", "../../../shared/wasi-wit/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	kept := filepath.Join(t.TempDir(), "kept.wit")
	n := 0
	for _, path := range paths {
		p, err := wit.Load(path, wit.Options{AllFeatures: true})
		if err != nil {
			continue // it is there to be refused
		}
		again, err := wit.Load(path, wit.Options{AllFeatures: true})
		if err != nil {
			t.Fatal(err)
		}
		n++
		text := goldenWIT(again)
		if strings.Contains(string(text), "//") {
			t.Errorf("%s: comments in\n%s", path, text)
		}
		put(t, kept, text)
		now, err := wit.Load(kept, wit.Options{AllFeatures: true})
		if err != nil {
			t.Errorf("%s: %v\n%s", path, err, text)
			continue
		}
		for _, pair := range [][2]*wit.Package{{p, now}, {now, p}} {
			for _, f := range compat.Compare(pair[0], pair[1], compat.Options{Unstable: true}) {
				t.Errorf("%s: %s", path, f)
			}
		}
		if second := goldenWIT(now); string(second) != string(text) {
			t.Errorf("%s:\n%s", path, unified("first", "second", lines(text), lines(second)))
		}
	}
	if n < 8 {
		t.Errorf("only %d packages", n)
	}
	t.Logf("%d packages", n)
}

// TestGoldenLock reads locks that are damaged, or of no version.
func TestGoldenLock(t *testing.T) {
	for _, tt := range []struct{ lock, want string }{
		{`{"released": ["x"], "files": {"a_b@nothing.wit": "x", "acme_two@..wit": "", "": "", "acme_two@1": "z"}}`, ""},
		{`{}`, ""},
		{`[]`, "lock.json: json:"},
		{`{"released": "x"}`, "lock.json: json:"},
		{``, "lock.json:1: unexpected end"},
	} {
		dir := t.TempDir()
		put(t, filepath.Join(dir, "two.wit"), []byte("package acme:two@1.0.0; interface i { f: func(); }"))
		put(t, filepath.Join(dir, "golden", goldenLockName), []byte(tt.lock))
		var out, wrong strings.Builder
		code := run([]string{"golden", filepath.Join(dir, "two.wit"), "--update", "--config", "none", "--dir", filepath.Join(dir, "golden")}, &out, &wrong)
		if tt.want == "" && code != exitOK || !strings.Contains(wrong.String(), tt.want) {
			t.Errorf("%s: exit code %d, %s", tt.lock, code, &wrong)
		}
		if _, err := os.Stat(filepath.Join(dir, "golden", "acme_two@1.0.0.wit")); (err == nil) != (tt.want == "") {
			t.Errorf("%s: %v", tt.lock, err)
		}
	}
}
