//go:build linux || darwin

package socket_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

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
