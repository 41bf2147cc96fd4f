//go:build linux || darwin

package socket_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/clocks/monotonicclock"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcp"
)

// okay stands for success in tables of error codes.
const okay = network.ErrorCode(255)

// tcpCalls are all functions of tcp-socket that may fail.
func tcpCalls(g *guest, to network.IPSocketAddress) map[string]func(tcp.TCPSocket) error {
	ctx := g.Context()
	return map[string]func(tcp.TCPSocket) error{
		"start-bind":              func(s tcp.TCPSocket) error { return s.StartBind(ctx, g.net, localhost(v4)) },
		"finish-bind":             func(s tcp.TCPSocket) error { return s.FinishBind(ctx) },
		"start-connect":           func(s tcp.TCPSocket) error { return s.StartConnect(ctx, g.net, to) },
		"finish-connect":          func(s tcp.TCPSocket) error { _, err := s.FinishConnect(ctx); return err },
		"start-listen":            func(s tcp.TCPSocket) error { return s.StartListen(ctx) },
		"finish-listen":           func(s tcp.TCPSocket) error { return s.FinishListen(ctx) },
		"accept":                  func(s tcp.TCPSocket) error { _, err := s.Accept(ctx); return err },
		"local-address":           func(s tcp.TCPSocket) error { _, err := s.LocalAddress(ctx); return err },
		"remote-address":          func(s tcp.TCPSocket) error { _, err := s.RemoteAddress(ctx); return err },
		"set-listen-backlog-size": func(s tcp.TCPSocket) error { return s.SetListenBacklogSize(ctx, 32) },
		"shutdown":                func(s tcp.TCPSocket) error { return s.Shutdown(ctx, tcp.ShutdownTypeBoth) },
		"options": func(s tcp.TCPSocket) error {
			var errs []error
			for _, f := range tcpOptions(ctx) {
				errs = append(errs, f(s))
			}
			for _, err := range errs[1:] {
				if fmt.Sprint(err) != fmt.Sprint(errs[0]) {
					return errors.Join(errs...) // they are all alike
				}
			}
			return errs[0]
		},
	}
}

func tcpOptions(ctx context.Context) []func(s tcp.TCPSocket) error {
	return []func(s tcp.TCPSocket) error{
		func(s tcp.TCPSocket) error { _, err := s.KeepAliveEnabled(ctx); return err },
		func(s tcp.TCPSocket) error { return s.SetKeepAliveEnabled(ctx, false) },
		func(s tcp.TCPSocket) error { _, err := s.KeepAliveIdleTime(ctx); return err },
		func(s tcp.TCPSocket) error { return s.SetKeepAliveIdleTime(ctx, 1) },
		func(s tcp.TCPSocket) error { _, err := s.KeepAliveInterval(ctx); return err },
		func(s tcp.TCPSocket) error { return s.SetKeepAliveInterval(ctx, 1) },
		func(s tcp.TCPSocket) error { _, err := s.KeepAliveCount(ctx); return err },
		func(s tcp.TCPSocket) error { return s.SetKeepAliveCount(ctx, 1) },
		func(s tcp.TCPSocket) error { _, err := s.HopLimit(ctx); return err },
		func(s tcp.TCPSocket) error { return s.SetHopLimit(ctx, 255) },
		func(s tcp.TCPSocket) error { _, err := s.ReceiveBufferSize(ctx); return err },
		func(s tcp.TCPSocket) error { return s.SetReceiveBufferSize(ctx, 16000) },
		func(s tcp.TCPSocket) error { _, err := s.SendBufferSize(ctx); return err },
		func(s tcp.TCPSocket) error { return s.SetSendBufferSize(ctx, 16000) },
	}
}

