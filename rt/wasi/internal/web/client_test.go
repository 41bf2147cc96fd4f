package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"strings"
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
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := c.life.End(ctx); err != nil {
			t.Errorf("the life does not end: %v", err)
		}
		for range 1000 {
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
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	if err := poll.Until(ctx, f); err != nil {
		c.t.Fatal("no response in a minute")
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
	if err := p.Block(soon); err == nil {
		t.Errorf("block with a context that is done = %v", err)
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
