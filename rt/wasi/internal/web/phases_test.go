package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// counter is a body that does not end.
type counter struct {
	n      atomic.Int64
	closed atomic.Bool
}

func (c *counter) Read(p []byte) (int, error) {
	if c.closed.Load() {
		return 0, net.ErrClosed
	}
	c.n.Add(int64(len(p)))
	return len(p), nil
}

func (c *counter) Close() error {
	c.closed.Store(true)
	return nil
}

func TestRequestOptions(t *testing.T) {
	ctx := t.Context()
	o, err := New(Options{}).NewRequestOptions(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]struct {
		set func(context.Context, cm.Option[uint64]) error
		get func(context.Context) (cm.Option[uint64], error)
	}{
		"connect":       {o.SetConnectTimeout, o.ConnectTimeout},
		"first-byte":    {o.SetFirstByteTimeout, o.FirstByteTimeout},
		"between-bytes": {o.SetBetweenBytesTimeout, o.BetweenBytesTimeout},
	} {
		for _, want := range []cm.Option[uint64]{cm.Some[uint64](5), cm.Some[uint64](math.MaxUint64), cm.None[uint64]()} {
			if err := f.set(ctx, want); err != nil {
				t.Errorf("set %s: %v", name, err)
			}
			if got, _ := f.get(ctx); got != want {
				t.Errorf("%s = %v, want %v", name, got, want)
			}
		}
	}
	o.SetConnectTimeout(ctx, cm.Some[uint64](math.MaxUint64))
	o.SetFirstByteTimeout(ctx, cm.Some[uint64](5))
	got := Timeouts{Connect: time.Second}.with(o.(*RequestOptions))
	if want := (Timeouts{time.Second, 5, 600 * time.Second}); got != want {
		t.Errorf("timeouts = %v, want %v", got, want)
	}
	if err := o.Close(ctx); err != nil {
		t.Error(err)
	}
}

// TestTimeouts has each phase take too long, or the others.
func TestTimeouts(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes no part in TLS
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/late":
			<-r.Context().Done()
		case "/stops":
			io.WriteString(w, "some")
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
		case "/slow": // in all more than a timeout
			for range 10 {
				io.WriteString(w, "part ")
				http.NewResponseController(w).Flush()
				time.Sleep(60 * time.Millisecond)
			}
		}
	})
	const soon, sooner = 100 * time.Millisecond, 500 * time.Millisecond // than all of /slow
	tests := []struct {
		name, url string
		timeouts  Timeouts
		want      types.ErrorCode // of the future
		body      types.ErrorCode // or of the body
	}{
		{"connect", "https://" + silent.Addr().String() + "/", Timeouts{Connect: soon}, types.ErrorCodeConnectionTimeout{}, nil},
		{"first byte", s.URL + "/late", Timeouts{FirstByte: soon}, types.ErrorCodeConnectionReadTimeout{}, nil},
		{"between bytes", s.URL + "/stops", Timeouts{BetweenBytes: soon}, nil, types.ErrorCodeConnectionReadTimeout{}},
		{"others than connect", s.URL + "/slow", Timeouts{Connect: sooner}, nil, nil},
		{"others than first byte", s.URL + "/slow", Timeouts{FirstByte: sooner}, nil, nil},
	}
	for _, tt := range tests {
		for _, guests := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				o, options := Options{Timeouts: tt.timeouts}, &RequestOptions{}
				if guests {
					o.Timeouts = Timeouts{}
					for d, to := range map[*time.Duration]*cm.Option[uint64]{
						&tt.timeouts.Connect: &options.connect, &tt.timeouts.FirstByte: &options.firstByte, &tt.timeouts.BetweenBytes: &options.betweenBytes,
					} {
						if *d != 0 {
							*to = cm.Some(uint64(*d))
						}
					}
				}
				c := newClient(t, o, ruleFor(s), "https:"+silent.Addr().String())
				r, code := c.wait(c.send(c.request("GET", tt.url), options))
				if code != tt.want {
					t.Fatalf("code = %v, want %v", code, tt.want)
				}
				if code == nil {
					got, _, err := body(t, r)
					if tt.body == nil {
						if got != strings.Repeat("part ", 10) || err != nil {
							t.Errorf("body = %q, %v", got, err)
						}
					} else if code := codeIn(t, err); code != tt.body || got != "some" {
						t.Errorf("body = %q, %v, want %v", got, code, tt.body)
					}
				}
			})
		}
	}
}

// slowBody has some parts, each of which takes its time.
type slowBody struct {
	ctx   context.Context
	parts int
}

