package binary

import (
	"math"
	"testing"
)

// TestLEB128 reads integers at the edges of every width.
func TestLEB128(t *testing.T) {
	const bad = math.MaxInt64 - 1 // marks input that must be refused
	u32 := func(r *reader) int64 { return int64(r.u32()) }
	u64 := func(r *reader) int64 { return int64(r.u64()) }
	s32 := func(r *reader) int64 { return int64(r.s32()) }
	tests := []struct {
		name string
		read func(*reader) int64
		in   string
		want int64
	}{
		{"u32 zero", u32, "\x00", 0},
		{"u32 one byte", u32, "\x7f", 127},
		{"u32 padded", u32, "\x81\x80\x80\x80\x00", 1},
		{"u32 max", u32, "\xff\xff\xff\xff\x0f", math.MaxUint32},
		{"u32 bit 33", u32, "\xff\xff\xff\xff\x1f", bad},
		{"u32 6 bytes", u32, "\x80\x80\x80\x80\x80\x00", bad},
		{"u32 cut", u32, "\x80\x80", bad},
		{"u64 max", u64, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", -1},
		{"u64 bit 65", u64, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", bad},
		{"s32 minus one", s32, "\x7f", -1},
		{"s32 64", s32, "\xc0\x00", 64},
		{"s32 padded minus one", s32, "\xff\xff\xff\xff\x7f", -1},
		{"s32 max", s32, "\xff\xff\xff\xff\x07", math.MaxInt32},
		{"s32 min", s32, "\x80\x80\x80\x80\x78", math.MinInt32},
		{"s32 above max", s32, "\x80\x80\x80\x80\x08", bad},
		{"s32 sign bits disagree", s32, "\xff\xff\xff\xff\x4f", bad},
		{"s32 below min", s32, "\xff\xff\xff\xff\x77", bad},
		{"s33 max", (*reader).s33, "\xff\xff\xff\xff\x0f", math.MaxUint32},
		{"s33 min", (*reader).s33, "\x80\x80\x80\x80\x70", -1 << 32},
		{"s33 above max", (*reader).s33, "\x80\x80\x80\x80\x10", bad},
		{"s64 max", (*reader).s64, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00", math.MaxInt64},
		{"s64 min", (*reader).s64, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f", math.MinInt64},
		{"s64 sign bits disagree", (*reader).s64, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", bad},
		{"s64 11 bytes", (*reader).s64, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", bad},
	}
	for _, tt := range tests {
		r := newReader([]byte(tt.in))
		got := tt.read(r)
		switch {
		case tt.want == bad && r.err == nil:
			t.Errorf("%s: got %d, want an error", tt.name, got)
		case tt.want != bad && (r.err != nil || got != tt.want || r.remaining() != 0):
			t.Errorf("%s: got %d, %v, %d bytes left; want %d", tt.name, got, r.err, r.remaining(), tt.want)
		}
	}
}
