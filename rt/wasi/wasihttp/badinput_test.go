package wasihttp_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/wasi/wasihttp"
)

// TestBadRequests sends requests that lie about their length, that others could
// read differently, and that are too large: the guest gets no more than there is,
// and the host allocates no more than that takes.
func TestBadRequests(t *testing.T) {
	s := serve(t, wasihttp.Options{})
	const most = "Content-Length: 9223372036854775807\r\n"
	for _, test := range []struct {
		name, path, head, body string
		want                   string // of the body; or else the response is none or broken
	}{
		{name: "less than it says", path: "/echo", head: "Content-Length: 10\r\n", body: "hello"},
		{name: "much less", path: "/echo", head: most, body: "hello"},
		{name: "much less, unread", path: "/", head: most, body: "hello", want: "hello"},
		{name: "more than it says", path: "/echo", head: "Content-Length: 5\r\n", body: "hello and more", want: "hello"},
		{name: "more than can be", path: "/echo", head: "Content-Length: 9223372036854775808\r\n", body: "hello"},
		{name: "a chunk that is less", path: "/echo", head: "Transfer-Encoding: chunked\r\n", body: "7fffffffffffffff\r\nhello"},
		{name: "a chunk that cannot be", path: "/echo", head: "Transfer-Encoding: chunked\r\n", body: "ffffffffffffffffff\r\nhello"},
		{name: "two lengths", path: "/echo", head: "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", body: "5\r\nhello\r\n0\r\n\r\n", want: "hello"},
		{name: "two lengths, and not chunked", path: "/echo", head: "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", body: "hello"},
		{name: "many headers", path: "/", head: strings.Repeat("X:\r\n", 5000)},
		{name: "a large header", path: "/", head: "X: " + strings.Repeat("x", 8<<20) + "\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			status, got, err := exchange(t, s, "POST "+test.path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+test.head+"\r\n"+test.body, test.want == "")
			runtime.ReadMemStats(&after)
			whole := err == nil && status == http.StatusOK
			if whole != (test.want != "") || whole && got != test.want {
				t.Errorf("status %d, %q, %v; want %q", status, got, err, test.want)
			}
			// Of that a copy of the request is the test's own.
			if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20+2*uint64(len(test.head)) {
				t.Errorf("%d bytes were allocated", n)
			}
		})
	}
	// What the guest is told of both lengths is one.
	_, got, err := exchange(t, s, "POST /head HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", false)
	if lower := strings.ToLower(got); err != nil || strings.Contains(lower, "length") || strings.Contains(lower, "encoding") {
		t.Errorf("the guest is told %q, %v", got, err)
	}
}

// exchange sends a request as it is. If that is all that the server is to wait
// for, it says so, which is as if the client went away.
func exchange(t *testing.T, s *server, request string, all bool) (status int, body string, err error) {
	t.Helper()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	go func() {
		io.WriteString(conn, request)
		if all {
			conn.(*net.TCPConn).CloseWrite()
		}
	}()
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return r.StatusCode, string(b), err
}
