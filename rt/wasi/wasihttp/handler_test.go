package wasihttp_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
	"github.com/witgen/witgen/rt/wasi/wasihttp"
)

// guest is the component of testdata, compiled once.
var guest = sync.OnceValues(func() (*rt.Component, error) {
	ctx := context.Background()
	wasm, err := os.ReadFile("testdata/server.wasm")
	if err != nil {
		return nil, err
	}
	e, err := engine()
	if err != nil {
		return nil, err
	}
	return e.Compile(ctx, wasm)
})

var engine = sync.OnceValues(func() (*rt.Engine, error) { return rt.NewEngine(context.Background(), rt.Config{}) })

// log collects what a handler says.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// server is a handler, in a server of its own.
type server struct {
	*httptest.Server
	handler *wasihttp.Handler
	log     *log
}

// serve starts a server. When the test ends, it and the handler are closed, and
// no goroutine is left.
func serve(t testing.TB, o wasihttp.Options) *server {
	t.Helper()
	c, err := guest()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{log: &log{}}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(s.log, nil))
	}
	before := runtime.NumGoroutine()
	if s.handler, err = wasihttp.NewHandler(c, o); err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewUnstartedServer(s.handler)
	errs := &log{}
	s.Config.ErrorLog = stdlog.New(errs, "", 0)
	s.Start()
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.handler.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		if got := errs.String(); got != "" {
			t.Errorf("the server logged %s", got)
		}
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		for range 200 {
			if runtime.NumGoroutine() <= before {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		buf := make([]byte, 1<<18)
		t.Errorf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
	})
	return s
}

// get sends a GET request and returns the status and the body.
func (s *server) get(t testing.TB, path string) (status int, body string, err error) {
	t.Helper()
	r, err := http.Get(s.URL + path)
	if err != nil {
		return 0, "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return r.StatusCode, string(b), err
}

func TestResponses(t *testing.T) {
	s := serve(t, wasihttp.Options{Timeout: time.Second, Limits: rt.Limits{Memory: 16 << 20}})
	tests := []struct {
		path   string
		status int
		body   string
		broken bool
		logged string
	}{
		{path: "/", status: 200, body: "hello"},
		{path: "/status?204", status: 204},
		{path: "/status?304", status: 304},
		{path: "/status?418", status: 418},
		{path: "/status?999", status: 999},
		{path: "/nowhere", status: 404, body: "no such path"},
		{path: "/big?1000000", status: 200, body: strings.Repeat("\x00", 1000000)},
		{path: "/trickle?3", status: 200, body: "tick\ntick\ntick\n"},
		{path: "/count", status: 200, body: "1"},
		{path: "/count", status: 200, body: "1"}, // another instance
		{path: "/error", status: 502, logged: "connection-refused"},
		{path: "/trap", status: 500, logged: "trap=unreachable"},
		{path: "/silent", status: 500, logged: "did not answer"},
		{path: "/drop", status: 500, logged: "did not answer"},
		{path: "/status?199", status: 500, logged: "trap=unreachable"}, // the guest is refused it, and gives up
		{path: "/long", status: 500, logged: "HTTP-response-body-size"},
		{path: "/trap-late", status: 200, body: "some", broken: true, logged: "trap=unreachable"},
		{path: "/short", status: 200, body: "four", broken: true, logged: "HTTP-response-body-size"},
		{path: "/unfinished", status: 200, body: "some", broken: true, logged: "not finished"},
		{path: "/kept", status: 200, body: "some", broken: true, logged: "not finished"},
		{path: "/spin", status: 504, logged: "trap=deadline"},
		{path: "/sleep", status: 504, logged: "timeout"},
		{path: "/trickle?1000000", status: 200, broken: true, logged: "broken off"},
	}
	for _, tt := range tests {
		before := len(s.log.String())
		status, body, err := s.get(t, tt.path)
		if status != tt.status {
			t.Errorf("%s: status %d, want %d", tt.path, status, tt.status)
		}
		want := tt.body
		if status >= 500 && tt.status != 999 {
			want = http.StatusText(status) + "\n"
		}
		if body != want && !strings.HasPrefix(tt.path, "/trickle?1000") {
			t.Errorf("%s: body %.60q, want %.60q", tt.path, body, want)
		}
		if (err != nil) != tt.broken {
			t.Errorf("%s: %v, want it broken off: %v", tt.path, err, tt.broken)
		}
		line := s.log.String()[before:]
		if !strings.Contains(line, tt.logged) || tt.logged == "" && line != "" || tt.logged != "" && !strings.Contains(line, "request=") {
			t.Errorf("%s: logged %q, want %q", tt.path, line, tt.logged)
		}
	}
}

// TestRequest has the guest say what it is told of a request.
func TestRequest(t *testing.T) {
	s := serve(t, wasihttp.Options{})
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "PURGE /head?a=%2F&b=c%20d HTTP/1.1\r\nHost: example.com:81\r\nx-a: 1\r\nX-A: 2\r\n"+
		"Proxy-Authorization: secret\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nConnection: upgrade, close\r\n\r\n")
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(r.Body)
	want := `Method::Other("PURGE") Some(Scheme::Http) Some("example.com:81") Some("/head?a=%2F&b=c%20d")` + "\nX-A: 1\nX-A: 2\n"
	if string(b) != want {
		t.Errorf("the guest was told\n%swant\n%s", b, want)
	}
}

