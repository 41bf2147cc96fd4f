package wasihttp_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/wasi/wasihttp"
)

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
