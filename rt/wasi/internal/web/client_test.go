package web

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/audit"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// client is a guest that sends requests.
type client struct {
	t *testing.T
	*Host
	life   *poll.Life
	denied []audit.Denial
}

// newClient returns a guest with the rules of a network. Its life has ended when
// the test has, and with it its goroutines.
func newClient(t *testing.T, o Options, rules ...string) *client {
	t.Helper()
	return newClientOf(t, o, policy.Network{}, rules...)
}

// newClientOf is newClient with more of a network than its rules.
func newClientOf(t *testing.T, o Options, n policy.Network, rules ...string) *client {
	t.Helper()
	c := &client{t: t, life: &poll.Life{}}
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
	o.Life, o.Policy = c.life, func() *policy.Policy { return p }
	o.Audit = func(_ context.Context, d audit.Denial) { c.denied = append(c.denied, d) }
	c.Host = New(o)
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := c.life.End(ctx); err != nil {
			t.Errorf("the life does not end: %v", err)
		}
		for range 100 {
			if runtime.NumGoroutine() <= before {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
	})
	return c
}

// serve starts a server that ends with the test.
func serve(t *testing.T, f http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s
}

// ruleFor returns a rule that grants a server.
func ruleFor(s *httptest.Server) string {
	u, _ := url.Parse(s.URL)
	return u.Scheme + ":" + u.Host
}

// request returns a request for an URL.
func (c *client) request(method, to string, headers ...string) *OutgoingRequest {
	c.t.Helper()
	f := &Fields{}
	for i := 0; i < len(headers); i += 2 {
		if err := f.Append(c.t.Context(), headers[i], []byte(headers[i+1])); err != nil {
			c.t.Fatal(err)
		}
	}
	r, err := c.NewOutgoingRequest(c.t.Context(), f)
	if err != nil {
		c.t.Fatal(err)
	}
	own := r.(*OutgoingRequest)
	scheme, rest, _ := strings.Cut(to, "://")
	host, path, _ := strings.Cut(rest, "/")
	own.method, own.authority, own.path = methodOf(method), cm.Some(host), cm.Some("/"+path)
	if scheme == "http" {
		own.scheme = cm.Some[types.Scheme](types.SchemeHTTP{})
	}
	return own
}

// send sends a request.
func (c *client) send(r *OutgoingRequest, o *RequestOptions) *FutureIncomingResponse {
	c.t.Helper()
	var options cm.Option[types.RequestOptions]
	if o != nil {
		options = cm.Some[types.RequestOptions](o)
	}
	f, err := c.Handle(c.t.Context(), r, options)
	if err != nil {
		c.t.Fatalf("handle: %v", err)
	}
	return f.(*FutureIncomingResponse)
}

// wait returns what becomes of a request.
func (c *client) wait(f *FutureIncomingResponse) (*IncomingResponse, types.ErrorCode) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Second)
	defer cancel()
	if err := poll.Until(ctx, f); err != nil {
		c.t.Fatal("no response in 10 s")
	}
	o, err := f.Get(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	once, _ := o.Get()
	result, ok := once.OK()
	if !ok {
		c.t.Fatal("the response was told before")
	}
	if code, bad := result.Err(); bad {
		return nil, code
	}
	r, _ := result.OK()
	return r.(*IncomingResponse), nil
}

// get is send and wait for a GET request.
func (c *client) get(to string) (*IncomingResponse, types.ErrorCode) {
	c.t.Helper()
	return c.wait(c.send(c.request("GET", to), nil))
}

