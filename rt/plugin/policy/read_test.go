package policy_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/plugin/policy"
)

// TestRead reads a file, whose sources are beside it.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "policy.yaml")
	if _, err := policy.Read(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("version: 2\n")
	if _, err := policy.Read(path); err == nil || !strings.HasPrefix(err.Error(), path+":1:1: ") {
		t.Errorf("got %v", err)
	}
	write("version: 1 # " + strings.Repeat("x", 1<<20))
	if _, err := policy.Read(path); err == nil || !strings.Contains(err.Error(), "more than 1048576") {
		t.Errorf("got %v", err)
	}
	write("version: 1\n")
	t.Chdir(filepath.Dir(dir))
	f, err := policy.Read(filepath.Join(filepath.Base(dir), "policy.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"plugins/a.wasm": filepath.Join(dir, "plugins", "a.wasm"),
		"../a.wasm":      filepath.Join(filepath.Dir(dir), "a.wasm"),
		"":               "",
		path:             path,
	} {
		if got := f.Path(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got := (&policy.File{}).Path("a/b.wasm"); got != filepath.Join("a", "b.wasm") {
		t.Errorf("of no file: %q", got)
	}
}
