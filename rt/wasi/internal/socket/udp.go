//go:build linux || darwin

package socket

import (
	"context"
	"errors"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/udp"
)

// udpSocket is the resource udp-socket.
type udpSocket struct {
	poll.Parent
	s       *Sockets
	d       *descriptor
	family  network.IPAddressFamily
	bound   bool
	binding bool // start-bind is not finished

	asked   netip.AddrPort // what start-bind was given
	remote  netip.AddrPort // valid while the socket is connected
	streams int            // that are not dropped
	peers   peers
}

var _ udp.UDPSocket = (*udpSocket)(nil)

// systemUDP returns a socket that is not bound. It takes the place of a socket
// that the caller has taken.
func (s *Sockets) systemUDP(f network.IPAddressFamily) (udp.UDPSocket, error) {
	d, err := s.open(f, unix.SOCK_DGRAM)
	if err != nil {
		return nil, err
	}
	return &udpSocket{s: s, d: d, family: f}, nil
}

// StartBind binds the socket.
func (u *udpSocket) StartBind(ctx context.Context, h network.Handle, local network.IPSocketAddress) error {
	if err := checkHandle(h); err != nil {
		return err
	}
	switch {
	case u.binding:
		return fail(network.ErrorCodeConcurrencyConflict)
	case u.bound:
		return fail(network.ErrorCodeInvalidState)
	}
	addr, err := ofFamily(local, u.family)
	if err != nil {
		return err
	}
	if err := u.s.Policy.Check(ctx, policy.UDPBind, addr); err != nil {
		return u.s.denied(ctx, "udp-socket.start-bind", err)
	}
	if err := u.d.bind(addr); err != nil {
		return answer(err)
	}
	u.asked, u.binding = addr, true
	return nil
}

// FinishBind ends what StartBind began.
func (u *udpSocket) FinishBind(context.Context) error {
	if !u.binding {
		return fail(network.ErrorCodeNotInProgress)
	}
	u.binding, u.bound = false, true
	return nil
}

var errStreams = errors.New("udp-socket.stream: the streams of before are not dropped yet")

// Stream returns the streams of the socket: to and from one address, or any.
func (u *udpSocket) Stream(ctx context.Context, to cm.Option[network.IPSocketAddress]) (v cm.Tuple2[udp.IncomingDatagramStream, udp.OutgoingDatagramStream], err error) {
	switch {
	case u.streams > 0:
		return v, errStreams
	case !u.bound:
		return v, fail(network.ErrorCodeInvalidState)
	}
	remote, is := to.Get()
	switch {
	case is:
		err = u.connect(ctx, remote)
	case u.remote.IsValid():
		err = u.disconnect()
	}
	if err != nil {
		return v, err
	}
	u.streams = 2
	u.Adopt()
	u.Adopt()
	v.F0 = &incoming{u: u, ctx: context.WithoutCancel(ctx)}
	v.F1 = &outgoing{u: u}
	return v, nil
}

// connect gives the socket the address that it sends to and receives from.
func (u *udpSocket) connect(ctx context.Context, to network.IPSocketAddress) error {
	addr, err := ofFamily(to, u.family)
	if err != nil {
		return err
	}
	if !isRemote(addr) {
		return fail(network.ErrorCodeInvalidArgument)
	}
	if err := u.maySend(ctx, addr); err != nil && u.s.Policy.CheckPeer(ctx, policy.UDPReceive, u.asked, addr) != nil {
		return u.s.denied(ctx, "udp-socket.stream", err)
	}
	if u.remote.IsValid() {
		// Linux keeps the route of the first one.
		if err := u.disconnect(); err != nil {
			return err
		}
	}
	if err := u.d.connect(addr); err != nil {
		return fail(connectCode(err))
	}
	u.remote = addr
	return nil
}

// disconnect takes the other side away, and nothing else: with it, Linux takes
// a port that it chose itself.
func (u *udpSocket) disconnect() error {
	before, err := u.d.local()
	if err != nil {
		return answer(err)
	}
	if err := u.d.with(disconnectSocket); err != nil {
		return answer(err)
	}
	u.remote = netip.AddrPort{}
	after, err := u.d.local()
	if err != nil || after.Port() != 0 {
		return answer(err)
	}
	return answer(u.d.bind(netip.AddrPortFrom(u.asked.Addr(), before.Port())))
}

