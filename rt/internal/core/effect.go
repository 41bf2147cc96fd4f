package core

// An effect is what an instruction does to the operand stack.
type effect struct{ pops, pushes uint8 }

// effectRun is a range of opcodes with the same effect.
type effectRun struct {
	first, last byte
	effect
}

// effects spreads runs out.
func effects(runs []effectRun) (t [256]effect) {
	for _, r := range runs {
		for op := int(r.first); op <= int(r.last); op++ {
			t[op] = r.effect
		}
	}
	return t
}

// The effects that most instructions have.
var (
	push    = effect{0, 1}
	drop    = effect{1, 0}
	unary   = effect{1, 1}
	binary2 = effect{2, 1}
	ternary = effect{3, 1}
	store   = effect{2, 0}
	bulk3   = effect{3, 0}
)

// plainEffects are those of opcodes of one byte. Those of blocks and calls
// depend on types; see [flow.operands].
var plainEffects = effects([]effectRun{
	{opBrIf, opBrTable, drop},
	{0x1a, 0x1a, drop},
	{0x1b, 0x1c, ternary}, // select
	{opLocalGet, opLocalGet, push},
	{opLocalSet, opLocalSet, drop},
	{opLocalTee, opLocalTee, unary},
	{opGlobalGet, opGlobalGet, push},
	{opGlobalSet, opGlobalSet, drop},
	{0x25, 0x25, unary}, // table.get
	{0x26, 0x26, store}, // table.set
	{0x28, 0x35, unary}, // loads
	{0x36, 0x3e, store},
	{opMemorySize, opMemorySize, push},
	{opMemoryGrow, opMemoryGrow, unary},
	{opI32Const, 0x44, push},
	{0x45, 0x45, unary},   // i32.eqz
	{0x46, 0x4f, binary2}, // comparisons
	{0x50, 0x50, unary},   // i64.eqz
	{0x51, 0x66, binary2}, // comparisons
	{0x67, 0x69, unary},   // i32.clz, ctz, popcnt
	{0x6a, 0x78, binary2},
	{0x79, 0x7b, unary}, // i64.clz, ctz, popcnt
	{0x7c, 0x8a, binary2},
	{0x8b, 0x91, unary}, // f32.abs to sqrt
	{0x92, 0x98, binary2},
	{0x99, 0x9f, unary}, // f64.abs to sqrt
	{0xa0, 0xa6, binary2},
	{0xa7, 0xc4, unary}, // conversions
	{opRefNull, opRefNull, push},
	{0xd1, 0xd1, unary}, // ref.is_null
	{opRefFunc, opRefFunc, push},
	{0xd4, 0xd4, unary}, // ref.as_non_null
	{opBrOnNull, opBrOnNull, unary},
	{opBrOnNonNull, opBrOnNonNull, drop},
})

// miscEffects are those of the numbers behind 0xfc.
var miscEffects = effects([]effectRun{
	{0x00, 0x07, unary}, // saturating conversions
	{0x08, 0x08, bulk3},
	{0x0a, 0x0c, bulk3},
	{0x0e, 0x0e, bulk3},
	{0x0f, 0x0f, binary2}, // table.grow
	{0x10, 0x10, push},    // table.size
	{0x11, 0x11, bulk3},
})

// vectorEffects are those of the numbers behind 0xfd.
var vectorEffects = effects([]effectRun{
	{0x00, 0x0a, unary}, // loads
	{0x0b, 0x0b, store},
	{0x0c, 0x0c, push},
	{0x0d, 0x0e, binary2}, // shuffle, swizzle
	{0x0f, 0x16, unary},   // splats, extract_lane
	{0x17, 0x17, binary2}, // replace_lane
	{0x18, 0x19, unary},
	{0x1a, 0x1a, binary2},
	{0x1b, 0x1b, unary},
	{0x1c, 0x1c, binary2},
	{0x1d, 0x1d, unary},
	{0x1e, 0x1e, binary2},
	{0x1f, 0x1f, unary},
	{0x20, 0x20, binary2},
	{0x21, 0x21, unary},
	{0x22, 0x4c, binary2}, // and comparisons
	{0x4d, 0x4d, unary},   // not
	{0x4e, 0x51, binary2},
	{0x52, 0x52, ternary},                      // bitselect
	{0x53, 0x53, unary},                        // any_true
	{0x54, 0x57, binary2},                      // loads of a lane
	{0x58, 0x5b, store},                        // stores of a lane
	{0x5c, 0x64, unary},                        // load_zero to i8x16.bitmask
	{0x65, 0x66, binary2},                      // narrow
	{0x67, 0x6a, unary},                        // f32x4.ceil to nearest
	{0x6b, 0x73, binary2},                      //
	{0x74, 0x75, unary},                        // f64x2.ceil, floor
	{0x76, 0x79, binary2},                      //
	{0x7a, 0x7a, unary},                        // f64x2.trunc
	{0x7b, 0x7b, binary2},                      //
	{0x7c, 0x81, unary},                        // extadd_pairwise, i16x8.abs, neg
	{0x82, 0x82, binary2},                      //
	{0x83, 0x84, unary},                        // all_true, bitmask
	{0x85, 0x86, binary2},                      //
	{0x87, 0x8a, unary},                        // extend
	{0x8b, 0x93, binary2},                      //
	{0x94, 0x94, unary},                        // f64x2.nearest
	{0x95, 0x9f, binary2},                      //
	{0xa0, 0xaa, unary},                        // i32x4.abs to extend
	{0xab, 0xbf, binary2},                      //
	{0xc0, 0xca, unary},                        // i64x2.abs to extend
	{0xcb, 0xdf, binary2},                      //
	{0xe0, 0xe3, unary},                        // f32x4.abs, neg, sqrt
	{0xe4, 0xeb, binary2},                      //
	{0xec, 0xef, unary},                        // f64x2.abs, neg, sqrt
	{0xf0, 0xf7, binary2}, {0xf8, 0xff, unary}, // conversions
})

// atomicEffects are those of the numbers behind 0xfe.
var atomicEffects = effects([]effectRun{
	{0x00, 0x00, binary2}, // notify
	{0x01, 0x02, ternary}, // wait
	{0x10, 0x16, unary},   // loads
	{0x17, 0x1d, store},
	{0x1e, 0x47, binary2},
	{0x48, 0x4e, ternary}, // cmpxchg
})

// effectOf is the effect of an instruction, but for those whose types tell.
func effectOf(op int) effect {
	switch op >> 8 {
	case opMisc:
		return miscEffects[op&0xff]
	case opVector:
		return vectorEffects[op&0xff]
	case opAtomic:
		return atomicEffects[op&0xff]
	}
	return plainEffects[op]
}
