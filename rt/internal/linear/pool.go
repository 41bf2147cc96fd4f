package linear

import (
	"math/bits"
	"sync"
)

// What a pool keeps.
const (
	maxResident = 64 << 20 // bytes that take memory of the machine
	maxBlocks   = 256      // of each length
)

// Pool holds blocks that nobody uses. The zero Pool is empty. It may be shared
// between goroutines.
type Pool struct {
	// Slices makes all blocks slices, as where the system reserves no
	// addresses. It is set before the first use.
	Slices bool

	mu       sync.Mutex
	free     [bits.UintSize + 1][]*Block // by the logarithm of their length; last in, first out
	resident uint64
	closed   bool
}

// Get returns a block of no bytes that can grow to most bytes.
func (p *Pool) Get(most uint64) *Block {
	class := classOf(most)
	p.mu.Lock()
	if list := p.free[class]; len(list) > 0 {
		b := list[len(list)-1]
		list[len(list)-1] = nil
		p.free[class] = list[:len(list)-1]
		p.resident -= b.resident
		p.mu.Unlock()
		b.most = most
		return b
	}
	p.mu.Unlock()
	b := &Block{class: class, most: most}
	if !p.Slices {
		b.bytes, b.mapped = reserve(1 << class)
	}
	return b
}

// Put takes a block back, which nothing may refer to any more: neither what
// runs a guest nor a view of its memory. Its bytes are zero when it is used
// again.
func (p *Pool) Put(b *Block) {
	p.mu.Lock()
	room := uint64(0)
	keep := !p.closed && len(p.free[b.class]) < maxBlocks
	if keep {
		room = maxResident - p.resident
	}
	p.mu.Unlock()
	if !keep || !b.wipe(room) {
		b.drop()
		return
	}
	p.mu.Lock()
	// Others may have been put back meanwhile.
	keep = !p.closed && len(p.free[b.class]) < maxBlocks && b.resident <= maxResident-p.resident
	if keep {
		p.resident += b.resident
		p.free[b.class] = append(p.free[b.class], b)
	}
	p.mu.Unlock()
	if !keep {
		b.drop()
	}
}

// Close drops all blocks. Those that are put back later are dropped at once.
func (p *Pool) Close() {
	p.mu.Lock()
	free := p.free
	p.free, p.resident, p.closed = [len(free)][]*Block{}, 0, true
	p.mu.Unlock()
	for _, list := range free {
		for _, b := range list {
			b.drop()
		}
	}
}

// classOf returns the logarithm of the length of blocks for most bytes. Pages
// of linear memories have 2^16 bytes.
func classOf(most uint64) int { return max(16, bits.Len64(max(most, 1)-1)) }
