package plugin

import "unsafe"

// The host asks for memory while the instance may not leave: were the Go
// allocator used here, it could start a collection, which reads the clock, and
// with a clock that the host provides the call would trap. So blocks come from
// the break of the Go runtime, in sizes that double, and a call's blocks go to
// the free lists of their sizes when it ends. Addresses are numbers and not
// pointers, which keeps the write barrier out too.

// address is a place in linear memory; 0 is none.
type address uint32

func (a address) pointer() unsafe.Pointer { return unsafe.Add(unsafe.Pointer(nil), uint32(a)) }

// header lies in front of a block. Blocks are aligned to 8 bytes, the most that
// the canonical ABI asks for.
type header struct {
	next  address // in the list that the block is in
	class uint32
}

const (
	headerSize = uint32(unsafe.Sizeof(header{}))
	pageSize   = 65536
	smallest   = 16 // bytes of a block of class 0, header included
	classes    = 28 // the last one has 2 GiB
)

var (
	free       [classes]address // blocks nobody uses, by class
	used       address          // blocks the running call was given
	fresh, end address          // memory no block was made of yet
)

func (a address) header() *header { return (*header)(unsafe.Add(a.pointer(), -int(headerSize))) }

func (a address) capacity() uint32 { return smallest<<a.header().class - headerSize }

// sbrk moves the break of the Go runtime, which keeps it a multiple of the page
// size. It returns nil when there is no more memory.
//
//go:linkname sbrk runtime.sbrk
func sbrk(n uintptr) unsafe.Pointer

// cabiRealloc gives the host a block of newSize bytes that begins with the old one.
//
//go:wasmexport cabi_realloc
func cabiRealloc(old unsafe.Pointer, oldSize, align, newSize uint32) unsafe.Pointer {
	if old != nil && address(uintptr(old)).capacity() >= newSize {
		return old
	}
	a := allocate(newSize)
	if old != nil {
		copy(unsafe.Slice((*byte)(a.pointer()), newSize), unsafe.Slice((*byte)(old), oldSize))
	}
	return a.pointer()
}

// allocate takes a block for size bytes, which lasts until release.
func allocate(size uint32) address {
	class := uint32(0)
	for smallest<<class-headerSize < size {
		if class++; class == classes {
			panic("cabi_realloc: too large")
		}
	}
	a := free[class]
	if a != 0 {
		free[class] = a.header().next
	} else {
		a = carve(smallest<<class) + address(headerSize)
		a.header().class = class
	}
	a.header().next = used
	used = a
	return a
}

// carve cuts size bytes, a power of two, off the fresh memory.
func carve(size uint32) address {
	if uint32(end-fresh) < size {
		n := max(size, pageSize)
		p := sbrk(uintptr(n))
		if p == nil {
			panic("cabi_realloc: out of memory")
		}
		fresh = address(uintptr(p))
		end = fresh + address(n)
	}
	a := fresh
	fresh += address(size)
	return a
}

// release gives the blocks of the running call back.
func release() {
	for used != 0 {
		h := used.header()
		a := used
		used = h.next
		h.next = free[h.class]
		free[h.class] = a
	}
}
