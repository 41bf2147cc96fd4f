package syntax

import "strconv"

// TypeKind is what a type expression is.
type TypeKind uint8

// The kinds of type expression. Those without arguments come first.
const (
	U8 TypeKind = iota + 1
	U16
	U32
	U64
	S8
	S16
	S32
	S64
	F32
	F64
	Char
	Bool
	String
	ErrorContext
	Named     // Name
	Own       // Name
	Borrow    // Name
	List      // Args[0]
	FixedList // Args[0], Len
	Option    // Args[0]
	Tuple     // Args
	Map       // Args: key and value
	Result    // Args: ok and error, either may be nil
	Stream    // Args[0], may be nil
	Future    // Args[0], may be nil
)

// Type is a type expression.
type Type struct {
	Kind TypeKind
	Span Span
	Name Name
	Args []*Type
	Len  uint32
}

// Names calls yield with each name in the expression, in the order of the
// text.
func (t *Type) Names(yield func(Name)) {
	if t == nil {
		return
	}
	if t.Kind == Named || t.Kind == Own || t.Kind == Borrow {
		yield(t.Name)
	}
	for _, a := range t.Args {
		a.Names(yield)
	}
}

var simpleTypes = map[kind]TypeKind{
	kindU8: U8, kindU16: U16, kindU32: U32, kindU64: U64, kindS8: S8, kindS16: S16, kindS32: S32, kindS64: S64,
	kindF32: F32, kindF64: F64, kindChar: Char, kindBool: Bool, kindStringType: String,
	kindErrorContext: ErrorContext,
}

// typ parses a type expression.
func (p *parser) typ() *Type {
	if p.depth >= maxDepth {
		p.fail(p.span(), "types nest too deep")
		return nil
	}
	p.depth++
	defer func() { p.depth-- }()
	k := p.kind()
	if p.failed {
		return nil
	}
	t := &Type{Kind: simpleTypes[k], Span: p.span()}
	if t.Kind == 0 && k != kindName && !generic(k) {
		p.unexpected("a type")
		return nil
	}
	if k == kindName {
		t.Kind = Named
		t.Name = p.identifier()
		return t
	}
	t.Span = p.advance()
	if t.Kind == 0 {
		t.Span = t.Span.to(p.arguments(t, k))
	}
	return t
}

func generic(k kind) bool {
	switch k {
	case kindTuple, kindList, kindOption, kindResult, kindMap, kindOwn, kindBorrow, kindStream, kindFuture:
		return true
	}
	return false
}

// arguments parses what follows the keyword of a type that may have
// arguments, and returns where that ends.
func (p *parser) arguments(t *Type, k kind) Span {
	switch k {
	case kindTuple:
		t.Kind = Tuple
		p.expect(kindLess)
		return p.list(kindGreater, func() { t.Args = append(t.Args, p.typ()) })
	case kindList:
		return p.listArguments(t)
	case kindResult:
		return p.resultArguments(t)
	case kindOption:
		t.Kind = Option
		p.expect(kindLess)
		t.Args = []*Type{p.typ()}
	case kindMap:
		t.Kind = Map
		p.expect(kindLess)
		key := p.typ()
		p.expect(kindComma)
		t.Args = []*Type{key, p.typ()}
	case kindOwn, kindBorrow:
		t.Kind = Own
		if k == kindBorrow {
			t.Kind = Borrow
		}
		p.expect(kindLess)
		if !p.at(kindName) {
			p.unexpected("the name of a resource")
			return p.span()
		}
		t.Name = p.identifier()
	default:
		t.Kind = Stream
		if k == kindFuture {
			t.Kind = Future
		}
		t.Args = []*Type{nil}
		if !p.eat(kindLess) {
			return t.Span
		}
		t.Args[0] = p.typ()
	}
	return p.expect(kindGreater)
}

// listArguments parses `<T>` or `<T, 4>`.
func (p *parser) listArguments(t *Type) Span {
	t.Kind = List
	p.expect(kindLess)
	t.Args = []*Type{p.typ()}
	if p.eat(kindComma) {
		t.Kind = FixedList
		if !p.at(kindInteger) {
			p.unexpected("the length of the list")
			return p.span()
		}
		span := p.advance()
		n, err := strconv.ParseUint(span.Text(), 10, 32)
		if err != nil {
			p.errorf(span, "the length of a list is less than 4294967296")
		}
		t.Len = uint32(n)
	}
	return p.expect(kindGreater)
}

// resultArguments parses nothing, `<T>`, `<T, E>` or `<_, E>`.
func (p *parser) resultArguments(t *Type) Span {
	t.Kind = Result
	t.Args = []*Type{nil, nil}
	if !p.eat(kindLess) {
		return t.Span
	}
	if p.eat(kindUnderscore) {
		p.expect(kindComma)
		t.Args[1] = p.typ()
		return p.expect(kindGreater)
	}
	t.Args[0] = p.typ()
	if p.eat(kindComma) {
		t.Args[1] = p.typ()
	}
	return p.expect(kindGreater)
}
