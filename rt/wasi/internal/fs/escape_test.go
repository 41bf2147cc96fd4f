package fs

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/wasi/p2/clocks/wallclock"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// method is a function of WASI that takes a path.
type method struct {
	name    string // as told to the audit log
	writes  bool   // changes something
	follows bool   // a link at the end of the path
	makes   bool   // something where there is nothing
	entry   bool   // is about the name at the end of the path, whatever it is of
	call    func(ctx context.Context, d types.Descriptor, path string) error
}

var someTime = types.NewTimestampTimestamp{Value: wallclock.DateTime{Seconds: 1e9}}

// methods has all functions that take a path, in the ways in which they can.
var methods = []method{
	{"open-at", false, false, false, false, openMethod(0, 0, read)},
	{"open-at", false, true, false, false, openMethod(follow, 0, read)},
	{"open-at", false, true, false, false, openMethod(follow, asDir, read)},
	{"open-at", true, true, true, false, openMethod(follow, create, write)},
	{"open-at", true, true, true, false, openMethod(follow, create|truncate, read|write)},
	{"open-at", true, true, false, false, openMethod(follow, truncate, write)},
	{"open-at", true, true, false, false, openMethod(follow, 0, write)},
	{"stat-at", false, false, false, false, func(ctx context.Context, d types.Descriptor, path string) error {
		_, err := d.StatAt(ctx, 0, path)
		return err
	}},
	{"stat-at", false, true, false, false, func(ctx context.Context, d types.Descriptor, path string) error {
		_, err := d.StatAt(ctx, follow, path)
		return err
	}},
	{"metadata-hash-at", false, true, false, false, func(ctx context.Context, d types.Descriptor, path string) error {
		_, err := d.MetadataHashAt(ctx, follow, path)
		return err
	}},
	{"readlink-at", false, false, false, false, func(ctx context.Context, d types.Descriptor, path string) error {
		_, err := d.ReadlinkAt(ctx, path)
		return err
	}},
	{"set-times-at", true, true, false, false, func(ctx context.Context, d types.Descriptor, path string) error {
		return d.SetTimesAt(ctx, follow, path, someTime, someTime)
	}},
	{"set-times-at", true, false, false, false, func(ctx context.Context, d types.Descriptor, path string) error {
		return d.SetTimesAt(ctx, 0, path, someTime, types.NewTimestampNow{})
	}},
	{"create-directory-at", true, false, true, true, func(ctx context.Context, d types.Descriptor, path string) error {
		return d.CreateDirectoryAt(ctx, path)
	}},
	{"remove-directory-at", true, false, false, true, func(ctx context.Context, d types.Descriptor, path string) error {
		return d.RemoveDirectoryAt(ctx, path)
	}},
	{"unlink-file-at", true, false, false, true, func(ctx context.Context, d types.Descriptor, path string) error {
		return d.UnlinkFileAt(ctx, path)
	}},
	{"symlink-at", true, false, true, true, func(ctx context.Context, d types.Descriptor, path string) error {
		return d.SymlinkAt(ctx, "target", path)
	}},
	{"link-at", true, false, false, true, func(ctx context.Context, d types.Descriptor, path string) error {
		return d.LinkAt(ctx, 0, path, d, "linked")
	}},
	{"link-at", true, false, true, true, func(ctx context.Context, d types.Descriptor, path string) error {
		return d.LinkAt(ctx, 0, "file", d, path)
	}},
	{"rename-at", true, false, false, true, func(ctx context.Context, d types.Descriptor, path string) error {
		return d.RenameAt(ctx, path, d, "renamed")
	}},
	{"rename-at", true, false, true, true, func(ctx context.Context, d types.Descriptor, path string) error {
		return d.RenameAt(ctx, "file", d, path)
	}},
}

func openMethod(p types.PathFlags, o types.OpenFlags, f types.DescriptorFlags) func(context.Context, types.Descriptor, string) error {
	return func(ctx context.Context, d types.Descriptor, path string) error {
		got, err := d.OpenAt(ctx, p, path, o, f)
		if err != nil {
			return err
		}
		return got.Close(ctx)
	}
}