// TestTCPStates calls every function in every state.
func TestTCPStates(t *testing.T) {
	const (
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
		name      string
		make      func(g *guest) tcp.TCPSocket
		listening bool
		want      map[string]network.ErrorCode
	}{
		{"unbound", func(g *guest) tcp.TCPSocket { return g.tcp(v4) }, false, map[string]network.ErrorCode{
			"start-bind": okay, "finish-bind": idle, "start-connect": okay, "finish-connect": idle, "start-listen": state,
			"finish-listen": idle, "accept": state, "local-address": state, "remote-address": state,
			"set-listen-backlog-size": okay, "shutdown": state, "options": okay}},
		{"bind-in-progress", func(g *guest) tcp.TCPSocket {
			s := g.tcp(v4)
			g.ok(s.StartBind(g.Context(), g.net, localhost(v4)))
			return s
		}, false, map[string]network.ErrorCode{
			"start-bind": conflict, "finish-bind": okay, "start-connect": conflict, "finish-connect": idle, "start-listen": conflict,
			"finish-listen": idle, "accept": state, "local-address": state, "remote-address": state,
			"set-listen-backlog-size": okay, "shutdown": state, "options": okay}},
		{"bound", func(g *guest) tcp.TCPSocket {
			s := g.tcp(v4)
			g.bind(s, localhost(v4))
			return s
		}, false, map[string]network.ErrorCode{
			"start-bind": state, "finish-bind": idle, "start-connect": okay, "finish-connect": idle, "start-listen": okay,
			"finish-listen": idle, "accept": state, "local-address": okay, "remote-address": state,
			"set-listen-backlog-size": okay, "shutdown": state, "options": okay}},
		{"listen-in-progress", func(g *guest) tcp.TCPSocket {
			s := g.tcp(v4)
			g.bind(s, localhost(v4))
			g.ok(s.StartListen(g.Context()))
			return s
		}, false, map[string]network.ErrorCode{
			"start-bind": conflict, "finish-bind": idle, "start-connect": conflict, "finish-connect": idle, "start-listen": conflict,
			"finish-listen": okay, "accept": state, "local-address": okay, "remote-address": state,
			"set-listen-backlog-size": okay, "shutdown": state, "options": okay}},
		{"listening", func(g *guest) tcp.TCPSocket {
			s, _ := g.listen(localhost(v4))
			return s
		}, true, map[string]network.ErrorCode{
			"start-bind": state, "finish-bind": idle, "start-connect": state, "finish-connect": idle, "start-listen": state,
			"finish-listen": idle, "accept": block, "local-address": okay, "remote-address": state,
			"set-listen-backlog-size": okay, "shutdown": state, "options": okay}},
		{"connect-in-progress", func(g *guest) tcp.TCPSocket {
			s := g.tcp(v4)
			g.ok(s.StartConnect(g.Context(), g.net, to))
			g.block(s)
			return s
		}, false, map[string]network.ErrorCode{
			"start-bind": conflict, "finish-bind": idle, "start-connect": conflict, "finish-connect": okay, "start-listen": conflict,
			"finish-listen": idle, "accept": state, "local-address": okay, "remote-address": state,
			"set-listen-backlog-size": state, "shutdown": state, "options": okay}},
		{"connected", func(g *guest) tcp.TCPSocket {
			c, err := g.connect(g.tcp(v4), to)
			g.ok(err)
			return c.TCPSocket
		}, false, map[string]network.ErrorCode{
			"start-bind": state, "finish-bind": idle, "start-connect": state, "finish-connect": idle, "start-listen": state,
			"finish-listen": idle, "accept": state, "local-address": okay, "remote-address": okay,
			"set-listen-backlog-size": state, "shutdown": okay, "options": okay}},
		{"closed", func(g *guest) tcp.TCPSocket {
			s := g.tcp(v4)
			_, err := g.connect(s, closedPort(g.T))
			is(g.T, "connect", err, network.ErrorCodeConnectionRefused)
			return s
		}, false, map[string]network.ErrorCode{
			"start-bind": state, "finish-bind": idle, "start-connect": state, "finish-connect": idle, "start-listen": state,
			"finish-listen": idle, "accept": state, "local-address": state, "remote-address": state,
			"set-listen-backlog-size": state, "shutdown": state, "options": state}},
	} {
		for name := range tcpCalls(&guest{T: t}, to) {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				g := newGuest(t, loopback...)
				s := c.make(g)
				if is, err := s.IsListening(g.Context()); is != c.listening || err != nil {
					t.Errorf("is-listening: %v, %v", is, err)
				}
				if f, err := s.AddressFamily(g.Context()); f != v4 || err != nil {
					t.Errorf("address-family: %v, %v", f, err)
				}
				err := tcpCalls(g, to)[name](s)
				want, ok := c.want[name]
				switch {
				case !ok:
					t.Fatal("the table has no entry")
				case want == okay:
					if err != nil {
						t.Errorf("got %v, want success", err)
					}
				default:
					is(t, name, err, want)
				}
			})
		}
	}
}

// closedPort returns an address where nobody listens.
func closedPort(t *testing.T) network.IPSocketAddress {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return wit(l.Addr().String())
}

