package fs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	"github.com/witgen/witgen/rt/wasi/p2/clocks/wallclock"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
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
			d, err := g.dir().OpenAt(t.Context(), test.at, test.path, test.open, test.flags)
			if portable && test.path == dead && test.want == nil {
				t.Skip("a file is not made behind a link with os.Root alone")
			}
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

// TestData reads and writes.
func TestData(t *testing.T) {
	g := granted(t, Grant{Write: true})
	put(t, g.on("file"), "hello")
	f := g.open(g.dir(), "file", 0, read|write)
	reads := []struct {
		length, offset uint64
		want           string
		eof            bool
		err            error
	}{
		{5, 0, "hello", false, nil},
		{6, 0, "hello", true, nil},
		{2, 1, "el", false, nil},
		{10, 3, "lo", true, nil},
		{1, 5, "", true, nil},
		{1, 500, "", true, nil},
		{0, 0, "", false, nil},
		{0, 500, "", false, nil},
		{math.MaxUint64, 0, "hello", true, nil},
		{math.MaxUint64, 4, "o", true, nil},
		{1, math.MaxUint64, "", false, types.ErrorCodeInvalid},
		{1, math.MaxInt64, "", false, types.ErrorCodeInvalid},
		{1, math.MaxInt64 + 1, "", false, types.ErrorCodeInvalid},
		{math.MaxUint64, math.MaxUint64, "", false, types.ErrorCodeInvalid},
	}
	for _, r := range reads {
		what := fmt.Sprint("read ", r.length, " at ", r.offset)
		got, err := f.Read(t.Context(), r.length, r.offset)
		is(t, what, err, r.err)
		if string(got.F0) != r.want || got.F1 != r.eof {
			t.Errorf("%s: %q, %t, want %q, %t", what, got.F0, got.F1, r.want, r.eof)
		}
	}
	for _, offset := range []uint64{math.MaxUint64, math.MaxInt64, math.MaxInt64 + 1} {
		_, err := f.Write(t.Context(), []byte("xyz"), offset)
		is(t, "write far away", err, types.ErrorCodeInvalid)
		is(t, "set-size", f.SetSize(t.Context(), max(offset, math.MaxInt64+1)), types.ErrorCodeInvalid)
		is(t, "advise", f.Advise(t.Context(), offset, 2, types.AdviceNormal), types.ErrorCodeInvalid)
		if offset == math.MaxInt64 {
			continue
		}
		_, err = f.ReadViaStream(t.Context(), offset)
		is(t, "read-via-stream", err, types.ErrorCodeInvalid)
		_, err = f.WriteViaStream(t.Context(), offset)
		is(t, "write-via-stream", err, types.ErrorCodeInvalid)
	}
	is(t, "advise", f.Advise(t.Context(), 0, math.MaxUint64, types.AdviceNormal), types.ErrorCodeInvalid)
	for a := types.AdviceNormal; a <= types.AdviceNoReuse; a++ {
		is(t, a.String(), f.Advise(t.Context(), 0, 5, a), nil)
	}
	if n, err := f.Write(t.Context(), []byte("XY"), 7); n != 2 || err != nil {
		t.Errorf("write: %d, %v", n, err)
	}
	if n, err := f.Write(t.Context(), nil, 70); n != 0 || err != nil {
		t.Errorf("write of nothing: %d, %v", n, err)
	}
	if got := get(t, g.on("file")); got != "hello\x00\x00XY" {
		t.Errorf("file has %q", got)
	}
	is(t, "set-size", f.SetSize(t.Context(), 3), nil)
	is(t, "set-size", f.SetSize(t.Context(), 5), nil)
	if got := get(t, g.on("file")); got != "hel\x00\x00" {
		t.Errorf("file has %q", got)
	}
	is(t, "sync", f.Sync(t.Context()), nil)
	is(t, "sync-data", f.SyncData(t.Context()), nil)

	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<17) // 2 MiB
	if n, err := f.Write(t.Context(), big, 0); n != maxWrite || err != nil {
		t.Errorf("write of much: %d, %v", n, err)
	}
	if b, err := f.Read(t.Context(), 1<<20, 0); len(b.F0) != stream.Chunk || b.F1 || err != nil {
		t.Errorf("read of much: %d, %t, %v", len(b.F0), b.F1, err)
	}
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

