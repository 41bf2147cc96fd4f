//go:build linux || darwin

package socket

import (
	"io"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
)

// writer is the stream.Writer of a TCP socket. The system is given what is
// written at once; what it does not take waits, up to stream.Chunk, and a
// goroutine gives it that when it can. That goes on when the stream is closed,
// and for the time of linger when the instance ends.
type writer struct {
	poll.Signal
	d    *descriptor
	life *poll.Life

	mu       sync.Mutex
	buf      []byte // waits
	pumping  bool   // the goroutine is there
	flushing bool
	closed   bool
	err      error
}

var _ stream.Writer = (*writer)(nil)

// Room returns how much may wait, besides what does.
func (w *writer) Room() (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.err != nil:
		return 0, w.err
	case w.closed:
		return 0, io.ErrClosedPipe
	case w.flushing:
		return 0, nil
	}
	return stream.Chunk - len(w.buf), nil
}

// Ready reports whether there is room, or an error.
func (w *writer) Ready() bool {
	n, err := w.Room()
	return n > 0 || err != nil
}

// Write has the system take p, or lets it wait.
func (w *writer) Write(p []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	if w.closed {
		return io.ErrClosedPipe
	}
	for len(p) > 0 && len(w.buf) == 0 {
		n, err := w.d.write(p)
		p = p[n:]
		if isAgain(err) {
			break
		}
		if err != nil {
			w.err = streamError(err)
			return w.err
		}
	}
	if len(p) == 0 {
		return nil
	}
	w.buf = append(w.buf, p...)
	w.pump()
	return nil
}

// pump has the goroutine send what waits.
func (w *writer) pump() {
	if w.pumping {
		return
	}
	w.d.hold()
	w.d.sending(true)
	w.pumping = w.life.Go(w.send)
	if !w.pumping {
		w.err, w.buf = io.ErrClosedPipe, nil
		w.d.sending(false)
		w.d.release()
	}
}

// send sends what waits, until nothing does.
func (w *writer) send() {
	for w.step() {
		w.Wake()
	}
	w.Wake()
	w.d.sending(false)
	w.d.release()
}

// step waits until the system can take something and gives it that. It reports
// whether more waits.
func (w *writer) step() bool {
	late := w.d.out.wait(func(fd uintptr) bool { return isReady(int(fd), unix.POLLOUT) })
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.d.write(w.buf)
	w.buf = w.buf[n:]
	if late != nil && len(w.buf) > 0 {
		err = late
	}
	if err != nil && !isAgain(err) {
		w.err, w.buf = streamError(err), nil
	}
	if len(w.buf) > 0 {
		return true
	}
	w.buf, w.flushing, w.pumping = nil, false, false
	if w.closed {
		_ = w.d.shutdown(unix.SHUT_WR) // nobody is left to tell
	}
	return false
}

// Flush has nothing more written until all that waits is sent.
func (w *writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return io.ErrClosedPipe
	}
	w.flushing = len(w.buf) > 0
	return w.err
}

// Close ends the direction, once what waits is sent.
func (w *writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	if w.pumping {
		return nil // the goroutine does it
	}
	_ = w.d.shutdown(unix.SHUT_WR) // the other side has gone already
	return nil
}
