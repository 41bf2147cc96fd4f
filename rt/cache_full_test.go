//go:build linux || darwin

package rt_test

import (
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
)

// TestCacheFull has a process write to a directory on which there is no room,
// for as much as its limit for the size of files says.
func TestCacheFull(t *testing.T) {
	if dir := os.Getenv("CACHE_TEST_FULL"); dir != "" {
		fillCache(t, dir)
		return
	}
	self, err := os.Executable()
	then(t, err)
	dir := cacheDir(t)
	cmd := exec.Command(self, "-test.run=^TestCacheFull$", "-test.v")
	cmd.Env = append(os.Environ(), "CACHE_TEST_FULL="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestCacheFull") {
		t.Errorf("%v\n%s", err, out)
	}
	c := newCached(t, rt.Config{CacheDir: dir})
	c.use(t, cacheGuest)
	wantWhole(t, dir, 3)
}

func fillCache(t *testing.T, dir string) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ) // it is an error of the write
	for _, size := range []uint64{100_000, 8_000, 500} {
		limited(t, size)
		c := newCached(t, rt.Config{CacheDir: dir})
		for range 2 {
			c.use(t, guests.Plugin("rust/data-processor"))
		}
		limited(t, 1<<30)
		t.Log(size, c.log.lines(), c.Cache())
		if n := len(c.log.lines()); n > 1 || n == 0 && size < 100_000 {
			t.Errorf("files of %d bytes: log = %q", size, c.log.lines())
		}
		then(t, c.Close(t.Context()))
		wantNothingHalf(t, dir)
	}
}

// limited limits the size of files.
func limited(t *testing.T, size uint64) {
	t.Helper()
	var limit syscall.Rlimit
	then(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	limit.Cur = size
	then(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
}

// wantNothingHalf looks for entries that are not whole.
func wantNothingHalf(t *testing.T, dir string) {
	t.Helper()
	c := newCached(t, rt.Config{CacheDir: dir})
	c.use(t, guests.Plugin("rust/data-processor"))
	if lines := c.log.lines(); len(lines) > 0 {
		t.Errorf("what was stored: %q", lines)
	}
	then(t, os.RemoveAll(dir))
}