// TestKinds calls on a directory what is for files, and on a file what is for
// directories.
func TestKinds(t *testing.T) {
	g := granted(t, Grant{Write: true})
	put(t, g.on("file"), "hello")
	d, ctx := g.dir(), t.Context()
	_, err := d.ReadViaStream(ctx, 0)
	is(t, "read-via-stream", err, types.ErrorCodeIsDirectory)
	_, err = d.WriteViaStream(ctx, 0)
	is(t, "write-via-stream", err, types.ErrorCodeBadDescriptor)
	_, err = d.AppendViaStream(ctx)
	is(t, "append-via-stream", err, types.ErrorCodeBadDescriptor)
	_, err = d.Read(ctx, 1, 0)
	is(t, "read", err, types.ErrorCodeBadDescriptor)
	_, err = d.Write(ctx, nil, 0)
	is(t, "write", err, types.ErrorCodeBadDescriptor)
	is(t, "set-size", d.SetSize(ctx, 0), types.ErrorCodeBadDescriptor)
	is(t, "advise", d.Advise(ctx, 0, 0, types.AdviceNormal), types.ErrorCodeBadDescriptor)
	is(t, "sync", d.Sync(ctx), nil)
	is(t, "sync-data", d.SyncData(ctx), nil)
	f := g.open(d, "file", 0, read|write)
	for i, m := range methods {
		is(t, fmt.Sprint(i, " ", m.name), m.call(ctx, f, "x"), types.ErrorCodeNotDirectory)
	}
	_, err = f.ReadDirectory(ctx)
	is(t, "read-directory", err, types.ErrorCodeNotDirectory)
	for want, d := range map[types.DescriptorType]types.Descriptor{types.DescriptorTypeRegularFile: f, types.DescriptorTypeDirectory: d} {
		if got, err := d.GetType(ctx); got != want || err != nil {
			t.Errorf("get-type = %v, %v, want %v", got, err, want)
		}
	}
}

// TestStreams reads, writes and appends by streams.
func TestStreams(t *testing.T) {
	g := granted(t, Grant{Write: true})
	put(t, g.on("file"), "hello world")
	ctx := t.Context()
	f, err := g.dir().OpenAt(ctx, 0, "file", 0, read|write)
	if err != nil {
		t.Fatal(err)
	}
	in, err := f.ReadViaStream(ctx, 6)
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.WriteViaStream(ctx, 6)
	if err != nil {
		t.Fatal(err)
	}
	one, _ := f.AppendViaStream(ctx)
	two, _ := f.AppendViaStream(ctx)
	f.Close(ctx) // its streams do not mind
	if b, err := in.Read(ctx, 3); string(b) != "wor" || err != nil {
		t.Errorf("read: %q, %v", b, err)
	}
	if n, err := out.CheckWrite(ctx); n == 0 || err != nil {
		t.Errorf("check-write: %d, %v", n, err)
	}
	is(t, "write", out.Write(ctx, []byte("WOR")), nil)
	is(t, "write", out.BlockingWriteAndFlush(ctx, []byte("LD")), nil)
	is(t, "append", one.BlockingWriteAndFlush(ctx, []byte("!")), nil)
	is(t, "append", two.BlockingWriteAndFlush(ctx, []byte("?")), nil)
	is(t, "append", one.Write(ctx, []byte("!")), nil)
	if b, err := in.BlockingRead(ctx, 100); string(b) != "LD!?!" || err != nil {
		t.Errorf("read: %q, %v", b, err)
	}
	if _, err := in.Read(ctx, 1); err != (streams.StreamErrorClosed{}) { //nolint:errorlint // as it is
		t.Errorf("read at the end: %v", err)
	}
	p, _ := out.Subscribe(ctx)
	if ready, _ := p.Ready(ctx); !ready {
		t.Error("a file is not ready")
	}
	p.Close(ctx)
	if got := get(t, g.on("file")); got != "hello WORLD!?!" {
		t.Errorf("file has %q", got)
	}
	in.Close(ctx)
	out.Close(ctx)
	one.Close(ctx)
	two.Close(ctx)
}

