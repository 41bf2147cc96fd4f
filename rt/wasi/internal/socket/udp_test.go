//go:build linux || darwin

package socket_test

import (
	"bytes"
	"errors"
	"math"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/udp"
)

func some(a network.IPSocketAddress) cm.Option[network.IPSocketAddress] { return cm.Some(a) }

func anyone() cm.Option[network.IPSocketAddress] { return cm.None[network.IPSocketAddress]() }

// flow is a UDP socket of a guest and its streams.
type flow struct {
	udp.UDPSocket
	in  udp.IncomingDatagramStream
	out udp.OutgoingDatagramStream
}

func (g *guest) stream(s udp.UDPSocket, to cm.Option[network.IPSocketAddress]) flow {
	g.Helper()
	v, err := s.Stream(g.Context(), to)
	g.ok(err)
	return flow{s, v.F0, v.F1}
}

func (f flow) closeStreams(g *guest) {
	g.Helper()
	g.ok(f.in.Close(g.Context()))
	g.ok(f.out.Close(g.Context()))
}

// flow returns a socket that is bound, with its streams, and its address.
func (g *guest) flow(at network.IPSocketAddress) (flow, network.IPSocketAddress) {
	g.Helper()
	f := v4
	if _, ok := at.(network.IPSocketAddressIPv6); ok {
		f = v6
	}
	s := g.udp(f)
	g.bind(s, at)
	a, err := s.LocalAddress(g.Context())
	g.ok(err)
	return g.stream(s, anyone()), a
}

// send sends datagrams, and waits until they are.
func (g *guest) send(out udp.OutgoingDatagramStream, all ...udp.OutgoingDatagram) error {
	g.Helper()
	for len(all) > 0 {
		g.block(out)
		n, err := out.CheckSend(g.Context())
		g.ok(err)
		sent, err := out.Send(g.Context(), all[:min(uint64(len(all)), n)])
		if err != nil {
			return err
		}
		all = all[sent:]
	}
	return nil
}

// receive receives n datagrams.
func (g *guest) receive(in udp.IncomingDatagramStream, n int) (all []udp.IncomingDatagram) {
	g.Helper()
	for len(all) < n {
		g.block(in)
		got, err := in.Receive(g.Context(), uint64(n-len(all)))
		g.ok(err)
		all = append(all, got...)
	}
	return all
}

