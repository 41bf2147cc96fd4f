package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestUnified(t *testing.T) {
	for _, tt := range []struct {
		name, a, b, want string
	}{
		{"equal", "x\n", "x\n", ""},
		{"new file", "", "x\ny\n", "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+x\n+y\n"},
		{"removed file", "x\n", "", "--- a\n+++ b\n@@ -1,1 +0,0 @@\n-x\n"},
		{"changed", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
			"--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"},
		{"two hunks", "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
			"--- a\n+++ b\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n"},
		{"one hunk", "a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
			"--- a\n+++ b\n@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n"},
		{"no newline at the end", "x", "x\n", "--- a\n+++ b\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+x\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := unified("a", "b", lines([]byte(tt.a)), lines([]byte(tt.b))); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestUnifiedApplies has patch make the second text of the first.
func TestUnifiedApplies(t *testing.T) {
	if _, err := exec.LookPath("patch"); err != nil {
		t.Skip("no patch command")
	}
	for n := range 60 {
		var a, b strings.Builder
		for i := range 40 {
			if (i*7+n)%5 != 0 {
				fmt.Fprintf(&a, "line %d\n", i*n%11)
			}
			if (i*3+n)%7 != 0 {
				fmt.Fprintf(&b, "line %d\n", (i+n/30)*n%11)
			}
		}
		name := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(name, []byte(a.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		diff := unified("a", "b", lines([]byte(a.String())), lines([]byte(b.String())))
		if diff != "" {
			patch := exec.Command("patch", "--fuzz=0", name)
			patch.Stdin = strings.NewReader(diff)
			if out, err := patch.CombinedOutput(); err != nil {
				t.Fatalf("case %d: %v\n%s\n%s", n, err, out, diff)
			}
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != b.String() {
			t.Fatalf("case %d: patched text differs (%v)\n%s", n, err, diff)
		}
	}
}
