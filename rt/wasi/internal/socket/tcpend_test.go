//go:build linux || darwin

package socket_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcp"
)

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
	g.ok(g.life.End(g.Context()))
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
			time.AfterFunc(20*time.Millisecond, func() { cancel(cause) })
			if err := wait(ctx); !errors.Is(err, cause) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	g.ok(g.write(server.out, []byte("x")))
	got, err := g.read(client.in, 1)
	if err != nil || string(got) != "x" {
		t.Errorf("afterwards: %q, %v", got, err)
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
