package stream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
)

// asks is a reader that says when it is asked, and answers then.
type asks struct {
	asked  chan int
	answer chan []byte // closed: the end
}

func newAsks() *asks { return &asks{make(chan int, 10), make(chan []byte)} }

func (a *asks) Read(p []byte) (int, error) {
	a.asked <- len(p)
	got, ok := <-a.answer
	if !ok {
		return 0, io.EOF
	}
	return copy(p, got), nil
}

// TestReadAhead reads when somebody asks, one chunk at a time.
func TestReadAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newAsks()
		s := NewInput(FromReader(r, nil, nil), nil, nil)
		if p, err := s.Read(t.Context(), 0); len(p) != 0 || err != nil {
			t.Errorf("of none: %q, %v", p, err)
		}
		p, err := s.Subscribe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(r.asked) != 0 {
			t.Error("it reads before anybody asks")
		}
		if ok, _ := p.Ready(t.Context()); ok {
			t.Error("it is ready")
		}
		if n := <-r.asked; n != Chunk {
			t.Errorf("it asks for %d bytes", n)
		}
		r.answer <- []byte("hello")
		if err := p.Block(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(r.asked) != 0 {
			t.Error("it reads more than a chunk ahead")
		}
		if got, err := s.Read(t.Context(), 2); string(got) != "he" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		if n, err := s.Skip(t.Context(), 1); n != 1 || err != nil {
			t.Errorf("skipped %d, %v", n, err)
		}
		if got, err := s.Read(t.Context(), math.MaxUint64); string(got) != "lo" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		if ok, _ := p.Ready(t.Context()); ok {
			t.Error("a pollable of before is ready, and there is nothing")
		}
		if got, err := s.Read(t.Context(), 1); len(got) != 0 || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		close(r.answer)
		if n, err := s.BlockingSkip(t.Context(), 1); n != 0 || told(err) != "closed" {
			t.Errorf("skipped %d, %v", n, err)
		}
		for _, n := range []uint64{0, 1, math.MaxUint64} {
			if got, err := s.Read(t.Context(), n); len(got) != 0 || told(err) != "closed" {
				t.Errorf("after the end: %q, %v", got, err)
			}
		}
		if ok, _ := p.Ready(t.Context()); !ok {
			t.Error("a closed stream is not ready")
		}
	})
}

// TestReadAll reads readers of all manners.
func TestReadAll(t *testing.T) {
	text := strings.Repeat("all work and no play. ", 10_000)
	for name, r := range map[string]Reader{
		"blocking":         FromReader(strings.NewReader(text), nil, nil),
		"a byte at a time": FromReader(iotest.OneByteReader(strings.NewReader(text)), nil, nil),
		"data with end":    FromReader(iotest.DataErrReader(strings.NewReader(text)), nil, nil),
		"direct":           FromFile(strings.NewReader(text)),
		"direct, with end": FromFile(iotest.DataErrReader(strings.NewReader(text))),
		"at":               FromReaderAt(strings.NewReader("-"+text), 1),
	} {
		t.Run(name, func(t *testing.T) {
			s := NewInput(r, nil, nil)
			var got bytes.Buffer
			var err error
			for n := uint64(1); err == nil; n = n*3 + 1 {
				var p []byte
				p, err = s.BlockingRead(t.Context(), n)
				if uint64(len(p)) > n || len(p) > Chunk || len(p) == 0 && err == nil {
					t.Fatalf("%d bytes, of %d", len(p), n)
				}
				got.Write(p)
			}
			if told(err) != "closed" || got.String() != text {
				t.Errorf("%v after %d bytes of %d", err, got.Len(), len(text))
			}
		})
	}
}

