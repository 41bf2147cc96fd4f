package abi

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// Number is the types of integers and floats whose lists are copied in one go.
// A list<u8> has methods of its own, such as [Mem.LiftBytes].
type Number interface {
	int8 | int16 | uint16 | int32 | uint32 | int64 | uint64 | float32 | float64
}

// sizeOf returns the size of a number in bytes, which is its alignment too.
func sizeOf[T Number]() uint32 {
	var v T
	return uint32(unsafe.Sizeof(v))
}

// LiftNumbers lifts a list of n numbers at ptr. NaNs become the canonical one.
func LiftNumbers[T Number](m *Mem, ptr, n uint32) []T {
	out := MakeList[T](m, ptr, n, sizeOf[T](), sizeOf[T]())
	if len(out) > 0 {
		getNumbers(m.view[ptr:], out)
	}
	return out
}

// getNumbers fills out with the numbers at the beginning of b.
func getNumbers[T Number](b []byte, out []T) {
	le := binary.LittleEndian
	switch out := any(out).(type) {
	case []int8:
		for i := range out {
			out[i] = int8(b[i])
		}
	case []int16:
		for i := range out {
			out[i] = int16(le.Uint16(b[2*i:]))
		}
	case []uint16:
		for i := range out {
			out[i] = le.Uint16(b[2*i:])
		}
	case []int32:
		for i := range out {
			out[i] = int32(le.Uint32(b[4*i:]))
		}
	case []uint32:
		for i := range out {
			out[i] = le.Uint32(b[4*i:])
		}
	case []int64:
		for i := range out {
			out[i] = int64(le.Uint64(b[8*i:]))
		}
	case []uint64:
		for i := range out {
			out[i] = le.Uint64(b[8*i:])
		}
	case []float32:
		for i := range out {
			out[i] = F32(uint64(le.Uint32(b[4*i:])))
		}
	case []float64:
		for i := range out {
			out[i] = F64(le.Uint64(b[8*i:]))
		}
	}
}

// LoadNumbers lifts the list of numbers whose pointer and length are stored at
// ptr.
func LoadNumbers[T Number](m *Mem, ptr uint32) []T {
	at, n := m.LoadPair(ptr)
	return LiftNumbers[T](m, at, n)
}

// LowerNumbers copies a list of numbers into the guest and returns its pointer
// and length.
func LowerNumbers[T Number](m *Mem, v []T) (ptr, n uint32) {
	ptr = m.AllocList(len(v), sizeOf[T](), sizeOf[T]())
	if m.err != nil {
		return 0, 0
	}
	putNumbers(m.view[ptr:], v)
	return ptr, uint32(len(v))
}

// putNumbers writes numbers at the beginning of b.
func putNumbers[T Number](b []byte, v []T) {
	le := binary.LittleEndian
	switch v := any(v).(type) {
	case []int8:
		for i, e := range v {
			b[i] = uint8(e)
		}
	case []int16:
		for i, e := range v {
			le.PutUint16(b[2*i:], uint16(e))
		}
	case []uint16:
		for i, e := range v {
			le.PutUint16(b[2*i:], e)
		}
	case []int32:
		for i, e := range v {
			le.PutUint32(b[4*i:], uint32(e))
		}
	case []uint32:
		for i, e := range v {
			le.PutUint32(b[4*i:], e)
		}
	case []int64:
		for i, e := range v {
			le.PutUint64(b[8*i:], uint64(e))
		}
	case []uint64:
		for i, e := range v {
			le.PutUint64(b[8*i:], e)
		}
	case []float32:
		for i, e := range v {
			le.PutUint32(b[4*i:], math.Float32bits(e))
		}
	case []float64:
		for i, e := range v {
			le.PutUint64(b[8*i:], math.Float64bits(e))
		}
	}
}

// StoreNumbers lowers a list of numbers and writes its pointer and length at
// ptr.
func StoreNumbers[T Number](m *Mem, ptr uint32, v []T) {
	p, n := LowerNumbers(m, v)
	m.StorePair(ptr, p, n)
}
