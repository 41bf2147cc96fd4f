package wast

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// split takes a number of the text format apart: its sign, and the digits
// without their underscores.
func split(s string) (negative bool, digits string) {
	digits = strings.ReplaceAll(s, "_", "")
	if rest, ok := strings.CutPrefix(digits, "-"); ok {
		return true, rest
	}
	return false, strings.TrimPrefix(digits, "+")
}

// integer reads an integer of so many bits, decimal or hexadecimal. As in the
// text format, one that is signed may also be written as the unsigned one with
// the same bits.
func integer(s string, bits int, signed bool) (uint64, error) {
	negative, digits := split(s)
	base := 10
	if hex, ok := strings.CutPrefix(digits, "0x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, bits)
	if err != nil || negative && (!signed || n > 1<<(bits-1)) {
		return 0, fmt.Errorf("%q is no integer of %d bits", s, bits)
	}
	if negative {
		n = -n
	}
	return n, nil
}

// nan stands for the NaNs that a result may be: canonical ones, or all that are
// quiet.
type nan struct{ canonical bool }

// String returns what scripts write.
func (n nan) String() string {
	if n.canonical {
		return "nan:canonical"
	}
	return "nan:arithmetic"
}

// f32 reports whether it is one of them.
func (n nan) f32(f float32) bool {
	const quiet = 0x7fc00000
	bits := math.Float32bits(f) &^ (1 << 31)
	return bits == quiet || !n.canonical && bits&quiet == quiet
}

// f64 reports whether it is one of them.
func (n nan) f64(f float64) bool {
	const quiet = 0x7ff8000000000000
	bits := math.Float64bits(f) &^ (1 << 63)
	return bits == quiet || !n.canonical && bits&quiet == quiet
}

// float reads a floating-point number of so many bits and returns its bits, or
// the NaNs that it may be.
func float(s string, bits int) (uint64, *nan, error) {
	switch s {
	case "nan:canonical":
		return 0, &nan{canonical: true}, nil
	case "nan:arithmetic":
		return 0, &nan{}, nil
	}
	wrong := fmt.Errorf("%q is no number of %d bits", s, bits)
	negative, digits := split(s)
	fraction := 52
	if bits == 32 {
		fraction = 23
	}
	exponent := uint64(1)<<(bits-1) - 1<<fraction // all ones
	var n uint64
	switch payload, isNaN := strings.CutPrefix(digits, "nan:0x"); {
	case isNaN:
		p, err := strconv.ParseUint(payload, 16, fraction)
		if err != nil || p == 0 {
			return 0, nil, wrong
		}
		n = exponent | p
	case digits == "nan":
		n = exponent | 1<<(fraction-1)
	case digits == "inf":
		n = exponent
	default:
		if digits == "" || digits[0] < '0' || digits[0] > '9' {
			return 0, nil, wrong
		}
		if strings.HasPrefix(digits, "0x") && !strings.ContainsAny(digits, "pP") {
			digits += "p0"
		}
		f, err := strconv.ParseFloat(digits, bits)
		if err != nil {
			return 0, nil, wrong
		}
		n = math.Float64bits(f)
		if bits == 32 {
			n = uint64(math.Float32bits(float32(f)))
		}
	}
	if negative {
		n |= 1 << (bits - 1)
	}
	return n, nil, nil
}
