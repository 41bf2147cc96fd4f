package cm

import (
	"context"
	"fmt"
	"io"
	"iter"
)

// Stream is the readable end of a stream<T>: values that come one after
// another, when and for as long as their writer has some. T is struct{} where
// WIT leaves it out. One goroutine at a time may use a stream, and whoever has
// it closes it.
//
// Package rt does not support streams: there is none that has a writer, and
// every method of the zero Stream and of nil fails with [ErrNotSupported].
type Stream[T any] struct {
	_ [0]func() T // keeps streams of different types from being converted
}

// Read waits for values, reads up to len(p) of them into p, and returns how
// many. It returns fewer rather than wait again, and [io.EOF] at the end of the
// stream. It returns ctx's cause if that is done first; no value is lost.
func (s *Stream[T]) Read(_ context.Context, _ []T) (int, error) { return 0, errStream }

// All returns the values that are left, in order, each waited for as Read does.
// What goes wrong comes last, as an error beside a zero T; the end of the
// stream is no error.
func (s *Stream[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var p [1]T
		for {
			_, err := s.Read(ctx, p[:])
			if err == io.EOF { //nolint:errorlint // Read returns the end as it is
				return
			}
			if !yield(p[0], err) || err != nil {
				return
			}
		}
	}
}

// Close ends the stream: its writer is told that nobody reads it any more. It
// does nothing the second time.
func (s *Stream[T]) Close(context.Context) error { return errStream }

// Reader returns a stream of bytes as an [io.Reader]. Its reads wait for as long
// as ctx is not done. Closing the stream is left to whoever has it.
func Reader(ctx context.Context, s *Stream[byte]) io.Reader { return reader{ctx, s} }

type reader struct {
	ctx    context.Context
	stream *Stream[byte]
}

func (r reader) Read(p []byte) (int, error) { return r.stream.Read(r.ctx, p) }

var errStream = fmt.Errorf("streams are %w", ErrNotSupported)
