//go:build linux || darwin

package socket_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/socket"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	"github.com/witgen/witgen/rt/wasi/p2/io/ioerror"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/ipnamelookup"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/network"
)

// Nothing is there without rules, and all of it is told.
func TestNothing(t *testing.T) {
	g := newGuest(t)
	ctx := g.Context()
	for _, f := range []network.IPAddressFamily{v4, v6} {
		_, err := g.s.CreateTCPSocket(ctx, f)
		is(t, "tcp", err, network.ErrorCodeAccessDenied)
		_, err = g.s.CreateUDPSocket(ctx, f)
		is(t, "udp", err, network.ErrorCodeAccessDenied)
	}
	for _, name := range []string{"localhost", "example.com", "127.0.0.1", ""} {
		_, err := g.s.ResolveAddresses(ctx, g.net, name)
		is(t, "lookup", err, network.ErrorCodePermanentResolverFailure)
	}
	want := []string{"tcp create-tcp-socket", "udp create-udp-socket", "tcp create-tcp-socket", "udp create-udp-socket",
		"dns resolve-addresses localhost", "dns resolve-addresses example.com", "dns resolve-addresses 127.0.0.1", "dns resolve-addresses"}
	if got := g.told(); !slices.Equal(got, want) {
		t.Errorf("the audit is told %q, want %q", got, want)
	}
	none := socket.New(socket.Options{Life: g.life}) // without a policy
	_, err := none.CreateTCPSocket(ctx, v4)
	is(t, "tcp", err, network.ErrorCodeAccessDenied)
	_, err = none.ResolveAddresses(ctx, g.net, "localhost")
	is(t, "lookup", err, network.ErrorCodePermanentResolverFailure)
}

func TestTCPPolicy(t *testing.T) {
	peer, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	at := wit(peer.Addr().String())

	t.Run("connect", func(t *testing.T) {
		g := newGuest(t, "tcp:"+peer.Addr().String())
		ctx := g.Context()
		s := g.tcp(v4)
		for _, to := range []string{"127.0.0.1:9", "127.0.0.2:80", "10.0.0.1:80", "169.254.169.254:80", "93.184.216.34:80"} {
			is(t, to, s.StartConnect(ctx, g.net, wit(to)), network.ErrorCodeAccessDenied)
		}
		is(t, "bind", s.StartBind(ctx, g.net, wit("127.0.0.1:0")), network.ErrorCodeAccessDenied)
		is(t, "bind", s.StartBind(ctx, g.net, wit("0.0.0.0:8080")), network.ErrorCodeAccessDenied)
		bound := g.tcp(v4)
		g.bind(bound, wit("0.0.0.0:0"))
		is(t, "listen", bound.StartListen(ctx), network.ErrorCodeAccessDenied)
		_, err := g.connect(s, at) // what was denied was not tried
		g.ok(err)
		_, err = g.connect(bound, at)
		g.ok(err)
		if got := g.told(); len(got) != 8 || got[3] != "tcp tcp-socket.start-connect 169.254.169.254:80" || got[7] != "tcp tcp-socket.start-listen 0.0.0.0:0" {
			t.Errorf("the audit is told %q", got)
		}
	})
	t.Run("only mapped", func(t *testing.T) {
		// A rule for IPv6 is no way to an IPv4 address.
		g := newGuest(t, "tcp:[::/0]:*", "tcp:[::]:*")
		s, err := g.s.CreateTCPSocket(g.Context(), v6)
		if err != nil {
			t.Skip("without IPv6")
		}
		is(t, "mapped", s.StartConnect(g.Context(), g.net, wit("[::ffff:127.0.0.1]:80")), network.ErrorCodeInvalidArgument)
		is(t, "loopback", s.StartConnect(g.Context(), g.net, wit("[::1]:80")), network.ErrorCodeAccessDenied)
	})
	t.Run("accept", func(t *testing.T) {
		g := newGuest(t, "listen:tcp:127.0.0.1:0,peers=127.0.0.2/32")
		ctx := g.Context()
		l, addr := g.listen(wit("127.0.0.1:0"))
		refused, err := net.Dial("tcp", text(addr))
		g.ok(err)
		defer refused.Close()
		p, err := l.Subscribe(ctx)
		g.ok(err)
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		if err := p.Block(short); err == nil {
			t.Error("who is refused wakes the guest")
		}
		_, err = l.Accept(ctx)
		is(t, "accept", err, network.ErrorCodeWouldBlock)
		if _, err := refused.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("who is refused reads %v, want a reset", err)
		}
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
		granted, err := d.Dial("tcp", text(addr))
		if err != nil {
			t.Skipf("without another loopback address: %v", err)
		}
		defer granted.Close()
		g.ok(p.Block(ctx))
		v, err := l.Accept(ctx)
		g.ok(err)
		from, err := v.F0.RemoteAddress(ctx)
		g.ok(err)
		if text(from) != granted.LocalAddr().String() {
			t.Errorf("accepted from %s", text(from))
		}
		if got, want := g.told(), []string{"tcp tcp-socket.accept " + refused.LocalAddr().String()}; !slices.Equal(got, want) {
			t.Errorf("the audit is told %q, want %q", got, want)
		}
	})
}

