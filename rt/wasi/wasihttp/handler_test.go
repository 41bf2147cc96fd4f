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
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.handler.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		if got := errs.String(); got != "" {
			t.Errorf("the server logged %s", got)
		}
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		for range 1000 {
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
	limits := rt.Limits{Memory: 16 << 20}
	patient, hasty := serve(t, wasihttp.Options{Timeout: time.Minute, Limits: limits}), serve(t, wasihttp.Options{Timeout: time.Second, Limits: limits})
	tests := []struct {
		path   string
		status int
		body   string
		broken bool
		logged string
		late   bool
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
		{path: "/spin", status: 504, logged: "trap=deadline", late: true},
		{path: "/sleep", status: 504, logged: "timeout", late: true},
		{path: "/trickle?1000000", status: 200, broken: true, logged: "broken off", late: true},
	}
	for _, tt := range tests {
		s := patient
		if tt.late {
			s = hasty
		}
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