// body reads the body of a message, and its trailers.
func body(t *testing.T, m interface {
	Consume(context.Context) (types.IncomingBody, error)
}) (string, types.Fields, error) {
	t.Helper()
	ctx := t.Context()
	b, err := m.Consume(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.Stream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	text, err := readAll(t, s)
	if err != nil {
		return text, nil, err
	}
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	trailers, code := trailersOf(t, b)
	if code != nil {
		return text, nil, code
	}
	return text, trailers, nil
}

// readAll reads a stream to its end.
func readAll(t *testing.T, s streams.InputStream) (string, error) {
	t.Helper()
	var all []byte
	for {
		p, err := s.BlockingRead(t.Context(), 1<<63)
		if errors.Is(err, streams.StreamErrorClosed{}) {
			return string(all), nil
		} else if err != nil {
			return string(all), err
		}
		all = append(all, p...)
	}
}

// trailersOf finishes a body.
func trailersOf(t *testing.T, b types.IncomingBody) (types.Fields, types.ErrorCode) {
	t.Helper()
	future, err := New(Options{}).IncomingBodyFinish(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if err := poll.Until(t.Context(), future.(*FutureTrailers)); err != nil {
		t.Fatal(err)
	}
	o, _ := future.Get(t.Context())
	once, _ := o.Get()
	result, ok := once.OK()
	if !ok {
		t.Fatal("the trailers were told before")
	}
	if o, _ = future.Get(t.Context()); true {
		if once, ok = o.Get(); !ok {
			t.Error("trailers are not ready any more")
		} else if _, ok := once.OK(); ok {
			t.Error("trailers are told twice")
		}
	}
	if code, bad := result.Err(); bad {
		return nil, code
	}
	some, _ := result.OK()
	return some.Or(nil), nil
}

// codeIn returns the error-code of the error of a stream.
func codeIn(t *testing.T, err error) types.ErrorCode {
	t.Helper()
	failed, ok := errors.AsType[streams.StreamErrorLastOperationFailed](err)
	if !ok {
		t.Fatalf("%v, want an operation that failed", err)
	}
	code, _ := New(Options{}).HTTPErrorCode(t.Context(), failed.Value)
	return code.Or(nil)
}

func TestGet(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if name != "X-Own" {
				t.Errorf("the request has %s: %q", name, r.Header[name])
			}
		}
		w.Header()["x-B"] = []string{"2", "3"}
		w.Header().Set("Keep-Alive", "timeout=5")
		w.Header().Set("Connection", "close")
		w.Header().Set("Proxy-Authenticate", "evil")
		w.WriteHeader(404)
		io.WriteString(w, r.Method+" "+r.Host+" "+r.RequestURI)
	})
	c := newClient(t, Options{}, ruleFor(s))
	r, code := c.wait(c.send(c.request("GET", s.URL+"/a%2Fb?c=d%20e&f", "x-own", " v "), nil))
	if code != nil {
		t.Fatal(code)
	}
	if status, _ := r.Status(t.Context()); status != 404 {
		t.Errorf("status = %d", status)
	}
	headers, _ := r.Headers(t.Context())
	got := strings.Join(text(t, headers), "\n")
	if !strings.Contains(got, "X-B: 2\nX-B: 3") {
		t.Errorf("headers = %q", got)
	}
	for _, name := range forbidden {
		if has, _ := headers.Has(t.Context(), name); has {
			t.Errorf("headers have %s", name)
		}
	}
	want := "GET " + strings.TrimPrefix(s.URL, "http://") + " /a%2Fb?c=d%20e&f"
	if got, trailers, err := body(t, r); got != want || trailers != nil || err != nil {
		t.Errorf("body = %q, %v, %v, want %q", got, trailers, err, want)
	}
	if _, err := r.Consume(t.Context()); !isFail(err) {
		t.Errorf("the second consume = %v", err)
	}
}

// TestFuture asks a future before and after there is something in it.
func TestFuture(t *testing.T) {
	ctx := t.Context()
	answer := make(chan struct{})
	s := serve(t, func(http.ResponseWriter, *http.Request) { <-answer })
	c := newClient(t, Options{}, ruleFor(s))
	f := c.send(c.request("GET", s.URL+"/"), nil)
	if o, err := f.Get(ctx); o.IsSome() || err != nil {
		t.Errorf("get before = %v, %v", o, err)
	}
	p, _ := f.Subscribe(ctx)
	if ready, _ := p.Ready(ctx); ready {
		t.Error("ready before")
	}
	if err := f.Close(ctx); !errors.Is(err, poll.ErrChildren) {
		t.Errorf("drop before its pollable = %v", err)
	}
	soon, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := p.Block(soon); err == nil || time.Since(began) > time.Second {
		t.Errorf("block with a context that is done = %v after %v", err, time.Since(began))
	}
	close(answer)
	if err := p.Block(ctx); err != nil {
		t.Fatal(err)
	}
	if o, _ := f.Get(ctx); !o.IsSome() {
		t.Error("get is none after block")
	}
	o, _ := f.Get(ctx)
	if once, ok := o.Get(); !ok {
		t.Error("the second get is none")
	} else if _, ok := once.Err(); !ok {
		t.Error("the second get is no error")
	}
	p.Close(ctx)
	if err := f.Close(ctx); err != nil {
		t.Error(err)
	}
}

