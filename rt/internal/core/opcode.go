package core

// The opcodes that mean something to the rewriting. See "Instructions" in the
// core specification's binary format.
const (
	opUnreachable        = 0x00
	opNop                = 0x01
	opBlock              = 0x02
	opLoop               = 0x03
	opIf                 = 0x04
	opElse               = 0x05
	opThrow              = 0x08
	opThrowRef           = 0x0a
	opEnd                = 0x0b
	opBr                 = 0x0c
	opBrIf               = 0x0d
	opBrTable            = 0x0e
	opReturn             = 0x0f
	opCall               = 0x10
	opCallIndirect       = 0x11
	opReturnCall         = 0x12
	opReturnCallIndirect = 0x13
	opCallRef            = 0x14
	opReturnCallRef      = 0x15
	opTryTable           = 0x1f
	opLocalGet           = 0x20
	opLocalSet           = 0x21
	opLocalTee           = 0x22
	opGlobalGet          = 0x23
	opGlobalSet          = 0x24
	opMemorySize         = 0x3f
	opMemoryGrow         = 0x40
	opI32Const           = 0x41
	opI64Const           = 0x42
	opI32GtU             = 0x4b
	opI32LeU             = 0x4d
	opI64Eqz             = 0x50
	opI64LtU             = 0x54
	opI64GeS             = 0x59
	opI32Add             = 0x6a
	opI32Sub             = 0x6b
	opI64Add             = 0x7c
	opI64Sub             = 0x7d
	opI64Or              = 0x84
	opI64Shl             = 0x86
	opI64ShrU            = 0x88
	opI64ExtendI32U      = 0xad
	opRefNull            = 0xd0
	opRefFunc            = 0xd2
	opBrOnNull           = 0xd5
	opBrOnNonNull        = 0xd6

	// The prefixes, and what stands for an instruction behind one: the prefix
	// and its number.
	opMisc   = 0xfc
	opVector = 0xfd
	opAtomic = 0xfe

	opMemoryInit = opMisc<<8 | 0x08
	opMemoryCopy = opMisc<<8 | 0x0a
	opMemoryFill = opMisc<<8 | 0x0b
	opTableInit  = opMisc<<8 | 0x0c
	opTableCopy  = opMisc<<8 | 0x0e
	opTableGrow  = opMisc<<8 | 0x0f
	opTableFill  = opMisc<<8 | 0x11
)

// imm says what follows an opcode, or an opcode's number behind a prefix.
type imm uint8

const (
	immUnknown imm = iota // no opcode this package knows
	immNone
	immBlock     // a block type
	immTry       // a block type and catch clauses
	immLabel     // a label
	immLabels    // labels and a default one
	immLocal     // a local index
	immGlobal    // a global index
	immTable     // a table index
	immTables    // two table indices
	immElemTable // an element segment and a table index
	immFunc      // a function index
	immType      // a type index
	immTypeTable // a type index and a table index
	immPlain     // an index that nothing can be reached by: a tag, a segment
	immMem       // alignment and offset
	immMemLane   // the same and a lane
	immZero      // a memory index
	immZeros     // two memory indices
	immDataZero  // a data segment and a memory index
	immI32       // constants
	immI64       //
	immF32       //
	immF64       //
	immV128      // a constant, or 16 lanes
	immLane      // a lane
	immHeap      // a heap type
	immTypes     // value types
	immMiscOp    // a number, and what follows that
	immVectorOp  //
	immAtomicOp  //
)

// A run is a range of opcodes with the same immediates.
type run struct {
	first, last byte
	imm         imm
}

// table spreads runs out.
func table(runs []run) (t [256]imm) {
	for _, r := range runs {
		for op := int(r.first); op <= int(r.last); op++ {
			t[op] = r.imm
		}
	}
	return t
}

// immediates says what follows each opcode of one byte.
var immediates = table([]run{
	{opUnreachable, opNop, immNone},
	{opBlock, opIf, immBlock},
	{opElse, opElse, immNone},
	{opThrow, opThrow, immPlain},
	{opThrowRef, opEnd, immNone},
	{opBr, opBrIf, immLabel},
	{opBrTable, opBrTable, immLabels},
	{opReturn, opReturn, immNone},
	{opCall, opCall, immFunc},
	{opCallIndirect, opCallIndirect, immTypeTable},
	{opReturnCall, opReturnCall, immFunc},
	{opReturnCallIndirect, opReturnCallIndirect, immTypeTable},
	{opCallRef, opReturnCallRef, immType},
	{0x1a, 0x1b, immNone}, // drop, select
	{0x1c, 0x1c, immTypes},
	{opTryTable, opTryTable, immTry},
	{opLocalGet, opLocalTee, immLocal},
	{opGlobalGet, opGlobalSet, immGlobal},
	{0x25, 0x26, immTable}, // table.get, table.set
	{0x28, 0x3e, immMem},
	{opMemorySize, opMemoryGrow, immZero},
	{opI32Const, opI32Const, immI32},
	{opI64Const, opI64Const, immI64},
	{0x43, 0x43, immF32},
	{0x44, 0x44, immF64},
	{0x45, 0xc4, immNone}, // comparisons to i64.extend32_s
	{opRefNull, opRefNull, immHeap},
	{0xd1, 0xd1, immNone}, // ref.is_null
	{opRefFunc, opRefFunc, immFunc},
	{0xd4, 0xd4, immNone}, // ref.as_non_null
	{opBrOnNull, opBrOnNonNull, immLabel},
	{opMisc, opMisc, immMiscOp},
	{opVector, opVector, immVectorOp},
	{opAtomic, opAtomic, immAtomicOp},
})

// miscImmediates says what follows each number behind 0xfc.
var miscImmediates = table([]run{
	{0x00, 0x07, immNone}, // saturating conversions
	{0x08, 0x08, immDataZero},
	{0x09, 0x09, immPlain}, // data.drop
	{0x0a, 0x0a, immZeros},
	{0x0b, 0x0b, immZero},
	{0x0c, 0x0c, immElemTable},
	{0x0d, 0x0d, immPlain}, // elem.drop
	{0x0e, 0x0e, immTables},
	{0x0f, 0x11, immTable},
})

// vectorImmediates says what follows each number behind 0xfd. The numbers from
// 0x100 on are relaxed SIMD, which has no place here since its results depend
// on the machine.
var vectorImmediates = table([]run{
	{0x00, 0x0b, immMem},
	{0x0c, 0x0d, immV128}, // v128.const, i8x16.shuffle
	{0x0e, 0x14, immNone},
	{0x15, 0x22, immLane},
	{0x23, 0x53, immNone},
	{0x54, 0x5b, immMemLane},
	{0x5c, 0x5d, immMem},
	{0x5e, 0x99, immNone},
	{0x9b, 0xa1, immNone},
	{0xa3, 0xa4, immNone},
	{0xa7, 0xae, immNone},
	{0xb1, 0xb1, immNone},
	{0xb5, 0xba, immNone},
	{0xbc, 0xc1, immNone},
	{0xc3, 0xc4, immNone},
	{0xc7, 0xce, immNone},
	{0xd1, 0xd1, immNone},
	{0xd5, 0xe1, immNone},
	{0xe3, 0xed, immNone},
	{0xef, 0xff, immNone},
})

// atomicImmediates says what follows each number behind 0xfe.
var atomicImmediates = table([]run{
	{0x00, 0x02, immMem},
	{0x03, 0x03, immZero}, // atomic.fence, a byte that is no index
	{0x10, 0x4e, immMem},
})