// TestUDPStates calls every function in every state.
func TestUDPStates(t *testing.T) {
	const (
		state    = network.ErrorCodeInvalidState
		idle     = network.ErrorCodeNotInProgress
		conflict = network.ErrorCodeConcurrencyConflict
		traps    = network.ErrorCode(254)
	)
	peer := wit("127.0.0.1:54321")
	calls := func(g *guest) map[string]func(s udp.UDPSocket) error {
		ctx := g.Context()
		return map[string]func(s udp.UDPSocket) error{
			"start-bind":     func(s udp.UDPSocket) error { return s.StartBind(ctx, g.net, localhost(v4)) },
			"finish-bind":    func(s udp.UDPSocket) error { return s.FinishBind(ctx) },
			"stream":         func(s udp.UDPSocket) error { _, err := s.Stream(ctx, anyone()); return err },
			"stream to one":  func(s udp.UDPSocket) error { _, err := s.Stream(ctx, some(peer)); return err },
			"local-address":  func(s udp.UDPSocket) error { _, err := s.LocalAddress(ctx); return err },
			"remote-address": func(s udp.UDPSocket) error { _, err := s.RemoteAddress(ctx); return err },
			"options": func(s udp.UDPSocket) error {
				var errs [6]error
				_, errs[0] = s.UnicastHopLimit(ctx)
				errs[1] = s.SetUnicastHopLimit(ctx, 255)
				_, errs[2] = s.ReceiveBufferSize(ctx)
				errs[3] = s.SetReceiveBufferSize(ctx, 16000)
				_, errs[4] = s.SendBufferSize(ctx)
				errs[5] = s.SetSendBufferSize(ctx, 16000)
				return errors.Join(errs[:]...)
			},
		}
	}
	for _, c := range []struct {
		name string
		make func(g *guest) udp.UDPSocket
		want map[string]network.ErrorCode
	}{
		{"unbound", func(g *guest) udp.UDPSocket { return g.udp(v4) }, map[string]network.ErrorCode{
			"start-bind": okay, "finish-bind": idle, "stream": state, "stream to one": state, "local-address": state,
			"remote-address": state, "options": okay}},
		{"bind-in-progress", func(g *guest) udp.UDPSocket {
			s := g.udp(v4)
			g.ok(s.StartBind(g.Context(), g.net, localhost(v4)))
			return s
		}, map[string]network.ErrorCode{
			"start-bind": conflict, "finish-bind": okay, "stream": state, "stream to one": state, "local-address": state,
			"remote-address": state, "options": okay}},
		{"bound", func(g *guest) udp.UDPSocket {
			s := g.udp(v4)
			g.bind(s, localhost(v4))
			return s
		}, map[string]network.ErrorCode{
			"start-bind": state, "finish-bind": idle, "stream": okay, "stream to one": okay, "local-address": okay,
			"remote-address": state, "options": okay}},
		{"connected", func(g *guest) udp.UDPSocket {
			s := g.udp(v4)
			g.bind(s, localhost(v4))
			g.stream(s, some(peer)).closeStreams(g)
			return s
		}, map[string]network.ErrorCode{
			"start-bind": state, "finish-bind": idle, "stream": okay, "stream to one": okay, "local-address": okay,
			"remote-address": okay, "options": okay}},
		{"with streams", func(g *guest) udp.UDPSocket {
			s := g.udp(v4)
			g.bind(s, localhost(v4))
			g.stream(s, anyone())
			return s
		}, map[string]network.ErrorCode{
			"start-bind": state, "finish-bind": idle, "stream": traps, "stream to one": traps, "local-address": okay,
			"remote-address": state, "options": okay}},
	} {
		for name := range calls(&guest{T: t}) {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				g := newGuest(t, loopback...)
				s := c.make(g)
				if f, err := s.AddressFamily(g.Context()); f != v4 || err != nil {
					t.Errorf("address-family: %v, %v", f, err)
				}
				g.block(s) // it is always ready
				err := calls(g)[name](s)
				want, ok := c.want[name]
				switch {
				case !ok:
					t.Fatal("the table has no entry")
				case want == traps:
					isTrap(t, name, err)
				case want == okay && err != nil:
					t.Errorf("got %v, want success", err)
				case want != okay:
					is(t, name, err, want)
				}
			})
		}
	}
}

func TestUDPEcho(t *testing.T) {
	for _, f := range families(t) {
		g := newGuest(t, loopback...)
		ctx := g.Context()
		server, at := g.flow(localhost(f))
		client, from := g.flow(localhost(f))
		one := g.udp(f)
		g.bind(one, localhost(f))
		connected := g.stream(one, some(at))
		for _, size := range []int{0, 1, 1500, 60_000} {
			data := bytes.Repeat([]byte("x"), size)
			g.ok(g.send(client.out, udp.OutgoingDatagram{Data: data, RemoteAddress: some(at)}))
			got := g.receive(server.in, 1)[0]
			if !bytes.Equal(got.Data, data) || text(got.RemoteAddress) != text(from) {
				t.Errorf("%d bytes from %s arrive as %d from %s", size, text(from), len(got.Data), text(got.RemoteAddress))
			}
			g.ok(g.send(server.out, udp.OutgoingDatagram{Data: got.Data, RemoteAddress: some(got.RemoteAddress)}))
			if back := g.receive(client.in, 1)[0]; !bytes.Equal(back.Data, data) {
				t.Errorf("%d bytes come back as %d", size, len(back.Data))
			}
			g.ok(g.send(connected.out, udp.OutgoingDatagram{Data: data}))
			g.ok(g.send(connected.out, udp.OutgoingDatagram{Data: data, RemoteAddress: some(at)}))
			g.receive(server.in, 2)
		}
		// Others do not reach a socket that is connected.
		a, err := one.LocalAddress(ctx)
		g.ok(err)
		g.ok(g.send(client.out, udp.OutgoingDatagram{Data: []byte("stranger"), RemoteAddress: some(a)}))
		g.ok(g.send(server.out, udp.OutgoingDatagram{Data: []byte("server"), RemoteAddress: some(a)}))
		if got := g.receive(connected.in, 1); string(got[0].Data) != "server" {
			t.Errorf("got %q", got[0].Data)
		}
		connected.closeStreams(g)
		g.ok(one.Close(ctx))
	}
}

