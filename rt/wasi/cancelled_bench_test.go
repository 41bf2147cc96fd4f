//go:build linux

package wasi_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/wasi"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/web"
	"github.com/witgen/witgen/rt/wasi/p2/cli/run"
	"github.com/witgen/witgen/rt/wasi/p2/http/incominghandler"
)

// wait is a guest that will wait for something.
type wait struct {
	guest  string // of testdata
	config wasi.Config
	// waits is closed when all that the guest waits for is as it has to be; nil
	// if that is so from the beginning.
	waits <-chan struct{}
	// request is what a guest answers that is no command.
	request *http.Request
}

// waits are all that a guest can wait for in a host function. Files are not among
// them: of those that a guest may open, none makes it wait.
var waits = []struct {
	name string
	wait func(b *testing.B) wait
}{
	{"wait=clock", func(*testing.B) wait { return commandWait("command.wasm", wasi.Config{}, "sleep", "1000000") }},
	{"wait=poll-of-one", func(*testing.B) wait { return pollWait(1) }},
	{"wait=poll-of-10000", func(*testing.B) wait { return pollWait(10_000) }},
	{"wait=stdin-reader", func(b *testing.B) wait {
		r, w := io.Pipe()
		b.Cleanup(func() { w.Close() })
		return commandWait("command.wasm", wasi.Config{Stdin: r}, "echo")
	}},
	{"wait=stdin-pipe", func(b *testing.B) wait {
		r, _ := filePipe(b)
		return commandWait("command.wasm", wasi.Config{Stdin: r}, "echo")
	}},
	{"wait=stdout-writer", func(b *testing.B) wait {
		r, w := io.Pipe()
		b.Cleanup(func() { r.Close() })
		return commandWait("command.wasm", wasi.Config{Stdout: w}, "flood", "10000000", "4096")
	}},
	{"wait=stdout-pipe", func(b *testing.B) wait {
		_, w := filePipe(b)
		return commandWait("command.wasm", wasi.Config{Stdout: w}, "flood", "10000000", "4096")
	}},
	{"wait=tcp-accept", func(b *testing.B) wait {
		c, _ := network(b, "listen:tcp:127.0.0.1:0")
		return commandWait("net.wasm", c, "serve", "127.0.0.1:0", "1")
	}},
	{"wait=tcp-connect", func(b *testing.B) wait { return netWait(b, fullListener(b), "ask", "hello") }},
	{"wait=tcp-receive", func(b *testing.B) wait {
		return netWait(b, peer(b, func(net.Conn) { <-b.Context().Done() }), "ask", "hello")
	}},
	{"wait=tcp-send", func(b *testing.B) wait {
		full := make(chan struct{})
		w := netWait(b, peer(b, func(c net.Conn) { fill(c, full) }), "copy", "65536")
		w.waits = full
		return w
	}},
	{"wait=tcp-connect-dialer", func(b *testing.B) wait {
		c, _ := network(b, "tcp:127.0.0.1:1")
		c.Network.Dialer = slow{}
		return commandWait("net.wasm", c, "ask", "127.0.0.1:1", "hello")
	}},
	{"wait=udp-receive", func(b *testing.B) wait {
		c, _ := network(b, "listen:udp:127.0.0.1:0")
		return commandWait("net.wasm", c, "datagram-serve", "127.0.0.1:0", "1")
	}},
	{"wait=name-lookup", func(b *testing.B) wait {
		c, _ := network(b, "dns:*")
		c.Network.Resolver = slow{}
		return commandWait("net.wasm", c, "lookup", "example.com:80")
	}},
	{"wait=name-lookup-deaf-resolver", func(b *testing.B) wait {
		c, _ := network(b, "dns:*")
		d := deaf{make(chan struct{})}
		c.Network.Resolver = d
		b.Cleanup(func() { close(d.end) })
		return commandWait("net.wasm", c, "lookup", "example.com:80")
	}},
	{"wait=http-connect", func(b *testing.B) wait { return httpWait(b, "GET", "http://"+fullListener(b), nil) }},
	{"wait=http-response", func(b *testing.B) wait {
		return httpWait(b, "GET", upstream(b, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), nil)
	}},
	{"wait=http-response-body", func(b *testing.B) wait {
		return httpWait(b, "GET", upstream(b, func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "some")
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}), nil)
	}},
	{"wait=http-request-body", func(b *testing.B) wait {
		return httpWait(b, "POST", upstream(b, func(http.ResponseWriter, *http.Request) { <-b.Context().Done() }), endless{})
	}},
	{"wait=http-round-tripper", func(b *testing.B) wait {
		w := httpWait(b, "GET", "http://example.com", nil)
		w.config.HTTP.RoundTripper = slow{}
		return w
	}},
	{"wait=incoming-body", func(b *testing.B) wait {
		r, w := io.Pipe()
		b.Cleanup(func() { w.Close() })
		return wait{guest: "../wasihttp/testdata/server.wasm", request: httptest.NewRequest("POST", "/echo", r)}
	}},
	{"wait=incoming-body-of-which-a-piece-came", func(b *testing.B) wait {
		r, w := io.Pipe()
		go io.WriteString(w, "some")
		b.Cleanup(func() { w.Close() })
		return wait{guest: "../wasihttp/testdata/server.wasm", request: httptest.NewRequest("POST", "/echo", r)}
	}},
	{"wait=outgoing-body", func(*testing.B) wait {
		return wait{guest: "../wasihttp/testdata/server.wasm", request: httptest.NewRequest("GET", "/big?1000000000", nil)}
	}},
	{"wait=key-value-open", func(*testing.B) wait {
		return commandWait("drafts.wasm", wasi.Config{KeyValue: slow{}}, "store", "default")
	}},
	{"wait=key-value-get", func(*testing.B) wait {
		return commandWait("drafts.wasm", wasi.Config{KeyValue: slow{opens: true}}, "store", "default")
	}},
	{"wait=settings", func(*testing.B) wait {
		return commandWait("drafts.wasm", wasi.Config{Settings: slowSettings{}}, "config", "key")
	}},
}

