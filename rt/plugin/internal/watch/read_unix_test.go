//go:build unix

package watch

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestReadSpecial reads what is no file; none of it blocks.
func TestReadSpecial(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	must(t, syscall.Mkfifo(fifo, 0o600))
	loop := filepath.Join(dir, "loop")
	must(t, os.Symlink("loop", loop))
	tests := []struct {
		path string
		kind Kind
	}{{fifo, NotRegular}, {"/dev/zero", NotRegular}, {"/dev/tty", NotRegular}, {loop, Disk}}
	for _, tt := range tests {
		if _, err := os.Lstat(tt.path); err != nil {
			continue
		}
		_, err := Read(t.Context(), tt.path, Options{Settle: time.Millisecond})
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != tt.kind || e.Digest != (Digest{}) {
			t.Errorf("%s: got %v, want kind %d", tt.path, err, tt.kind)
		}
	}
}

// TestOpenFifo puts a pipe where a file was seen.
func TestOpenFifo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.wasm")
	write(t, path, component(1))
	r, err := newReader(path, Options{})
	must(t, err)
	r.seen = look(path)
	must(t, os.Remove(path))
	must(t, syscall.Mkfifo(path, 0o600))
	if _, err := r.bytes(t.Context()); !errors.Is(err, errMoved) {
		t.Errorf("got %v, want that it changed", err)
	}
}

func TestReadDenied(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	path := filepath.Join(t.TempDir(), "p.wasm")
	write(t, path, component(1))
	must(t, os.Chmod(path, 0))
	_, err := Read(t.Context(), path, Options{Settle: time.Millisecond})
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Disk || !Passing(err) {
		t.Errorf("got %v", err)
	}
}
