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
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcp"
)

// state is how far a TCP socket has come. What is under way is an operation.
type state uint8

const (
	unbound state = iota
	bound
	listening
	connected
	closed // after a connection that failed
)

// operation is what has been started and is not finished.
type operation uint8

const (
	none operation = iota
	binding
	connecting
	opening // start-listen
)

// tcpSocket is the resource tcp-socket.
type tcpSocket struct {
	poll.Parent
	s       *Sockets
	d       *descriptor
	family  network.IPAddressFamily
	state   state
	pending operation

	asked   netip.AddrPort // what start-bind was given
	remote  netip.AddrPort // the other side
	failed  error          // of connect, told by finish-connect
	backlog int
	options inherited

	ctx     context.Context // of start-listen, for the audit
	arrived *arrival
	reader  *reader
	writer  *writer
}

var _ tcp.TCPSocket = (*tcpSocket)(nil)

// defaultBacklog is how many connections may wait to be accepted.
const defaultBacklog = 128

// systemTCP returns a socket that is not bound. It takes the place of a socket
// that the caller has taken.
func (s *Sockets) systemTCP(f network.IPAddressFamily) (tcp.TCPSocket, error) {
	d, err := s.open(f, unix.SOCK_STREAM)
	if err != nil {
		return nil, err
	}
	return s.newTCP(d, f), nil
}

// open returns a socket of the system, in a place that was taken.
func (s *Sockets) open(f network.IPAddressFamily, kind int) (*descriptor, error) {
	fd, err := newSocket(isV6(f), kind)
	if err != nil {
		s.sockets.put()
		return nil, answer(err)
	}
	d, err := newDescriptor(fd, isV6(f), s.Life, s.sockets.put)
	if err != nil {
		return nil, answer(err)
	}
	return d, nil
}