// resolver answers what it is told to.
type resolver func(ctx context.Context, host string) ([]netip.Addr, error)

func (r resolver) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	return r(ctx, host)
}

// lookup looks up a name as a guest does.
func (g *guest) lookup(name string) (all []string, err error) {
	g.Helper()
	l, err := g.s.ResolveAddresses(g.Context(), g.net, name)
	if err != nil {
		return nil, err
	}
	defer func() { g.ok(l.Close(g.Context())) }()
	for {
		a, err := l.ResolveNextAddress(g.Context())
		if e, ok := errors.AsType[cm.Err[network.ErrorCode]](err); ok && e.Value == network.ErrorCodeWouldBlock {
			g.block(l)
			continue
		}
		if err != nil {
			return all, err
		}
		addr, ok := a.Get()
		if !ok {
			return all, nil
		}
		switch a := addr.(type) {
		case network.IPAddressIPv4:
			all = append(all, text(network.IPSocketAddressIPv4{Value: network.IPv4SocketAddress{Address: a.Value}}))
		case network.IPAddressIPv6:
			all = append(all, text(network.IPSocketAddressIPv6{Value: network.IPv6SocketAddress{Address: a.Value}}))
		}
	}
}

func TestLookup(t *testing.T) {
	var asked []string
	g := newGuestOf(t, policy.Network{Resolver: resolver(func(_ context.Context, host string) ([]netip.Addr, error) {
		asked = append(asked, host)
		switch host {
		case "api.example.com":
			return []netip.Addr{netip.MustParseAddr("::ffff:93.184.216.34"), netip.MustParseAddr("2606:2800::1")}, nil
		case "down.example.com":
			return nil, &net.DNSError{Err: "secret", IsTemporary: true}
		case "slow.example.com":
			return nil, &net.DNSError{Err: "secret", IsTimeout: true}
		case "broken.example.com":
			return nil, errors.New("secret")
		case "panic.example.com":
			panic("resolver")
		case "exit.example.com":
			runtime.Goexit()
		case "empty.example.com":
			return nil, nil
		}
		return nil, &net.DNSError{Err: "secret", IsNotFound: true}
	})}, "dns:*.example.com")
	for name, want := range map[string][]string{
		"api.example.com":  {"93.184.216.34:0", "[2606:2800::1]:0"},
		"API.Example.COM.": {"93.184.216.34:0", "[2606:2800::1]:0"},
		"10.1.2.3":         {"10.1.2.3:0"},
		"::1":              {"[::1]:0"},
		"::ffff:10.1.2.3":  {"10.1.2.3:0"},
	} {
		if got, err := g.lookup(name); !slices.Equal(got, want) || err != nil {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, want)
		}
	}
	for name, want := range map[string]network.ErrorCode{
		"nobody.example.com": network.ErrorCodeNameUnresolvable,
		"empty.example.com":  network.ErrorCodeNameUnresolvable,
		"down.example.com":   network.ErrorCodeTemporaryResolverFailure,
		"slow.example.com":   network.ErrorCodeTemporaryResolverFailure,
		"broken.example.com": network.ErrorCodePermanentResolverFailure,
		"panic.example.com":  network.ErrorCodePermanentResolverFailure,
		"exit.example.com":   network.ErrorCodePermanentResolverFailure,
		"example.com":        network.ErrorCodePermanentResolverFailure,
		"secret.other.org":   network.ErrorCodePermanentResolverFailure,
		"":                   network.ErrorCodeInvalidArgument,
		".":                  network.ErrorCodeInvalidArgument,
		"a..example.com":     network.ErrorCodeInvalidArgument,
		"127.1":              network.ErrorCodeInvalidArgument,
		"0x7f000001":         network.ErrorCodeInvalidArgument,
		"a\x00.example.com":  network.ErrorCodeInvalidArgument,
		strings.Repeat("a.", 1<<19) + "example.com": network.ErrorCodeInvalidArgument,
	} {
		_, err := g.lookup(name)
		is(t, fmt.Sprintf("%.40q", name), err, want)
	}
	if slices.Contains(asked, "example.com") || slices.Contains(asked, "secret.other.org") {
		t.Errorf("the resolver was asked for %q", asked)
	}
	if got, want := g.told(), []string{"dns resolve-addresses example.com", "dns resolve-addresses secret.other.org"}; len(got) != 2 ||
		!slices.Contains(got, want[0]) || !slices.Contains(got, want[1]) {
		t.Errorf("the audit is told %q", got)
	}
	_, err := g.s.ResolveAddresses(g.Context(), nil, "api.example.com")
	isTrap(t, "another network", err)
}

