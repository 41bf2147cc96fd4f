//go:build linux || darwin

package socket

import (
	"context"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcp"
)

// arrival is a connection that was accepted, for the guest to take, or why there
// is none.
type arrival struct {
	d    *descriptor
	from netip.AddrPort
	err  error
}

// arrive reports whether there is an arrival. Connections that the policy
// refuses are reset, and never seen by the guest.
func (t *tcpSocket) arrive() bool {
	for range maxRefused {
		if t.arrived != nil {
			return true
		}
		if !t.d.in.ready() {
			return false
		}
		t.arrived = t.accept()
	}
	if t.arrived == nil {
		t.d.in.rearm()
	}
	return t.arrived != nil
}

// accept accepts one connection. It returns nil if there is none that the guest
// may have.
func (t *tcpSocket) accept() *arrival {
	if !t.s.sockets.take() {
		return &arrival{err: fail(network.ErrorCodeNewSocketLimit)}
	}
	var from netip.AddrPort
	n := -1
	err := t.d.with(func(fd int) error {
		var a unix.Sockaddr
		var err error
		n, err = again(func() (n int, err error) {
			n, a, err = acceptSocket(fd)
			return n, err
		})
		from = addrPort(a)
		return err
	})
	if err != nil {
		t.s.sockets.put()
		if isAgain(err) {
			return nil
		}
		return &arrival{err: fail(acceptCode(err))}
	}
	if err := t.s.Policy.CheckPeer(t.ctx, policy.TCPAccept, t.asked, from); err != nil {
		_ = t.s.denied(t.ctx, "tcp-socket.accept", err)
		// A reset, and nothing left behind.
		_ = unix.SetsockoptLinger(n, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
		_ = unix.Close(n)
		t.s.sockets.put()
		return nil
	}
	d, err := newDescriptor(n, isV6(t.family), t.s.Life, t.s.sockets.put)
	if err != nil {
		return &arrival{err: answer(err)}
	}
	return &arrival{d: d, from: from}
}

// Accept returns a connection and its streams.
func (t *tcpSocket) Accept(context.Context) (v cm.Tuple3[tcp.TCPSocket, streams.InputStream, streams.OutputStream], err error) {
	if t.state != listening {
		return v, fail(network.ErrorCodeInvalidState)
	}
	if !t.arrive() {
		return v, fail(network.ErrorCodeWouldBlock)
	}
	a := t.arrived
	t.arrived = nil
	if a.err != nil {
		return v, a.err
	}
	c := t.s.newTCP(a.d, t.family)
	c.remote = a.from
	if !inherits {
		t.options.apply(c)
	}
	v.F0 = c
	v.F1, v.F2 = c.connected()
	return v, nil
}
