//go:build linux && (amd64 || arm64 || loong64 || mips64 || mips64le || ppc64 || ppc64le || riscv64 || s390x)

package linear

import "testing"

// TestReservedShare takes blocks without end: those that are reserved have no
// more than their share of the addresses, and of the ranges, that the process
// may have. Go ends the process when it finds none for its own heap.
func TestReservedShare(t *testing.T) {
	for _, test := range []struct {
		name string
		size uint64
		most int
	}{
		{"long", 1 << 40, 1 << (47 - 40) / 2},
		{"many", page, 65_530 / 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := reserved.Load()
			var p Pool
			p.Close() // it keeps nothing
			var blocks []*Block
			for range test.most + 1 {
				b := p.Get(test.size)
				blocks = append(blocks, b)
				if !b.mapped {
					break
				}
			}
			last := blocks[len(blocks)-1]
			if last.mapped {
				t.Errorf("%d blocks of %d bytes are reserved", len(blocks), test.size)
			}
			if v := last.Grow(page); len(v) != page {
				t.Errorf("a block that is not reserved has %d bytes", len(v))
			}
			for _, b := range blocks {
				p.Put(b)
			}
			if after := reserved.Load(); after != before {
				t.Errorf("%d bytes are reserved, %d before", after, before)
			}
			if b := p.Get(test.size); !b.mapped {
				t.Error("what was released cannot be reserved again")
			} else {
				p.Put(b)
			}
		})
	}
}
