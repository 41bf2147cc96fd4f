package fs

import (
	"fmt"
	"math"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	"github.com/witgen/witgen/rt/wasi/p2/clocks/wallclock"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

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
