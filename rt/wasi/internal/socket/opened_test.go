//go:build linux || darwin

package socket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcp"
)

// listens is a host's own way to listen.
type listens func(ctx context.Context, network, address string) (net.Listener, error)

func (f listens) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	return f(ctx, network, address)
}

// memory is a listener of connections in memory, from whom they say.
type memory struct {
	arrive chan net.Conn
	closed chan struct{}
}

func newMemory() *memory { return &memory{make(chan net.Conn), make(chan struct{})} }

func (m *memory) Listen(context.Context, string, string) (net.Listener, error) { return m, nil }

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.arrive:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error   { close(m.closed); return nil } // which panics the second time
func (m *memory) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080} }

// from is a connection of somebody.
type from struct {
	net.Conn
	addr string
}

func (f from) RemoteAddr() net.Addr {
	if f.addr == "" {
		return f.Conn.RemoteAddr()
	}
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(f.addr))
}

// connect connects from an address, and returns this side's end.
func (m *memory) connect(addr string) net.Conn {
	here, there := net.Pipe()
	m.arrive <- from{there, addr}
	return here
}

// TestOpened serves by a listener of package net.
func TestOpened(t *testing.T) {
	for _, f := range []network.IPAddressFamily{v4, v6} {
		g := newGuestOf(t, policy.Network{Listener: &net.ListenConfig{}}, loopback...)
		ctx := g.Context()
		l, at := g.listen(localhost(f))
		if on, err := l.IsListening(ctx); !on || err != nil {
			t.Errorf("is-listening: %v, %v", on, err)
		}
		client, err := g.connect(g.tcp(f), at)
		g.ok(err)
		server := g.accept(l)
		a, err := server.RemoteAddress(ctx)
		g.ok(err)
		b, err := client.LocalAddress(ctx)
		g.ok(err)
		if a != b {
			t.Errorf("the server is connected to %v, the client is %v", a, b)
		}
		g.ok(l.Close(ctx)) // the connection stays
		g.ok(g.write(client.out, []byte("hello")))
		if p, err := g.read(server.in, 5); string(p) != "hello" || err != nil {
			t.Errorf("got %q, %v", p, err)
		}
		g.ok(client.Shutdown(ctx, tcp.ShutdownTypeSend))
		if _, err := server.in.BlockingRead(ctx, 1); !isClosed(err) {
			t.Errorf("after the end: %v", err)
		}
		client.close(t)
		server.close(t)
	}
}

