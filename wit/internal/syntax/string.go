package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// string reads a string literal. A string does not go beyond its line.
func (l *lexer) string() kind {
	start := l.pos
	l.pos++
	for l.pos < len(l.text) {
		switch l.text[l.pos] {
		case '"':
			l.pos++
			return kindString
		case '\n', '\r':
			l.errorf(start, l.pos, "unterminated string")
			return kindBad
		case '\\':
			l.pos += min(2, len(l.text)-l.pos)
		default:
			l.pos++
		}
	}
	l.errorf(start, l.pos, "unterminated string")
	return kindBad
}

// unquote returns what a literal, with its quotes, stands for, or the offset
// in it of an escape that is wrong and why. The escapes are those of names in
// the core text format.
func unquote(literal string) (value string, at int, problem string) {
	var b strings.Builder
	end := len(literal) - 1
	for i := 1; i < end; {
		if literal[i] != '\\' {
			b.WriteByte(literal[i])
			i++
			continue
		}
		n, msg := unescape(&b, literal[i+1:end])
		if msg != "" {
			return "", i, msg
		}
		i += 1 + n
	}
	if !utf8.ValidString(b.String()) {
		return "", 0, "the string is not UTF-8"
	}
	return b.String(), 0, ""
}

// unescape writes what an escape stands for, given what follows its
// backslash, and returns the length of that.
func unescape(b *strings.Builder, s string) (n int, problem string) {
	if s == "" {
		return 0, "unknown escape"
	}
	switch s[0] {
	case 't':
		b.WriteByte('\t')
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case '"', '\'', '\\':
		b.WriteByte(s[0])
	case 'u':
		return unescapeRune(b, s)
	default:
		if len(s) < 2 {
			return 0, "unknown escape"
		}
		v, err := strconv.ParseUint(s[:2], 16, 8)
		if err != nil {
			return 0, "unknown escape"
		}
		b.WriteByte(byte(v))
		return 2, ""
	}
	return 1, ""
}

// unescapeRune reads u{hex}, in which single underscores may part digits.
func unescapeRune(b *strings.Builder, s string) (n int, problem string) {
	end := strings.IndexByte(s, '}')
	if !strings.HasPrefix(s, "u{") || end < 0 {
		return 0, "expected `\\u{` with hexadecimal digits and `}`"
	}
	digits := s[2:end]
	if strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") || strings.Contains(digits, "__") {
		return 0, "misplaced `_`"
	}
	v, err := strconv.ParseUint(strings.ReplaceAll(digits, "_", ""), 16, 32)
	if err != nil || v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
		return 0, "no Unicode scalar value"
	}
	b.WriteRune(rune(v))
	return end + 1, ""
}