// Arguments that no policy makes right.
func TestTCPArguments(t *testing.T) {
	g := newGuest(t, "tcp:*:*", "tcp:127.0.0.0/8:*", "tcp:224.0.0.0/4:*", "tcp:255.255.255.255:*", "listen:tcp:*:*", "listen:tcp:224.0.0.0/4:*")
	ctx := g.Context()
	for _, c := range []struct {
		family  network.IPAddressFamily
		address string
		bind    bool // it is good to bind to
	}{
		{v4, "[::1]:80", false},
		{v4, "0.0.0.0:80", true},
		{v4, "127.0.0.1:0", true},
		{v4, "224.0.0.1:80", false},
		{v4, "255.255.255.255:80", false},
		{v6, "127.0.0.1:80", false},
		{v6, "[::ffff:127.0.0.1]:80", false},
		{v6, "[::127.0.0.1]:80", false},
		{v6, "[::]:80", true},
		{v6, "[ff02::1]:80", false},
	} {
		s, err := g.s.CreateTCPSocket(ctx, c.family)
		if err != nil {
			continue // without IPv6
		}
		is(t, "connect to "+c.address, s.StartConnect(ctx, g.net, wit(c.address)), network.ErrorCodeInvalidArgument)
		if !c.bind {
			is(t, "bind to "+c.address, s.StartBind(ctx, g.net, wit(c.address)), network.ErrorCodeInvalidArgument)
		}
		isTrap(t, "another network", s.StartConnect(ctx, network.UnimplementedHandle{}, wit("127.0.0.1:1")))
		isTrap(t, "another network", s.StartBind(ctx, nil, wit("127.0.0.1:1")))
		is(t, "no address", s.StartBind(ctx, g.net, nil), network.ErrorCodeInvalidArgument)
	}
	if len(g.told()) > 0 {
		t.Errorf("the audit is told of what is nobody's to grant: %v", g.told())
	}
}

func TestTCPBind(t *testing.T) {
	for _, f := range families(t) {
		g := newGuest(t, append(loopback, "listen:tcp:192.0.2.0/24:*", "listen:tcp:[2001:db8::/32]:*")...)
		ctx := g.Context()
		l, at := g.listen(localhost(f))
		if text(at) == text(localhost(f)) {
			t.Errorf("the port is not chosen: %s", text(at))
		}
		other := g.tcp(f)
		is(t, "address in use", other.StartBind(ctx, g.net, at), network.ErrorCodeAddressInUse)
		nowhere := wit("192.0.2.1:80")
		if f == v6 {
			nowhere = wit("[2001:db8::1]:80")
		}
		is(t, "address of nobody", other.StartBind(ctx, g.net, nowhere), network.ErrorCodeAddressNotBindable)
		g.bind(other, localhost(f)) // it may be tried again

		// A connection that this side has closed does not keep the port.
		client, err := g.connect(g.tcp(f), at)
		g.ok(err)
		g.accept(l).close(t)
		g.ok(l.Close(ctx))
		_, err = g.read(client.in, 1)
		if !isClosed(err) {
			t.Errorf("read: %v", err)
		}
		client.close(t)
		again := g.tcp(f)
		g.bind(again, at)
		g.ok(again.StartListen(ctx))
	}
}

func TestTCPEcho(t *testing.T) {
	for _, f := range families(t) {
		g := newGuest(t, loopback...)
		ctx := g.Context()
		client, server := g.pair(f)
		for _, size := range []int{1, 4096, 100_000} {
			sent := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
			g.ok(g.write(client.out, sent))
			got, err := g.read(server.in, size)
			g.ok(err)
			g.ok(g.write(server.out, got))
			back, err := g.read(client.in, size)
			g.ok(err)
			if !bytes.Equal(back, sent) {
				t.Errorf("%d bytes come back as others", size)
			}
		}
		a, err := client.LocalAddress(ctx)
		g.ok(err)
		b, err := server.RemoteAddress(ctx)
		g.ok(err)
		if text(a) != text(b) {
			t.Errorf("client at %s, the server sees %s", text(a), text(b))
		}
		client.close(t)
		if _, err := g.read(server.in, 1); !isClosed(err) {
			t.Errorf("after the other side has closed: %v", err)
		}
		if _, err := server.in.Read(ctx, 0); !isClosed(err) {
			t.Errorf("read of nothing after the end: %v", err)
		}
		if a, err := server.RemoteAddress(ctx); err != nil || text(a) != text(b) {
			t.Errorf("who has gone was at %v, %v", a, err)
		}
		server.close(t)
	}
}

