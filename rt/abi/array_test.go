package abi

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestNumberArrays(t *testing.T) {
	testNumberArray(t, "s8", []int8{0, -1, math.MinInt8}, "\x00\xff\x80")
	testNumberArray(t, "s16", []int16{1, -2}, "\x01\x00\xfe\xff")
	testNumberArray(t, "u16", []uint16{1, 0xfffe}, "\x01\x00\xfe\xff")
	testNumberArray(t, "s32", []int32{1, -2}, "\x01\x00\x00\x00\xfe\xff\xff\xff")
	testNumberArray(t, "u32", []uint32{0x01020304}, "\x04\x03\x02\x01")
	testNumberArray(t, "s64", []int64{-2}, "\xfe\xff\xff\xff\xff\xff\xff\xff")
	testNumberArray(t, "u64", []uint64{1 << 63, 1}, "\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00\x00\x00\x00")
	testNumberArray(t, "f32", []float32{1, -0.5}, "\x00\x00\x80\x3f\x00\x00\x00\xbf")
	testNumberArray(t, "f64", []float64{1}, "\x00\x00\x00\x00\x00\x00\xf0\x3f")
}

// testNumberArray places an array at the end of memory, where it just fits, and
// behind that.
func testNumberArray[T Number](t *testing.T, name string, v []T, want string) {
	t.Run(name, func(t *testing.T) {
		m := newMem(t)
		last := uint32(1<<16 - len(want))
		StoreNumberArray(m, last, v)
		if got := string(m.view[last:]); got != want {
			t.Errorf("got % x in memory, want % x", got, want)
		}
		got := make([]T, len(v))
		if LoadNumberArray(m, last, got); !slices.Equal(got, v) || m.Err() != nil {
			t.Errorf("got %v, %v; want %v", got, m.Err(), v)
		}
		LoadNumberArray(m, last+1, got)
		if !slices.Equal(got, v) || m.Err() == nil || !strings.Contains(m.Err().Error(), "outside a memory") {
			t.Errorf("behind the end: got %v, %v", got, m.Err())
		}
		m = newMem(t)
		StoreNumberArray(m, last+1, v)
		if m.Err() == nil || !strings.Contains(m.Err().Error(), "outside a memory") {
			t.Errorf("behind the end: got %v", m.Err())
		}
	})
}

func TestByteArrays(t *testing.T) {
	m := newMem(t)
	const last = 1<<16 - 4
	m.StoreByteArray(last, []byte("\x00\xff\x80a"))
	if got := string(m.view[last:]); got != "\x00\xff\x80a" {
		t.Errorf("got %q in memory", got)
	}
	got := make([]byte, 4)
	if m.LoadByteArray(last, got); string(got) != "\x00\xff\x80a" || m.Err() != nil {
		t.Errorf("got %q, %v", got, m.Err())
	}
	for _, ptr := range []uint32{last + 1, math.MaxUint32} {
		m := newMem(t)
		m.LoadByteArray(ptr, got)
		if string(got) != "\x00\xff\x80a" || m.Err() == nil {
			t.Errorf("at %#x: got %q, %v", ptr, got, m.Err())
		}
		m = newMem(t)
		if m.StoreByteArray(ptr, got); m.Err() == nil {
			t.Errorf("at %#x: stored", ptr)
		}
	}
}

func TestNumberArraysCanonicalNaN(t *testing.T) {
	m := newMem(t)
	m.StoreU32(16, 0x7fa00001)
	m.StoreU64(24, 0xfff0000000000001)
	var f32 [1]float32
	var f64 [1]float64
	LoadNumberArray(m, 16, f32[:])
	LoadNumberArray(m, 24, f64[:])
	if math.Float32bits(f32[0]) != 0x7fc00000 || math.Float64bits(f64[0]) != 0x7ff8000000000000 {
		t.Errorf("got %#x and %#x", math.Float32bits(f32[0]), math.Float64bits(f64[0]))
	}
}