// TestRawPaths sends paths that mean something else once they are taken apart.
func TestRawPaths(t *testing.T) {
	s := serve(t, wasihttp.Options{})
	for _, path := range []string{"//head", "/head/..%2f", "/head?", "/a%2Fb?x=%2F", "/a;b", "/a//b"} {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET /head?%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path)
		b, _ := io.ReadAll(conn)
		conn.Close()
		if want := fmt.Sprintf("Some(%q)", "/head?"+path); !strings.Contains(string(b), want) {
			t.Errorf("%s: %s, want %s", path, b, want)
		}
	}
}

// TestSmuggling sends what servers on the way could read differently.
func TestSmuggling(t *testing.T) {
	s := serve(t, wasihttp.Options{})
	for _, head := range []string{
		"Content-Length: 5\r\nContent-Length: 6\r\n",
		"Content-Length: +5\r\n",
		"Content-Length: 5\r\nTransfer-Encoding: chunked, identity\r\n",
		"Transfer-Encoding: xchunked\r\n",
		"Host: other\r\n",
		"Bad Name: x\r\n",
		"X: a\rb\r\n",
	} {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+head+"\r\nhello")
		r, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err == nil && r.StatusCode < 400 {
			t.Errorf("%q: status %d", head, r.StatusCode)
		}
		conn.Close()
	}
}

// wrapper is a response writer of a middleware.
type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// TestRestOfBody has guests leave bodies unread: connections are used again if
// the rest is there, and closed after the response if not.
func TestRestOfBody(t *testing.T) {
	s := serve(t, wasihttp.Options{})
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(wrapper{w}, r) })
	for _, tt := range []struct {
		name, head, body string
		again            bool
	}{
		{"small", "Content-Length: 5\r\n", "hello", true},
		{"small, chunked", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n", true},
		{"not there", "Content-Length: 5\r\n", "he", false},
		{"not there, chunked", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n", false},
		{"large", "Content-Length: 1000000\r\n", strings.Repeat("x", 1_000_000), false},
	} {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		go io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\n"+tt.head+"\r\n"+tt.body)
		in := bufio.NewReader(conn)
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if b, err := io.ReadAll(r.Body); string(b) != "hello" || err != nil {
			t.Errorf("%s: %q, %v", tt.name, b, err)
		}
		if tt.again {
			io.WriteString(conn, "GET /head HTTP/1.1\r\nHost: y\r\n\r\n")
		}
		r, err = http.ReadResponse(in, nil)
		if (err == nil) != tt.again || err == nil && r.StatusCode != 200 {
			t.Errorf("%s: the next response is %v, %v", tt.name, r, err)
		}
		conn.Close()
	}
}

// TestDirect calls the handler without a server.
func TestDirect(t *testing.T) {
	s := serve(t, wasihttp.Options{MaxBody: 100})
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, httptest.NewRequest("POST", "http://x/echo", strings.NewReader("body")))
	if w.Code != 200 || w.Body.String() != "body" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	r, _ := http.NewRequest("GET", "http://x/", nil)
	w = httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != 200 || w.Body.String() != "hello" {
		t.Errorf("without a body: %d %q", w.Code, w.Body)
	}
	r.Host = ""
	w = httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != 400 {
		t.Errorf("without a host: %d", w.Code)
	}
	pr, pw := io.Pipe() // nothing interrupts it but its Close
	defer pw.Close()
	r, _ = http.NewRequest("POST", "http://x/", pr)
	w = httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != 200 || w.Body.String() != "hello" {
		t.Errorf("with a body that does not come: %d %q", w.Code, w.Body)
	}
}

