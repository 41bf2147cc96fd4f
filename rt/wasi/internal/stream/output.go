package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// maxBlocking is the most bytes that a guest may write and flush in one call.
const maxBlocking = 4096

// Writer is what an output stream writes. It is ready when there is room, or an
// error.
type Writer interface {
	poll.Source

	// Room returns how many bytes Write takes now: none before an earlier flush
	// is done. The error stays.
	Room() (int, error)

	// Write takes all bytes, no more than there is room for. They are the
	// caller's again when it returns.
	Write(p []byte) error

	// Flush begins to let go of all that was written. It is done when there is
	// room again.
	Flush() error

	// Close ends the stream, and loses nothing that was written.
	Close() error
}

// Output is an output stream. See wasi:io/streams, output-stream.
type Output struct {
	poll.Parent
	writer Writer
	life   *poll.Life
	failed failure
	parent *poll.Parent
	permit uint64 // what CheckWrite returned last, less what was written since
}

var _ streams.OutputStream = (*Output)(nil)

// NewOutput returns a stream to where there is to write. It is a child of parent,
// which may be nil. Several streams may have one writer; each then has permits of
// its own, and waits for room in Write when another has taken it.
func NewOutput(w Writer, life *poll.Life, parent *poll.Parent) *Output {
	if parent != nil {
		parent.Adopt()
	}
	return &Output{writer: w, life: life, parent: parent}
}

// CheckWrite returns how many bytes may be written now.
func (s *Output) CheckWrite(context.Context) (uint64, error) {
	n, err := s.writer.Room()
	if err != nil {
		return 0, s.failed.tell(err)
	}
	s.permit = uint64(n)
	return s.permit, nil
}

// Write writes bytes, no more than CheckWrite permits.
func (s *Output) Write(ctx context.Context, contents []byte) error {
	if err := s.use("write", uint64(len(contents))); err != nil {
		return err
	}
	return s.write(ctx, contents)
}

// use uses the permit for n bytes: what CheckWrite returned, or would now.
func (s *Output) use(operation string, n uint64) error {
	room, err := s.writer.Room()
	if err != nil {
		return s.failed.tell(err)
	}
	permit := max(s.permit, uint64(room))
	if n > permit {
		return fmt.Errorf("%s: %d bytes, %d are permitted", operation, n, permit)
	}
	s.permit = permit - n
	return nil
}

// write writes all bytes, and waits for room.
func (s *Output) write(ctx context.Context, contents []byte) error {
	for len(contents) > 0 {
		room, err := s.room(ctx)
		if err != nil {
			return err
		}
		n := min(room, len(contents))
		if err := s.writer.Write(contents[:n]); err != nil {
			return s.failed.tell(err)
		}
		contents = contents[n:]
	}
	return nil
}

// BlockingWriteAndFlush writes up to 4,096 bytes, and waits until they are
// where they belong.
func (s *Output) BlockingWriteAndFlush(ctx context.Context, contents []byte) error {
	if len(contents) > maxBlocking {
		return errLong
	}
	if err := s.write(ctx, contents); err != nil {
		return err
	}
	return s.BlockingFlush(ctx)
}

var errLong = errors.New("blocking write and flush of more than 4096 bytes")

// room waits for room.
func (s *Output) room(ctx context.Context) (int, error) {
	for {
		n, err := s.writer.Room()
		if err != nil {
			return 0, s.failed.tell(err)
		}
		if n > 0 {
			return n, nil
		}
		if err := poll.Until(ctx, s.writer); err != nil {
			return 0, err
		}
	}
}

// Flush begins to let go of all that was written. Nothing more may be written
// until that is done.
func (s *Output) Flush(context.Context) error {
	s.permit = 0
	if _, err := s.writer.Room(); err != nil {
		return s.failed.tell(err)
	}
	if err := s.writer.Flush(); err != nil {
		return s.failed.tell(err)
	}
	return nil
}

// BlockingFlush flushes, and waits until that is done.
func (s *Output) BlockingFlush(ctx context.Context) error {
	if err := s.Flush(ctx); err != nil {
		return err
	}
	_, err := s.room(ctx)
	return err
}

// Subscribe returns a pollable that is ready when CheckWrite permits something
// or fails.
func (s *Output) Subscribe(context.Context) (iopoll.Pollable, error) {
	return s.Pollable(s.writer), nil
}

var zeroes [Chunk]byte

// WriteZeroes writes n zeroes, no more than CheckWrite permits.
func (s *Output) WriteZeroes(ctx context.Context, n uint64) error {
	if err := s.use("write-zeroes", n); err != nil {
		return err
	}
	for n > 0 {
		p := zeroes[:min(n, Chunk)]
		if err := s.write(ctx, p); err != nil {
			return err
		}
		n -= uint64(len(p))
	}
	return nil
}

// BlockingWriteZeroesAndFlush is BlockingWriteAndFlush with up to 4,096 zeroes.
func (s *Output) BlockingWriteZeroesAndFlush(ctx context.Context, n uint64) error {
	if n > maxBlocking {
		return errLong
	}
	return s.BlockingWriteAndFlush(ctx, zeroes[:n])
}

// Splice writes what there is to read, up to n bytes and what CheckWrite
// permits. It does not wait.
func (s *Output) Splice(ctx context.Context, src streams.InputStream, n uint64) (uint64, error) {
	room, err := s.CheckWrite(ctx)
	if err != nil {
		return 0, err
	}
	p, err := src.Read(ctx, min(n, room))
	if err != nil {
		return 0, err
	}
	return uint64(len(p)), s.Write(ctx, p)
}

// BlockingSplice is Splice that waits until there is room, and something to
// read.
func (s *Output) BlockingSplice(ctx context.Context, src streams.InputStream, n uint64) (uint64, error) {
	room, err := s.room(ctx)
	if err != nil {
		return 0, err
	}
	p, err := src.BlockingRead(ctx, min(n, uint64(room)))
	if err != nil {
		return 0, err
	}
	return uint64(len(p)), s.Write(ctx, p)
}

// Close ends the stream. Its pollables have to be dropped before. What was
// written goes where it belongs.
func (s *Output) Close(context.Context) error {
	err := s.Check(s.life)
	if s.parent != nil {
		s.parent.Release()
	}
	return errors.Join(err, s.writer.Close())
}
