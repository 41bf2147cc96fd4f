package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestOffline holds that generate cannot reach the network or start a program:
// nothing that it is made of can. What runs components is in the command too,
// but its file systems and sockets are not what the command itself imports.
func TestOffline(t *testing.T) {
	const module = "github.com/witgen/witgen/"
	deps := goList(t, "-deps", module+"gen", module+"wit", module+"cmd/witgen/internal/config")
	own := strings.Fields(strings.Trim(goList(t, "-f", "{{.Imports}}", module+"cmd/witgen"), "[]\n"))
	if len(own) < 10 {
		t.Fatalf("imports %q", own)
	}
	for _, p := range append(strings.Fields(deps), own...) {
		if p == "net" || strings.HasPrefix(p, "net/") || p == "os/exec" || p == "plugin" {
			t.Errorf("generate imports %s", p)
		}
	}
}

func goList(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