func TestHeaderBomb(t *testing.T) {
	s := serve(t, wasihttp.Options{})
	req, _ := http.NewRequest("GET", s.URL+"/", nil)
	for i := range 5000 {
		req.Header[fmt.Sprint("X", i)] = []string{""}
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", r.StatusCode)
	}
}

// TestEcho sends bodies of all sizes, with a length and without, and trailers.
func TestEcho(t *testing.T) {
	s := serve(t, wasihttp.Options{})
	for _, n := range []int{0, 1, 100, 4096, 65536, 65537, 1 << 20, 5_000_000} {
		want := make([]byte, n)
		for i := range want {
			want[i] = byte(i * 7)
		}
		for _, chunked := range []bool{false, true} {
			var body io.Reader = bytes.NewReader(want)
			if chunked {
				body = io.MultiReader(body)
			}
			req, _ := http.NewRequest("POST", s.URL+"/echo", body)
			if chunked {
				req.Trailer = http.Header{"X-Sum": {"42"}}
			}
			r, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r.Body)
			r.Body.Close()
			if !bytes.Equal(got, want) || err != nil {
				t.Errorf("%d bytes, chunked %v: %d came back, %v", n, chunked, len(got), err)
			}
			if got := r.Trailer.Get("X-Sum"); chunked && got != "42" {
				t.Errorf("%d bytes: trailer %q", n, got)
			}
		}
	}
}

// TestFullDuplex talks with the guest, a line at a time, in one request.
func TestFullDuplex(t *testing.T) {
	s := serve(t, wasihttp.Options{})
	for _, path := range []string{"/echo", "/late"} {
		pr, pw := io.Pipe()
		req, _ := http.NewRequest("POST", s.URL+path, pr)
		r, err := http.DefaultClient.Do(req) // the response comes while the request is sent
		if err != nil {
			t.Fatal(err)
		}
		if path == "/late" {
			first := make([]byte, 6)
			if _, err := io.ReadFull(r.Body, first); err != nil || string(first) != "first " {
				t.Fatalf("%q, %v", first, err)
			}
		}
		for i := range 20 {
			line := fmt.Sprintf("line %d\n", i)
			io.WriteString(pw, line)
			got := make([]byte, len(line))
			if _, err := io.ReadFull(r.Body, got); err != nil || string(got) != line {
				t.Fatalf("%s: %q, %v, want %q", path, got, err, line)
			}
		}
		pw.Close()
		if rest, err := io.ReadAll(r.Body); len(rest) > 0 || err != nil {
			t.Errorf("%s: %q, %v at the end", path, rest, err)
		}
		r.Body.Close()
	}
}

func TestTrailers(t *testing.T) {
	s := serve(t, wasihttp.Options{})
	for range 20 {
		r, err := http.Get(s.URL + "/trailers")
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r.Body)
		r.Body.Close()
		if string(b) != "body" || err != nil || r.Trailer.Get("X-Sum") != "42" {
			t.Fatalf("%q, %v, trailers %v", b, err, r.Trailer)
		}
	}
}

func TestInformational(t *testing.T) {
	s := serve(t, wasihttp.Options{})
	var hints []string
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		hints = append(hints, fmt.Sprint(code, " ", h.Get("Link")))
		return nil
	}})
	req, _ := http.NewRequestWithContext(ctx, "GET", s.URL+"/inform", nil)
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(r.Body)
	r.Body.Close()
	if len(hints) != 1 || hints[0] != "103 </style.css>" || r.Header.Get("Link") != "" {
		t.Errorf("informational responses %q, then %v", hints, r.Header)
	}
	if want := "Err(ErrorCode::HttpProtocolError) Ok(())"; string(b) != want {
		t.Errorf("the guest was told %q, want %q", b, want)
	}
}

func TestHead(t *testing.T) {
	s := serve(t, wasihttp.Options{})
	for range 5 {
		r, err := http.Head(s.URL + "/big?100000")
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r.Body)
		r.Body.Close()
		if r.StatusCode != 200 || len(b) > 0 || err != nil {
			t.Errorf("HEAD: %d, %d bytes, %v", r.StatusCode, len(b), err)
		}
	}
	if got := s.log.String(); got != "" {
		t.Errorf("logged %s", got)
	}
}

