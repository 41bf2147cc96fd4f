package fs

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// TestOpenAt has the flags of open-at, and what they do to what is there.
func TestOpenAt(t *testing.T) {
	const (
		nothing = "new"
		file    = "file"
		dir     = "dir"
		link    = "link"    // to file
		dirlink = "dirlink" // to dir
		dead    = "dead"    // to nothing
		loop    = "loop"
	)
	tests := []struct {
		path  string
		at    types.PathFlags
		open  types.OpenFlags
		flags types.DescriptorFlags
		want  error
		then  string // contents of file, or of new if that is there
	}{
		{file, 0, 0, read, nil, "hello"},
		{file, 0, 0, 0, nil, "hello"},
		{file, 0, 0, write, nil, "hello"},
		{file, 0, 0, read | write, nil, "hello"},
		{file, 0, create, write, nil, "hello"},
		{file, 0, create | exclusive, write, types.ErrorCodeExist, "hello"},
		{file, 0, exclusive, read, nil, "hello"},
		{file, 0, truncate, write, nil, ""},
		{file, 0, create | truncate, read | write, nil, ""},
		{file, 0, asDir, read, types.ErrorCodeNotDirectory, "hello"},
		{file + "/", 0, 0, read, types.ErrorCodeNotDirectory, "hello"},
		{file + "/", 0, create, write, types.ErrorCodeNotDirectory, "hello"},
		{file + "/x", 0, create, write, types.ErrorCodeNotDirectory, "hello"},
		{nothing, 0, 0, read, types.ErrorCodeNoEntry, "hello"},
		{nothing, 0, truncate, write, types.ErrorCodeNoEntry, "hello"},
		{nothing, 0, create, write, nil, ""},
		{nothing, 0, create | exclusive, write, nil, ""},
		{nothing, follow, create | exclusive, read | write, nil, ""},
		{nothing + "/", 0, create, write, types.ErrorCodeIsDirectory, "hello"},
		{nothing, 0, asDir, read, types.ErrorCodeNoEntry, "hello"},
		{nothing, 0, asDir | create, read, types.ErrorCodeInvalid, "hello"},
		{dir, 0, asDir | exclusive, read, types.ErrorCodeInvalid, "hello"},
		{dir, 0, asDir | truncate, write, types.ErrorCodeInvalid, "hello"},
		{dir, 0, 0, read, nil, "hello"},
		{dir, 0, asDir, read, nil, "hello"},
		{dir, 0, asDir, read | mutate, nil, "hello"},
		{dir + "/", 0, asDir, read, nil, "hello"},
		{dir + "/.", 0, asDir, read, nil, "hello"},
		{".", 0, asDir, read, nil, "hello"},
		{"./", 0, 0, 0, nil, "hello"},
		{dir + "/..", 0, asDir, read, nil, "hello"},
		{dir, 0, 0, write, types.ErrorCodeIsDirectory, "hello"},
		{dir, 0, create, read, types.ErrorCodeIsDirectory, "hello"},
		{dir, 0, create | exclusive, read, types.ErrorCodeExist, "hello"},
		{link, follow, 0, read, nil, "hello"},
		{link, 0, 0, read, types.ErrorCodeLoop, "hello"},
		{link, follow, truncate, write, nil, ""},
		{link, follow, create, write, nil, "hello"},
		{link, follow, create | exclusive, write, types.ErrorCodeExist, "hello"},
		{link + "/", 0, 0, read, types.ErrorCodeNotDirectory, "hello"},
		{dirlink, follow, asDir, read, nil, "hello"},
		{dirlink, 0, asDir, read, types.ErrorCodeLoop, "hello"},
		{dirlink + "/", 0, asDir, read, nil, "hello"},
		{dirlink + "/../file", 0, 0, read, nil, "hello"},
		{dead, follow, 0, read, types.ErrorCodeNoEntry, "hello"},
		{dead, follow, create, write, nil, ""},
		{dead, follow, create | exclusive, write, types.ErrorCodeExist, "hello"},
		{loop, follow, 0, read, types.ErrorCodeLoop, "hello"},
		{loop + "/x", 0, 0, read, types.ErrorCodeLoop, "hello"},
		{file, 0, 0, write | types.DescriptorFlagsFileIntegritySync, types.ErrorCodeUnsupported, "hello"},
		{file, 0, 0, write | types.DescriptorFlagsDataIntegritySync, types.ErrorCodeUnsupported, "hello"},
		{file, 0, 0, read | types.DescriptorFlagsRequestedWriteSync, types.ErrorCodeUnsupported, "hello"},
	}
	for _, test := range tests {
		name := fmt.Sprint(test.path, " ", test.at, test.open, test.flags)
		t.Run(name, func(t *testing.T) {
			g := granted(t, Grant{Write: true})
			put(t, g.on("file"), "hello")
			g.mkdir("dir")
			g.symlink("file", link)
			g.symlink("dir", dirlink)
			g.symlink("new", dead)
			g.symlink("loop", loop)
			if portable && test.path == dead && test.want == nil { // os.Root makes no file behind a link
				test.want, test.then = types.ErrorCodeExist, "hello"
			}
			d, err := g.dir().OpenAt(t.Context(), test.at, test.path, test.open, test.flags)
			is(t, name, err, test.want)
			if err == nil {
				got, _ := d.GetFlags(t.Context())
				want := test.flags
				if want&write == 0 {
					want |= read
				}
				if kind, _ := d.GetType(t.Context()); kind == types.DescriptorTypeDirectory {
					want |= mutate
				}
				if got != want {
					t.Errorf("get-flags = %v, want %v", got, want)
				}
				d.Close(t.Context())
			}
			made := g.on("new")
			if _, err := os.Stat(made); err != nil {
				made = g.on("file")
			}
			if got := get(t, made); got != test.then {
				t.Errorf("%s has %q, want %q", filepath.Base(made), got, test.then)
			}
			if len(g.denied) != 0 {
				t.Errorf("denials %+v", g.denied)
			}
		})
	}
}

