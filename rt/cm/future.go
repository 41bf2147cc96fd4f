package cm

import (
	"context"
	"fmt"
)

// Future is the readable end of a future<T>: a value that comes once its writer
// has it. T is struct{} where WIT leaves it out. One goroutine at a time may
// use a future, and whoever has it closes it.
//
// Package rt does not support futures: there is none that has a writer, and
// every method of the zero Future and of nil fails with [ErrNotSupported].
type Future[T any] struct {
	_ [0]func() T // keeps futures of different types from being converted
}

// Await waits for the value. It returns ctx's cause if that is done first; the
// value may then be awaited again.
func (f *Future[T]) Await(context.Context) (v T, err error) { return v, errFuture }

// Close ends the future: its writer is told that nobody awaits it any more. It
// does nothing the second time.
func (f *Future[T]) Close(context.Context) error { return errFuture }

var errFuture = fmt.Errorf("futures are %w", ErrNotSupported)
