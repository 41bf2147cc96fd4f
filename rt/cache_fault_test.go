package rt_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
)

// TestCacheUnwritable: what is in a directory that cannot be written to is
// found, and what is not there is compiled each time. It is said once.
func TestCacheUnwritable(t *testing.T) {
	for _, stored := range []bool{true, false} {
		dir := cacheDir(t)
		first := newCached(t, rt.Config{CacheDir: dir})
		wantHits, wantMisses := 0, 3
		if stored {
			first.use(t, cacheGuest)
			wantHits, wantMisses = 3, 0
		}
		if err := first.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		// As no mode stops root, there is nowhere to write.
		for _, sub := range []string{"tmp", "images", "components"} {
			path := filepath.Join(dir, sub)
			if sub != "tmp" && stored {
				continue
			}
			then(t, os.RemoveAll(path), os.WriteFile(path, nil, 0o600))
		}
		temp := t.TempDir()
		t.Setenv("TMPDIR", temp)
		c := newCached(t, rt.Config{CacheDir: dir})
		for range 2 {
			if hits, misses := c.use(t, cacheGuest); hits != wantHits || misses != wantMisses {
				t.Errorf("stored %v: %d hits, %d misses; want %d, %d", stored, hits, misses, wantHits, wantMisses)
			}
		}
		if lines := c.log.lines(); stored && len(lines) > 0 {
			t.Errorf("log = %q, want none", lines)
		}
		if !stored {
			wantOnce(t, c, "component cache: compiled code is not stored")
		}
		if err := c.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if list, err := os.ReadDir(temp); len(list) > 0 || err != nil {
			t.Errorf("%v is left, %v", list, err)
		}
	}
}

// wantOnce wants a message in the log, once.
func wantOnce(t *testing.T, c *cached, message string) {
	t.Helper()
	n := 0
	for _, line := range c.log.lines() {
		if strings.Contains(line, message) {
			n++
		}
	}
	if n != 1 || c.Cache().Last == nil {
		t.Errorf("log = %q, want %q once; the last fault is %v", c.log.lines(), message, c.Cache().Last)
	}
}

// TestCacheModes is TestCacheUnwritable where modes do stop the user.
func TestCacheModes(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("no mode stops root")
	}
	dir := cacheDir(t)
	newCached(t, rt.Config{CacheDir: dir})
	for _, sub := range []string{"images", "components", "tmp", "."} {
		path := filepath.Join(dir, sub)
		then(t, os.Chmod(path, 0o500))
		t.Cleanup(func() { _ = os.Chmod(path, 0o700) })
	}
	c := newCached(t, rt.Config{CacheDir: dir})
	for range 2 {
		if _, misses := c.use(t, cacheGuest); misses != 3 {
			t.Errorf("%d misses, want 3", misses)
		}
	}
	wantOnce(t, c, "component cache: compiled code is not stored")
}

// TestCacheOff: where no directory can be, there is none.
func TestCacheOff(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	then(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{file, filepath.Join(file, "cache")} {
		c := newCached(t, rt.Config{CacheDir: dir})
		if hits, misses := c.use(t, cacheGuest); hits+misses > 0 {
			t.Errorf("%d hits, %d misses", hits, misses)
		}
		wantOnce(t, c, "component cache is off")
	}
	silent, err := rt.NewEngine(t.Context(), rt.Config{CacheDir: file})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close(t.Context())
	if u := silent.Cache(); u.Faults != 1 || u.Last == nil {
		t.Errorf("without a log, the cache use is %+v", u)
	}
	// There is nowhere for the runtime's own directory either.
	dir := cacheDir(t)
	newCached(t, rt.Config{CacheDir: dir})
	then(t, os.RemoveAll(filepath.Join(dir, "tmp")), os.WriteFile(filepath.Join(dir, "tmp"), nil, 0o600))
	t.Setenv("TMPDIR", file)
	t.Setenv("TMP", file)
	c := newCached(t, rt.Config{CacheDir: dir})
	c.use(t, cacheGuest)
	wantOnce(t, c, "component cache is off")
}

// TestCacheRemoved removes the directory, or parts of it, while an engine
// uses it.
func TestCacheRemoved(t *testing.T) {
	for _, sub := range []string{".", "tmp", "images", "components", "tmp/*", "tmp/*/*"} {
		t.Run(filepath.Base(sub), func(t *testing.T) {
			dir := cacheDir(t)
			c := newCached(t, rt.Config{CacheDir: dir})
			c.use(t, cacheGuest)
			paths, err := filepath.Glob(filepath.Join(dir, sub))
			then(t, err)
			for _, path := range paths {
				then(t, os.RemoveAll(path))
			}
			c.use(t, cacheGuest)
			c.use(t, guests.Plugin("c/image-processor"))
			if err := c.Close(t.Context()); err != nil {
				t.Error(err)
			}
			newCached(t, rt.Config{CacheDir: dir}).use(t, cacheGuest)
			wantWhole(t, dir, 3)
		})
	}
}

// TestCacheStale: what processes left behind that ended too soon is removed after
// a day, and what is younger, or somebody else's, is not.
func TestCacheStale(t *testing.T) {
	dir := cacheDir(t)
	newCached(t, rt.Config{CacheDir: dir})
	old, young := filepath.Join(dir, "tmp", "stage-old"), filepath.Join(dir, "tmp", "stage-young")
	mine, image := filepath.Join(dir, "mine"), filepath.Join(dir, "images", "mine")
	for _, path := range []string{old, young, mine, image} {
		then(t, os.MkdirAll(filepath.Join(path, "entry"), 0o700))
	}
	past := time.Now().Add(-25 * time.Hour)
	for _, path := range []string{old, mine, image} {
		then(t, os.Chtimes(path, past, past))
	}
	newCached(t, rt.Config{CacheDir: dir, CacheSize: 100 << 10}).use(t, cacheGuest)
	for path, want := range map[string]bool{old: false, young: true, mine: true, image: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v, want it there: %v", path, err, want)
		}
	}
}

