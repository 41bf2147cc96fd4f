package git

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// TestRepository reads a repository whose objects are loose, in packs with both
// sorts of deltas, and both, and whose refs are files and packed.
func TestRepository(t *testing.T) {
	g := history(t)
	g.compare(g.open())

	g.run("-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=50")
	g.run("prune-packed")
	g.run("pack-refs", "--all")
	if n := len(g.deltas()); n < 5 {
		t.Errorf("the pack has %d deltas", n)
	}
	g.compare(g.open())

	g.run("gc", "-q", "--aggressive")
	if n := len(g.deltas()); n < 5 {
		t.Errorf("the pack has %d deltas", n)
	}
	g.compare(g.open())

	g.put("more", "more")
	g.commit("more")
	g.compare(g.open())

	g.run("repack", "-q", "-d")
	g.run("-c", "pack.indexVersion=2", "multi-pack-index", "write")
	g.compare(g.open())

	// The pack of an index may be gone, as the program replaces packs.
	packs, err := filepath.Glob(filepath.Join(g.dir, ".git", "objects", "pack", "*.idx"))
	if err != nil || len(packs) == 0 {
		t.Fatal("no packs", err)
	}
	index, err := os.ReadFile(packs[0])
	if err != nil {
		t.Fatal(err)
	}
	g.put(".git/objects/pack/pack-gone.idx", string(index))
	g.compare(g.open())

	g.run("-c", "repack.writeBitmaps=false", "-c", "pack.indexVersion=1", "repack", "-q", "-a", "-d", "-f")
	if _, err := Open(g.dir); err == nil || !strings.Contains(err.Error(), "version 1") {
		t.Errorf("a pack with an index of version 1: %v", err)
	}
}

