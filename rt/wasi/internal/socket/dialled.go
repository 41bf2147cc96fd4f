package socket

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcp"
)

// linger is how long what was written before the end of an instance is given to
// be sent.
const linger = time.Second

// dialled is a tcp-socket of a host that connects by means of its own, or of a
// system whose sockets this package does not use. It connects, or listens if the
// host has means for that, and that is all that is supported. Connections block,
// so that goroutines read and write them.
type dialled struct {
	unsupported
	poll.Parent
	poll.Signal
	s      *Sockets
	dialer policy.Dialer
	remote netip.AddrPort
	state  dialState
	opened opened // once it is bound, to listen

	forget func() // of the life
	end    func() // the socket's part of Close, once

	mu      sync.Mutex
	cancel  context.CancelFunc // of the dialer
	conn    net.Conn
	err     error
	settled bool // the dialer or listener has returned
	in, out *half
	holds   int // as long as there is one, the connection is kept
}

type dialState uint8

const (
	dialNone dialState = iota
	dialling
	dialConnected
	dialFailed
	listenBinding
	listenBound
	listenOpening
	listenOpen
)

// newDialled returns a socket that is not connected. It takes the place of a
// socket that the caller has taken.
func (s *Sockets) newDialled(d policy.Dialer, f network.IPAddressFamily) *dialled {
	if d == nil {
		d = &net.Dialer{}
	}
	t := &dialled{unsupported: unsupported{f}, s: s, dialer: d, cancel: func() {}, holds: 1}
	t.end = sync.OnceFunc(t.drop)
	t.forget = s.Life.OnEnd(t.end)
	return t
}

// StartConnect begins to connect.
func (t *dialled) StartConnect(ctx context.Context, h network.Handle, remote network.IPSocketAddress) error {
	if err := checkHandle(h); err != nil {
		return err
	}
	if err := t.start(dialNone, listenBound); err != nil {
		return err
	}
	if t.state == listenBound {
		return errUnsupported // a dialer has no address of this side
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
	t.state, t.remote = dialling, addr
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cancel = cancel
	t.holds++
	if !t.s.Life.Go(func() { t.dial(ctx) }) {
		t.settled, t.err = true, context.Canceled
		t.holds--
	}
	return nil
}

var errDialer = errors.New("the dialer did not return")

// dial connects. The dialer may be anybody's and panic.
func (t *dialled) dial(ctx context.Context) {
	var conn net.Conn
	err := errDialer
	defer func() {
		_ = recover()
		if err == nil && conn == nil {
			err = errDialer
		}
		t.mu.Lock()
		t.conn, t.err, t.settled = conn, err, true
		t.mu.Unlock()
		t.release()
		t.Wake()
	}()
	conn, err = t.dialer.DialContext(ctx, "tcp", t.remote.String())
}

// release lets go of the connection.
func (t *dialled) release() {
	t.mu.Lock()
	t.holds--
	last, conn := t.holds == 0, t.conn
	t.mu.Unlock()
	if !last {
		return
	}
	t.opened.close()
	if conn != nil {
		_ = conn.Close() // all was sent
	}
	t.s.sockets.put()
}

// Ready reports whether FinishConnect has an answer, or that there is nothing to
// wait for.
func (t *dialled) Ready() bool {
	switch t.state {
	case dialling, listenOpening:
		return t.isSettled()
	case listenOpen:
		return t.arrive()
	}
	return true
}

func (t *dialled) isSettled() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.settled
}

// FinishConnect returns the streams of the connection.
func (t *dialled) FinishConnect(context.Context) (v cm.Tuple2[streams.InputStream, streams.OutputStream], err error) {
	switch {
	case t.state != dialling:
		return v, fail(network.ErrorCodeNotInProgress)
	case !t.Ready():
		return v, fail(network.ErrorCodeWouldBlock)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		t.state = dialFailed
		return v, fail(connCode(t.err))
	}
	v.F0, v.F1 = t.connected()
	return v, nil
}

// connected makes the streams of the connection.
func (t *dialled) connected() (*stream.Input, *stream.Output) {
	t.state = dialConnected
	t.holds++ // until all is written
	life := t.s.Life
	c := coded{t.conn}
	in := stream.FromReader(c, life, func() error { return closeRead(t.conn) })
	out := stream.ToBlocking(stream.Blocking{
		W: c, Life: life,
		Abort: func() { _ = t.conn.SetWriteDeadline(time.Now().Add(linger)) },
		End: func() error {
			defer t.release()
			return closeWrite(t.conn)
		},
	})
	t.in, t.out = &half{Reader: in}, &half{Writer: out}
	return stream.NewInput(inHalf{t.in}, life, &t.Parent), stream.NewOutput(outHalf{t.out}, life, &t.Parent)
}

// closeRead has a read under way return.
func closeRead(c net.Conn) error {
	if c.SetReadDeadline(time.Unix(1, 0)) != nil {
		return c.Close() // there is no other way
	}
	return nil
}

// closeWrite ends one direction of a connection that can have one ended.
func closeWrite(c net.Conn) error {
	if c, ok := c.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return nil
}

// LocalAddress returns the address that the connection is from, or that the
// socket listens at, as far as they say. One that is only bound has the address
// that it was given, unless its port is still to be chosen.
func (t *dialled) LocalAddress(context.Context) (network.IPSocketAddress, error) {
	var addr netip.AddrPort
	switch t.state {
	case dialConnected:
		addr = addressOf(t.conn.LocalAddr())
	case listenOpen:
		addr = t.opened.at
	case listenBound, listenOpening:
		if addr = t.opened.asked; addr.Port() == 0 {
			addr = netip.AddrPort{}
		}
	default:
		return nil, fail(network.ErrorCodeInvalidState)
	}
	if !addr.IsValid() {
		return nil, errUnsupported
	}
	return toWIT(addr), nil
}

