package syntax

// Func is a function of an interface, a world or a resource.
type Func struct {
	Comments   Comments
	Attributes Attributes
	// Name is the function's name. That of a constructor has no text, and
	// the place of the keyword.
	Name        Name
	Constructor bool
	Static      bool
	Async       bool
	Params      []Param
	Result      *Type // nil when it has none
}

// Param is a parameter.
type Param struct {
	Name Name
	Type *Type
}

// signature parses `[async] func(…) [-> T];`.
func (p *parser) signature(f *Func) {
	f.Async = p.eat(kindAsync)
	p.expect(kindFunc)
	p.parameters(f)
}

// parameters parses `(…) [-> T];`.
func (p *parser) parameters(f *Func) {
	p.expect(kindLeftParen)
	p.list(kindRightParen, func() {
		n := p.name()
		p.expect(kindColon)
		f.Params = append(f.Params, Param{n, p.typ()})
	})
	if p.eat(kindArrow) {
		if p.at(kindLeftParen) {
			p.fail(p.span(), "expected a type, found `(`; named results are no more: return a tuple or a record")
		}
		f.Result = p.typ()
	}
	p.semicolon()
}

// resourceBody parses the functions of a resource.
func (p *parser) resourceBody() []*Func {
	var funcs []*Func
	p.block(func() {
		f := &Func{Comments: p.docs(), Attributes: p.attributes()}
		switch p.kind() {
		case kindConstructor:
			f.Constructor = true
			f.Name.Span = p.advance()
			p.parameters(f)
		case kindName:
			f.Name = p.identifier()
			p.expect(kindColon)
			f.Static = p.eat(kindStatic)
			p.signature(f)
		default:
			p.unexpected("`constructor` or the name of a function")
		}
		funcs = append(funcs, f)
	})
	return funcs
}
