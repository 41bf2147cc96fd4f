package wit

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/witgen/witgen/wit/internal/syntax"
)

// Error is something wrong in a WIT file.
type Error struct {
	Pos Pos
	Msg string

	// Line is the line of source that Pos is in; empty if it is longer than
	// 500 bytes. Len is the number of bytes on it, from Pos on, that the
	// error is about.
	Line string
	Len  int

	// Note says what NotePos has to do with the error, such as "first
	// declared here". Both are empty for most errors.
	Note    string
	NotePos Pos

	rank   int // of the file
	offset int32
}

const (
	maxQuoted = 500 // length of the longest line that errors quote
	maxErrors = 200 // that are reported at once
)

// Error returns "file:line:col: message", followed by lines that quote the
// source with a caret under the place, and the note if there is one.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Pos.String() + ": " + e.Msg)
	if e.Line != "" {
		number := strconv.Itoa(e.Pos.Line)
		margin := strings.Repeat(" ", max(5, len(number)+1))
		b.WriteString("\n" + margin[len(number):] + number + " | " + e.Line)
		b.WriteString("\n" + margin + " | " + e.caret())
	}
	if e.Note != "" {
		b.WriteString("\n" + e.NotePos.String() + ": " + e.Note)
	}
	return b.String()
}

// caret returns the text that marks the place on the line below it. Tabs stay
// tabs, so that both lines look alike.
func (e *Error) caret() string {
	var b strings.Builder
	start := min(max(e.Pos.Col-1, 0), len(e.Line))
	for _, r := range e.Line[:start] {
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	end := min(start+max(e.Len, 1), len(e.Line))
	b.WriteByte('^')
	if n := utf8.RuneCountInString(e.Line[start:end]); n > 1 {
		b.WriteString(strings.Repeat("-", n-1))
	}
	return b.String()
}

// Errors are all the errors that were found, in the order of the files and of
// their text. It has at least one.
type Errors []*Error

// Error returns all errors, each beginning on a line of its own.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors one by one.
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// diagnostics collects errors.
type diagnostics struct {
	list  Errors
	ranks map[*syntax.Source]int // order of the files
}

// file puts a file behind those there are.
func (d *diagnostics) file(src *syntax.Source) {
	if d.ranks == nil {
		d.ranks = make(map[*syntax.Source]int)
	}
	d.ranks[src] = len(d.ranks)
}

// add reports an error.
func (d *diagnostics) add(span syntax.Span, msg string) *Error {
	e := &Error{Pos: position(span), Msg: msg, rank: d.ranks[span.Source], offset: span.Start}
	if line := span.Source.Line(e.Pos.Line); len(line) <= maxQuoted {
		e.Line = line
		e.Len = max(1, min(int(span.End-span.Start), len(line)-e.Pos.Col+1))
	}
	d.list = append(d.list, e)
	return e
}

// note adds a second place to an error.
func (e *Error) note(pos Pos, text string) {
	e.NotePos, e.Note = pos, text
}

// err returns the errors in order, each once, or nil. Of very many the first
// ones are enough.
func (d *diagnostics) err() error {
	if len(d.list) == 0 {
		return nil
	}
	slices.SortStableFunc(d.list, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.offset, b.offset))
	})
	errs := slices.CompactFunc(d.list, func(a, b *Error) bool { return a.Pos == b.Pos && a.Msg == b.Msg })
	if more := len(errs) - maxErrors; more > 0 {
		errs = errs[:maxErrors:maxErrors]
		last := *errs[maxErrors-1]
		last.Msg += "; and " + strconv.Itoa(more) + " more errors"
		errs[maxErrors-1] = &last
	}
	return errs
}

// position returns where a span begins.
func position(span syntax.Span) Pos {
	if span.Source == nil {
		return Pos{}
	}
	line, col := span.Source.Position(span.Start)
	return Pos{File: span.Source.Name, Line: line, Col: col}
}
