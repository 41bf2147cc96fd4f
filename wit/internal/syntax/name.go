package syntax

import "strings"

// name expects an identifier.
func (p *parser) name() Name {
	if p.at(kindName) {
		return p.identifier()
	}
	if k := p.kind(); k.keyword() && k != kindUnderscore {
		p.fail(p.span(), "expected a name, found keyword "+k.String()+"; write `%"+spellings[k]+"` to use it as a name")
		return Name{}
	}
	p.unexpected("a name")
	return Name{}
}

// identifier takes the current token, a kindName. A malformed one is
// reported, and stands for itself.
func (p *parser) identifier() Name {
	span := p.advance()
	text := strings.TrimPrefix(span.Text(), "%")
	if problem := CheckName(text); problem != "" {
		p.errorf(span, quote(text)+" is no name: "+problem)
	}
	return Name{text, span}
}

// maxName bounds names, as tools bound those in components.
const maxName = 100_000

// CheckName says what is wrong with an identifier: segments joined by -, each
// all lower or all upper case, with digits, the first beginning with a letter.
func CheckName(text string) string {
	if len(text) > maxName {
		return "it is longer than 100000 bytes"
	}
	if strings.Contains(text, "_") {
		return "words are joined by `-`, as in `" + strings.Trim(strings.ReplaceAll(text, "_", "-"), "-") + "`"
	}
	for i, segment := range strings.Split(text, "-") {
		lower, upper := false, false
		if segment == "" {
			return "a word is missing beside `-`"
		}
		for _, r := range segment {
			switch {
			case r >= 'a' && r <= 'z':
				lower = true
			case r >= 'A' && r <= 'Z':
				upper = true
			case r < '0' || r > '9':
				return "only ASCII letters, digits and `-` are allowed"
			}
		}
		if lower && upper {
			return "a word is all lower case or all upper case, as in `" + kebab(text) + "`"
		}
		if i == 0 && digit(segment[0]) {
			return "it begins with a digit"
		}
	}
	return ""
}

// kebab rewrites camel case: getURL and getUrl become get-url.
func kebab(text string) string {
	var b strings.Builder
	for i, c := range []byte(text) {
		upper := c >= 'A' && c <= 'Z'
		if upper && i > 0 && text[i-1] != '-' {
			before := text[i-1]
			startsWord := i+1 < len(text) && text[i+1] >= 'a' && text[i+1] <= 'z'
			if before < 'A' || before > 'Z' || startsWord {
				b.WriteByte('-')
			}
		}
		if upper {
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return b.String()
}

// PackageName names a package, as in ns:name@1.0.0.
type PackageName struct {
	Namespace Name
	Name      Name
	Version   string // empty when there is none
	Span      Span   // of namespace and name
}

// packageName parses `ns:name` and an optional `@version`.
func (p *parser) packageName() PackageName {
	var n PackageName
	n.Namespace = p.name()
	p.expect(kindColon)
	n.Name = p.name()
	if p.at(kindColon) || p.at(kindSlash) {
		p.fail(p.span(), "a package has one namespace and one name, as in `ns:name`")
	}
	n.Span = n.Namespace.Span.to(n.Name.Span)
	n.Version = p.atVersion()
	return n
}

// atVersion parses an optional `@version`.
func (p *parser) atVersion() string {
	if !p.eat(kindAt) {
		return ""
	}
	return p.version()
}

// version parses a version.
func (p *parser) version() string {
	if !p.at(kindVersion) && !p.at(kindInteger) {
		p.unexpected("a version such as `1.0.0`")
		return ""
	}
	span := p.advance()
	if !ValidVersion(span.Text()) {
		p.errorf(span, quote(span.Text())+" is no version of the form `1.0.0`, with an optional pre-release and build")
	}
	return span.Text()
}

// ValidVersion reports whether the text is a version as SemVer 2 has them.
func ValidVersion(text string) bool {
	text, build, hasBuild := strings.Cut(text, "+")
	core, pre, hasPre := strings.Cut(text, "-")
	numbers := strings.Split(core, ".")
	if len(numbers) != 3 {
		return false
	}
	for _, n := range numbers {
		if !validNumber(n) || len(n) > 19 {
			return false
		}
	}
	return (!hasPre || validIdentifiers(pre, true)) && (!hasBuild || validIdentifiers(build, false))
}

// validNumber reports whether s is digits without a needless zero.
func validNumber(s string) bool {
	for _, c := range []byte(s) {
		if !digit(c) {
			return false
		}
	}
	return s == "0" || s != "" && s[0] != '0'
}

func validIdentifiers(s string, numbers bool) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" {
			return false
		}
		numeric := true
		for _, c := range []byte(part) {
			if !versionByte(c) {
				return false
			}
			numeric = numeric && digit(c)
		}
		if numbers && numeric && !validNumber(part) {
			return false
		}
	}
	return true
}

// Path names an interface or a world: by its name alone, or with its package.
type Path struct {
	Package *PackageName // nil for a bare name
	Name    Name
}

// path parses `n` or `ns:pkg/n@version`.
func (p *parser) path() Path {
	first := p.name()
	if !p.at(kindColon) {
		return Path{Name: first}
	}
	p.advance()
	n := &PackageName{Namespace: first, Name: p.name()}
	n.Span = first.Span.to(n.Name.Span)
	if p.at(kindColon) {
		p.fail(p.span(), "a package has one namespace and one name, as in `ns:name`")
	}
	p.expect(kindSlash)
	path := Path{Package: n, Name: p.name()}
	if p.at(kindSlash) {
		p.fail(p.span(), "a package holds no packages: expected `@` or the end of the path")
	}
	n.Version = p.atVersion()
	return path
}
