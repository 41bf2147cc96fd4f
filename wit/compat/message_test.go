package compat_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit/compat"
)

var update = flag.Bool("update", false, "write testdata/messages.txt anew")

// TestMessages holds what is said of the example of each rule: where, who notices,
// what follows and what to do.
func TestMessages(t *testing.T) {
	var b strings.Builder
	for _, r := range compat.Rules() {
		old, now := load(t, "old.wit", example(r.Before)), load(t, "new.wit", example(r.After))
		found := compat.Compare(old, now, compat.Options{})
		if r.ID == "PACKAGE_VERSION_BUMP" {
			found = append(found, *compat.CheckBump(found, old, now))
		}
		b.WriteString("== " + r.ID + "\n")
		for _, f := range found {
			b.WriteString(f.String() + "\n")
			for _, side := range []struct {
				name string
				at   *compat.Place
			}{{"old", f.Old}, {"new", f.New}} {
				if side.at != nil {
					b.WriteString("    " + side.name + ": " + side.at.String() + ": " + side.at.Text + "\n")
				}
			}
		}
	}
	const name = "testdata/messages.txt"
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	got, want := strings.SplitAfter(b.String(), "\n"), strings.SplitAfter(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	for i := range max(len(got), len(want)) {
		line := func(of []string) string { return append(of, make([]string, i+1)...)[i] }
		if line(got) != line(want) {
			t.Fatalf("%s:%d: got\n%swant\n%s(go test -update writes it anew: read the difference)", name, i+1, line(got), line(want))
		}
	}
}

// TestMessageSilent says how many of the functions of a type look to core modules as
// they did: all, some or none.
func TestMessageSilent(t *testing.T) {
	const text = "package acme:kv@0.2.0;\ninterface api { record r { a: string%s } %s }\nworld w { import api; }\n"
	for _, tt := range []struct{ funcs, want string }{
		{"get: func() -> r;", ", and no core signature shows it"},
		{"put: func(x: r);", "that use it do not link"},
		{"get: func() -> r; put: func(x: r);", ", and not every core signature shows it"},
	} {
		old, now := load(t, "a.wit", fmt.Sprintf(text, "", tt.funcs)), load(t, "a.wit", fmt.Sprintf(text, ", b: u32", tt.funcs))
		found := compat.Compare(old, now, compat.Options{})
		if len(found) == 0 || !strings.HasSuffix(found[0].Message, tt.want) {
			t.Errorf("%s: got %v, want it to end with %q", tt.funcs, found, tt.want)
		}
	}
}
