package abi_test

import (
	"context"
	"encoding/binary"
	"testing"

	"github.com/witgen/witgen/golden/types/choices"
	"github.com/witgen/witgen/golden/types/failures"
	"github.com/witgen/witgen/golden/types/primitives"
	"github.com/witgen/witgen/golden/types/sequences"
	"github.com/witgen/witgen/golden/types/structures"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
)

// FuzzLift has generated glue lift arguments from a guest that hands over
// whatever it likes: core values and a memory full of nonsense. Nothing may
// panic. A call that gets as far as the host ends there.
func FuzzLift(f *testing.F) {
	imports := []rt.Import{
		primitives.Import(primitives.UnimplementedPrimitives{}),
		sequences.Import(sequences.UnimplementedSequences{}),
		structures.Import(structures.UnimplementedStructures{}),
		choices.Import(choices.UnimplementedChoices{}),
		failures.Import(failures.UnimplementedFailures{}),
	}
	var funcs []abi.HostFunc
	for _, i := range imports {
		funcs = append(funcs, i.Funcs...)
	}
	for n := range funcs {
		f.Add(uint8(n), []byte{}, []byte{})
		f.Add(uint8(n), []byte("\x08\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00"),
			[]byte("\x01\x00\x00\x00\x02\x00\x00\x00\x08\x00\x00\x00\x04\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"))
	}
	mem, fill := abi.NewTestMem(f)
	f.Fuzz(func(t *testing.T, n uint8, core, memory []byte) {
		fill(memory)
		call := abi.Call{Mem: *mem, Flat: make([]uint64, 17)}
		for i := range call.Flat {
			if len(core) >= 8*(i+1) {
				call.Flat[i] = binary.LittleEndian.Uint64(core[8*i:])
			}
		}
		funcs[int(n)%len(funcs)](context.Background(), &call)
		if call.Mem.Err() == nil {
			t.Error("neither the glue nor the host refused")
		}
	})
}
