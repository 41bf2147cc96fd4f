package wave

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

// Parse returns the value of type t that the text stands for, of the Go type
// that [rt.Value] names. A list without elements is not nil. A float that is
// too large for its type becomes an infinity. The error is an [*Error].
func Parse(t wit.Type, text string) (rt.Value, error) {
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	p.next()
	v, err := p.value(t)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != kindEnd {
		return nil, p.unexpected("the end")
	}
	return v, nil
}

// parser reads values. What it is at is the lexer's token, the first that is
// not read yet.
type parser struct {
	lexer
	labels labels
	depth  int

	// flat is the option or result whose short form may begin at flatAt, for
	// errors.
	flat   wit.Type
	flatAt int
}

func newParser(text string) (*parser, error) {
	if !utf8.ValidString(text) {
		valid := 0
		for valid < len(text) {
			r, n := utf8.DecodeRuneInString(text[valid:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			valid += n
		}
		return nil, errorAt(text, valid, "text is not UTF-8")
	}
	return &parser{lexer: lexer{text: text}, labels: labels{}, flatAt: -1}, nil
}

// errorf returns an error about the token.
func (p *parser) errorf(format string, args ...any) error {
	return errorAt(p.text, p.tok.from, format, args...)
}

// unexpected returns the error that the token is not what was expected.
func (p *parser) unexpected(want string) error {
	var found string
	switch p.tok.kind {
	case kindBad:
		return p.err
	case kindEnd:
		found = "the end"
	case kindString, kindMultiline:
		found = "a string"
	case kindChar:
		found = "a char"
	default:
		found = "`" + clip(p.raw(), maxExcerpt) + "`"
	}
	return p.errorf("expected %s, found %s", want, found)
}

// mismatch returns the error that the token begins no value of type t.
func (p *parser) mismatch(t wit.Type) error {
	if p.flatAt == p.tok.from {
		t = p.flat
	}
	return p.unexpected(typeText(t))
}

// raw returns the token's text.
func (p *parser) raw() string { return p.text[p.tok.from:p.tok.to] }

// at reports whether the token is this keyword.
func (p *parser) at(keyword string) bool { return p.tok.kind == kindLabel && p.raw() == keyword }

// expect reads a token that is one character.
func (p *parser) expect(k kind) error {
	if p.tok.kind != k {
		return p.unexpected("`" + string(rune(k)) + "`")
	}
	p.next()
	return nil
}

// value reads a value of type t.
func (p *parser) value(t wit.Type) (rt.Value, error) {
	if p.depth == maxDepth {
		return nil, p.errorf("values nest deeper than %d levels", maxDepth)
	}
	p.depth++
	defer func() { p.depth-- }()
	switch u := wit.Underlying(t).(type) {
	case wit.Primitive:
		return p.primitive(u)
	case *wit.List:
		return p.list(t, u)
	case *wit.Map:
		return p.mapping(t, u)
	case *wit.Tuple:
		return p.tuple(t, u)
	case *wit.Record:
		return p.record(t, u)
	case *wit.Variant:
		return p.variant(t, u)
	case *wit.Enum:
		return p.enum(t, u)
	case *wit.Flags:
		return p.flags(t, u)
	case *wit.Option:
		return p.option(t, u)
	case *wit.Result:
		return p.result(t, u)
	}
	return nil, p.errorf("%s", noText(t))
}

func (p *parser) primitive(t wit.Primitive) (rt.Value, error) {
	switch t {
	case wit.Bool:
		v := p.at("true")
		if !v && !p.at("false") {
			return nil, p.mismatch(t)
		}
		p.next()
		return v, nil
	case wit.U8:
		return integer[uint8](p, t, 8, strconv.ParseUint)
	case wit.U16:
		return integer[uint16](p, t, 16, strconv.ParseUint)
	case wit.U32:
		return integer[uint32](p, t, 32, strconv.ParseUint)
	case wit.U64:
		return integer[uint64](p, t, 64, strconv.ParseUint)
	case wit.S8:
		return integer[int8](p, t, 8, strconv.ParseInt)
	case wit.S16:
		return integer[int16](p, t, 16, strconv.ParseInt)
	case wit.S32:
		return integer[int32](p, t, 32, strconv.ParseInt)
	case wit.S64:
		return integer[int64](p, t, 64, strconv.ParseInt)
	case wit.F32:
		f, err := p.float(t, 32)
		if err == nil && math.IsNaN(f) {
			return math.Float32frombits(0x7fc00000), nil
		}
		return float32(f), err
	case wit.F64:
		return p.float(t, 64)
	case wit.Char:
		return literal(p, t, kindChar, p.char)
	case wit.String:
		if p.tok.kind == kindMultiline {
			return literal(p, t, kindMultiline, p.multilineString)
		}
		return literal(p, t, kindString, p.string)
	}
	return nil, p.errorf("%s", noText(t))
}

// integer reads an integer of type T, which t is, with the function of strconv
// for it.
func integer[T, N uint8 | uint16 | uint32 | uint64 | int8 | int16 | int32 | int64](
	p *parser, t wit.Primitive, bits int, parse func(string, int, int) (N, error),
) (T, error) {
	if p.tok.kind != kindNumber || strings.ContainsAny(p.raw(), ".eEi") {
		return 0, p.mismatch(t)
	}
	n, err := parse(p.raw(), 10, bits)
	if err != nil {
		return 0, p.errorf("%s is out of the range of %s", clip(p.raw(), maxExcerpt), t)
	}
	p.next()
	return T(n), nil
}

// float reads a float of 32 or 64 bits. A NaN is the canonical one, see
// CanonicalABI.md "Loading".
func (p *parser) float(t wit.Primitive, bits int) (float64, error) {
	var f float64
	switch {
	case p.at("nan"):
		f = math.Float64frombits(0x7ff8000000000000)
	case p.at("inf"):
		f = math.Inf(1)
	case p.tok.kind == kindNumber:
		// The one error that a number of this form can cause is that it is out
		// of range, and then the infinity is there.
		f, _ = strconv.ParseFloat(p.raw(), bits)
	default:
		return 0, p.mismatch(t)
	}
	p.next()
	return f, nil
}

// literal reads a token of a kind with the function that decodes it.
func literal[T any](p *parser, t wit.Primitive, k kind, decode func(token) (T, error)) (rt.Value, error) {
	if p.tok.kind != k {
		return nil, p.mismatch(t)
	}
	v, err := decode(p.tok)
	if err != nil {
		return nil, err
	}
	p.next()
	return v, nil
}

// sequence reads what is between two brackets, with commas between and perhaps
// after the parts, each of which part reads. The first bracket is read already.
// It returns the offset of the last.
func (p *parser) sequence(end kind, part func() error) (int, error) {
	for p.tok.kind != end {
		if err := part(); err != nil {
			return 0, err
		}
		if p.tok.kind == ',' {
			p.next()
		} else if p.tok.kind != end {
			return 0, p.unexpected(fmt.Sprintf("`,` or `%c`", end))
		}
	}
	closing := p.tok.from
	p.next()
	return closing, nil
}

// open reads the bracket that a value of type t begins with.
func (p *parser) open(k kind, t wit.Type) error {
	if p.tok.kind != k {
		return p.mismatch(t)
	}
	p.next()
	return nil
}