func (b *slowBody) Read(p []byte) (int, error) {
	if b.parts == 0 {
		return 0, io.EOF
	}
	b.parts--
	select {
	case <-time.After(time.Second):
		return copy(p, "part "), nil
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
}

func (b *slowBody) Close() error { return nil }

// TestTimeoutsAreOfPhases has a response of which all comes in time, and which takes
// longer than that as a whole; and some that are late by next to nothing.
func TestTimeoutsAreOfPhases(t *testing.T) {
	late := types.ErrorCodeConnectionReadTimeout{}
	for _, tt := range []struct {
		name       string
		timeouts   Timeouts
		code, body types.ErrorCode
	}{
		{"in time", Timeouts{0, 2*time.Second + 1, time.Second + 1}, nil, nil},
		{"first byte", Timeouts{0, 2*time.Second - 1, time.Second + 1}, late, nil},
		{"between bytes", Timeouts{0, 2*time.Second + 1, time.Second - 1}, nil, late},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, Options{Timeouts: tt.timeouts, RoundTripper: roundTripper(func(r *http.Request) (*http.Response, error) {
					select {
					case <-time.After(2 * time.Second):
						return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Body: &slowBody{r.Context(), 10}}, nil
					case <-r.Context().Done():
						return nil, r.Context().Err()
					}
				})})
				r, code := c.get("http://host/")
				if code != tt.code {
					t.Fatalf("code = %v, want %v", code, tt.code)
				}
				if code != nil {
					return
				}
				got, _, err := body(t, r)
				if tt.body == nil && (got != strings.Repeat("part ", 10) || err != nil) || tt.body != nil && codeIn(t, err) != tt.body {
					t.Errorf("body = %q, %v, want %v", got, err, tt.body)
				}
			})
		})
	}
}

// TestBetweenBytesIsOfReads has the guest wait longer than the timeout between
// reads, which is its own affair.
func TestBetweenBytesIsOfReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{Timeouts: Timeouts{BetweenBytes: time.Second}, RoundTripper: roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Body: io.NopCloser(strings.NewReader(strings.Repeat("x", 500_000)))}, nil
		})})
		r, code := c.get("http://host/")
		if code != nil {
			t.Fatal(code)
		}
		time.Sleep(2 * time.Second)
		b, _ := r.Consume(t.Context())
		from, _ := b.Stream(t.Context())
		from.BlockingRead(t.Context(), 1)
		time.Sleep(2 * time.Second)
		if got, err := readAll(t, from); len(got) != 499_999 || err != nil {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
}

// TestDrop drops what a request is for at each time: the server sees it end.
func TestDrop(t *testing.T) {
	ctx := t.Context()
	gone, part := make(chan string), make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/future" {
			io.WriteString(w, "some")
			http.NewResponseController(w).Flush()
		} else {
			close(part)
		}
		<-r.Context().Done()
		gone <- r.URL.Path
	})
	c := newClient(t, Options{}, ruleFor(s))
	f := c.send(c.request("GET", s.URL+"/future"), nil)
	<-part
	f.Close(ctx)
	if got := <-gone; got != "/future" {
		t.Errorf("gone: %s", got)
	}

	f = c.send(c.request("GET", s.URL+"/untold"), nil)
	poll.Until(ctx, f)
	f.Close(ctx)
	if got := <-gone; got != "/untold" {
		t.Errorf("gone: %s", got)
	}

	for _, name := range []string{"/response", "/body", "/trailers", "/life"} {
		f = c.send(c.request("GET", s.URL+name), nil)
		r, code := c.wait(f)
		if code != nil {
			t.Fatal(code)
		}
		f.Close(ctx) // which the response outlives
		switch name {
		case "/response":
			r.Close(ctx)
		case "/body":
			b, _ := r.Consume(ctx)
			r.Close(ctx)
			b.Close(ctx)
		case "/trailers":
			b, _ := r.Consume(ctx)
			trailers, _ := c.IncomingBodyFinish(ctx, b)
			if o, err := trailers.Get(ctx); o.IsSome() || err != nil {
				t.Errorf("trailers = %v, %v", o, err)
			}
			trailers.Close(ctx)
		case "/life":
			b, _ := r.Consume(ctx)
			from, _ := b.Stream(ctx)
			from.BlockingRead(ctx, 100)
			p, _ := from.Subscribe(ctx)
			p.Ready(ctx) // a read is under way
			c.life.End(ctx)
		}
		if got := <-gone; got != name {
			t.Errorf("gone: %s", got)
		}
	}
}

