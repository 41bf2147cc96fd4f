package policy

import (
	"context"
	"errors"
	"net"
	"time"
)

// What a host gives to connect with is called on goroutines that are nobody's:
// those of net/http, of streams, of timers. A panic there would end the process,
// and is an error of the call instead.

var (
	errNothing = errors.New("neither a connection nor an error was returned")
	errCount   = errors.New("connection returned a wrong count")
)

// guardedDialer is a host's own dialer.
type guardedDialer struct{ d Dialer }

func (g guardedDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := guard("dialer", func() (net.Conn, error) { return g.d.DialContext(ctx, network, address) })
	switch {
	case err != nil:
		return nil, err
	case c == nil:
		return nil, errNothing
	}
	return guardConn(c), nil
}

// guardedListener is a host's own listener.
type guardedListener struct{ l Listener }

func (g guardedListener) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	l, err := guard("listener", func() (net.Listener, error) { return g.l.Listen(ctx, network, address) })
	switch {
	case err != nil:
		return nil, err
	case l == nil:
		return nil, errNothing
	}
	return listening{l}, nil
}

// listening is what a host's own listener returns.
type listening struct{ l net.Listener }

func (g listening) Accept() (net.Conn, error) {
	c, err := guard("accept of the listener", g.l.Accept)
	switch {
	case err != nil:
		return nil, err
	case c == nil:
		return nil, errNothing
	}
	return guardConn(c), nil
}

func (g listening) Close() error   { return guardErr("close", g.l.Close) }
func (g listening) Addr() net.Addr { return guardAddr(g.l.Addr) }

// guarded is a connection of a host's own.
type guarded struct{ c net.Conn }

// guardConn returns a connection whose methods do not panic.
func guardConn(c net.Conn) net.Conn {
	if half, ok := c.(halfCloser); ok {
		return guardedHalf{guarded{c}, half}
	}
	return guarded{c}
}

func (g guarded) Read(p []byte) (int, error)  { return g.count(p, "read", g.c.Read) }
func (g guarded) Write(p []byte) (int, error) { return g.count(p, "write", g.c.Write) }

// count calls what returns how much of p it has used.
func (g guarded) count(p []byte, what string, f func([]byte) (int, error)) (int, error) {
	n, err := guard(what+" of the connection", func() (int, error) { return f(p) })
	if n < 0 || n > len(p) {
		return 0, errCount
	}
	return n, err
}

func (g guarded) Close() error                       { return guardErr("close", g.c.Close) }
func (g guarded) SetDeadline(t time.Time) error      { return g.set(g.c.SetDeadline, t) }
func (g guarded) SetReadDeadline(t time.Time) error  { return g.set(g.c.SetReadDeadline, t) }
func (g guarded) SetWriteDeadline(t time.Time) error { return g.set(g.c.SetWriteDeadline, t) }

func (g guarded) set(f func(time.Time) error, t time.Time) error {
	return guardErr("deadline", func() error { return f(t) })
}

func (g guarded) LocalAddr() net.Addr  { return guardAddr(g.c.LocalAddr) }
func (g guarded) RemoteAddr() net.Addr { return guardAddr(g.c.RemoteAddr) }

type halfCloser interface{ CloseWrite() error }

// guardedHalf is one of whose two directions one can be closed.
type guardedHalf struct {
	guarded
	half halfCloser
}

func (g guardedHalf) CloseWrite() error { return guardErr("close", g.half.CloseWrite) }

func guardErr(what string, f func() error) error {
	_, err := guard(what+" of the connection", func() (struct{}, error) { return struct{}{}, f() })
	return err
}

// guardAddr returns an address that has a text.
func guardAddr(f func() net.Addr) net.Addr {
	a, err := guard("address", func() (net.Addr, error) {
		a := f()
		if a == nil {
			return nil, errNothing
		}
		return addr{a.Network(), a.String()}, nil
	})
	if err != nil {
		return addr{}
	}
	return a
}

// addr is the address of a connection as that says it.
type addr struct{ network, text string }

func (a addr) Network() string { return a.network }
func (a addr) String() string  { return a.text }
