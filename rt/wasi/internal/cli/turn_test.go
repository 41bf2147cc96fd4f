//go:build unix

package cli

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// input is stdin of one instance.
type input struct {
	life *poll.Life
	streams.InputStream
	got chan []byte
	err chan error
}

func newInput(t *testing.T, r io.Reader) *input {
	t.Helper()
	i := &input{life: &poll.Life{}, got: make(chan []byte, 1), err: make(chan error, 1)}
	x := NewStdio(Streams{In: r}, i.life)
	i.InputStream, _ = x.GetStdin(t.Context())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := i.life.EndWith(ctx, x.Close); err != nil {
			t.Errorf("the life does not end: %v", err)
		}
	})
	return i
}

// begin begins to read.
func (i *input) begin(ctx context.Context) {
	go func() {
		p, err := i.BlockingRead(ctx, 100)
		i.got <- bytes.Clone(p)
		i.err <- err
	}()
}

// TestSharedInput has instances that read one input end, which disturbs none of
// the others.
func TestSharedInput(t *testing.T) {
	for name, pipe := range map[string]func() (io.Reader, io.Writer){
		"file with deadlines": func() (io.Reader, io.Writer) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { r.Close(); w.Close() })
			return r, w
		},
		"file without deadlines": func() (io.Reader, io.Writer) { return blockingPipe(t) },
		"connection": func() (io.Reader, io.Writer) {
			r, w := net.Pipe()
			t.Cleanup(func() { r.Close(); w.Close() })
			return r, w
		},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "file without deadlines" && runtime.GOOS != "linux" {
				t.Skip("reads of such a file end on Linux alone")
			}
			r, w := pipe()
			ctx := t.Context()
			first, second := newInput(t, r), newInput(t, r)
			first.begin(ctx)
			time.Sleep(20 * time.Millisecond)
			second.begin(ctx)
			time.Sleep(20 * time.Millisecond)
			for range 20 { // others come and go
				other := newInput(t, r)
				other.begin(ctx)
				if err := other.life.End(ctx); err != nil {
					t.Fatal(err)
				}
			}
			if err := first.life.End(ctx); err != nil {
				t.Fatal(err)
			}
			if p := <-first.got; len(p) > 0 {
				t.Errorf("the first one reads %q", p)
			}
			select {
			case p := <-second.got:
				t.Fatalf("the second one ends with the first: %q, %v", p, <-second.err)
			case <-time.After(30 * time.Millisecond):
			}
			if _, err := io.WriteString(w, "hello"); err != nil {
				t.Fatal(err)
			}
			select {
			case p := <-second.got:
				if err := <-second.err; string(p) != "hello" || err != nil {
					t.Errorf("the second one reads %q, %v", p, err)
				}
			case <-time.After(time.Minute):
				t.Fatal("the second one does not read")
			}
			third := newInput(t, r)
			third.begin(ctx)
			go io.WriteString(w, "again")
			if p, err := <-third.got, <-third.err; string(p) != "again" || err != nil {
				t.Errorf("the third one reads %q, %v", p, err)
			}
			if turns.mu.Lock(); len(turns.of) != 0 {
				t.Errorf("%d turns are left", len(turns.of))
			}
			turns.mu.Unlock()
		})
	}
}

// blockingPipe returns a pipe as processes are started with one.
func blockingPipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	var p [2]int
	if err := syscall.Pipe(p[:]); err != nil {
		t.Fatal(err)
	}
	r, w = os.NewFile(uintptr(p[0]), "r"), os.NewFile(uintptr(p[1]), "w")
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}