func TestMaxBody(t *testing.T) {
	s := serve(t, wasihttp.Options{MaxBody: 1000})
	for _, tt := range []struct {
		n       int
		chunked bool
		status  int
		want    string
	}{
		{1000, false, 200, "ok"}, {1000, true, 200, "ok"}, {1001, false, 413, ""}, {1001, true, 200, "HttpRequestBodySize(Some(1000))"},
	} {
		var body io.Reader = bytes.NewReader(make([]byte, tt.n))
		if tt.chunked {
			body = io.MultiReader(body)
		}
		r, err := http.Post(s.URL+"/late", "text/plain", body)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(r.Body)
		r.Body.Close()
		if tt.want == "ok" {
			tt.want = "first " + strings.Repeat("\x00", tt.n)
		}
		if r.StatusCode != tt.status || !strings.Contains(string(b), tt.want) {
			t.Errorf("%d bytes, chunked %v: %d %q", tt.n, tt.chunked, r.StatusCode, b)
		}
	}
}

// TestReuse has instances serve several requests, but not after a trap.
func TestReuse(t *testing.T) {
	s := serve(t, wasihttp.Options{Reuse: 3})
	var got []string
	for _, path := range []string{"/count", "/count", "/count", "/count", "/trap", "/count", "/silent", "/count", "/count", "/count"} {
		_, body, err := s.get(t, path)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimSuffix(body, "\n"))
		time.Sleep(20 * time.Millisecond) // until the instance is back
	}
	const fail = "Internal Server Error"
	want := []string{"1", "2", "3", "1", fail, "1", fail, "1", "2", "3"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestBusy fills all turns, and the queue.
func TestBusy(t *testing.T) {
	s := serve(t, wasihttp.Options{MaxConcurrent: 2, MaxWaiting: 1, MaxWait: 300 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 2 {
		started := make(chan struct{})
		wg.Go(func() {
			req, _ := http.NewRequestWithContext(ctx, "GET", s.URL+"/trickle?100000", nil)
			r, err := http.DefaultClient.Do(req)
			close(started)
			if err == nil {
				io.Copy(io.Discard, r.Body)
				r.Body.Close()
			}
		})
		<-started
	}
	waited := make(chan int)
	go func() {
		status, _, _ := s.get(t, "/")
		waited <- status
	}()
	time.Sleep(50 * time.Millisecond)
	began := time.Now()
	if status, _, _ := s.get(t, "/"); status != 503 || time.Since(began) > 200*time.Millisecond {
		t.Errorf("beyond the queue: %d after %v", status, time.Since(began))
	}
	if status := <-waited; status != 503 {
		t.Errorf("in the queue: %d", status)
	}
	go func() {
		status, _, _ := s.get(t, "/")
		waited <- status
	}()
	time.Sleep(50 * time.Millisecond)
	cancel() // makes room
	if status := <-waited; status != 200 {
		t.Errorf("in the queue, then in a guest: %d", status)
	}
	wg.Wait()
}

// TestClientGone has the client go away at different times.
func TestClientGone(t *testing.T) {
	s := serve(t, wasihttp.Options{MaxConcurrent: 1, MaxWaiting: 1, Timeout: -1})
	for _, path := range []string{"/spin", "/sleep", "/trickle?1000000", "/big?100000000000"} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		req, _ := http.NewRequestWithContext(ctx, "GET", s.URL+path, nil)
		if r, err := http.DefaultClient.Do(req); err == nil {
			io.CopyN(io.Discard, r.Body, 10)
			<-ctx.Done()
			r.Body.Close()
		}
		cancel()
		began := time.Now()
		if status, _, err := s.get(t, "/"); status != 200 || err != nil {
			t.Errorf("after %s: %d, %v", path, status, err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("after %s: the guest kept its turn for %v", path, took)
		}
	}
	// In the middle of its body.
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, "POST /late HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome")
	time.Sleep(50 * time.Millisecond)
	conn.Close()
	if status, _, err := s.get(t, "/"); status != 200 || err != nil {
		t.Errorf("after half a body: %d, %v", status, err)
	}
}

// TestSlowBody has a client send half of a body and wait: the guest ends with
// the timeout, and the one that answers without reading does not wait for it.
func TestSlowBody(t *testing.T) {
	s := serve(t, wasihttp.Options{Timeout: 300 * time.Millisecond})
	for path, want := range map[string]string{"/": "200 OK", "/echo": "200 OK", "/silent": "500 Internal Server Error"} {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome")
		r, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(r.Body)
		if r.Status != want || (err != nil) != (path == "/echo") || time.Since(began) > 2*time.Second {
			t.Errorf("%s: %s, %v after %v", path, r.Status, err, time.Since(began))
		}
		conn.Close()
	}
}

// TestOn has the guest work on after its response is sent.
func TestOn(t *testing.T) {
	arrived := make(chan struct{})
	answer := make(chan struct{})
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(arrived)
		<-answer
	}))
	defer other.Close()
	rule, err := wasi.ParseRule("http:" + strings.TrimPrefix(other.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, wasihttp.Options{WASI: wasi.Config{Network: wasi.Network{Rules: []wasi.Rule{rule}}}})
	status, body, err := s.get(t, "/after?"+other.URL+"/")
	if status != 200 || body != "done" || err != nil {
		t.Errorf("%d %q, %v", status, body, err)
	}
	<-arrived
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	closed := make(chan error)
	go func() { closed <- s.handler.Close(soon) }()
	<-soon.Done()
	if err := <-closed; err != nil {
		t.Errorf("close: %v", err)
	}
	close(answer)
}