// TestOpenedStates calls every function of a socket that listens by means of the
// host's own, in the states that it has by that.
func TestOpenedStates(t *testing.T) {
	const (
		none     = network.ErrorCodeNotSupported
		state    = network.ErrorCodeInvalidState
		idle     = network.ErrorCodeNotInProgress
		conflict = network.ErrorCodeConcurrencyConflict
		block    = network.ErrorCodeWouldBlock
	)
	for _, c := range []struct {
		name string
		make func(g *guest, s tcp.TCPSocket)
		want map[string]network.ErrorCode
	}{
		{"unbound", func(*guest, tcp.TCPSocket) {}, map[string]network.ErrorCode{
			"start-bind": okay, "finish-bind": idle, "start-connect": okay, "finish-connect": idle, "start-listen": state, "finish-listen": idle,
			"accept": state, "local-address": state}},
		{"binding", func(g *guest, s tcp.TCPSocket) { g.ok(s.StartBind(g.Context(), g.net, wit("127.0.0.1:80"))) }, map[string]network.ErrorCode{
			"start-bind": conflict, "finish-bind": okay, "start-connect": conflict, "finish-connect": idle, "start-listen": conflict,
			"finish-listen": idle, "accept": state, "local-address": state}},
		{"bound", func(g *guest, s tcp.TCPSocket) { g.bind(s, wit("127.0.0.1:80")) }, map[string]network.ErrorCode{
			"start-bind": state, "finish-bind": idle, "start-connect": none, "finish-connect": idle, "start-listen": okay, "finish-listen": idle,
			"accept": state, "local-address": okay}},
		{"bound to any port", func(g *guest, s tcp.TCPSocket) { g.bind(s, wit("127.0.0.1:0")) }, map[string]network.ErrorCode{
			"start-bind": state, "finish-bind": idle, "start-connect": none, "finish-connect": idle, "start-listen": okay, "finish-listen": idle,
			"accept": state, "local-address": none}},
		{"opening", func(g *guest, s tcp.TCPSocket) {
			g.bind(s, wit("127.0.0.1:1"))
			g.ok(s.StartListen(g.Context()))
		}, map[string]network.ErrorCode{
			"start-bind": conflict, "finish-bind": idle, "start-connect": conflict, "finish-connect": idle, "start-listen": conflict,
			"finish-listen": block, "accept": state, "local-address": okay}},
		{"listening", func(g *guest, s tcp.TCPSocket) {
			g.bind(s, wit("127.0.0.1:80"))
			g.ok(s.StartListen(g.Context()))
			g.ok(g.finishListen(s))
		}, map[string]network.ErrorCode{
			"start-bind": state, "finish-bind": idle, "start-connect": state, "finish-connect": idle, "start-listen": state, "finish-listen": idle,
			"accept": block, "local-address": okay}},
	} {
		for name := range tcpCalls(&guest{T: t}, localhost(v4)) {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				g := newGuestOf(t, policy.Network{Listener: listens(func(ctx context.Context, _, address string) (net.Listener, error) {
					if address == "127.0.0.1:1" {
						<-ctx.Done()
						return nil, ctx.Err()
					}
					return newMemory(), nil
				})}, slices.Concat(loopback, []string{"listen:tcp:127.0.0.1:*"})...)
				s := g.tcp(v4)
				c.make(g, s)
				want, ok := c.want[name]
				if !ok {
					want = map[string]network.ErrorCode{"set-listen-backlog-size": okay, "remote-address": state, "shutdown": state, "options": none}[name]
				}
				if err := tcpCalls(g, wit("127.0.0.1:9"))[name](s); want != okay {
					is(t, name, err, want)
				} else if err != nil {
					t.Errorf("got %v, want success", err)
				}
				if listening, err := s.IsListening(g.Context()); listening != (c.name == "listening") || err != nil {
					t.Errorf("is-listening: %v, %v", listening, err)
				}
				is(t, "backlog of none", s.SetListenBacklogSize(g.Context(), 0), network.ErrorCodeInvalidArgument)
				_, err := g.s.CreateUDPSocket(g.Context(), v4)
				is(t, "udp", err, none)
			})
		}
	}
}

// TestOpenedPolicy asks the policy before the listener is, and for who connects.
func TestOpenedPolicy(t *testing.T) {
	m := newMemory()
	var asked []string
	g := newGuestOf(t, policy.Network{MaxSockets: 2, Listener: listens(func(ctx context.Context, network, address string) (net.Listener, error) {
		asked = append(asked, network+" "+address)
		return m.Listen(ctx, network, address)
	})}, "listen:tcp:127.0.0.1:8080,peers=10.0.0.0/8")
	ctx := g.Context()
	l := g.tcp(v4)
	for _, at := range []string{"127.0.0.1:8081", "0.0.0.0:8080", "10.0.0.1:8080"} {
		is(t, at, l.StartBind(ctx, g.net, wit(at)), network.ErrorCodeAccessDenied)
	}
	for _, at := range []string{"224.0.0.1:8080", "[::1]:8080"} {
		is(t, at, l.StartBind(ctx, g.net, wit(at)), network.ErrorCodeInvalidArgument)
	}
	isTrap(t, "another network", l.StartBind(ctx, nil, wit("127.0.0.1:8080")))
	g.bind(l, wit("127.0.0.1:8080"))
	g.ok(l.StartListen(ctx))
	g.ok(g.finishListen(l))
	go func() {
		for _, who := range []string{"10.0.0.1:1", "11.0.0.1:1", "", "10.0.0.2:1"} {
			go io.Copy(io.Discard, m.connect(who))
		}
	}()
	first := g.accept(l)
	if a, err := first.RemoteAddress(ctx); err != nil || a != wit("10.0.0.1:1") {
		t.Errorf("the first one is %v, %v", a, err)
	}
	g.block(l)
	_, err := l.Accept(ctx)
	is(t, "a third socket", err, network.ErrorCodeNewSocketLimit)
	first.close(t)
	var second conn
	for range 10_000 { // the first one is closed once all is written
		if g.block(l); second.TCPSocket == nil {
			if v, err := l.Accept(ctx); err == nil {
				second = conn{v.F0, v.F1, v.F2}
				break
			}
		}
		time.Sleep(time.Millisecond)
	}
	if second.TCPSocket == nil {
		t.Fatal("there is room, and nobody to take it")
	}
	if a, err := second.RemoteAddress(ctx); err != nil || a != wit("10.0.0.2:1") {
		t.Errorf("the second one is %v, %v", a, err)
	}
	second.close(t)
	if want := []string{"tcp4 127.0.0.1:8080"}; !slices.Equal(asked, want) {
		t.Errorf("the listener is asked for %q, want %q", asked, want)
	}
	if told := g.told(); len(told) != 5 || told[3] != "tcp tcp-socket.accept 11.0.0.1:1" {
		t.Errorf("the audit is told %q", told)
	}
	g.ok(l.Close(ctx))
	select {
	case <-m.closed:
	default:
		t.Error("the listener is not closed")
	}
}

