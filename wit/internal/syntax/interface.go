package syntax

// Interface is an interface. One that a world writes inline has no name,
// comments or attributes of its own.
type Interface struct {
	Comments   Comments
	Attributes Attributes
	Name       Name
	Items      []InterfaceItem
}

// InterfaceItem is a [*Use], a [*TypeDecl] or a [*Func].
type InterfaceItem interface{ interfaceItem() }

func (*Use) interfaceItem()      {}
func (*TypeDecl) interfaceItem() {}
func (*Func) interfaceItem()     {}

// Use brings names of another interface into an interface or a world.
type Use struct {
	Attributes Attributes
	Path       Path
	Names      []UseName
}

// UseName is one name that a use brings, and what it is called here.
type UseName struct {
	Name Name
	As   Name // equal to Name without an alias
}

func (p *parser) interfaceBody() []InterfaceItem {
	var items []InterfaceItem
	p.block(func() {
		comments := p.docs()
		attrs := p.attributes()
		switch k := p.kind(); {
		case k == kindUse:
			items = append(items, p.use(attrs))
		case startsType(k):
			items = append(items, p.typeDecl(comments, attrs))
		case k == kindName:
			f := &Func{Comments: comments, Attributes: attrs, Name: p.identifier()}
			p.oldUnion(f.Name)
			p.expect(kindColon)
			p.signature(f)
			items = append(items, f)
		default:
			p.unexpected("a type, a function or `use`")
		}
	})
	return items
}

// use parses `use path.{a, b as c};`.
func (p *parser) use(attrs Attributes) *Use {
	p.expect(kindUse)
	u := &Use{Attributes: attrs, Path: p.path()}
	p.expect(kindPeriod)
	p.expect(kindLeftBrace)
	p.list(kindRightBrace, func() {
		n := p.name()
		as := n
		if p.eat(kindAs) {
			as = p.name()
		}
		u.Names = append(u.Names, UseName{n, as})
	})
	p.semicolon()
	return u
}

// oldUnion explains what became of a type that WIT had once.
func (p *parser) oldUnion(n Name) {
	if n.Text == "union" && p.at(kindName) {
		p.fail(n.Span, "unions are no more: write a `variant`")
	}
}
