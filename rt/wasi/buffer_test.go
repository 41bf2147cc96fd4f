package wasi_test

import (
	"io"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/witgen/witgen/rt/wasi"
)

func TestBuffer(t *testing.T) {
	const all = "0123456789abcdefghij"
	for _, test := range []struct {
		head, tail int
		kept, text string
		dropped    int64
	}{
		{0, 0, all, all, 0},
		{0, 4, "ghij", "[16 bytes dropped]\nghij", 16},
		{3, 4, "012ghij", "012\n[13 bytes dropped]\nghij", 13},
		{3, -1, "012", "012\n[17 bytes dropped]\n", 17},
		{0, -1, "", "[20 bytes dropped]\n", 20},
		{-1, 20, all, all, 0},
		{20, -1, all, all, 0},
		{10, 10, all, all, 0},
		{100, 100, all, all, 0},
		{0, math.MaxInt, all, all, 0},
		{math.MaxInt, math.MaxInt, all, all, 0},
	} {
		for _, size := range []int{1, 3, 7, len(all)} {
			b := wasi.Buffer{Head: test.head, Tail: test.tail}
			for rest := all; rest != ""; {
				n := min(size, len(rest))
				if got, err := io.WriteString(&b, rest[:n]); got != n || err != nil {
					t.Errorf("write: %d, %v", got, err)
				}
				rest = rest[n:]
			}
			if string(b.Bytes()) != test.kept || b.String() != test.text || b.Dropped() != test.dropped {
				t.Errorf("first %d, last %d, by %d: %q, %q, %d dropped", test.head, test.tail, size, b.Bytes(), &b, b.Dropped())
			}
		}
	}
	var empty wasi.Buffer
	if s := empty.String(); s != "" || empty.Dropped() != 0 {
		t.Errorf("nothing is %q", s)
	}
}

// TestBufferShared has many write and read at once.
func TestBufferShared(t *testing.T) {
	b := wasi.Buffer{Head: 10, Tail: 10}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				_, _ = io.WriteString(&b, strings.Repeat("x", 7))
				_, _ = b.String(), b.Dropped()
			}
		})
	}
	wg.Wait()
	if n := b.Dropped() + int64(len(b.Bytes())); n != 8*100*7 {
		t.Errorf("%d bytes", n)
	}
}
