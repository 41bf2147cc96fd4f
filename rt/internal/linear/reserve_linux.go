//go:build linux && (amd64 || arm64 || loong64 || mips64 || mips64le || ppc64 || ppc64le || riscv64 || s390x)

package linear

import (
	"math"
	"math/bits"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// Advice that package syscall has no name for on all of these systems.
const madvNoHugePage = 15

// maxRanges is how many blocks are reserved at a time. A process may have 65,530
// ranges of addresses, and with each block that is released from between others
// there is one more.
const maxRanges = 1 << 14

// What is reserved, by all pools of the process.
var (
	reserved atomic.Int64 // bytes of addresses
	ranges   atomic.Int64
)

// share is how many bytes of addresses may be reserved: a quarter of what the
// process may have. Go's heap needs some as well, and the process ends when it
// finds none.
var share = sync.OnceValue(func() int64 {
	var all uint64 = 1 << 38 // where addresses are as short as they get
	if b, err := syscall.Mmap(-1, 0, os.Getpagesize(), syscall.PROT_NONE, syscall.MAP_PRIVATE|syscall.MAP_ANON); err == nil {
		// Systems give addresses from the highest ones on.
		all = 1 << bits.Len64(uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b)))))
		_ = syscall.Munmap(b)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit); err == nil {
		all = min(all, limit.Cur)
	}
	return int64(min(all, math.MaxInt64) / 4)
})

// reserve returns n bytes that are zero and take no memory until they are
// touched; false if the system does not give them, or blocks have their share of
// addresses already.
//
// They can be read and written from the start: nothing goes beyond the part of
// a block that is used, since slices end there and guests are checked. With
// other protection for the rest, each growth would be a call of the system, and
// each block two of the ranges that a process may have 65,530 of.
func reserve(n uint64) ([]byte, bool) {
	most := share()
	if n > uint64(most) || !within(&ranges, 1, maxRanges) {
		return nil, false
	}
	if !within(&reserved, int64(n), most) {
		ranges.Add(-1)
		return nil, false
	}
	const flags = syscall.MAP_PRIVATE | syscall.MAP_ANON | syscall.MAP_NORESERVE
	b, err := syscall.Mmap(-1, 0, int(n), syscall.PROT_READ|syscall.PROT_WRITE, flags)
	if err != nil {
		ranges.Add(-1)
		reserved.Add(-int64(n))
		return nil, false
	}
	// A page of 2 MiB for the first byte that a guest touches would make small
	// guests ten times as large. Systems without such pages refuse, rightly.
	_ = syscall.Madvise(b, madvNoHugePage)
	return b, true
}

// within adds n to a sum, unless that would be more than most.
func within(sum *atomic.Int64, n, most int64) bool {
	if sum.Add(n) <= most {
		return true
	}
	sum.Add(-n)
	return false
}

func release(b []byte) {
	n := int64(len(b))
	// It fails for what is not mapped, and where there is no room for one range
	// more, which is why there are so few.
	if syscall.Munmap(b) == nil {
		ranges.Add(-1)
		reserved.Add(-n)
	}
}

// What is worth being written with zeros, rather than given back to the system
// and fetched again page by page, which costs several times as much for a page.
const (
	maxWarm = 2 << 20 // at the beginning of a memory, where stack and data are
	minGap  = 8       // pages in a row that are not there, to be left so
)

// clean makes the bytes zero. Up to room bytes may stay in memory: it returns
// how many do.
//
// Which pages are in memory the system says. One that is not has never been
// touched, or its contents are elsewhere: it is given back all the same.
func clean(b []byte, room uint64) (resident uint64, ok bool) {
	page := os.Getpagesize()
	warm := b[:min(uint64(len(b)), maxWarm)]
	var in [maxWarm >> 12]byte
	pages := len(warm) / page
	if pages > 0 && room > 0 {
		if _, _, errno := syscall.Syscall(syscall.SYS_MINCORE, uintptr(unsafe.Pointer(&warm[0])), uintptr(len(warm)), uintptr(unsafe.Pointer(&in[0]))); errno != 0 {
			pages = 0
		}
	} else {
		pages = 0
	}
	done := 0
	for from := 0; from < pages; {
		until := hot(in[:pages], from)
		if until > from && resident+uint64((until-from)*page) <= room {
			clear(warm[from*page : until*page])
			resident += uint64((until - from) * page)
			if !discard(b[done*page : from*page]) {
				return 0, false
			}
			done = until
		}
		from = until + 1
	}
	return resident, discard(b[done*page:])
}

// hot returns the end of the pages in memory that begin at from, over gaps that
// are too short to be left.
func hot(in []byte, from int) int {
	end := from
	for i := from; i < len(in) && i <= end+minGap && (i > from || in[i]&1 != 0); i++ {
		if in[i]&1 != 0 {
			end = i + 1
		}
	}
	return end
}

// discard gives pages back to the system: they are zero when they are touched
// again.
func discard(b []byte) bool {
	return len(b) == 0 || syscall.Madvise(b, syscall.MADV_DONTNEED) == nil
}
