package fs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/wasi/internal/audit"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// Flags by shorter names.
const (
	follow    = types.PathFlagsSymlinkFollow
	create    = types.OpenFlagsCreate
	exclusive = types.OpenFlagsExclusive
	truncate  = types.OpenFlagsTruncate
	asDir     = types.OpenFlagsDirectory
	read      = types.DescriptorFlagsRead
	write     = types.DescriptorFlagsWrite
	mutate    = types.DescriptorFlagsMutateDirectory
)

// guest is an instance with directories of a temporary one.
type guest struct {
	*testing.T
	host   string // the temporary directory
	fs     *FS
	life   *poll.Life
	dirs   []types.Descriptor
	denied []audit.Denial
}

// granted starts an instance that is given a directory "a" below a temporary one.
// Beside that is "outside", with a file "secret".
func granted(t *testing.T, g Grant) *guest {
	t.Helper()
	host := t.TempDir()
	for _, d := range []string{"a", "outside/sub"} {
		if err := os.MkdirAll(filepath.Join(host, d), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	put(t, filepath.Join(host, "outside/secret"), "SECRET")
	if g.Host == "" && g.Root == nil {
		g.Host = filepath.Join(host, "a")
	}
	if g.Guest == "" {
		g.Guest = "/a"
	}
	return start(t, host, Options{Grants: []Grant{g}})
}

func start(t *testing.T, host string, o Options) *guest {
	t.Helper()
	g := &guest{T: t, host: host, fs: new(FS), life: new(poll.Life)}
	o.Life = g.life
	o.Audit = func(_ context.Context, d audit.Denial) { g.denied = append(g.denied, d) }
	if err := g.fs.Open(o); err != nil {
		t.Fatal(err)
	}
	given, err := g.fs.GetDirectories(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range given {
		g.dirs = append(g.dirs, d.F0)
	}
	t.Cleanup(func() {
		for _, d := range g.dirs {
			d.Close(t.Context())
		}
		if g.fs.open != 0 {
			t.Errorf("%d files are left open", g.fs.open)
		}
		if err := g.life.End(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return g
}

// dir is the first directory.
func (g *guest) dir() types.Descriptor { return g.dirs[0] }

// on returns the path on the host of one below the first directory.
func (g *guest) on(path string) string { return filepath.Join(g.host, "a", path) }

// put writes a file on the host.
func put(t testing.TB, path, contents string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(contents), 0o666); err != nil {
		t.Fatal(err)
	}
}

// get reads a file on the host.
func get(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (g *guest) mkdir(path string) {
	g.Helper()
	if err := os.MkdirAll(g.on(path), 0o777); err != nil {
		g.Fatal(err)
	}
}

func (g *guest) symlink(target, path string) {
	g.Helper()
	if err := os.Symlink(target, g.on(path)); err != nil {
		if runtime.GOOS == "windows" {
			g.Skip("symbolic links need a privilege: ", err)
		}
		g.Fatal(err)
	}
}

// open opens what has to be there, until the test ends.
func (g *guest) open(d types.Descriptor, path string, o types.OpenFlags, f types.DescriptorFlags) types.Descriptor {
	g.Helper()
	got, err := d.OpenAt(g.Context(), follow, path, o, f)
	if err != nil {
		g.Fatalf("open-at %q: %v", path, err)
	}
	g.Cleanup(func() { got.Close(context.Background()) })
	return got
}

// is fails unless an error is what it should be, which is an error code or nil.
func is(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) || (want == nil && err != nil) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
	if err == nil {
		return
	}
	if _, ok := errors.AsType[types.ErrorCode](err); !ok {
		t.Errorf("%s: %v is no error code, and traps", what, err)
	}
}

// names returns the names in a directory, in any order.
func (g *guest) names(d types.Descriptor) map[string]types.DescriptorType {
	g.Helper()
	l, err := d.ReadDirectory(g.Context())
	if err != nil {
		g.Fatal(err)
	}
	defer l.Close(g.Context())
	names := make(map[string]types.DescriptorType)
	for {
		e, err := l.ReadDirectoryEntry(g.Context())
		if err != nil {
			g.Fatal(err)
		}
		v, ok := e.Get()
		if !ok {
			return names
		}
		if _, twice := names[v.Name]; twice {
			g.Errorf("entry %q twice", v.Name)
		}
		names[v.Name] = v.Type
	}
}

// TestOpen refuses grants that make no sense, and opens none then.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name  string
		grant Grant
		err   string
	}{
		{"no guest path", Grant{Host: dir}, "no path for the guest"},
		{"no host path", Grant{Guest: "/"}, "no directory of the host"},
		{"negative quota", Grant{Host: dir, Guest: "/", Quota: -1}, "negative quota"},
		{"zero", Grant{Host: dir, Guest: "/\x00"}, "not UTF-8"},
		{"not UTF-8", Grant{Host: dir, Guest: "/\xff"}, "not UTF-8"},
		{"long", Grant{Host: dir, Guest: strings.Repeat("x", 5000)}, "less than 4096"},
		{"missing", Grant{Host: filepath.Join(dir, "missing"), Guest: "/"}, "no such file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s FS
			err := s.Open(Options{Grants: []Grant{{Host: dir, Guest: "/ok"}, test.grant}})
			if err == nil || !strings.Contains(err.Error(), "directory 1: ") || !strings.Contains(err.Error(), test.err) {
				t.Errorf("Open = %v, want %q", err, test.err)
			}
			if len(s.granted) != 0 {
				t.Errorf("%d directories are granted", len(s.granted))
			}
		})
	}
}

// TestSeveral has several directories, in their order, twice the same too.
func TestSeveral(t *testing.T) {
	host := t.TempDir()
	var o Options
	for _, d := range []string{"z", "m", "a"} {
		os.Mkdir(filepath.Join(host, d), 0o777)
		put(t, filepath.Join(host, d, d), d)
		o.Grants = append(o.Grants, Grant{Host: filepath.Join(host, d), Guest: "/" + d})
	}
	root, err := os.OpenRoot(filepath.Join(host, "m"))
	if err != nil {
		t.Fatal(err)
	}
	o.Grants = append(o.Grants, o.Grants[0], Grant{Root: root, Guest: "."})
	g := start(t, host, o)
	root.Close() // it was the caller's
	given, _ := g.fs.GetDirectories(t.Context())
	for i, want := range []string{"/z", "/m", "/a", "/z", "."} {
		if given[i].F1 != want {
			t.Errorf("directory %d is %q, want %q", i, given[i].F1, want)
		}
		name := strings.TrimPrefix(want, "/")
		if want == "." {
			name = "m"
		}
		f := g.open(given[i].F0, name, 0, read)
		if b, err := f.Read(t.Context(), 10, 0); err != nil || string(b.F0) != name {
			t.Errorf("file of %d: %q, %v", i, b.F0, err)
		}
		if err := given[i].F0.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestNothing grants nothing.
func TestNothing(t *testing.T) {
	g := start(t, "", Options{})
	if len(g.dirs) != 0 {
		t.Errorf("%d directories", len(g.dirs))
	}
}

// TestEnd ends an instance before what it has open is closed, and closes that
// in any order.
func TestEnd(t *testing.T) {
	host := t.TempDir()
	put(t, filepath.Join(host, "f"), "hello")
	before := openFDs(t)
	for _, order := range [][]int{{0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}, {3, 0, 5, 1, 4, 2}} {
		var life poll.Life
		var s FS
		if err := s.Open(Options{Grants: []Grant{{Host: host, Guest: "/", Write: true}}, Life: &life}); err != nil {
			t.Fatal(err)
		}
		given, _ := s.GetDirectories(t.Context())
		d := given[0].F0
		sub, err := d.OpenAt(t.Context(), 0, ".", asDir, read)
		if err != nil {
			t.Fatal(err)
		}
		f, err := sub.OpenAt(t.Context(), 0, "f", 0, read|write)
		if err != nil {
			t.Fatal(err)
		}
		in, _ := f.ReadViaStream(t.Context(), 0)
		out, _ := f.AppendViaStream(t.Context())
		list, _ := sub.ReadDirectory(t.Context())
		if err := life.End(t.Context()); err != nil {
			t.Fatal(err)
		}
		all := []interface{ Close(context.Context) error }{d, sub, f, in, out, list}
		for _, i := range order {
			if err := all[i].Close(t.Context()); err != nil {
				t.Errorf("order %v: close %d: %v", order, i, err)
			}
		}
		if s.open != 0 {
			t.Errorf("order %v: %d are left open", order, s.open)
		}
	}
	if after := openFDs(t); after != before {
		t.Errorf("%d files were open before, %d after", before, after)
	}
}

// openFDs counts the files that this process has open, where that is to be had.
func openFDs(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(all)
}
