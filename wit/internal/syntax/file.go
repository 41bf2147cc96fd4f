package syntax

import "slices"

// File is the tree of a file.
type File struct {
	Source *Source
	Header *Package // its Decls are nil; nil itself when there is no header
	Decls
	Packages []*Package // nested packages
}

// Package is the header of a package, or a nested package with what is in it.
type Package struct {
	Comments Comments
	Name     PackageName
	Decls
}

// Decls are the declarations of a file or of a nested package.
type Decls struct {
	Uses  []*TopUse
	Items []Item
	// Packages that a nested package holds, which is not allowed.
	Nested []*Package
}

// Item is an [*Interface] or a [*World].
type Item interface{ item() }

func (*Interface) item() {}
func (*World) item()     {}

// TopUse is a use outside of interfaces and worlds: use path as name.
type TopUse struct {
	Path Path
	Name Name // the path's own when it has no alias
}

func (p *parser) file() *File {
	f := &File{Source: p.src}
	first := true
	for !p.at(kindEOF) {
		p.item(func() {
			if p.at(kindPackage) {
				p.packageItem(f, first)
			} else {
				p.declaration(&f.Decls)
			}
		})
		first = false
	}
	return f
}

// packageItem parses the header of the file or a nested package.
func (p *parser) packageItem(f *File, first bool) {
	pkg := &Package{Comments: p.docs()}
	p.advance()
	pkg.Name = p.packageName()
	if first && !p.at(kindLeftBrace) {
		p.semicolon()
		f.Header = pkg
		return
	}
	p.packageBody(pkg)
	f.Packages = append(f.Packages, pkg)
}

// packageBody parses what is between the braces of a nested package.
func (p *parser) packageBody(pkg *Package) {
	p.depth++
	defer func() { p.depth-- }()
	p.block(func() {
		if !p.at(kindPackage) {
			p.declaration(&pkg.Decls)
			return
		}
		if p.depth >= maxDepth {
			p.fail(p.span(), "packages nest too deep")
			return
		}
		inner := &Package{Comments: p.docs()}
		p.advance()
		inner.Name = p.packageName()
		pkg.Nested = append(pkg.Nested, inner)
		p.packageBody(inner)
	})
}

// declaration parses a top-level use, an interface or a world.
func (p *parser) declaration(d *Decls) {
	comments := p.docs()
	at := p.span()
	attrs := p.attributes()
	switch p.kind() {
	case kindInterface:
		p.advance()
		i := &Interface{Comments: comments, Attributes: attrs, Name: p.name()}
		i.Items = p.interfaceBody()
		d.Items = append(d.Items, i)
	case kindWorld:
		p.advance()
		w := &World{Comments: comments, Attributes: attrs, Name: p.name()}
		w.Items = p.worldBody()
		d.Items = append(d.Items, w)
	case kindUse:
		if !attrs.none() {
			p.fail(at, "no attributes are allowed before `use` here")
			return
		}
		d.Uses = append(d.Uses, p.topUse())
	case kindPackage: // after attributes, or the caller had seen it
		p.fail(at, "no attributes are allowed before `package`")
	default:
		p.unexpected("`interface`, `world`, `use` or `package`")
	}
}

// topUse parses `use path;` or `use path as name;`.
func (p *parser) topUse() *TopUse {
	p.expect(kindUse)
	u := &TopUse{Path: p.path()}
	u.Name = u.Path.Name
	if p.eat(kindAs) {
		u.Name = p.name()
	}
	p.semicolon()
	return u
}

func sortErrors(errs []Error) {
	slices.SortStableFunc(errs, func(a, b Error) int { return int(a.Span.Start) - int(b.Span.Start) })
}
