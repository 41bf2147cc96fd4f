package watch

import (
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestSameTimes replaces bytes by as many others with the same time, as
// reproducible builds do: in place, and by another file.
func TestSameTimes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.wasm")
	when := time.Unix(1, 0)
	replace := func(to string, b byte) state {
		write(t, to, []byte{b})
		must(t, os.Rename(to, path))
		must(t, os.Chtimes(path, when, when))
		time.Sleep(20 * time.Millisecond) // the least between two times that a kernel tells apart, and some more
		return look(path)
	}
	states := []state{replace(path, 1), replace(path, 2), replace(path+"~", 3)}
	for i := range states {
		for j := range states {
			if got := states[i].same(&states[j]); got != (i == j) {
				t.Errorf("states %d and %d are the same: %t", i, j, got)
			}
		}
	}
}

// TestUnseen changes a byte so that no time tells: through a mapping whose page
// was written to before. Where times are coarse, the file is read once more.
func TestUnseen(t *testing.T) {
	in(t, func(t *testing.T, dir string) {
		path := filepath.Join(dir, "p.wasm")
		b := component(1)
		write(t, path, b)
		h, err := os.OpenFile(path, os.O_RDWR, 0)
		must(t, err)
		defer h.Close()
		m, err := syscall.Mmap(int(h.Fd()), 0, len(b), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
		if err != nil {
			t.Skip("no mappings here: ", err)
		}
		defer syscall.Munmap(m)
		m[len(m)-1] = 1

		w := New(Config{PollOnly: true})
		r, err := newReader(path, w.config.Options)
		must(t, err)
		f := newFile(w.tree, r, Digest{})
		f.coarse = func(fs.FileInfo) bool { return true }
		var got []Digest
		var takes sync.WaitGroup
		w.wg.Go(func() { f.watch(w.ctx, w.config.Poll) })
		takes.Go(func() {
			for range f.ready {
				f.mu.Lock()
				got = append(got, f.next.File.Digest)
				f.mu.Unlock()
			}
		})
		time.Sleep(time.Second)
		seen := look(path)
		m[len(m)-1] = 2
		if now := look(path); !now.same(&seen) {
			t.Log("the change is seen here: nothing is shown")
		}
		time.Sleep(5 * time.Second)
		w.Close()
		close(f.ready)
		takes.Wait()
		var want []Digest
		for i := range byte(2) {
			b[len(b)-1] = i + 1
			want = append(want, sha256.Sum256(b))
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %d changes %v, want %v", len(got), got, want)
		}
	})
}