// A socket stays where it is bound, whoever it is connected to.
func TestUDPConnect(t *testing.T) {
	for _, f := range families(t) {
		g := newGuest(t, append(loopback, "listen:udp:*:*")...)
		ctx := g.Context()
		host, all := "127.0.0.1", wit("0.0.0.0:0")
		if f == v6 {
			host, all = "::1", wit("[::]:0")
		}
		s := g.udp(f)
		g.bind(s, all)
		local := func() uint16 {
			a, err := s.LocalAddress(ctx)
			g.ok(err)
			return netip.MustParseAddrPort(text(a)).Port()
		}
		port := local()
		for i, to := range []int{0, 0, 4321, 4321, 4320, 0, 4321} {
			if to == 0 {
				g.stream(s, anyone()).closeStreams(g)
				_, err := s.RemoteAddress(ctx)
				is(t, "remote-address", err, network.ErrorCodeInvalidState)
			} else {
				want := wit(netip.AddrPortFrom(netip.MustParseAddr(host), uint16(to)).String())
				g.stream(s, some(want)).closeStreams(g)
				got, err := s.RemoteAddress(ctx)
				if err != nil || text(got) != text(want) {
					t.Errorf("remote-address: %v, %v", got, err)
				}
			}
			if got := local(); got != port {
				t.Fatalf("step %d: the port %d becomes %d", i, port, got)
			}
		}
		// It is heard there.
		flow := g.stream(s, anyone())
		client, _ := g.flow(localhost(f))
		to := wit(netip.AddrPortFrom(netip.MustParseAddr(host), port).String())
		g.ok(g.send(client.out, udp.OutgoingDatagram{Data: []byte("x"), RemoteAddress: some(to)}))
		g.receive(flow.in, 1)
	}
}

// What others sent before a socket was connected is not received after.
func TestUDPConnectLate(t *testing.T) {
	g := newGuest(t, loopback...)
	s := g.udp(v4)
	g.bind(s, localhost(v4))
	at, err := s.LocalAddress(g.Context())
	g.ok(err)
	stranger, _ := g.flow(localhost(v4))
	peer, from := g.flow(localhost(v4))
	g.ok(g.send(stranger.out, udp.OutgoingDatagram{Data: []byte("stranger"), RemoteAddress: some(at)}))
	time.Sleep(10 * time.Millisecond) // it has arrived
	flow := g.stream(s, some(from))
	g.ok(g.send(peer.out, udp.OutgoingDatagram{Data: []byte("peer"), RemoteAddress: some(at)}))
	if got := g.receive(flow.in, 1); string(got[0].Data) != "peer" {
		t.Errorf("got %q", got[0].Data)
	}
}

