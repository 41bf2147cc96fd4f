package wave

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

// Format returns the text of a value of type t, on one line, which [Parse]
// reads as the same value; but a NaN as the canonical NaN, and flags in the
// order of their type. The text is canonical: options and results have their
// long forms, the fields of records and the flags are in the order of the type,
// fields that are none are left out, and floats have the fewest digits that
// make them out among those of their width.
//
// It fails, saying where in the value, if a Go value is not of the type that
// [rt.Value] names, or holds what its WIT type does not: text that is not UTF-8,
// unknown cases, missing fields.
func Format(t wit.Type, v rt.Value) (string, error) {
	f := formatter{labels: labels{}}
	if err := f.value(t, v); err != nil {
		return "", err
	}
	return string(f.b), nil
}

// formatter appends the text of values to b.
type formatter struct {
	b      []byte
	labels labels
	depth  int
}

func (f *formatter) text(s string) { f.b = append(f.b, s...) }

// mismatch returns the error that v is not of type t.
func mismatch(t wit.Type, v rt.Value) error {
	return fmt.Errorf("value of Go type %T is no %s", v, typeText(t))
}

// within says where in a value an error is.
func within(part string, err error) error { return fmt.Errorf("%s: %w", part, err) }

func (f *formatter) value(t wit.Type, v rt.Value) error {
	if f.depth == maxDepth {
		return fmt.Errorf("values nest deeper than %d levels", maxDepth)
	}
	f.depth++
	defer func() { f.depth-- }()
	switch u := wit.Underlying(t).(type) {
	case wit.Primitive:
		return f.primitive(u, v)
	case *wit.List:
		return f.list(t, u, v)
	case *wit.Map:
		return f.mapping(t, u, v)
	case *wit.Tuple:
		return f.tuple(t, u, v)
	case *wit.Record:
		return f.record(t, u, v)
	case *wit.Variant:
		return f.variant(t, u, v)
	case *wit.Enum:
		return f.enum(t, u, v)
	case *wit.Flags:
		return f.flags(t, u, v)
	case *wit.Option:
		return f.option(t, u, v)
	case *wit.Result:
		return f.result(t, u, v)
	}
	return errors.New(noText(t))
}

// scalar is what the primitive types have in common.
func scalar[T any](f *formatter, t wit.Primitive, v rt.Value, appendTo func([]byte, T) []byte) error {
	x, ok := v.(T)
	if !ok {
		return mismatch(t, v)
	}
	f.b = appendTo(f.b, x)
	return nil
}

func appendUint[T uint8 | uint16 | uint32 | uint64](b []byte, v T) []byte {
	return strconv.AppendUint(b, uint64(v), 10)
}

func appendInt[T int8 | int16 | int32 | int64](b []byte, v T) []byte {
	return strconv.AppendInt(b, int64(v), 10)
}

func (f *formatter) primitive(t wit.Primitive, v rt.Value) error {
	switch t {
	case wit.Bool:
		return scalar(f, t, v, strconv.AppendBool)
	case wit.U8:
		return scalar(f, t, v, appendUint[uint8])
	case wit.U16:
		return scalar(f, t, v, appendUint[uint16])
	case wit.U32:
		return scalar(f, t, v, appendUint[uint32])
	case wit.U64:
		return scalar(f, t, v, appendUint[uint64])
	case wit.S8:
		return scalar(f, t, v, appendInt[int8])
	case wit.S16:
		return scalar(f, t, v, appendInt[int16])
	case wit.S32:
		return scalar(f, t, v, appendInt[int32])
	case wit.S64:
		return scalar(f, t, v, appendInt[int64])
	case wit.F32:
		return scalar(f, t, v, func(b []byte, v float32) []byte { return appendFloat(b, float64(v), 32) })
	case wit.F64:
		return scalar(f, t, v, func(b []byte, v float64) []byte { return appendFloat(b, v, 64) })
	case wit.Char:
		if r, ok := v.(rune); ok && !utf8.ValidRune(r) {
			return fmt.Errorf("%#x is no character", r)
		}
		return scalar(f, t, v, appendChar)
	case wit.String:
		if s, ok := v.(string); ok && !utf8.ValidString(s) {
			return errors.New("string is not UTF-8")
		}
		return scalar(f, t, v, appendString)
	}
	return errors.New(noText(t))
}

// Floats from these magnitudes on, and below, have exponents.
const (
	largeFloat = 1e21
	smallFloat = 1e-6
)

func appendFloat(b []byte, v float64, bits int) []byte {
	switch {
	case math.IsNaN(v):
		return append(b, "nan"...)
	case math.IsInf(v, 1):
		return append(b, "inf"...)
	case math.IsInf(v, -1):
		return append(b, "-inf"...)
	}
	if size := math.Abs(v); size == 0 || size >= smallFloat && size < largeFloat {
		return strconv.AppendFloat(b, v, 'f', -1, bits)
	}
	b = strconv.AppendFloat(b, v, 'e', -1, bits)
	// Go writes two digits of exponent at least, WAVE no zero before others.
	if n := len(b); b[n-2] == '0' && !isDigit(b[n-3]) {
		b = append(b[:n-2], b[n-1])
	}
	return b
}

// appendChar escapes marks too, which would end up on the quote.
func appendChar(b []byte, r rune) []byte {
	b = append(b, '\'')
	if unicode.Is(unicode.M, r) {
		b = fmt.Appendf(b, `\u{%x}`, r)
	} else {
		b = appendEscaped(b, r, '\'')
	}
	return append(b, '\'')
}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		b = appendEscaped(b, r, '"')
	}
	return append(b, '"')
}

// appendEscaped appends a character as it is in quotes: itself, if one sees it.
func appendEscaped(b []byte, r, quote rune) []byte {
	switch {
	case r == quote || r == '\\':
		return append(b, '\\', byte(r))
	case r == '\n':
		return append(b, `\n`...)
	case r == '\t':
		return append(b, `\t`...)
	case r == '\r':
		return append(b, `\r`...)
	case strconv.IsPrint(r):
		return utf8.AppendRune(b, r)
	}
	return fmt.Appendf(b, `\u{%x}`, r)
}