// TestTree holds the files of commits to those that the program says.
func TestTree(t *testing.T) {
	g := history(t)
	if err := os.Symlink("wit/deps", filepath.Join(g.dir, "link")); err != nil {
		t.Skip("no symbolic links:", err)
	}
	for name, target := range map[string]string{"out": "../x", "absolute": "/etc", "loop": "loop", "wit/up": "../read.me", "dangling": "nothing"} {
		if err := os.Symlink(target, filepath.Join(g.dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
	g.put("run", "#!")
	if err := os.Chmod(filepath.Join(g.dir, "run"), 0o777); err != nil {
		t.Fatal(err)
	}
	g.commit("links")
	g.run("update-index", "--add", "--cacheinfo", "160000,"+g.run("rev-parse", "HEAD")+",wit/deps/sub")
	g.run("commit", "-q", "-m", "a submodule")
	r := g.open()
	for _, revision := range []string{"HEAD", "HEAD~1", "main~6"} {
		tree := g.tree(r, revision)
		for line := range strings.Lines(g.run("ls-tree", "-r", revision)) {
			mode, name, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t")
			if !strings.HasPrefix(mode, "100") {
				continue
			}
			want := g.run("show", revision+":"+name)
			if got, err := fs.ReadFile(tree, name); err != nil || strings.TrimSpace(string(got)) != want {
				t.Errorf("%s:%s: got %q, %v", revision, name, got, err)
			}
		}
	}
	if err := fstest.TestFS(g.tree(r, "main~6"), "wit/long.wit", "wit/deps/io/io.wit"); err != nil {
		t.Error(err)
	}
	tree := g.tree(r, "HEAD")
	for name, want := range map[string]string{
		"link/io/io.wit": "package a:io@0.11.0;\n", "wit/up": "the same", "run": "#!",
		"out": "leads out of the tree", "absolute": "leads out of the tree", "loop": "too many symbolic links", "dangling": "not exist",
		"wit/deps/sub": "is a submodule", "wit/deps/sub/a": "is a submodule", "read.me/x": "not exist", "wit": "is a directory", "../x": "invalid",
	} {
		got, err := fs.ReadFile(tree, name)
		if string(got) != want && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
	if _, err := fs.ReadDir(tree, "wit/deps/sub"); err == nil || !strings.Contains(err.Error(), "is a submodule") {
		t.Errorf("reading a submodule: %v", err)
	}
	if i, err := fs.Stat(tree, "run"); err != nil || i.Mode() != 0o755 || i.Size() != 2 {
		t.Errorf("run is %v, %v", i, err)
	}
}

// TestOpen opens repositories where the program finds them.
func TestOpen(t *testing.T) {
	g := history(t)
	main := g.run("rev-parse", "main")
	below := func(dir string) program { return program{t, filepath.Join(g.dir, dir)} }
	check := func(dir program, root, revision, want string) *Repository {
		t.Helper()
		r := dir.open()
		id, err := r.Resolve(revision)
		if err != nil || id.String() != want {
			t.Errorf("%s in %s: got %s, %v, want %s", revision, dir.dir, id, err, want)
		}
		if got := r.Root(); got != root {
			t.Errorf("%s has the root %q, want %q", dir.dir, got, root)
		}
		return r
	}
	check(below("wit/deps"), g.dir, "HEAD", main)
	check(below(".git"), g.dir, "HEAD", main)

	g.run("worktree", "add", "-q", "-b", "tree", "a/tree", "HEAD~2")
	tree := below("a/tree")
	check(tree, tree.dir, "HEAD", g.run("rev-parse", "main~2"))
	check(tree, tree.dir, "main", main)
	tree.put("x", "x")
	check(tree, tree.dir, "HEAD", tree.commit("in the tree"))

	g.run("clone", "-q", "--bare", ".", "bare.git")
	check(below("bare.git"), "", "main", main)
	check(below("bare.git/objects"), "", "main", main)

	g.run("clone", "-q", "--shared", ".", "shared")
	shared := below("shared")
	check(shared, shared.dir, "origin/main", main)
	g.run("clone", "-q", "--shared", "shared", "again")
	check(below("again"), below("again").dir, "HEAD~3", g.run("rev-parse", "HEAD~3"))

	g.put("a/.git", "gitdir: ../shared/.git\n")
	check(below("a"), below("a").dir, "origin/main", main)
	for text, want := range map[string]string{"gitdir: nowhere\n": "where there is none", "x": "does not say"} {
		g.put("a/.git", text)
		if _, err := Open(below("a").dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", text, err)
		}
	}
	if r, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is in no Git repository") {
		t.Errorf("got %v, %v", r, err)
	}
}

// TestResolveErrors asks for what is not there or not clear.
func TestResolveErrors(t *testing.T) {
	g := history(t)
	g.run("remote", "add", "origin", "https://example.com/x.git")
	r := g.open()
	blob, tree := g.run("rev-parse", "HEAD:read.me"), g.run("rev-parse", "HEAD^{tree}")
	g.run("tag", "file", blob)
	g.put(".git/refs/heads/loop", "ref: refs/heads/loop\n")
	g.put(".git/refs/heads/away", "ref: ../../config\n")
	g.put(".git/refs/heads/damaged", "zzz\n")
	g.put(".git/refs/heads/gone", strings.Repeat("1", 40)+"\n")
	for revision, want := range map[string]string{
		"":                          "want a branch, a tag or a commit",
		"none":                      "no such branch, tag or commit; git fetch --tags origin fetches tags that are missing",
		"origin/none":               "git fetch origin none:refs/remotes/origin/none",
		"other/none":                "no such branch, tag or commit",
		"refs/heads/none":           "no such ref",
		"../../etc/passwd":          "no such branch",
		"config":                    "no such branch",
		"abcdef0":                   "no such branch",
		strings.Repeat("1", 40):     "no such object",
		"gone":                      "no such object",
		"loop":                      "refs lead to one another",
		"away":                      "no name of a ref",
		"damaged":                   "is damaged",
		blob:                        "it is a blob: want a commit",
		"file":                      "it is a blob: want a commit",
		tree[:20]:                   "no such branch",
		"HEAD^3":                    "has 2 parents",
		"HEAD~100":                  "has 0 parents",
		"HEAD~99999999999999999999": "out of range",
		"HEAD^x":                    "want a number",
		"HEAD^{tree}":               "want a number",
		"main@{upstream}":           "want a branch, a tag or a commit",
		"HEAD:wit":                  "want a branch, a tag or a commit",
	} {
		id, err := r.Resolve(revision)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "revision "+revision+": ") {
			t.Errorf("%s: got %s, %v, want %q", revision, id, err, want)
		}
	}
	empty := newProgram(t)
	empty.run("init", "-q", "-b", "main")
	if _, err := empty.open().Resolve("HEAD"); err == nil || !strings.Contains(err.Error(), "refs/heads/main has no commit yet") {
		t.Errorf("HEAD of nothing: %v", err)
	}
}

// TestAbbreviated finds two objects whose IDs begin alike.
func TestAbbreviated(t *testing.T) {
	g := newProgram(t)
	g.run("init", "-q", "-b", "main")
	seen := make(map[string][]string)
	tree := g.run("write-tree")
	shared := ""
	for n := 0; shared == "" && n < 4000; n++ {
		// Their IDs are those of the text alone: no program needs to run.
		text := fmt.Sprintf("tree %s\nauthor a <a> 0 +0000\ncommitter a <a> 0 +0000\n\n%d\n", tree, n)
		id := object{commitKind, []byte(text)}.id().String()
		seen[id[:4]] = append(seen[id[:4]], text)
		if len(seen[id[:4]]) == 2 {
			shared = id[:4]
		}
	}
	if shared == "" {
		t.Fatal("no two IDs are alike")
	}
	var ids []string
	for n, text := range seen[shared] {
		name := filepath.Join(g.dir, fmt.Sprint(n))
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, g.run("hash-object", "-t", "commit", "-w", name))
	}
	r := g.open()
	if _, err := r.Resolve(shared); err == nil || !strings.Contains(err.Error(), "give more digits") {
		t.Errorf("%s of %s: %v", shared, ids, err)
	}
	for _, id := range ids {
		if got, err := r.Resolve(strings.ToUpper(id[:12])); err != nil || got.String() != id {
			t.Errorf("%s: got %s, %v", id[:12], got, err)
		}
	}
	g.run("branch", shared, ids[1]) // a branch of that name wins
	if got, err := r.Resolve(shared); err != nil || got.String() != ids[1] {
		t.Errorf("the branch %s: got %s, %v", shared, got, err)
	}
}

// TestPartly opens clones that lack objects, and repositories that cannot be
// read.
func TestPartly(t *testing.T) {
	g := history(t)
	g.run("config", "uploadpack.allowFilter", "true")
	origin := "file://" + filepath.ToSlash(g.dir)
	g.run("clone", "-q", "--depth=2", origin, "shallow")
	shallow := program{t, filepath.Join(g.dir, "shallow")}.open()
	if _, err := shallow.Resolve("HEAD~1"); err != nil {
		t.Error(err)
	}
	for _, revision := range []string{"HEAD~9", g.run("rev-parse", "HEAD~9"), g.run("rev-parse", "HEAD~9")[:10]} {
		if _, err := shallow.Resolve(revision); err == nil || !strings.Contains(err.Error(), "no such object; the clone is shallow") {
			t.Errorf("%s of a shallow clone: %v", revision, err)
		}
	}
	for _, revision := range []string{"v0", "feature"} { // what was not fetched has no name
		if _, err := shallow.Resolve(revision); err == nil || !strings.Contains(err.Error(), "no such branch, tag or commit; the clone is shallow: ") {
			t.Errorf("%s of a shallow clone: %v", revision, err)
		}
	}
	g.run("clone", "-q", "--filter=blob:none", "--no-checkout", origin, "partial")
	partial := program{t, filepath.Join(g.dir, "partial")}
	tree := partial.tree(partial.open(), "HEAD~3")
	if _, err := fs.ReadFile(tree, "read.me"); err == nil || !strings.Contains(err.Error(), "the clone is partial") {
		t.Errorf("a file of a partial clone: %v", err)
	}
	for config, want := range map[string]string{
		"[core]\n\trepositoryformatversion = 2\n":              `the format of the repository is "2"`,
		"[Extensions]\nobjectFormat = SHA256\n":                "objects go by sha256",
		"[extensions] refStorage = reftable ; a comment\n":     "refs are kept as reftable",
		"[core]\nrepositoryformatversion = 1 # x\n; none\n[a]": "",
	} {
		g.put(".git/config", config)
		r, err := Open(g.dir)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want %q", config, r, err, want)
		}
	}
	sha256 := newProgram(t)
	if _, err := sha256.try("init", "-q", "--object-format=sha256"); err != nil {
		t.Skip("the program does not know sha256")
	}
	if _, err := Open(sha256.dir); err == nil || !strings.Contains(err.Error(), "only sha1") {
		t.Errorf("sha256: %v", err)
	}
}

