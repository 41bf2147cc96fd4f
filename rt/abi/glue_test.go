package abi_test

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/collections/arrays"
	"github.com/witgen/witgen/golden/collections/maps"
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
		arrays.Import(arrays.UnimplementedArrays{}),
		maps.Import(maps.UnimplementedMaps{}),
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

// TestLiftLargeCases has a guest claim a million cases of 160 bytes, all of
// which are in one place of its memory: they are more than a call may lift.
func TestLiftLargeCases(t *testing.T) {
	const shapes, size, inner, outer = 32, 168, 1 << 13, 1 << 14
	mem, fill := abi.NewTestMem(t)
	fill(nil)
	call := abi.Call{Mem: *mem, Flat: make([]uint64, 17)}
	for i := range uint32(shapes) {
		call.Mem.StoreU8(i*size, 4) // path
	}
	for i := range uint32(256) {
		call.Mem.StorePair(inner+8*i, 0, shapes)
		call.Mem.StorePair(outer+8*i, inner, 256)
	}
	index := slices.IndexFunc(arrays.Interface.Funcs, func(f abi.FuncType) bool { return f.Name == "routes" })
	routes := arrays.Import(arrays.UnimplementedArrays{}).Funcs[index]
	call.Flat[0], call.Flat[1] = outer, 128
	routes(context.Background(), &call)
	if err := call.Mem.Err(); err == nil || !strings.Contains(err.Error(), "lifted more than") {
		t.Errorf("got error %v", err)
	}

	fill(nil)
	call = abi.Call{Mem: *mem, Flat: make([]uint64, 17)}
	call.Flat[0], call.Flat[1] = outer, 128
	routes(context.Background(), &call)
	if err := call.Mem.Err(); err == nil || !strings.Contains(err.Error(), "routes") {
		t.Errorf("without shapes: got error %v, want that of the host", err)
	}
}
