package rt_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
)

// cacheGuest is small, and has three core modules.
var cacheGuest = guests.Plugin("c/data-processor")

// logged are the lines of a log.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(strings.Lines(l.text.String()))
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// cached is an engine with a cache directory.
type cached struct {
	*rt.Engine
	log *logged
}

func newCached(t testing.TB, config rt.Config) *cached {
	t.Helper()
	c := &cached{log: &logged{}}
	config.Log = c.log.logger()
	var err error
	if c.Engine, err = rt.NewEngine(context.Background(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return c
}

// use compiles a plugin, calls it and closes all of it, and returns how many
// core modules were stored, and how many were not.
func (c *cached) use(t testing.TB, path string) (hits, misses int) {
	t.Helper()
	wasm, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before := c.Cache()
	if err := process(c.Engine, wasm); err != nil {
		t.Fatal(err)
	}
	after := c.Cache()
	return after.Hits - before.Hits, after.Misses - before.Misses
}

// process has a plugin process something.
func process(e *rt.Engine, wasm []byte) error {
	ctx := context.Background()
	compiled, err := e.Compile(ctx, wasm)
	if err != nil {
		return err
	}
	h := &host{config: map[string]string{"database_url": "db://here"}}
	p, err := plugin.Instantiate(ctx, compiled, plugin.Imports{HostAPI: h}, rt.InstanceConfig{})
	if err != nil {
		return err
	}
	if err := p.PluginAPI.Initialize(ctx, nil); err != nil {
		return err
	}
	out, err := p.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: "cat.png"})
	if err == nil && out.Output != "processed: cat.png" {
		err = errors.New("the plugin says " + out.Output)
	}
	return errors.Join(err, p.Close(ctx), compiled.Close(ctx))
}

// cacheDir returns a directory to be made.
func cacheDir(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "cache")
}

// wantWhole uses a directory again: all is there, and nothing wrong with it.
func wantWhole(t *testing.T, dir string, images int) {
	t.Helper()
	c := newCached(t, rt.Config{CacheDir: dir})
	if hits, misses := c.use(t, cacheGuest); hits != images || misses != 0 {
		t.Errorf("then: %d of %d images are there, %d are not", hits, images, misses)
	}
	if lines := c.log.lines(); len(lines) > 0 || c.Cache().Last != nil {
		t.Errorf("then: %q", lines)
	}
}

