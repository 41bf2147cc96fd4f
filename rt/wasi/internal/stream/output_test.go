package stream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// told returns what a guest is told by an error: "failed", "closed", or that it
// traps; "" is no error.
func told(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.As(err, new(streams.StreamErrorLastOperationFailed)):
		return "failed"
	case errors.As(err, new(streams.StreamErrorClosed)):
		return "closed"
	}
	return "trap"
}

// gate is a writer that lets one write pass for each value it is sent.
type gate struct {
	pass chan error

	mu   sync.Mutex
	got  bytes.Buffer
	most int // bytes of one write
}

func newGate() *gate { return &gate{pass: make(chan error)} }

func (g *gate) Write(p []byte) (int, error) {
	if err := <-g.pass; err != nil {
		return 0, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.most = max(g.most, len(p))
	return g.got.Write(p)
}

func (g *gate) text() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.got.String()
}

func room(t *testing.T, s *Output) uint64 {
	t.Helper()
	n, err := s.CheckWrite(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPermits writes what is permitted and more.
func TestPermits(t *testing.T) {
	const size = 100
	for _, test := range []struct {
		name string
		use  func(ctx context.Context, s *Output) error
		want string
	}{
		{"all that is permitted", func(ctx context.Context, s *Output) error { return s.Write(ctx, make([]byte, size)) }, ""},
		{"one more", func(ctx context.Context, s *Output) error { return s.Write(ctx, make([]byte, size+1)) }, "trap"},
		{"zeroes", func(ctx context.Context, s *Output) error { return s.WriteZeroes(ctx, size) }, ""},
		{"one more zero", func(ctx context.Context, s *Output) error { return s.WriteZeroes(ctx, size+1) }, "trap"},
		{"zeroes without end", func(ctx context.Context, s *Output) error { return s.WriteZeroes(ctx, 1<<64-1) }, "trap"},
		{"nothing", func(ctx context.Context, s *Output) error { return s.Write(ctx, nil) }, ""},
		{"twice", func(ctx context.Context, s *Output) error {
			_, _ = s.CheckWrite(ctx)
			if err := s.Write(ctx, make([]byte, 60)); err != nil {
				return err
			}
			return s.Write(ctx, make([]byte, 41))
		}, "trap"},
		{"in a flush", func(ctx context.Context, s *Output) error {
			_ = s.Write(ctx, []byte("x"))
			_ = s.Flush(ctx)
			return s.Write(ctx, []byte("y"))
		}, "trap"},
		{"in a flush, with a permit of before", func(ctx context.Context, s *Output) error {
			_ = s.Write(ctx, []byte("x"))
			_, _ = s.CheckWrite(ctx)
			_ = s.Flush(ctx)
			return s.Write(ctx, []byte("y"))
		}, "trap"},
		{"nothing in a flush", func(ctx context.Context, s *Output) error {
			_ = s.Write(ctx, []byte("x"))
			_ = s.Flush(ctx)
			return s.Write(ctx, nil)
		}, ""},
		{"4097 at once", func(ctx context.Context, s *Output) error { return s.BlockingWriteAndFlush(ctx, make([]byte, 4097)) }, "trap"},
		{"4097 zeroes at once", func(ctx context.Context, s *Output) error { return s.BlockingWriteZeroesAndFlush(ctx, 4097) }, "trap"},
		{"zeroes at once without end", func(ctx context.Context, s *Output) error { return s.BlockingWriteZeroesAndFlush(ctx, 1<<64-1) }, "trap"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := newGate()
			defer close(g.pass)
			s := NewOutput(ToBlocking(Blocking{W: g, Size: size}), nil, nil)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := test.use(ctx, s)
			if got := told(err); got != test.want || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

// TestNothingLost writes through a buffer that is mostly full.
func TestNothingLost(t *testing.T) {
	var want strings.Builder
	g := newGate()
	go func() {
		for range 100 { // slowly at first
			time.Sleep(100 * time.Microsecond)
			g.pass <- nil
		}
		close(g.pass)
	}()
	s := NewOutput(ToBlocking(Blocking{W: g, Size: 100}), nil, nil)
	for i := range 2000 {
		p := bytes.Repeat([]byte{byte('a' + i%26)}, i%150)
		want.Write(p)
		if i%5 == 0 {
			if err := s.BlockingWriteAndFlush(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			continue
		}
		for len(p) > 0 {
			n := room(t, s)
			if n == 0 {
				if err := poll.Until(t.Context(), s.writer); err != nil {
					t.Fatal(err)
				}
				continue
			}
			n = min(n, uint64(len(p)))
			if err := s.Write(t.Context(), p[:n]); err != nil {
				t.Fatal(err)
			}
			p = p[n:]
		}
	}
	if err := s.BlockingFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if g.text() != want.String() {
		t.Errorf("%d bytes arrived, %d were written", len(g.text()), want.Len())
	}
	if g.most > 100 {
		t.Errorf("%d bytes waited, want 100 at most", g.most)
	}
}

// TestFlush waits until what was written is where it belongs.
func TestFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		flushed := 0
		s := NewOutput(ToBlocking(Blocking{W: g, Flush: func() error { flushed++; return nil }}), nil, nil)
		p, err := s.Subscribe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Write(t.Context(), []byte("one")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := s.Write(t.Context(), []byte("two")); err != nil { // the first is under way
			t.Fatal(err)
		}
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := room(t, s); n != 0 {
			t.Errorf("%d bytes are permitted in a flush", n)
		}
		done := make(chan error)
		go func() { done <- s.BlockingFlush(t.Context()) }()
		g.pass <- nil
		synctest.Wait()
		select {
		case <-done:
			t.Error("it did not wait for the second write")
		default:
		}
		if ok, _ := p.Ready(t.Context()); ok {
			t.Error("it is ready in a flush")
		}
		g.pass <- nil
		if err := <-done; err != nil {
			t.Error(err)
		}
		if g.text() != "onetwo" || flushed == 0 {
			t.Errorf("%q arrived, flushed %d times", g.text(), flushed)
		}
		if n := room(t, s); n != Chunk {
			t.Errorf("%d bytes are permitted after", n)
		}
		if ok, _ := p.Ready(t.Context()); !ok {
			t.Error("it is not ready after")
		}
		if err := s.BlockingFlush(t.Context()); err != nil {
			t.Errorf("a flush of nothing: %v", err)
		}
	})
}

// TestOutputContext ends waits with the context of the call.
func TestOutputContext(t *testing.T) {
	for name, wait := range map[string]func(ctx context.Context, s *Output) error{
		"blocking-flush":                  func(ctx context.Context, s *Output) error { return s.BlockingFlush(ctx) },
		"blocking-write-and-flush":        func(ctx context.Context, s *Output) error { return s.BlockingWriteAndFlush(ctx, []byte("x")) },
		"blocking-write-zeroes-and-flush": func(ctx context.Context, s *Output) error { return s.BlockingWriteZeroesAndFlush(ctx, 1) },
		"blocking-splice, for room": func(ctx context.Context, s *Output) error {
			_, err := s.BlockingSplice(ctx, NewInput(Nothing{}, nil, nil), 1)
			return err
		},
		"blocking-splice, for something else": func(ctx context.Context, _ *Output) error {
			_, err := NewOutput(Discard{}, nil, nil).BlockingSplice(ctx, NewInput(never{}, nil, nil), 1)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGate()
				s := NewOutput(ToBlocking(Blocking{W: g, Size: 10}), nil, nil)
				if err := s.Write(t.Context(), make([]byte, 10)); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				defer cancel()
				start := time.Now()
				err := wait(ctx, s)
				if told(err) != "trap" || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
				if d := time.Since(start); d != time.Millisecond {
					t.Errorf("it took %v", d)
				}
				close(g.pass)
			})
		})
	}
}

// never is a Reader that has nothing for ever.
type never struct{}

func (never) Ready() bool                    { return false }
func (never) Watch(poll.Waker) (stop func()) { return func() {} }
func (never) Read(int) ([]byte, error)       { return nil, nil }
func (never) Close() error                   { return nil }

// TestCloseKeeps closes streams with what was written on its way.
func TestCloseKeeps(t *testing.T) {
	for name, atEnd := range map[string]bool{"by the guest": false, "at the end": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var life poll.Life
				g := newGate()
				ended := false
				s := NewOutput(ToBlocking(Blocking{W: g, Life: &life, End: func() error { ended = true; return nil }}), &life, nil)
				for _, text := range []string{"one", "two"} {
					if err := s.Write(t.Context(), []byte(text)); err != nil {
						t.Fatal(err)
					}
					synctest.Wait()
				}
				go func() { time.Sleep(time.Second); close(g.pass) }()
				if !atEnd {
					if err := s.Close(t.Context()); err != nil {
						t.Error(err)
					}
				}
				if err := life.End(t.Context()); err != nil {
					t.Error(err)
				}
				if g.text() != "onetwo" {
					t.Errorf("%q arrived", g.text())
				}
				if atEnd {
					if err := s.Close(t.Context()); err != nil {
						t.Error(err)
					}
				}
				if !ended {
					t.Error("it did not end")
				}
			})
		})
	}
}

