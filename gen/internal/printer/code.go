package printer

import (
	"strconv"

	"github.com/dave/jennifer/jen"
)

// Code is a piece of Go. It never changes: what is added to it makes another.
// The zero Code is none, and lists leave it out.
type Code struct{ s *jen.Statement }

// tokens is a statement to add to, which begins with a copy of c.
func (c Code) tokens() *jen.Statement {
	if c.s == nil {
		return &jen.Statement{}
	}
	return c.s.Clone()
}

func all(codes []Code) []jen.Code {
	out := make([]jen.Code, 0, len(codes))
	for _, c := range codes {
		if c.s != nil {
			out = append(out, c.s)
		}
	}
	return out
}

// Name returns an identifier of the package or a scope in it.
func Name(name string) Code { return Code{jen.Id(name)} }

// Qual returns an identifier of the package at an import path: qualified, if
// that is not the package that is printed.
func Qual(path, name string) Code { return Code{jen.Qual(path, name)} }

// Int returns an integer.
func Int[T ~int | ~uint32](n T) Code { return Code{jen.Id(strconv.FormatInt(int64(n), 10))} }

// Hex returns an integer in base 16.
func Hex(n uint64) Code { return Code{jen.Id("0x" + strconv.FormatUint(n, 16))} }

// String returns a string.
func String(s string) Code { return Code{jen.Id(strconv.Quote(s))} }

// Dot returns c.name.
func (c Code) Dot(name string) Code { return Code{c.tokens().Dot(name)} }

// Call returns c(args).
func (c Code) Call(args ...Code) Code { return Code{c.tokens().Call(all(args)...)} }

// Of returns c[types], an instance of something generic.
func (c Code) Of(types ...Code) Code { return Code{c.tokens().Types(all(types)...)} }

// At returns c[i].
func (c Code) At(i Code) Code { return Code{c.tokens().Index(i.s)} }

// From returns c[i:].
func (c Code) From(i Code) Code { return Code{c.tokens().Index(i.s, jen.Empty())} }

// To returns c[:i].
func (c Code) To(i Code) Code { return Code{c.tokens().Index(jen.Empty(), i.s)} }

// Whole returns c[:].
func (c Code) Whole() Code { return Code{c.tokens().Index(jen.Empty(), jen.Empty())} }

// Cast returns c.(t).
func (c Code) Cast(t Code) Code { return Code{c.tokens().Assert(t.s)} }

// Not returns !c.
func (c Code) Not() Code { return Code{jen.Op("!").Add(c.s)} }

// CallLines returns c(args) with each argument on a line of its own.
func (c Code) CallLines(args ...Code) Code {
	return Code{c.tokens().Custom(jen.Options{Open: "(", Close: ")", Separator: ",", Multi: true}, all(args)...)}
}

// Op returns c, a binary operator and y.
func (c Code) Op(op string, y Code) Code { return Code{c.tokens().Op(op).Add(y.s)} }

// Paren returns (c).
func (c Code) Paren() Code { return Code{jen.Parens(c.s)} }

// Ref returns &c.
func (c Code) Ref() Code { return Code{jen.Op("&").Add(c.s)} }

// Pointer returns the type *c.
func (c Code) Pointer() Code { return Code{jen.Op("*").Add(c.s)} }

// Slice returns the type []c.
func (c Code) Slice() Code { return Code{jen.Index().Add(c.s)} }

// ArrayOf returns the type [n]c.
func (c Code) ArrayOf(n uint32) Code { return Code{jen.Index(Int(n).s).Add(c.s)} }

// MapOf returns the type map[key]c.
func (c Code) MapOf(key Code) Code { return Code{jen.Map(key.s).Add(c.s)} }

// Array returns the type [...]c, of a literal.
func (c Code) Array() Code { return Code{jen.Index(jen.Op("...")).Add(c.s)} }

// Key is an element of a composite literal.
type Key struct {
	Name  string
	Value Code
}

// Keyed returns the composite literal c{name: value, ...}.
func (c Code) Keyed(keys ...Key) Code { return Code{c.literal(false, pairs(keys))} }

// KeyedLines returns the composite literal c{name: value, ...} with each
// element on a line of its own.
func (c Code) KeyedLines(keys ...Key) Code { return Code{c.literal(len(keys) > 0, pairs(keys))} }

// List returns the composite literal c{value, ...}.
func (c Code) List(values ...Code) Code { return Code{c.literal(false, all(values))} }

// Lines returns the composite literal c{value, ...} with each value on a line
// of its own.
func (c Code) Lines(values ...Code) Code { return Code{c.literal(len(values) > 0, all(values))} }

func pairs(keys []Key) []jen.Code {
	out := make([]jen.Code, 0, len(keys))
	for _, k := range keys {
		if k.Value.s != nil {
			out = append(out, jen.Id(k.Name).Op(":").Add(k.Value.s))
		}
	}
	return out
}

func (c Code) literal(lines bool, values []jen.Code) *jen.Statement {
	return c.tokens().Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: lines}, values...)
}