// TestClose closes a handler with a request in a guest that ends soon, and one
// that does not.
func TestClose(t *testing.T) {
	s := serve(t, wasihttp.Options{Timeout: -1, Reuse: 10})
	s.get(t, "/")
	results := make(chan string, 2)
	for _, path := range []string{"/trickle?30", "/sleep"} {
		go func() {
			status, body, err := s.get(t, path)
			results <- fmt.Sprint(path, " ", status, " ", len(body), " ", err)
		}()
	}
	time.Sleep(100 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	began := time.Now()
	closed := make(chan error)
	go func() { closed <- s.handler.Close(ctx) }()
	time.Sleep(50 * time.Millisecond)
	if status, _, _ := s.get(t, "/"); status != 503 {
		t.Errorf("while it closes: %d", status)
	}
	if err := <-closed; err != nil || time.Since(began) < 900*time.Millisecond {
		t.Errorf("close = %v after %v", err, time.Since(began))
	}
	got := map[string]bool{<-results: true, <-results: true}
	if !got["/trickle?30 200 150 <nil>"] || !got["/sleep 503 20 <nil>"] {
		t.Errorf("%v", got)
	}
}

// TestConcurrent has many clients at once, whose guests trap at random: only
// those requests fail.
func TestConcurrent(t *testing.T) {
	for _, reuse := range []int{1, 5} {
		t.Run(fmt.Sprint("reuse ", reuse), func(t *testing.T) {
			s := serve(t, wasihttp.Options{MaxConcurrent: 16, MaxWait: time.Minute, Reuse: reuse})
			var wg sync.WaitGroup
			for range 32 {
				wg.Go(func() {
					for range 25 {
						s.random(t)
					}
				})
			}
			wg.Wait()
		})
	}
}

// random sends a request and looks whether what comes back is right.
func (s *server) random(t *testing.T) {
	switch rand.IntN(6) {
	case 0:
		if status, body, err := s.get(t, "/trap"); status != 500 || body != "Internal Server Error\n" || err != nil {
			t.Errorf("/trap: %d %q, %v", status, body, err)
		}
	case 1:
		if status, body, err := s.get(t, "/trap-late"); status != 200 || body != "some" || err == nil {
			t.Errorf("/trap-late: %d %q, %v", status, body, err)
		}
	case 2:
		want := strings.Repeat("x", rand.IntN(100_000))
		r, err := http.Post(s.URL+"/echo", "text/plain", strings.NewReader(want))
		if err != nil {
			t.Error(err)
			return
		}
		defer r.Body.Close()
		if b, err := io.ReadAll(r.Body); string(b) != want || err != nil {
			t.Errorf("/echo: %d bytes, %v, want %d", len(b), err, len(want))
		}
	case 3:
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(5))*time.Millisecond)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, "POST", s.URL+"/echo", strings.NewReader(strings.Repeat("x", 1_000_000)))
		if r, err := http.DefaultClient.Do(req); err == nil {
			io.Copy(io.Discard, r.Body)
			r.Body.Close()
		}
	default:
		if status, body, err := s.get(t, "/"); status != 200 || body != "hello" || err != nil {
			t.Errorf("/: %d %q, %v", status, body, err)
		}
	}
}