// TestCacheDir stores code, and finds it again from another engine.
func TestCacheDir(t *testing.T) {
	before := runtime.NumGoroutine()
	dir := cacheDir(t)
	for _, guest := range []string{cacheGuest, guests.Plugin("rust/image-processor"), guests.Plugin("js/image-processor")} {
		first := newCached(t, rt.Config{CacheDir: dir})
		_, stored := first.use(t, guest)
		if stored == 0 {
			t.Fatalf("%s: nothing was compiled", guest)
		}
		if hits, misses := first.use(t, guest); hits < stored || misses != 0 {
			t.Errorf("%s: the engine itself finds %d of %d, and compiles %d", guest, hits, stored, misses)
		}
		if err := first.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := first.Close(t.Context()); err != nil {
			t.Errorf("close again: %v", err)
		}
		second := newCached(t, rt.Config{CacheDir: dir})
		if hits, misses := second.use(t, guest); hits < stored || misses != 0 {
			t.Errorf("%s: another finds %d of %d, and compiles %d", guest, hits, stored, misses)
		}
		if err := second.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if lines := append(first.log.lines(), second.log.lines()...); len(lines) > 0 {
			t.Errorf("%s: %q", guest, lines)
		}
	}
	private, err := os.ReadDir(filepath.Join(dir, "tmp"))
	if len(private) > 0 || err != nil {
		t.Errorf("%v is left, %v", private, err)
	}
	if runtime.GOOS != "windows" {
		wantModes(t, dir)
	}
	for range 2000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// wantModes looks for what others might read or write.
func wantModes(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if want := fs.FileMode(0o600); err == nil && !d.IsDir() && info.Mode() != want {
			t.Errorf("%s: mode %v, want %v", path, info.Mode(), want)
		}
		if want := fs.ModeDir | 0o700; err == nil && d.IsDir() && info.Mode() != want {
			t.Errorf("%s: mode %v, want %v", path, info.Mode(), want)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestCacheOptions: what is compiled with checks is not taken for what is
// compiled without, and an engine that interprets stores nothing.
func TestCacheOptions(t *testing.T) {
	dir := cacheDir(t)
	newCached(t, rt.Config{CacheDir: dir}).use(t, cacheGuest)
	if hits, _ := newCached(t, rt.Config{CacheDir: dir, Uninterrupted: true}).use(t, cacheGuest); hits > 0 {
		t.Errorf("an engine without checks takes %d images that have them", hits)
	}
	other := cacheDir(t)
	c := newCached(t, rt.Config{CacheDir: other, Interpreter: true})
	if hits, misses := c.use(t, cacheGuest); hits+misses > 0 || len(c.log.lines()) > 0 {
		t.Errorf("an interpreter has %d hits and %d misses, and says %q", hits, misses, c.log.lines())
	}
}

// TestCacheInterrupted: code that was stored is interrupted like other code, has its
// fuel measured alike, and the same traps.
func TestCacheInterrupted(t *testing.T) {
	dir := cacheDir(t)
	host := hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue})
	var used []uint64
	for _, stored := range []bool{false, true} {
		e := newCached(t, rt.Config{CacheDir: dir})
		c := spinner.compile(t, e.Engine)
		if hits := e.Cache().Hits > 0; hits != stored {
			t.Fatalf("it was stored: %v, want %v", hits, stored)
		}
		in := startFrom(t, c, host)
		if v := must(t, in, "count", uint32(1000)); v != uint32(7) {
			t.Errorf("it counts %v", v)
		}
		fuel, err := in.FuelUsed(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		used = append(used, fuel)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err = invokeWith(ctx, t, in, "spin")
		wantTrap(t, in, err, rt.TrapDeadline, "context deadline exceeded")
	}
	if used[0] != used[1] || used[0] == 0 {
		t.Errorf("fuel used: %v", used)
	}
}

// TestCacheEvicted: the directory has no more than it may, and what goes is what
// was not used for longest. An entry that is too large for it is not stored.
func TestCacheEvicted(t *testing.T) {
	dir := cacheDir(t)
	size := func() (n int64) {
		for _, sub := range []string{"images", "components"} {
			err := filepath.WalkDir(filepath.Join(dir, sub), func(_ string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					info, _ := d.Info()
					n += info.Size()
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return n
	}
	newCached(t, rt.Config{CacheDir: dir}).use(t, cacheGuest)
	rust := guests.Plugin("rust/image-processor")
	newCached(t, rt.Config{CacheDir: dir}).use(t, rust)
	both := size()
	limit := both + 1000
	old := time.Now().Add(-time.Hour)
	for _, pattern := range []string{"images/*", "components/*"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		then(t, err)
		for _, path := range paths {
			then(t, os.Chtimes(path, old, old))
		}
	}
	newCached(t, rt.Config{CacheDir: dir}).use(t, cacheGuest) // which leaves rust as it is
	other := newCached(t, rt.Config{CacheDir: dir, CacheSize: limit})
	if _, misses := other.use(t, guests.Plugin("c/image-processor")); misses == 0 {
		t.Fatal("nothing was compiled")
	}
	if n := size(); n > limit {
		t.Errorf("the directory has %d bytes, limit %d", n, limit)
	}
	wantWhole(t, dir, 3)
	if _, misses := newCached(t, rt.Config{CacheDir: dir}).use(t, rust); misses == 0 {
		t.Error("all is still there")
	}

	tight := newCached(t, rt.Config{CacheDir: cacheDir(t), CacheSize: 100})
	tight.use(t, cacheGuest)
	if lines := tight.log.lines(); len(lines) != 1 || !strings.Contains(lines[0], "is more than all may have, 100") {
		t.Errorf("log: %q", lines)
	}
}

// TestCacheInsecure: a directory in which others can put what is executed is
// refused.
func TestCacheInsecure(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such modes")
	}
	for _, sub := range []string{".", "images", "components", "tmp"} {
		for _, mode := range []fs.FileMode{0o777, 0o770, 0o702, 0o720} {
			dir := cacheDir(t)
			path := filepath.Join(dir, sub)
			if err := os.MkdirAll(path, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			e, err := rt.NewEngine(t.Context(), rt.Config{CacheDir: dir})
			if err == nil {
				t.Errorf("%s with mode %v is taken", sub, mode)
				_ = e.Close(t.Context())
			} else if !strings.Contains(err.Error(), "chmod 700 "+path) {
				t.Errorf("the error does not say what to do: %v", err)
			}
		}
	}
	if os.Geteuid() != 0 {
		return // nothing can be given to somebody else
	}
	dir := cacheDir(t)
	newCached(t, rt.Config{CacheDir: dir})
	if err := os.Chown(filepath.Join(dir, "images"), 12345, -1); err != nil {
		t.Fatal(err)
	}
	if _, err := rt.NewEngine(t.Context(), rt.Config{CacheDir: dir}); err == nil || !strings.Contains(err.Error(), "belongs to user 12345") {
		t.Errorf("a directory of somebody else: %v", err)
	}
}

// TestCacheMany: engines and goroutines of one process share a directory.
func TestCacheMany(t *testing.T) {
	dir := cacheDir(t)
	var wg sync.WaitGroup
	for range 3 {
		c := newCached(t, rt.Config{CacheDir: dir, CacheSize: 600 << 10})
		for i := range 4 {
			wg.Go(func() {
				for j := range 4 {
					names := []string{"c/image-processor", "c/data-processor", "rust/image-processor", "rust/data-processor"}
					wasm, err := os.ReadFile(guests.Plugin(names[(i+j)%len(names)]))
					if err == nil {
						err = process(c.Engine, wasm)
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		t.Cleanup(func() {
			if lines := c.log.lines(); len(lines) > 0 {
				t.Errorf("log: %q", lines)
			}
		})
	}
	wg.Wait()
	if n := newCached(t, rt.Config{CacheDir: dir}).Cache().Faults; n > 0 {
		t.Errorf("%d faults", n)
	}
}
