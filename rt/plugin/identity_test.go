package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/internal/race"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// TestIdentity changes all that a revision is made of: what it is makes another
// one, and when its file was written does not.
func TestIdentity(t *testing.T) {
	const variable = "WITGEN_TEST_IDENTITY"
	t.Setenv(variable, "one")
	seen := &events{}
	h := observed(t, seen)
	path := filepath.Join(t.TempDir(), "core.wasm")
	wasm, err := os.ReadFile("../wasi/testdata/command.wasm") // which asks for the environment
	if err != nil {
		t.Fatal(err)
	}
	save := func() {
		t.Helper()
		if err := os.WriteFile(path, wasm, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	save()
	p := pooled()
	p.Env.Allow = []string{variable}
	s, err := plugin.Add(t.Context(), h, "data", rawWorld(nil), plugin.Options{Policy: p, Source: plugin.File(path)})
	if err != nil {
		t.Fatal(err)
	}
	serving := s.Status().Stable.Digest
	load := func(what string, another bool) {
		t.Helper()
		r, err := s.Load(t.Context(), plugin.File(path))
		if err != nil {
			t.Fatal(err)
		}
		if (r.Digest() != serving) != another || s.Status().Stable.Digest != r.Digest() {
			t.Errorf("%s: another revision: %v, want %v", what, r.Digest() != serving, another)
		}
		serving = r.Digest()
	}
	load("nothing", false)
	if err := os.Chtimes(path, time.Now(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	load("time", false)
	save()
	load("the same bytes", false)
	t.Setenv(variable, "two")
	load("environment", true)
	t.Setenv(variable, "one")
	load("environment, back", true)
	t.Setenv("WITGEN_TEST_OTHER", "one")
	load("what it does not see", false)
	wasm = append(wasm, rawSection(0, name("mark"))...)
	save()
	load("bytes", true)
	p2 := *p
	p2.Config = map[string]string{"key": "value"}
	if r, err := s.Grant(t.Context(), p2); err != nil || r.Digest() == serving {
		t.Errorf("configuration: %v", err)
	}
	if n, u := len(seen.of(plugin.Swapped)), len(seen.of(plugin.Unchanged)); n != 5 || u != 4 {
		t.Errorf("%d swaps, %d times nothing changed", n, u)
	}
}

// TestTouchedFile touches a file that is watched: nothing is loaded.
func TestTouchedFile(t *testing.T) {
	seen := &events{}
	h := observed(t, seen)
	path := filepath.Join(t.TempDir(), "core.wasm")
	c := various()
	if err := os.WriteFile(path, c.encode(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := plugin.Add(t.Context(), h, "data", rawWorld(nil), plugin.Options{Policy: pooled(), Source: plugin.File(path), Watch: true}); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Now(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond) // a file is at rest after less
	c.mark = "2"
	if err := os.WriteFile(path, c.encode(), 0o600); err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); len(seen.of(plugin.Swapped)) < 2; time.Sleep(time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatal("what it became is not loaded")
		}
	}
	reached := 0
	for _, e := range seen.of(plugin.Reached) {
		if e.Stage == plugin.Compile {
			reached++
		}
	}
	if reached != 2 {
		t.Errorf("%d revisions were compiled, want 2", reached)
	}
}

// TestCut cuts a component at each 4 KiB: what served goes on, and the message
// says where the file ends.
func TestCut(t *testing.T) {
	h := newHost(t)
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	wasm, err := os.ReadFile(guests.Plugin("rust/data-processor"))
	if err != nil {
		t.Fatal(err)
	}
	serving := s.Status().Stable.Digest
	for n := 4 << 10; n < len(wasm); n += 4 << 10 {
		_, err := s.Load(t.Context(), plugin.Bytes("cut", wasm[:n]))
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%#x", n)) || !strings.Contains(err.Error(), "still serving "+serving.Short()) {
			t.Errorf("cut at %#x: %v", n, err)
		}
		if s.Status().Stable.Digest != serving {
			t.Fatalf("cut at %#x: something else serves", n)
		}
	}
	if _, err := metadata(t.Context(), s); err != nil {
		t.Error(err)
	}
}

// TestFlipped flips each bit of a component, or each seventh: it is refused, or serves as another
// revision, whatever that does; and what is said of it is text. The host and its
// other plugins go on.
func TestFlipped(t *testing.T) {
	h := newHost(t)
	limits := func(p *policy.Policy) { p.Limits.Deadline = policy.Duration(20 * time.Millisecond) }
	c := various()
	c.funcs = c.funcs[:9]
	s := addRaw(t, h, "data", c, nil, limits)
	other := addRaw(t, h, "other", various(), nil, nil)
	serving := s.Status().Stable.Digest
	wasm := c.encode()
	step := race.Fewer(1, 7)
	if testing.Short() {
		step = 13
	}
	refused := 0
	for bit := 0; bit < len(wasm)*8; bit += step {
		wasm[bit/8] ^= 1 << (bit % 8)
		_, err := s.Load(t.Context(), plugin.Bytes("flipped", append([]byte(nil), wasm...)))
		wasm[bit/8] ^= 1 << (bit % 8)
		if err != nil {
			refused++
			if s.Status().Stable.Digest != serving {
				t.Fatalf("bit %d: something else serves", bit)
			}
			if !utf8.ValidString(err.Error()) {
				t.Errorf("bit %d: %q", bit, err)
			}
			continue
		}
		for _, f := range []string{"answer", "count"} {
			if _, err := call(t.Context(), s, f, 1); err != nil && !utf8.ValidString(err.Error()) {
				t.Errorf("bit %d: %q", bit, err)
			}
		}
		if _, err := s.Retry(t.Context(), c.source()); err != nil {
			t.Fatal(err)
		}
	}
	if m, err := call(t.Context(), other, "count", 0); err != nil || m != 1 {
		t.Errorf("%d, %v", m, err)
	}
	t.Logf("%d of %d refused", refused, len(wasm)*8/step)
}

// TestClosesUnderNoCall replaces a revision whose call is in a host function that heeds no
// context: nothing is closed below it, calls go on with the new one, and the
// host says so. When it returns all is freed.
func TestClosesUnderNoCall(t *testing.T) {
	seen := &events{}
	h, err := plugin.New(t.Context(), plugin.Config{Logger: quiet, Observer: seen, DrainTimeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	entered, leave := make(chan struct{}), make(chan struct{})
	var once atomic.Bool
	c := various()
	s := addRaw(t, h, "data", c, func(context.Context, uint32) (uint32, error) {
		if !once.Swap(true) {
			close(entered)
			<-leave
		}
		return 7, nil
	}, deadline(time.Minute))
	old := s.Status().Stable.Digest
	done := make(chan error, 1)
	go func() {
		_, err := call(t.Context(), s, "ask", 0)
		done <- err
	}()
	<-entered
	c.mark = "2"
	if _, err := s.Load(t.Context(), c.source()); err != nil {
		t.Fatal(err)
	}
	if e := seen.wait(t, plugin.Stuck); e.Revision != old.Short() || e.Text != "1 calls do not end, though they were cancelled" {
		t.Errorf("%+v", e)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := h.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("closed below a call: %v", err)
	}
	if n := len(seen.of(plugin.Retired)); n > 1 { // the new one may be
		t.Error("the old one is retired")
	}
	select {
	case err := <-done:
		t.Errorf("the call ended: %v", err)
	default:
	}
	close(leave)
	if err := <-done; err != nil { // it had all it needed
		t.Errorf("the call: %v", err)
	}
	if err := h.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
