// Package guests finds those guests of tests that are too large to be committed:
// make guests builds them into .cache/guests.
package guests

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Cached returns the path of a guest, and skips the test if it was not built, or
// before its source was last changed. The path of that is from the root of the
// repository.
func Cached(tb testing.TB, name, source string) string {
	tb.Helper()
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..")
	path := filepath.Join(root, ".cache", "guests", name+".wasm")
	built, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		tb.Skipf("%s.wasm is not committed: make guests builds it", name)
	}
	if err != nil {
		tb.Fatal(err)
	}
	of, err := os.Stat(filepath.Join(root, filepath.FromSlash(source)))
	if err != nil {
		tb.Fatal(err)
	}
	if of.ModTime().After(built.ModTime()) {
		tb.Skipf("%s.wasm is older than %s: make guests builds it again", name, source)
	}
	return path
}