// TestSlowClients has 1,000 clients that read nothing of what they asked for:
// the host's memory stays as it is.
func TestSlowClients(t *testing.T) {
	const clients, turns = 1000, 50
	s := serve(t, wasihttp.Options{MaxConcurrent: turns, MaxWait: time.Minute, Timeout: time.Minute})
	s.get(t, "/")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	conns := make([]net.Conn, clients)
	for i := range conns {
		c, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns[i] = c
		io.WriteString(c, "GET /big?1000000000 HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	time.Sleep(2 * time.Second)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > clients*40<<10+turns*300<<10 {
		t.Errorf("the heap has grown by %d KiB for %d clients", grown>>10, clients)
	}
	for _, c := range conns {
		c.Close()
	}
	if status, _, err := s.get(t, "/"); status != 200 || err != nil {
		t.Errorf("afterwards: %d, %v", status, err)
	}
}

func TestFetch(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Path", r.RequestURI)
		http.NewResponseController(w).EnableFullDuplex()
		w.WriteHeader(201)
		io.Copy(w, r.Body)
	}))
	defer other.Close()
	rule, err := wasi.ParseRule("http:" + strings.TrimPrefix(other.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	var denied []wasi.Denial
	s := serve(t, wasihttp.Options{WASI: wasi.Config{
		Network: wasi.Network{Rules: []wasi.Rule{rule}},
		Audit:   func(_ context.Context, d wasi.Denial) { denied = append(denied, d) },
	}})
	want := strings.Repeat("body", 100_000)
	r, err := http.Post(s.URL+"/fetch?"+other.URL+"/a%2Fb", "text/plain", strings.NewReader(want))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r.Body)
	r.Body.Close()
	if r.StatusCode != 201 || string(b) != want || err != nil || r.Header.Get("X-Path") != "/a%2Fb" {
		t.Errorf("%d, %d bytes, %v, path %q", r.StatusCode, len(b), err, r.Header.Get("X-Path"))
	}
	for url, want := range map[string]string{
		"http://169.254.169.254/latest": "handle: ErrorCode::DestinationIpProhibited",
		"http://localhost:1/":           "handle: ErrorCode::HttpRequestDenied",
		"https://example.com/":          "handle: ErrorCode::HttpRequestDenied",
		"file://etc/passwd":             "handle: ErrorCode::HttpProtocolError",
	} {
		denied = nil
		if _, body, _ := s.get(t, "/fetch?"+url); body != want {
			t.Errorf("%s: %q, want %q", url, body, want)
		}
		if !strings.HasPrefix(url, "file") && len(denied) != 1 {
			t.Errorf("%s: denials %v", url, denied)
		}
	}
}

func TestMany(t *testing.T) {
	block := make(chan struct{})
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-block }))
	defer other.Close()
	defer close(block)
	s := serve(t, wasihttp.Options{WASI: wasi.Config{HTTP: wasi.HTTPClient{RoundTripper: http.DefaultTransport, MaxRequests: 7}}})
	if _, body, _ := s.get(t, "/many?"+other.URL+"/"); body != "7 ErrorCode::ConnectionLimitReached" {
		t.Errorf("%q", body)
	}
}

// TestHTTP2 serves the same over HTTP/2.
func TestHTTP2(t *testing.T) {
	s := serve(t, wasihttp.Options{})
	tls := httptest.NewUnstartedServer(s.handler)
	tls.EnableHTTP2 = true
	tls.StartTLS()
	defer tls.Close()
	client := tls.Client()
	r, err := client.Post(tls.URL+"/echo", "text/plain", io.MultiReader(strings.NewReader(strings.Repeat("x", 300_000))))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r.Body)
	if len(b) != 300_000 || err != nil || r.ProtoMajor != 2 {
		t.Errorf("%s: %d bytes, %v", r.Proto, len(b), err)
	}
	if r, err = client.Get(tls.URL + "/head"); err != nil {
		t.Fatal(err)
	}
	if b, _ = io.ReadAll(r.Body); !strings.Contains(string(b), "Some(Scheme::Https)") {
		t.Errorf("%s", b)
	}
	if r, err = client.Get(tls.URL + "/trailers"); err != nil {
		t.Fatal(err)
	}
	if b, _ = io.ReadAll(r.Body); string(b) != "body" || r.Trailer.Get("X-Sum") != "42" {
		t.Errorf("%q, %v", b, r.Trailer)
	}
	if r, err = client.Get(tls.URL + "/trap-late"); err == nil {
		b, err = io.ReadAll(r.Body)
	}
	if err == nil {
		t.Errorf("a response that is broken off ends well: %q", b)
	}
}

