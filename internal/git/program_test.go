package git

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program is the git program in a directory, apart from what the machine has
// configured.
type program struct {
	testing.TB
	dir string
}

func newProgram(t testing.TB) program {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git program to compare with")
	}
	return program{t, t.TempDir()}
}

func (g program) run(args ...string) string {
	g.Helper()
	out, err := g.try(args...)
	if err != nil {
		g.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(out)
}

func (g program) try(args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = g.dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + g.dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
		"GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z", "GIT_ALLOW_PROTOCOL=file",
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// put writes a file of the working tree.
func (g program) put(name, text string) {
	g.Helper()
	name = filepath.Join(g.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		g.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		g.Fatal(err)
	}
}

func (g program) commit(message string) string {
	g.Helper()
	g.run("add", "-A")
	g.run("commit", "-q", "--allow-empty", "-m", message)
	return g.run("rev-parse", "HEAD")
}

func (g program) open() *Repository {
	g.Helper()
	r, err := Open(g.dir)
	if err != nil {
		g.Fatal(err)
	}
	g.Cleanup(func() { r.Close() })
	return r
}

// history makes a repository with some commits, branches and tags, and a file
// that changes a little each time.
func history(t testing.TB) program {
	g := newProgram(t)
	g.run("init", "-q", "-b", "main")
	random := rand.New(rand.NewPCG(1, 2))
	lines := make([]string, 400)
	for n := range lines {
		lines[n] = fmt.Sprintf("line %d: %x", n, random.Uint64())
	}
	for n := range 12 {
		lines[random.IntN(len(lines))] = fmt.Sprintf("changed by %d", n)
		g.put("wit/long.wit", strings.Join(lines, "\n"))
		g.put("wit/deps/io/io.wit", fmt.Sprintf("package a:io@0.%d.0;\n", n))
		g.put("read.me", "the same")
		g.commit(fmt.Sprint("commit ", n))
	}
	g.run("tag", "light", "HEAD~3")
	g.run("tag", "-a", "-m", "one", "v1.0.0", "HEAD~2")
	g.run("tag", "-a", "-m", "a tag of a tag", "twice", "v1.0.0")
	g.run("branch", "topic/some", "HEAD~5")
	g.run("tag", "topic") // whose file is where the directory of the branch would be among tags
	g.run("checkout", "-q", "-b", "side", "HEAD~1")
	g.put("side.txt", "side")
	g.commit("side")
	g.run("checkout", "-q", "main")
	g.run("merge", "-q", "--no-ff", "-m", "merge", "side")
	g.run("tag", "merged")
	g.run("update-ref", "refs/remotes/origin/main", "HEAD~4")
	g.run("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
	return g
}

// revisions are what names commits of history.
var revisions = []string{
	"HEAD", "@", "main", "heads/main", "refs/heads/main", "light", "v1.0.0", "tags/v1.0.0", "twice", "topic/some", "origin/main", "origin",
	"HEAD~1", "HEAD~", "HEAD~0", "HEAD^", "HEAD^0", "HEAD^1", "merged^2", "merged^2~1", "HEAD~~", "HEAD^^", "HEAD~3^", "v1.0.0^{}", "twice^{commit}~2", "main~10",
}

// compare holds a repository to what the program says of it.
func (g program) compare(r *Repository) {
	g.Helper()
	for _, revision := range revisions {
		want, err := g.try("rev-parse", "--verify", "-q", revision+"^{commit}")
		if err != nil {
			g.Errorf("git has no %s: %v", revision, err)
			continue
		}
		want = strings.TrimSpace(want)
		for _, revision := range []string{revision, want, want[:12]} {
			got, err := r.Resolve(revision)
			if err != nil || got.String() != want {
				g.Errorf("%s: got %s, %v, want %s", revision, got, err, want)
			}
		}
	}
	objects := 0
	for line := range strings.Lines(g.run("cat-file", "--batch-all-objects", "--batch-check") + "\n") {
		fields := strings.Fields(line)
		id, _ := parseID(fields[0])
		o, err := r.object(id)
		if err != nil || o.kind.String() != fields[1] || fmt.Sprint(len(o.data)) != fields[2] || o.id() != id {
			g.Errorf("%s: got a %s of %d bytes, %v", strings.TrimSpace(line), o.kind, len(o.data), err)
		}
		objects++
	}
	if objects < 60 {
		g.Errorf("%d objects", objects)
	}
}

// deltas returns the entries of packs that are deltas.
func (g program) deltas() []string {
	g.Helper()
	names, err := filepath.Glob(filepath.Join(g.dir, ".git", "objects", "pack", "*.idx"))
	if err != nil || len(names) == 0 {
		g.Fatal("no packs", err)
	}
	var found []string
	for _, name := range names {
		for line := range strings.Lines(g.run("verify-pack", "-v", name)) {
			if len(strings.Fields(line)) == 7 { // with depth and base
				found = append(found, line)
			}
		}
	}
	return found
}

func (g program) tree(r *Repository, revision string) *Tree {
	g.Helper()
	id, err := r.Resolve(revision)
	if err != nil {
		g.Fatal(err)
	}
	tree, err := r.Tree(id)
	if err != nil {
		g.Fatal(err)
	}
	return tree
}
