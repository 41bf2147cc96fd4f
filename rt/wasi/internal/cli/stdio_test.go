package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// started is standard streams with their life.
type started struct {
	*Stdio
	life poll.Life
}

func start(s Streams) *started {
	x := &started{}
	x.Stdio = NewStdio(s, &x.life)
	return x
}

// end ends the instance.
func (x *started) end(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := x.life.End(ctx); err != nil {
		t.Errorf("end: %v", err)
	}
	if err := x.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func (x *started) stdin(t *testing.T) streams.InputStream {
	t.Helper()
	s, err := x.GetStdin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (x *started) stdout(t *testing.T) streams.OutputStream {
	t.Helper()
	s, err := x.GetStdout(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (x *started) stderr(t *testing.T) streams.OutputStream {
	t.Helper()
	s, err := x.GetStderr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t *testing.T, s streams.OutputStream, text string) {
	t.Helper()
	if err := s.BlockingWriteAndFlush(t.Context(), []byte(text)); err != nil {
		t.Errorf("write %q: %v", text, err)
	}
}

func read(t *testing.T, s streams.InputStream) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p, err := s.BlockingRead(ctx, 100)
	if err != nil {
		return err.Error()
	}
	return string(p)
}

var closed = streams.StreamErrorClosed{}.Error()

// TestNothing has streams that nobody gave.
func TestNothing(t *testing.T) {
	x := start(Streams{Terminal: true})
	if got := read(t, x.stdin(t)); got != closed {
		t.Errorf("stdin: %q", got)
	}
	write(t, x.stdout(t), "out")
	write(t, x.stderr(t), "err")
	if got := x.Tail(); got != "err" {
		t.Errorf("the tail is %q", got)
	}
	x.end(t)
}

// TestStreamTwice has a guest ask for its streams again and again, and drop them.
func TestStreamTwice(t *testing.T) {
	r, w := io.Pipe()
	defer r.Close()
	var out bytes.Buffer
	x := start(Streams{In: r, Out: struct{ io.Writer }{&out}})
	for _, text := range []string{"one", "two"} {
		in, o := x.stdin(t), x.stdout(t)
		go w.Write([]byte(text))
		if got := read(t, in); got != text {
			t.Errorf("read %q, want %q", got, text)
		}
		if err := o.Write(t.Context(), []byte(text)); err != nil {
			t.Error(err)
		}
		if err := errors.Join(in.Close(t.Context()), o.Close(t.Context())); err != nil {
			t.Error(err)
		}
	}
	x.end(t)
	if out.String() != "onetwo" {
		t.Errorf("%q arrived", &out)
	}
}

// TestSameWriter has one writer for both streams, which is not safe to be used by
// two goroutines; the race detector watches.
func TestSameWriter(t *testing.T) {
	var b strings.Builder
	for name, w := range map[string]io.Writer{"blocking": &struct{ io.Writer }{&b}, "direct": &b} {
		t.Run(name, func(t *testing.T) {
			b.Reset()
			x := start(Streams{Out: w, Err: w})
			out, err := x.stdout(t), x.stderr(t)
			for range 1000 {
				for _, s := range []streams.OutputStream{out, err} {
					if err := s.Write(t.Context(), []byte("x")); err != nil {
						t.Fatal(err)
					}
				}
			}
			x.end(t)
			if b.Len() != 2000 {
				t.Errorf("%d bytes arrived", b.Len())
			}
		})
	}
	type odd struct {
		io.Writer
		_ []int // not to be compared
	}
	x := start(Streams{Out: odd{Writer: &b}, Err: odd{Writer: &b}})
	write(t, x.stdout(t), "x")
	x.end(t)
}

// TestFlushWriter flushes a writer that can be when the guest does.
func TestFlushWriter(t *testing.T) {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	x := start(Streams{Out: w, Err: w})
	s := x.stdout(t)
	if err := s.Write(t.Context(), []byte("out")); err != nil {
		t.Fatal(err)
	}
	if err := s.BlockingFlush(t.Context()); err != nil || b.String() != "out" {
		t.Errorf("%q arrived, %v", &b, err)
	}
	x.end(t)
}

// TestStdinEnds ends an instance while it reads what gives nothing: what can be
// read later is not lost to it.
func TestStdinEnds(t *testing.T) {
	for name, pair := range map[string]func(t *testing.T) (io.Reader, io.WriteCloser){
		"pipe": func(t *testing.T) (io.Reader, io.WriteCloser) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { r.Close() })
			return r, w
		},
		"connection": func(t *testing.T) (io.Reader, io.WriteCloser) {
			a, b := net.Pipe()
			t.Cleanup(func() { a.Close() })
			return a, b
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, w := pair(t)
			testStdinEnds(t, r, w)
		})
	}
}

