package wasihttp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/wasi"
	"github.com/witgen/witgen/rt/wasi/wasihttp"
)

// TestReuse has instances serve several requests, but not after a trap.
func TestReuse(t *testing.T) {
	s := serve(t, wasihttp.Options{Reuse: 3, MaxConcurrent: 1}) // the next waits until the instance is back
	var got []string
	for _, path := range []string{"/count", "/count", "/count", "/count", "/trap", "/count", "/silent", "/count", "/count", "/count"} {
		_, body, err := s.get(t, path)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimSuffix(body, "\n"))
	}
	const fail = "Internal Server Error"
	want := []string{"1", "2", "3", "1", fail, "1", fail, "1", "2", "3"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// fill has requests in guests that do not end before they are cancelled.
func (s *server) fill(t *testing.T, n int) (empty func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range n {
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
	return func() { cancel(); wg.Wait() }
}

// TestBusy fills all turns, and the queue: of two more requests one is refused at
// once, and the other gets its turn when there is room.
func TestBusy(t *testing.T) {
	s := serve(t, wasihttp.Options{MaxConcurrent: 2, MaxWaiting: 1, MaxWait: time.Hour})
	empty := s.fill(t, 2)
	defer empty()
	answered := make(chan int)
	for range 2 {
		go func() {
			status, _, _ := s.get(t, "/")
			answered <- status
		}()
	}
	if status := <-answered; status != 503 {
		t.Errorf("beyond the queue: %d", status)
	}
	empty()
	if status := <-answered; status != 200 {
		t.Errorf("in the queue, then in a guest: %d", status)
	}
}

// TestBusyForLong has a request wait for longer than it may.
func TestBusyForLong(t *testing.T) {
	s := serve(t, wasihttp.Options{MaxConcurrent: 1, MaxWaiting: 1, MaxWait: 50 * time.Millisecond})
	empty := s.fill(t, 1)
	defer empty()
	if status, _, _ := s.get(t, "/"); status != 503 {
		t.Errorf("in the queue: %d", status)
	}
}

// TestClientGone has the client go away at different times.
func TestClientGone(t *testing.T) {
	s := serve(t, wasihttp.Options{MaxConcurrent: 1, MaxWaiting: 1, MaxWait: time.Hour, Timeout: -1})
	for _, path := range []string{"/spin", "/sleep", "/trickle?1000000", "/big?100000000000"} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		req, _ := http.NewRequestWithContext(ctx, "GET", s.URL+path, nil)
		if r, err := http.DefaultClient.Do(req); err == nil {
			io.CopyN(io.Discard, r.Body, 10)
			<-ctx.Done()
			r.Body.Close()
		}
		cancel()
		if status, _, err := s.get(t, "/"); status != 200 || err != nil {
			t.Errorf("after %s: %d, %v", path, status, err)
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
	for _, tt := range []struct {
		path, status string
		timeout      time.Duration
	}{
		{"/", "200 OK", time.Hour},
		{"/echo", "200 OK", 300 * time.Millisecond},
		{"/silent", "500 Internal Server Error", 300 * time.Millisecond},
	} {
		s := serve(t, wasihttp.Options{Timeout: tt.timeout})
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, "POST "+tt.path+" HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome")
		r, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(r.Body)
		if r.Status != tt.status || (err != nil) != (tt.path == "/echo") {
			t.Errorf("%s: %s, %v", tt.path, r.Status, err)
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

// TestClose closes a handler with a request in a guest that ends soon, and some
// that do not.
func TestClose(t *testing.T) {
	s := serve(t, wasihttp.Options{Timeout: -1, Reuse: 10})
	s.get(t, "/")
	sleeps := make(chan string)
	go func() {
		status, body, err := s.get(t, "/sleep")
		sleeps <- fmt.Sprint(status, " ", len(body), " ", err)
	}()
	empty := s.fill(t, 1)
	defer empty()
	trickles, err := http.Get(s.URL + "/trickle?30")
	if err != nil {
		t.Fatal(err)
	}
	defer trickles.Body.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	closed := make(chan error, 1)
	go func() { closed <- s.handler.Close(ctx) }()
	refused := 0
	for range 1000 { // it may not have begun
		if refused, _, _ = s.get(t, "/"); refused == 503 {
			break
		}
	}
	if refused != 503 {
		t.Errorf("while it closes: %d", refused)
	}
	if body, err := io.ReadAll(trickles.Body); trickles.StatusCode != 200 || len(body) != 150 || err != nil {
		t.Errorf("what ends soon: %s, %d bytes, %v", trickles.Status, len(body), err)
	}
	select {
	case err := <-closed:
		t.Fatalf("close = %v with a guest that has not ended", err)
	default:
	}
	cancel()
	if got := <-sleeps; got != "503 20 <nil>" {
		t.Errorf("what does not end: %s", got)
	}
	if err := <-closed; err != nil {
		t.Errorf("close = %v", err)
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