// TestDropParent drops streams before their pollables: the guest traps, and the
// stream ends all the same.
func TestDropParent(t *testing.T) {
	var life poll.Life
	var parent poll.Parent
	closed := 0
	end := func() error { closed++; return nil }
	in := NewInput(FromReader(strings.NewReader(""), nil, end), &life, &parent)
	out := NewOutput(ToWriter(io.Discard, end), &life, &parent)
	for _, s := range []interface {
		Close(context.Context) error
	}{in, out} {
		if err := parent.Check(&life); !errors.Is(err, poll.ErrChildren) {
			t.Errorf("the stream is not counted: %v", err)
		}
		var sub error
		switch s := s.(type) {
		case *Input:
			_, sub = s.Subscribe(t.Context())
		case *Output:
			_, sub = s.Subscribe(t.Context())
		}
		if sub != nil {
			t.Fatal(sub)
		}
		if err := s.Close(t.Context()); !errors.Is(err, poll.ErrChildren) {
			t.Errorf("close: %v", err)
		}
	}
	if closed != 2 {
		t.Errorf("%d are closed", closed)
	}
	if err := parent.Check(&life); err != nil {
		t.Errorf("the streams are counted still: %v", err)
	}
}

// TestSplice moves what there is, and waits only where it is to.
func TestSplice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		src := NewInput(FromReader(r, nil, r.Close), nil, nil)
		var to bytes.Buffer
		dst := NewOutput(ToWriter(&to, nil), nil, nil)
		if n, err := dst.Splice(t.Context(), src, 1<<64-1); n != 0 || err != nil {
			t.Errorf("of nothing: %d, %v", n, err)
		}
		go w.Write([]byte("hello"))
		synctest.Wait()
		if n, err := dst.Splice(t.Context(), src, 2); n != 2 || err != nil {
			t.Errorf("of two: %d, %v", n, err)
		}
		if n, err := dst.Splice(t.Context(), src, 1<<64-1); n != 3 || err != nil {
			t.Errorf("of the rest: %d, %v", n, err)
		}
		go func() { time.Sleep(time.Second); w.Write([]byte("!")) }()
		if n, err := dst.BlockingSplice(t.Context(), src, 1<<64-1); n != 1 || err != nil {
			t.Errorf("blocking: %d, %v", n, err)
		}
		if n, err := dst.BlockingSplice(t.Context(), src, 0); n != 0 || err != nil {
			t.Errorf("blocking, of none: %d, %v", n, err)
		}
		if to.String() != "hello!" {
			t.Errorf("%q arrived", &to)
		}
		w.Close()
		if _, err := dst.BlockingSplice(t.Context(), src, 1); told(err) != "closed" {
			t.Errorf("at the end: %v", err)
		}
		if _, err := dst.Splice(t.Context(), src, 0); told(err) != "closed" {
			t.Errorf("of none, at the end: %v", err)
		}
		shut := NewOutput(Closed{}, nil, nil)
		if _, err := shut.Splice(t.Context(), src, 1); told(err) != "closed" {
			t.Errorf("to a closed one: %v", err)
		}
	})
}

