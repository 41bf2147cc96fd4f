package fs

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// TestListing lists a directory of many entries, by several streams at one time,
// without having all of them.
func TestListing(t *testing.T) {
	const n = 5000
	g := granted(t, Grant{})
	for i := range n {
		put(t, g.on(fmt.Sprintf("file-%04d", i)), "")
	}
	first, err := g.dir().ReadDirectory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close(t.Context())
	if _, err := first.ReadDirectoryEntry(t.Context()); err != nil {
		t.Fatal(err)
	}
	if have := len(first.(*listing).have); have >= n/2 {
		t.Errorf("%d entries are kept", have)
	}
	if got := len(g.names(g.dir())); got != n {
		t.Errorf("%d entries, want %d", got, n)
	}
	rest := 0
	for {
		e, err := first.ReadDirectoryEntry(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !e.IsSome() {
			break
		}
		rest++
	}
	if rest != n-1 {
		t.Errorf("the first stream has %d more entries, want %d", rest, n-1)
	}
	if e, err := first.ReadDirectoryEntry(t.Context()); e.IsSome() || err != nil {
		t.Errorf("after the end: %v, %v", e, err)
	}
}

// TestLimit has no more open than is permitted.
func TestLimit(t *testing.T) {
	dir := t.TempDir()
	put(t, dir+"/file", "")
	os.Mkdir(dir+"/dir", 0o777)
	g := start(t, dir, Options{Grants: []Grant{{Host: dir, Guest: "/", Write: true}}, Limit: 3})
	f := g.open(g.dir(), "file", 0, read)
	in, err := f.ReadViaStream(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	d := g.open(g.dir(), "dir", 0, read)
	list, err := d.ReadDirectory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	full := func() error {
		d, err := g.dir().OpenAt(t.Context(), 0, "new", create, write)
		if err == nil {
			d.Close(t.Context())
		}
		return err
	}
	is(t, "open-at", full(), types.ErrorCodeInsufficientMemory)
	if _, err := os.Stat(dir + "/new"); err == nil {
		t.Error("a file was made all the same")
	}
	_, err = g.dir().ReadDirectory(t.Context())
	is(t, "read-directory", err, types.ErrorCodeInsufficientMemory)
	list.Close(t.Context())
	is(t, "open-at", full(), nil)
	if got, err := g.fs.GetDirectories(t.Context()); len(got) != 1 || err != nil {
		t.Errorf("get-directories: %v, %v", got, err)
	} else {
		got[0].F0.Close(t.Context())
	}
	in.Close(t.Context())
}

// TestStreamLimit has no more streams than is permitted, however few files they
// are of: each has a buffer of the host's.
func TestStreamLimit(t *testing.T) {
	dir := t.TempDir()
	put(t, dir+"/file", "hello")
	g := start(t, dir, Options{Grants: []Grant{{Host: dir, Guest: "/", Write: true}}, Limit: 3})
	f := g.open(g.dir(), "file", 0, read|write)
	in, err := f.ReadViaStream(t.Context(), 0)
	is(t, "read-via-stream", err, nil)
	out, err := f.WriteViaStream(t.Context(), 0)
	is(t, "write-via-stream", err, nil)
	more, err := f.AppendViaStream(t.Context())
	is(t, "append-via-stream", err, nil)
	_, err = f.ReadViaStream(t.Context(), 0)
	is(t, "read-via-stream", err, types.ErrorCodeInsufficientMemory)
	_, err = f.WriteViaStream(t.Context(), 0)
	is(t, "write-via-stream", err, types.ErrorCodeInsufficientMemory)
	_, err = f.AppendViaStream(t.Context())
	is(t, "append-via-stream", err, types.ErrorCodeInsufficientMemory)
	more.Close(t.Context())
	more, err = f.AppendViaStream(t.Context())
	is(t, "append-via-stream", err, nil)
	in.Close(t.Context())
	out.Close(t.Context())
	more.Close(t.Context())
	if g.fs.streams != 0 {
		t.Errorf("%d streams are left", g.fs.streams)
	}
}

// TestQuotaAcross moves and links files between directories of which one has a
// quota: what is in that, and may be written, would no longer be counted.
func TestQuotaAcross(t *testing.T) {
	host := t.TempDir()
	for _, name := range []string{"limited", "free", "other"} {
		if err := os.Mkdir(host+"/"+name, 0o777); err != nil {
			t.Fatal(err)
		}
		put(t, host+"/"+name+"/file", "hello")
	}
	g := start(t, host, Options{Grants: []Grant{
		{Host: host + "/limited", Guest: "/limited", Write: true, Quota: 10 * entryCost},
		{Host: host + "/free", Guest: "/free", Write: true},
		{Host: host + "/other", Guest: "/other", Write: true},
	}})
	ctx, limited, free, other := t.Context(), g.dirs[0], g.dirs[1], g.dirs[2]
	var without error
	if portable { // os.Root knows paths below one directory alone
		without = types.ErrorCodeUnsupported
	}
	for _, test := range []struct {
		name     string
		from, to types.Descriptor
		want     error
	}{
		{"out", limited, free, types.ErrorCodeCrossDevice},
		{"in", free, limited, types.ErrorCodeCrossDevice},
		{"within", limited, limited, nil},
		{"without", free, other, without},
	} {
		is(t, "link "+test.name, test.from.LinkAt(ctx, 0, "file", test.to, "linked"), test.want)
		is(t, "rename "+test.name, test.from.RenameAt(ctx, "file", test.to, "moved"), test.want)
	}
}

// TestQuota writes as much as is permitted, by all functions that write.
func TestQuota(t *testing.T) {
	const quota = 10 * entryCost
	g := granted(t, Grant{Write: true, Quota: quota})
	put(t, g.on("file"), "hello")
	ctx, d := t.Context(), g.dir()
	left := func(want int64) {
		t.Helper()
		if got := d.(*directory).rights.left; got != want {
			t.Fatalf("%d bytes are left, want %d", got, want)
		}
	}
	left(quota)
	f := g.open(d, "file", create, read|write) // it is there
	left(quota)
	f.Write(ctx, []byte("HELLO"), 0) // over others
	left(quota - 5)
	f.Write(ctx, []byte("x"), 105) // behind a hole
	left(quota - 5 - 101)
	is(t, "set-size", f.SetSize(ctx, 206), nil)
	is(t, "set-size", f.SetSize(ctx, 1), nil)
	left(quota - 5 - 101 - 100)
	out, _ := f.AppendViaStream(ctx)
	is(t, "append", out.Write(ctx, make([]byte, 94)), nil)
	out.Close(ctx)
	left(quota - 300)
	is(t, "mkdir", d.CreateDirectoryAt(ctx, "dir"), nil)
	is(t, "mkdir", d.CreateDirectoryAt(ctx, "dir"), types.ErrorCodeExist)
	is(t, "symlink", d.SymlinkAt(ctx, "dir", "link"), nil)
	is(t, "symlink", d.SymlinkAt(ctx, "/", "link2"), types.ErrorCodeNotPermitted)
	is(t, "link", d.LinkAt(ctx, 0, "file", d, "second"), nil)
	is(t, "rename", d.RenameAt(ctx, "second", d, "third"), nil)
	is(t, "unlink", d.UnlinkFileAt(ctx, "third"), nil)
	left(quota - 300 - 3*entryCost)
	sub := g.open(d, "dir", asDir, read)
	small := g.open(sub, "new", create|exclusive, write)
	left(quota - 300 - 4*entryCost)
	big := bytes.Repeat([]byte{1}, quota)
	room := uint64(quota - 300 - 4*entryCost)
	if n, err := small.Write(ctx, big, 0); n != room || err != nil {
		t.Errorf("write: %d, %v, want %d", n, err, room)
	}
	left(0)
	_, err := f.Write(ctx, []byte("x"), 0)
	is(t, "write", err, types.ErrorCodeQuota)
	n, err := f.Write(ctx, nil, 0)
	if n != 0 || err != nil {
		t.Errorf("write of nothing: %d, %v", n, err)
	}
	is(t, "set-size", f.SetSize(ctx, 1000), types.ErrorCodeQuota)
	is(t, "set-size", f.SetSize(ctx, 10), nil)
	is(t, "mkdir", d.CreateDirectoryAt(ctx, "more"), types.ErrorCodeQuota)
	is(t, "symlink", d.SymlinkAt(ctx, "dir", "more"), types.ErrorCodeQuota)
	is(t, "link", d.LinkAt(ctx, 0, "file", d, "more"), types.ErrorCodeQuota)
	_, err = d.OpenAt(ctx, 0, "more", create, write)
	is(t, "open-at", err, types.ErrorCodeQuota)
	is(t, "unlink", d.UnlinkFileAt(ctx, "dir/new"), nil)
	left(0)
	if _, err := os.Lstat(g.on("more")); err == nil {
		t.Error("something was made all the same")
	}
}

// TestQuotaOfHoles writes into the holes of a file of the host's, a byte into each
// block: what that takes is no more than the quota.
func TestQuotaOfHoles(t *testing.T) {
	const quota = 64 << 10
	g := granted(t, Grant{Write: true, Quota: quota})
	put(t, g.on("file"), "")
	if err := os.Truncate(g.on("file"), 1<<30); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(g.on("file"))
	if err != nil {
		t.Fatal(err)
	}
	if !sparse(info) {
		t.Skip("files have no holes here")
	}
	f := g.open(g.dir(), "file", 0, read|write)
	written := 0
	for ; written < quota; written++ {
		if _, err = f.Write(t.Context(), []byte("x"), uint64(written*blockSize+written%blockSize)); err != nil {
			break
		}
	}
	is(t, "write", err, types.ErrorCodeQuota)
	if written == 0 || written > quota/blockSize {
		t.Errorf("%d blocks were written to", written)
	}
}

// TestQuotaOfStreams tells of the quota's end by the stream that meets it, once.
func TestQuotaOfStreams(t *testing.T) {
	g := granted(t, Grant{Write: true, Quota: entryCost + 10})
	ctx := t.Context()
	f := g.open(g.dir(), "file", create, write)
	out, _ := f.WriteViaStream(ctx, 0)
	defer out.Close(ctx)
	is(t, "write", out.Write(ctx, []byte("0123456")), nil)
	failed, ok := out.Write(ctx, []byte("789abc")).(streams.StreamErrorLastOperationFailed) //nolint:errorlint // guests get the very value
	if !ok {
		t.Fatal("written beyond the quota")
	}
	if c, err := g.fs.FilesystemErrorCode(ctx, failed.Value); c != cm.Some(types.ErrorCodeQuota) || err != nil {
		t.Errorf("filesystem-error-code: %v, %v", c, err)
	}
	if err := out.Write(ctx, []byte("x")); err != (streams.StreamErrorClosed{}) { //nolint:errorlint // guests get the very value
		t.Errorf("write after that: %v", err)
	}
	if got := get(t, g.on("file")); got != "0123456789" {
		t.Errorf("file has %q", got)
	}
}
