package values

import (
	"math"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

// Edges returns the values of a primitive type at which things change: the ends
// of its range, where signs and encodings turn, NaNs of several kinds. It
// returns nil for other types.
func Edges(p wit.Primitive) []rt.Value { return edges[p] }

var inf = math.Inf(1)

var edges = [...][]rt.Value{
	wit.Bool: {false, true},
	wit.S8:   {int8(math.MinInt8), int8(-1), int8(0), int8(1), int8(math.MaxInt8)},
	wit.U8:   {uint8(0), uint8(1), uint8(127), uint8(128), uint8(math.MaxUint8)},
	wit.S16:  {int16(math.MinInt16), int16(-129), int16(-1), int16(0), int16(256), int16(math.MaxInt16)},
	wit.U16:  {uint16(0), uint16(255), uint16(256), uint16(1 << 15), uint16(math.MaxUint16)},
	wit.S32:  {int32(math.MinInt32), int32(-1), int32(0), int32(1 << 16), int32(math.MaxInt32)},
	wit.U32:  {uint32(0), uint32(1 << 16), uint32(1 << 31), uint32(math.MaxUint32)},
	wit.S64:  {int64(math.MinInt64), int64(math.MinInt32), int64(-1), int64(0), int64(1 << 32), int64(math.MaxInt64)},
	wit.U64:  {uint64(0), uint64(1 << 31), uint64(1 << 32), uint64(1 << 63), uint64(math.MaxUint64)},
	wit.F32: {float32(0), float32(math.Copysign(0, -1)), float32(inf), float32(-inf), float32(math.MaxFloat32),
		float32(-math.SmallestNonzeroFloat32), math.Float32frombits(0x00800000), // the smallest normal one
		math.Float32frombits(0x7fc00000), math.Float32frombits(0xffc00001), math.Float32frombits(0x7f800001)},
	wit.F64: {0.0, math.Copysign(0, -1), inf, -inf, math.MaxFloat64,
		-math.SmallestNonzeroFloat64, math.Float64frombits(0x0010000000000000),
		math.Float64frombits(0x7ff8000000000000), math.Float64frombits(0xfff8000000000001), math.Float64frombits(0x7ff0000000000001)},
	wit.Char: {'\x00', '\x7f', '\u0080', '\u00ff', '\u0100', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\ufeff', '\ufffd', '\uffff',
		'\U00010000', '\U0010ffff'},
	wit.String: {"", "\x00", "gopher", "\x7f\u0080", "\u00ff", "\u00ff\u0100", "\u07ff\u0800", "\ud7ff\ue000", "\ufeff\uffff\U00010000\U0010ffff",
		strings.Repeat("x", 1000), strings.Repeat("\u00e9", 500), strings.Repeat("x", 500) + "\u6f22", strings.Repeat("\U0001f642", 300)},
}
