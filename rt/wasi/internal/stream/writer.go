package stream

import (
	"io"
	"sync"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
)

// window is how many bytes may be written at a time to what does not block.
const window = 1 << 20

// ToWriter returns a Writer to what does not block. End, which may be nil, is
// called by Close.
func ToWriter(w io.Writer, end func() error) Writer { return &fileWriter{w: w, end: end} }

// fileWriter is what ToWriter returns.
type fileWriter struct {
	poll.Always
	w   io.Writer
	end func() error
	err error
}

func (f *fileWriter) Room() (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return window, nil
}

func (f *fileWriter) Write(p []byte) error {
	if f.err == nil {
		var n int
		if n, f.err = f.w.Write(p); n < len(p) && f.err == nil {
			f.err = io.ErrShortWrite
		}
	}
	return f.err
}

func (f *fileWriter) Flush() error { return f.err }

func (f *fileWriter) Close() error {
	if f.end == nil {
		return nil
	}
	return f.end()
}

// Blocking says how to write to what may block.
type Blocking struct {
	W io.Writer

	// Size is how many bytes may wait; 0 means 64 KiB.
	Size int

	// Flush, if it is not nil, is called once all that was written before a
	// flush is.
	Flush func() error

	// End, if it is not nil, is called when the stream is closed and all that
	// was written has been, or could not be.
	End func() error

	// Life is that of the instance: when it ends, Abort, if it is not nil, has a
	// write under way return soon. What was written before is given a chance.
	Life  *poll.Life
	Abort func()
}

// ToBlocking returns a Writer to what may block. A goroutine writes while there
// is something to write.
func ToBlocking(b Blocking) Writer {
	if b.Size == 0 {
		b.Size = Chunk
	}
	w := &blockingWriter{to: b, forget: func() {}}
	if b.Abort != nil {
		w.forget = b.Life.OnEnd(b.Abort)
	}
	return w
}

// blockingWriter is what ToBlocking returns.
type blockingWriter struct {
	poll.Signal
	to     Blocking
	forget func()

	mu       sync.Mutex
	buf      []byte // waits
	flight   []byte // the goroutine has it
	busy     bool   // it runs
	flushing bool
	closed   bool
	err      error
}

func (b *blockingWriter) Ready() bool {
	n, err := b.Room()
	return n > 0 || err != nil
}

func (b *blockingWriter) Room() (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil || b.flushing {
		return 0, b.err
	}
	return b.to.Size - len(b.buf) - len(b.flight), nil
}

func (b *blockingWriter) Write(p []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	b.buf = append(b.buf, p...)
	b.begin()
	return nil
}

func (b *blockingWriter) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil && (b.busy || b.to.Flush != nil) {
		b.flushing = true
		b.begin()
	}
	return b.err
}

func (b *blockingWriter) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	switch {
	case b.busy: // the goroutine ends it
	case b.to.Life.Over() || b.to.End == nil:
		b.finish()
	default:
		b.begin()
	}
	return nil
}

// begin has what waits written, unless that is under way.
func (b *blockingWriter) begin() {
	if b.busy {
		return
	}
	b.busy = true
	if !b.to.Life.Go(b.work) {
		go b.work() // what the instance ends with is written all the same
	}
}

// work writes what waits until nothing does.
func (b *blockingWriter) work() {
	b.mu.Lock()
	defer func() { // also if the writer ends the goroutine
		if b.closed {
			b.finish()
		}
		b.busy = false
		b.Wake()
		b.mu.Unlock()
	}()
	for b.step() {
		b.Wake()
	}
}

// finish ends a stream that is closed, once all is written that can be.
func (b *blockingWriter) finish() {
	b.forget()
	if end := b.to.End; end != nil {
		b.to.End = nil
		var err error // nobody is left to tell
		b.unlocked(&err, end)
	}
}

// step writes what waits, or flushes; it reports whether it did.
func (b *blockingWriter) step() bool {
	switch {
	case b.err != nil:
		return false
	case len(b.buf) > 0:
		b.flight, b.buf = b.buf, b.flight[:0]
		p := b.flight
		b.unlocked(&b.err, func() error {
			n, err := b.to.W.Write(p)
			if n < len(p) && err == nil {
				err = io.ErrShortWrite
			}
			return err
		})
		b.flight = b.flight[:0]
		return true
	case b.flushing:
		if b.to.Flush != nil {
			b.unlocked(&b.err, b.to.Flush)
		}
		b.flushing = false
		return true
	}
	return false
}

// unlocked calls f, which may block, or panic.
func (b *blockingWriter) unlocked(err *error, f func() error) {
	var of error
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		*err = of
	}()
	guard(&of, f)
}

// Discard is a Writer that takes everything.
type Discard struct{ poll.Always }

// Room returns 1 MiB.
func (Discard) Room() (int, error) { return window, nil }

// Write does nothing.
func (Discard) Write([]byte) error { return nil }

// Flush does nothing.
func (Discard) Flush() error { return nil }

// Close does nothing.
func (Discard) Close() error { return nil }

// Closed is a Writer that takes nothing any more.
type Closed struct{ poll.Always }

// Room returns io.ErrClosedPipe.
func (Closed) Room() (int, error) { return 0, io.ErrClosedPipe }

// Write returns io.ErrClosedPipe.
func (Closed) Write([]byte) error { return io.ErrClosedPipe }

// Flush returns io.ErrClosedPipe.
func (Closed) Flush() error { return io.ErrClosedPipe }

// Close does nothing.
func (Closed) Close() error { return nil }
