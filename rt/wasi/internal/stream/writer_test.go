package stream

import (
	"bytes"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// TestWriteErrors tells a guest once what went wrong, and then that the stream is
// closed; and at once if the other side has gone.
func TestWriteErrors(t *testing.T) {
	broken := &os.PathError{Op: "write", Path: "/secret", Err: syscall.ENOSPC}
	for _, test := range []struct {
		name string
		w    io.Writer
		want []string
		text string // to-debug-string
	}{
		{"no space", writerFunc(func([]byte) (int, error) { return 0, broken }), []string{"failed", "closed", "closed"}, "no space left on device"},
		{"no number", writerFunc(func([]byte) (int, error) { return 0, errors.New("secret") }), []string{"failed", "closed", "closed"}, "i/o error"},
		{"broken pipe", writerFunc(func([]byte) (int, error) { return 0, &os.PathError{Err: syscall.EPIPE} }), []string{"closed", "closed", "closed"}, ""},
		{"closed pipe", writerFunc(func([]byte) (int, error) { return 0, io.ErrClosedPipe }), []string{"closed", "closed", "closed"}, ""},
		{"short write", writerFunc(func(p []byte) (int, error) { return len(p) - 1, nil }), []string{"failed", "closed", "closed"}, "i/o error"},
		{"panic", writerFunc(func([]byte) (int, error) { panic("secret") }), []string{"failed", "closed", "closed"}, "i/o error"},
		{"panic with nil", writerFunc(func([]byte) (int, error) { panic(nil) }), []string{"failed", "closed", "closed"}, "i/o error"},
		{"goroutine ends", writerFunc(func([]byte) (int, error) { runtime.Goexit(); return 0, nil }), []string{"failed", "closed", "closed"}, "i/o error"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ended := 0
				w := ToBlocking(Blocking{W: test.w, End: func() error { ended++; return nil }})
				s := NewOutput(w, nil, nil)
				p, err := s.Subscribe(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Write(t.Context(), []byte("x")); err != nil {
					t.Fatal(err)
				}
				if err := p.Block(t.Context()); err != nil { // there is an error, soon
					t.Fatal(err)
				}
				synctest.Wait()
				for i, call := range []func() error{
					func() error { _, err := s.CheckWrite(t.Context()); return err },
					func() error { return s.Write(t.Context(), nil) },
					func() error { return s.BlockingFlush(t.Context()) },
				} {
					err := call()
					if got := told(err); got != test.want[i] {
						t.Errorf("call %d: got %q, want %q", i, got, test.want[i])
					}
					if f, ok := errors.AsType[streams.StreamErrorLastOperationFailed](err); ok {
						if text, err := f.Value.ToDebugString(t.Context()); text != test.text || err != nil {
							t.Errorf("the guest reads %q, %v, want %q", text, err, test.text)
						}
					}
				}
				if ok, _ := p.Ready(t.Context()); !ok {
					t.Error("a closed stream is not ready")
				}
				if err := p.Close(t.Context()); err != nil {
					t.Error(err)
				}
				if err := s.Close(t.Context()); err != nil {
					t.Error(err)
				}
				synctest.Wait()
				if ended != 1 {
					t.Errorf("it ended %d times", ended)
				}
			})
		})
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestEndOfWriter has what ends a stream panic, and end the goroutine.
func TestEndOfWriter(t *testing.T) {
	for name, end := range map[string]func() error{
		"panics": func() error { panic("boo") }, "ends the goroutine": func() error { runtime.Goexit(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var life poll.Life
				s := NewOutput(ToBlocking(Blocking{W: io.Discard, Flush: end, End: end, Life: &life}), &life, nil)
				if got := told(s.BlockingFlush(t.Context())); got != "failed" {
					t.Errorf("flush: %q", got)
				}
				if err := s.Close(t.Context()); err != nil {
					t.Error(err)
				}
				if err := life.End(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestSharedWriter has two streams of one writer, with permits of their own.
func TestSharedWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		w := ToBlocking(Blocking{W: g, Size: 100})
		a, b := NewOutput(w, nil, nil), NewOutput(w, nil, nil)
		room(t, a)
		room(t, b)
		if err := a.Write(t.Context(), bytes.Repeat([]byte("a"), 100)); err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() { done <- b.Write(t.Context(), bytes.Repeat([]byte("b"), 100)) }() // it was permitted
		synctest.Wait()
		g.pass <- nil
		if err := <-done; err != nil {
			t.Error(err)
		}
		go func() { done <- b.BlockingFlush(t.Context()) }()
		g.pass <- nil
		if err := <-done; err != nil {
			t.Error(err)
		}
		if want := strings.Repeat("a", 100) + strings.Repeat("b", 100); g.text() != want {
			t.Errorf("%q arrived", g.text())
		}
	})
}