// TestDenied has nothing reach a server that is not granted.
func TestDenied(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	tests := []struct {
		name  string
		o     Options
		rules []string
		to    string
		want  types.ErrorCode
	}{
		{"nothing", Options{}, nil, s.URL + "/secret", types.ErrorCodeHTTPRequestDenied{}},
		{"another protocol", Options{}, []string{"tcp:127.0.0.1:" + port}, s.URL + "/", types.ErrorCodeHTTPRequestDenied{}},
		{"another scheme", Options{}, []string{"https:127.0.0.1:" + port}, s.URL + "/", types.ErrorCodeDestinationIPProhibited{}},
		{"another port", Options{}, []string{"http:127.0.0.1:1"}, s.URL + "/", types.ErrorCodeDestinationIPProhibited{}},
		{"any public host", Options{}, []string{"http:*:" + port}, s.URL + "/", types.ErrorCodeDestinationIPProhibited{}},
		{"another name", Options{}, []string{"http:*.example.com:80"}, "http://example.org/", types.ErrorCodeHTTPRequestDenied{}},
		{"hook", Options{Authorize: func(r *http.Request) error {
			if r.Body != nil || r.URL.Host == "" {
				t.Errorf("the hook is given %+v", r)
			}
			return errors.New("not today")
		}}, []string{"http:127.0.0.1:" + port}, s.URL + "/", types.ErrorCodeHTTPRequestDenied{}},
		{"hook, round tripper", Options{
			RoundTripper: http.DefaultTransport, Authorize: func(*http.Request) error { return errors.New("not today") },
		}, nil, s.URL + "/", types.ErrorCodeHTTPRequestDenied{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, tt.o, tt.rules...)
			_, err := c.Handle(t.Context(), c.request("GET", tt.to), cm.Option[types.RequestOptions]{})
			if got, ok := errors.AsType[cm.Err[types.ErrorCode]](err); !ok || got.Value != tt.want {
				t.Errorf("handle = %v, want %v", err, tt.want)
			}
			if len(c.denied) != 1 || c.denied[0].Capability != "http" || c.denied[0].Target != "GET "+tt.to {
				t.Errorf("denials: %+v", c.denied)
			}
		})
	}
}

// resolver has one address for every name.
type resolver string

func (r resolver) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr(string(r))}, nil
}

// TestRebinding grants a name that has the address of this machine.
func TestRebinding(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	c := newClient(t, Options{})
	r, err := policy.ParseRule("http:api.example.com:" + port)
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.New(policy.Network{Rules: []policy.Rule{r}, Resolver: resolver("127.0.0.1")})
	if err != nil {
		t.Fatal(err)
	}
	c.o.Policy = func() *policy.Policy { return p }
	_, code := c.get("http://api.example.com:" + port + "/")
	if code != (types.ErrorCodeDestinationIPProhibited{}) {
		t.Errorf("code = %v", code)
	}
	if len(c.denied) != 1 || !strings.Contains(c.denied[0].Target, "api.example.com") || !strings.Contains(c.denied[0].Reason, "loopback") {
		t.Errorf("denials: %+v", c.denied)
	} else if d := c.denied[0]; d.Address != "127.0.0.1:"+port || d.Range != "loopback" {
		t.Errorf("address %q, range %q", d.Address, d.Range)
	}
}

// TestNoProxyNoRedirect has the environment name a proxy, and the server another
// place.
func TestNoProxyNoRedirect(t *testing.T) {
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") })
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	var n atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		w.Header().Set("Set-Cookie", "a=b")
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	c := newClient(t, Options{}, ruleFor(s))
	r, code := c.get(s.URL + "/")
	if code != nil || r.status != http.StatusFound || n.Load() != 1 {
		t.Errorf("status %v, %v after %d requests", r, code, n.Load())
	}
	r.Close(t.Context())
}

// TestEncoding has the server compress what nobody asked for.
func TestEncoding(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "" {
			t.Errorf("accept-encoding: %q", got)
		}
		w.Header().Set("Content-Encoding", "gzip")
		io.WriteString(w, "as it is")
	})
	c := newClient(t, Options{}, ruleFor(s))
	r, code := c.get(s.URL + "/")
	if code != nil {
		t.Fatal(code)
	}
	if got, _, err := body(t, r); got != "as it is" || err != nil {
		t.Errorf("body = %q, %v", got, err)
	}
}