// TestReadErrors tells a guest once what went wrong, after the bytes before it.
func TestReadErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		r    io.Reader
		want []string
	}{
		{"end", strings.NewReader("x"), []string{"", "closed", "closed"}},
		{"fails", io.MultiReader(strings.NewReader("x"), iotest.ErrReader(syscall.EIO)), []string{"", "failed", "closed"}},
		{"broken pipe", iotest.ErrReader(syscall.EPIPE), []string{"closed", "closed", "closed"}},
		{"gives nothing", readerFunc(func([]byte) (int, error) { return 0, nil }), []string{"failed", "closed", "closed"}},
		{"too many bytes", readerFunc(func(p []byte) (int, error) { return len(p) + 1, nil }), []string{"failed", "closed", "closed"}},
		{"fewer than none", readerFunc(func([]byte) (int, error) { return -1, nil }), []string{"failed", "closed", "closed"}},
		{"panics", readerFunc(func([]byte) (int, error) { panic("boo") }), []string{"failed", "closed", "closed"}},
		{"ends the goroutine", readerFunc(func([]byte) (int, error) { runtime.Goexit(); return 0, nil }), []string{"failed", "closed", "closed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var life poll.Life
				s := NewInput(FromReader(test.r, &life, func() error { return nil }), &life, nil)
				for i, want := range test.want {
					if _, err := s.BlockingRead(t.Context(), 1); told(err) != want {
						t.Errorf("read %d: %v, want %q", i, err, want)
					}
				}
				if err := life.End(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestInputContext ends waits with the context of the call.
func TestInputContext(t *testing.T) {
	for name, wait := range map[string]func(ctx context.Context, s *Input) error{
		"blocking-read": func(ctx context.Context, s *Input) error { _, err := s.BlockingRead(ctx, 1); return err },
		"blocking-skip": func(ctx context.Context, s *Input) error { _, err := s.BlockingSkip(ctx, 1); return err },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, w := io.Pipe()
				s := NewInput(FromReader(r, nil, r.Close), nil, nil)
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				defer cancel()
				start := time.Now()
				if err := wait(ctx, s); told(err) != "trap" || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
				if d := time.Since(start); d != time.Millisecond {
					t.Errorf("it took %v", d)
				}
				go w.Write([]byte("x")) // the stream lives on
				if p, err := s.BlockingRead(t.Context(), 9); string(p) != "x" || err != nil {
					t.Errorf("after that: %q, %v", p, err)
				}
				if err := s.Close(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestReadEnds ends what is being read when the stream is closed, and when the
// instance ends.
func TestReadEnds(t *testing.T) {
	for name, closes := range map[string]bool{"close": true, "end": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var life poll.Life
				r, _ := io.Pipe()
				ended := 0
				s := NewInput(FromReader(r, &life, func() error { ended++; return r.Close() }), &life, nil)
				if _, err := s.Read(t.Context(), 1); err != nil {
					t.Fatal(err)
				}
				if closes {
					if err := s.Close(t.Context()); err != nil {
						t.Error(err)
					}
				}
				if err := life.End(t.Context()); err != nil {
					t.Error(err)
				}
				if !closes {
					if err := s.Close(t.Context()); err != nil {
						t.Error(err)
					}
				}
				if ended != 1 {
					t.Errorf("it ended %d times", ended)
				}
			})
		})
	}
}

// TestReadLeft leaves a read alone that nothing ends: the instance does not wait
// for it.
func TestReadLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var life poll.Life
		r := newAsks()
		reader := FromReader(r, &life, nil)
		s := NewInput(reader, &life, nil)
		if _, err := s.Read(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		<-r.asked
		if err := life.End(t.Context()); err != nil {
			t.Error(err)
		}
		r.answer <- []byte("late")
		late := FromReader(r, &life, nil)
		if _, err := NewInput(late, &life, nil).BlockingRead(t.Context(), 1); told(err) != "closed" {
			t.Errorf("a read that begins after the end: %v", err)
		}
	})
}

// TestReadAt reads at offsets that files do not have.
func TestReadAt(t *testing.T) {
	for _, offset := range []uint64{3, 4, math.MaxInt64 - 1, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64} {
		s := NewInput(FromReaderAt(strings.NewReader("abc"), offset), nil, nil)
		for range 2 {
			if p, err := s.Read(t.Context(), math.MaxUint64); len(p) != 0 || told(err) != "closed" {
				t.Errorf("at %d: %q, %v", offset, p, err)
			}
		}
	}
}
