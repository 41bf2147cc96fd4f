package plan

import (
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// A component may export what it imports, without code of its own between the
// two. Since whoever calls an export lowers to a memory, there has to be one: a
// core module of ours, the relay, has a memory and a realloc, and the export is
// lifted from the import lowered to it. After each call the relay's memory is
// free again.

// relay returns the lift of an import that is exported as it is.
func (b *builder) relay(f *wit.Func, imported int, resources ResourceTypes) int {
	p := b.plan
	if lift, ok := b.relays[imported]; ok {
		return lift
	}
	if len(b.relays) == 0 {
		p.Images = append(p.Images, Image{Module: relayModule, Import: -1})
		p.Steps = append(p.Steps, InstantiateModule{Image: len(p.Images) - 1})
		p.Relay = b.instances
		b.instances++
	}
	memory, realloc := CoreDef{Instance: p.Relay, Name: "memory"}, CoreDef{Instance: p.Relay, Name: "realloc"}
	p.Options = append(p.Options, Options{Memory: b.slot(memory, false), Realloc: b.slot(realloc, true)})
	options := len(p.Options) - 1
	sig := layout.Lower(f, layout.Options{})
	call := b.provide(Provided{Op: CallImport, Import: imported, Options: options, Func: f, Types: resources, Type: coreType(sig.Params, sig.Results)})
	if sig.ResultSpills {
		// As it is lowered it takes a pointer for its result, which what is
		// lifted makes itself.
		call = b.provide(Provided{Op: RelayResult, Lowered: call.Provided, Result: f.Result, Options: options,
			Type: coreType(sig.Params[:len(sig.Params)-1], []layout.CoreType{layout.I32})})
	}
	done := b.provide(Provided{Op: RelayDone, Type: &binary.CoreFuncType{Params: p.Provided[call.Provided].Type.Results}})
	p.Lifts = append(p.Lifts, Lift{Core: call, PostReturn: &done, Options: options, Func: f, Types: resources})
	b.relays[imported] = len(p.Lifts) - 1
	return b.relays[imported]
}

// provide adds a core function that the runtime provides to the root.
func (b *builder) provide(g Provided) CoreDef {
	n := len(b.plan.Provided)
	b.plan.Provided = append(b.plan.Provided, g)
	return CoreDef{Instance: -1, Name: ProvidedName(n), Provided: n}
}

func coreType(params, results []layout.CoreType) *binary.CoreFuncType {
	conv := func(list []layout.CoreType) []binary.CoreValType {
		var out []binary.CoreValType
		for _, t := range list {
			out = append(out, binary.CoreValType{Code: uint8(t)})
		}
		return out
	}
	return &binary.CoreFuncType{Params: conv(params), Results: conv(results)}
}

// RelayTop is the global of the relay that says where its memory is free, and
// RelayStart what it is between calls.
const (
	RelayTop   = "top"
	RelayStart = 8
)

// relayModule is the relay: a memory whose realloc hands out what is above top.
//
//	(module
//	  (memory (export "memory") 1)
//	  (global (export "top") (mut i32) (i32.const 8))
//	  (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $want i32) (result i32)
//	    (local $at i32) (local $grow i32)
//	    (if (i32.le_u $want $size) (then (return $old)))
//	    $at = (top + $align - 1) & -$align
//	    (if (i32.lt_u $at top) (then unreachable))
//	    top = $at + $want
//	    (if (i32.lt_u top $at) (then unreachable))
//	    $grow = (top >> 16) + 1 - memory.size
//	    (if (i32.gt_s $grow 0) (then (if (i32.eq (memory.grow $grow) -1) (then unreachable))))
//	    (memory.copy $at $old $size)
//	    $at))
var relayModule = []byte("\x00asm\x01\x00\x00\x00" +
	"\x01\x09\x01\x60\x04\x7f\x7f\x7f\x7f\x01\x7f" + // type
	"\x03\x02\x01\x00" + // function
	"\x05\x03\x01\x00\x01" + // memory
	"\x06\x06\x01\x7f\x01\x41\x08\x0b" + // global
	"\x07\x1a\x03\x06memory\x02\x00\x03top\x03\x00\x07realloc\x00\x00" + // export
	"\x0a\x64\x01\x62" + // code
	"\x01\x02\x7f" + // two locals
	"\x20\x03\x20\x01\x4d\x04\x40\x20\x00\x0f\x0b" + // the old place is large enough
	"\x23\x00\x20\x02\x6a\x41\x01\x6b\x41\x00\x20\x02\x6b\x71\x21\x04" + // at
	"\x20\x04\x23\x00\x49\x04\x40\x00\x0b\x20\x04" +
	"\x20\x03\x6a\x24\x00" + // top
	"\x23\x00\x20\x04\x49\x04\x40\x00\x0b" +
	"\x23\x00\x41\x10\x76\x41\x01\x6a\x3f\x00\x6b\x22\x05" + // grow
	"\x41\x00\x4a\x04\x40\x20\x05\x40\x00\x41\x7f\x46\x04\x40\x00\x0b\x0b" +
	"\x20\x04\x20\x00\x20\x01\xfc\x0a\x00\x00" + // copy
	"\x20\x04\x0b")
