package wave

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// char returns the character of a kindChar.
func (l *lexer) char(tok token) (rune, error) {
	from, to := tok.from+1, tok.to-1
	if from == to {
		return 0, errorAt(l.text, tok.from, `a char is one character, and ' is written '\''`)
	}
	r, n := utf8.DecodeRuneInString(l.text[from:to])
	if r == '\\' {
		var err error
		if r, n, err = l.escape(from, to); err != nil {
			return 0, err
		}
	}
	if from+n != to {
		return 0, errorAt(l.text, tok.from, "a char is one character, found %s", clip(l.text[tok.from:tok.to], maxExcerpt))
	}
	return r, nil
}

// string returns the characters of a kindString.
func (l *lexer) string(tok token) (string, error) {
	b, err := l.unescape(nil, tok.from+1, tok.to-1)
	return string(b), err
}

// multilineString returns the characters of a kindMultiline: those of the lines
// between that of the opening quotes and that of the closing ones, without the
// spaces that stand before the latter.
func (l *lexer) multilineString(tok token) (string, error) {
	from, to := tok.from+3, tok.to-3
	switch text := l.text[from:to]; {
	case strings.HasPrefix(text, "\n"):
		from++
	case strings.HasPrefix(text, "\r\n"):
		from += 2
	default:
		return "", errorAt(l.text, from, `expected the end of the line after the opening """`)
	}
	end := from + strings.LastIndexByte(l.text[from:to], '\n')
	last := max(end+1, from)
	indent := l.text[last:to]
	if strings.Trim(indent, " ") != "" {
		return "", errorAt(l.text, to, `expected only spaces before the closing """`)
	}
	if last == from { // no lines
		return "", nil
	}
	var b []byte
	for at := from; ; {
		line, _, more := strings.Cut(l.text[at:end], "\n")
		next := at + len(line) + 1
		if !strings.HasPrefix(line, indent) {
			return "", errorAt(l.text, at, `expected %d spaces, as there are before the closing """`, len(indent))
		}
		line = strings.TrimSuffix(line[len(indent):], "\r")
		var err error
		if b, err = l.unescape(b, at+len(indent), at+len(indent)+len(line)); err != nil {
			return "", err
		}
		if !more {
			return string(b), nil
		}
		b = append(b, '\n')
		at = next
	}
}

// unescape appends what text[from:to] stands for.
func (l *lexer) unescape(b []byte, from, to int) ([]byte, error) {
	for from < to {
		n := strings.IndexByte(l.text[from:to], '\\')
		if n < 0 {
			n = to - from
		}
		b = append(b, l.text[from:from+n]...)
		if from += n; from == to {
			break
		}
		r, n, err := l.escape(from, to)
		if err != nil {
			return nil, err
		}
		b = utf8.AppendRune(b, r)
		from += n
	}
	return b, nil
}

// escape returns the character that the escape at text[from:to] stands for and
// the length of the escape.
func (l *lexer) escape(from, to int) (rune, int, error) {
	text := l.text[from:to]
	if len(text) > 1 {
		switch c := text[1]; c {
		case '\\', '\'', '"':
			return rune(c), 2, nil
		case 't':
			return '\t', 2, nil
		case 'n':
			return '\n', 2, nil
		case 'r':
			return '\r', 2, nil
		case 'u':
			return l.unicodeEscape(from, to)
		}
	}
	return 0, 0, errorAt(l.text, from, `no escape: those are \\ \' \" \t \n \r \u{…}`)
}

// maxHex is the number of digits of the longest escape.
const maxHex = len("10ffff")

func (l *lexer) unicodeEscape(from, to int) (rune, int, error) {
	text := l.text[from:min(to, from+len(`\u{}`)+maxHex)]
	hex, _, closed := strings.Cut(strings.TrimPrefix(text, `\u{`), "}")
	n, err := strconv.ParseUint(hex, 16, 32)
	if !strings.HasPrefix(text, `\u{`) || !closed || err != nil {
		return 0, 0, errorAt(l.text, from, `expected \u{…} with 1 to %d hexadecimal digits`, maxHex)
	}
	if !utf8.ValidRune(rune(n)) {
		return 0, 0, errorAt(l.text, from, `\u{%s} is no character`, hex)
	}
	return rune(n), len(`\u{}`) + len(hex), nil
}
