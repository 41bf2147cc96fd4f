//go:build linux || darwin

package socket

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
)

// codes are what guests are told of the errors of the system. See
// wasi:sockets/network, error-code.
var codes = map[unix.Errno]network.ErrorCode{
	unix.EACCES:          network.ErrorCodeAccessDenied,
	unix.EPERM:           network.ErrorCodeAccessDenied,
	unix.EOPNOTSUPP:      network.ErrorCodeNotSupported,
	unix.ENOPROTOOPT:     network.ErrorCodeNotSupported,
	unix.EPFNOSUPPORT:    network.ErrorCodeNotSupported,
	unix.EPROTONOSUPPORT: network.ErrorCodeNotSupported,
	unix.EPROTOTYPE:      network.ErrorCodeNotSupported,
	unix.ESOCKTNOSUPPORT: network.ErrorCodeNotSupported,
	unix.EAFNOSUPPORT:    network.ErrorCodeNotSupported,
	unix.EINVAL:          network.ErrorCodeInvalidArgument,
	unix.ENOMEM:          network.ErrorCodeOutOfMemory,
	unix.ENOBUFS:         network.ErrorCodeOutOfMemory,
	unix.ETIMEDOUT:       network.ErrorCodeTimeout,
	unix.EALREADY:        network.ErrorCodeConcurrencyConflict,
	unix.EAGAIN:          network.ErrorCodeWouldBlock,
	unix.EISCONN:         network.ErrorCodeInvalidState,
	unix.ENOTCONN:        network.ErrorCodeInvalidState,
	unix.EDESTADDRREQ:    network.ErrorCodeInvalidState,
	unix.EMFILE:          network.ErrorCodeNewSocketLimit,
	unix.ENFILE:          network.ErrorCodeNewSocketLimit,
	unix.EADDRNOTAVAIL:   network.ErrorCodeAddressNotBindable,
	unix.EADDRINUSE:      network.ErrorCodeAddressInUse,
	unix.EHOSTUNREACH:    network.ErrorCodeRemoteUnreachable,
	unix.EHOSTDOWN:       network.ErrorCodeRemoteUnreachable,
	unix.ENETUNREACH:     network.ErrorCodeRemoteUnreachable,
	unix.ENETDOWN:        network.ErrorCodeRemoteUnreachable,
	unix.ENETRESET:       network.ErrorCodeRemoteUnreachable,
	errNoNet:             network.ErrorCodeRemoteUnreachable,
	unix.ECONNREFUSED:    network.ErrorCodeConnectionRefused,
	unix.ECONNRESET:      network.ErrorCodeConnectionReset,
	unix.ECONNABORTED:    network.ErrorCodeConnectionAborted,
	unix.EMSGSIZE:        network.ErrorCodeDatagramTooLarge,
}

// code returns what a guest is told of an error.
func code(err error) network.ErrorCode {
	if errno, ok := errors.AsType[unix.Errno](err); ok {
		if c, ok := codes[errno]; ok {
			return c
		}
	}
	if errors.Is(err, os.ErrClosed) {
		return network.ErrorCodeInvalidState
	}
	return network.ErrorCodeUnknown
}

// answer returns what a method answers for an error, nil for none.
func answer(err error) error {
	if err == nil {
		return nil
	}
	return fail(code(err))
}

// acceptCode is code for what accept says. Linux passes on what happened to the
// connection that it would have been.
func acceptCode(err error) network.ErrorCode {
	for _, e := range []unix.Errno{unix.ECONNRESET, unix.ENETRESET, unix.EHOSTUNREACH, unix.EHOSTDOWN, unix.ENETDOWN,
		unix.ENETUNREACH, unix.EPROTO, unix.ENOPROTOOPT, errNoNet, unix.EOPNOTSUPP, unix.EPERM, unix.ETIMEDOUT} {
		if errors.Is(err, e) {
			return network.ErrorCodeConnectionAborted
		}
	}
	return code(err)
}

// connectCode is code for what connect says: it has no address of its own to
// offer when the ports are used up.
func connectCode(err error) network.ErrorCode {
	if errors.Is(err, unix.EADDRNOTAVAIL) {
		return network.ErrorCodeAddressInUse
	}
	return code(err)
}

// streamError returns the error of a stream for one of the system. That the
// other side does not read any more, or that the socket is closed, is the end of
// the stream.
func streamError(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.Is(err, unix.EPIPE), errors.Is(err, os.ErrClosed), errors.Is(err, os.ErrDeadlineExceeded):
		return io.ErrClosedPipe
	}
	return &failure{code(err), err}
}

func isAgain(err error) bool { return errors.Is(err, unix.EAGAIN) }
