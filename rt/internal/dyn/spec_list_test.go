package dyn

import (
	"testing"

	"github.com/witgen/witgen/wit"
)

// TestSpecMemory lifts lists from memories that hold their elements and
// nothing behind them.
func TestSpecMemory(t *testing.T) {
	const (
		unaligned = trap("unaligned pointer")
		outside   = trap("list content out-of-bounds")
	)
	tff := []any{true, false, true}
	bytes := listOf(listOf(wit.U8))
	shorts := listOf(listOf(wit.U16))
	words := listOf(fixedOf(wit.U32, 2))
	runSpec(t, []specCase{
		{listOf(wit.Bool), []uint64{0, 3}, []byte{1, 0, 1}, tff},
		{listOf(wit.Bool), []uint64{0, 3}, []byte{1, 0, 2}, tff},
		{listOf(wit.Bool), []uint64{3, 3}, []byte{0xff, 0xff, 0xff, 1, 0, 1}, tff},
		{listOf(wit.U8), []uint64{0, 3}, []byte{1, 2, 3}, []byte{1, 2, 3}},
		{listOf(wit.U16), []uint64{0, 3}, []byte{1, 0, 2, 0, 3, 0}, []any{uint16(1), uint16(2), uint16(3)}},
		{listOf(wit.U16), []uint64{1, 3}, []byte{0, 1, 0, 2, 0, 3, 0}, unaligned},
		{listOf(wit.U32), []uint64{0, 3}, []byte{1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0}, []any{uint32(1), uint32(2), uint32(3)}},
		{listOf(wit.U64), []uint64{0, 2}, []byte{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}, []any{uint64(1), uint64(2)}},
		{listOf(wit.S8), []uint64{0, 3}, []byte{0xff, 0xfe, 0xfd}, []any{int8(-1), int8(-2), int8(-3)}},
		{listOf(wit.S16), []uint64{0, 3}, []byte{0xff, 0xff, 0xfe, 0xff, 0xfd, 0xff}, []any{int16(-1), int16(-2), int16(-3)}},
		{listOf(wit.S32), []uint64{0, 3}, []byte{0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xfd, 0xff, 0xff, 0xff},
			[]any{int32(-1), int32(-2), int32(-3)}},
		{listOf(wit.S64), []uint64{0, 2},
			[]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
			[]any{int64(-1), int64(-2)}},
		{listOf(wit.Char), []uint64{0, 3}, []byte{65, 0, 0, 0, 66, 0, 0, 0, 99, 0, 0, 0}, []any{'A', 'B', 'c'}},
		{listOf(wit.String), []uint64{0, 2},
			[]byte{16, 0, 0, 0, 2, 0, 0, 0, 21, 0, 0, 0, 3, 0, 0, 0, 'h', 'i', 0xf, 0xf, 0xf, 'w', 'a', 't'},
			[]any{"hi", "wat"}},
		{bytes, []uint64{0, 3},
			[]byte{24, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 27, 0, 0, 0, 2, 0, 0, 0, 3, 4, 5, 6, 7},
			[]any{[]byte{3, 4, 5}, []byte{}, []byte{6, 7}}},
		{shorts, []uint64{0, 1}, []byte{8, 0, 0, 0, 2, 0, 0, 0, 5, 0, 6, 0}, []any{[]any{uint16(5), uint16(6)}}},
		{shorts, []uint64{0, 1}, []byte{9, 0, 0, 0, 2, 0, 0, 0, 0, 5, 0, 6, 0}, unaligned},
		{listOf(fixedOf(wit.U8, 2)), []uint64{0, 2}, []byte{1, 2, 3, 4},
			[]any{[]any{uint8(1), uint8(2)}, []any{uint8(3), uint8(4)}}},
		{words, []uint64{0, 2}, []byte{1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0},
			[]any{[]any{uint32(1), uint32(2)}, []any{uint32(3), uint32(4)}}},
		{words, []uint64{1, 2}, []byte{0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0}, unaligned},

		// The same borders, from the other side and by one byte: these rows
		// are not in run_tests.py, the rule is load_list_from_range's.
		{listOf(wit.Bool), []uint64{0, 4}, []byte{1, 0, 1}, outside},
		{listOf(wit.U16), []uint64{0, 3}, []byte{1, 0, 2, 0, 3}, outside},
		{listOf(wit.U64), []uint64{8, 1}, []byte{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0}, outside},
		{listOf(wit.U8), []uint64{3, 0}, []byte{1, 2, 3}, []byte{}},
		{listOf(wit.U8), []uint64{4, 0}, []byte{1, 2, 3}, outside},
		{shorts, []uint64{0, 1}, []byte{8, 0, 0, 0, 2, 0, 0, 0, 5, 0, 6}, outside},
		{bytes, []uint64{0, 3}, []byte{24, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 27, 0, 0, 0, 2, 0, 0, 0, 3, 4, 5, 6}, outside},
		{words, []uint64{0, 2}, []byte{1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0}, outside},
	})
}