// badListener is a listener of which all panics.
type badListener struct{}

func (badListener) Accept() (net.Conn, error) { panic("accept") }
func (badListener) Close() error              { panic("close") }
func (badListener) Addr() net.Addr            { panic("address") }

// TestOpenedFails has listeners fail in all ways, which is the guest's to know.
func TestOpenedFails(t *testing.T) {
	g := newGuestOf(t, policy.Network{Listener: listens(func(_ context.Context, _, address string) (net.Listener, error) {
		switch address {
		case "127.0.0.1:1":
			return nil, syscall.EADDRINUSE
		case "127.0.0.1:2":
			panic("listener")
		case "127.0.0.1:3":
			runtime.Goexit()
		case "127.0.0.1:4":
			return nil, nil
		case "127.0.0.1:5":
			return nil, errors.New("secret")
		}
		return badListener{}, nil
	})}, "listen:tcp:127.0.0.1:*")
	ctx := g.Context()
	for at, want := range map[string]network.ErrorCode{
		"127.0.0.1:1": network.ErrorCodeAddressInUse, "127.0.0.1:2": network.ErrorCodeUnknown, "127.0.0.1:3": network.ErrorCodeUnknown,
		"127.0.0.1:4": network.ErrorCodeUnknown, "127.0.0.1:5": network.ErrorCodeUnknown,
	} {
		s := g.tcp(v4)
		g.bind(s, wit(at))
		for range 2 { // it may be tried again
			g.ok(s.StartListen(ctx))
			is(t, at, g.finishListen(s), want)
		}
	}
	s := g.tcp(v4)
	g.bind(s, wit("127.0.0.1:6"))
	g.ok(s.StartListen(ctx))
	g.ok(g.finishListen(s))
	_, err := s.LocalAddress(ctx)
	is(t, "local-address", err, network.ErrorCodeNotSupported)
	g.block(s)
	_, err = s.Accept(ctx)
	is(t, "accept", err, network.ErrorCodeUnknown)
}

// TestOpenedEnd ends the instance while it waits for a connection, and while one
// waits for it.
func TestOpenedEnd(t *testing.T) {
	for _, waits := range []bool{false, true} {
		m := newMemory()
		g := newGuestOf(t, policy.Network{Listener: m}, "listen:tcp:127.0.0.1:8080")
		l, _ := g.listen(wit("127.0.0.1:8080"))
		_, err := l.Accept(g.Context()) // which has one accepted
		is(t, "accept", err, network.ErrorCodeWouldBlock)
		var peer net.Conn
		if waits {
			peer = m.connect("127.0.0.1:1")
			g.block(l)
		}
		g.ok(g.life.End(g.Context()))
		g.ok(l.Close(g.Context()))
		if waits {
			peer.SetReadDeadline(time.Now().Add(5 * time.Second))
			if _, err := peer.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Errorf("the connection that waited is not closed: %v", err)
			}
		}
	}
}
