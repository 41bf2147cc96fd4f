package socket

import (
	"context"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/clocks/monotonicclock"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcp"
)

var errUnsupported = fail(network.ErrorCodeNotSupported)

// unsupported are the functions of tcp-socket for which a socket of the system
// is needed.
type unsupported struct{ family network.IPAddressFamily }

// StartBind is not supported.
func (unsupported) StartBind(context.Context, network.Handle, network.IPSocketAddress) error {
	return errUnsupported
}

// FinishBind has nothing to finish.
func (unsupported) FinishBind(context.Context) error { return fail(network.ErrorCodeNotInProgress) }

// StartListen is not supported.
func (unsupported) StartListen(context.Context) error { return errUnsupported }

// FinishListen has nothing to finish.
func (unsupported) FinishListen(context.Context) error { return fail(network.ErrorCodeNotInProgress) }

// Accept is for sockets that listen.
func (unsupported) Accept(context.Context) (v cm.Tuple3[tcp.TCPSocket, streams.InputStream, streams.OutputStream], err error) {
	return v, fail(network.ErrorCodeInvalidState)
}

// IsListening returns false.
func (unsupported) IsListening(context.Context) (bool, error) { return false, nil }

// AddressFamily returns the family.
func (u unsupported) AddressFamily(context.Context) (network.IPAddressFamily, error) {
	return u.family, nil
}

// SetListenBacklogSize is not supported.
func (unsupported) SetListenBacklogSize(context.Context, uint64) error { return errUnsupported }

// KeepAliveEnabled is not supported.
func (unsupported) KeepAliveEnabled(context.Context) (bool, error) { return false, errUnsupported }

// SetKeepAliveEnabled is not supported.
func (unsupported) SetKeepAliveEnabled(context.Context, bool) error { return errUnsupported }

// KeepAliveIdleTime is not supported.
func (unsupported) KeepAliveIdleTime(context.Context) (monotonicclock.Duration, error) {
	return 0, errUnsupported
}

// SetKeepAliveIdleTime is not supported.
func (unsupported) SetKeepAliveIdleTime(context.Context, monotonicclock.Duration) error {
	return errUnsupported
}

// KeepAliveInterval is not supported.
func (unsupported) KeepAliveInterval(context.Context) (monotonicclock.Duration, error) {
	return 0, errUnsupported
}

// SetKeepAliveInterval is not supported.
func (unsupported) SetKeepAliveInterval(context.Context, monotonicclock.Duration) error {
	return errUnsupported
}

// KeepAliveCount is not supported.
func (unsupported) KeepAliveCount(context.Context) (uint32, error) { return 0, errUnsupported }

// SetKeepAliveCount is not supported.
func (unsupported) SetKeepAliveCount(context.Context, uint32) error { return errUnsupported }

// HopLimit is not supported.
func (unsupported) HopLimit(context.Context) (uint8, error) { return 0, errUnsupported }

// SetHopLimit is not supported.
func (unsupported) SetHopLimit(context.Context, uint8) error { return errUnsupported }

// ReceiveBufferSize is not supported.
func (unsupported) ReceiveBufferSize(context.Context) (uint64, error) { return 0, errUnsupported }

// SetReceiveBufferSize is not supported.
func (unsupported) SetReceiveBufferSize(context.Context, uint64) error { return errUnsupported }

// SendBufferSize is not supported.
func (unsupported) SendBufferSize(context.Context) (uint64, error) { return 0, errUnsupported }

// SetSendBufferSize is not supported.
func (unsupported) SetSendBufferSize(context.Context, uint64) error { return errUnsupported }
