// Package plain makes the text of guests fit for logs.
package plain

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text returns text with all that is not printable but tabs quoted as in Go.
func Text(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !printable(r) }) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if printable(r) && (r != utf8.RuneError || n > 1) {
			b.WriteString(s[:n])
		} else {
			q := strconv.Quote(s[:n])
			b.WriteString(q[1 : len(q)-1])
		}
		s = s[n:]
	}
	return b.String()
}

func printable(r rune) bool { return r == '\t' || strconv.IsPrint(r) }
