package abi

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"unsafe"
)

// Key is the types that the keys of a map have.
type Key interface{ bool | cmp.Ordered }

// MakeMap checks the n entries of a map, of size and align bytes each, at ptr
// and returns a new map with room for them, and n. It returns nil and 0 if they
// are not all inside the memory, or if the call has lifted too much. A guest's
// map is a list of pairs, of which the last with a key counts: see WIT.md, `map`.
func MakeMap[K Key, V any](m *Mem, ptr, n, size, align uint32) (map[K]V, uint32) {
	if !m.holdsList(ptr, n, size, align) || !m.charge(mapBytes[K, V](n)) {
		return nil, 0
	}
	return make(map[K]V, n), n
}

// mapBytes bounds what a map that is made for n entries allocates until it has
// them. Up to 8 share a group of slots. For more there are tables, which are
// filled to seven eighths, have lengths that are powers of two and are split
// when chance gives them too many: three slots an entry cover all that.
func mapBytes[K Key, V any](n uint32) int64 {
	const header = 64
	var slot struct {
		_ K
		_ V
	}
	each := int64(unsafe.Sizeof(slot)) + 1
	if n <= 8 {
		return header + 8*each
	}
	return header + 3*int64(n)*each
}

// Unique returns k, and fails if v has it already. It is for maps that hand over
// resources: those of an entry that another one replaces would be nobody's.
func Unique[K Key, V any](m *Mem, v map[K]V, k K) K {
	if _, ok := v[k]; ok {
		m.Reject(fmt.Errorf("map with resources has two entries for %v", k))
	}
	return k
}

// Keys returns the keys of a map that is lowered, in ascending order: the
// entries' order, which a guest can tell, is then the same for the same map.
// Strings are in the order of their bytes, which is that of their code points.
func Keys[K cmp.Ordered, V any](v map[K]V) []K {
	keys := slices.AppendSeq(make([]K, 0, len(v)), maps.Keys(v))
	slices.Sort(keys)
	return keys
}

// BoolKeys is [Keys] for a map whose keys are bools: false comes first.
func BoolKeys[V any](v map[bool]V) []bool {
	keys := make([]bool, 0, 2)
	for _, k := range [...]bool{false, true} {
		if _, ok := v[k]; ok {
			keys = append(keys, k)
		}
	}
	return keys
}
