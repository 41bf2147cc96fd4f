package watch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/witgen/witgen/rt"
)

// write writes a file.
func write(t testing.TB, path string, b []byte) {
	t.Helper()
	must(t, os.WriteFile(path, b, 0o600))
}

// must fails the test if there is an error, on any goroutine.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// TestRead holds Read to a clock that only goes on when everybody waits.
func TestRead(t *testing.T) {
	whole := realComponent(t)
	tests := []struct {
		name string
		do   func(t *testing.T, path string) // beside Read, from its beginning
		want string                          // error; empty: the whole component
		took time.Duration                   // at least, and at most one Settle more
	}{
		{"at rest", func(t *testing.T, path string) {}, "", 150 * time.Millisecond},
		{"slow copy", func(t *testing.T, path string) {
			chunked(t, path, whole, 1000, 100*time.Millisecond)
		}, "", 1950 * time.Millisecond},
		{"copy that stalls within a section", func(t *testing.T, path string) {
			chunked(t, path, whole, 7000, time.Second)
		}, "", 2150 * time.Millisecond},
		{"empty at first", func(t *testing.T, path string) {
			write(t, path, nil)
			time.Sleep(4 * time.Second)
			write(t, path, whole)
		}, "", 4150 * time.Millisecond},
		{"copy that ends too soon", func(t *testing.T, path string) {
			write(t, path, whole[:0x1000])
		}, "p.wasm: unexpected end at 0x1000 in section code", 5 * time.Second},
		{"never at rest", func(t *testing.T, path string) {
			f, err := os.Create(path)
			must(t, err)
			defer f.Close()
			for range 60 {
				_, err := f.Write(whole)
				must(t, err)
				time.Sleep(100 * time.Millisecond)
			}
		}, "p.wasm: still changing after 5s", 5 * time.Second},
		{"missing", func(t *testing.T, path string) {
			must(t, os.Remove(path))
		}, "p.wasm: file does not exist", 150 * time.Millisecond},
		{"missing for a moment", func(t *testing.T, path string) {
			must(t, os.Remove(path))
			time.Sleep(100 * time.Millisecond)
			write(t, path, whole)
		}, "", 250 * time.Millisecond},
		{"directory", func(t *testing.T, path string) {
			must(t, os.Remove(path))
			must(t, os.Mkdir(path, 0o700))
		}, "p.wasm: not a regular file: mode drwx------", 150 * time.Millisecond},
		{"too large", func(t *testing.T, path string) {
			must(t, os.Truncate(path, 1<<20+1))
		}, "p.wasm: has 1048577 bytes, limit 1048576", 150 * time.Millisecond},
		{"not wasm", func(t *testing.T, path string) {
			write(t, path, []byte("\x7fELF\x02"))
		}, "p.wasm: not wasm: starts with 7f 45 4c 46", 150 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			synctest.Test(t, func(t *testing.T) {
				write(t, "p.wasm", whole)
				start := time.Now()
				var writer sync.WaitGroup
				defer writer.Wait()
				writer.Go(func() { tt.do(t, "p.wasm") })
				synctest.Wait() // the first step is done when Read looks
				f, err := Read(t.Context(), "p.wasm", Options{Limit: 1 << 20})
				took := time.Since(start)
				if tt.want == "" && (err != nil || !bytes.Equal(f.Bytes, whole) || f.Digest != sha256.Sum256(whole)) {
					t.Errorf("got %v, error %v; want the whole file", f, err)
				}
				if tt.want != "" && (err == nil || err.Error() != tt.want) {
					t.Errorf("got error %v\nwant      %s", err, tt.want)
				}
				if took < tt.took || took > tt.took+150*time.Millisecond {
					t.Errorf("took %s, want %s and up to 150ms more", took, tt.took)
				}
			})
		})
	}
}

// chunked writes a file as a slow copy does.
func chunked(t testing.TB, path string, b []byte, size int, pause time.Duration) {
	f, err := os.Create(path)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	for at := 0; at < len(b); at += size {
		if at > 0 {
			time.Sleep(pause)
		}
		if _, err := f.Write(b[at:min(at+size, len(b))]); err != nil {
			t.Error(err)
		}
	}
}

// TestReadCut cuts a file at every 4 KiB: the error names the place, and says
// that the bytes are at fault.
func TestReadCut(t *testing.T) {
	whole := realComponent(t)
	path := filepath.Join(t.TempDir(), "p.wasm")
	for at := 0; at < len(whole); at += 4096 {
		write(t, path, whole[:at])
		synctest.Test(t, func(t *testing.T) {
			_, err := Read(t.Context(), path, Options{})
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Kind != Truncated || e.Digest != sha256.Sum256(whole[:at]) || e.Passing() ||
				!errors.Is(err, rt.ErrNotComponent) {
				t.Errorf("cut at %#x: got %v", at, err)
			}
		})
	}
}