// Lookups under way are bounded, and end when they are dropped and with the
// instance.
func TestLookupBounded(t *testing.T) {
	var running, most atomic.Int32
	g := newGuestOf(t, policy.Network{Resolver: resolver(func(ctx context.Context, _ string) ([]netip.Addr, error) {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		<-ctx.Done()
		return nil, ctx.Err()
	})}, "dns:*")
	ctx := g.Context()
	var all []ipnamelookup.ResolveAddressStream
	for {
		l, err := g.s.ResolveAddresses(ctx, g.net, "example.com")
		if err != nil {
			is(t, "one too many", err, network.ErrorCodeTemporaryResolverFailure)
			break
		}
		all = append(all, l)
	}
	if len(all) != 64 || running.Load() != 0 {
		t.Errorf("%d lookups, %d are under way before anybody asked", len(all), running.Load())
	}
	for _, l := range all {
		_, err := l.ResolveNextAddress(ctx)
		is(t, "resolve-next-address", err, network.ErrorCodeWouldBlock)
	}
	for _, l := range all[:32] {
		g.ok(l.Close(ctx))
	}
	settle(t, "lookups", 32, func() int { return int(running.Load()) })
	left := func() int {
		l, err := g.s.ResolveAddresses(ctx, g.net, "example.com")
		if err != nil {
			return 1
		}
		g.ok(l.Close(ctx))
		return 0
	}
	settle(t, "lookups too many", 0, left)
}

// A guest reaches by a name what it was told, not what the name has become.
func TestLookupRebinding(t *testing.T) {
	peer, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	port := peer.Addr().(*net.TCPAddr).Port
	answer := "93.184.216.34"
	g := newGuestOf(t, policy.Network{Resolver: resolver(func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr(answer)}, nil
	})}, fmt.Sprintf("tcp:evil.example:%d", port))
	try := func() error {
		return g.tcp(v4).StartConnect(g.Context(), g.net, wit(fmt.Sprintf("127.0.0.1:%d", port)))
	}
	is(t, "before", try(), network.ErrorCodeAccessDenied)
	for range 2 {
		_, err := g.lookup("evil.example")
		g.ok(err)
		is(t, "after "+answer, try(), network.ErrorCodeAccessDenied)
		answer = "127.0.0.1"
	}
	// With the private address granted to the name, it is reached.
	g = newGuestOf(t, policy.Network{Resolver: resolver(func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	})}, fmt.Sprintf("tcp:db.internal:%d,peers=127.0.0.0/8", port))
	is(t, "not looked up", try(), network.ErrorCodeAccessDenied)
	_, err = g.lookup("db.internal")
	g.ok(err)
	_, err = g.connect(g.tcp(v4), wit(fmt.Sprintf("127.0.0.1:%d", port)))
	g.ok(err)
}

// A guest has no more sockets than it may, however it comes by them.
func TestSocketLimit(t *testing.T) {
	g := newGuestOf(t, policy.Network{MaxSockets: 4}, loopback...)
	ctx := g.Context()
	l, at := g.listen(localhost(v4))
	client, err := g.connect(g.tcp(v4), at)
	g.ok(err)
	spare := g.udp(v4)
	server := g.accept(l)
	_, err = g.s.CreateTCPSocket(ctx, v4)
	is(t, "tcp", err, network.ErrorCodeNewSocketLimit)
	_, err = g.s.CreateUDPSocket(ctx, v4)
	is(t, "udp", err, network.ErrorCodeNewSocketLimit)
	peer, err := net.Dial("tcp", text(at))
	g.ok(err)
	defer peer.Close()
	g.block(l)
	_, err = l.Accept(ctx)
	is(t, "accept", err, network.ErrorCodeNewSocketLimit)
	g.ok(spare.Close(ctx))
	g.accept(l).close(t) // it is still there to be accepted
	client.close(t)
	server.close(t)
	for range 10 {
		g.ok(g.udp(v4).Close(ctx))
	}
}

