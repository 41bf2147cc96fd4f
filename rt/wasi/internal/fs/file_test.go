package fs

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

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
	if _, err := in.Read(ctx, 1); err != (streams.StreamErrorClosed{}) { //nolint:errorlint // guests get the very value
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
	failed, ok := err.(streams.StreamErrorLastOperationFailed) //nolint:errorlint // guests get the very value
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
	if _, err := in.Read(t.Context(), math.MaxUint64); err != (streams.StreamErrorClosed{}) { //nolint:errorlint // guests get the very value
		t.Errorf("read: %v", err)
	}
}