func (s *Sockets) newTCP(d *descriptor, f network.IPAddressFamily) *tcpSocket {
	// As in Go, and unlike in C: there is no function to ask for it.
	_ = d.setOption(unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	return &tcpSocket{s: s, d: d, family: f, backlog: defaultBacklog}
}

// start returns nil if an operation may begin, in one of the states.
func (t *tcpSocket) start(states ...state) error {
	if t.pending != none {
		return fail(network.ErrorCodeConcurrencyConflict)
	}
	for _, s := range states {
		if t.state == s {
			return nil
		}
	}
	return fail(network.ErrorCodeInvalidState)
}

// StartBind binds the socket.
func (t *tcpSocket) StartBind(ctx context.Context, h network.Handle, local network.IPSocketAddress) error {
	if err := checkHandle(h); err != nil {
		return err
	}
	if err := t.start(unbound); err != nil {
		return err
	}
	addr, err := ofFamily(local, t.family)
	if err != nil {
		return err
	}
	if !isUnicast(addr.Addr()) {
		return fail(network.ErrorCodeInvalidArgument)
	}
	if err := t.s.Policy.Check(ctx, policy.TCPBind, addr); err != nil {
		return t.s.denied(ctx, "tcp-socket.start-bind", err)
	}
	// A port whose last connections linger is free.
	_ = t.d.setOption(unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if err := t.d.bind(addr); err != nil {
		return answer(err)
	}
	t.asked, t.pending = addr, binding
	return nil
}

// finish returns nil if an operation is under way.
func (t *tcpSocket) finish(o operation) error {
	if t.pending != o {
		return fail(network.ErrorCodeNotInProgress)
	}
	return nil
}

// FinishBind ends what StartBind began.
func (t *tcpSocket) FinishBind(context.Context) error {
	if err := t.finish(binding); err != nil {
		return err
	}
	t.pending, t.state = none, bound
	return nil
}

// StartConnect begins to connect.
func (t *tcpSocket) StartConnect(ctx context.Context, h network.Handle, remote network.IPSocketAddress) error {
	if err := checkHandle(h); err != nil {
		return err
	}
	if err := t.start(unbound, bound); err != nil {
		return err
	}
	addr, err := ofFamily(remote, t.family)
	if err != nil {
		return err
	}
	if !isUnicast(addr.Addr()) || !isRemote(addr) {
		return fail(network.ErrorCodeInvalidArgument)
	}
	if err := t.s.Policy.Check(ctx, policy.TCPConnect, addr); err != nil {
		return t.s.denied(ctx, "tcp-socket.start-connect", err)
	}
	if t.state == unbound {
		// The system binds it: to any address, and a port of its choice.
		if err := t.s.Policy.Check(ctx, policy.TCPBind, wildcard(t.family)); err != nil {
			return t.s.denied(ctx, "tcp-socket.start-connect", err)
		}
	}
	t.pending, t.remote = connecting, addr
	if err := t.d.connect(addr); !errors.Is(err, unix.EINPROGRESS) && !errors.Is(err, unix.EINTR) {
		t.failed = err
	}
	return nil
}

// wildcard returns the address that a socket is bound to by its use.
func wildcard(f network.IPAddressFamily) netip.AddrPort {
	if isV6(f) {
		return netip.AddrPortFrom(netip.IPv6Unspecified(), 0)
	}
	return netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
}

// FinishConnect returns the streams of the connection.
func (t *tcpSocket) FinishConnect(context.Context) (v cm.Tuple2[streams.InputStream, streams.OutputStream], err error) {
	if err := t.finish(connecting); err != nil {
		return v, err
	}
	if t.failed == nil && !t.d.out.ready() {
		return v, fail(network.ErrorCodeWouldBlock)
	}
	t.pending = none
	if t.failed == nil {
		n, err := t.d.option(unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && n != 0 {
			err = unix.Errno(n)
		}
		t.failed = err
	}
	if t.failed != nil {
		t.state = closed
		t.d.close()
		return v, fail(connectCode(t.failed))
	}
	v.F0, v.F1 = t.connected()
	return v, nil
}

// connected makes the streams.
func (t *tcpSocket) connected() (*stream.Input, *stream.Output) {
	t.state = connected
	t.reader = &reader{d: t.d}
	t.writer = &writer{d: t.d, life: t.s.Life}
	return stream.NewInput(t.reader, t.s.Life, &t.Parent), stream.NewOutput(t.writer, t.s.Life, &t.Parent)
}

// StartListen begins to listen. The socket has to be bound.
func (t *tcpSocket) StartListen(ctx context.Context) error {
	if err := t.start(bound); err != nil {
		return err
	}
	if err := t.s.Policy.Check(ctx, policy.TCPListen, t.asked); err != nil {
		return t.s.denied(ctx, "tcp-socket.start-listen", err)
	}
	if err := t.listen(); err != nil {
		return answer(err)
	}
	t.ctx = context.WithoutCancel(ctx)
	t.pending = opening
	return nil
}

func (t *tcpSocket) listen() error {
	return t.d.with(func(fd int) error { return unix.Listen(fd, t.backlog) })
}

// FinishListen ends what StartListen began.
func (t *tcpSocket) FinishListen(context.Context) error {
	if err := t.finish(opening); err != nil {
		return err
	}
	t.pending, t.state = none, listening
	return nil
}

// LocalAddress returns the address that the socket is bound to.
func (t *tcpSocket) LocalAddress(context.Context) (network.IPSocketAddress, error) {
	if t.state == closed || t.state == unbound && t.pending != connecting {
		return nil, fail(network.ErrorCodeInvalidState)
	}
	a, err := t.d.local()
	if err != nil {
		return nil, answer(err)
	}
	return toWIT(a), nil
}

// RemoteAddress returns the address of the other side, which may have gone.
func (t *tcpSocket) RemoteAddress(context.Context) (network.IPSocketAddress, error) {
	if t.state != connected {
		return nil, fail(network.ErrorCodeInvalidState)
	}
	return toWIT(t.remote), nil
}

// IsListening reports whether connections may be accepted.
func (t *tcpSocket) IsListening(context.Context) (bool, error) { return t.state == listening, nil }

// AddressFamily returns the family.
func (t *tcpSocket) AddressFamily(context.Context) (network.IPAddressFamily, error) {
	return t.family, nil
}

// Subscribe returns a pollable that is ready when what is under way can be
// finished, or a connection be accepted.
func (t *tcpSocket) Subscribe(context.Context) (iopoll.Pollable, error) { return t.Pollable(t), nil }

// Ready reports whether the socket can go on.
func (t *tcpSocket) Ready() bool {
	switch {
	case t.pending == connecting:
		return t.failed != nil || t.d.out.ready()
	case t.state == listening:
		return t.arrive()
	}
	return true
}

// Watch has w woken when it may be able to.
func (t *tcpSocket) Watch(w poll.Waker) (stop func()) {
	switch {
	case t.pending == connecting:
		return t.d.out.Watch(w)
	case t.state == listening:
		return t.d.in.Watch(w)
	}
	return func() {}
}

// Shutdown ends directions of a connection: what was written is sent, what was
// not read is discarded.
func (t *tcpSocket) Shutdown(_ context.Context, how tcp.ShutdownType) error {
	if t.state != connected {
		return fail(network.ErrorCodeInvalidState)
	}
	if how != tcp.ShutdownTypeSend {
		_ = t.reader.Close()
	}
	if how != tcp.ShutdownTypeReceive {
		_ = t.writer.Close()
	}
	return nil
}

// Close closes the socket. Its streams have to be dropped before.
func (t *tcpSocket) Close(context.Context) error {
	err := t.Check(t.s.Life)
	if t.arrived != nil && t.arrived.d != nil {
		t.arrived.d.release()
	}
	t.d.release()
	return err
}
