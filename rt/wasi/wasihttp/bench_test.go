package wasihttp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi/wasihttp"
)

// BenchmarkRequests sends requests over connections that are kept, as many at a
// time as there are processors, to a guest and to the same in Go.
func BenchmarkRequests(b *testing.B) {
	c, err := guest()
	if err != nil {
		b.Fatal(err)
	}
	plain := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/echo" {
			http.NewResponseController(w).EnableFullDuplex()
			io.Copy(w, r.Body)
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "hello")
	})
	handlers := []struct {
		name    string
		handler func() http.Handler
	}{
		{"go", func() http.Handler { return plain }},
		{"guest", func() http.Handler { return handler(b, c, wasihttp.Options{}) }},
		{"guest reused", func() http.Handler { return handler(b, c, wasihttp.Options{Reuse: 1_000_000}) }},
	}
	for _, request := range []struct{ name, path, body string }{
		{"hello", "/", ""},
		{"echo 1 KiB", "/echo", strings.Repeat("x", 1<<10)},
		{"echo 1 MiB", "/echo", strings.Repeat("x", 1<<20)},
	} {
		for _, h := range handlers {
			b.Run(request.name+"/"+h.name, func(b *testing.B) {
				s := httptest.NewServer(h.handler())
				defer s.Close()
				client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}
				defer client.CloseIdleConnections()
				want := max(len(request.body), len("hello"))
				b.SetBytes(int64(len(request.body)))
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						send(b, client, s.URL+request.path, request.body, want)
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
			})
		}
	}
}

// handler returns a handler that is closed after the benchmark.
func handler(b *testing.B, c *rt.Component, o wasihttp.Options) http.Handler {
	h, err := wasihttp.NewHandler(c, o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			b.Error(err)
		}
	})
	return h
}

func send(b *testing.B, c *http.Client, url, body string, want int) {
	var r *http.Response
	var err error
	if body == "" {
		r, err = c.Get(url)
	} else {
		r, err = c.Post(url, "text/plain", strings.NewReader(body))
	}
	if err != nil {
		b.Error(err)
		return
	}
	defer r.Body.Close()
	if n, err := io.Copy(io.Discard, r.Body); r.StatusCode != 200 || int(n) != want || err != nil {
		b.Errorf("%s: %d bytes, %v", r.Status, n, err)
	}
}