// maySend returns nil if the policy permits to send to an address, or if the
// guest answers one that it may listen to.
func (u *udpSocket) maySend(ctx context.Context, to netip.AddrPort) error {
	err := u.s.Policy.Check(ctx, policy.UDPSend, to)
	if err != nil && u.peers.has(to) {
		return nil
	}
	return err
}

// LocalAddress returns the address that the socket is bound to.
func (u *udpSocket) LocalAddress(context.Context) (network.IPSocketAddress, error) {
	if !u.bound {
		return nil, fail(network.ErrorCodeInvalidState)
	}
	a, err := u.d.local()
	if err != nil {
		return nil, answer(err)
	}
	return toWIT(a), nil
}

// RemoteAddress returns the address that the streams are for.
func (u *udpSocket) RemoteAddress(context.Context) (network.IPSocketAddress, error) {
	if !u.remote.IsValid() {
		return nil, fail(network.ErrorCodeInvalidState)
	}
	return toWIT(u.remote), nil
}

// AddressFamily returns the family.
func (u *udpSocket) AddressFamily(context.Context) (network.IPAddressFamily, error) {
	return u.family, nil
}

// UnicastHopLimit returns through how many routers datagrams go.
func (u *udpSocket) UnicastHopLimit(context.Context) (uint8, error) {
	n, err := u.d.option(hopLimit(u.family))
	return uint8(n), answer(err)
}

// SetUnicastHopLimit sets it.
func (u *udpSocket) SetUnicastHopLimit(_ context.Context, value uint8) error {
	if value == 0 {
		return errZero
	}
	level, name := hopLimit(u.family)
	return u.setOption(level, name, int(value))
}

func (u *udpSocket) setOption(level, name, value int) error {
	return answer(u.d.setOption(level, name, value))
}

// ReceiveBufferSize returns how many bytes the system keeps that were not
// received.
func (u *udpSocket) ReceiveBufferSize(context.Context) (uint64, error) {
	n, err := u.d.option(unix.SOL_SOCKET, unix.SO_RCVBUF)
	return uint64(n / bufferFactor), answer(err)
}

// SetReceiveBufferSize sets it, as far as the system lets it.
func (u *udpSocket) SetReceiveBufferSize(_ context.Context, value uint64) error {
	return setBufferSize(u.setOption, unix.SO_RCVBUF, value)
}

// SendBufferSize returns how many bytes the system keeps that were not sent.
func (u *udpSocket) SendBufferSize(context.Context) (uint64, error) {
	n, err := u.d.option(unix.SOL_SOCKET, unix.SO_SNDBUF)
	return uint64(n / bufferFactor), answer(err)
}

// SetSendBufferSize sets it, as far as the system lets it.
func (u *udpSocket) SetSendBufferSize(_ context.Context, value uint64) error {
	return setBufferSize(u.setOption, unix.SO_SNDBUF, value)
}

// Subscribe returns a pollable that is ready, as nothing of the socket waits.
func (u *udpSocket) Subscribe(context.Context) (iopoll.Pollable, error) {
	return u.Pollable(poll.Always{}), nil
}

// Close closes the socket. Its streams have to be dropped before.
func (u *udpSocket) Close(context.Context) error {
	err := u.Check(u.s.Life)
	u.d.release()
	return err
}

// maxPeers is how many addresses a socket remembers that it may answer.
const maxPeers = 1024

// peers are the addresses that a socket heard last.
type peers struct {
	at   map[netip.AddrPort]struct{}
	ring []netip.AddrPort
	next int
}

func (p *peers) has(a netip.AddrPort) bool {
	_, ok := p.at[a]
	return ok
}

// add remembers an address, and forgets the oldest if there are too many.
func (p *peers) add(a netip.AddrPort) {
	if p.has(a) {
		return
	}
	if p.at == nil {
		p.at = make(map[netip.AddrPort]struct{})
	}
	p.at[a] = struct{}{}
	if len(p.ring) < maxPeers {
		p.ring = append(p.ring, a)
		return
	}
	delete(p.at, p.ring[p.next])
	p.ring[p.next] = a
	p.next = (p.next + 1) % maxPeers
}