// TestDamaged reads objects that are not what their names say.
func TestDamaged(t *testing.T) {
	g := history(t)
	head := g.run("rev-parse", "HEAD")
	other := g.run("rev-parse", "HEAD~1")
	path := func(id string) string { return filepath.Join(g.dir, ".git", "objects", id[:2], id[2:]) }
	data, err := os.ReadFile(path(other))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		data []byte
		want string
	}{
		"another object": {data, "another SHA-1"},
		"no zlib":        {[]byte("x"), "unexpected EOF"},
		"cut off":        {data[:len(data)/2], "unexpected EOF"},
	} {
		if err := errors.Join(os.Chmod(path(head), 0o666), os.WriteFile(path(head), tt.data, 0o666)); err != nil {
			t.Fatal(err)
		}
		if _, err := g.open().Resolve(head); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
	g.put(".git/objects/info/alternates", g.dir+"/.git/objects\n# nothing\n")
	g.open()
	for n := range 8 {
		g.put(fmt.Sprintf("%d/info/alternates", n), fmt.Sprintf("../%d", n+1))
	}
	g.put(".git/objects/info/alternates", "../../0")
	if _, err := Open(g.dir); err == nil || !strings.Contains(err.Error(), "too deeply") {
		t.Errorf("got %v", err)
	}
}

func TestParseTree(t *testing.T) {
	id := string(bytes.Repeat([]byte{1}, 20))
	got, err := parseTree([]byte("40000 a\x00" + id + "100644 a.b\x00" + id))
	want := []treeEntry{{"a", directory, ID([]byte(id))}, {"a.b", regular | 0o644, ID([]byte(id))}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	for in, want := range map[string]string{
		"x":                             "damaged",
		"100644 a\x00" + id[:19]:        "damaged",
		"9 a\x00" + id:                  `the mode "9"`,
		"100644 a/b\x00" + id:           `the name "a/b"`,
		"100644 ..\x00" + id:            `the name ".."`,
		"100644 \x00" + id:              `the name ""`,
		"1 a\x00" + id + "2 a\x00" + id: `two entries have the name "a"`,
	} {
		if got, err := parseTree([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want %q", in, got, err, want)
		}
	}
}
