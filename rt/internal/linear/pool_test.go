package linear

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"
	"unsafe"
)

const page = 64 << 10

// kinds runs a test with reserved blocks, where there are any, and with slices.
func kinds(t *testing.T, f func(t *testing.T, p *Pool)) {
	for name, slices := range map[string]bool{"reserved": false, "slices": true} {
		t.Run(name, func(t *testing.T) {
			p := &Pool{Slices: slices}
			t.Cleanup(p.Close)
			f(t, p)
		})
	}
}

func wantZero(t *testing.T, what string, b []byte) {
	t.Helper()
	if n := len(b) - bytes.Count(b, []byte{0}); n > 0 {
		t.Fatalf("%s: %d of %d bytes are not zero", what, n, len(b))
	}
}

func TestBlockGrows(t *testing.T) {
	kinds(t, func(t *testing.T, p *Pool) {
		b := p.Get(5 * page)
		if b.Len() != 0 {
			t.Errorf("a new block has %d bytes", b.Len())
		}
		if v := b.Grow(0); v == nil || len(v) != 0 {
			t.Errorf("no bytes: %v", v)
		}
		var last []byte
		for n := range 6 {
			v := b.Grow(uint64(n) * page)
			if len(v) != n*page || cap(v) != len(v) || b.Len() != uint64(len(v)) {
				t.Fatalf("%d pages: %d bytes, room for %d", n, len(v), cap(v))
			}
			if !bytes.Equal(v[:len(last)], last) {
				t.Errorf("%d pages: what was there is not", n)
			}
			wantZero(t, "what is new", v[len(last):])
			for i := len(last); i < len(v); i++ {
				v[i] = byte(i%251 + n)
			}
			last = bytes.Clone(v)
		}
		if b.Grow(5*page+1) != nil || b.Grow(1<<40) != nil {
			t.Error("it grew beyond what it may have")
		}
		if b.Grow(page) != nil {
			t.Error("it shrank")
		}
	})
}

// TestUsedAgain puts blocks back that are written to, all over or here and
// there: their bytes are zero when they come again.
func TestUsedAgain(t *testing.T) {
	kinds(t, func(t *testing.T, p *Pool) {
		random := rand.New(rand.NewPCG(1, 2))
		var again int
		seen := make(map[*byte]bool)
		for round := range 200 {
			b := p.Get(1 << 28)
			pages := random.IntN(60)
			b.Grow(uint64(pages/2) * page)
			v := b.Grow(uint64(pages) * page)
			if len(v) > 0 && seen[unsafe.SliceData(v)] {
				again++
			}
			wantZero(t, "a block that is used again", v)
			if len(v) > 0 {
				seen[unsafe.SliceData(v)] = true
			}
			if round%3 == 0 {
				for i := range v {
					v[i] = 0xab
				}
			} else {
				for range random.IntN(400) {
					if len(v) > 0 {
						v[random.IntN(len(v))] = 0xcd
					}
				}
			}
			p.Put(b)
		}
		if again < 50 {
			t.Errorf("blocks were used again %d times", again)
		}
	})
}

// TestBounded puts back more than a pool keeps.
func TestBounded(t *testing.T) {
	kinds(t, func(t *testing.T, p *Pool) {
		for _, size := range []uint64{page, 20 * page} {
			var blocks []*Block
			for range maxBlocks + 100 {
				b := p.Get(size)
				clear(b.Grow(size))
				b.Grow(size)[size-1] = 1
				blocks = append(blocks, b)
			}
			for _, b := range blocks {
				p.Put(b)
			}
			var sum uint64
			for class, list := range p.free {
				if len(list) > maxBlocks {
					t.Errorf("%d blocks of %d bytes", len(list), 1<<class)
				}
				for _, b := range list {
					sum += b.resident
				}
			}
			if sum != p.resident || sum > maxResident {
				t.Errorf("%d bytes are kept, counted %d, most %d", sum, p.resident, maxResident)
			}
		}
	})
}

// TestClosedPool keeps nothing, and works.
func TestClosedPool(t *testing.T) {
	kinds(t, func(t *testing.T, p *Pool) {
		a, b := p.Get(page), p.Get(page)
		a.Grow(page)
		p.Put(a)
		p.Close()
		p.Put(b)
		for _, list := range p.free {
			if len(list) > 0 {
				t.Error("a closed pool keeps blocks")
			}
		}
		c := p.Get(page)
		wantZero(t, "a block of a closed pool", c.Grow(page))
		p.Put(c)
	})
}

// TestPoolRace has goroutines take, write and put back: none sees what another
// wrote.
func TestPoolRace(t *testing.T) {
	kinds(t, func(t *testing.T, p *Pool) {
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				random := rand.New(rand.NewPCG(3, uint64(g)))
				for range 100 {
					b := p.Get(1 << 24)
					v := b.Grow(uint64(1+random.IntN(8)) * page)
					if bytes.Count(v, []byte{0}) != len(v) {
						t.Error("a block is not zero")
						return
					}
					for i := range v {
						v[i] = byte(g + 1)
					}
					if bytes.Count(v, []byte{byte(g + 1)}) != len(v) {
						t.Error("two have one block")
						return
					}
					p.Put(b)
				}
			})
		}
		wg.Wait()
	})
}

// BenchmarkUse takes a block of 17 pages, writes to as many of the system's
// pages as a small guest does, and puts it back: into a pool that keeps what is
// in memory, one that has too much of it already, and one of slices.
func BenchmarkUse(b *testing.B) {
	for _, test := range []struct {
		name string
		pool *Pool
	}{
		{"kept", &Pool{}},
		{"given back", &Pool{resident: maxResident}},
		{"slices", &Pool{Slices: true}},
	} {
		b.Run(test.name, func(b *testing.B) {
			defer test.pool.Close()
			b.ReportAllocs()
			for b.Loop() {
				x := test.pool.Get(1 << 30)
				v := x.Grow(17 * page)
				for i := range 12 {
					v[1<<20-8<<12+i<<12] = 1
				}
				test.pool.Put(x)
			}
		})
	}
}
