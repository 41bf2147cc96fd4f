//go:build linux || darwin

package socket

import (
	"context"
	"errors"
	"math"
	"time"

	"golang.org/x/sys/unix"

	"github.com/witgen/witgen/rt/wasi/p2/clocks/monotonicclock"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
)

// What the systems take for keeping a connection alive; Linux takes least.
const (
	maxKeepAlive  = math.MaxInt16 * uint64(time.Second)
	maxKeepProbes = math.MaxInt8
)

var errZero = fail(network.ErrorCodeInvalidArgument)

// inherited are the options that were set on a listener, by level and name.
type inherited map[[2]int]int

func (o inherited) apply(t *tcpSocket) {
	for k, v := range o {
		_ = t.d.setOption(k[0], k[1], v) // as the listener has taken it
	}
}

// option returns a number of the system's.
func (t *tcpSocket) option(level, name int) (int, error) {
	if t.state == closed {
		return 0, fail(network.ErrorCodeInvalidState)
	}
	n, err := t.d.option(level, name)
	return n, answer(err)
}

// setOption sets one, for the socket and for what it accepts.
func (t *tcpSocket) setOption(level, name, value int) error {
	if t.state == closed {
		return fail(network.ErrorCodeInvalidState)
	}
	if err := t.d.setOption(level, name, value); err != nil {
		return answer(err)
	}
	if t.options == nil {
		t.options = make(inherited)
	}
	t.options[[2]int{level, name}] = value
	return nil
}

// SetListenBacklogSize says how many connections may wait to be accepted.
func (t *tcpSocket) SetListenBacklogSize(_ context.Context, value uint64) error {
	switch {
	case value == 0:
		return errZero
	case t.pending == connecting || t.state == connected || t.state == closed:
		return fail(network.ErrorCodeInvalidState)
	}
	t.backlog = int(min(value, unix.SOMAXCONN))
	if t.state == listening || t.pending == opening {
		return answer(t.listen())
	}
	return nil
}

// KeepAliveEnabled reports whether an idle connection is probed.
func (t *tcpSocket) KeepAliveEnabled(context.Context) (bool, error) {
	n, err := t.option(unix.SOL_SOCKET, unix.SO_KEEPALIVE)
	return n != 0, err
}

// SetKeepAliveEnabled says so.
func (t *tcpSocket) SetKeepAliveEnabled(_ context.Context, value bool) error {
	n := 0
	if value {
		n = 1
	}
	return t.setOption(unix.SOL_SOCKET, unix.SO_KEEPALIVE, n)
}

// KeepAliveIdleTime returns how long a connection is idle before it is probed.
func (t *tcpSocket) KeepAliveIdleTime(context.Context) (monotonicclock.Duration, error) {
	return t.seconds(keepAliveIdle)
}

// SetKeepAliveIdleTime sets it, to between 1 s and 32,767 s.
func (t *tcpSocket) SetKeepAliveIdleTime(_ context.Context, value monotonicclock.Duration) error {
	return t.setSeconds(keepAliveIdle, value)
}

// KeepAliveInterval returns the time between probes.
func (t *tcpSocket) KeepAliveInterval(context.Context) (monotonicclock.Duration, error) {
	return t.seconds(unix.TCP_KEEPINTVL)
}

// SetKeepAliveInterval sets it, to between 1 s and 32,767 s.
func (t *tcpSocket) SetKeepAliveInterval(_ context.Context, value monotonicclock.Duration) error {
	return t.setSeconds(unix.TCP_KEEPINTVL, value)
}

func (t *tcpSocket) seconds(name int) (monotonicclock.Duration, error) {
	n, err := t.option(unix.IPPROTO_TCP, name)
	return monotonicclock.Duration(n) * monotonicclock.Duration(time.Second), err
}

// setSeconds rounds up: what is asked for is not shortened.
func (t *tcpSocket) setSeconds(name int, value monotonicclock.Duration) error {
	if value == 0 {
		return errZero
	}
	d := min(uint64(value), maxKeepAlive)
	return t.setOption(unix.IPPROTO_TCP, name, int((d+uint64(time.Second)-1)/uint64(time.Second)))
}

// KeepAliveCount returns how many probes are sent before a connection is given
// up.
func (t *tcpSocket) KeepAliveCount(context.Context) (uint32, error) {
	n, err := t.option(unix.IPPROTO_TCP, unix.TCP_KEEPCNT)
	return uint32(n), err
}

// SetKeepAliveCount sets it, to no more than 127.
func (t *tcpSocket) SetKeepAliveCount(_ context.Context, value uint32) error {
	if value == 0 {
		return errZero
	}
	return t.setOption(unix.IPPROTO_TCP, unix.TCP_KEEPCNT, int(min(value, maxKeepProbes)))
}

// HopLimit returns through how many routers packets go.
func (t *tcpSocket) HopLimit(context.Context) (uint8, error) {
	n, err := t.option(hopLimit(t.family))
	return uint8(n), err
}

// SetHopLimit sets it.
func (t *tcpSocket) SetHopLimit(_ context.Context, value uint8) error {
	if value == 0 {
		return errZero
	}
	level, name := hopLimit(t.family)
	return t.setOption(level, name, int(value))
}

// hopLimit returns the level and name of the option.
func hopLimit(f network.IPAddressFamily) (level, name int) {
	if isV6(f) {
		return unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS
	}
	return unix.IPPROTO_IP, unix.IP_TTL
}

// ReceiveBufferSize returns how many bytes the system keeps that were not read.
func (t *tcpSocket) ReceiveBufferSize(context.Context) (uint64, error) {
	n, err := t.option(unix.SOL_SOCKET, unix.SO_RCVBUF)
	return uint64(n / bufferFactor), err
}

// SetReceiveBufferSize sets it, as far as the system lets it.
func (t *tcpSocket) SetReceiveBufferSize(_ context.Context, value uint64) error {
	return setBufferSize(t.setOption, unix.SO_RCVBUF, value)
}

// SendBufferSize returns how many bytes the system keeps that were not sent.
func (t *tcpSocket) SendBufferSize(context.Context) (uint64, error) {
	n, err := t.option(unix.SOL_SOCKET, unix.SO_SNDBUF)
	return uint64(n / bufferFactor), err
}

// SetSendBufferSize sets it, as far as the system lets it.
func (t *tcpSocket) SetSendBufferSize(_ context.Context, value uint64) error {
	return setBufferSize(t.setOption, unix.SO_SNDBUF, value)
}

// setBufferSize sets the size of a buffer. What the system finds too much is
// what it takes least of all for a reason to fail.
func setBufferSize(set func(level, name, value int) error, name int, value uint64) error {
	if value == 0 {
		return errZero
	}
	err := set(unix.SOL_SOCKET, name, int(min(value, math.MaxInt32/2)))
	if errors.Is(err, fail(network.ErrorCodeOutOfMemory)) {
		return nil
	}
	return err
}
