package wave

import (
	"strings"
	"unicode/utf8"
)

// kind is that of a token: one of those below, or the character that the
// token is.
type kind byte

const (
	kindEnd kind = iota
	kindBad
	kindNumber // -inf too
	kindLabel  // a keyword too
	kindChar
	kindString
	kindMultiline
)

// token is a part of the text.
type token struct {
	kind     kind
	from, to int
}

// lexer turns a text into tokens.
type lexer struct {
	text string
	pos  int
	tok  token
	err  error // why tok is a kindBad
}

// next goes on to the next token.
func (l *lexer) next() {
	l.space()
	from := l.pos
	k := l.token()
	l.tok = token{k, from, l.pos}
}

// space skips white space and comments.
func (l *lexer) space() {
	for l.pos < len(l.text) {
		switch c := l.text[l.pos]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			l.pos++
		case strings.HasPrefix(l.text[l.pos:], "//"):
			n := strings.IndexByte(l.text[l.pos:], '\n')
			if n < 0 {
				n = len(l.text) - l.pos
			}
			l.pos += n
		default:
			return
		}
	}
}

func (l *lexer) token() kind {
	if l.pos == len(l.text) {
		return kindEnd
	}
	switch c := l.text[l.pos]; {
	case strings.IndexByte("{}()[]:,", c) >= 0:
		l.pos++
		return kind(c)
	case c == '"':
		if strings.HasPrefix(l.text[l.pos:], `"""`) {
			return l.multiline()
		}
		return l.quoted(c, kindString, "string")
	case c == '\'':
		return l.quoted(c, kindChar, "char")
	case c == '-' || isDigit(c):
		return l.number()
	case c == '%' || isLetter(c):
		return l.label()
	}
	r, _ := utf8.DecodeRuneInString(l.text[l.pos:])
	return l.bad(l.pos, "unexpected character %q", r)
}

func (l *lexer) bad(offset int, format string, args ...any) kind {
	l.err = errorAt(l.text, offset, format, args...)
	return kindBad
}

// quoted reads what is between two quotes on one line.
func (l *lexer) quoted(quote byte, k kind, what string) kind {
	from := l.pos
	for i := from + 1; i < len(l.text) && l.text[i] != '\n'; i++ {
		switch l.text[i] {
		case quote:
			l.pos = i + 1
			return k
		case '\\':
			if i+1 < len(l.text) && l.text[i+1] != '\n' {
				i++
			}
		}
	}
	return l.bad(from, "%s without a closing %c on its line", what, quote)
}

// multiline reads to the next three quotes, which no escape hides.
func (l *lexer) multiline() kind {
	n := strings.Index(l.text[l.pos+3:], `"""`)
	if n < 0 {
		return l.bad(l.pos, `string without a closing """`)
	}
	l.pos += 3 + n + 3
	return kindMultiline
}

// number reads all that might be meant as a number.
func (l *lexer) number() kind {
	from := l.pos
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		if !isDigit(c) && !isLetter(c) && strings.IndexByte("+-._", c) < 0 {
			break
		}
		l.pos++
	}
	if s := l.text[from:l.pos]; !isNumber(s) && s != "-inf" {
		return l.bad(from, "%s is no number", clip(s, maxExcerpt))
	}
	return kindNumber
}

// isNumber reports whether s is a number as JSON has them, but that its
// exponent may begin with zeros.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, s := digits(s)
	if whole == "" || whole[0] == '0' && whole != "0" {
		return false
	}
	if rest, ok := strings.CutPrefix(s, "."); ok {
		var fraction string
		if fraction, s = digits(rest); fraction == "" {
			return false
		}
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	s = s[1:]
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	exponent, rest := digits(s)
	return exponent != "" && rest == ""
}

// digits splits s after the digits it begins with.
func digits(s string) (number, rest string) {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return s[:n], s[n:]
}

func (l *lexer) label() kind {
	from := l.pos
	if l.text[l.pos] == '%' {
		l.pos++
		if l.pos == len(l.text) || !isLetter(l.text[l.pos]) {
			return l.bad(from, "expected a label after %%")
		}
	}
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		if !isDigit(c) && !isLetter(c) && c != '-' && c != '_' {
			break
		}
		l.pos++
	}
	return kindLabel
}
