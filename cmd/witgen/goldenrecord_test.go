package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestRecordTerminal has nobody wait for calls who was not told to type them.
func TestRecordTerminal(t *testing.T) {
	dir := t.TempDir()
	for device, want := range map[string]struct {
		code   int
		stderr string
	}{
		"/dev/zero": {exitUsage, "--record: which calls? Say with --calls FILE, or with --calls - to type them\n"}, // as terminals are, one that can be read
		os.DevNull:  {exitError, "none.wasm: no such file"},
	} {
		in, err := os.Open(device)
		if err != nil {
			t.Skipf("this system has no such device: %v", err)
		}
		old := os.Stdin
		os.Stdin = in
		var stdout, stderr bytes.Buffer
		code := run([]string{"golden", "--record", "none", "--dir", dir, "--config", "none"}, &stdout, &stderr)
		os.Stdin = old
		_ = in.Close()
		if code != want.code || !strings.Contains(stderr.String(), want.stderr) {
			t.Errorf("%s: exit code %d, %s; want %d, %s", device, code, &stderr, want.code, want.stderr)
		}
	}
}
