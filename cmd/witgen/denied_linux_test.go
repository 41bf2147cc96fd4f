package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/tools/txtar"
)

// nobody is a user to whom permissions apply.
const nobody = 65534

// TestDenied runs a script about files that may not be read or written. The
// superuser may all of that, and so runs it as somebody else.
func TestDenied(t *testing.T) {
	const inner = "WITGEN_TEST_DENIED"
	if os.Getenv(inner) != "" {
		text, err := io.ReadAll(os.Stdin)
		if err != nil {
			t.Fatal(err)
		}
		s := script{T: t}
		s.run(txtar.Parse(text))
		return
	}
	text, err := os.ReadFile("testdata/denied.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		s := script{T: t}
		s.run(txtar.Parse(text))
		return
	}
	// Whatever directories lead to the test, this leads there too.
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestDenied$", "-test.v")
	cmd.Env = append(os.Environ(), inner+"=1", "TMPDIR=/tmp")
	cmd.Dir = "/"
	cmd.Stdin = bytes.NewReader(text)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestDenied")) {
		t.Errorf("%v\n%s", err, out)
	}
}
