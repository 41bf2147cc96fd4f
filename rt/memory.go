package rt

import (
	"sync"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/witgen/witgen/rt/internal/linear"
	"github.com/witgen/witgen/rt/internal/task"
)

// defaultMemory is what the linear memories of an instance may have.
const defaultMemory = 1 << 30

// memory is the linear memories of an instance. It makes them, of blocks that
// are the instance's until it is closed: wazero says that a memory is done with
// when the first module closes that can see it.
type memory struct {
	tree   *task.Tree // of the instance
	pool   *linear.Pool
	limit  int64
	group  *Budget // nil for none
	engine *Budget

	mu     sync.Mutex
	use    MemoryUse
	blocks []*memoryBlock
}

// memoryBlock is what wazero has of a linear memory.
type memoryBlock struct {
	owner *memory
	bytes *linear.Block
	mem   api.Memory // nil before its module is instantiated
	state blockState // guarded by owner.mu
}

type blockState uint8

const (
	blockNew  blockState = iota // its beginning is paid for
	blockUsed                   // it may grow
	blockGone                   // its module is being closed
)

// Memory returns what linear memory the instance has, and what growth it was
// denied. A closed instance has none; its peak and its denials stay.
func (in *Instance) Memory() MemoryUse {
	in.memory.mu.Lock()
	defer in.memory.mu.Unlock()
	return in.memory.use
}

// begin takes what the modules of the instance declare.
func (m *memory) begin(n int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n > 0 && n > m.limit {
		return m.use.deny("needs %s at start, limit %s", size(n), size(m.limit))
	}
	if err := m.take(n); err != nil {
		return m.use.deny("needs %s at start: %s", size(n), err.text)
	}
	return nil
}

// take takes bytes out of all budgets, or of none.
func (m *memory) take(n int64) *memoryError {
	if err := m.group.take(n, "the instance's group"); err != nil {
		return err
	}
	if err := m.engine.take(n, "the engine"); err != nil {
		m.group.give(n)
		return err
	}
	m.use.add(n)
	return nil
}

// Allocate makes a linear memory without any bytes. See
// [experimental.MemoryAllocator].
func (m *memory) Allocate(_, most uint64) experimental.LinearMemory {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := &memoryBlock{owner: m, bytes: m.pool.Get(min(most, uint64(m.limit)))}
	m.blocks = append(m.blocks, b)
	return b
}

// Reallocate makes the memory as long as it is declared to be, first, and
// longer later. It returns nil if it may not be. See
// [experimental.LinearMemory].
func (b *memoryBlock) Reallocate(size uint64) []byte {
	m := b.owner
	m.mu.Lock()
	defer m.mu.Unlock()
	switch b.state {
	case blockNew:
		b.state = blockUsed
	case blockUsed:
		if !m.grow(int64(size - b.bytes.Len())) {
			return nil
		}
	case blockGone:
		return []byte{}
	}
	return b.bytes.Grow(size)
}

// Free does nothing: the memory is the instance's.
func (b *memoryBlock) Free() {}

// grow takes bytes for a memory that grows. Whoever has the turn of the tree
// calls it, as only a guest that runs wants its memory to grow.
func (m *memory) grow(n int64) bool {
	now := m.use.Bytes + n
	if now > m.limit {
		m.tree.Denied = m.use.deny("growth to %s denied: limit of the instance %s", size(now), size(m.limit))
		return false
	}
	if err := m.take(n); err != nil {
		m.tree.Denied = m.use.deny("growth to %s denied: %s", size(now), err.text)
		return false
	}
	return true
}

// made notes the module that the newest memory belongs to.
func (m *memory) made(module api.Module) {
	if n := len(m.blocks); n > 0 && m.blocks[n-1].mem == nil {
		m.blocks[n-1].mem = module.Memory()
	}
}

// detach takes the bytes away from wazero's memories: what would still run in
// the instance, or look into it, finds nothing, rather than what will be another
// instance's. A memory of the size that it can have at most keeps them.
func (m *memory) detach() {
	m.mu.Lock()
	for _, b := range m.blocks {
		b.state = blockGone
	}
	m.mu.Unlock()
	for _, b := range m.blocks {
		if b.mem != nil {
			b.mem.Grow(1)
			b.mem = nil
		}
	}
}

// free gives the memory back. Nothing runs in the instance any more.
func (m *memory) free() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.blocks {
		m.pool.Put(b.bytes)
		b.bytes = nil
	}
	m.blocks = nil
	m.group.give(m.use.Bytes)
	m.engine.give(m.use.Bytes)
	m.use.Bytes = 0
}