// addressOf returns the address of one side of a connection; it is not valid if
// that does not say it.
func addressOf(a net.Addr) netip.AddrPort {
	if a == nil {
		return netip.AddrPort{}
	}
	addr, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(addr.Addr().Unmap().WithZone(""), addr.Port())
}

// RemoteAddress returns the address of the other side.
func (t *dialled) RemoteAddress(context.Context) (network.IPSocketAddress, error) {
	if t.state != dialConnected {
		return nil, fail(network.ErrorCodeInvalidState)
	}
	if !t.remote.IsValid() {
		return nil, errUnsupported
	}
	return toWIT(t.remote), nil
}

// Subscribe returns a pollable that is ready when the socket is connected, or is
// not going to be.
func (t *dialled) Subscribe(context.Context) (iopoll.Pollable, error) { return t.Pollable(t), nil }

// Shutdown ends directions of a connection.
func (t *dialled) Shutdown(_ context.Context, how tcp.ShutdownType) error {
	if t.state != dialConnected {
		return fail(network.ErrorCodeInvalidState)
	}
	if how != tcp.ShutdownTypeSend {
		_ = inHalf{t.in}.Close()
	}
	if how != tcp.ShutdownTypeReceive {
		_ = outHalf{t.out}.Close()
	}
	return nil
}

// Close closes the socket. Its streams have to be dropped before.
func (t *dialled) Close(context.Context) error {
	err := t.Check(t.s.Life)
	t.forget()
	t.end()
	t.forgo()
	return err
}

// drop ends what is under way, and lets go of the connection once all is written.
func (t *dialled) drop() {
	t.mu.Lock()
	cancel, in, out := t.cancel, t.in, t.out
	t.mu.Unlock()
	cancel()
	t.opened.close()
	if out != nil {
		_ = inHalf{in}.Close()
		_ = outHalf{out}.Close()
	}
	t.release()
}

// half is one direction of a connection: one of its fields, until it is closed.
type half struct {
	stream.Reader
	stream.Writer
	mu     sync.Mutex
	closed bool
}

// close reports whether it was open.
func (h *half) close() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	was := !h.closed
	h.closed = true
	return was
}

func (h *half) isClosed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closed
}

// inHalf is a Reader that gives nothing once it is closed.
type inHalf struct{ h *half }

func (r inHalf) Read(n int) ([]byte, error) {
	if r.h.isClosed() {
		return nil, io.EOF
	}
	return r.h.Reader.Read(n)
}

func (r inHalf) Ready() bool                      { return r.h.isClosed() || r.h.Reader.Ready() }
func (r inHalf) Watch(w poll.Waker) (stop func()) { return r.h.Reader.Watch(w) }

func (r inHalf) Close() error {
	if !r.h.close() {
		return nil
	}
	_ = r.h.Reader.Close() // it is of no use any more
	return nil
}

// outHalf is a Writer that takes nothing once it is closed. What it took before is
// written.
type outHalf struct{ h *half }

func (w outHalf) Room() (int, error) {
	if w.h.isClosed() {
		return 0, io.ErrClosedPipe
	}
	return w.h.Writer.Room()
}

func (w outHalf) Write(p []byte) error {
	if w.h.isClosed() {
		return io.ErrClosedPipe
	}
	return w.h.Writer.Write(p)
}

func (w outHalf) Flush() error {
	if w.h.isClosed() {
		return io.ErrClosedPipe
	}
	return w.h.Writer.Flush()
}

func (w outHalf) Ready() bool                      { return w.h.isClosed() || w.h.Writer.Ready() }
func (w outHalf) Watch(k poll.Waker) (stop func()) { return w.h.Writer.Watch(k) }

func (w outHalf) Close() error {
	if !w.h.close() {
		return nil
	}
	return w.h.Writer.Close()
}

// coded is a connection whose errors are those of streams.
type coded struct{ net.Conn }

func (c coded) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return n, codedError(err, io.EOF)
}

func (c coded) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, codedError(err, io.ErrClosedPipe)
}

// codedError returns the error of a stream for one of a connection; end is that
// of one that this side or the other has closed.
func codedError(err, end error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe), errors.Is(err, syscall.EPIPE):
		return end
	}
	return &failure{connCode(err), err}
}

// connCode returns what guests are told of the errors of package net.
func connCode(err error) network.ErrorCode {
	for errno, code := range map[error]network.ErrorCode{
		syscall.ECONNREFUSED: network.ErrorCodeConnectionRefused,
		syscall.ECONNRESET:   network.ErrorCodeConnectionReset,
		syscall.ECONNABORTED: network.ErrorCodeConnectionAborted,
		syscall.EHOSTUNREACH: network.ErrorCodeRemoteUnreachable,
		syscall.ENETUNREACH:  network.ErrorCodeRemoteUnreachable,

		syscall.EADDRINUSE:    network.ErrorCodeAddressInUse,
		syscall.EADDRNOTAVAIL: network.ErrorCodeAddressNotBindable,
		syscall.EACCES:        network.ErrorCodeAccessDenied,
	} {
		if errors.Is(err, errno) {
			return code
		}
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return network.ErrorCodeTimeout
	}
	return network.ErrorCodeUnknown
}
