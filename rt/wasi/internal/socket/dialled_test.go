//go:build linux || darwin

package socket_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcp"
)

// dialer is a host's own way to connect.
type dialer func(ctx context.Context, address string) (net.Conn, error)

func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d(ctx, address)
}

// TestDialledStates calls every function of a socket that is dialled in every
// state.
func TestDialledStates(t *testing.T) {
	const (
		none     = network.ErrorCodeNotSupported
		state    = network.ErrorCodeInvalidState
		idle     = network.ErrorCodeNotInProgress
		conflict = network.ErrorCodeConcurrencyConflict
		block    = network.ErrorCodeWouldBlock
	)
	peer, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	to := wit(peer.Addr().String())
	for _, c := range []struct {
		name string
		make func(g *guest) tcp.TCPSocket
		want map[string]network.ErrorCode
	}{
		{"unbound", func(g *guest) tcp.TCPSocket { return g.tcp(v4) }, map[string]network.ErrorCode{
			"start-connect": okay, "finish-connect": idle, "local-address": state, "remote-address": state, "shutdown": state}},
		{"connecting", func(g *guest) tcp.TCPSocket {
			s := g.tcp(v4)
			g.ok(s.StartConnect(g.Context(), g.net, wit("127.0.0.1:1")))
			return s
		}, map[string]network.ErrorCode{
			"start-connect": conflict, "finish-connect": block, "local-address": state, "remote-address": state, "shutdown": state}},
		{"connected", func(g *guest) tcp.TCPSocket {
			v, err := g.connect(g.tcp(v4), to)
			g.ok(err)
			return v.TCPSocket
		}, map[string]network.ErrorCode{
			"start-connect": state, "finish-connect": idle, "local-address": okay, "remote-address": okay, "shutdown": okay}},
		{"closed", func(g *guest) tcp.TCPSocket {
			s := g.tcp(v4)
			_, err := g.connect(s, closedPort(g.T))
			is(g.T, "connect", err, network.ErrorCodeConnectionRefused)
			return s
		}, map[string]network.ErrorCode{
			"start-connect": state, "finish-connect": idle, "local-address": state, "remote-address": state, "shutdown": state}},
	} {
		for name := range tcpCalls(&guest{T: t}, to) {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				g := newGuestOf(t, policy.Network{Dialer: dialer(func(ctx context.Context, address string) (net.Conn, error) {
					if address == "127.0.0.1:1" {
						<-ctx.Done()
					}
					return new(net.Dialer).DialContext(ctx, "tcp", address)
				})}, loopback...)
				s := c.make(g)
				want, ok := c.want[name]
				if !ok {
					want = map[string]network.ErrorCode{"start-bind": none, "finish-bind": idle, "start-listen": none, "finish-listen": idle,
						"accept": state, "set-listen-backlog-size": none, "options": none}[name]
				}
				if f, err := s.AddressFamily(g.Context()); f != v4 || err != nil {
					t.Errorf("address-family: %v, %v", f, err)
				}
				if listening, err := s.IsListening(g.Context()); listening || err != nil {
					t.Errorf("is-listening: %v, %v", listening, err)
				}
				if err := tcpCalls(g, to)[name](s); want != okay {
					is(t, name, err, want)
				} else if err != nil {
					t.Errorf("got %v, want success", err)
				}
				_, err := g.s.CreateUDPSocket(g.Context(), v4)
				is(t, "udp", err, none)
			})
		}
	}
}