// TestStreamAtTheEnd writes where no file can be.
func TestStreamAtTheEnd(t *testing.T) {
	g := granted(t, Grant{Write: true})
	f := g.open(g.dir(), "file", create, read|write)
	out, err := f.WriteViaStream(t.Context(), math.MaxInt64-1)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close(t.Context())
	err = out.Write(t.Context(), []byte("xyz"))
	failed, ok := err.(streams.StreamErrorLastOperationFailed) //nolint:errorlint // as it is
	if !ok {
		t.Fatalf("write: %v", err)
	}
	c, err := g.fs.FilesystemErrorCode(t.Context(), failed.Value)
	if c != cm.Some(types.ErrorCodeFileTooLarge) || err != nil {
		t.Errorf("filesystem-error-code: %v, %v", c, err)
	}
	in, err := f.ReadViaStream(t.Context(), math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(t.Context())
	if _, err := in.Read(t.Context(), math.MaxUint64); err != (streams.StreamErrorClosed{}) { //nolint:errorlint // as it is
		t.Errorf("read: %v", err)
	}
}

// TestErrorCode asks for the code of errors of streams.
func TestErrorCode(t *testing.T) {
	var s FS
	for _, test := range []struct {
		err  error
		want cm.Option[types.ErrorCode]
	}{
		{&os.PathError{Op: "write", Path: "/host/path", Err: os.ErrInvalid}, cm.None[types.ErrorCode]()},
		{&os.PathError{Op: "write", Path: "/host/path", Err: syscall.ENOSPC}, cm.Some(types.ErrorCodeInsufficientSpace)},
	} {
		got, err := s.FilesystemErrorCode(t.Context(), stream.NewError(test.err))
		if got != test.want || err != nil {
			t.Errorf("%v: %v, %v, want %v", test.err, got, err, test.want)
		}
	}
	if got, err := s.FilesystemErrorCode(t.Context(), nil); got.IsSome() || err != nil {
		t.Errorf("nil: %v, %v", got, err)
	}
}

// TestStatus has stat, stat-at, set-times and set-times-at.
func TestStatus(t *testing.T) {
	g := granted(t, Grant{Write: true})
	put(t, g.on("file"), "hello")
	g.symlink("file", "link")
	ctx := t.Context()
	at := func(s uint64, n uint32) types.NewTimestamp {
		return types.NewTimestampTimestamp{Value: wallclock.DateTime{Seconds: s, Nanoseconds: n}}
	}
	some := func(s uint64, n uint32) cm.Option[wallclock.DateTime] {
		return cm.Some(wallclock.DateTime{Seconds: s, Nanoseconds: n})
	}
	keep := types.NewTimestampNoChange{}
	is(t, "set-times-at", g.dir().SetTimesAt(ctx, follow, "link", at(1e9, 0), at(1.5e9, 500_000_000)), nil)
	st, err := g.dir().StatAt(ctx, follow, "link")
	is(t, "stat-at", err, nil)
	if st.Type != types.DescriptorTypeRegularFile || st.Size != 5 || st.LinkCount != 1 || st.DataModificationTimestamp != some(1.5e9, 500_000_000) {
		t.Errorf("stat-at: %+v", st)
	}
	if st, err := g.dir().StatAt(ctx, 0, "link"); err != nil || st.Type != types.DescriptorTypeSymbolicLink || st.Size != 4 {
		t.Errorf("stat-at of the link: %+v, %v", st, err)
	}
	for _, bad := range []types.NewTimestamp{at(math.MaxUint64, 0), at(math.MaxInt64+1, 0), at(0, 1e9), at(0, math.MaxUint32)} {
		is(t, fmt.Sprint("set-times-at ", bad), g.dir().SetTimesAt(ctx, 0, "file", keep, bad), types.ErrorCodeInvalid)
	}
	if portable {
		return
	}
	f := g.open(g.dir(), "file", 0, read)
	if st.DataAccessTimestamp != some(1e9, 0) {
		t.Errorf("accessed %+v", st.DataAccessTimestamp)
	}
	is(t, "set-times", f.SetTimes(ctx, keep, at(7, 8000)), nil)
	st, err = f.Stat(ctx)
	if err != nil || st.DataAccessTimestamp != some(1e9, 0) || st.DataModificationTimestamp != some(7, 8000) {
		t.Errorf("stat: %+v, %v", st, err)
	}
	is(t, "set-times", f.SetTimes(ctx, at(9, 0), keep), nil)
	is(t, "set-times", f.SetTimes(ctx, keep, types.NewTimestampNow{}), nil)
	st, _ = f.Stat(ctx)
	if m, _ := st.DataModificationTimestamp.Get(); st.DataAccessTimestamp != some(9, 0) || time.Since(time.Unix(int64(m.Seconds), 0)) > time.Minute {
		t.Errorf("stat: %+v", st)
	}
	c, ok := st.StatusChangeTimestamp.Get()
	if !ok || time.Since(time.Unix(int64(c.Seconds), 0)) > time.Minute {
		t.Errorf("changed %+v", st)
	}
	for _, bad := range []types.NewTimestamp{at(math.MaxUint64, 0), at(0, 1e9)} {
		is(t, fmt.Sprint("set-times ", bad), f.SetTimes(ctx, keep, bad), types.ErrorCodeInvalid)
	}
	is(t, "set-times of the link", g.dir().SetTimesAt(ctx, 0, "link", at(3, 0), at(4, 0)), nil)
	if st, _ := g.dir().StatAt(ctx, 0, "link"); st.DataModificationTimestamp != some(4, 0) {
		t.Errorf("link: %+v", st)
	}
	is(t, "set-times of a directory", g.dir().SetTimes(ctx, at(5, 0), at(6, 0)), nil)
	if st, _ := g.dir().Stat(ctx); st.DataModificationTimestamp != some(6, 0) || st.Type != types.DescriptorTypeDirectory {
		t.Errorf("directory: %+v", st)
	}
	old := time.Unix(-5, 500)
	if err := os.Chtimes(g.on("file"), old, old); err != nil {
		t.Fatal(err)
	}
	if st, _ := f.Stat(ctx); st.DataModificationTimestamp.IsSome() || st.DataAccessTimestamp.IsSome() {
		t.Errorf("before 1970: %+v", st)
	}
	if err := os.Link(g.on("file"), g.on("second")); err != nil {
		t.Fatal(err)
	}
	if st, _ := f.Stat(ctx); st.LinkCount != 2 {
		t.Errorf("links: %+v", st)
	}
}

// TestSame has is-same-object, metadata-hash and metadata-hash-at.
func TestSame(t *testing.T) {
	g := granted(t, Grant{Write: true})
	put(t, g.on("file"), "hello")
	put(t, g.on("other"), "other!")
	g.symlink("file", "link")
	ctx := t.Context()
	f, again, other := g.open(g.dir(), "file", 0, read), g.open(g.dir(), "link", 0, read), g.open(g.dir(), "other", 0, read)
	dir := g.open(g.dir(), ".", asDir, read)
	for _, test := range []struct {
		a, b types.Descriptor
		want bool
	}{{f, f, true}, {f, again, true}, {f, other, false}, {f, dir, false}, {dir, g.dir(), true}, {dir, f, false}} {
		if got, err := test.a.IsSameObject(ctx, test.b); got != test.want || err != nil {
			t.Errorf("is-same-object = %t, %v, want %t", got, err, test.want)
		}
		a, _ := test.a.MetadataHash(ctx)
		b, _ := test.b.MetadataHash(ctx)
		if (a == b) != test.want {
			t.Errorf("hashes are %v and %v", a, b)
		}
	}
	h, _ := f.MetadataHash(ctx)
	for path, want := range map[string]bool{"file": true, "link": true, "other": false, ".": false} {
		if got, err := g.dir().MetadataHashAt(ctx, follow, path); (got == h) != want || err != nil {
			t.Errorf("metadata-hash-at %s: %v, %v", path, got, err)
		}
	}
	if got, _ := g.dir().MetadataHashAt(ctx, 0, "link"); got == h {
		t.Error("the hash of a link is that of its file")
	}
	if portable {
		return
	}
	w := g.open(g.dir(), "file", 0, write)
	if _, err := w.Write(ctx, []byte("more and more"), 0); err != nil {
		t.Fatal(err)
	}
	if got, _ := f.MetadataHash(ctx); got != h {
		t.Error("the hash is another after a write")
	}
}

// TestReadlink reads links, but not those that start at the root.
func TestReadlink(t *testing.T) {
	g := granted(t, Grant{})
	put(t, g.on("file"), "")
	g.mkdir("dir")
	g.symlink("../x/y", "dir/relative")
	g.symlink("/etc/passwd", "absolute")
	g.symlink("dir", "dirlink")
	g.symlink(strings.Repeat("x", 4000), "long")
	for _, test := range []struct {
		path, want string
		err        error
	}{
		{"dir/relative", "../x/y", nil},
		{"dirlink", "dir", nil},
		{"dirlink/relative", "../x/y", nil},
		{"long", strings.Repeat("x", 4000), nil},
		{"absolute", "", types.ErrorCodeNotPermitted},
		{"file", "", types.ErrorCodeInvalid},
		{"dir", "", types.ErrorCodeInvalid},
		{"dirlink/", "", types.ErrorCodeInvalid},
		{"file/", "", types.ErrorCodeNotDirectory},
		{"nothing", "", types.ErrorCodeNoEntry},
	} {
		got, err := g.dir().ReadlinkAt(t.Context(), test.path)
		is(t, test.path, err, test.err)
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.path, got, test.want)
		}
	}
	if runtime.GOOS == "linux" {
		g.symlink("\xff\xfe", "bytes")
		_, err := g.dir().ReadlinkAt(t.Context(), "bytes")
		is(t, "bytes", err, types.ErrorCodeIllegalByteSequence)
	}
}

