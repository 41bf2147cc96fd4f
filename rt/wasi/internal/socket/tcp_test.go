//go:build linux || darwin

package socket_test

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/wasi/p2/clocks/monotonicclock"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
)

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
