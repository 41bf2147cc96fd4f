package fs

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"syscall"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// maxWrite is the most bytes that are written in one go, whatever a guest
// gives.
const maxWrite = 1 << 20

// file is a descriptor of a regular file.
type file struct {
	object
	notDirectory
	os   *os.File
	uses *uses // of os, by the descriptor and its streams
	how  opening
	buf  []byte // of Read
}

var _ types.Descriptor = (*file)(nil)

// span returns an offset and a length as the system has them.
func span(offset, length uint64) (off, n int64, err error) {
	if offset > math.MaxInt64 || length > math.MaxInt64-offset {
		return 0, 0, syscall.EINVAL
	}
	return int64(offset), int64(length), nil
}

// mayRead returns an error unless the file is open for reading.
func (f *file) mayRead() error {
	if !f.how.read {
		return types.ErrorCodeBadDescriptor
	}
	return nil
}

// mayWrite returns an error unless the file is open for writing.
func (f *file) mayWrite(ctx context.Context, operation string) error {
	if err := f.object.mayWrite(ctx, operation, f.name); err != nil {
		return err
	}
	if !f.how.write {
		return types.ErrorCodeBadDescriptor
	}
	return nil
}

// Read returns up to 64 KiB at an offset, and whether the file ends there. They
// are the caller's until the next call.
func (f *file) Read(_ context.Context, length, offset uint64) (out cm.Tuple2[[]byte, bool], err error) {
	if err := f.mayRead(); err != nil {
		return out, err
	}
	off, n, err := span(offset, min(length, stream.Chunk))
	if err != nil {
		return out, code(err)
	}
	if int64(len(f.buf)) < n {
		f.buf = make([]byte, n)
	}
	got, err := f.os.ReadAt(f.buf[:n], off)
	if err != nil && err != io.EOF && got == 0 { //nolint:errorlint // ReadAt returns io.EOF as it is
		return out, code(err)
	}
	return cm.T2(f.buf[:got], err == io.EOF), nil //nolint:errorlint // as above
}

// Write writes up to 1 MiB at an offset.
func (f *file) Write(ctx context.Context, buffer []byte, offset uint64) (uint64, error) {
	if err := f.mayWrite(ctx, "write"); err != nil {
		return 0, err
	}
	buffer = buffer[:min(len(buffer), maxWrite)]
	off, _, err := span(offset, uint64(len(buffer)))
	if err != nil {
		return 0, code(err)
	}
	n, err := f.writeAt(buffer, off)
	if n == 0 && err != nil {
		return 0, code(err)
	}
	return uint64(n), nil
}

// writeAt writes as much as the quota permits.
func (f *file) writeAt(p []byte, offset int64) (int, error) {
	return f.charged(p, offset, func(p []byte) (int, error) { return f.os.WriteAt(p, offset) })
}

func (f *file) charged(p []byte, offset int64, write func(p []byte) (int, error)) (int, error) {
	may, err := f.rights.room(f.os, len(p), offset)
	if err != nil {
		return 0, err
	}
	n, err := write(p[:may])
	f.rights.refund(int64(may - n))
	if err == nil && n < len(p) {
		err = syscall.EDQUOT
	}
	return n, err
}

// ReadViaStream returns a stream of the file from an offset on.
func (f *file) ReadViaStream(_ context.Context, offset uint64) (streams.InputStream, error) {
	if err := f.mayRead(); err != nil {
		return nil, err
	}
	if _, _, err := span(offset, 0); err != nil {
		return nil, code(err)
	}
	end, err := f.fs.stream(f.uses)
	if err != nil {
		return nil, code(err)
	}
	r := &reader{stream.FromReaderAt(f.os, offset), end}
	return stream.NewInput(r, f.fs.life, nil), nil
}

// reader keeps the file open that it reads.
type reader struct {
	stream.Reader
	end func() error
}

func (r *reader) Close() error { return errors.Join(r.Reader.Close(), r.end()) }

// WriteViaStream returns a stream to the file from an offset on.
func (f *file) WriteViaStream(ctx context.Context, offset uint64) (streams.OutputStream, error) {
	if err := f.mayWrite(ctx, "write-via-stream"); err != nil {
		return nil, err
	}
	off, _, err := span(offset, 0)
	if err != nil {
		return nil, code(err)
	}
	return f.output(&writer{*f, off})
}

// writer writes to a file where it wrote last.
type writer struct {
	file   file
	offset int64
}

