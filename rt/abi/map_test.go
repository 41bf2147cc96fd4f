package abi

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/internal/task"
)

func TestMakeMap(t *testing.T) {
	m := newMem(t)
	for _, n := range []uint32{0, 1, 1 << 12} {
		v, got := MakeMap[uint32, uint64](m, 0, n, 16, 8)
		if v == nil || len(v) != 0 || got != n || m.Err() != nil {
			t.Errorf("%d entries: got %v, %d, %v", n, v, got, m.Err())
		}
	}
}

// TestMakeMapHostile claims entries that are not there. Nothing may be
// allocated for them: 2^12 would take more than 100 KB. The runtime allocates
// some KB of its own now and then.
func TestMakeMapHostile(t *testing.T) {
	for _, tt := range []struct {
		name         string
		ptr, n, left uint32
		want         string
	}{
		{"unaligned", 4, 1, task.DefaultLift, "not aligned"},
		{"outside", 1 << 16, 1, task.DefaultLift, "out of bounds"},
		{"one too many", 0, 1<<12 + 1, task.DefaultLift, "out of bounds"},
		{"too long for a list", 0, 1 << 28, task.DefaultLift, "out of bounds"},
		{"overflow", math.MaxUint32 &^ 7, math.MaxUint32, task.DefaultLift, "out of bounds"},
		{"too much", 0, 1 << 12, 16 << 12, "lifted more than"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMem(t)
			m.left = int64(tt.left)
			var v map[uint32]uint64
			var n uint32
			if b := allocated(func() { v, n = MakeMap[uint32, uint64](m, tt.ptr, tt.n, 16, 8) }); b > 1<<15 {
				t.Errorf("%d bytes were allocated", b)
			}
			if v != nil || n != 0 || m.Err() == nil || !strings.Contains(m.Err().Error(), tt.want) {
				t.Errorf("got %v, %d, %v; want %q", v, n, m.Err(), tt.want)
			}
			if v, n := MakeMap[string, uint8](m, 0, 1, 12, 4); v != nil || n != 0 {
				t.Errorf("after a failure: got %v, %d", v, n)
			}
		})
	}
}

// TestMapBytes measures what maps allocate until they have the entries they
// are made for.
func TestMapBytes(t *testing.T) {
	lengths := []int{0, 1, 7, 8, 9, 14, 15, 28, 29, 100, 448, 449, 896, 897, 1000, 1792, 1793, 3584, 10_000, 57_344, 57_345}
	for _, n := range lengths {
		measure(t, n, func(i int) uint8 { return uint8(i) }, 1)
		measure(t, n, func(i int) uint64 { return uint64(i) * 0x9e3779b97f4a7c15 }, uint8(1))
		measure(t, n, func(i int) uint32 { return uint32(i) }, [2]string{})
		measure(t, n, func(i int) uint32 { return uint32(i) }, [200]byte{})
	}
}

func measure[K Key, V any](t *testing.T, n int, key func(i int) K, v V) {
	t.Helper()
	got := uint64(math.MaxUint64)
	for range 3 { // others allocate too
		got = min(got, allocated(func() {
			m := make(map[K]V, n)
			for i := range n {
				m[key(i)] = v
			}
			runtime.KeepAlive(&m)
		}))
	}
	if charged := mapBytes[K, V](uint32(n)); uint64(charged) < got {
		t.Errorf("map[%T]%T of %d entries: charges %d bytes, and %d are allocated", key(0), v, n, charged, got)
	}
}

func TestKeys(t *testing.T) {
	numbers := map[int8]bool{}
	texts := map[string]int{"": 1, "a": 2, "ß": 3, "🙂": 4, "\uffff": 5, "B": 6, "aa": 7}
	for i := range 256 {
		numbers[int8(i)] = true
	}
	if got := Keys(numbers); len(got) != 256 || !slices.IsSorted(got) {
		t.Errorf("got %v", got)
	}
	// In UTF-16, U+FFFF would come after U+1F642.
	if got, want := Keys(texts), []string{"", "B", "a", "aa", "ß", "\uffff", "🙂"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, keys := range [][]bool{{}, {false}, {true}, {false, true}} {
		v := map[bool]string{}
		for _, k := range keys {
			v[k] = fmt.Sprint(k)
		}
		if got := BoolKeys(v); !slices.Equal(got, keys) {
			t.Errorf("got %v, want %v", got, keys)
		}
	}
}

func TestUnique(t *testing.T) {
	m := newMem(t)
	v := map[string]int{"a": 1}
	if k := Unique(m, v, "b"); k != "b" || m.Err() != nil {
		t.Errorf("got %q, %v", k, m.Err())
	}
	if k := Unique(m, v, "a"); k != "a" || m.Err() == nil || !strings.Contains(m.Err().Error(), "two entries for a") {
		t.Errorf("got %q, %v", k, m.Err())
	}
}
