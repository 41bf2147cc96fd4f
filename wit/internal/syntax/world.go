package syntax

// World is a world.
type World struct {
	Comments   Comments
	Attributes Attributes
	Name       Name
	Items      []WorldItem
}

// WorldItem is an [*Extern], an [*Include], a [*Use] or a [*TypeDecl].
type WorldItem interface{ worldItem() }

func (*Extern) worldItem()   {}
func (*Include) worldItem()  {}
func (*Use) worldItem()      {}
func (*TypeDecl) worldItem() {}

// Extern is an import or an export. Exactly one of Func, Interface and Path
// is set.
type Extern struct {
	Comments   Comments
	Attributes Attributes
	Export     bool
	Label      Name // empty for an interface that goes by its own name
	Func       *Func
	Interface  *Interface // written inline
	Path       *Path
}

// Include brings what another world imports and exports.
type Include struct {
	Attributes Attributes
	Path       Path
	Renames    []UseName
}

func (p *parser) worldBody() []WorldItem {
	var items []WorldItem
	p.block(func() {
		comments := p.docs()
		attrs := p.attributes()
		switch k := p.kind(); {
		case k == kindImport || k == kindExport:
			e := &Extern{Comments: comments, Attributes: attrs, Export: k == kindExport}
			p.extern(e)
			items = append(items, e)
		case k == kindInclude:
			items = append(items, p.include(attrs))
		case k == kindUse:
			items = append(items, p.use(attrs))
		case startsType(k):
			items = append(items, p.typeDecl(comments, attrs))
		case k == kindName:
			p.oldUnion(p.identifier())
			p.unexpected("`import` or `export` before the name")
		default:
			p.unexpected("an import, an export, a type, `use` or `include`")
		}
	})
	return items
}

// extern parses what follows its keyword. `a:b/c` is a path, `a: b` a label
// and a path: the token after the second name decides.
func (p *parser) extern(e *Extern) {
	p.advance()
	path := p.peek(1) != kindColon || p.peek(2) == kindName && p.peek(3) == kindSlash
	if path {
		at := p.path()
		e.Path = &at
		p.semicolon()
		return
	}
	e.Label = p.name()
	p.expect(kindColon)
	switch p.kind() {
	case kindFunc, kindAsync:
		e.Func = &Func{Comments: e.Comments, Attributes: e.Attributes, Name: e.Label}
		p.signature(e.Func)
	case kindInterface:
		p.advance()
		e.Interface = &Interface{Comments: e.Comments, Attributes: e.Attributes, Items: p.interfaceBody()}
	case kindName:
		at := p.path()
		e.Path = &at
		p.semicolon()
	default:
		p.unexpected("`func`, `async`, `interface` or the name of an interface")
	}
}

// include parses `include path;` or `include path with { a as b }`.
func (p *parser) include(attrs Attributes) *Include {
	p.advance()
	i := &Include{Attributes: attrs, Path: p.path()}
	if !p.eat(kindWith) {
		p.semicolon()
		return i
	}
	p.expect(kindLeftBrace)
	p.list(kindRightBrace, func() {
		n := p.name()
		p.expect(kindAs)
		i.Renames = append(i.Renames, UseName{n, p.name()})
	})
	return i
}