// Parents are dropped last.
func TestDropOrder(t *testing.T) {
	g := newGuest(t, append(loopback, "dns:*")...)
	ctx := g.Context()
	client, server := g.pair(v4)
	isTrap(t, "a socket with streams", client.Close(ctx))
	subscribe(g, server.in)
	isTrap(t, "an input stream with a pollable", server.in.Close(ctx))
	subscribe(g, server.out)
	isTrap(t, "an output stream with a pollable", server.out.Close(ctx))
	l, _ := g.listen(localhost(v4))
	subscribe(g, l)
	isTrap(t, "a socket with a pollable", l.Close(ctx))
	one, _ := g.flow(localhost(v4))
	isTrap(t, "a UDP socket with streams", one.Close(ctx))
	other, _ := g.flow(localhost(v4))
	subscribe(g, other.in)
	isTrap(t, "incoming datagrams with a pollable", other.in.Close(ctx))
	subscribe(g, other.out)
	isTrap(t, "outgoing datagrams with a pollable", other.out.Close(ctx))
	name, err := g.s.ResolveAddresses(ctx, g.net, "127.0.0.1")
	g.ok(err)
	subscribe(g, name)
	isTrap(t, "a lookup with a pollable", name.Close(ctx))
}

func TestTCPShutdown(t *testing.T) {
	g := newGuest(t, loopback...)
	ctx := g.Context()
	t.Run("receive", func(t *testing.T) {
		client, server := g.pair(v4)
		g.ok(g.write(server.out, []byte("unread")))
		g.block(client.in)
		for range 2 {
			g.ok(client.Shutdown(ctx, tcp.ShutdownTypeReceive))
		}
		for _, n := range []uint64{0, 10} {
			if _, err := client.in.Read(ctx, n); !isClosed(err) {
				t.Errorf("read %d: %v", n, err)
			}
		}
		g.block(client.in)
		g.ok(g.write(client.out, []byte("x"))) // the other direction goes on
		_, err := g.read(server.in, 1)
		g.ok(err)
		client.close(t)
		server.close(t)
	})
	t.Run("send", func(t *testing.T) {
		client, server := g.pair(v4)
		g.ok(client.Shutdown(ctx, tcp.ShutdownTypeSend))
		for what, f := range map[string]func() error{
			"write":       func() error { return client.out.Write(ctx, []byte("x")) },
			"check-write": func() error { _, err := client.out.CheckWrite(ctx); return err },
			"flush":       func() error { return client.out.Flush(ctx) },
		} {
			if err := f(); !isClosed(err) {
				t.Errorf("%s: %v", what, err)
			}
		}
		g.block(client.out)
		if _, err := g.read(server.in, 1); !isClosed(err) {
			t.Errorf("the other side: %v", err)
		}
		g.ok(g.write(server.out, []byte("x")))
		_, err := g.read(client.in, 1)
		g.ok(err)
		client.close(t)
		server.close(t)
	})
}

// What a guest was told is taken arrives, whatever it drops then; and what waits
// for a peer that does not read is bounded.
func TestTCPNothingLost(t *testing.T) {
	for _, end := range []string{"shutdown", "drop", "end"} {
		t.Run(end, func(t *testing.T) {
			g := newGuest(t, loopback...)
			ctx := g.Context()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			g.ok(err)
			defer l.Close()
			s := g.tcp(v4)
			g.ok(s.SetSendBufferSize(ctx, 4096))
			client, err := g.connect(s, wit(l.Addr().String()))
			g.ok(err)
			peer, err := l.Accept()
			g.ok(err)
			defer peer.Close()
			sent := 0
			for {
				n, err := client.out.CheckWrite(ctx)
				g.ok(err)
				if n > 64<<10 {
					t.Fatalf("%d bytes are permitted", n)
				}
				if n == 0 {
					break
				}
				g.ok(client.out.Write(ctx, bytes.Repeat([]byte("x"), int(n))))
				if sent += int(n); sent > 64<<20 {
					t.Fatal("what waits is not bounded")
				}
			}
			received := make(chan int, 1)
			read := func() {
				n, buf := 0, make([]byte, 64<<10)
				for {
					m, err := peer.Read(buf)
					if n += m; err != nil {
						received <- n
						return
					}
				}
			}
			switch end {
			case "shutdown":
				g.ok(client.Shutdown(ctx, tcp.ShutdownTypeBoth))
				go read()
			case "drop":
				client.close(t)
				go read()
			case "end":
				go read()
				g.ok(g.life.End(ctx))
			}
			if n := <-received; n != sent {
				t.Errorf("%d bytes arrive of %d", n, sent)
			}
		})
	}
}

