package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxErrors bounds the errors that are reported of one file.
const maxErrors = 50

// lexer turns a text into tokens, the last of which is kindEOF.
type lexer struct {
	src      *Source
	text     string
	pos      int
	tokens   []token
	comments []Comment
	errs     []Error
}

// operators holds the kind of each token that is one ASCII character.
var operators = [128]kind{
	'=': kindEquals, ',': kindComma, ':': kindColon, ';': kindSemicolon, '(': kindLeftParen, ')': kindRightParen,
	'{': kindLeftBrace, '}': kindRightBrace, '<': kindLess, '>': kindGreater, '*': kindStar, '/': kindSlash,
	'.': kindPeriod, '-': kindMinus, '+': kindPlus, '@': kindAt,
}

func (l *lexer) run() {
	l.text = l.src.Text
	l.pos = int(l.src.lines[0])
	l.tokens = make([]token, 0, len(l.text)/5+1)
	for {
		l.space()
		start := l.pos
		k := l.token()
		l.tokens = append(l.tokens, token{k, int32(start), int32(l.pos), int32(len(l.comments))})
		if k == kindEOF {
			return
		}
	}
}

func (l *lexer) errorf(start, end int, msg string) {
	if len(l.errs) < maxErrors {
		l.errs = append(l.errs, Error{Span{l.src, int32(start), int32(end)}, msg})
	}
}

// space skips white space and comments.
func (l *lexer) space() {
	for l.pos < len(l.text) {
		switch c := l.text[l.pos]; {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			l.pos++
		case strings.HasPrefix(l.text[l.pos:], "//"):
			l.lineComment()
		case strings.HasPrefix(l.text[l.pos:], "/*"):
			l.blockComment()
		default:
			return
		}
	}
}

func (l *lexer) token() kind {
	if l.pos == len(l.text) {
		return kindEOF
	}
	c := l.text[l.pos]
	switch {
	case c == '"':
		return l.string()
	case c >= '0' && c <= '9':
		return l.number()
	case c == '%':
		return l.escaped()
	case c == '-' && strings.HasPrefix(l.text[l.pos:], "->"):
		l.pos += 2
		return kindArrow
	case c < 128 && operators[c] != 0:
		l.pos++
		return operators[c]
	}
	if word := l.word(); word != "" {
		if k, ok := keywords[word]; ok {
			return k
		}
		return kindName
	}
	return l.bad()
}

// bad skips what begins no token, all of it at once.
func (l *lexer) bad() kind {
	start := l.pos
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		r, n := utf8.DecodeRuneInString(l.text[l.pos:])
		if l.pos > start && (c <= ' ' || c == '"' || c == '%' || c >= '0' && c <= '9' ||
			c < 128 && operators[c] != 0 || wordStart(r)) {
			break
		}
		l.pos += n
	}
	l.errorf(start, l.pos, "unexpected "+quote(l.text[start:l.pos]))
	return kindBad
}

// word reads a run of characters that some language might take for an
// identifier, so that what is wrong with it can be said of it as a whole.
func (l *lexer) word() string {
	start := l.pos
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' ||
			l.pos > start && (c == '-' || c >= '0' && c <= '9') {
			l.pos++
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, n := utf8.DecodeRuneInString(l.text[l.pos:])
		if !wordStart(r) && !(l.pos > start && wordPart(r)) {
			break
		}
		l.pos += n
	}
	return l.text[start:l.pos]
}

func wordStart(r rune) bool {
	return r == '_' || unicode.In(r, unicode.L, unicode.Nl, unicode.Other_ID_Start)
}

func wordPart(r rune) bool {
	return r == '-' || wordStart(r) || unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue)
}

// escaped reads a name after a %.
func (l *lexer) escaped() kind {
	start := l.pos
	l.pos++
	if l.word() == "" {
		l.errorf(start, l.pos, "expected a name after `%`")
		return kindBad
	}
	return kindName
}

// number reads an integer, or a version: a dot ends it unless more of a
// version follows, so that `a:b/c@1.0.0.{t}` is read as it is meant.
func (l *lexer) number() kind {
	for l.pos < len(l.text) && digit(l.text[l.pos]) {
		l.pos++
	}
	rest := l.text[l.pos:]
	if len(rest) < 2 || rest[0] != '.' || !digit(rest[1]) {
		return kindInteger
	}
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		if !versionByte(c) && c != '+' && (c != '.' || l.pos+1 == len(l.text) || !versionByte(l.text[l.pos+1])) {
			break
		}
		l.pos++
	}
	return kindVersion
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func versionByte(c byte) bool {
	return digit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-'
}
