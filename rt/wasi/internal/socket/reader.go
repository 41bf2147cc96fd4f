//go:build linux || darwin

package socket

import (
	"errors"
	"io"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
)

// firstRead is how much is read at first; a socket that has more to give is
// given more room, up to stream.Chunk.
const firstRead = 4 << 10

// reader is the stream.Reader of a TCP socket.
type reader struct {
	d *descriptor

	mu  sync.Mutex
	buf []byte
	err error
}

var _ stream.Reader = (*reader)(nil)

// Read reads what has arrived.
func (r *reader) Read(n int) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil || n == 0 {
		return nil, r.err
	}
	if len(r.buf) < min(n, firstRead) {
		r.buf = make([]byte, min(n, firstRead))
	}
	p := r.buf[:min(n, len(r.buf))]
	got, err := r.d.read(p)
	switch {
	case isAgain(err):
		return nil, nil
	case err != nil:
		r.err = streamError(err)
		if errors.Is(r.err, io.ErrClosedPipe) {
			r.err = io.EOF
		}
		return nil, r.err
	case got == len(r.buf) && got < min(n, stream.Chunk):
		r.buf = make([]byte, min(2*got, stream.Chunk)) // the next time; p is the caller's
	}
	return p[:got], nil
}

// Ready reports whether there is something to read, or an error.
func (r *reader) Ready() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err != nil || r.d.in.ready()
}

// Watch has w woken when something may have arrived.
func (r *reader) Watch(w poll.Waker) (stop func()) { return r.d.in.Watch(w) }

// Close ends the direction. What has arrived and was not read is discarded.
func (r *reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = io.EOF
		_ = r.d.shutdown(unix.SHUT_RD) // the other side does not hear of it
	}
	r.buf = nil
	return nil
}
