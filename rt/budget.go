package rt

import (
	"fmt"
	"sync"
)

// Budget bounds the linear memories of all instances that share it, together.
// It may be shared between goroutines, and between engines.
type Budget struct {
	limit int64

	mu  sync.Mutex
	use MemoryUse
}

// MemoryUse says how much linear memory an instance or a group of them has.
type MemoryUse struct {
	// Bytes is the length of all memories now. What an instance declares is in
	// it from its start.
	Bytes int64
	// Peak is the most that Bytes ever was.
	Peak int64
	// Denied is how many times more was asked for than there could be.
	Denied int
	// Last says why it was denied the last time, with [ErrMemory] in it; nil if
	// it never was.
	Last error
}

// NewBudget returns a budget of that many bytes.
func NewBudget(bytes int64) *Budget { return &Budget{limit: bytes} }

// Limit returns how many bytes all instances may have together.
func (b *Budget) Limit() int64 { return b.limit }

// Memory returns what the instances have.
func (b *Budget) Memory() MemoryUse {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.use
}

// take takes bytes out of the budget, or says why not, and counts that. No
// budget has all there is.
func (b *Budget) take(n int64, of string) *memoryError {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > 0 && n > b.limit-b.use.Bytes {
		return b.use.deny("%s has %s of %s in use", of, size(b.use.Bytes), size(b.limit))
	}
	b.use.add(n)
	return nil
}

// give puts bytes back.
func (b *Budget) give(n int64) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.use.add(-n)
}

func (u *MemoryUse) add(n int64) {
	u.Bytes += n
	u.Peak = max(u.Peak, u.Bytes)
}

func (u *MemoryUse) deny(format string, args ...any) *memoryError {
	err := &memoryError{fmt.Sprintf(format, args...)}
	u.Denied++
	u.Last = err
	return err
}

// memoryError says which limit stood against what.
type memoryError struct{ text string }

func (e *memoryError) Error() string { return "memory: " + e.text }

// Unwrap makes the error one of [ErrMemory].
func (e *memoryError) Unwrap() error { return ErrMemory }

// size writes a number of bytes.
func size(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d bytes", n)
	case n < 1<<20:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
