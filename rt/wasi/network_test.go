//go:build linux || darwin

package wasi_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
)

// network returns a config with rules, and where it tells denials.
func network(tb testing.TB, rules ...string) (wasi.Config, *denials) {
	tb.Helper()
	d := &denials{}
	c := wasi.Config{Audit: d.tell}
	for _, text := range rules {
		r, err := wasi.ParseRule(text)
		if err != nil {
			tb.Fatal(err)
		}
		c.Network.Rules = append(c.Network.Rules, r)
	}
	return c, d
}

type denials struct {
	mu  sync.Mutex
	all []string
}

func (d *denials) tell(_ context.Context, x wasi.Denial) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, x.Capability+" "+x.Operation+" "+x.Target)
}

// netGuest runs the Rust command that uses the network, and returns what it
// prints.
func netGuest(ctx context.Context, tb testing.TB, c wasi.Config, args ...string) string {
	tb.Helper()
	var out bytes.Buffer
	if c.Stdout == nil {
		c.Stdout = &out
	}
	c.Stderr = tb.Output()
	c.Args = append([]string{"net"}, args...)
	code, err := wasi.Run(ctx, component(tb, "net.wasm"), rt.InstanceConfig{}, c)
	if err != nil || code != 0 {
		tb.Errorf("%s: exit code %d, %v", args[0], code, err)
	}
	return out.String()
}

// serving runs the command as a server, and returns where it listens and how to
// wait for it to end.
func serving(tb testing.TB, c wasi.Config, args ...string) (addr string, wait func()) {
	tb.Helper()
	r, w := io.Pipe()
	c.Stdout = w
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer w.Close()
		netGuest(tb.Context(), tb, c, args...)
	}()
	lines := bufio.NewScanner(r)
	if !lines.Scan() {
		tb.Fatal("the server prints no address")
	}
	return lines.Text(), func() {
		for lines.Scan() {
			tb.Errorf("the server prints %q", lines.Text())
		}
		<-ended
	}
}

// listener is a peer on this machine, that answers what it hears in capitals.
func listener(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				p, _ := io.ReadAll(c)
				c.Write(bytes.ToUpper(p))
			}()
		}
	}()
	return l.Addr().String()
}

// TestNetworkConnect has Rust's std connect.
func TestNetworkConnect(t *testing.T) {
	addr := listener(t)
	_, port, _ := net.SplitHostPort(addr)
	tests := []struct {
		name, rule, to string
		want           string
		denied         []string
	}{
		{"address", "tcp:" + addr, addr, "HELLO\ntrue\n", nil},
		{"prefix", "tcp:127.0.0.0/8:*", addr, "HELLO\ntrue\n", nil},
		{"name", "tcp:localhost:" + port, "localhost:" + port, "HELLO\ntrue\n", nil},
		{"no rule", "", addr, "error: PermissionDenied\n", []string{"tcp create-tcp-socket "}},
		{"other protocol", "udp:" + addr, addr, "error: PermissionDenied\n", []string{"tcp create-tcp-socket "}},
		{"other port", "tcp:127.0.0.1:1", addr, "error: PermissionDenied\n", []string{"tcp tcp-socket.start-connect " + addr}},
		{"any address", "tcp:*:*", addr, "error: PermissionDenied\n", []string{"tcp tcp-socket.start-connect " + addr}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, d := network(t, slices.DeleteFunc([]string{test.rule}, func(s string) bool { return s == "" })...)
			if got := netGuest(t.Context(), t, c, "ask", test.to, "hello"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if !slices.Equal(d.all, test.denied) {
				t.Errorf("denied %q, want %q", d.all, test.denied)
			}
		})
	}
}

// TestNetworkListen has Rust's std listen, and several clients.
func TestNetworkListen(t *testing.T) {
	for name, l := range map[string]wasi.Listener{"system": nil, "listener": &net.ListenConfig{}} {
		t.Run(name, func(t *testing.T) { networkListen(t, l) })
	}
}

func networkListen(t *testing.T, l wasi.Listener) {
	c, d := network(t, "listen:tcp:127.0.0.1:0")
	c.Network.Listener = l
	addr, wait := serving(t, c, "serve", "127.0.0.1:0", "3")
	for i := range 3 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		sent := bytes.Repeat([]byte{byte('a' + i)}, 1+i*100_000)
		go func() {
			conn.Write(sent)
			conn.(*net.TCPConn).CloseWrite()
		}()
		if got, err := io.ReadAll(conn); err != nil || !bytes.Equal(got, sent) {
			t.Errorf("connection %d: %d bytes come back of %d, %v", i, len(got), len(sent), err)
		}
		conn.Close()
	}
	wait()
	if len(d.all) > 0 {
		t.Errorf("denied %q", d.all)
	}

	c, d = network(t, "listen:tcp:127.0.0.1:8080")
	if got := netGuest(t.Context(), t, c, "serve", "0.0.0.0:0", "1"); got != "error: PermissionDenied\n" {
		t.Errorf("got %q", got)
	}
	if want := []string{"tcp tcp-socket.start-bind 0.0.0.0:0"}; !slices.Equal(d.all, want) {
		t.Errorf("denied %q, want %q", d.all, want)
	}
}

