// Package guests finds guests of tests: those that are too large to be committed,
// which make guests builds into .cache/guests, and plugins of the example.
package guests

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Cached returns the path of a guest, and skips the test if it was not built, or
// before its source was last changed. The path of that is from the root of the
// repository.
func Cached(tb testing.TB, name, source string) string {
	tb.Helper()
	root := root()
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
