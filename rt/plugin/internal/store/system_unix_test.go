//go:build unix

package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestInsecure: nothing that others can write to is used.
func TestInsecure(t *testing.T) {
	for _, test := range []struct {
		name string
		mode fs.FileMode
	}{{"", 0o770}, {"", 0o702}, {"store", 0o720}, {"store/sha256", 0o777}, {"store/damaged", 0o702},
		{"state.json", 0o620}, {"state.json.old", 0o602}, {"lock", 0o666}} {
		path := t.TempDir()
		d := openDir(t, path)
		for n := 1; n <= 2; n++ {
			put(t, d, n)
			then(t, d.Update(t.Context(), advance(n)))
		}
		then(t, d.Close())
		name := filepath.Join(d.Path(), test.name)
		then(t, os.Chmod(name, test.mode))
		_, err := Open(path)
		insecure, ok := errors.AsType[*InsecureError](err)
		if !ok || insecure.Path != name || !strings.Contains(err.Error(), "can be written to by others") {
			t.Errorf("%s with mode %v: %v", test.name, test.mode, err)
		}
	}
	d := openDir(t, t.TempDir())
	digest := put(t, d, 1)
	then(t, os.Chmod(d.code(digest), 0o660))
	if _, ok := errors.AsType[*InsecureError](second(d.Get(t.Context(), digest))); !ok {
		t.Error("code that others can write to is served")
	}
	put(t, d, 1) // it is stored again
	then(t, second(d.Get(t.Context(), digest)))
}

func second[T any](_ T, err error) error { return err }

// TestModes: what is made is for the user alone, whatever the process's mask.
func TestModes(t *testing.T) {
	mask := syscall.Umask(0)
	defer syscall.Umask(mask)
	root := t.TempDir()
	d := openDir(t, filepath.Join(root, "a", "d"))
	for n := 1; n <= 2; n++ {
		digest := put(t, d, n)
		then(t, d.Update(t.Context(), advance(n)))
		then(t, os.WriteFile(d.code(digest), nil, 0o600))
		if _, err := d.Get(t.Context(), digest); err == nil {
			t.Error("damage was not noticed")
		}
		put(t, d, n)
	}
	count := 0
	then(t, filepath.WalkDir(filepath.Join(root, "a"), func(path string, x fs.DirEntry, err error) error {
		then(t, err)
		info, err := x.Info()
		then(t, err)
		want := fs.FileMode(0o600)
		if x.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %v, want %v", path, got, want)
		}
		count++
		return nil
	}))
	if count != 12 { // 5 directories, 2 files of code, 2 put aside, 2 states, the lock
		t.Errorf("%d files and directories, want 12", count)
	}
}

// TestPipe: a pipe in the place of a file does not keep anybody waiting.
func TestPipe(t *testing.T) {
	for _, name := range []string{"lock", "state.json"} {
		path := t.TempDir()
		then(t, syscall.Mkfifo(filepath.Join(path, name), 0o600))
		_, err := Open(path)
		wantKind(t, name, err, InTheWay)
	}
}
