package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is where TestMain lets the command be built.
var built string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "witgen-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	built = dir
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// binary builds the command as users have it, without the race detector that
// the tests may run under, and returns its path.
var binary = sync.OnceValues(func() (string, error) {
	name := filepath.Join(built, "witgen.exe")
	cmd := exec.Command("go", "build", "-o", name, "github.com/witgen/witgen/cmd/witgen")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return name, nil
})

// process returns the command as a process that is not started.
func process(tb testing.TB, dir string, env []string, args ...string) *exec.Cmd {
	tb.Helper()
	name, err := binary()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	return cmd
}