// TestCacheModule: the core modules that a host gives are stored too.
func TestCacheModule(t *testing.T) {
	dir := cacheDir(t)
	module := "\x00asm\x01\x00\x00\x00" + wasmSection(1, "\x60\x00\x01\x7f") + wasmSection(3, "\x00") +
		wasmSection(7, text("f")+"\x00\x00") + wasmSection(10, text("\x00\x41\x2a\x0b"))
	// It imports a core module, and exports a function of an instance of it.
	component := "\x00asm\x0d\x00\x01\x00" +
		wasmSection(3, "\x50\x02\x01\x60\x00\x01\x7f\x03"+text("f")+"\x00\x00") + wasmSection(10, "\x00"+text("m")+"\x00\x11\x00") +
		wasmSection(2, "\x00\x00\x00") + wasmSection(6, "\x00\x00\x01\x00"+text("f")) +
		wasmSection(7, "\x40\x00\x00\x79") + wasmSection(8, "\x00\x00\x00\x00\x00") + wasmSection(11, "\x00"+text("f")+"\x01\x00\x00")
	given, err := rt.NewModule([]byte(module))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []rt.CacheUse{{Components: 1, Misses: 1}, {Components: 1, Hits: 1}} {
		e := newCached(t, rt.Config{CacheDir: dir})
		c, err := e.Compile(t.Context(), []byte(component))
		if err != nil {
			t.Fatal(err)
		}
		in := startFrom(t, c, rt.HostInstance{Modules: map[string]*rt.Module{"m": given}})
		if v := must(t, in, "f"); v != uint32(42) {
			t.Errorf("f = %v", v)
		}
		if use := e.Cache(); use != want {
			t.Errorf("cache use %+v, want %+v", use, want)
		}
	}
}

// TestCacheProcesses: processes share a directory that is too small for what
// they store, compile the same and remove what others read.
func TestCacheProcesses(t *testing.T) {
	dir := cacheDir(t)
	self, err := os.Executable()
	then(t, err)
	start := filepath.Join(t.TempDir(), "start")
	var wg sync.WaitGroup
	outs := make([]bytes.Buffer, 3)
	for i := range outs {
		cmd := exec.Command(self, "-test.run=^TestCacheProcess$", "-test.v")
		cmd.Env = append(os.Environ(), "CACHE_TEST_DIR="+dir, "CACHE_TEST_START="+start)
		cmd.Stdout, cmd.Stderr = &outs[i], &outs[i]
		then(t, cmd.Start())
		wg.Go(func() {
			if err := cmd.Wait(); err != nil {
				t.Errorf("process %d: %v\n%s", i, err, outs[i].String())
			}
		})
	}
	time.Sleep(100 * time.Millisecond) // they wait for each other
	then(t, os.WriteFile(start, nil, 0o600))
	wg.Wait()
	for i := range outs {
		if !strings.Contains(outs[i].String(), "--- PASS: TestCacheProcess") {
			t.Errorf("process %d:\n%s", i, outs[i].String())
		}
	}
	newCached(t, rt.Config{CacheDir: dir}).use(t, cacheGuest)
	wantWhole(t, dir, 3)
	if list, err := os.ReadDir(filepath.Join(dir, "tmp")); err != nil || len(list) > 2 { // of this test's two engines
		t.Errorf("%v is left, %v", list, err)
	}
}

// TestCacheProcess is what each of the processes does.
func TestCacheProcess(t *testing.T) {
	dir := os.Getenv("CACHE_TEST_DIR")
	if dir == "" {
		t.Skip("it is run by TestCacheProcesses")
	}
	for range 10_000 {
		if _, err := os.Stat(os.Getenv("CACHE_TEST_START")); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	hits, misses := 0, 0
	for range 6 {
		c := newCached(t, rt.Config{CacheDir: dir, CacheSize: 200 << 10})
		for _, guest := range []string{"c/data-processor", "rust/image-processor", "c/image-processor", "rust/data-processor"} {
			h, m := c.use(t, guests.Plugin(guest))
			hits, misses = hits+h, misses+m
		}
		if lines := c.log.lines(); len(lines) > 0 {
			t.Errorf("log = %q", lines)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d hits, %d misses", hits, misses)
	if hits == 0 || misses == 0 {
		t.Error("nothing was stored, or nothing removed")
	}
}

// TestCacheSameTime: the same component, which nobody has, is wanted by several
// engines of one directory at once.
func TestCacheSameTime(t *testing.T) {
	dir := cacheDir(t)
	wasm, err := os.ReadFile(guests.Plugin("rust/data-processor"))
	then(t, err)
	var wg sync.WaitGroup
	engines := make([]*cached, 4)
	for i := range engines {
		engines[i] = newCached(t, rt.Config{CacheDir: dir})
	}
	errs := make([]error, 4*len(engines))
	for i := range errs {
		wg.Go(func() { errs[i] = process(engines[i%len(engines)].Engine, wasm) })
	}
	wg.Wait()
	then(t, errors.Join(errs...))
	for _, c := range engines {
		if lines := c.log.lines(); len(lines) > 0 {
			t.Errorf("log = %q", lines)
		}
	}
}
