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
		_, f.err = f.w.Write(p)
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
	b.begin()
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
	defer b.mu.Unlock()
	for b.step() {
		b.Wake()
	}
	b.busy = false
	if b.closed && b.to.End != nil {
		end := b.to.End
		b.to.End = nil
		_ = b.unlocked(end) // nobody is left to tell
	}
	if b.closed {
		b.forget()
	}
	b.Wake()
}

// step writes what waits, or flushes; it reports whether it did.
func (b *blockingWriter) step() bool {
	switch {
	case b.err != nil:
		return false
	case len(b.buf) > 0:
		b.flight, b.buf = b.buf, b.flight[:0]
		p := b.flight
		err := b.unlocked(func() error { _, err := b.to.W.Write(p); return err })
		b.flight, b.err = b.flight[:0], err
		return true
	case b.flushing:
		var err error
		if b.to.Flush != nil {
			err = b.unlocked(b.to.Flush)
		}
		b.flushing, b.err = false, err
		return true
	}
	return false
}

// unlocked calls f, which may block.
func (b *blockingWriter) unlocked(f func() error) error {
	b.mu.Unlock()
	defer b.mu.Lock()
	return f()
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