// TestSpecElements lifts lists of elements with padding in and behind them,
// and of flags with bits that no label stands for.
func TestSpecElements(t *testing.T) {
	quad := func(a, b, c, d any) []any { return []any{a, b, c, d} }
	nine, seventeen := listOf(flagsOf(9)), listOf(flagsOf(17))
	runSpec(t, []specCase{
		{listOf(tupleOf(wit.U8, wit.U8, wit.U16, wit.U32)), []uint64{0, 2},
			[]byte{6, 7, 8, 0, 9, 0, 0, 0, 4, 5, 6, 0, 7, 0, 0, 0},
			[]any{quad(uint8(6), uint8(7), uint16(8), uint32(9)), quad(uint8(4), uint8(5), uint16(6), uint32(7))}},
		{listOf(tupleOf(wit.U8, wit.U16, wit.U8, wit.U32)), []uint64{0, 2},
			[]byte{6, 0xff, 7, 0, 8, 0xff, 0xff, 0xff, 9, 0, 0, 0, 4, 0xff, 5, 0, 6, 0xff, 0xff, 0xff, 7, 0, 0, 0},
			[]any{quad(uint8(6), uint16(7), uint8(8), uint32(9)), quad(uint8(4), uint16(5), uint8(6), uint32(7))}},
		{listOf(tupleOf(wit.U16, wit.U8)), []uint64{0, 2}, []byte{6, 0, 7, 0xff, 8, 0, 9, 0xff},
			[]any{[]any{uint16(6), uint8(7)}, []any{uint16(8), uint8(9)}}},
		{listOf(tupleOf(tupleOf(wit.U16, wit.U8), wit.U8)), []uint64{0, 2},
			[]byte{4, 0, 5, 0xff, 6, 0xff, 7, 0, 8, 0xff, 9, 0xff},
			[]any{[]any{[]any{uint16(4), uint8(5)}, uint8(6)}, []any{[]any{uint16(7), uint8(8)}, uint8(9)}}},
		{listOf(flagsOf(2)), []uint64{0, 3}, []byte{0, 2, 3}, []any{uint32(0), uint32(2), uint32(3)}},
		{listOf(flagsOf(2)), []uint64{0, 3}, []byte{0, 2, 4}, []any{uint32(0), uint32(2), uint32(0)}},
		{nine, []uint64{0, 2}, []byte{0xff, 1, 0, 0}, []any{uint32(0x1ff), uint32(0)}},
		{nine, []uint64{0, 2}, []byte{0xff, 3, 0, 0}, []any{uint32(0x1ff), uint32(0)}},
		{seventeen, []uint64{0, 2}, []byte{0xff, 0xff, 1, 0, 0, 0, 0, 0}, []any{uint32(0x1ffff), uint32(0)}},
		{seventeen, []uint64{0, 2}, []byte{0xff, 0xff, 3, 0, 0, 0, 0, 0}, []any{uint32(0x1ffff), uint32(0)}},
		{listOf(flagsOf(32)), []uint64{0, 2}, []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, []any{uint32(0xffffffff), uint32(0)}},
		{&wit.Map{Key: wit.U8, Value: wit.U16}, []uint64{0, 2}, []byte{42, 0xff, 83, 0, 43, 0xff, 84, 0},
			[]any{[]any{uint8(42), uint16(83)}, []any{uint8(43), uint16(84)}}},
	})
}
