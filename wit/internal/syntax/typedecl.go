package syntax

// DeclKind is what a type declaration declares.
type DeclKind uint8

// The kinds of type declaration.
const (
	Alias DeclKind = iota + 1
	Record
	Variant
	Enum
	Flags
	Resource
)

// String returns the keyword of the declaration.
func (k DeclKind) String() string {
	return [...]string{"invalid", "type", "record", "variant", "enum", "flags", "resource"}[k]
}

// TypeDecl declares a type.
type TypeDecl struct {
	Comments   Comments
	Attributes Attributes
	Kind       DeclKind
	Name       Name
	Type       *Type    // of an Alias
	Members    []Member // of a Record, Variant, Enum or Flags
	Funcs      []*Func  // of a Resource
}

// Member is a field, a case or a flag. Type is nil where there is none.
type Member struct {
	Comments Comments
	Name     Name
	Type     *Type
}

var declKinds = map[kind]DeclKind{
	kindType: Alias, kindRecord: Record, kindVariant: Variant, kindEnum: Enum, kindFlags: Flags, kindResource: Resource,
}

func startsType(k kind) bool { return declKinds[k] != 0 }

// typeDecl parses a type declaration.
func (p *parser) typeDecl(comments Comments, attrs Attributes) *TypeDecl {
	d := &TypeDecl{Comments: comments, Attributes: attrs, Kind: declKinds[p.kind()]}
	p.advance()
	d.Name = p.name()
	switch d.Kind {
	case Alias:
		p.expect(kindEquals)
		d.Type = p.typ()
		p.semicolon()
	case Resource:
		if p.at(kindLeftBrace) {
			d.Funcs = p.resourceBody()
		} else {
			p.semicolon()
		}
	default:
		p.expect(kindLeftBrace)
		p.list(kindRightBrace, func() { d.Members = append(d.Members, p.member(d.Kind)) })
	}
	return d
}

// member parses a field, a case or a flag.
func (p *parser) member(k DeclKind) Member {
	m := Member{Comments: p.docs()}
	if p.at(kindAt) {
		p.fail(p.span(), "no attributes are allowed inside a "+k.String())
	}
	m.Name = p.name()
	switch k {
	case Record:
		p.expect(kindColon)
		m.Type = p.typ()
	case Variant:
		if p.eat(kindLeftParen) {
			m.Type = p.typ()
			p.expect(kindRightParen)
		}
	}
	return m
}
