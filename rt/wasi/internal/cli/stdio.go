package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"sync"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	"github.com/witgen/witgen/rt/wasi/p2/cli/stderr"
	"github.com/witgen/witgen/rt/wasi/p2/cli/stdin"
	"github.com/witgen/witgen/rt/wasi/p2/cli/stdout"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
)

// Streams are what a guest's standard streams read and write; nil is nothing.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	Terminal bool // say which of them are terminals
}

// tailSize is how much of what a guest wrote to stderr is kept.
const tailSize = 4 << 10

// Stdio is the standard streams of one instance. A guest may ask for a stream
// any number of times: all that it gets of one name read or write the same. See
// wasi:cli/stdin, stdout, stderr.
type Stdio struct {
	given    Streams
	life     *poll.Life
	in       stream.Reader
	out, err stream.Writer
	tail     Tail
	closers  []func() error
}

var (
	_ stdin.Stdin   = (*Stdio)(nil)
	_ stdout.Stdout = (*Stdio)(nil)
	_ stderr.Stderr = (*Stdio)(nil)
)

// NewStdio returns the streams of an instance.
func NewStdio(s Streams, life *poll.Life) *Stdio {
	x := &Stdio{given: s, life: life, tail: Tail{Max: tailSize}}
	out, err := x.each(s.Out), x.each(s.Err)
	if same(out, err) && !direct(out) {
		l := &locked{w: out}
		out, err = l, l
	}
	x.in = sharedReader{x.reader(s.In)}
	x.out = sharedWriter{x.writer(out)}
	x.err = sharedWriter{&teed{x.writer(err), &x.tail}}
	return x
}

// GetStdin returns a stream of what there is to read.
func (x *Stdio) GetStdin(context.Context) (streams.InputStream, error) {
	return stream.NewInput(x.in, x.life, nil), nil
}

// GetStdout returns a stream to where output goes.
func (x *Stdio) GetStdout(context.Context) (streams.OutputStream, error) {
	return stream.NewOutput(x.out, x.life, nil), nil
}

// GetStderr returns a stream to where errors go.
func (x *Stdio) GetStderr(context.Context) (streams.OutputStream, error) {
	return stream.NewOutput(x.err, x.life, nil), nil
}

// Tail returns the last that the guest wrote to stderr. It is for the goroutine
// that runs the guest.
func (x *Stdio) Tail() string { return x.tail.Text() }

// Close ends the streams, once the life of the instance has ended.
func (x *Stdio) Close() error {
	var errs []error
	for _, f := range x.closers {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// reader returns what reads r.
func (x *Stdio) reader(r io.Reader) stream.Reader {
	switch r := r.(type) {
	case nil:
		return stream.Nothing{}
	case *bytes.Reader, *bytes.Buffer, *strings.Reader:
		return stream.FromFile(r)
	case *os.File:
		if regular(r) {
			return stream.FromFile(r)
		}
		if w, ok := newWatched(r); ok {
			x.closers = append(x.closers, w.close)
			t := newTurned(r, w, nil)
			return stream.FromReader(t, x.life, func() error { return errors.Join(t.end(), w.end()) })
		}
	}
	d, ok := r.(deadliner)
	if !ok || !endsByDeadline(d) {
		return stream.FromReader(r, x.life, nil)
	}
	t := newTurned(keyOf(r), r, d)
	return stream.FromReader(t, x.life, t.end)
}

// EachWriter is a writer that wants to know which instance writes, and when that
// ends.
type EachWriter interface {
	io.Writer
	// Each returns a writer for one instance, and what is called once it has
	// written all.
	Each() (w io.Writer, end func() error)
}

// each returns the writer that a writer has for the instance.
func (x *Stdio) each(w io.Writer) io.Writer {
	e, ok := w.(EachWriter)
	if !ok {
		return w
	}
	own, end := e.Each()
	x.closers = append(x.closers, end)
	return own
}

// DirectWriter is a writer that never blocks.
type DirectWriter interface {
	io.Writer
	Direct()
}

// direct reports whether writing to w does not block.
func direct(w io.Writer) bool {
	switch w := w.(type) {
	case nil, *bytes.Buffer, *strings.Builder, DirectWriter:
		return true
	case *os.File:
		return regular(w)
	}
	return false
}

// writer returns what writes to w.
func (x *Stdio) writer(w io.Writer) stream.Writer {
	switch {
	case w == nil:
		return stream.Discard{}
	case direct(w):
		return stream.ToWriter(w, nil)
	}
	b := stream.Blocking{W: w, Life: x.life}
	if f, ok := w.(interface{ Flush() error }); ok {
		b.Flush = f.Flush
	}
	return stream.ToBlocking(b)
}

func regular(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// same reports whether two writers are one.
func same(a, b io.Writer) bool {
	return a != nil && b != nil && reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.ValueOf(a).Comparable() && a == b
}

// locked is a writer for two streams.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// Flush flushes the writer if it can be.
func (l *locked) Flush() error {
	f, ok := l.w.(interface{ Flush() error })
	if !ok {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return f.Flush()
}

// sharedReader is a reader that a guest may close, and have again.
type sharedReader struct{ stream.Reader }

func (sharedReader) Close() error { return nil }

// sharedWriter is a writer that a guest may close, and have again.
type sharedWriter struct{ stream.Writer }

func (sharedWriter) Close() error { return nil }

// teed is a writer whose last bytes are kept.
type teed struct {
	stream.Writer
	tail *Tail
}

func (t *teed) Write(p []byte) error {
	_, _ = t.tail.Write(p) // never fails
	return t.Writer.Write(p)
}
