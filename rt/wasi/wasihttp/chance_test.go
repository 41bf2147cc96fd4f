package wasihttp_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/wasi/wasihttp"
)

// TestChance has guests that trap by chance, of which each says so before it
// does, beside others that answer: as many requests fail as guests trapped, all
// others are right, and no instance is left.
func TestChance(t *testing.T) {
	for _, reuse := range []int{1, 10} {
		t.Run(fmt.Sprint("reuse ", reuse), func(t *testing.T) {
			e, err := engine()
			if err != nil {
				t.Fatal(err)
			}
			before := e.Memory()
			var s *server
			t.Run("requests", func(t *testing.T) { // its end closes the handler
				s = serve(t, wasihttp.Options{MaxConcurrent: 16, MaxWait: time.Minute, Reuse: reuse})
				var failed, served atomic.Int64
				var wg sync.WaitGroup
				for client := range 16 {
					wg.Go(func() {
						for end := time.Now().Add(time.Second); time.Now().Before(end) || failed.Load() == 0 && served.Load() < 20_000; served.Add(1) {
							if client%2 == 0 {
								s.echoes(t, fmt.Sprint("client ", client))
							} else if s.fails(t, "/chance?200") {
								failed.Add(1)
							}
						}
					})
				}
				wg.Wait()
				said, logged := strings.Count(s.log.String(), "trapping by chance"), strings.Count(s.log.String(), "status=500")
				if n := int(failed.Load()); n == 0 || said != n || logged != n {
					t.Errorf("%d guests said that they trap, %d requests failed and %d are in the log, of %d", said, n, logged, served.Load())
				}
			})
			if after := e.Memory(); after.Bytes != before.Bytes {
				t.Errorf("instances have %d bytes of memory, %d before", after.Bytes, before.Bytes)
			}
		})
	}
}

// fails sends a request that is answered with hello, or fails as one whose guest
// trapped. It reports whether it failed.
func (s *server) fails(t *testing.T, path string) bool {
	status, body, err := s.get(t, path)
	switch {
	case err == nil && status == 500 && body == "Internal Server Error\n":
		return true
	case err != nil || status != 200 || body != "hello":
		t.Errorf("%s: %d %q, %v", path, status, body, err)
	}
	return false
}

// echoes sends a text that comes back.
func (s *server) echoes(t *testing.T, text string) {
	r, err := http.Post(s.URL+"/echo", "text/plain", strings.NewReader(text))
	if err != nil {
		t.Error(err)
		return
	}
	defer r.Body.Close()
	if b, err := io.ReadAll(r.Body); r.StatusCode != 200 || string(b) != text || err != nil {
		t.Errorf("/echo: %s %q, %v, want %q", r.Status, b, err, text)
	}
}
