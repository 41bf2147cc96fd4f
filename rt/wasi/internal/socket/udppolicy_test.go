//go:build linux || darwin

package socket_test

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/udp"
)

// A guest sends what check-send permits, and not twice.
func TestUDPPermits(t *testing.T) {
	g := newGuest(t, loopback...)
	ctx := g.Context()
	server, at := g.flow(localhost(v4))
	client, _ := g.flow(localhost(v4))
	d := udp.OutgoingDatagram{Data: []byte("x"), RemoteAddress: some(at)}
	bad := udp.OutgoingDatagram{Data: []byte("x")}
	_, err := client.out.Send(ctx, []udp.OutgoingDatagram{d})
	isTrap(t, "send without check-send", err)
	n, err := client.out.CheckSend(ctx)
	if n != 16 || err != nil {
		t.Errorf("check-send: %d, %v", n, err)
	}
	_, err = client.out.Send(ctx, []udp.OutgoingDatagram{d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d})
	isTrap(t, "send of 17", err)
	if n, err := client.out.Send(ctx, nil); n != 0 || err != nil {
		t.Errorf("send of nothing: %d, %v", n, err)
	}
	// Once one has gone, the error of another is not told.
	if n, err := client.out.Send(ctx, []udp.OutgoingDatagram{d, d, bad, d}); n != 2 || err != nil {
		t.Errorf("send: %d, %v", n, err)
	}
	_, err = client.out.Send(ctx, []udp.OutgoingDatagram{d})
	isTrap(t, "send twice for one check-send", err)
	g.receive(server.in, 2)

	for range 20 {
		g.ok(g.send(client.out, d))
	}
	for _, n := range []uint64{0, 3, math.MaxUint64} {
		time.Sleep(10 * time.Millisecond) // all have arrived
		got, err := server.in.Receive(ctx, n)
		if want := min(n, 16); uint64(len(got)) != want || err != nil {
			t.Errorf("receive %d: %d datagrams, %v", n, len(got), err)
		}
	}
	if got, err := server.in.Receive(ctx, 9); len(got) != 1 || err != nil {
		t.Errorf("the last one: %d datagrams, %v", len(got), err)
	}
	if got, err := server.in.Receive(ctx, 9); len(got) != 0 || err != nil {
		t.Errorf("there is none: %d datagrams, %v", len(got), err)
	}
}

// Policies.
func TestUDPPolicy(t *testing.T) {
	peer, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	stranger, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	at := peer.LocalAddr().String()
	port := peer.LocalAddr().(*net.UDPAddr).Port
	data := func(to network.IPSocketAddress) udp.OutgoingDatagram {
		return udp.OutgoingDatagram{Data: []byte("x"), RemoteAddress: some(to)}
	}

	t.Run("one peer", func(t *testing.T) {
		g := newGuest(t, fmt.Sprintf("udp:127.0.0.1:%d", port))
		ctx := g.Context()
		s := g.udp(v4)
		is(t, "bind", s.StartBind(ctx, g.net, wit("127.0.0.1:0")), network.ErrorCodeAccessDenied)
		is(t, "bind to a port", s.StartBind(ctx, g.net, wit("0.0.0.0:5353")), network.ErrorCodeAccessDenied)
		g.bind(s, wit("0.0.0.0:0"))
		_, err := s.Stream(ctx, some(wit(stranger.LocalAddr().String())))
		is(t, "stream", err, network.ErrorCodeAccessDenied)
		flow := g.stream(s, anyone())
		is(t, "send", g.send(flow.out, data(wit(stranger.LocalAddr().String()))), network.ErrorCodeAccessDenied)
		is(t, "metadata", g.send(flow.out, data(wit("169.254.169.254:53"))), network.ErrorCodeAccessDenied)
		g.ok(g.send(flow.out, data(wit(at))))
		buf := make([]byte, 10)
		_, from, err := peer.ReadFrom(buf)
		g.ok(err)
		// Who is not granted is not heard, and does not even wake the guest.
		_, err = stranger.WriteTo([]byte("stranger"), from)
		g.ok(err)
		p, err := flow.in.Subscribe(ctx)
		g.ok(err)
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		if err := p.Block(short); err == nil {
			t.Error("a stranger wakes the guest")
		}
		_, err = peer.WriteTo([]byte("peer"), from)
		g.ok(err)
		g.ok(p.Block(ctx))
		got, err := flow.in.Receive(ctx, 10)
		if err != nil || len(got) != 1 || string(got[0].Data) != "peer" {
			t.Errorf("got %v, %v", got, err)
		}
		// Nor does who is not granted end a wait for who is.
		time.AfterFunc(20*time.Millisecond, func() {
			stranger.WriteTo([]byte("stranger"), from)
			time.Sleep(60 * time.Millisecond)
			peer.WriteTo([]byte("peer"), from)
		})
		long, cancel2 := context.WithTimeout(ctx, time.Minute)
		defer cancel2()
		g.ok(p.Block(long))
		got, err = flow.in.Receive(ctx, 10)
		if err != nil || len(got) != 1 || string(got[0].Data) != "peer" {
			t.Errorf("got %v, %v", got, err)
		}
		want := []string{"udp udp-socket.start-bind 127.0.0.1:0", "udp udp-socket.start-bind 0.0.0.0:5353",
			"udp udp-socket.stream " + stranger.LocalAddr().String(),
			"udp outgoing-datagram-stream.send " + stranger.LocalAddr().String(),
			"udp outgoing-datagram-stream.send 169.254.169.254:53",
			"udp incoming-datagram-stream.receive " + stranger.LocalAddr().String(),
			"udp incoming-datagram-stream.receive " + stranger.LocalAddr().String()}
		if got := g.told(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("the audit is told %q, want %q", got, want)
		}
	})
	t.Run("server", func(t *testing.T) {
		g := newGuest(t, "listen:udp:127.0.0.1:0")
		s, a := g.flow(wit("127.0.0.1:0"))
		is(t, "send", g.send(s.out, data(wit(at))), network.ErrorCodeAccessDenied)
		_, err := peer.WriteTo([]byte("x"), net.UDPAddrFromAddrPort(netip.MustParseAddrPort(text(a))))
		g.ok(err)
		got := g.receive(s.in, 1)
		g.ok(g.send(s.out, data(got[0].RemoteAddress))) // an answer
		is(t, "send to others", g.send(s.out, data(wit(stranger.LocalAddr().String()))), network.ErrorCodeAccessDenied)
	})
	t.Run("send only", func(t *testing.T) {
		g := newGuest(t, fmt.Sprintf("send:udp:127.0.0.1:%d", port))
		s, _ := g.flow(wit("0.0.0.0:0"))
		g.ok(g.send(s.out, data(wit(at))))
		_, from, err := peer.ReadFrom(make([]byte, 10))
		g.ok(err)
		_, err = peer.WriteTo([]byte("x"), from)
		g.ok(err)
		time.Sleep(20 * time.Millisecond)
		if got, err := s.in.Receive(g.Context(), 1); len(got) != 0 || err != nil {
			t.Errorf("got %v, %v", got, err)
		}
	})
}