func commandWait(guest string, c wasi.Config, args ...string) wait {
	c.Args = append([]string{guest}, args...)
	return wait{guest: guest, config: c}
}

// pollWait is the command that polls so many timers.
func pollWait(n int) wait {
	c := &alarms{left: n, all: make(chan struct{})}
	w := commandWait("raw.wasm", wasi.Config{Clock: c}, "poll-wait", strconv.Itoa(n))
	w.waits = c.all
	return w
}

// alarms is a clock whose alarms never ring.
type alarms struct {
	left int
	all  chan struct{} // closed when so many are set
}

func (a *alarms) Now() time.Time           { return time.Unix(0, 0) }
func (a *alarms) Monotonic() time.Duration { return 0 }

func (a *alarms) AfterFunc(d time.Duration, f func()) (stop func()) {
	timer := time.AfterFunc(d, f)
	if a.left--; a.left == 0 {
		close(a.all)
	}
	return func() { timer.Stop() }
}

// netWait is the command that uses the network, which has an address of this
// machine as its first argument.
func netWait(b *testing.B, addr, what string, args ...string) wait {
	c, _ := network(b, "tcp:"+addr)
	return commandWait("net.wasm", c, slices.Concat([]string{what, addr}, args)...)
}

// httpWait is the guest that sends its request on.
func httpWait(b *testing.B, method, url string, body io.Reader) wait {
	c, _ := network(b, "http:127.0.0.1:*")
	return wait{guest: "../wasihttp/testdata/server.wasm", config: c, request: httptest.NewRequest(method, "/fetch?"+url, body)}
}

// filePipe is a pipe of the system.
func filePipe(b *testing.B) (r, w *os.File) {
	b.Helper()
	pr, pw, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { pr.Close(); pw.Close() })
	return pr, pw
}

// peer listens on this machine, and serves one connection.
func peer(b *testing.B, serve func(net.Conn)) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		serve(c)
	}()
	return l.Addr().String()
}

// fill writes to who sends everything back, until nothing more goes in.
func fill(c net.Conn, full chan<- struct{}) {
	p := make([]byte, 64<<10)
	for {
		c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		if n, err := c.Write(p); n == 0 && err != nil {
			close(full)
			break
		}
	}
	c.SetWriteDeadline(time.Time{})
	io.Copy(c, endless{}) // until the other side is gone
}

