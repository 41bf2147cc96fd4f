//go:build linux || darwin

package socket

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/udp"
)

// maxDatagrams is how many datagrams are received, or permitted to be sent, in
// one call, and maxDatagram how long one can be.
const (
	maxDatagrams = 16
	maxDatagram  = 65535
)

// buffers are for datagrams, which are copied out of them.
var buffers = sync.Pool{New: func() any { return new([maxDatagram]byte) }}

// incoming is the resource incoming-datagram-stream.
type incoming struct {
	poll.Parent
	u   *udpSocket
	ctx context.Context // of stream, for the audit

	next *udp.IncomingDatagram // received to find out whether the guest may have it
	err  error                 // the same
}

var _ udp.IncomingDatagramStream = (*incoming)(nil)

// Receive returns what has arrived: up to so many datagrams, up to 16, and no
// more once they have 64 KiB.
func (in *incoming) Receive(_ context.Context, n uint64) (all []udp.IncomingDatagram, err error) {
	size := 0
	for uint64(len(all)) < min(n, maxDatagrams) && size < stream.Chunk && in.arrive() {
		if in.err != nil {
			if len(all) == 0 {
				err, in.err = in.err, nil
			}
			return all, err // the next call has the error
		}
		all = append(all, *in.next)
		size += 1 + len(in.next.Data)
		in.next = nil
	}
	return all, nil
}

// arrive reports whether there is a datagram or an error. Datagrams that the
// policy refuses are dropped, and so are those of others than who the socket is
// connected to.
func (in *incoming) arrive() bool {
	for range maxRefused {
		if in.next != nil || in.err != nil {
			return true
		}
		if !in.u.d.in.ready() {
			return false
		}
		in.receive()
	}
	in.u.d.in.rearm()
	return in.next != nil || in.err != nil
}

// receive receives one datagram, if there is one that the guest may have.
func (in *incoming) receive() {
	buf := buffers.Get().(*[maxDatagram]byte)
	defer buffers.Put(buf)
	n, from, err := in.u.d.receiveFrom(buf[:])
	u := in.u
	switch {
	case isAgain(err):
		return
	case err != nil:
		in.err = answer(err)
		return
	case u.remote.IsValid() && from != u.remote:
		return
	}
	if err := u.s.Policy.CheckPeer(in.ctx, policy.UDPReceive, u.asked, from); err != nil {
		_ = u.s.denied(in.ctx, "incoming-datagram-stream.receive", err)
		return
	}
	u.peers.add(from)
	in.next = &udp.IncomingDatagram{Data: bytes.Clone(buf[:n]), RemoteAddress: toWIT(from)}
}

func (d *descriptor) receiveFrom(p []byte) (n int, from netip.AddrPort, err error) {
	err = d.with(func(fd int) error {
		var a unix.Sockaddr
		n, err = again(func() (n int, err error) {
			n, a, err = unix.Recvfrom(fd, p, 0)
			return n, err
		})
		from = addrPort(a)
		return err
	})
	return n, from, err
}

// Ready reports whether there is a datagram that the guest may have.
func (in *incoming) Ready() bool { return in.arrive() }

// Watch has w woken when one may have arrived.
func (in *incoming) Watch(w poll.Waker) (stop func()) { return in.u.d.in.Watch(w) }

// Subscribe returns a pollable that is ready when Receive gives something.
func (in *incoming) Subscribe(context.Context) (iopoll.Pollable, error) { return in.Pollable(in), nil }

// Close ends the stream.
func (in *incoming) Close(context.Context) error { return in.u.drop(&in.Parent) }

// drop ends one of the streams.
func (u *udpSocket) drop(p *poll.Parent) error {
	err := p.Check(u.s.Life)
	u.streams--
	u.Release()
	return err
}

// outgoing is the resource outgoing-datagram-stream.
type outgoing struct {
	poll.Parent
	u         *udpSocket
	permitted int // by the last check-send
}

var _ udp.OutgoingDatagramStream = (*outgoing)(nil)

// CheckSend returns how many datagrams may be sent now: 16, or none.
func (o *outgoing) CheckSend(context.Context) (uint64, error) {
	o.permitted = 0
	if o.u.d.out.ready() {
		o.permitted = maxDatagrams
	}
	return uint64(o.permitted), nil
}

// Send sends datagrams, no more than CheckSend permitted, and returns how many
// it has sent. Only an error of the first is told.
func (o *outgoing) Send(ctx context.Context, datagrams []udp.OutgoingDatagram) (uint64, error) {
	if len(datagrams) == 0 {
		return 0, nil
	}
	if len(datagrams) > o.permitted {
		return 0, fmt.Errorf("outgoing-datagram-stream.send: %d datagrams, %d are permitted", len(datagrams), o.permitted)
	}
	o.permitted = 0
	for i, d := range datagrams {
		sent, err := o.send(ctx, d)
		if err != nil && i == 0 {
			return 0, err
		}
		if !sent {
			return uint64(i), nil
		}
	}
	return uint64(len(datagrams)), nil
}

// send sends a datagram. It reports false if there is no room for it.
func (o *outgoing) send(ctx context.Context, d udp.OutgoingDatagram) (sent bool, err error) {
	if len(d.Data) > maxDatagram {
		return false, fail(network.ErrorCodeDatagramTooLarge)
	}
	to, err := o.to(d)
	if err != nil {
		return false, err
	}
	if err := o.u.maySend(ctx, to); err != nil {
		return false, o.u.s.denied(ctx, "outgoing-datagram-stream.send", err)
	}
	err = o.u.d.with(func(fd int) error {
		var a unix.Sockaddr
		if !o.u.remote.IsValid() {
			a = o.u.d.sockaddr(to)
		}
		_, err := again(func() (struct{}, error) { return struct{}{}, unix.Sendto(fd, d.Data, noSignal, a) })
		return err
	})
	if isAgain(err) {
		return false, nil
	}
	return err == nil, answer(err)
}

// to returns where a datagram goes.
func (o *outgoing) to(d udp.OutgoingDatagram) (netip.AddrPort, error) {
	u := o.u
	given, is := d.RemoteAddress.Get()
	if !is {
		if !u.remote.IsValid() {
			return u.remote, fail(network.ErrorCodeInvalidArgument)
		}
		return u.remote, nil
	}
	to, err := ofFamily(given, u.family)
	if err == nil && (!isRemote(to) || u.remote.IsValid() && to != u.remote) {
		err = fail(network.ErrorCodeInvalidArgument)
	}
	return to, err
}

// Ready reports whether a datagram may be sent.
func (o *outgoing) Ready() bool { return o.u.d.out.ready() }

// Watch has w woken when one may be.
func (o *outgoing) Watch(w poll.Waker) (stop func()) { return o.u.d.out.Watch(w) }

// Subscribe returns a pollable that is ready when CheckSend permits something.
func (o *outgoing) Subscribe(context.Context) (iopoll.Pollable, error) { return o.Pollable(o), nil }

// Close ends the stream.
func (o *outgoing) Close(context.Context) error { return o.u.drop(&o.Parent) }
