package stream

import (
	"context"
	"errors"
	"io"
	"syscall"

	"github.com/witgen/witgen/rt/wasi/p2/io/ioerror"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// Error is an error as guests see it: one that they cannot look into. See
// wasi:io/error.
type Error struct{ err error }

var _ ioerror.Error = (*Error)(nil)

// NewError returns the error that a guest is given for err.
func NewError(err error) *Error { return &Error{err} }

// Cause returns what an error of a guest's stands for, nil for one that is not
// of this package.
func Cause(e ioerror.Error) error {
	if e, ok := e.(*Error); ok {
		return e.err
	}
	return nil
}

// ToDebugString returns the kind of the error and no more: the text of a Go
// error may have paths and addresses of the host in it.
func (e *Error) ToDebugString(context.Context) (string, error) {
	if errno, ok := errors.AsType[syscall.Errno](e.err); ok {
		return errno.Error(), nil
	}
	return "i/o error", nil
}

// Close does nothing.
func (e *Error) Close(context.Context) error { return nil }

// failure is the error of a stream that guests are told once.
type failure struct{ err error }

// tell returns what a guest is told of the end of a stream: what went wrong, the
// first time, and then that it is closed. A stream that just ends is closed.
func (f *failure) tell(err error) streams.StreamError {
	if f.err != nil || ends(err) {
		return streams.StreamErrorClosed{}
	}
	f.err = err
	return streams.StreamErrorLastOperationFailed{Value: NewError(err)}
}

// ends reports whether an error is that the other side has gone, which is no
// failure of the stream's.
func ends(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, syscall.EPIPE)
}