// TestPaths has paths that are odd, and those that only look so.
func TestPaths(t *testing.T) {
	g := granted(t, Grant{Write: true})
	deep := strings.Repeat("d/", 1000)
	g.mkdir(deep)
	put(t, g.on(deep+"file"), "x")
	for _, name := range []string{".env", "...", "..a", "a..", " ", "\n", "日本", "-", "~", "$HOME", "%00", `\`, ":"} {
		if runtime.GOOS == "windows" {
			break // which has other names
		}
		f := g.open(g.dir(), name, create|exclusive, write)
		if _, err := f.Write(t.Context(), []byte(name), 0); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if got := get(t, g.on(name)); got != name {
			t.Errorf("%q has %q", name, got)
		}
		is(t, name, g.dir().UnlinkFileAt(t.Context(), "./"+name), nil)
	}
	for _, test := range []struct {
		path string
		want error
	}{
		{"", types.ErrorCodeNoEntry},
		{"a\x00b", types.ErrorCodeInvalid},
		{"\x00", types.ErrorCodeInvalid},
		{strings.Repeat("x", 255), types.ErrorCodeNoEntry},
		{strings.Repeat("x", 256), types.ErrorCodeNameTooLong},
		{strings.Repeat("x", 4096), types.ErrorCodeNameTooLong},
		{strings.Repeat("x", 1<<20), types.ErrorCodeNameTooLong},
		{strings.Repeat("d/", 2048), types.ErrorCodeNameTooLong},
		{strings.Repeat("./", 2047), nil},
		{strings.Repeat("d/../", 800), types.ErrorCodeNameTooLong},
		{deep + "file", nil},
		{deep + "d", types.ErrorCodeNoEntry},
	} {
		what := fmt.Sprintf("%.20q... (%d bytes)", test.path, len(test.path))
		_, err := g.dir().StatAt(t.Context(), 0, test.path)
		is(t, what, err, test.want)
		if test.want == nil {
			continue
		}
		for i, m := range methods {
			if err := m.call(t.Context(), g.dir(), test.path); err == nil && test.want != error(types.ErrorCodeNoEntry) { //nolint:errorlint // as it is
				t.Errorf("%d %s of %s succeeds", i, m.name, what)
			}
		}
	}
}

// TestLinks follows as many links as systems do, and no more, and none for who
// does not wait for that.
func TestLinks(t *testing.T) {
	g := granted(t, Grant{})
	put(t, g.on("0"), "")
	for i := range 60 {
		g.symlink(fmt.Sprint("./", i), fmt.Sprint(i+1))
	}
	g.symlink(strings.Repeat("./", 1500)+"0", "long")
	g.mkdir("d/d/d")
	g.symlink(strings.Repeat("../d/", 600)+"../long", "d/longer")
	for path, want := range map[string]error{"5": nil, "8": nil, "50": types.ErrorCodeLoop, "60": types.ErrorCodeLoop, "long": nil} {
		_, err := g.dir().StatAt(t.Context(), follow, path)
		is(t, path, err, want)
	}
	if _, err := g.dir().StatAt(t.Context(), follow, "d/longer"); err == nil {
		t.Error("d/longer is found")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("cause")
	cancel(cause)
	if portable {
		return
	}
	for i, m := range methods {
		if m.entry {
			continue
		}
		if m.writes {
			is(t, m.name, m.call(ctx, g.dir(), "5"), types.ErrorCodeNotPermitted)
		} else if err := m.call(ctx, g.dir(), "5"); !errors.Is(err, cause) {
			t.Errorf("%d %s: %v", i, m.name, err)
		}
	}
}
