package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func wantKind(t *testing.T, what string, err error, want Kind) {
	t.Helper()
	if f, ok := errors.AsType[*FaultError](err); !ok || f.Kind != want {
		t.Errorf("%s: %v; want a fault: %s", what, err, want)
	}
}

// TestInTheWay: what has the name of a file or directory of the store's and is
// none is a fault, and stays.
func TestInTheWay(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, "file")
	then(t, os.WriteFile(file, []byte("x"), 0o600))
	_, err := Open(file)
	wantKind(t, "a file", err, InTheWay)
	for _, name := range []string{"store", "store/sha256", "store/damaged"} {
		dir := t.TempDir()
		path := filepath.Join(dir, filepath.FromSlash(name))
		then(t, os.MkdirAll(filepath.Dir(path), 0o700))
		then(t, os.WriteFile(path, []byte("x"), 0o600))
		_, err := Open(dir)
		wantKind(t, name, err, InTheWay)
	}
	for _, name := range []string{"lock", "state.json", "state.json.old"} {
		dir := t.TempDir()
		then(t, os.Mkdir(filepath.Join(dir, name), 0o700))
		_, err := Open(dir)
		wantKind(t, name, err, InTheWay)
	}
	d := openDir(t, t.TempDir())
	digest := DigestOf(codeOf(1))
	then(t, os.Mkdir(d.code(digest), 0o700))
	_, err = d.Put(t.Context(), codeOf(1))
	wantKind(t, "Put", err, InTheWay)
	_, err = d.Get(t.Context(), digest)
	wantKind(t, "Get", err, InTheWay)
	if ok, err := d.Has(digest); ok || err != nil {
		t.Errorf("Has = %v, %v", ok, err)
	}
	if list, err := d.List(); len(list) > 0 || err != nil {
		t.Errorf("List = %v, %v", list, err)
	}
	then(t, os.Mkdir(d.at("state.json"), 0o700))
	put(t, d, 2)
	err = d.Update(t.Context(), advance(2))
	if _, ok := errors.AsType[*FaultError](err); !ok {
		t.Errorf("Update = %v", err)
	}
}

// TestMissing: a directory that goes away is missed, and another in its place
// is not taken for it.
func TestMissing(t *testing.T) {
	if !locks {
		t.Skip("the system does not tell")
	}
	root := t.TempDir()
	path := filepath.Join(root, "d")
	d := openDir(t, path)
	digest := put(t, d, 1)
	if err := os.Rename(path, filepath.Join(root, "gone")); err != nil {
		t.Skip("directories that are open cannot be renamed: ", err)
	}
	missing := func() {
		t.Helper()
		_, err := d.Put(t.Context(), codeOf(2))
		wantKind(t, "Put", err, Missing)
		err = d.Update(t.Context(), advance(1))
		wantKind(t, "Update", err, Missing)
		_, err = d.Collect(t.Context())
		wantKind(t, "Collect", err, Missing)
	}
	missing()
	_, err := d.Get(t.Context(), digest)
	wantKind(t, "Get", err, Missing)
	_, err = d.Has(digest)
	wantKind(t, "Has", err, Missing)
	_, err = d.List()
	wantKind(t, "List", err, Missing)
	other := openDir(t, path)
	missing()
	if list, err := other.List(); len(list) > 0 || err != nil {
		t.Errorf("in the other: %v, %v", list, err)
	}
}
