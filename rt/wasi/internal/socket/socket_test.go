//go:build linux || darwin

package socket_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/audit"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/socket"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcp"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/udp"
)

const (
	v4 = network.IPAddressFamilyIPv4
	v6 = network.IPAddressFamilyIPv6
)

// loopback grants all of this machine and nothing else.
var loopback = []string{"tcp:localhost:*", "udp:localhost:*", "listen:tcp:localhost:*", "listen:udp:localhost:*"}

// guest is an instance that uses sockets.
type guest struct {
	*testing.T
	s    *socket.Sockets
	life *poll.Life
	net  network.Handle

	mu      sync.Mutex
	denials []audit.Denial
}

func newGuest(t *testing.T, rules ...string) *guest {
	t.Helper()
	return newGuestOf(t, policy.Network{}, rules...)
}

// newGuestOf returns a guest whose life ends with the test, after which it has
// left nothing behind.
func newGuestOf(t *testing.T, n policy.Network, rules ...string) *guest {
	t.Helper()
	for _, text := range rules {
		r, err := policy.ParseRule(text)
		if err != nil {
			t.Fatal(err)
		}
		n.Rules = append(n.Rules, r)
	}
	p, err := policy.New(n)
	if err != nil {
		t.Fatal(err)
	}
	g := &guest{T: t, life: new(poll.Life)}
	goroutines, fds := runtime.NumGoroutine(), openFiles(t)
	g.s = socket.New(socket.Options{Policy: p, Life: g.life, Max: n.MaxSockets, Audit: func(_ context.Context, d audit.Denial) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.denials = append(g.denials, d)
	}})
	t.Cleanup(func() {
		if err := g.life.End(context.Background()); err != nil {
			t.Errorf("life: %v", err)
		}
		settle(t, "goroutines", goroutines, runtime.NumGoroutine)
		settle(t, "open files", fds, func() int { return openFiles(t) })
	})
	g.net, err = g.s.InstanceNetwork(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// settle waits until a count is no more than it was.
func settle(t *testing.T, what string, want int, count func() int) {
	t.Helper()
	got := 0
	for range 4000 {
		if got = count(); got <= want {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%d %s, there were %d before", got, what, want)
}

func openFiles(t *testing.T) int {
	t.Helper()
	// The poller of the runtime has files of its own, from the first that it
	// watches on.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	w.Close()
	dir := "/proc/self/fd"
	if runtime.GOOS != "linux" {
		dir = "/dev/fd"
	}
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// ok fails the test if there is an error.
func (g *guest) ok(err error) {
	g.Helper()
	if err != nil {
		g.Fatal(err)
	}
}

// is fails the test if an error is not the one with a code.
func is(t *testing.T, what string, err error, want network.ErrorCode) {
	t.Helper()
	if got, ok := errors.AsType[cm.Err[network.ErrorCode]](err); !ok || got.Value != want {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// isTrap fails the test if an error is none or one that guests are answered.
func isTrap(t *testing.T, what string, err error) {
	t.Helper()
	if _, ok := errors.AsType[cm.Err[network.ErrorCode]](err); ok || err == nil {
		t.Errorf("%s: got %v, want a trap", what, err)
	}
}

// wit returns an address as guests give it.
func wit(text string) network.IPSocketAddress {
	a := netip.MustParseAddrPort(text)
	if a.Addr().Is4() {
		b := a.Addr().As4()
		return network.IPSocketAddressIPv4{Value: network.IPv4SocketAddress{Port: a.Port(),
			Address: network.IPv4Address{F0: b[0], F1: b[1], F2: b[2], F3: b[3]}}}
	}
	b := a.Addr().As16()
	at := func(i int) uint16 { return uint16(b[2*i])<<8 | uint16(b[2*i+1]) }
	return network.IPSocketAddressIPv6{Value: network.IPv6SocketAddress{Port: a.Port(), Address: network.IPv6Address{
		F0: at(0), F1: at(1), F2: at(2), F3: at(3), F4: at(4), F5: at(5), F6: at(6), F7: at(7)}}}
}

// text returns an address as Go does.
func text(a network.IPSocketAddress) string {
	switch a := a.(type) {
	case network.IPSocketAddressIPv4:
		v := a.Value.Address
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{v.F0, v.F1, v.F2, v.F3}), a.Value.Port).String()
	case network.IPSocketAddressIPv6:
		v := a.Value.Address
		var b [16]byte
		for i, x := range [8]uint16{v.F0, v.F1, v.F2, v.F3, v.F4, v.F5, v.F6, v.F7} {
			b[2*i], b[2*i+1] = byte(x>>8), byte(x)
		}
		return netip.AddrPortFrom(netip.AddrFrom16(b), a.Value.Port).String()
	}
	return fmt.Sprint(a)
}

func localhost(f network.IPAddressFamily) network.IPSocketAddress {
	if f == v4 {
		return wit("127.0.0.1:0")
	}
	return wit("[::1]:0")
}

// families are those that this machine has.
func families(t *testing.T) []network.IPAddressFamily {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Logf("without IPv6: %v", err)
		return []network.IPAddressFamily{v4}
	}
	l.Close()
	return []network.IPAddressFamily{v4, v6}
}

func (g *guest) tcp(f network.IPAddressFamily) tcp.TCPSocket {
	g.Helper()
	s, err := g.s.CreateTCPSocket(g.Context(), f)
	g.ok(err)
	return s
}

func (g *guest) udp(f network.IPAddressFamily) udp.UDPSocket {
	g.Helper()
	s, err := g.s.CreateUDPSocket(g.Context(), f)
	g.ok(err)
	return s
}

// block waits for a pollable, as a guest does.
func (g *guest) block(s interface {
	Subscribe(ctx context.Context) (iopoll.Pollable, error)
}) {
	g.Helper()
	p, err := s.Subscribe(g.Context())
	g.ok(err)
	ctx, cancel := context.WithTimeout(g.Context(), 20*time.Second)
	defer cancel()
	g.ok(p.Block(ctx))
	g.ok(p.Close(ctx))
}

// listen returns a socket that listens, and its address.
func (g *guest) listen(at network.IPSocketAddress) (tcp.TCPSocket, network.IPSocketAddress) {
	g.Helper()
	f := v4
	if _, ok := at.(network.IPSocketAddressIPv6); ok {
		f = v6
	}
	s := g.tcp(f)
	g.bind(s, at)
	g.ok(s.StartListen(g.Context()))
	g.ok(g.finishListen(s))
	a, err := s.LocalAddress(g.Context())
	g.ok(err)
	return s, a
}

func (g *guest) finishListen(s tcp.TCPSocket) error {
	g.Helper()
	for {
		err := s.FinishListen(g.Context())
		if e, ok := errors.AsType[cm.Err[network.ErrorCode]](err); !ok || e.Value != network.ErrorCodeWouldBlock {
			return err
		}
		g.block(s)
	}
}

// bind binds a socket of either kind.
func (g *guest) bind(s interface {
	StartBind(ctx context.Context, h network.Handle, a network.IPSocketAddress) error
	FinishBind(ctx context.Context) error
}, at network.IPSocketAddress) {
	g.Helper()
	g.ok(s.StartBind(g.Context(), g.net, at))
	g.ok(s.FinishBind(g.Context()))
}

// conn is a connection of a guest.
type conn struct {
	tcp.TCPSocket
	in  streams.InputStream
	out streams.OutputStream
}

func (c conn) close(t *testing.T) {
	t.Helper()
	for _, r := range []interface{ Close(context.Context) error }{c.in, c.out, c.TCPSocket} {
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func (g *guest) connect(s tcp.TCPSocket, to network.IPSocketAddress) (conn, error) {
	g.Helper()
	if err := s.StartConnect(g.Context(), g.net, to); err != nil {
		return conn{}, err
	}
	for {
		v, err := s.FinishConnect(g.Context())
		if e, ok := errors.AsType[cm.Err[network.ErrorCode]](err); ok && e.Value == network.ErrorCodeWouldBlock {
			g.block(s)
			continue
		}
		return conn{s, v.F0, v.F1}, err
	}
}

func (g *guest) accept(l tcp.TCPSocket) conn {
	g.Helper()
	g.block(l)
	v, err := l.Accept(g.Context())
	g.ok(err)
	return conn{v.F0, v.F1, v.F2}
}

// pair returns both ends of a connection.
func (g *guest) pair(f network.IPAddressFamily) (client, server conn) {
	g.Helper()
	l, at := g.listen(localhost(f))
	client, err := g.connect(g.tcp(f), at)
	g.ok(err)
	server = g.accept(l)
	g.ok(l.Close(g.Context()))
	return client, server
}

// read reads until there are n bytes or the stream ends.
func (g *guest) read(in streams.InputStream, n int) (all []byte, err error) {
	g.Helper()
	for len(all) < n {
		p, err := in.BlockingRead(g.Context(), uint64(n-len(all)))
		if err != nil {
			return all, err
		}
		all = append(all, p...)
	}
	return all, nil
}

// write writes all of p and waits until it is sent.
func (g *guest) write(out streams.OutputStream, p []byte) error {
	g.Helper()
	for c := range slices.Chunk(p, 4096) {
		if err := out.BlockingWriteAndFlush(g.Context(), c); err != nil {
			return err
		}
	}
	return nil
}

func isClosed(err error) bool {
	_, ok := errors.AsType[streams.StreamErrorClosed](err)
	return ok
}

// told returns what the audit was told.
func (g *guest) told() (all []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, d := range g.denials {
		all = append(all, strings.TrimSpace(d.Capability+" "+d.Operation+" "+d.Target))
	}
	return all
}

// errorCode returns the code of the error that a stream gave.
func errorCode(g *guest, err error) cm.Option[network.ErrorCode] {
	g.Helper()
	failed, ok := errors.AsType[streams.StreamErrorLastOperationFailed](err)
	if !ok {
		return cm.None[network.ErrorCode]()
	}
	code, err := g.s.NetworkErrorCode(g.Context(), failed.Value)
	g.ok(err)
	return code
}