// TestNames has functions that make, move and remove names.
func TestNames(t *testing.T) {
	tests := []struct {
		name string
		do   func(g *guest, d types.Descriptor) error
		want error
	}{
		{"mkdir", func(g *guest, d types.Descriptor) error { return d.CreateDirectoryAt(g.Context(), "new") }, nil},
		{"mkdir with a slash", func(g *guest, d types.Descriptor) error { return d.CreateDirectoryAt(g.Context(), "new/") }, nil},
		{"mkdir below", func(g *guest, d types.Descriptor) error { return d.CreateDirectoryAt(g.Context(), "dir/new") }, nil},
		{"mkdir where one is", func(g *guest, d types.Descriptor) error { return d.CreateDirectoryAt(g.Context(), "dir") }, types.ErrorCodeExist},
		{"mkdir .", func(g *guest, d types.Descriptor) error { return d.CreateDirectoryAt(g.Context(), ".") }, types.ErrorCodeExist},
		{"mkdir dir/..", func(g *guest, d types.Descriptor) error { return d.CreateDirectoryAt(g.Context(), "dir/..") }, types.ErrorCodeExist},
		{"mkdir where a link is", func(g *guest, d types.Descriptor) error { return d.CreateDirectoryAt(g.Context(), "link") }, types.ErrorCodeExist},
		{"mkdir without a parent", func(g *guest, d types.Descriptor) error { return d.CreateDirectoryAt(g.Context(), "a/b") }, types.ErrorCodeNoEntry},
		{"mkdir below a file", func(g *guest, d types.Descriptor) error { return d.CreateDirectoryAt(g.Context(), "file/b") }, types.ErrorCodeNotDirectory},

		{"rmdir", func(g *guest, d types.Descriptor) error { return d.RemoveDirectoryAt(g.Context(), "dir") }, nil},
		{"rmdir with a slash", func(g *guest, d types.Descriptor) error { return d.RemoveDirectoryAt(g.Context(), "dir/") }, nil},
		{"rmdir of a file", func(g *guest, d types.Descriptor) error { return d.RemoveDirectoryAt(g.Context(), "file") }, types.ErrorCodeNotDirectory},
		{"rmdir of a link", func(g *guest, d types.Descriptor) error { return d.RemoveDirectoryAt(g.Context(), "dirlink") }, types.ErrorCodeNotDirectory},
		{"rmdir of what is full", func(g *guest, d types.Descriptor) error { return d.RemoveDirectoryAt(g.Context(), "full") }, types.ErrorCodeNotEmpty},
		{"rmdir of nothing", func(g *guest, d types.Descriptor) error { return d.RemoveDirectoryAt(g.Context(), "nothing") }, types.ErrorCodeNoEntry},
		{"rmdir .", func(g *guest, d types.Descriptor) error { return d.RemoveDirectoryAt(g.Context(), ".") }, types.ErrorCodeInvalid},

		{"unlink", func(g *guest, d types.Descriptor) error { return d.UnlinkFileAt(g.Context(), "file") }, nil},
		{"unlink of a link", func(g *guest, d types.Descriptor) error { return d.UnlinkFileAt(g.Context(), "dirlink") }, nil},
		{"unlink of a directory", func(g *guest, d types.Descriptor) error { return d.UnlinkFileAt(g.Context(), "dir") }, types.ErrorCodeIsDirectory},
		{"unlink of a directory with a slash", func(g *guest, d types.Descriptor) error { return d.UnlinkFileAt(g.Context(), "dir/") }, types.ErrorCodeIsDirectory},
		{"unlink of a file with a slash", func(g *guest, d types.Descriptor) error { return d.UnlinkFileAt(g.Context(), "file/") }, types.ErrorCodeNotDirectory},
		{"unlink of nothing", func(g *guest, d types.Descriptor) error { return d.UnlinkFileAt(g.Context(), "nothing") }, types.ErrorCodeNoEntry},
		{"unlink .", func(g *guest, d types.Descriptor) error { return d.UnlinkFileAt(g.Context(), ".") }, types.ErrorCodeIsDirectory},
		{"unlink dir/..", func(g *guest, d types.Descriptor) error { return d.UnlinkFileAt(g.Context(), "dir/..") }, types.ErrorCodeIsDirectory},

		{"rename", func(g *guest, d types.Descriptor) error { return d.RenameAt(g.Context(), "file", d, "new") }, nil},
		{"rename over a file", func(g *guest, d types.Descriptor) error { return d.RenameAt(g.Context(), "file", d, "other") }, nil},
		{"rename into a directory", func(g *guest, d types.Descriptor) error { return d.RenameAt(g.Context(), "file", d, "dir/file") }, nil},
		{"rename of a directory", func(g *guest, d types.Descriptor) error { return d.RenameAt(g.Context(), "dir", d, "new/") }, nil},
		{"rename of a directory with a slash", func(g *guest, d types.Descriptor) error { return d.RenameAt(g.Context(), "dir/", d, "new") }, nil},
		{"rename of a directory into itself", func(g *guest, d types.Descriptor) error { return d.RenameAt(g.Context(), "dir", d, "dir/dir") }, types.ErrorCodeInvalid},
		{"rename of a file with a slash", func(g *guest, d types.Descriptor) error { return d.RenameAt(g.Context(), "file/", d, "new") }, types.ErrorCodeNotDirectory},
		{"rename of a file to a slash", func(g *guest, d types.Descriptor) error { return d.RenameAt(g.Context(), "file", d, "new/") }, types.ErrorCodeNotDirectory},
		{"rename of nothing", func(g *guest, d types.Descriptor) error { return d.RenameAt(g.Context(), "nothing", d, "new") }, types.ErrorCodeNoEntry},
		{"rename of .", func(g *guest, d types.Descriptor) error { return d.RenameAt(g.Context(), ".", d, "new") }, types.ErrorCodeBusy},

		{"symlink", func(g *guest, d types.Descriptor) error { return d.SymlinkAt(g.Context(), "nothing/../x", "new") }, nil},
		{"symlink out", func(g *guest, d types.Descriptor) error { return d.SymlinkAt(g.Context(), "../../x", "new") }, nil},
		{"symlink to /", func(g *guest, d types.Descriptor) error { return d.SymlinkAt(g.Context(), "/etc", "new") }, types.ErrorCodeNotPermitted},
		{"symlink to nowhere", func(g *guest, d types.Descriptor) error { return d.SymlinkAt(g.Context(), "", "new") }, types.ErrorCodeNoEntry},
		{"symlink where a file is", func(g *guest, d types.Descriptor) error { return d.SymlinkAt(g.Context(), "x", "file") }, types.ErrorCodeExist},
		{"symlink with a slash", func(g *guest, d types.Descriptor) error { return d.SymlinkAt(g.Context(), "x", "new/") }, types.ErrorCodeNoEntry},

		{"link", func(g *guest, d types.Descriptor) error { return d.LinkAt(g.Context(), 0, "file", d, "new") }, nil},
		{"link of a link", func(g *guest, d types.Descriptor) error { return d.LinkAt(g.Context(), 0, "link", d, "new") }, nil},
		{"link with follow", func(g *guest, d types.Descriptor) error { return d.LinkAt(g.Context(), follow, "file", d, "new") }, types.ErrorCodeInvalid},
		{"link of a directory", func(g *guest, d types.Descriptor) error { return d.LinkAt(g.Context(), 0, "dir", d, "new") }, types.ErrorCodeNotPermitted},
		{"link of a directory with a slash", func(g *guest, d types.Descriptor) error { return d.LinkAt(g.Context(), 0, "dir/", d, "new") }, types.ErrorCodeNotPermitted},
		{"link of a file with a slash", func(g *guest, d types.Descriptor) error { return d.LinkAt(g.Context(), 0, "file/", d, "new") }, types.ErrorCodeNotDirectory},
		{"link to a slash", func(g *guest, d types.Descriptor) error { return d.LinkAt(g.Context(), 0, "file", d, "new/") }, types.ErrorCodeNoEntry},
		{"link where a file is", func(g *guest, d types.Descriptor) error { return d.LinkAt(g.Context(), 0, "file", d, "other") }, types.ErrorCodeExist},
		{"link of nothing", func(g *guest, d types.Descriptor) error { return d.LinkAt(g.Context(), 0, "nothing", d, "new") }, types.ErrorCodeNoEntry},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := granted(t, Grant{Write: true})
			put(t, g.on("file"), "hello")
			put(t, g.on("other"), "other")
			g.mkdir("dir")
			g.mkdir("full/sub")
			g.symlink("file", "link")
			g.symlink("dir", "dirlink")
			before := snapshot(t, g.on("."))
			is(t, test.name, test.do(g, g.dir()), test.want)
			if changed := snapshot(t, g.on(".")) != before; changed != (test.want == nil) {
				t.Errorf("changed something: %t", changed)
			}
		})
	}
}