// TestNetworkDatagrams has Rust's std send and receive.
func TestNetworkDatagrams(t *testing.T) {
	peer, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := peer.ReadFrom(buf)
			if err != nil {
				return
			}
			peer.WriteTo(bytes.ToUpper(buf[:n]), from)
		}
	}()
	addr := peer.LocalAddr().String()
	c, _ := network(t, "udp:"+addr)
	if got, want := netGuest(t.Context(), t, c, "datagram-ask", addr, "hello"), "HELLO true\nAGAIN true\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	c, d := network(t, "udp:127.0.0.1:1")
	if got := netGuest(t.Context(), t, c, "datagram-ask", addr, "hello"); got != "error: PermissionDenied\n" {
		t.Errorf("got %q", got)
	}
	if want := []string{"udp outgoing-datagram-stream.send " + addr}; !slices.Equal(d.all, want) {
		t.Errorf("denied %q, want %q", d.all, want)
	}

	c, _ = network(t, "listen:udp:127.0.0.1:0")
	at, wait := serving(t, c, "datagram-serve", "127.0.0.1:0", "2")
	conn, err := net.Dial("udp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, sent := range []string{"one", "two"} {
		conn.Write([]byte(sent))
		buf := make([]byte, 10)
		if n, err := conn.Read(buf); err != nil || string(buf[:n]) != sent {
			t.Errorf("%q comes back as %q, %v", sent, buf[:n], err)
		}
	}
	wait()
}

// names is a resolver with fixed answers.
type names map[string]string

func (n names) LookupNetIP(_ context.Context, _, host string) (all []netip.Addr, err error) {
	for a := range strings.FieldsSeq(n[host]) {
		all = append(all, netip.MustParseAddr(a))
	}
	if all == nil {
		err = &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return all, err
}

// TestNetworkLookup has Rust's std look up names.
func TestNetworkLookup(t *testing.T) {
	c, d := network(t, "dns:*.example.com")
	c.Network.Resolver = names{"api.example.com": "93.184.216.34 2606:2800::1", "example.com": "93.184.216.34"}
	for name, want := range map[string]string{
		"api.example.com:80":    "[93.184.216.34:80, [2606:2800::1]:80]\n",
		"10.0.0.1:80":           "[10.0.0.1:80]\n",
		"nobody.example.com:80": "error: Uncategorized\n",
		"example.com:80":        "error: Uncategorized\n",
	} {
		if got := netGuest(t.Context(), t, c, "lookup", name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if want := []string{"dns resolve-addresses example.com"}; !slices.Equal(d.all, want) {
		t.Errorf("denied %q, want %q", d.all, want)
	}
}

// TestNetworkOptions has Rust's std set options, and wait no longer than it says.
func TestNetworkOptions(t *testing.T) {
	addr := listener(t)
	c, _ := network(t, "tcp:"+addr)
	want := "ttl 42\nread timeout Err(WouldBlock)\nnonblocking Err(WouldBlock)\n"
	if got := netGuest(t.Context(), t, c, "options", addr); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A guest that waits for the network ends with its context, and leaves nothing
// behind.
func TestNetworkCancelled(t *testing.T) {
	_ = component(t, "net.wasm")
	before := runtime.NumGoroutine()
	c, _ := network(t, "listen:tcp:127.0.0.1:0")
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	c.Stdout = w
	c.Args = []string{"net", "serve", "127.0.0.1:0", "1"}
	ended := make(chan error)
	go func() {
		_, err := wasi.Run(ctx, component(t, "net.wasm"), rt.InstanceConfig{}, c)
		ended <- err
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	addr := strings.TrimSpace(line)
	cancel()
	if err := <-ended; err == nil {
		t.Error("the guest ends well")
	}
	if conn, err := net.Dial("tcp", addr); err == nil {
		conn.Close()
		t.Error("the socket is still there")
	}
	for range 4000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%d goroutines, there were %d", runtime.NumGoroutine(), before)
}

// A rule that is wrong keeps the instance from starting.
func TestNetworkWrongRule(t *testing.T) {
	c := wasi.Config{Args: []string{"net"}, Network: wasi.Network{Rules: []wasi.Rule{{Protocol: wasi.TCP, Host: "example.com"}}}}
	_, err := wasi.Run(t.Context(), component(t, "net.wasm"), rt.InstanceConfig{}, c)
	if err == nil || !strings.Contains(err.Error(), "network rule 0 (tcp:example.com): no port") {
		t.Errorf("got %v", err)
	}
}

// BenchmarkNetworkEcho sends bytes to an echo and waits for them: to one in Go,
// and to one in a guest.
func BenchmarkNetworkEcho(b *testing.B) {
	for _, size := range []int{64, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("size=%d/echo=go", size), func(b *testing.B) {
			benchmarkEcho(b, size, func(addr string) {
				c, err := net.Dial("tcp", addr)
				if err != nil {
					b.Error(err)
					return
				}
				defer c.Close()
				io.CopyBuffer(struct{ io.Writer }{c}, struct{ io.Reader }{c}, make([]byte, 64<<10))
			})
		})
		b.Run(fmt.Sprintf("size=%d/echo=guest", size), func(b *testing.B) {
			component(b, "net.wasm")
			benchmarkEcho(b, size, func(addr string) {
				c, _ := network(b, "tcp:"+addr)
				netGuest(b.Context(), b, c, "copy", addr, "65536")
			})
		})
	}
}

func benchmarkEcho(b *testing.B, size int, echo func(addr string)) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { echo(l.Addr().String()) })
	c, err := l.Accept()
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	sent, got := make([]byte, size), make([]byte, size)
	b.SetBytes(int64(size))
	for b.Loop() {
		done := make(chan struct{})
		go func() {
			c.Write(sent)
			close(done)
		}()
		if _, err := io.ReadFull(c, got); err != nil {
			b.Fatal(err)
		}
		<-done
	}
}
