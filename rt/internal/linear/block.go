package linear

// Block is the bytes of a linear memory. It has one owner at a time.
type Block struct {
	bytes    []byte // reserved, or made: then no longer than what is used
	mapped   bool   // it is reserved
	class    int    // the logarithm of the length of what is reserved
	most     uint64 // what it may grow to
	used     uint64 // all that was ever handed out
	resident uint64 // bytes that take memory while it is in a pool
}

// Grow makes the block n bytes long and returns them; those beyond its former
// length are zero. It returns nil if that is more than the block may have. What
// it returned before is the same memory, if the block is reserved, and else a
// copy that is out of date.
func (b *Block) Grow(n uint64) []byte {
	switch {
	case n > b.most || n < b.used:
		return nil
	case b.mapped:
	case b.bytes == nil || n > uint64(cap(b.bytes)):
		room := n
		if b.used > 0 { // it is likely to grow again
			room = min(n+n/4, b.most)
		}
		bytes := make([]byte, n, room)
		copy(bytes, b.bytes)
		b.bytes = bytes
	default:
		b.bytes = b.bytes[:n]
	}
	b.used = n
	return b.bytes[:n:n]
}

// Len returns how many bytes the block has.
func (b *Block) Len() uint64 { return b.used }

// wipe makes all bytes zero, of which at most room may go on taking memory. It
// reports false for a block that is not worth keeping.
func (b *Block) wipe(room uint64) bool {
	if b.mapped {
		resident, ok := clean(b.bytes[:b.used], room)
		b.resident, b.used = resident, 0
		return ok
	}
	b.resident = uint64(cap(b.bytes))
	if b.resident > min(room, maxResident/4) {
		return false
	}
	clear(b.bytes)
	b.bytes, b.used = b.bytes[:0], 0
	return true
}

// drop gives the memory back to the system.
func (b *Block) drop() {
	if b.mapped {
		release(b.bytes)
	}
	*b = Block{}
}
