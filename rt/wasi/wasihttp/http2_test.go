package wasihttp_test

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/wasi/wasihttp"
)

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
