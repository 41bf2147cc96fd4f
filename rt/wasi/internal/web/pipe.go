package web

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/stream"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// window is how many bytes of a body wait at most for who sends it.
const window = 64 << 10

// errUnfinished is the error of a body whose guest dropped it, or ended, before
// it was finished.
var errUnfinished = errors.New("body was not finished")

// pipe is the body of a message that a guest writes. The guest has it as a
// stream.Writer, and whoever sends the message reads it.
type pipe struct {
	poll.Signal // of the guest

	mu       sync.Mutex
	more     sync.Cond     // of the reader
	begun    chan struct{} // closed when there is something to read, or the end
	buf      []byte        // waits
	flight   int           // bytes that the reader has and is not done with
	read     bool          // there is a reader, or was
	flushing bool
	started  bool
	err      error   // io.EOF once finished, or what became of the body
	gone     bool    // the reader went away
	trailers *Fields // once finished; may be nil

	limit   uint64 // bytes that may be written
	written uint64
	tooMany func(n uint64) types.ErrorCode // when more are

	quota  *quota
	unsent int // bytes that it counts
}

var _ stream.Writer = (*pipe)(nil)

// newPipe returns the body of a message with at most limit bytes.
func newPipe(limit uint64, tooMany func(uint64) types.ErrorCode, q *quota) *pipe {
	p := &pipe{limit: limit, tooMany: tooMany, quota: q, begun: make(chan struct{})}
	p.more.L = &p.mu
	return p
}

// attach says that there is a reader: until then, a flush has nothing to wait
// for but the window.
func (p *pipe) attach() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read = true
	p.sent()
}

// sent says that there will be somebody who takes what waits.
func (p *pipe) sent() {
	p.quota.give(p.unsent)
	p.unsent = 0
}

// Ready reports whether there is room or an error.
func (p *pipe) Ready() bool {
	n, err := p.Room()
	return n > 0 || err != nil
}

// Room returns how many bytes may be written.
func (p *pipe) Room() (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.broken(); err != nil || p.flushing {
		return 0, err
	}
	return window - len(p.buf) - p.flight, nil
}

// broken returns why nothing can be written any more.
func (p *pipe) broken() error {
	if p.gone {
		return io.ErrClosedPipe
	}
	return p.err
}

// Write writes what there is room for. More than the message has fails, and the
// message with it.
func (p *pipe) Write(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.broken(); err != nil {
		return err
	}
	if uint64(len(b)) > p.limit-p.written {
		p.written += uint64(len(b))
		p.fail(p.tooMany(p.written))
		return p.err
	}
	if !p.read {
		if p.quota.take(len(b)) != nil {
			p.fail(types.ErrorCodeInternalError{})
			return p.err
		}
		p.unsent += len(b)
	}
	p.written += uint64(len(b))
	p.buf = append(p.buf, b...)
	p.begin()
	p.more.Signal()
	return nil
}

func (p *pipe) begin() {
	if !p.started {
		p.started = true
		close(p.begun)
	}
}

// await waits until there is something to read or the end is there, for a time at
// most.
func (p *pipe) await(ctx context.Context, most time.Duration) {
	select {
	case <-p.begun:
		return
	default:
	}
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-p.begun:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Flush is done once the reader is done with what was written.
func (p *pipe) Flush() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flushing = p.read && len(p.buf)+p.flight > 0
	return p.broken()
}

// Close does nothing: the body is finished, or not, after its stream ended.
func (p *pipe) Close() error { return nil }

// finish ends the body, unless it failed before.
func (p *pipe) finish(trailers *Fields) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return p.err
	}
	p.trailers = trailers
	p.fail(io.EOF)
	return nil
}

// abort ends the body before it is whole, unless it has ended.
func (p *pipe) abort(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.fail(err)
	}
}

func (p *pipe) fail(err error) {
	p.err = err
	p.begin()
	p.more.Broadcast()
	p.Wake()
}

// Read returns what was written, and waits for it. It returns io.EOF at the end
// of a body that is whole. What it returned before has been sent.
func (p *pipe) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.landed()
	for len(p.buf) == 0 && p.err == nil && !p.gone {
		p.more.Wait()
	}
	switch {
	case p.gone:
		return 0, io.ErrClosedPipe
	case p.err != nil && p.err != io.EOF: //nolint:errorlint // set here
		return 0, p.err
	case len(p.buf) == 0:
		return 0, io.EOF
	}
	n := copy(b, p.buf)
	p.buf = p.buf[:copy(p.buf, p.buf[n:])]
	p.flight = n
	return n, nil
}

// landed notes that what the reader has was sent.
func (p *pipe) landed() {
	if p.flight == 0 && !p.flushing {
		return
	}
	p.flight = 0
	p.flushing = p.flushing && len(p.buf) > 0
	p.Wake()
}

// count returns how many bytes were written.
func (p *pipe) count() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.written
}

// state returns how many bytes were written, and why there will be no more; nil
// if there may be.
func (p *pipe) state() (n uint64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.written, p.err
}

// idle reports whether there is nothing to read, and may be later.
func (p *pipe) idle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.buf) == 0 && p.err == nil && !p.gone
}

// ended returns the trailers of a body that is whole, nil if it has none.
func (p *pipe) ended() *Fields {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.trailers
}

// leave says that nobody reads any more.
func (p *pipe) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read, p.gone, p.flushing = true, true, false
	p.buf, p.flight = nil, 0
	p.sent()
	p.more.Broadcast()
	p.Wake()
}
