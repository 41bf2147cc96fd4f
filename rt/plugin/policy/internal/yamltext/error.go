package yamltext

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error is something wrong in a file.
type Error struct {
	File string // as it was given to Read; empty for what was not read
	Line int    // from 1
	Col  int    // from 1, in bytes; 0 for what is no YAML
	Text string // the line, without its end

	Message string
}

// maxShown is how many bytes of a line are shown.
const maxShown = 160

// Error returns "file:line:col: message", with the line and a caret below it.
func (e *Error) Error() string {
	if e.File == "" {
		return e.Message
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:", e.File, e.Line)
	if e.Col > 0 {
		fmt.Fprintf(&b, "%d:", e.Col)
	}
	b.WriteString(" " + e.Message)
	if e.Col == 0 || e.Col > maxShown || e.Col > len(e.Text)+1 || !utf8.ValidString(e.Text) {
		return b.String()
	}
	shown := e.Text
	for len(shown) > maxShown {
		_, size := utf8.DecodeLastRuneInString(shown)
		shown = shown[:len(shown)-size]
	}
	if len(shown) < e.Col-1 {
		return b.String()
	}
	b.WriteString("\n    " + printable(shown) + "\n    ")
	for range utf8.RuneCountInString(shown[:e.Col-1]) {
		b.WriteByte(' ')
	}
	b.WriteByte('^')
	return b.String()
}

// printable puts a space for each tab, so that a caret below is in its place,
// and a mark for what does strange things to a terminal.
func printable(line string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\t':
			return ' '
		case !isText(c):
			return utf8.RuneError
		}
		return c
	}, line)
}

// Errors is all that is wrong in a file, in its order.
type Errors []*Error

// Error returns the errors, one below the other.
func (l Errors) Error() string {
	all := make([]string, len(l))
	for i, e := range l {
		all[i] = e.Error()
	}
	return strings.Join(all, "\n")
}
