package plan_test

import (
	"encoding/binary"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// section returns a section of a binary.
func section(id byte, body ...byte) []byte {
	return append(binary.AppendUvarint([]byte{id}, uint64(len(body))), body...)
}

// times returns a vector of n times the same.
func times(n int, item ...byte) []byte {
	return append(binary.AppendUvarint(nil, uint64(n)), slices.Repeat(item, n)...)
}

const (
	preamble     = "\x00asm\x0d\x00\x01\x00"
	corePreamble = "\x00asm\x01\x00\x00\x00"
)

// TestLimits plans small components that ask for much by instantiating the same
// over and over.
func TestLimits(t *testing.T) {
	inner := slices.Concat([]byte(preamble),
		section(7, 1, 0x3f, 0x7f, 0),       // a resource
		section(8, times(20_000, 3, 0)...)) // 20,000 times resource.drop of it
	many := slices.Concat([]byte(preamble), section(4, inner...), section(5, times(999, 0, 0, 0)...))

	exports := binary.AppendUvarint(nil, 10_000)
	for i := range 10_000 {
		exports = append(exports, 3, 'a'+byte(i%26), 'a'+byte(i/26%26), 'a'+byte(i/676), 0, 0)
	}
	module := slices.Concat([]byte(corePreamble), section(1, 1, 0x60, 0, 0), section(3, 1, 0), section(7, exports...), section(10, 1, 2, 0, 0x0b))
	wide := slices.Concat([]byte(preamble), section(1, module...), section(2, times(999, 0, 0, 0)...))

	// An import, and 30 instances that export the one before them twice.
	doubled := slices.Concat([]byte(preamble), section(7, 1, 0x40, 0, 1, 0), section(10, 1, 0, 1, 'f', 1, 0), section(5, 1, 1, 1, 0, 1, 'f', 1, 0))
	for i := range byte(30) {
		doubled = slices.Concat(doubled, section(5, 1, 1, 2, 0, 1, 'a', 5, i, 0, 1, 'b', 5, i))
	}
	doubled = slices.Concat(doubled, section(11, 1, 0, 1, 'x', 5, 30, 0))

	for _, test := range []struct {
		name string
		wasm []byte
		want string
	}{
		{"definitions", many, "more than 100000 definitions"},
		{"names", wide, "more than 1000000 imports and exports"},
		{"exports", doubled, "exports have more than 1000000 names"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := build(test.wasm)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%d bytes: %v; want %q", len(test.wasm), err, test.want)
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > 256<<20 {
				t.Errorf("%d bytes made it allocate %d MiB", len(test.wasm), got>>20)
			}
		})
	}
}