func TestInformationalIsPassedOver(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusTeapot)
	})
	c := newClient(t, Options{}, ruleFor(s))
	if r, code := c.get(s.URL + "/"); code != nil || r.status != http.StatusTeapot {
		t.Errorf("%v, %v", r, code)
	}
}

// TestConcurrentRequests begins more requests than may be under way.
func TestConcurrentRequests(t *testing.T) {
	ctx := t.Context()
	answer := make(chan struct{})
	s := serve(t, func(http.ResponseWriter, *http.Request) { <-answer })
	defer close(answer)
	c := newClient(t, Options{Requests: 3}, ruleFor(s))
	var last *FutureIncomingResponse
	for range 3 {
		last = c.send(c.request("GET", s.URL+"/"), nil)
	}
	_, err := c.Handle(ctx, c.request("GET", s.URL+"/"), cm.Option[types.RequestOptions]{})
	if got, ok := errors.AsType[cm.Err[types.ErrorCode]](err); !ok || got.Value != (types.ErrorCodeConnectionLimitReached{}) {
		t.Errorf("the fourth: %v", err)
	}
	last.Close(ctx)
	for i := 0; c.underWay.Load() > 2; i++ {
		if i == 500 {
			t.Fatal("a dropped future is still under way")
		}
		time.Sleep(10 * time.Millisecond)
	}
	c.send(c.request("GET", s.URL+"/"), nil)
}

// roundTripper is a host's own.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestRoundTripper has a host's own do what it should not.
func TestRoundTripper(t *testing.T) {
	internal := types.ErrorCodeInternalError{}
	tests := []struct {
		name string
		f    roundTripper
		want types.ErrorCode
	}{
		{"panics", func(*http.Request) (*http.Response, error) { panic("boom") }, internal},
		{"ends its goroutine", func(*http.Request) (*http.Response, error) { runtime.Goexit(); return nil, nil }, internal},
		{"nothing", func(*http.Request) (*http.Response, error) { return nil, nil }, internal},
		{"an error", func(*http.Request) (*http.Response, error) { return nil, errors.New("/etc/passwd") }, internal},
		{"a code", func(*http.Request) (*http.Response, error) { return nil, types.ErrorCodeLoopDetected{} }, types.ErrorCodeLoopDetected{}},
		{"status 99", func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 99}, nil }, types.ErrorCodeHTTPProtocolError{}},
		{"status 101", func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 101}, nil }, types.ErrorCodeHTTPProtocolError{}},
		{"too many headers", func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{"X": make([]string, 5000)}}, nil
		}, types.ErrorCodeHTTPResponseHeaderSectionSize{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, Options{RoundTripper: tt.f})
			if _, code := c.get("https://example.com/"); code != tt.want {
				t.Errorf("code = %v, want %v", code, tt.want)
			}
		})
	}
	t.Run("no body", func(t *testing.T) {
		c := newClient(t, Options{RoundTripper: roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, ContentLength: -1}, nil
		})})
		r, code := c.get("https://example.com/")
		if code != nil {
			t.Fatal(code)
		}
		if got, _, err := body(t, r); got != "" || err != nil {
			t.Errorf("body = %q, %v", got, err)
		}
	})
	t.Run("a body that panics", func(t *testing.T) {
		c := newClient(t, Options{RoundTripper: roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, ContentLength: -1, Body: panics{}}, nil
		})})
		r, code := c.get("https://example.com/")
		if code != nil {
			t.Fatal(code)
		}
		_, _, err := body(t, r)
		if got := codeIn(t, err); got != internal {
			t.Errorf("code = %v", got)
		}
	})
}

type panics struct{}

func (panics) Read([]byte) (int, error) { panic("boom") }
func (panics) Close() error             { panic("boom") }

// TestResponseBodyLimit has the server send more than the host lets through.
func TestResponseBodyLimit(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		w.Write(make([]byte, n))
	})
	c := newClient(t, Options{ResponseBody: 1000}, ruleFor(s))
	r, code := c.get(s.URL + "/1000")
	if code != nil {
		t.Fatal(code)
	}
	if got, _, err := body(t, r); len(got) != 1000 || err != nil {
		t.Errorf("1,000 bytes: %d, %v", len(got), err)
	}
	if r, code = c.get(s.URL + "/1001"); code != nil {
		t.Fatal(code)
	}
	_, _, err := body(t, r)
	if got := codeIn(t, err); got != (types.ErrorCodeHTTPResponseBodySize{Value: cm.Some[uint64](1001)}) {
		t.Errorf("1,001 bytes: %v", got)
	}
}