// fullListener listens on this machine where nobody is accepted any more: who
// connects waits.
func fullListener(b *testing.B) string {
	b.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { syscall.Close(fd) })
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 0)); err != nil {
		b.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		b.Fatal(err)
	}
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(name.(*syscall.SockaddrInet4).Port)).String()
	for {
		c, err := net.DialTimeout("tcp", addr, 100*time.Millisecond)
		if err != nil {
			return addr
		}
		b.Cleanup(func() { c.Close() })
	}
}

// upstream is a server on this machine.
func upstream(b *testing.B, h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	b.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s.URL
}

// slow is what a host has given that takes its time: it ends with its context.
type slow struct {
	wasi.Bucket
	opens bool // buckets open at once
}

func (slow) wait(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func (s slow) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	return nil, s.wait(ctx)
}

func (s slow) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return nil, s.wait(ctx)
}

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) { return nil, s.wait(r.Context()) }

func (s slow) Open(ctx context.Context, _ string) (wasi.Bucket, error) {
	if s.opens {
		return s, nil
	}
	return nil, s.wait(ctx)
}

func (s slow) Get(ctx context.Context, _ string) ([]byte, string, error) {
	return nil, "", s.wait(ctx)
}

type slowSettings struct{ slow }

func (s slowSettings) Get(ctx context.Context, _ string) (string, bool, error) {
	return "", false, s.wait(ctx)
}

func (s slowSettings) All(ctx context.Context) (map[string]string, error) { return nil, s.wait(ctx) }

// deaf is a resolver that does not heed its context.
type deaf struct{ end chan struct{} }

func (d deaf) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	<-d.end
	return nil, net.ErrClosed
}

// world has what guests export that wait.
func (w wait) world() rt.World {
	if w.request == nil {
		return rt.World{Name: "command", Exports: []*abi.Interface{run.Interface}}
	}
	return rt.World{Name: "proxy", Exports: []*abi.Interface{incominghandler.Interface}}
}

// begin starts an instance, and returns the call that waits.
func (w wait) begin(b *testing.B) (in *rt.Instance, call func(context.Context) error) {
	b.Helper()
	linked, err := component(b, w.guest).Link(w.world())
	if err != nil {
		b.Fatal(err)
	}
	in, err = linked.Instantiate(b.Context(), nil, rt.InstanceConfig{Imports: wasi.Imports(w.config)})
	if err != nil {
		b.Fatal(err)
	}
	if w.request == nil {
		return in, run.Export(in.Exports(0)).Run
	}
	life := &poll.Life{}
	x, err := web.NewExchange(w.request, life)
	if err != nil {
		b.Fatal(err)
	}
	return in, func(ctx context.Context) error {
		defer func() {
			x.Return()
			go life.End(context.Background()) // nobody closes the body of the request
		}()
		return incominghandler.Export(in.Exports(0)).Handle(ctx, x.Request(), x.Outparam())
	}
}

// BenchmarkCancelled has guests wait for all that there is to wait for, and ends
// the context: it measures how long it takes until the call has returned. What
// the host has given heeds its context, where nothing else is said.
func BenchmarkCancelled(b *testing.B) {
	for _, w := range waits {
		b.Run(w.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				took = append(took, cancelled(b, w.wait(b)))
			}
			slices.Sort(took)
			ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
			b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
			b.ReportMetric(ms(took[len(took)-1]), "max-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// cancelled returns how long it takes from the end of the context to that of the
// call.
func cancelled(b *testing.B, w wait) time.Duration {
	b.Helper()
	in, call := w.begin(b)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var returned time.Time
	ended := make(chan error, 1)
	go func() {
		err := call(ctx)
		returned = time.Now()
		ended <- err
	}()
	if w.waits != nil {
		<-w.waits
	}
	select {
	case err := <-ended:
		b.Fatalf("the guest does not wait: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	start := time.Now()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		b.Errorf("the call ends with %v", err)
	}
	end, stop := context.WithTimeout(context.WithoutCancel(b.Context()), 10*time.Millisecond)
	defer stop()
	_ = in.Close(end) // which waits for what was written, and says so
	return returned.Sub(start)
}
