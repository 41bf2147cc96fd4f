package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// pipes are files of pipes, as the runtime makes them and as shells do, which
// block.
var pipes = map[string]func(t *testing.T) (r, w *os.File){
	"not blocking": func(t *testing.T) (r, w *os.File) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		return r, w
	},
	"blocking": func(t *testing.T) (r, w *os.File) {
		var fds [2]int
		if err := syscall.Pipe2(fds[:], syscall.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		return os.NewFile(uintptr(fds[0]), "r"), os.NewFile(uintptr(fds[1]), "w")
	},
}

// eachPipe runs a test with each kind of pipe.
func eachPipe(t *testing.T, test func(t *testing.T, r, w *os.File)) {
	for name, open := range pipes {
		t.Run(name, func(t *testing.T) {
			r, w := open(t)
			defer r.Close()
			defer w.Close()
			p, ok := newPipe(w)
			if !ok {
				t.Fatal("a pipe is none")
			}
			if p.now([]byte("x")) == 0 {
				t.Skip("this kernel does not write to pipes without waiting")
			}
			if _, err := r.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			test(t, r, w)
		})
	}
}

// waiting is a writer that waits, in the middle of what it writes.
type waiting chan struct{}

func (w waiting) Write(p []byte) (int, error) {
	<-w
	<-w
	return len(p), nil
}

// TestPipeNow writes at once what there is room for, and nothing else.
func TestPipeNow(t *testing.T) {
	eachPipe(t, func(t *testing.T, r, w *os.File) {
		p, _ := newPipe(w)
		if n := p.now(make([]byte, atomicWrite+1)); n != 0 {
			t.Errorf("%d bytes of more than are one", n)
		}
		waits := make(waiting)
		other, _ := newPipe(w)
		other.Writer = waits
		go other.Write([]byte("of another instance"))
		waits <- struct{}{}
		if n := p.now([]byte("x")); n != 0 {
			t.Errorf("%d bytes, in the middle of another write", n)
		}
		waits <- struct{}{}
		for !whole.TryLock() { // until that has returned
			time.Sleep(time.Millisecond)
		}
		whole.Unlock()
		block := bytes.Repeat([]byte("b"), atomicWrite)
		full := 0
		for p.now(block) == len(block) {
			full += len(block)
		}
		if n := p.now(block); n != 0 || full == 0 {
			t.Errorf("%d bytes when it is full, after %d", n, full)
		}
		w.Close()
		if n := p.now([]byte("x")); n != 0 {
			t.Errorf("%d bytes to what is closed", n)
		}
		if got, err := io.ReadAll(r); len(got) != full || err != nil {
			t.Errorf("%d bytes arrived, %v; want %d", len(got), err, full)
		}
	})
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, w := range map[string]io.Writer{"nothing": nil, "a file": file, "another writer": io.Discard} {
		if _, ok := newPipe(w); ok {
			t.Errorf("%s is a pipe", name)
		}
	}
}

// TestPipeFull fills a pipe that nobody reads: a call ends with its context, and
// all arrives in its order once somebody reads.
func TestPipeFull(t *testing.T) {
	eachPipe(t, func(t *testing.T, r, w *os.File) {
		x := start(Streams{Out: w, Err: w})
		s := x.stdout(t)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var want strings.Builder
		var err error
		for n := 0; err == nil; n++ {
			line := fmt.Sprintf("%01023d\n", n)
			want.WriteString(line) // also the last one is taken, and not flushed in time
			err = s.BlockingWriteAndFlush(ctx, []byte(line))
		}
		ended, _ := ctx.Deadline()
		if d := time.Since(ended); !errors.Is(err, context.DeadlineExceeded) || d > time.Second {
			t.Errorf("%v, %v after the context", err, d)
		}
		got := make([]byte, want.Len())
		if _, err := io.ReadFull(r, got); err != nil || string(got) != want.String() {
			t.Errorf("%d bytes of %d arrived, or others, %v", len(got), want.Len(), err)
		}
		x.end(t)
	})
}

// TestPipeShared has instances write to one pipe, little and much at a time, that
// is read slowly: no write gets into the middle of another one.
func TestPipeShared(t *testing.T) {
	eachPipe(t, func(t *testing.T, r, w *os.File) {
		var wg sync.WaitGroup
		const writes = 300
		sizes := []int{10, 100, 4000, 30_000, 60_000}
		for i, size := range sizes {
			wg.Go(func() {
				x := start(Streams{Out: w})
				s := x.stdout(t)
				line := append(bytes.Repeat([]byte{'a' + byte(i)}, size), '\n')
				for range writes {
					if _, err := s.CheckWrite(t.Context()); err != nil {
						t.Error(err)
					}
					if err := s.Write(t.Context(), line); err != nil {
						t.Error(err)
					}
					if err := s.BlockingFlush(t.Context()); err != nil {
						t.Error(err)
					}
				}
				x.end(t)
			})
		}
		go func() {
			wg.Wait()
			w.Close()
		}()
		lines := 0
		for in := bufio.NewReaderSize(r, 5000); ; lines++ {
			line, err := in.ReadBytes('\n')
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			i := int(line[0] - 'a')
			if i < 0 || i >= len(sizes) || len(line) != sizes[i]+1 || len(bytes.TrimLeft(line, string(line[:1]))) != 1 {
				t.Fatalf("line %d has %d bytes, of %.20q", lines, len(line), line)
			}
		}
		if lines != writes*len(sizes) {
			t.Errorf("%d lines, want %d", lines, writes*len(sizes))
		}
	})
}