// snapshot is all that is below a directory of the host.
func snapshot(t testing.TB, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		fmt.Fprintln(&b, path, info.Mode(), info.ModTime().UnixNano())
		if info.Mode().IsRegular() {
			fmt.Fprintln(&b, info.Size(), get(t, path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestEscape has every function refuse every way out, whether there is something
// or not, and tells of it.
func TestEscape(t *testing.T) {
	paths := []string{
		"/", "//", "/etc/passwd", "/a/file",
		"..", "../", "../.", "../outside", "../outside/secret", "../outside/nothing", "../a/file",
		"dir/../..", "dir/../../outside/secret", "dir/../../nothing", "./../outside/secret",
		"dir/./../.././outside/secret", "dir//..//..//outside/secret", "link/../../outside/secret",
		"out/secret", "out/nothing", "out/.", "out/..", "out/../a/file", "out/sub/new",
		"abs/secret", "abs/nothing",
		"chain/secret", "chain/nothing", "dir/up/secret", "back/secret", "deep/secret",
	}
	slashes := []string{"out/", "abs/", "chain//", "dir/up/"}
	ends := []string{"out", "abs", "chain", "dir/up", "outfile", "absfile", "chainfile", "nothing-there"}
	for i, m := range methods {
		t.Run(fmt.Sprint(i, " ", m.name), func(t *testing.T) {
			g := granted(t, Grant{Write: true})
			g.mkdir("dir")
			put(t, g.on("file"), "inside")
			g.symlink("../outside", "out")
			g.symlink(filepath.Join(g.host, "outside"), "abs")
			g.symlink("out", "chain")
			g.symlink("dir", "link")
			g.symlink("../../outside", "dir/up")
			g.symlink("../outside/secret", "outfile")
			g.symlink(filepath.Join(g.host, "outside/secret"), "absfile")
			g.symlink("outfile", "chainfile")
			g.symlink("../outside/new", "nothing-there")
			g.symlink("dir/up/../outside", "back")
			g.symlink("./dir/.././dir/up", "deep")
			before := snapshot(t, filepath.Join(g.host, "outside"))
			all := slices.Clone(paths)
			if m.follows {
				all = append(all, ends...)
			}
			if m.entry {
				for _, path := range slashes {
					if err := m.call(t.Context(), g.dir(), path); err == nil {
						t.Errorf("%s succeeds", path)
					}
				}
			} else {
				all = append(all, slashes...)
			}
			for _, path := range all {
				g.denied = nil
				err := m.call(t.Context(), g.dir(), path)
				is(t, path, err, types.ErrorCodeNotPermitted)
				if len(g.denied) != 1 || g.denied[0].Operation != m.name || g.denied[0].Capability != "filesystem" ||
					!strings.HasPrefix(g.denied[0].Target, "/a/") || strings.Contains(fmt.Sprint(g.denied), g.host) && !strings.HasPrefix(path, "/") {
					t.Errorf("%s: denials %+v", path, g.denied)
				}
			}
			if after := snapshot(t, filepath.Join(g.host, "outside")); after != before {
				t.Errorf("changed outside:\n%s\nbefore:\n%s", after, before)
			}
		})
	}
}

// TestEscapeBelow opens a directory, which has no way to what is above it in the
// grant either.
func TestEscapeBelow(t *testing.T) {
	g := granted(t, Grant{Write: true})
	g.mkdir("dir/sub")
	put(t, g.on("file"), "inside")
	put(t, g.on("dir/below"), "below")
	g.symlink("../file", "dir/up")
	g.symlink("sub/../below", "dir/ok")
	sub := g.open(g.dir(), "dir", asDir, read|mutate)
	for _, path := range []string{"../file", "sub/../../file", "up", ".."} {
		_, err := sub.StatAt(t.Context(), follow, path)
		is(t, path, err, types.ErrorCodeNotPermitted)
	}
	for _, path := range []string{"below", "sub/../below", "./below", "sub/./../below", "ok"} {
		st, err := sub.StatAt(t.Context(), follow, path)
		is(t, path, err, nil)
		if st.Size != 5 {
			t.Errorf("%s: %+v", path, st)
		}
	}
	// From above the same link stays inside.
	_, err := g.dir().StatAt(t.Context(), follow, "dir/up")
	is(t, "dir/up", err, nil)
}

// TestReadOnly has every function that changes something refused in a directory
// that may only be read, and below it, and tells of it.
func TestReadOnly(t *testing.T) {
	g := granted(t, Grant{})
	g.mkdir("dir")
	put(t, g.on("file"), "inside")
	put(t, g.on("dir/file"), "inside")
	g.symlink("file", "link")
	before := snapshot(t, g.on("."))
	sub := g.open(g.dir(), "dir", asDir, read)
	for _, d := range []types.Descriptor{g.dir(), sub} {
		for i, m := range methods {
			for _, path := range []string{"file", "new", "."} {
				if !m.writes {
					continue
				}
				g.denied = nil
				is(t, fmt.Sprint(i, " ", m.name, " ", path), m.call(t.Context(), d, path), types.ErrorCodeNotPermitted)
				if len(g.denied) != 1 || g.denied[0].Operation != m.name || g.denied[0].Reason != "the directory may only be read" || !g.denied[0].ReadOnly {
					t.Errorf("%s: denials %+v", m.name, g.denied)
				}
			}
		}
		_, err := d.OpenAt(t.Context(), 0, ".", 0, read|mutate)
		is(t, "open-at with mutate-directory", err, types.ErrorCodeNotPermitted)
		is(t, "set-times", d.SetTimes(t.Context(), someTime, someTime), types.ErrorCodeNotPermitted)
		if flags, _ := d.GetFlags(t.Context()); flags != read {
			t.Errorf("flags %v", flags)
		}
		f := g.open(d, "file", 0, read)
		_, err = f.Write(t.Context(), []byte("x"), 0)
		is(t, "write", err, types.ErrorCodeNotPermitted)
		_, err = f.WriteViaStream(t.Context(), 0)
		is(t, "write-via-stream", err, types.ErrorCodeNotPermitted)
		_, err = f.AppendViaStream(t.Context())
		is(t, "append-via-stream", err, types.ErrorCodeNotPermitted)
		is(t, "set-size", f.SetSize(t.Context(), 0), types.ErrorCodeNotPermitted)
		is(t, "set-times", f.SetTimes(t.Context(), someTime, someTime), types.ErrorCodeNotPermitted)
		is(t, "sync", f.Sync(t.Context()), nil)
		is(t, "sync-data", f.SyncData(t.Context()), nil)
	}
	if after := snapshot(t, g.on(".")); after != before {
		t.Errorf("changed:\n%s\nbefore:\n%s", after, before)
	}
}

// TestAcross has nothing moved or linked between directories of other rights.
func TestAcross(t *testing.T) {
	host := t.TempDir()
	o := Options{}
	for i, name := range []string{"ro", "rw", "rw2", "ro2"} {
		os.Mkdir(filepath.Join(host, name), 0o777)
		put(t, filepath.Join(host, name, "file"), name)
		o.Grants = append(o.Grants, Grant{Host: filepath.Join(host, name), Guest: "/" + name, Write: i == 1 || i == 2})
	}
	g := start(t, host, o)
	tests := []struct {
		from, to int
		want     error
	}{
		{0, 0, types.ErrorCodeNotPermitted}, {0, 1, types.ErrorCodeNotPermitted}, {1, 0, types.ErrorCodeNotPermitted},
		{0, 3, types.ErrorCodeNotPermitted}, {1, 1, nil},
	}
	if !portable {
		tests = append(tests, tests[len(tests)-1])
		tests[len(tests)-1].to = 2
	}
	for _, test := range tests {
		g.denied = nil
		from, to := g.dirs[test.from], g.dirs[test.to]
		what := fmt.Sprint(test.from, " to ", test.to)
		is(t, "link-at "+what, from.LinkAt(t.Context(), 0, "file", to, "linked"), test.want)
		if test.want == nil {
			is(t, "rename-at "+what, from.RenameAt(t.Context(), "file", to, "moved"), nil)
			is(t, "rename-at back", to.RenameAt(t.Context(), "moved", from, "file"), nil)
			is(t, "unlink-file-at", to.UnlinkFileAt(t.Context(), "linked"), nil)
			continue
		}
		is(t, "rename-at "+what, from.RenameAt(t.Context(), "file", to, "moved"), test.want)
		if len(g.denied) != 2 {
			t.Errorf("%s: denials %+v", what, g.denied)
		}
	}
	for _, name := range []string{"ro", "rw", "rw2", "ro2"} {
		all, _ := os.ReadDir(filepath.Join(host, name))
		if len(all) != 1 || get(t, filepath.Join(host, name, "file")) != name {
			t.Errorf("%s has %v", name, all)
		}
	}
}

// TestForeign gives functions descriptors of another host, and files where
// directories have to be.
func TestForeign(t *testing.T) {
	g := granted(t, Grant{Write: true})
	put(t, g.on("file"), "x")
	f := g.open(g.dir(), "file", 0, read)
	for _, other := range []types.Descriptor{types.UnimplementedDescriptor{}, nil} {
		for what, err := range map[string]error{
			"rename-at": g.dir().RenameAt(t.Context(), "file", other, "moved"),
			"link-at":   g.dir().LinkAt(t.Context(), 0, "file", other, "moved"),
		} {
			if err != errForeign { //nolint:errorlint // a trap has it as it is
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := g.dir().IsSameObject(t.Context(), other); err != errForeign { //nolint:errorlint // as above
			t.Errorf("is-same-object: %v", err)
		}
	}
	is(t, "rename-at", g.dir().RenameAt(t.Context(), "file", f, "moved"), types.ErrorCodeNotDirectory)
	is(t, "link-at", g.dir().LinkAt(t.Context(), 0, "file", f, "moved"), types.ErrorCodeNotDirectory)
}
