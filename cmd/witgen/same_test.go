package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

// sameBytes are packages with everything in them that bindings have.
var sameBytes = []string{
	"../../golden/types/wit", "../../golden/resources/wit", "../../golden/worlds/wit", "../../golden/named/wit",
	"../../golden/collections/wit", "../../examples/plugins/wit",
}

// TestSameBytes generates wherever and however people do, as processes of their
// own, and looks for anything that differs.
func TestSameBytes(t *testing.T) {
	for _, source := range sameBytes {
		t.Run(filepath.Base(filepath.Dir(source)), func(t *testing.T) {
			t.Parallel()
			home := newModule(t, source)
			want := generated(t, home, home, nil, "generate", "--out", "api")
			if len(want.Files) < 2 {
				t.Fatalf("only %d files", len(want.Files))
			}
			for range 20 {
				compareTrees(t, "again", want, generated(t, home, home, nil, "generate", "--out", "api"))
			}

			below := filepath.Join(home, "some", "where")
			if err := os.MkdirAll(below, 0o777); err != nil {
				t.Fatal(err)
			}
			compareTrees(t, "from below", want, generated(t, home, below, nil, "generate", "../../wit", "--out", "../../api"))
			compareTrees(t, "by the file", want, generated(t, home, below, nil, "generate"))
			outside := t.TempDir()
			compareTrees(t, "by absolute paths", want, generated(t, home, outside, nil,
				"generate", filepath.Join(home, "wit"), "--out", filepath.Join(home, "api")))
			link := filepath.Join(outside, "link")
			if err := os.Symlink(home, link); err != nil {
				t.Skip(err)
			}
			compareTrees(t, "by a link", want, generated(t, home, outside, nil, "generate", "link/wit", "--out", "link/api"))
			compareTrees(t, "in a link", want, generated(t, home, link, []string{"PWD=" + link}, "generate", "--out", "api"))

			env := []string{
				"TMPDIR=" + outside, "HOME=/nowhere", "TZ=Asia/Kathmandu", "GOFLAGS=-mod=vendor -tags=x", "LANG=tr_TR.UTF-8",
				"GOMAXPROCS=1", "GOOS=plan9", "GOARCH=386", "PATH=",
			}
			compareTrees(t, "elsewhere", want, generated(t, home, home, env, "generate", "--out", "api"))
			another := newModule(t, source)
			compareTrees(t, "in another directory", want, generated(t, another, another, env, "generate", "--out", "api"))
			compareTrees(t, "into a directory of another module", want, generated(t, home, home, nil,
				"generate", "--out", "elsewhere/bindings", "--package-root", "example.com/app/api"))

			returns := newModule(t, source)
			addReturns(t, filepath.Join(returns, "wit"))
			compareTrees(t, "from lines that end in returns", want, generated(t, returns, returns, nil, "generate", "--out", "api"))
		})
	}
}

// newModule returns a module with a copy of a WIT package.
func newModule(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "wit"), os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "go.mod"), []byte("module example.com/app\n"))
	put(t, filepath.Join(dir, "witgen.yaml"), []byte("generate: [{out: api}]\n"))
	return dir
}

// addReturns ends all lines of the files of a directory in carriage returns.
func addReturns(t *testing.T, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.wit"))
	if err != nil || len(names) == 0 {
		t.Fatal("no WIT", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		put(t, name, bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")))
	}
}

// generated runs the command and returns the only directory below home that it
// fills, which is removed.
func generated(t *testing.T, home, dir string, env []string, args ...string) *txtar.Archive {
	t.Helper()
	if out, err := process(t, dir, env, args...).CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
	out := filepath.Join(home, "api")
	if _, err := os.Stat(out); err != nil {
		out = filepath.Join(home, "elsewhere", "bindings")
	}
	a := &txtar.Archive{}
	err := fs.WalkDir(os.DirFS(out), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(out, name))
		a.Files = append(a.Files, txtar.File{Name: name, Data: data})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(out); err != nil {
		t.Fatal(err)
	}
	return a
}

func compareTrees(t *testing.T, how string, want, got *txtar.Archive) {
	t.Helper()
	if len(got.Files) != len(want.Files) {
		t.Errorf("%s: %d files, want %d", how, len(got.Files), len(want.Files))
		return
	}
	for n, w := range want.Files {
		if g := got.Files[n]; g.Name != w.Name || !bytes.Equal(g.Data, w.Data) {
			t.Errorf("%s: %s\n%s", how, g.Name, unified(w.Name, g.Name, lines(w.Data), lines(g.Data)))
		}
	}
}