// A peer that never reads does not keep an instance that ends.
func TestTCPEndWithSlowPeer(t *testing.T) {
	g := newGuest(t, loopback...)
	client, server := g.pair(v4)
	for {
		n, err := client.out.CheckWrite(g.Context())
		g.ok(err)
		if n == 0 {
			break
		}
		g.ok(client.out.Write(g.Context(), make([]byte, n)))
	}
	_ = server
	start := time.Now()
	g.ok(g.life.End(g.Context()))
	if d := time.Since(start); d > 3*time.Second {
		t.Errorf("it takes %v", d)
	}
	for _, r := range []interface{ Close(context.Context) error }{client.TCPSocket, client.in, client.out} {
		if err := r.Close(g.Context()); err != nil {
			t.Errorf("at the end, in any order: %v", err)
		}
	}
}

// Waits end with the context, and leave the socket as it was.
func TestTCPWaitsEnd(t *testing.T) {
	g := newGuest(t, loopback...)
	client, server := g.pair(v4)
	l, _ := g.listen(localhost(v4))
	cause := errors.New("enough")
	for name, wait := range map[string]func(ctx context.Context) error{
		"blocking-read": func(ctx context.Context) error { _, err := client.in.BlockingRead(ctx, 1); return err },
		"accept": func(ctx context.Context) error {
			p, err := l.Subscribe(ctx)
			g.ok(err)
			defer p.Close(ctx)
			return p.Block(ctx)
		},
	} {
		for range 3 {
			ctx, cancel := context.WithCancelCause(g.Context())
			start := time.Now()
			time.AfterFunc(20*time.Millisecond, func() { cancel(cause) })
			if err := wait(ctx); !errors.Is(err, cause) {
				t.Errorf("%s: %v", name, err)
			}
			if d := time.Since(start); d > 2*time.Second {
				t.Errorf("%s: it takes %v", name, d)
			}
		}
	}
	g.ok(g.write(server.out, []byte("x")))
	got, err := g.read(client.in, 1)
	if err != nil || string(got) != "x" {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}

// A pollable that is taken while there is something to read is not ready once
// that is read.
func TestTCPPollableIsNoSnapshot(t *testing.T) {
	g := newGuest(t, loopback...)
	ctx := g.Context()
	client, server := g.pair(v4)
	g.ok(g.write(server.out, []byte("x")))
	p, err := client.in.Subscribe(ctx)
	g.ok(err)
	g.ok(p.Block(ctx))
	_, err = client.in.Read(ctx, 10)
	g.ok(err)
	if ready, err := p.Ready(ctx); ready || err != nil {
		t.Errorf("ready: %v, %v", ready, err)
	}
	g.ok(p.Close(ctx))
}

// Options take effect, within what systems take.
func TestTCPOptions(t *testing.T) {
	for _, f := range families(t) {
		g := newGuest(t, loopback...)
		ctx := g.Context()
		s := g.tcp(f)
		for what, err := range map[string]error{
			"set-listen-backlog-size":  s.SetListenBacklogSize(ctx, 0),
			"set-keep-alive-idle-time": s.SetKeepAliveIdleTime(ctx, 0),
			"set-keep-alive-interval":  s.SetKeepAliveInterval(ctx, 0),
			"set-keep-alive-count":     s.SetKeepAliveCount(ctx, 0),
			"set-hop-limit":            s.SetHopLimit(ctx, 0),
			"set-receive-buffer-size":  s.SetReceiveBufferSize(ctx, 0),
			"set-send-buffer-size":     s.SetSendBufferSize(ctx, 0),
		} {
			is(t, what+" of 0", err, network.ErrorCodeInvalidArgument)
		}
		const second = monotonicclock.Duration(time.Second)
		for in, want := range map[monotonicclock.Duration]monotonicclock.Duration{
			1: second, second: second, second + 1: 2 * second, 7 * second: 7 * second, math.MaxUint64: 32767 * second} {
			g.ok(s.SetKeepAliveIdleTime(ctx, in))
			got, err := s.KeepAliveIdleTime(ctx)
			g.ok(err)
			g.ok(s.SetKeepAliveInterval(ctx, in))
			got2, err := s.KeepAliveInterval(ctx)
			g.ok(err)
			if got != want || got2 != want {
				t.Errorf("times of %d are read as %d, %d; want %d", in, got, got2, want)
			}
		}
		for in, want := range map[uint32]uint32{1: 1, 127: 127, math.MaxUint32: 127} {
			g.ok(s.SetKeepAliveCount(ctx, in))
			if got, err := s.KeepAliveCount(ctx); got != want || err != nil {
				t.Errorf("keep-alive-count of %d: %d, %v", in, got, err)
			}
		}
		for _, in := range []bool{true, false} {
			g.ok(s.SetKeepAliveEnabled(ctx, in))
			if got, err := s.KeepAliveEnabled(ctx); got != in || err != nil {
				t.Errorf("keep-alive-enabled of %v: %v, %v", in, got, err)
			}
		}
		for _, in := range []uint8{1, 42, 255} {
			g.ok(s.SetHopLimit(ctx, in))
			if got, err := s.HopLimit(ctx); got != in || err != nil {
				t.Errorf("hop-limit of %d: %d, %v", in, got, err)
			}
		}
		g.ok(s.SetReceiveBufferSize(ctx, 16<<10))
		if got, err := s.ReceiveBufferSize(ctx); got != 16<<10 || err != nil {
			t.Errorf("receive-buffer-size: %d, %v", got, err)
		}
		g.ok(s.SetSendBufferSize(ctx, 16<<10))
		if got, err := s.SendBufferSize(ctx); got != 16<<10 || err != nil {
			t.Errorf("send-buffer-size: %d, %v", got, err)
		}
		for _, in := range []uint64{1, math.MaxInt32, math.MaxUint32, math.MaxUint64} {
			g.ok(s.SetReceiveBufferSize(ctx, in))
			g.ok(s.SetSendBufferSize(ctx, in))
			g.ok(s.SetListenBacklogSize(ctx, in))
		}
	}
}

// What is accepted has the options of its listener.
func TestTCPOptionsInherited(t *testing.T) {
	for _, f := range families(t) {
		g := newGuest(t, loopback...)
		ctx := g.Context()
		l := g.tcp(f)
		const seconds = monotonicclock.Duration(time.Second)
		g.ok(l.SetKeepAliveEnabled(ctx, true))
		g.ok(l.SetKeepAliveIdleTime(ctx, 42*seconds))
		g.ok(l.SetKeepAliveInterval(ctx, 43*seconds))
		g.ok(l.SetKeepAliveCount(ctx, 44))
		g.ok(l.SetHopLimit(ctx, 45))
		g.ok(l.SetReceiveBufferSize(ctx, 32<<10))
		g.ok(l.SetSendBufferSize(ctx, 33<<10))
		g.bind(l, localhost(f))
		g.ok(l.StartListen(ctx))
		g.ok(l.FinishListen(ctx))
		at, err := l.LocalAddress(ctx)
		g.ok(err)
		_, err = g.connect(g.tcp(f), at)
		g.ok(err)
		s := g.accept(l)
		alive, _ := s.KeepAliveEnabled(ctx)
		idle, _ := s.KeepAliveIdleTime(ctx)
		interval, _ := s.KeepAliveInterval(ctx)
		count, _ := s.KeepAliveCount(ctx)
		hops, _ := s.HopLimit(ctx)
		in, _ := s.ReceiveBufferSize(ctx)
		out, _ := s.SendBufferSize(ctx)
		if !alive || idle != 42*seconds || interval != 43*seconds || count != 44 || hops != 45 || in != 32<<10 || out != 33<<10 {
			t.Errorf("got %v, %d, %d, %d, %d, %d, %d", alive, idle, interval, count, hops, in, out)
		}
	}
}

// A connection that is reset is an error, told once, which has its code.
func TestTCPReset(t *testing.T) {
	g := newGuest(t, loopback...)
	ctx := g.Context()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	g.ok(err)
	defer l.Close()
	client, err := g.connect(g.tcp(v4), wit(l.Addr().String()))
	g.ok(err)
	peer, err := l.Accept()
	g.ok(err)
	g.ok(peer.(*net.TCPConn).SetLinger(0))
	g.ok(peer.Close())
	g.block(client.in)
	_, err = client.in.Read(ctx, 10)
	got := errorCode(g, err)
	if got != cm.Some(network.ErrorCodeConnectionReset) {
		t.Errorf("read: %v with the code %v", err, got)
	}
	if _, err := client.in.Read(ctx, 10); !isClosed(err) {
		t.Errorf("read again: %v", err)
	}
	if err := g.write(client.out, []byte("x")); !isClosed(err) {
		t.Errorf("write: %v", err)
	}
}