// What a guest asks of a dialer is what the policy grants.
func TestDialledPolicy(t *testing.T) {
	var asked []string
	g := newGuestOf(t, policy.Network{Dialer: dialer(func(_ context.Context, address string) (net.Conn, error) {
		asked = append(asked, address)
		switch address {
		case "10.0.0.1:1":
			panic("dialer")
		case "10.0.0.1:2":
			runtime.Goexit()
		case "10.0.0.1:3":
			return nil, nil
		}
		return nil, errors.New("secret")
	})}, "tcp:10.0.0.0/8:*")
	ctx := g.Context()
	for _, to := range []string{"127.0.0.1:80", "93.184.216.34:80"} {
		is(t, to, g.tcp(v4).StartConnect(ctx, g.net, wit(to)), network.ErrorCodeAccessDenied)
	}
	for _, to := range []string{"0.0.0.0:80", "10.0.0.1:0", "224.0.0.1:80", "[::1]:80"} {
		is(t, to, g.tcp(v4).StartConnect(ctx, g.net, wit(to)), network.ErrorCodeInvalidArgument)
	}
	isTrap(t, "another network", g.tcp(v4).StartConnect(ctx, nil, wit("10.0.0.1:1")))
	want := []string{"10.0.0.1:1", "10.0.0.1:2", "10.0.0.1:3", "10.0.0.1:4"}
	for _, to := range want {
		_, err := g.connect(g.tcp(v4), wit(to))
		is(t, to, err, network.ErrorCodeUnknown)
	}
	if !slices.Equal(asked, want) {
		t.Errorf("dialled %q, want %q", asked, want)
	}
	if len(g.told()) != 2 {
		t.Errorf("the audit is told %q", g.told())
	}
}

// Both ends are in memory: deadlines, but no half that can be closed.
func TestDialledPipe(t *testing.T) {
	here, there := net.Pipe()
	g := newGuestOf(t, policy.Network{MaxSockets: 1, Dialer: dialer(func(context.Context, string) (net.Conn, error) { return here, nil })}, "tcp:10.0.0.1:80")
	ctx := g.Context()
	c, err := g.connect(g.tcp(v4), wit("10.0.0.1:80"))
	g.ok(err)
	_, err = g.s.CreateTCPSocket(ctx, v4)
	is(t, "a second one", err, network.ErrorCodeNewSocketLimit)
	if _, err := c.LocalAddress(ctx); err == nil {
		t.Error("a pipe has an address")
	}
	sent := bytes.Repeat([]byte("0123456789"), 1000)
	go func() {
		p := make([]byte, len(sent))
		io.ReadFull(there, p)
		there.Write(p)
	}()
	g.ok(g.write(c.out, sent))
	got, err := g.read(c.in, len(sent))
	g.ok(err)
	if !bytes.Equal(got, sent) {
		t.Error("what comes back is other")
	}

	// A wait ends with its context.
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if _, err := c.in.BlockingRead(short, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("read: %v", err)
	}
	for range 2 {
		g.ok(c.Shutdown(ctx, tcp.ShutdownTypeBoth))
	}
	if _, err := c.in.Read(ctx, 1); !isClosed(err) {
		t.Errorf("read: %v", err)
	}
	if _, err := c.out.CheckWrite(ctx); !isClosed(err) {
		t.Errorf("check-write: %v", err)
	}
	g.block(c.in)
	g.block(c.out)
	c.close(t)
	if _, err := there.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the other side reads %v", err)
	}
	settle(t, "sockets", 0, func() int {
		s, err := g.s.CreateTCPSocket(ctx, v4)
		if err != nil {
			return 1
		}
		g.ok(s.Close(ctx))
		return 0
	})
}