// TestNewHandler refuses what does not serve.
func TestNewHandler(t *testing.T) {
	ctx := t.Context()
	e, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(ctx)
	c, err := e.Compile(ctx, []byte("\x00asm\x0d\x00\x01\x00"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wasihttp.NewHandler(c, wasihttp.Options{}); err == nil || !strings.Contains(err.Error(), `missing export "wasi:http/incoming-handler@0.2.12"`) {
		t.Errorf("a component without exports: %v", err)
	}
	if c, err = guest(); err != nil {
		t.Fatal(err)
	}
	if _, err := wasihttp.NewHandler(c, wasihttp.Options{Limits: rt.Limits{Memory: 65536}}); !errors.Is(err, rt.ErrMemory) {
		t.Errorf("without memory: %v", err)
	}
}

// TestOutput has guests write to their standard streams, and panic.
func TestOutput(t *testing.T) {
	var out wasi.Buffer
	for name, o := range map[string]wasihttp.Options{
		"logged": {}, "logged, reused": {Reuse: 5}, "written": {WASI: wasi.Config{Stdout: &out, Stderr: &out}},
	} {
		s := serve(t, o)
		if _, body, _ := s.get(t, "/print"); body != "printed" {
			t.Errorf("%s: %q", name, body)
		}
		if status, body, _ := s.get(t, "/panic"); status != 500 || strings.Contains(body, "cheese") {
			t.Errorf("%s: %d %q", name, status, body)
		}
		s.handler.Close(t.Context())
		want := []string{`level=INFO msg="to stdout"`, `level=WARN msg="to stderr"`, "out of cheese", "trap=unreachable"}
		if o.WASI.Stdout != nil {
			want = want[3:]
			if got := out.String(); !strings.Contains(got, "to stdout\n") || !strings.Contains(got, "to stderr") || !strings.Contains(got, "out of cheese") {
				t.Errorf("%s: written %q", name, got)
			}
		}
		got := s.log.String()
		for _, text := range want {
			if !strings.Contains(got, text) {
				t.Errorf("%s: logged %s, want %s", name, got, text)
			}
		}
		if ids := strings.Count(got, "request="); ids != strings.Count(got, "\n") && o.Reuse == 0 {
			t.Errorf("%s: %d lines with an id in %s", name, ids, got)
		}
	}
}

// TestMessages has guests log by wasi:logging: without a log of their own they have
// the handler's, under the id of the request, whether or not an instance had others.
func TestMessages(t *testing.T) {
	own := &log{}
	text := func(to io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(to, nil)) }
	for name, o := range map[string]wasihttp.Options{
		"instance per request": {}, "reused": {Reuse: 5}, "to a log of their own": {WASI: wasi.Config{Log: text(own)}},
		"dropped": {WASI: wasi.Config{Log: slog.New(slog.DiscardHandler)}},
	} {
		o.RequestID = func(r *http.Request) string { return "id" + r.URL.RawQuery }
		s := serve(t, o)
		var want string
		for n := range 3 {
			if _, body, _ := s.get(t, fmt.Sprintf("/log?%d", n)); body != "logged" {
				t.Errorf("%s: %q", name, body)
			}
			want += fmt.Sprintf("level=ERROR msg=\"request %d\\\\nis slow\" request=id%d context=db\n", n, n)
		}
		got := times.ReplaceAllString(s.log.String(), "")
		if o.WASI.Log != nil {
			want = ""
		}
		if got != want {
			t.Errorf("%s: logged\n%s\nwant\n%s", name, got, want)
		}
	}
	if got := strings.Count(own.String(), `is slow" context=db`); got != 3 {
		t.Errorf("a log of their own has %s", own)
	}
}

var times = regexp.MustCompile(`(?m)^time=\S+ `)

func TestRequestID(t *testing.T) {
	s := serve(t, wasihttp.Options{})
	for range 2 {
		s.get(t, "/silent")
	}
	ids := regexp.MustCompile(`request=(\S+)`).FindAllStringSubmatch(s.log.String(), -1)
	if len(ids) != 2 || ids[0][1] == ids[1][1] {
		t.Errorf("ids: %q", ids)
	}
}