func TestUDPArguments(t *testing.T) {
	for _, f := range families(t) {
		g := newGuest(t, append(loopback, "listen:udp:*:*")...)
		ctx := g.Context()
		good, wrong, mapped, nowhere, zero := "127.0.0.1:9", "[::1]:9", "[::ffff:127.0.0.1]:9", "0.0.0.0:9", "127.0.0.1:0"
		if f == v6 {
			good, wrong, nowhere, zero = "[::1]:9", "127.0.0.1:9", "[::]:9", "[::1]:0"
		}
		s := g.udp(f)
		for _, a := range []string{wrong, mapped} {
			is(t, "bind to "+a, s.StartBind(ctx, g.net, wit(a)), network.ErrorCodeInvalidArgument)
		}
		isTrap(t, "another network", s.StartBind(ctx, network.UnimplementedHandle{}, wit(good)))
		is(t, "hop limit", s.SetUnicastHopLimit(ctx, 0), network.ErrorCodeInvalidArgument)
		is(t, "receive buffer", s.SetReceiveBufferSize(ctx, 0), network.ErrorCodeInvalidArgument)
		is(t, "send buffer", s.SetSendBufferSize(ctx, 0), network.ErrorCodeInvalidArgument)
		g.ok(s.SetReceiveBufferSize(ctx, math.MaxUint64))
		g.ok(s.SetSendBufferSize(ctx, math.MaxUint64))
		g.ok(s.SetUnicastHopLimit(ctx, 42))
		if n, err := s.UnicastHopLimit(ctx); n != 42 || err != nil {
			t.Errorf("hop limit: %d, %v", n, err)
		}
		g.bind(s, localhost(f))
		for _, a := range []string{wrong, mapped, nowhere, zero} {
			_, err := s.Stream(ctx, some(wit(a)))
			is(t, "stream to "+a, err, network.ErrorCodeInvalidArgument)
		}
		flow := g.stream(s, anyone())
		for _, a := range []string{wrong, mapped, nowhere, zero} {
			is(t, "send to "+a, g.send(flow.out, udp.OutgoingDatagram{RemoteAddress: some(wit(a))}), network.ErrorCodeInvalidArgument)
		}
		is(t, "send to nobody", g.send(flow.out, udp.OutgoingDatagram{}), network.ErrorCodeInvalidArgument)
		is(t, "too long", g.send(flow.out, udp.OutgoingDatagram{Data: make([]byte, 65536), RemoteAddress: some(wit(good))}),
			network.ErrorCodeDatagramTooLarge)
		is(t, "too long for the system", g.send(flow.out, udp.OutgoingDatagram{Data: make([]byte, 65535), RemoteAddress: some(wit(good))}),
			network.ErrorCodeDatagramTooLarge)
		flow.closeStreams(g)
		flow = g.stream(s, some(wit(good)))
		other := wit(netip.AddrPortFrom(netip.MustParseAddrPort(good).Addr(), 10).String())
		is(t, "send to another", g.send(flow.out, udp.OutgoingDatagram{RemoteAddress: some(other)}), network.ErrorCodeInvalidArgument)
	}
}

// What is received in one call is bounded in bytes too.
func TestUDPReceiveBounded(t *testing.T) {
	g := newGuest(t, loopback...)
	server, at := g.flow(localhost(v4))
	client, _ := g.flow(localhost(v4))
	const size = 30_000
	for range 5 {
		g.ok(g.send(client.out, udp.OutgoingDatagram{Data: make([]byte, size), RemoteAddress: some(at)}))
	}
	total := 0
	for total < 5 {
		g.block(server.in)
		got, err := server.in.Receive(g.Context(), math.MaxUint64)
		g.ok(err)
		if len(got) > 3 {
			t.Errorf("%d bytes in one call", len(got)*size)
		}
		total += len(got)
	}
}

// That nobody is there is an error of a socket that is connected, and leaves it
// of use.
func TestUDPClosedReceiver(t *testing.T) {
	g := newGuest(t, loopback...)
	peer, err := net.ListenPacket("udp", "127.0.0.1:0")
	g.ok(err)
	at := wit(peer.LocalAddr().String())
	peer.Close()
	s := g.udp(v4)
	g.bind(s, localhost(v4))
	flow := g.stream(s, some(at))
	g.ok(g.send(flow.out, udp.OutgoingDatagram{Data: []byte("x")}))
	g.block(flow.in)
	_, err = flow.in.Receive(g.Context(), 1)
	is(t, "receive", err, network.ErrorCodeConnectionRefused)
	if got, err := flow.in.Receive(g.Context(), 1); len(got) != 0 || err != nil {
		t.Errorf("receive again: %v, %v", got, err)
	}
}