// TestReadTorn has a writer that never rests for long: what is read is always
// what one of its writes was.
func TestReadTorn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.wasm")
	known := make(map[Digest]bool)
	for n := range 20 {
		known[sha256.Sum256(component(n))] = true
	}
	write(t, path, component(0))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; ctx.Err() == nil; n++ {
			b := component(n % 20)
			if n%2 == 0 {
				chunked(t, path, b, 1500, 100*time.Microsecond)
			} else {
				chunked(t, path+"~", b, 4096, 0)
				if err := os.Rename(path+"~", path); err != nil {
					t.Error(err)
				}
			}
			time.Sleep(time.Duration(n%7) * time.Millisecond)
		}
	}()
	read := 0
	for range 60 {
		f, err := Read(ctx, path, Options{Settle: 3 * time.Millisecond, GiveUp: 20 * time.Millisecond})
		switch e, _ := errors.AsType[*Error](err); {
		case err == nil && !known[f.Digest]:
			t.Errorf("read %d bytes that nobody wrote at once", len(f.Bytes))
		case err == nil:
			read++
		case e == nil || e.Kind != Changing && e.Kind != Truncated:
			t.Errorf("got error %v", err)
		}
	}
	cancel()
	<-done
	if read == 0 {
		t.Skip("the file was never at rest: nothing is shown")
	}
}

// during is a context that does something when it is asked whether it is done,
// which reads do between the parts of a file.
type during struct {
	context.Context
	do func()
}

func (d during) Err() error {
	d.do()
	return d.Context.Err()
}

// TestReadChanged changes a file of two parts between reading them.
func TestReadChanged(t *testing.T) {
	old := append([]byte(preamble), make([]byte, chunk+chunk/2)...)
	other := append([]byte(preamble), make([]byte, chunk+chunk/2)...)
	other[len(preamble)+1], other[len(other)-1] = 1, 1
	tests := []struct {
		name string
		do   func(t *testing.T, path string)
	}{
		{"written in place", func(t *testing.T, path string) {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			must(t, err)
			defer f.Close()
			_, err = f.Write(other)
			must(t, err)
		}},
		{"shorter", func(t *testing.T, path string) { must(t, os.Truncate(path, chunk)) }},
		{"longer", func(t *testing.T, path string) { must(t, os.Truncate(path, 2*chunk)) }},
		{"renamed over", func(t *testing.T, path string) {
			write(t, path+"~", other)
			must(t, os.Rename(path+"~", path))
		}},
		{"deleted", func(t *testing.T, path string) { must(t, os.Remove(path)) }},
		{"another by a link", func(t *testing.T, path string) {
			write(t, filepath.Dir(path)+"/other", other)
			must(t, os.Rename(filepath.Dir(path)+"/link", path))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "p.wasm")
			write(t, filepath.Join(dir, "v1"), old)
			if tt.name == "another by a link" {
				if os.Symlink("v1", path) != nil || os.Symlink("other", filepath.Join(dir, "link")) != nil {
					t.Skip("there are no symbolic links here")
				}
			} else {
				must(t, os.Rename(filepath.Join(dir, "v1"), path))
			}
			time.Sleep(20 * time.Millisecond) // the least between two times that a kernel tells apart, and some more
			r, err := newReader(path, Options{})
			must(t, err)
			r.seen = look(r.abs)
			asked := 0
			f, err := r.take(during{t.Context(), func() {
				if asked++; asked == 2 {
					tt.do(t, path)
				}
			}})
			if !errors.Is(err, errMoved) || asked < 2 {
				t.Errorf("got file %t, error %v after %d parts; want that it changed", f != nil, err, asked)
			}
		})
	}
}

func TestReadContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.wasm")
	write(t, path, component(1))
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	_, err := Read(ctx, path, Options{})
	if !errors.Is(err, why) || !strings.HasPrefix(err.Error(), path) || !Passing(err) {
		t.Errorf("got %v, want the cause", err)
	}
}

func TestReadMissing(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), nil)
	for _, name := range []string{"none", "none/p", "file/p"} {
		_, err := Read(t.Context(), filepath.Join(dir, name), Options{Settle: time.Millisecond})
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Missing || !errors.Is(err, fs.ErrNotExist) || !Passing(err) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestCoarse needs times of whole seconds to be told from others.
func TestCoarse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.wasm")
	write(t, path, nil)
	second := time.Unix(1_700_000_000, 0)
	must(t, os.Chtimes(path, second, second))
	info, err := os.Stat(path)
	must(t, err)
	if c := changeTime(info); coarse(info) != (c.Nanosecond() == 0) {
		t.Errorf("coarse is %t, changed at %s", coarse(info), c)
	}
	must(t, os.Chtimes(path, second, second.Add(time.Millisecond)))
	if info, err = os.Stat(path); err != nil || coarse(info) {
		t.Errorf("coarse with a time of %s, error %v", info.ModTime(), err)
	}
}
