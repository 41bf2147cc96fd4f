package stream

import (
	"errors"
	"io"
	"math"
	"sync"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
)

// FromReader returns a Reader of what may block. A goroutine reads a chunk when
// somebody asks for bytes and there are none.
//
// End has a read under way return soon. It is called once: by Close, or when the
// life ends, which then waits for the goroutine. If it is nil, a read under way is
// left alone, and what it gives is lost. A nil life is that of the process.
func FromReader(r io.Reader, life *poll.Life, end func() error) Reader {
	b := &blockingReader{r: r, size: Chunk, life: life, forget: func() {}}
	if end != nil {
		b.end = sync.OnceValue(end)
	}
	return b
}

// FromReaderSize is [FromReader] for what has size bytes, and takes no more
// memory than that; -1 means that nobody knows. Nothing ends a read.
func FromReaderSize(r io.Reader, size int64, life *poll.Life) Reader {
	if size < 0 || size > Chunk {
		size = Chunk
	}
	return &blockingReader{r: r, size: int(max(size, 1)), life: life, forget: func() {}}
}

// blockingReader is what FromReader returns.
type blockingReader struct {
	poll.Signal
	r    io.Reader
	size int // of buf
	life *poll.Life
	end  func() error // nil if nothing ends a read

	mu     sync.Mutex
	buf    []byte // made at the first read
	have   []byte // of buf
	busy   bool   // the goroutine has buf
	err    error
	forget func() // the end of the life
}

func (b *blockingReader) Read(n int) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.have) == 0 {
		if b.err != nil {
			b.buf = nil // what was in it is read
			return nil, b.err
		}
		if n > 0 {
			b.begin()
		}
		return nil, nil
	}
	n = min(n, len(b.have))
	p := b.have[:n:n]
	b.have = b.have[n:]
	return p, nil
}

// Ready begins to read if there is nothing: who asks wants it.
func (b *blockingReader) Ready() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.have) > 0 || b.err != nil {
		return true
	}
	b.begin()
	return false
}

// begin has a chunk read, unless one is being read.
func (b *blockingReader) begin() {
	if b.busy {
		return
	}
	if b.life.Over() {
		b.err = io.EOF
		return
	}
	b.busy = true
	if b.buf == nil {
		b.buf = make([]byte, b.size)
		if b.end != nil {
			b.forget = b.life.OnEnd(func() { _ = b.end() }) // nobody is left to tell
		}
	}
	if b.end == nil {
		go b.fill()
	} else if !b.life.Go(b.fill) {
		b.busy, b.err = false, io.EOF
	}
}

// fill reads a chunk.
func (b *blockingReader) fill() {
	var n int
	var err error
	defer func() { // the reader may end the goroutine
		b.mu.Lock()
		b.have, b.err, b.busy = b.buf[:n], err, false
		b.mu.Unlock()
		b.Wake()
	}()
	guard(&err, func() (err error) {
		for tries := 0; n == 0 && err == nil; tries++ {
			if tries > maxEmptyReads {
				return io.ErrNoProgress
			}
			var got int
			if got, err = b.r.Read(b.buf); got < 0 || got > len(b.buf) {
				return errCount
			}
			n = got
		}
		return err
	})
}

var errCount = errors.New("reader returned a wrong count")

// maxEmptyReads is how often a reader may give nothing, as it should not.
const maxEmptyReads = 100

func (b *blockingReader) Close() error {
	b.mu.Lock()
	forget := b.forget
	b.mu.Unlock()
	forget()
	if b.end == nil {
		return nil
	}
	return b.end()
}

// FromReaderAt returns a Reader of what does not block, from an offset on.
func FromReaderAt(r io.ReaderAt, offset uint64) Reader {
	return &fileReader{r: r, offset: offset}
}

// fileReader is what FromReaderAt returns.
type fileReader struct {
	poll.Always
	r      io.ReaderAt
	offset uint64
	buf    []byte
	err    error
}

func (f *fileReader) Read(n int) ([]byte, error) {
	if f.err != nil || n == 0 {
		return nil, f.err
	}
	if f.offset > math.MaxInt64-uint64(n) {
		f.err = io.EOF
		return nil, f.err
	}
	if len(f.buf) < n {
		f.buf = make([]byte, n)
	}
	got, err := f.r.ReadAt(f.buf[:n], int64(f.offset))
	f.offset += uint64(got)
	if got == 0 {
		f.err = err
		return nil, err
	}
	return f.buf[:got], nil // if there is an error, it is there the next time too
}

func (f *fileReader) Close() error { return nil }

// FromFile returns a Reader of what does not block, from where it is.
func FromFile(r io.Reader) Reader { return &directReader{r: r} }

// directReader is what FromFile returns.
type directReader struct {
	poll.Always
	r   io.Reader
	buf []byte
	err error
}

func (d *directReader) Read(n int) ([]byte, error) {
	if d.err != nil || n == 0 {
		return nil, d.err
	}
	if len(d.buf) < n {
		d.buf = make([]byte, n)
	}
	for range maxEmptyReads {
		got, err := d.r.Read(d.buf[:n])
		d.err = err
		if got > 0 {
			return d.buf[:got], nil
		}
		if err != nil {
			return nil, err
		}
	}
	d.err = io.ErrNoProgress
	return nil, d.err
}

func (d *directReader) Close() error { return nil }

// Nothing is a Reader that is at its end.
type Nothing struct{ poll.Always }

// Read returns io.EOF.
func (Nothing) Read(int) ([]byte, error) { return nil, io.EOF }

// Close does nothing.
func (Nothing) Close() error { return nil }