// TestDirect writes to what does not block.
func TestDirect(t *testing.T) {
	var b bytes.Buffer
	s := NewOutput(ToWriter(&b, nil), nil, nil)
	n := room(t, s)
	if n != window {
		t.Errorf("%d bytes are permitted", n)
	}
	if err := s.WriteZeroes(t.Context(), n); err != nil || b.Len() != window {
		t.Errorf("%d zeroes, %v", b.Len(), err)
	}
	b.Reset()
	if err := s.BlockingWriteZeroesAndFlush(t.Context(), 4096); err != nil || b.Len() != 4096 {
		t.Errorf("%d zeroes, %v", b.Len(), err)
	}
	if err := s.BlockingWriteAndFlush(t.Context(), nil); err != nil {
		t.Errorf("of nothing: %v", err)
	}
	for _, w := range []Writer{Discard{}, Closed{}} {
		_, closed := w.(Closed)
		s := NewOutput(w, nil, nil)
		for _, err := range []error{s.Write(t.Context(), []byte("x")), s.BlockingFlush(t.Context())} {
			if got := told(err); closed != (got == "closed") || !closed && got != "" {
				t.Errorf("%T: %q", w, got)
			}
		}
		if !w.Ready() || w.Close() != nil {
			t.Errorf("%T is not ready", w)
		}
	}
}
