package wasihttp_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
	"github.com/witgen/witgen/rt/wasi/wasihttp"
)

// TestStarlingMonkey serves with JavaScript that handles fetch events.
func TestStarlingMonkey(t *testing.T) {
	wasm, err := os.ReadFile(guests.Cached(t, "starling-server", "rt/wasi/testdata/languages/starling/server.js"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := rt.NewEngine(t.Context(), rt.Config{Interpreter: true}) // compiling takes long under the race detector
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	c, err := e.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-To", r.Header.Get("X-From"))
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, "%s %s: ", r.Method, r.URL.Path)
		_, _ = io.Copy(w, r.Body)
	}))
	defer other.Close()
	rule, err := wasi.ParseRule("http:" + strings.TrimPrefix(other.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	granted, _ := startStarling(t, c, wasi.Config{Network: wasi.Network{Rules: []wasi.Rule{rule}}})
	var denied []wasi.Denial
	closed, closedLog := startStarling(t, c, wasi.Config{Audit: func(_ context.Context, d wasi.Denial) { denied = append(denied, d) }})

	long := bytes.Repeat([]byte("hello, gopher\n"), 20_000)
	r, body := ask(t, http.MethodPut, granted+"/echo?x=1&y", long)
	if r.StatusCode != 200 || !bytes.Equal(body, long) {
		t.Errorf("echo: %d, %d bytes, want %d", r.StatusCode, len(body), len(long))
	}
	for name, want := range map[string]string{
		"X-Method": "PUT", "X-Path": "/echo?x=1&y", "X-Host": strings.TrimPrefix(granted, "http://"), "X-Echo-X-Two": "a, b",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("echo: %s is %q, want %q", name, got, want)
		}
	}
	if r, body := ask(t, http.MethodPost, granted+"/shout", long); r.StatusCode != 200 || !bytes.Equal(body, bytes.ToUpper(long)) {
		t.Errorf("shout: %d, %.80q", r.StatusCode, body)
	}
	to := "/fetch?url=" + url.QueryEscape(other.URL+"/there")
	if r, body := ask(t, http.MethodPost, granted+to, []byte("hello")); r.StatusCode != 202 || string(body) != "POST /there: hello" || r.Header.Get("X-To") != "guest" {
		t.Errorf("fetch: %d, %q, %v", r.StatusCode, body, r.Header)
	}
	if r, body := ask(t, http.MethodPost, closed+to, []byte("hello")); r.StatusCode != 502 || !strings.Contains(string(body), "Error") {
		t.Errorf("fetch without a rule: %d, %q", r.StatusCode, body)
	}
	if len(denied) != 1 || denied[0].Capability != "http" || denied[0].Target != "POST "+other.URL+"/there" {
		t.Errorf("fetch without a rule: denied %+v", denied)
	}
	if r, body := ask(t, http.MethodGet, closed+"/throw", nil); r.StatusCode != 500 || strings.Contains(string(body), "cheese") {
		t.Errorf("throw: %d, %q", r.StatusCode, body)
	}
	for range 200 { // it may be logged after the response
		if strings.Contains(closedLog.String(), "out of cheese") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("throw: the log has %s", closedLog)
}

// startStarling serves a component and returns the URL.
func startStarling(t *testing.T, c *rt.Component, config wasi.Config) (string, *log) {
	t.Helper()
	said := &log{}
	h, err := wasihttp.NewHandler(c, wasihttp.Options{WASI: config, Timeout: 2 * time.Minute, Log: slog.New(slog.NewTextHandler(said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		s.Close()
		if err := h.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s.URL, said
}

// ask sends a request and returns the response, and its body.
func ask(t *testing.T, method, to string, body []byte) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, to, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header["X-Two"] = []string{"a", "b"}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err != nil && answer.StatusCode != 500 { // the engine does not finish the body of an error: it is broken off if it is slow
		t.Fatalf("%s %s: %v", method, to, err)
	}
	return answer, got
}