// network-error-code knows the errors of sockets and no others.
func TestNetworkErrorCode(t *testing.T) {
	g := newGuest(t)
	for _, e := range []ioerror.Error{nil, ioerror.UnimplementedError{}, stream.NewError(nil), stream.NewError(io.EOF)} {
		if code, err := g.s.NetworkErrorCode(g.Context(), e); code.IsSome() || err != nil {
			t.Errorf("%v: %v, %v", e, code, err)
		}
	}
}

// A thousand connections at a time, all of which are served, with one poll.
func TestThousandConnections(t *testing.T) {
	const n = 1000
	g := newGuestOf(t, policy.Network{MaxSockets: n + 1}, loopback...)
	ctx := g.Context()
	l := g.tcp(v4)
	g.ok(l.SetListenBacklogSize(ctx, n))
	g.bind(l, localhost(v4))
	g.ok(l.StartListen(ctx))
	g.ok(l.FinishListen(ctx))
	at, err := l.LocalAddress(ctx)
	g.ok(err)
	var wg sync.WaitGroup
	var served atomic.Int32
	for i := range n {
		wg.Go(func() {
			c, err := net.Dial("tcp", text(at))
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(time.Minute))
			for round := range 3 {
				sent := fmt.Appendf(nil, "%d of %d", round, i)
				c.Write(sent)
				got := make([]byte, len(sent))
				if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, sent) {
					t.Errorf("%d: got %q, %v", i, got, err)
					return
				}
			}
			served.Add(1)
		})
	}
	conns := make([]conn, 0, n)
	pollables := []iopoll.Pollable{subscribe(g, l)}
	open := 0
	for len(conns) < n || open > 0 {
		ready, err := poll.Poll{}.Poll(ctx, pollables)
		g.ok(err)
		for _, i := range ready {
			if i == 0 {
				v, err := l.Accept(ctx)
				if e, ok := errors.AsType[cm.Err[network.ErrorCode]](err); ok && e.Value == network.ErrorCodeWouldBlock {
					continue
				}
				g.ok(err)
				conns = append(conns, conn{v.F0, v.F1, v.F2})
				pollables = append(pollables, subscribe(g, v.F1))
				open++
				continue
			}
			if pollables[i] == pollables[0] {
				continue // it is closed
			}
			c := &conns[i-1]
			p, err := c.in.Read(ctx, 4096)
			if isClosed(err) {
				g.ok(pollables[i].Close(ctx))
				c.close(t)
				open--
				pollables[i] = pollables[0] // no more
				continue
			}
			g.ok(err)
			g.ok(c.out.Write(ctx, p))
		}
	}
	wg.Wait()
	if served.Load() != n {
		t.Errorf("%d connections are served", served.Load())
	}
}

func subscribe(g *guest, s interface {
	Subscribe(ctx context.Context) (iopoll.Pollable, error)
}) iopoll.Pollable {
	p, err := s.Subscribe(g.Context())
	g.ok(err)
	return p
}

// A peer that sends without end, to a guest that does not read, costs no memory
// of the host's.
func TestSlowGuest(t *testing.T) {
	g := newGuest(t, loopback...)
	client, err := net.Listen("tcp", "127.0.0.1:0")
	g.ok(err)
	defer client.Close()
	c, err := g.connect(g.tcp(v4), wit(client.Addr().String()))
	g.ok(err)
	peer, err := client.Accept()
	g.ok(err)
	defer peer.Close()
	before := heap()
	peer.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
	sent := 0
	for chunk := make([]byte, 1<<20); ; {
		g.block(subscriber{c}) // asks whether there is something, and leaves it
		n, err := peer.Write(chunk)
		if sent += n; err != nil {
			break
		}
		if sent > 256<<20 {
			t.Fatal("the peer may send without end")
		}
	}
	if grown := heap() - before; grown > 2<<20 {
		t.Errorf("%d bytes more after %d were sent", grown, sent)
	}
}

// subscriber subscribes to the other direction, which is ready.
type subscriber struct{ c conn }

func (s subscriber) Subscribe(ctx context.Context) (iopoll.Pollable, error) {
	in, err := s.c.in.Subscribe(ctx)
	if err != nil {
		return nil, err
	}
	_, err = in.Ready(ctx)
	_ = in.Close(ctx)
	if err != nil {
		return nil, err
	}
	return s.c.out.Subscribe(ctx)
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// Pollables are for free until somebody waits.
func TestSubscribeIsFree(t *testing.T) {
	g := newGuest(t, loopback...)
	ctx := g.Context()
	client, _ := g.pair(v4)
	before := runtime.NumGoroutine()
	for range 10_000 {
		g.ok(subscribe(g, client.in).Close(ctx))
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines, there were %d", n, before)
	}
}
