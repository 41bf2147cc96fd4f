package findings

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxQuoted is the length of the longest line that is quoted.
const maxQuoted = 500

// text prints "file:line:col: severity RULE [TAG]: message" for each finding,
// and below it what to do and what else it is about. The first one has its line
// of source.
func (r *Report) text() []byte {
	var b bytes.Buffer
	quoted := false
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s: %s %s", f.Place, f.Severity, f.Rule)
		if f.Tag != "" {
			fmt.Fprintf(&b, " [%s]", f.Tag)
		}
		fmt.Fprintf(&b, ": %s\n", oneLine(f.Message))
		if !quoted {
			quoted = r.quote(&b, f.Place)
		}
		for _, x := range f.Related {
			fmt.Fprintf(&b, "    %s: %s", x.Label, x.Place)
			if x.Text != "" {
				fmt.Fprintf(&b, ": %s", oneLine(x.Text))
			}
			b.WriteByte('\n')
		}
		if f.Fix != "" {
			fmt.Fprintf(&b, "    fix: %s\n", oneLine(f.Fix))
		}
	}
	return b.Bytes()
}

// oneLine returns text without what would end the line.
func oneLine(s string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(s) }

// quote prints the line of source of a place, and a caret under the place.
func (r *Report) quote(b *bytes.Buffer, p Place) bool {
	line, ok := r.line(p)
	if !ok || len(line) > maxQuoted {
		return false
	}
	number := strconv.Itoa(p.Line)
	margin := strings.Repeat(" ", max(5, len(number)+1))
	under := []byte(line[:p.Col-1])
	var blank strings.Builder
	for len(under) > 0 {
		c, size := utf8.DecodeRune(under)
		if c != '\t' {
			c = ' '
		}
		blank.WriteRune(c)
		under = under[size:]
	}
	fmt.Fprintf(b, "%s%s | %s\n%s | %s^\n", margin[len(number):], number, line, margin, &blank)
	return true
}

// line returns the line of source that a place is in, if it can be had.
func (r *Report) line(p Place) (string, bool) {
	if r.Line == nil || p.File == "" || p.Line < 1 || p.Col < 1 {
		return "", false
	}
	line, ok := r.Line(p.File, p.Line)
	return line, ok && p.Col <= len(line)+1
}
