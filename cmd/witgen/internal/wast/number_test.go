package wast

import (
	"math"
	"testing"
)

func TestInteger(t *testing.T) {
	for _, test := range []struct {
		in     string
		bits   int
		signed bool
		want   uint64
		fails  bool
	}{
		{in: "0", bits: 8},
		{in: "010", bits: 8, want: 10},
		{in: "+7", bits: 8, want: 7},
		{in: "1_000", bits: 16, want: 1000},
		{in: "0xff", bits: 8, want: 255},
		{in: "0xff", bits: 8, signed: true, want: 255},
		{in: "256", bits: 8, fails: true},
		{in: "-1", bits: 8, fails: true},
		{in: "-128", bits: 8, signed: true, want: math.MaxUint64 - 127},
		{in: "-129", bits: 8, signed: true, fails: true},
		{in: "18446744073709551615", bits: 64, want: math.MaxUint64},
		{in: "-0x8000_0000_0000_0000", bits: 64, signed: true, want: 1 << 63},
		{in: "", bits: 8, fails: true},
		{in: "0x", bits: 8, fails: true},
		{in: "1.5", bits: 8, fails: true},
	} {
		got, err := integer(test.in, test.bits, test.signed)
		if got != test.want || (err != nil) != test.fails {
			t.Errorf("integer(%q, %d, %v) = %#x, %v; want %#x, failure %v", test.in, test.bits, test.signed, got, err, test.want, test.fails)
		}
	}
}

func TestFloat(t *testing.T) {
	for _, test := range []struct {
		in    string
		bits  int
		want  uint64
		fails bool
	}{
		{in: "5", bits: 32, want: 0x40a00000},
		{in: "-0", bits: 32, want: 0x80000000},
		{in: "0.1", bits: 32, want: 0x3dcccccd}, // rounded once
		{in: "0.1", bits: 64, want: 0x3fb999999999999a},
		{in: "0x1.8p1", bits: 64, want: 0x4008000000000000},
		{in: "0x1.8", bits: 32, want: 0x3fc00000},
		{in: "1_0.5", bits: 32, want: 0x41280000},
		{in: "inf", bits: 32, want: 0x7f800000},
		{in: "-inf", bits: 64, want: 0xfff0000000000000},
		{in: "nan", bits: 32, want: 0x7fc00000},
		{in: "-nan", bits: 64, want: 0xfff8000000000000},
		{in: "nan:0x200000", bits: 32, want: 0x7fa00000},
		{in: "nan:0x800000", bits: 32, fails: true},
		{in: "nan:0x0", bits: 32, fails: true},
		{in: "infinity", bits: 32, fails: true},
		{in: "1e99", bits: 32, fails: true},
		{in: "", bits: 64, fails: true},
	} {
		got, pattern, err := float(test.in, test.bits)
		if got != test.want || pattern != nil || (err != nil) != test.fails {
			t.Errorf("float(%q, %d) = %#x, %v, %v; want %#x, failure %v", test.in, test.bits, got, pattern, err, test.want, test.fails)
		}
	}
}

func TestNaN(t *testing.T) {
	for _, test := range []struct {
		bits32                uint32
		bits64                uint64
		canonical, arithmetic bool
	}{
		{0x7fc00000, 0x7ff8000000000000, true, true},
		{0xffc00000, 0xfff8000000000000, true, true},
		{0x7fc00001, 0x7ff8000000000001, false, true},
		{0x7fa00000, 0x7ff4000000000000, false, false}, // signalling
		{0x7f800000, 0x7ff0000000000000, false, false}, // infinity
		{0x3f800000, 0x3ff0000000000000, false, false},
	} {
		for pattern, want := range map[string]bool{"nan:canonical": test.canonical, "nan:arithmetic": test.arithmetic} {
			_, n, err := float(pattern, 32)
			if err != nil || n == nil || n.String() != pattern {
				t.Fatalf("float(%q) = %v, %v", pattern, n, err)
			}
			if got := same(n, math.Float32frombits(test.bits32)); got != want {
				t.Errorf("%s of %#x: %v, want %v", pattern, test.bits32, got, want)
			}
			if got := same(n, math.Float64frombits(test.bits64)); got != want {
				t.Errorf("%s of %#x: %v, want %v", pattern, test.bits64, got, want)
			}
		}
	}
}