// TestMoved goes on with what was renamed or removed meanwhile.
func TestMoved(t *testing.T) {
	g := granted(t, Grant{Write: true})
	g.mkdir("dir/sub")
	put(t, g.on("dir/file"), "hello")
	put(t, g.on("gone"), "hello")
	dir := g.open(g.dir(), "dir", asDir, read)
	f := g.open(dir, "file", 0, read|write)
	gone := g.open(g.dir(), "gone", 0, read|write)
	in, _ := gone.ReadViaStream(t.Context(), 0)
	defer in.Close(t.Context())
	for _, err := range []error{
		os.Rename(g.on("dir"), g.on("moved")), os.Rename(g.on("moved/file"), g.on("moved/other")), os.Remove(g.on("gone")),
		os.Mkdir(g.on("dir"), 0o777),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for what, f := range map[string]types.Descriptor{"moved": f, "gone": gone} {
		if n, err := f.Write(t.Context(), []byte("J"), 0); n != 1 || err != nil {
			t.Errorf("%s: write: %d, %v", what, n, err)
		}
		if b, err := f.Read(t.Context(), 10, 0); string(b.F0) != "Jello" || err != nil {
			t.Errorf("%s: read: %q, %v", what, b.F0, err)
		}
		if !portable {
			is(t, what+": set-times", f.SetTimes(t.Context(), someTime, someTime), nil)
		}
		st, err := f.Stat(t.Context())
		if err != nil || st.Size != 5 || !portable && st.DataModificationTimestamp != cm.Some(someTime.Value) {
			t.Errorf("%s: stat: %+v, %v", what, st, err)
		}
		if same, err := f.IsSameObject(t.Context(), f); !same || err != nil {
			t.Errorf("%s: not the same as itself: %v", what, err)
		}
	}
	if b, err := in.BlockingRead(t.Context(), 10); string(b) != "Jello" || err != nil {
		t.Errorf("stream: %q, %v", b, err)
	}
	if got := g.names(dir); len(got) != 2 || got["other"] != types.DescriptorTypeRegularFile || got["sub"] != types.DescriptorTypeDirectory {
		t.Errorf("entries %v", got)
	}
	is(t, "set-times of the directory", dir.SetTimes(t.Context(), someTime, someTime), nil)
	is(t, "mkdir", dir.CreateDirectoryAt(t.Context(), "new"), nil)
	if _, err := os.Stat(g.on("moved/new")); err != nil {
		t.Error(err)
	}
	if err := os.RemoveAll(g.on("moved")); err != nil {
		t.Fatal(err)
	}
	is(t, "mkdir in what is gone", dir.CreateDirectoryAt(t.Context(), "again"), types.ErrorCodeNoEntry)
	if got := g.names(dir); len(got) != 0 {
		t.Errorf("entries %v", got)
	}
	_, err := dir.Stat(t.Context())
	is(t, "stat of what is gone", err, nil)
}

// TestModes refuses to read what is open for writing, and the other way round.
func TestModes(t *testing.T) {
	g := granted(t, Grant{Write: true})
	put(t, g.on("file"), "hello")
	r, w := g.open(g.dir(), "file", 0, read), g.open(g.dir(), "file", 0, write)
	_, err := w.Read(t.Context(), 1, 0)
	is(t, "read", err, types.ErrorCodeBadDescriptor)
	_, err = w.ReadViaStream(t.Context(), 0)
	is(t, "read-via-stream", err, types.ErrorCodeBadDescriptor)
	_, err = r.Write(t.Context(), []byte("x"), 0)
	is(t, "write", err, types.ErrorCodeBadDescriptor)
	_, err = r.WriteViaStream(t.Context(), 0)
	is(t, "write-via-stream", err, types.ErrorCodeBadDescriptor)
	_, err = r.AppendViaStream(t.Context())
	is(t, "append-via-stream", err, types.ErrorCodeBadDescriptor)
	is(t, "set-size", r.SetSize(t.Context(), 0), types.ErrorCodeBadDescriptor)
}
