package stream

import (
	"context"
	"errors"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// Reader is what an input stream reads. It is ready when Read gives bytes or an
// error.
type Reader interface {
	poll.Source

	// Read returns up to n bytes, which are the caller's until the next call.
	// There may be none yet. The error is io.EOF at the end, and stays.
	Read(n int) ([]byte, error)

	// Close ends what is under way.
	Close() error
}

// Input is an input stream. See wasi:io/streams, input-stream.
type Input struct {
	poll.Parent
	reader Reader
	life   *poll.Life
	failed failure
	parent *poll.Parent
}

var _ streams.InputStream = (*Input)(nil)

// NewInput returns a stream of what there is to read. It is a child of parent,
// which may be nil.
func NewInput(r Reader, life *poll.Life, parent *poll.Parent) *Input {
	if parent != nil {
		parent.Adopt()
	}
	return &Input{reader: r, life: life, parent: parent}
}

// Read returns up to n bytes, without waiting for any.
func (s *Input) Read(_ context.Context, n uint64) ([]byte, error) {
	p, err := s.reader.Read(int(min(n, Chunk)))
	if err != nil {
		return nil, s.failed.tell(err)
	}
	return p, nil
}

// BlockingRead returns up to n bytes, and waits for the first one.
func (s *Input) BlockingRead(ctx context.Context, n uint64) ([]byte, error) {
	for {
		p, err := s.Read(ctx, n)
		if err != nil || len(p) > 0 || n == 0 {
			return p, err
		}
		if err := poll.Until(ctx, s.reader); err != nil {
			return nil, err
		}
	}
}

// Skip is Read for who does not want the bytes.
func (s *Input) Skip(ctx context.Context, n uint64) (uint64, error) {
	p, err := s.Read(ctx, n)
	return uint64(len(p)), err
}

// BlockingSkip is BlockingRead for who does not want the bytes.
func (s *Input) BlockingSkip(ctx context.Context, n uint64) (uint64, error) {
	p, err := s.BlockingRead(ctx, n)
	return uint64(len(p)), err
}

// Subscribe returns a pollable that is ready when Read gives bytes or an error.
func (s *Input) Subscribe(context.Context) (iopoll.Pollable, error) {
	return s.Pollable(s.reader), nil
}

// Close ends the stream. Its pollables have to be dropped before.
func (s *Input) Close(context.Context) error {
	err := s.Check(s.life)
	if s.parent != nil {
		s.parent.Release()
	}
	return errors.Join(err, s.reader.Close())
}
