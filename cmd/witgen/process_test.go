package main

import (
	"os"
	"os/exec"
	"testing"
)

// asWitgen is set in processes that are the command and no test.
const asWitgen = "WITGEN_TEST_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(asWitgen) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process returns the command as a process that is not started.
func process(tb testing.TB, dir string, env []string, args ...string) *exec.Cmd {
	tb.Helper()
	exe, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), env...), asWitgen+"=1")
	return cmd
}
