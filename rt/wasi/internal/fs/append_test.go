//go:build (linux || darwin || freebsd || netbsd || openbsd) && !witgen_portable

package fs

import (
	"os"
	"path/filepath"
	"testing"
)

// TestAppendByFlag appends as systems do that have nothing better, and leaves the
// file as it was.
func TestAppendByFlag(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	put(t, path, "hello")
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, s := range []string{" world", "!"} {
		if n, err := appendByFlag(f, []byte(s)); n != len(s) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if _, err := f.WriteAt([]byte("J"), 0); err != nil {
		t.Error(err)
	}
	if got := get(t, path); got != "Jello world!" {
		t.Errorf("file has %q", got)
	}
}