func testStdinEnds(t *testing.T, r io.Reader, w io.WriteCloser) {
	defer w.Close()
	for _, text := range []string{"one", "two"} {
		x := start(Streams{In: r})
		s := x.stdin(t)
		if p, err := s.Read(t.Context(), 1); len(p) > 0 || err != nil {
			t.Errorf("read %q, %v", p, err)
		}
		go w.Write([]byte(text))
		if got := read(t, s); got != text {
			t.Errorf("read %q, want %q", got, text)
		}
		if p, err := s.Read(t.Context(), 1); len(p) > 0 || err != nil {
			t.Errorf("read %q, %v", p, err)
		}
		time.Sleep(time.Millisecond) // it reads
		x.end(t)
	}
	x := start(Streams{In: r})
	s := x.stdin(t)
	w.Close()
	if got := read(t, s); got != closed {
		t.Errorf("at the end: %q", got)
	}
	x.end(t)
}

// TestFiles reads and writes regular files, and what is none.
func TestFiles(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte("contents"), 0o666); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := in.Seek(3, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(name + ".out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	x := start(Streams{In: in, Out: out, Err: out})
	if got := read(t, x.stdin(t)); got != "tents" {
		t.Errorf("read %q", got)
	}
	for _, s := range []streams.OutputStream{x.stdout(t), x.stderr(t)} {
		if err := s.Write(t.Context(), []byte("x")); err != nil {
			t.Error(err)
		}
	}
	if got, err := os.ReadFile(out.Name()); string(got) != "xx" || err != nil {
		t.Errorf("the file has %q, %v", got, err)
	}
	x.end(t)

	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	x = start(Streams{In: dir})
	if s := x.stdin(t); read(t, s) == closed || read(t, s) != closed {
		t.Error("a directory is read without an error, or with two")
	}
	x.end(t)
}

// TestTerminal tells guests of terminals: none where nobody wants it to.
func TestTerminal(t *testing.T) {
	tty, err := os.Open("/dev/ptmx")
	if err != nil {
		t.Skip("no terminal here:", err)
	}
	defer tty.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, test := range []struct {
		s             Streams
		in, out, errs bool
	}{
		{Streams{In: tty, Out: tty, Err: tty, Terminal: true}, true, true, true},
		{Streams{In: tty, Out: tty, Err: tty}, false, false, false},
		{Streams{In: null, Out: struct{ io.Writer }{tty}, Err: tty, Terminal: true}, false, false, true},
		{Streams{Terminal: true}, false, false, false},
	} {
		x := start(test.s)
		i, err1 := x.GetTerminalStdin(t.Context())
		o, err2 := x.GetTerminalStdout(t.Context())
		e, err3 := x.GetTerminalStderr(t.Context())
		if i.IsSome() != test.in || o.IsSome() != test.out || e.IsSome() != test.errs || errors.Join(err1, err2, err3) != nil {
			t.Errorf("%+v: stdin %v, stdout %v, stderr %v", test.s, i.IsSome(), o.IsSome(), e.IsSome())
		}
		if v, ok := o.Get(); ok && v.Close(t.Context()) != nil {
			t.Error("it cannot be dropped")
		}
		x.end(t)
	}
}

func TestTail(t *testing.T) {
	for _, test := range []struct {
		writes []string
		want   string
	}{
		{nil, ""},
		{[]string{"abc"}, "abc"},
		{[]string{"abc", "defgh"}, "abcdefgh"},
		{[]string{"abc", "defghi"}, "bcdefghi"},
		{[]string{"0123456789", "x"}, "3456789x"},
		{[]string{strings.Repeat("0123456789", 1000)}, "23456789"},
		{[]string{"a", "bcdefé", "1234567"}, "1234567"}, // half a character is not there
		{[]string{"a\xffb"}, "a\uFFFDb"},
	} {
		tail := Tail{Max: 8}
		all := 0
		for _, s := range test.writes {
			if n, err := tail.Write([]byte(s)); n != len(s) || err != nil {
				t.Errorf("write: %d, %v", n, err)
			}
			all += len(s)
		}
		if got := tail.Text(); got != test.want || tail.Written() != int64(all) {
			t.Errorf("of %q: %q of %d, want %q", test.writes, got, tail.Written(), test.want)
		}
	}
	tail := Tail{Max: 8}
	for i := range 10_000 {
		_, _ = tail.Write([]byte{byte('a' + i%26)})
		if cap(tail.last) > 64 {
			t.Fatalf("it keeps %d bytes", cap(tail.last))
		}
	}
}
