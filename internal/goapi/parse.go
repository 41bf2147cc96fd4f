package goapi

import (
	"regexp"
	"strings"
)

// surface is the API that lines tell of.
type surface map[string]*pkg // by path

// pkg is a package of a surface.
type pkg struct {
	path  string
	decls map[string]*decl
	lines map[string]bool // without the package
}

// decl is an exported declaration.
type decl struct {
	pkg        *pkg
	name, kind string // kind is "func", "var", "const" or "type"
	// text is what follows the name: "struct" or "interface", or "= TYPE", or
	// a type, or the types of a function.
	text string
	// members are fields, methods of an interface, and methods, by
	// "field F", "method M" and "func M".
	members            map[string]string
	sealed, comparable bool
}

// path returns the name of the declaration with its package.
func (d *decl) path() string { return d.pkg.path + "." + d.name }

// alias returns the type that the declaration is another name of; "" if it is
// none.
func (d *decl) alias() string {
	of, ok := strings.CutPrefix(d.text, "= ")
	if d.kind != "type" || !ok {
		return ""
	}
	return of
}

// parse reads lines, passing over those that are none of Of's.
func parse(lines []string) surface {
	s := make(surface)
	for _, line := range lines {
		rest, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "pkg ")
		if !ok {
			continue
		}
		path, rest, ok := strings.Cut(rest, ", ")
		if !ok {
			continue
		}
		p := s[path]
		if p == nil {
			p = &pkg{path: path, decls: make(map[string]*decl), lines: make(map[string]bool)}
			s[path] = p
		}
		p.lines[rest] = true
		p.add(rest)
	}
	return s
}

// decl returns the declaration of a name, which may not have been read yet.
func (p *pkg) decl(kind, name string) *decl {
	d := p.decls[name]
	if d == nil {
		d = &decl{pkg: p, name: name, members: make(map[string]string)}
		p.decls[name] = d
	}
	d.kind = kind
	return d
}

// add reads a line of the package.
func (p *pkg) add(line string) {
	kind, rest, _ := strings.Cut(line, " ")
	switch kind {
	case "func":
		name, text := cutName(rest)
		p.decl("func", name).text = text
	case "var", "const":
		name, text, _ := strings.Cut(rest, " ")
		p.decl(kind, name).text = text
	case "method":
		recv, rest, _ := strings.Cut(strings.TrimPrefix(rest, "("), ") ")
		name, text := cutName(rest)
		if bare, ok := strings.CutPrefix(recv, "*"); ok {
			recv, text = bare, text+" by pointer"
		}
		p.decl("type", recv).members["func "+name] = text
	case "type":
		p.addType(rest)
	}
}

// addType reads a line of a type.
func (p *pkg) addType(line string) {
	if name, ok := strings.CutSuffix(line, ", comparable"); ok {
		p.decl("type", name).comparable = true
		return
	}
	name, text, _ := strings.Cut(line, " ")
	d := p.decl("type", name)
	if rest, ok := strings.CutPrefix(text, "struct, "); ok {
		field, of, _ := strings.Cut(rest, " ")
		d.members["field "+field] = of
		return
	}
	if rest, ok := strings.CutPrefix(text, "interface, method "); ok {
		method, of := cutName(rest)
		d.members["method "+method] = of
		return
	}
	if text == "interface, unexported methods" {
		d.sealed = true
		return
	}
	d.text = text
}

// cutName cuts a function's name from its types.
func cutName(text string) (name, rest string) {
	i := strings.IndexByte(text, '(')
	if i < 0 {
		return text, ""
	}
	return text[:i], text[i:]
}

// typeName matches names of types in texts, and what their package goes by.
var typeName = regexp.MustCompile(`(?:[\w.~/-]+\.)?\p{Lu}\w*`)

// qualified returns a text with the package of each name in it. Of names that
// mean something else, rename tells what.
func (p *pkg) qualified(text string, rename func(name string) string) string {
	return typeName.ReplaceAllStringFunc(text, func(name string) string {
		if !strings.Contains(name, ".") {
			name = p.path + "." + name
		}
		return rename(name)
	})
}

// resolved returns a text with each alias in it replaced by what that stands
// for.
func (s surface) resolved(p *pkg, text string) string { return s.resolve(p, text, 0) }

func (s surface) resolve(p *pkg, text string, depth int) string {
	return p.qualified(text, func(name string) string {
		d := s.find(name)
		if d == nil || d.alias() == "" || depth > 100 {
			return name
		}
		return s.resolve(d.pkg, d.alias(), depth+1)
	})
}

// find returns the declaration of a name with its package; nil if there is none.
func (s surface) find(name string) *decl {
	i := strings.LastIndexByte(name, '.')
	if i < 0 || s[name[:i]] == nil {
		return nil
	}
	return s[name[:i]].decls[name[i+1:]]
}
