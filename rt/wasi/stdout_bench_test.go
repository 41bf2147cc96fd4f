package wasi_test

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
)

// BenchmarkStdout writes 64 MiB to a file and to a pipe, in blocks: by a command
// (by:guest), with what it takes to start it, and by Go (by:direct).
func BenchmarkStdout(b *testing.B) {
	const size = 64 << 20
	for _, block := range []int{4 << 10, 64 << 10, 1 << 20} {
		for name, open := range map[string]func(b *testing.B) (w *os.File, done func()){"file": benchFile, "pipe": benchPipe} {
			for by, write := range map[string]func(b *testing.B, w *os.File){
				"guest": func(b *testing.B, w *os.File) {
					code, err := wasi.Run(b.Context(), component(b, "command.wasm"), rt.InstanceConfig{}, wasi.Config{
						Args: []string{"command", "flood", strconv.Itoa(size), strconv.Itoa(block)}, Stdout: w,
					})
					if code != 0 || err != nil {
						b.Fatal(code, err)
					}
				},
				"direct": func(b *testing.B, w *os.File) {
					p := make([]byte, block)
					for left := size; left > 0; left -= len(p) {
						if _, err := w.Write(p); err != nil {
							b.Fatal(err)
						}
					}
				},
			} {
				b.Run("to="+name+"/block="+strconv.Itoa(block)+"/by="+by, func(b *testing.B) {
					w, done := open(b)
					defer done()
					b.SetBytes(size)
					b.ReportAllocs()
					for b.Loop() {
						if name == "file" {
							if _, err := w.Seek(0, io.SeekStart); err != nil {
								b.Fatal(err)
							}
						}
						write(b, w)
					}
				})
			}
		}
	}
}

func benchFile(b *testing.B) (w *os.File, done func()) {
	w, err := os.Create(filepath.Join(b.TempDir(), "out"))
	if err != nil {
		b.Fatal(err)
	}
	return w, func() { w.Close() }
}

func benchPipe(b *testing.B) (w *os.File, done func()) {
	r, w, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		buf := make([]byte, 1<<20)
		for {
			if _, err := r.Read(buf); err != nil {
				return
			}
		}
	}()
	return w, func() { w.Close(); <-read; r.Close() }
}
