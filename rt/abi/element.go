package abi

import (
	"encoding/binary"
	"math"
)

// Elements returns the bytes of a list of n elements of size bytes at ptr, to be
// read or written before the guest runs again. The list is one that [MakeList]
// or [Mem.AllocList] has found to be inside the memory; after a failure there
// are none, and so is n.
func (m *Mem) Elements(ptr uint32, n int, size uint32) []byte {
	return m.at(ptr, uint64(n)*uint64(size))
}

// GetU16 reads the two bytes at the beginning of b.
func GetU16(b []byte) uint16 { return binary.LittleEndian.Uint16(b) }

// GetU32 reads the four bytes at the beginning of b.
func GetU32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// GetU64 reads the eight bytes at the beginning of b.
func GetU64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// GetF32 reads the f32 at the beginning of b; a NaN becomes the canonical one.
func GetF32(b []byte) float32 { return F32(uint64(binary.LittleEndian.Uint32(b))) }

// GetF64 reads the f64 at the beginning of b; a NaN becomes the canonical one.
func GetF64(b []byte) float64 { return F64(binary.LittleEndian.Uint64(b)) }

// PutU16 writes two bytes at the beginning of b.
func PutU16(b []byte, v uint16) { binary.LittleEndian.PutUint16(b, v) }

// PutU32 writes four bytes at the beginning of b.
func PutU32(b []byte, v uint32) { binary.LittleEndian.PutUint32(b, v) }

// PutU64 writes eight bytes at the beginning of b.
func PutU64(b []byte, v uint64) { binary.LittleEndian.PutUint64(b, v) }

// PutF32 writes an f32 at the beginning of b.
func PutF32(b []byte, v float32) { binary.LittleEndian.PutUint32(b, math.Float32bits(v)) }

// PutF64 writes an f64 at the beginning of b.
func PutF64(b []byte, v float64) { binary.LittleEndian.PutUint64(b, math.Float64bits(v)) }