// TestCertificates has servers whose certificates are not right.
func TestCertificates(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) }))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = nullLog()
	s.StartTLS()
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "https://"))
	https := strings.Replace(plain.URL, "http:", "https:", 1)
	for name, tt := range map[string]struct {
		roots *x509.CertPool
		url   string
		want  types.ErrorCode
	}{
		"good":         {roots, s.URL + "/", nil},
		"unknown":      {nil, s.URL + "/", types.ErrorCodeTLSCertificateError{}},
		"another name": {roots, "https://localhost:" + port + "/", types.ErrorCodeTLSCertificateError{}},
		"no TLS":       {roots, https + "/", types.ErrorCodeTLSProtocolError{}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, Options{Roots: tt.roots}, ruleFor(s), "https:localhost:"+port, strings.Replace(ruleFor(plain), "http:", "https:", 1))
			r, code := c.get(tt.url)
			if code != tt.want {
				t.Fatalf("code = %v, want %v", code, tt.want)
			}
			if code == nil {
				if got, _, err := body(t, r); got != "HTTP/2.0" || err != nil {
					t.Errorf("body = %q, %v", got, err)
				}
			}
		})
	}
}

// TestRefused has nobody listen, or break off.
func TestRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	c := newClient(t, Options{}, "http:"+addr)
	l.Close()
	if _, code := c.get("http://" + addr + "/"); code != (types.ErrorCodeConnectionRefused{}) {
		t.Errorf("nobody listens: %v", code)
	}
	for name, tt := range map[string]struct {
		says string
		want types.ErrorCode
		body bool
	}{
		"nothing":     {"", types.ErrorCodeConnectionTerminated{}, false},
		"nonsense":    {"SSH-2.0\r\n\r\n", types.ErrorCodeHTTPProtocolError{}, false},
		"half a head": {"HTTP/1.1 200 OK\r\nX: ", types.ErrorCodeHTTPResponseIncomplete{}, false},
		"half a body": {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", types.ErrorCodeHTTPResponseIncomplete{}, true},
		"large head":  {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", types.ErrorCodeHTTPResponseHeaderSectionSize{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				conn.Read(make([]byte, 1000))
				io.WriteString(conn, tt.says)
				conn.(*net.TCPConn).CloseWrite()
				io.Copy(io.Discard, conn)
				conn.Close()
			}()
			c := newClient(t, Options{}, "http:"+l.Addr().String())
			r, code := c.get("http://" + l.Addr().String() + "/")
			if tt.body && code == nil {
				_, _, err := body(t, r)
				code = codeIn(t, err)
			}
			if code != tt.want {
				t.Errorf("code = %v, want %v", code, tt.want)
			}
		})
	}
}

func TestCodes(t *testing.T) {
	dial := func(err error) error { return &url.Error{Err: &net.OpError{Op: "dial", Err: err}} }
	for _, tt := range []struct {
		err  error
		want types.ErrorCode
	}{
		{dial(&net.DNSError{IsTimeout: true}), types.ErrorCodeDNSTimeout{}},
		{dial(&net.DNSError{IsNotFound: true}), types.ErrorCodeDNSError{Value: types.DNSErrorPayload{Rcode: cm.Some("NXDOMAIN")}}},
		{dial(&net.DNSError{}), types.ErrorCodeDNSError{}},
		{policy.ErrName, types.ErrorCodeHTTPRequestURIInvalid{}},
		{dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), types.ErrorCodeConnectionRefused{}},
		{dial(os.NewSyscallError("connect", syscall.ENETUNREACH)), types.ErrorCodeDestinationIPUnroutable{}},
		{dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), types.ErrorCodeDestinationUnavailable{}},
		{dial(os.ErrDeadlineExceeded), types.ErrorCodeConnectionTimeout{}},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, types.ErrorCodeConnectionReadTimeout{}},
		{&net.OpError{Op: "write", Err: os.ErrDeadlineExceeded}, types.ErrorCodeConnectionWriteTimeout{}},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, types.ErrorCodeConnectionTerminated{}},
		{io.EOF, types.ErrorCodeConnectionTerminated{}},
		{io.ErrUnexpectedEOF, types.ErrorCodeHTTPResponseIncomplete{}},
		{errors.New("net/http: timeout awaiting response headers"), types.ErrorCodeHTTPResponseTimeout{}},
		{tls.AlertError(40), types.ErrorCodeTLSAlertReceived{Value: types.TLSAlertReceivedPayload{AlertID: cm.Some[uint8](40)}}},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, types.ErrorCodeTLSCertificateError{}},
		{tls.RecordHeaderError{}, types.ErrorCodeTLSProtocolError{}},
		{&policy.Denied{}, types.ErrorCodeHTTPRequestDenied{}},
		{&policy.Denied{Resolved: true}, types.ErrorCodeDestinationIPProhibited{}},
		{errors.New("secret host path"), types.ErrorCodeInternalError{}},
	} {
		if got := codeOf(t.Context(), tt.err); got != tt.want {
			t.Errorf("%v is %v, want %v", tt.err, got, tt.want)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(types.ErrorCodeConnectionTimeout{})
	if got := codeOf(ctx, io.EOF); got != (types.ErrorCodeConnectionTimeout{}) {
		t.Errorf("after a timeout: %v", got)
	}
}

func nullLog() *log.Logger { return log.New(io.Discard, "", 0) }
