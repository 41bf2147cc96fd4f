//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/witgen/witgen/internal/guests"
)

// served is witgen serve in a process of its own.
type served struct {
	*exec.Cmd
	url    string
	mu     sync.Mutex
	stderr bytes.Buffer
}

func (s *served) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stderr.Write(p)
}

func (s *served) log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stderr.String()
}

// startServe starts witgen serve with the guest of package wasihttp.
func startServe(t *testing.T, args ...string) *served {
	t.Helper()
	guest, err := filepath.Abs("../../rt/wasi/wasihttp/testdata/server.wasm")
	if err != nil {
		t.Fatal(err)
	}
	return startServeOf(t, guest, args...)
}

// startServeOf starts witgen serve with a guest.
func startServeOf(t *testing.T, guest string, args ...string) *served {
	t.Helper()
	if testing.Short() {
		t.Skip("it builds the command")
	}
	s := &served{}
	s.Cmd = process(t, t.TempDir(), nil, append([]string{"serve", guest, "--addr", "127.0.0.1:0"}, args...)...)
	s.Stderr = s
	out, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(2*time.Minute, func() { _ = s.Process.Kill() })
	t.Cleanup(func() { stop.Stop(); _ = s.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !regexp.MustCompile(`^http://127\.0\.0\.1:[1-9][0-9]*\n$`).MatchString(line) {
		t.Fatalf("it printed %q, %v\n%s", line, err, s.log())
	}
	s.url = strings.TrimSpace(line)
	return s
}

// get returns what the component answers.
func (s *served) get(path string) (body string, err error) {
	r, err := http.Get(s.url + path)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return r.Status + " " + string(b), err
}

// TestServe serves, and ends after the request that is under way.
func TestServe(t *testing.T) {
	learned := filepath.Join(t.TempDir(), "learned.yaml")
	s := startServe(t, "--timeout", "1m", "--memory", "16MiB", "--reuse", "2", "--learn", learned)
	for path, want := range map[string]string{
		"/": "200 OK hello", "/head?x": `Some("/head?x")`, "/trap": "500 Internal Server Error Internal Server Error\n",
		"/fetch?http://127.0.0.1:1/": "200 OK handle: ErrorCode::HttpRequestDenied",
	} {
		if got, err := s.get(path); !strings.Contains(got, want) || err != nil {
			t.Errorf("%s: %q, %v, want %q", path, got, err, want)
		}
	}
	logged := func() bool {
		return strings.Contains(s.log(), "trap=unreachable") && strings.Contains(s.log(), "request=")
	}
	for range 6000 { // what it logs comes by a pipe of its own
		if logged() {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !logged() {
		t.Errorf("it logged %q", s.log())
	}
	r, err := http.Get(s.url + "/trickle?50")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r.Body); string(got) != strings.Repeat("tick\n", 50) || err != nil {
		t.Errorf("the request under way: %q, %v", got, err)
	}
	if err := s.Wait(); err != nil {
		t.Errorf("exit: %v\n%s", err, s.log())
	}
	if text, err := os.ReadFile(learned); err != nil || !strings.Contains(string(text), "allow: [\"http:127.0.0.1:1\"]") && !strings.Contains(string(text), "allow: ['http:127.0.0.1:1']") {
		t.Errorf("learned %s, %v", text, err)
	}
}

// TestServeEndsAtOnce signals twice. Only the first is an interrupt: what runs in the
// background may have been told to ignore those.
func TestServeEndsAtOnce(t *testing.T) {
	s := startServe(t)
	r, err := http.Get(s.url + "/trickle?1000000")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := s.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for range 6000 {
		if strings.Contains(s.log(), "ending after the requests") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, r.Body); err == nil {
		t.Error("the request under way was answered")
	}
	exit, ok := errors.AsType[*exec.ExitError](s.Wait())
	if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("exit: %v", exit)
	}
}

// TestServeStarlingMonkey serves with JavaScript that handles fetch events, and
// fetches from another server where a rule lets it.
func TestServeStarlingMonkey(t *testing.T) {
	guest := guests.Cached(t, "starling-server", "rt/wasi/testdata/languages/starling/server.js")
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "you are at ", r.URL.Path) }))
	defer other.Close()
	s := startServeOf(t, guest, "--interpreter", "--net", "http:"+strings.TrimPrefix(other.URL, "http://"))
	for path, want := range map[string]string{
		"/none":                              "404 Not Found no such path\n",
		"/fetch?url=" + other.URL + "/there": "200 OK you are at /there",
	} {
		if got, err := s.get(path); got != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", path, got, err, want)
		}
	}
}
