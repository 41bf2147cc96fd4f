package syntax

import "strings"

// maxDepth bounds how deep types and packages nest.
const maxDepth = 100

// Parse reads a file. The tree holds what could be made out; it is complete
// if there are no errors. Errors are in the order of the text.
func Parse(src *Source) (*File, []Error) {
	if len(src.Text) > maxSource {
		return &File{Source: src}, []Error{{Span{Source: src}, "the file is larger than 2 GiB"}}
	}
	if errs := checkText(src); len(errs) > 0 {
		return &File{Source: src}, errs
	}
	l := lexer{src: src}
	l.run()
	p := parser{src: src, tokens: l.tokens, comments: l.comments, errs: l.errs}
	f := p.file()
	sortErrors(p.errs)
	return f, p.errs
}

// parser builds a tree from tokens.
//
// A parse function that meets what it does not expect reports it and sets
// failed. From then on every look at the current token finds nothing, so that
// all that is under way ends without a word of its own, up to the loop over
// the items of a block, which resumes behind the failed item.
type parser struct {
	src      *Source
	tokens   []token
	next     int // index of the current token
	comments []Comment
	errs     []Error
	failed   bool
	braces   int // open braces before the current token
	depth    int // of types or packages under way
}

func (p *parser) token() token { return p.tokens[p.next] }

// peek returns the kind of the n-th token after the current one.
func (p *parser) peek(n int) kind {
	return p.tokens[min(p.next+n, len(p.tokens)-1)].kind
}

func (p *parser) span() Span {
	t := p.token()
	return Span{p.src, t.start, t.end}
}

// kind returns the kind of the current token, kindBad after a failure.
func (p *parser) kind() kind {
	if p.failed {
		return kindBad
	}
	return p.token().kind
}

func (p *parser) at(k kind) bool { return p.kind() == k }

// advance goes on to the next token, and returns the place of this one.
func (p *parser) advance() Span {
	span := p.span()
	switch p.token().kind {
	case kindLeftBrace:
		p.braces++
	case kindRightBrace:
		p.braces--
	case kindEOF:
		return span
	}
	p.next++
	return span
}

// eat goes past the current token if it is of that kind.
func (p *parser) eat(k kind) bool {
	if !p.at(k) {
		return false
	}
	p.advance()
	return true
}

// expect goes past a token of that kind.
func (p *parser) expect(k kind) Span {
	if !p.at(k) {
		p.unexpected(k.String())
		return p.span()
	}
	return p.advance()
}

// errorf reports an error that parsing can go on from. A second one at the
// same place follows from the first.
func (p *parser) errorf(span Span, msg string) {
	n := len(p.errs)
	if n > 0 && p.errs[n-1].Span.Start == span.Start {
		return
	}
	if n < maxErrors {
		p.errs = append(p.errs, Error{span, msg})
	}
}

// fail reports an error that ends the item under way.
func (p *parser) fail(span Span, msg string) {
	if !p.failed {
		p.errorf(span, msg)
	}
	p.failed = true
}

// unexpected fails at the current token.
func (p *parser) unexpected(want string) {
	if p.token().kind == kindBad { // which the lexer has reported
		p.failed = true
		return
	}
	p.fail(p.span(), "expected "+want+", found "+p.found())
}

// found describes the current token.
func (p *parser) found() string {
	switch k := p.token().kind; {
	case k == kindEOF:
		return k.String()
	case k.keyword():
		return "keyword " + k.String()
	}
	text := p.span().Text()
	if len(text) > 40 {
		return p.token().kind.String()
	}
	return "`" + text + "`"
}

// semicolon expects a semicolon. One that is missing at the end of a line is
// reported and taken as read.
func (p *parser) semicolon() {
	if p.failed || p.eat(kindSemicolon) {
		return
	}
	t := p.token()
	end := p.tokens[max(p.next-1, 0)].end
	if t.kind != kindBad && (t.kind == kindRightBrace || strings.Contains(p.src.Text[end:t.start], "\n")) {
		p.errorf(p.span(), "expected `;`, found "+p.found())
		return
	}
	p.unexpected(kindSemicolon.String())
}

// docs returns the comments before the current token.
func (p *parser) docs() Comments {
	from := int32(0)
	if p.next > 0 {
		from = p.tokens[p.next-1].comments
	}
	return p.comments[from:p.token().comments:p.token().comments]
}

// block parses items in braces. After a failed item it resumes behind it.
func (p *parser) block(item func()) {
	p.expect(kindLeftBrace)
	for !p.failed && !p.at(kindRightBrace) && !p.at(kindEOF) {
		p.item(item)
	}
	p.expect(kindRightBrace)
}

// item parses one item. If that fails it goes to where the next may begin:
// past the next semicolon or the end of the item's own braces, or to the brace
// that closes what the item is in.
func (p *parser) item(parse func()) {
	start, outer := p.next, p.braces
	parse()
	if !p.failed {
		return
	}
	p.failed = false
	for !p.at(kindEOF) {
		k := p.token().kind
		if k == kindRightBrace && p.braces == outer && outer > 0 {
			return
		}
		p.advance()
		p.braces = max(p.braces, 0)
		ended := k == kindSemicolon || k == kindRightBrace
		if ended && p.braces <= outer && p.next > start {
			return
		}
	}
}

// list parses items that commas separate, with one after the last or not, and
// the token that ends the list.
func (p *parser) list(closing kind, item func()) Span {
	for !p.failed && !p.at(closing) {
		item()
		if !p.eat(kindComma) {
			break
		}
	}
	if !p.at(closing) {
		p.unexpected("`,` or " + closing.String())
		return p.span()
	}
	return p.advance()
}
