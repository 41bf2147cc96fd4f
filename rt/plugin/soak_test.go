package plugin_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt/plugin"
)

var (
	reloadFor = flag.Duration("reload", 2*time.Second, "how long TestReloads reloads")
	kills     = flag.Int("kills", 20, "how often TestKilled kills a host")
)

// TestReloads has 64 callers and a reload every 5 ms, half of which fail at some
// stage: no call fails, each is answered by one revision, and nothing is left.
func TestReloads(t *testing.T) {
	h, err := plugin.New(t.Context(), plugin.Config{Logger: slog.New(slog.DiscardHandler), DrainTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"c/data-processor", "rust/data-processor"}
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: pooled(), Source: guest(t, names[0])})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	goroutines := runtime.NumGoroutine()
	answers := make(map[string]bool) // what each of the two says of itself
	for _, name := range names {
		if _, err := s.Load(t.Context(), guest(t, name)); err != nil {
			t.Fatal(err)
		}
		m, err := metadata(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		answers[m.Name+"\x00"+m.Description] = true
	}
	if len(answers) != 2 {
		t.Fatalf("the two say the same: %v", answers)
	}

	var done atomic.Bool
	var callers sync.WaitGroup
	var served atomic.Int64
	for range 64 {
		callers.Go(func() {
			for !done.Load() {
				var m pluginapi.PluginMetadata
				err := s.Do(t.Context(), func(ctx context.Context, p *api.Plugin) (err error) {
					m, err = p.PluginAPI.GetMetadata(ctx)
					return err
				})
				if err != nil || !answers[m.Name+"\x00"+m.Description] {
					t.Errorf("%+v, %v", m, err)
					return
				}
				served.Add(1)
			}
		})
	}
	stages := []plugin.Stage{plugin.Settle, plugin.Verify, plugin.Check, plugin.Compile, plugin.Probing, plugin.Warm}
	broken := errors.New("broken")
	reloads, failures := 0, 0
	for begin := time.Now(); time.Since(begin) < *reloadFor || reloads < 50; reloads++ {
		next := time.Now().Add(5 * time.Millisecond)
		at := plugin.Stage("")
		if rand.IntN(2) == 0 {
			at = stages[rand.IntN(len(stages))]
		}
		h.Fault(func(_ string, stage plugin.Stage) error {
			if stage == at {
				return broken
			}
			return nil
		})
		before := s.Status().Stable.Digest
		_, err := s.Retry(t.Context(), guest(t, names[rand.IntN(2)]))
		if now := s.Status().Stable.Digest; err != nil && (!errors.Is(err, broken) || now != before) {
			t.Fatalf("%v, and %s serves instead of %s", err, now.Short(), before.Short())
		}
		if err != nil {
			failures++
		}
		time.Sleep(time.Until(next))
	}
	done.Store(true)
	callers.Wait()
	t.Logf("%d calls served, %d reloads, of which %d failed", served.Load(), reloads, failures)
	if served.Load() == 0 {
		t.Error("no call was served")
	}
	if failures == 0 || reloads == failures {
		t.Errorf("%d of %d reloads failed", failures, reloads)
	}
	for begin := time.Now(); runtime.NumGoroutine() > goroutines && time.Since(begin) < 20*time.Second; {
		time.Sleep(time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, %d before", n, goroutines)
	}
	if err := h.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m := h.Engine().Memory(); m.Bytes != 0 {
		t.Errorf("%d bytes of linear memory are left", m.Bytes)
	}
}

// TestMain runs what TestKilled kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv("WITGEN_TEST_RELOADS"); dir != "" {
		reloadUntilKilled(dir)
	}
	os.Exit(m.Run())
}

// reloadUntilKilled loads revisions one after the other, and says which serves
// whenever one does.
func reloadUntilKilled(dir string) {
	fatal := func(err error) {
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
	}
	t := context.Background()
	h, err := plugin.New(t, plugin.Config{StateDir: dir, Logger: slog.New(slog.DiscardHandler)})
	fatal(err)
	read := func(n byte) plugin.Source {
		wasm, err := os.ReadFile(guests.Plugin("c/data-processor"))
		fatal(err)
		wasm = append(wasm, 0, 2, 1, n)
		fmt.Println("loads", plugin.Digest(sha256.Sum256(wasm)))
		return plugin.Bytes("data", wasm)
	}
	broken := plugin.Bytes("broken", []byte("broken"))
	s, err := plugin.Add(t, h, "data", world(), plugin.Options{Policy: pooled(), Source: broken})
	if err != nil && os.Getenv("WITGEN_TEST_FIRST") != "" {
		s, err = plugin.Add(t, h, "data", world(), plugin.Options{Policy: pooled(), Source: read(0)})
	}
	fatal(err)
	fmt.Println("serves", s.Status().Stable.Code)
	for {
		n := byte(rand.IntN(120))
		if n%5 == 0 {
			_, _ = s.Load(t, broken)
		} else if r, err := s.Load(t, read(n)); err == nil {
			fmt.Println("serves", r.Code())
		}
	}
}

// TestKilled kills a host at random moments of its reloads: what served last, as
// far as it had said so, or what was being loaded, serves in the next one.
func TestKilled(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "state")
	served, loaded := "", "" // code, as far as the host said
	for n := range *kills + 1 {
		ctx, kill := context.WithCancel(t.Context())
		cmd := exec.CommandContext(ctx, self)
		cmd.Env = append(os.Environ(), "WITGEN_TEST_RELOADS="+dir)
		if n == 0 {
			cmd.Env = append(cmd.Env, "WITGEN_TEST_FIRST=1")
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		started := false
		for lines := bufio.NewScanner(out); lines.Scan(); {
			what, code, _ := strings.Cut(lines.Text(), " ")
			switch {
			case len(code) != len(plugin.Digest{}.String()):
				if what == "error:" {
					t.Fatalf("start %d: %s", n, lines.Text())
				}
				continue // it was killed as it said that
			case what == "loads":
				loaded = code
				continue
			case !started:
				if started = true; n > 0 && code != served && code != loaded {
					t.Errorf("start %d: serves %s, but %s served and %s was being loaded", n, code, served, loaded)
				}
				time.AfterFunc(time.Duration(rand.IntN(60_000))*time.Microsecond, kill)
			}
			served = code
		}
		if err := cmd.Wait(); !started {
			t.Fatalf("start %d: it did not serve: %v", n, err)
		}
		kill()
	}
}