func (w *writer) Write(p []byte) (int, error) {
	if int64(len(p)) > math.MaxInt64-w.offset {
		return 0, syscall.EFBIG
	}
	n, err := w.file.writeAt(p, w.offset)
	w.offset += int64(n)
	return n, err
}

// AppendViaStream returns a stream to the end of the file, wherever that is when
// something is written.
func (f *file) AppendViaStream(ctx context.Context) (streams.OutputStream, error) {
	if err := f.mayWrite(ctx, "append-via-stream"); err != nil {
		return nil, err
	}
	return f.output(&appender{*f})
}

// appender writes to the end of a file.
type appender struct{ file file }

func (a *appender) Write(p []byte) (int, error) {
	return a.file.charged(p, atEnd, func(p []byte) (int, error) { return appendTo(a.file.os, p) })
}

func (f *file) output(w io.Writer) (streams.OutputStream, error) {
	end, err := f.fs.stream(f.uses)
	if err != nil {
		return nil, code(err)
	}
	return stream.NewOutput(stream.ToWriter(w, end), f.fs.life, nil), nil
}

// Advise takes advice.
func (f *file) Advise(_ context.Context, offset, length uint64, a types.Advice) error {
	off, n, err := span(offset, length)
	if err == nil {
		err = advise(f.os, off, n, a)
	}
	return f.told(err)
}

// Sync writes the file to the disk, if it is open for writing.
func (f *file) Sync(ctx context.Context) error {
	if !f.how.write {
		return nil
	}
	return f.synced(ctx, f.os.Sync)
}

// SyncData writes its data to the disk, if it is open for writing.
func (f *file) SyncData(ctx context.Context) error {
	if !f.how.write {
		return nil
	}
	return f.synced(ctx, func() error { return syncData(f.os) })
}

// GetFlags returns how the file was opened.
func (f *file) GetFlags(context.Context) (flags types.DescriptorFlags, _ error) {
	if f.how.read {
		flags |= types.DescriptorFlagsRead
	}
	if f.how.write {
		flags |= types.DescriptorFlagsWrite
	}
	return flags, nil
}

// GetType returns that it is a regular file.
func (f *file) GetType(context.Context) (types.DescriptorType, error) {
	return types.DescriptorTypeRegularFile, nil
}

// SetSize cuts the file, or adds zeros, which count for the quota.
func (f *file) SetSize(ctx context.Context, size uint64) error {
	if err := f.mayWrite(ctx, "set-size"); err != nil {
		return err
	}
	n, _, err := span(size, 0)
	if err != nil {
		return code(err)
	}
	return f.told(f.resize(n))
}

func (f *file) resize(size int64) error {
	if !f.rights.limited {
		return f.os.Truncate(size)
	}
	info, err := f.os.Stat()
	if err != nil {
		return err
	}
	more := max(0, size-info.Size())
	if err := f.rights.charge(more); err != nil {
		return err
	}
	if err := f.os.Truncate(size); err != nil {
		f.rights.refund(more)
		return err
	}
	return nil
}

// SetTimes sets the times of the file.
func (f *file) SetTimes(ctx context.Context, access, modified types.NewTimestamp) error {
	if err := f.object.mayWrite(ctx, "set-times", f.name); err != nil {
		return err
	}
	s, err := stampsOf(access, modified)
	if err == nil {
		err = setFileTimes(f.os, s)
	}
	return f.told(err)
}

// Stat returns the status of the file.
func (f *file) Stat(context.Context) (types.DescriptorStat, error) {
	s, err := stat(f.os)
	return s.DescriptorStat, f.told(err)
}

func (f *file) status() (status, error) { return stat(f.os) }

// IsSameObject reports whether two descriptors are of one object.
func (f *file) IsSameObject(_ context.Context, other types.Descriptor) (bool, error) {
	return same(f, other)
}

// MetadataHash returns a hash of which file it is.
func (f *file) MetadataHash(context.Context) (types.MetadataHashValue, error) {
	s, err := stat(f.os)
	if err != nil {
		return types.MetadataHashValue{}, code(err)
	}
	return f.fs.hash(s.id)
}

// Close ends the descriptor, not its streams.
func (f *file) Close(context.Context) error { return f.uses.less() }

// has is a descriptor of this package.
type has interface{ status() (status, error) }

// same reports whether two descriptors are of one object. It errs for one that
// is not of this package.
func same(a has, other types.Descriptor) (bool, error) {
	b, ok := other.(has)
	if !ok {
		return false, errForeign
	}
	x, err := a.status()
	if err != nil {
		return false, nil //nolint:nilerr // a guest has no way to be told
	}
	y, err := b.status()
	return err == nil && x.same(y), nil
}
