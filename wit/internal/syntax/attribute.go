package syntax

// Attributes are the attributes of an item.
type Attributes struct {
	Since      *Attribute // a version
	Unstable   *Attribute // a feature
	Deprecated *Attribute // a version
	ExternalID *Attribute // any string
}

// Attribute is one attribute.
type Attribute struct {
	Name  Name
	Value string
	Span  Span // of the value
}

func (a Attributes) none() bool { return a == Attributes{} }

var attributeNames = []string{"since", "unstable", "deprecated", "external-id"}

// attributes parses the attributes before an item.
func (p *parser) attributes() Attributes {
	var attrs Attributes
	for p.eat(kindAt) {
		p.attribute(&attrs)
	}
	if p.failed {
		return attrs
	}
	if d := attrs.Deprecated; d != nil && attrs.Since == nil && attrs.Unstable == nil {
		p.errorf(d.Name.Span, "`@deprecated` needs `@since` or `@unstable` beside it")
	}
	if u := attrs.Unstable; u != nil && attrs.Since != nil {
		p.errorf(u.Name.Span, "an item is either `@since` a version or `@unstable`")
	}
	return attrs
}

func (p *parser) attribute(attrs *Attributes) {
	a := &Attribute{Name: p.name()}
	var place **Attribute
	switch a.Name.Text {
	case "since":
		place = &attrs.Since
		p.argument(a, "version")
	case "deprecated":
		place = &attrs.Deprecated
		p.argument(a, "version")
	case "unstable":
		place = &attrs.Unstable
		p.argument(a, "feature")
	case "external-id":
		place = &attrs.ExternalID
		p.externalID(a)
	default:
		if !p.failed {
			p.fail(a.Name.Span, "unknown attribute "+quote("@"+a.Name.Text)+Suggest(a.Name.Text, attributeNames))
		}
		return
	}
	if p.failed {
		return
	}
	if *place != nil {
		p.errorf(a.Name.Span, "`@"+a.Name.Text+"` stands here twice")
		return
	}
	*place = a
}

// argument parses `(version = 1.0.0)` or `(feature = name)`.
func (p *parser) argument(a *Attribute, field string) {
	p.expect(kindLeftParen)
	if p.at(kindName) && p.span().Text() != field {
		p.fail(p.span(), "expected `"+field+"`, found `"+p.span().Text()+"`")
	}
	if !p.at(kindName) {
		p.unexpected("`" + field + "`")
	}
	p.eat(kindName)
	p.expect(kindEquals)
	a.Span = p.span()
	if field == "version" {
		a.Value = p.version()
	} else {
		a.Value = p.name().Text
	}
	p.expect(kindRightParen)
}

// externalID parses `("…")`.
func (p *parser) externalID(a *Attribute) {
	p.expect(kindLeftParen)
	a.Span = p.expect(kindString)
	p.expect(kindRightParen)
	if p.failed {
		return
	}
	value, at, problem := unquote(a.Span.Text())
	if problem != "" {
		span := a.Span
		span.Start += int32(at)
		span.End = max(span.Start+1, min(span.End, span.Start+2))
		p.errorf(span, problem)
	}
	a.Value = value
}