// What was written arrives, and how a connection ends is told.
func TestDialledStreams(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	g := newGuestOf(t, policy.Network{Dialer: &net.Dialer{}}, loopback...)
	ctx := g.Context()
	client, err := g.connect(g.tcp(v4), wit(l.Addr().String()))
	g.ok(err)
	peer, err := l.Accept()
	g.ok(err)
	defer peer.Close()
	sent := 0
	for range 100 {
		n, err := client.out.CheckWrite(ctx)
		g.ok(err)
		g.ok(client.out.Write(ctx, make([]byte, n)))
		sent += int(n)
	}
	client.close(t)
	if got, err := io.ReadAll(peer); len(got) != sent || err != nil {
		t.Errorf("%d bytes arrive of %d, %v", len(got), sent, err)
	}

	client, err = g.connect(g.tcp(v4), wit(l.Addr().String()))
	g.ok(err)
	reset, err := l.Accept()
	g.ok(err)
	g.ok(reset.(*net.TCPConn).SetLinger(0))
	g.ok(reset.Close())
	g.block(client.in)
	_, err = client.in.Read(ctx, 10)
	if code := errorCode(g, err); code != cm.Some(network.ErrorCodeConnectionReset) {
		t.Errorf("read: %v with the code %v", err, code)
	}
	if _, err := client.in.Read(ctx, 10); !isClosed(err) {
		t.Errorf("read again: %v", err)
	}
}

// The life ends what is under way: a dialer, a read, a write that nobody reads. All
// writes together have the second that one is given: if each had its own, it would
// take 20.
func TestDialledEnd(t *testing.T) {
	var mu sync.Mutex
	var others []net.Conn
	g := newGuestOf(t, policy.Network{Dialer: dialer(func(ctx context.Context, address string) (net.Conn, error) {
		if address == "10.0.0.1:1" {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		here, there := net.Pipe()
		mu.Lock()
		defer mu.Unlock()
		others = append(others, there)
		return here, nil
	})}, "tcp:10.0.0.1:*")
	ctx := g.Context()
	for range 3 {
		g.ok(g.tcp(v4).StartConnect(ctx, g.net, wit("10.0.0.1:1")))
		reads, err := g.connect(g.tcp(v4), wit("10.0.0.1:2"))
		g.ok(err)
		if p, err := reads.in.Read(ctx, 1); len(p) > 0 || err != nil {
			t.Errorf("read: %v, %v", p, err)
		}
	}
	for range 20 {
		writes, err := g.connect(g.tcp(v4), wit("10.0.0.1:2"))
		g.ok(err)
		g.ok(writes.out.Write(ctx, []byte("x")))
	}
	start := time.Now()
	g.ok(g.life.End(ctx))
	if d := time.Since(start); d > 15*time.Second {
		t.Errorf("it takes %v", d)
	}
	if n := len(others); n != 23 {
		t.Errorf("%d connections", n)
	}
}

// panicking is a connection of which all panics.
type panicking struct{}

func (panicking) Read([]byte) (int, error)         { panic("read") }
func (panicking) Write([]byte) (int, error)        { panic("write") }
func (panicking) Close() error                     { panic("close") }
func (panicking) CloseWrite() error                { panic("close") }
func (panicking) LocalAddr() net.Addr              { panic("address") }
func (panicking) RemoteAddr() net.Addr             { panic("address") }
func (panicking) SetDeadline(time.Time) error      { panic("deadline") }
func (panicking) SetReadDeadline(time.Time) error  { panic("deadline") }
func (panicking) SetWriteDeadline(time.Time) error { panic("deadline") }

// A connection that panics fails, wherever that is.
func TestDialledPanics(t *testing.T) {
	g := newGuestOf(t, policy.Network{Dialer: dialer(func(context.Context, string) (net.Conn, error) { return panicking{}, nil })}, "tcp:10.0.0.1:80")
	ctx := g.Context()
	c, err := g.connect(g.tcp(v4), wit("10.0.0.1:80"))
	g.ok(err)
	_, err = c.LocalAddress(ctx)
	is(t, "local-address", err, network.ErrorCodeNotSupported)
	if _, err := c.in.BlockingRead(ctx, 1); err == nil {
		t.Error("read does not fail")
	}
	_ = c.out.BlockingWriteAndFlush(ctx, []byte("x")) // this may be taken
	if err := c.out.BlockingFlush(ctx); err == nil {
		t.Error("flush does not fail")
	}
	g.ok(c.Shutdown(ctx, tcp.ShutdownTypeBoth))
}
