package wasi

import (
	"fmt"
	"sync"

	"github.com/witgen/witgen/rt/wasi/internal/cli"
)

// Buffer is a writer that keeps the first and the last of what is written to it,
// and counts what it dropped between them: for output of any length. The zero
// Buffer keeps the last 64 KiB. It may be used from any goroutine, but its fields
// are set before.
type Buffer struct {
	// Head is how many of the first bytes are kept.
	Head int
	// Tail is how many of the last bytes are kept; 0 means 64 KiB, and a negative
	// number none.
	Tail int

	mu   sync.Mutex
	head []byte
	tail cli.Tail
}

// Direct marks a writer that never blocks.
func (b *Buffer) Direct() {}

// Write keeps what is to be kept of p. It never fails.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := max(0, min(len(p), b.Head-len(b.head)))
	b.head = append(b.head, p[:n]...)
	switch b.tail.Max = b.Tail; {
	case b.Tail < 0:
		b.tail.Max = 0
	case b.Tail == 0:
		b.tail.Max = 64 << 10
	}
	_, _ = b.tail.Write(p[n:]) // never fails
	return len(p), nil
}

// Bytes returns what is kept, the last after the first, as a copy.
func (b *Buffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append(append([]byte(nil), b.head...), b.tail.Bytes()...)
}

// Dropped returns how many bytes were written and are not kept.
func (b *Buffer) Dropped() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dropped()
}

func (b *Buffer) dropped() int64 { return b.tail.Written() - int64(len(b.tail.Bytes())) }

// String returns what is kept, with a line that tells what was dropped where
// that was.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := string(b.head)
	if n := b.dropped(); n > 0 {
		if s != "" {
			s += "\n"
		}
		s += fmt.Sprintf("[%d bytes dropped]\n", n)
	}
	return s + string(b.tail.Bytes())
}
