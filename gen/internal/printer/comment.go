package printer

import (
	"strings"
	"unicode"

	"github.com/dave/jennifer/jen"
)

// Comment is a comment, line by line, without markers.
type Comment []string

// width is how far our own comments go, markers included.
const width = 79

// Wrap returns a comment of paragraphs filled to the width of a page.
func Wrap(paragraphs ...string) Comment {
	var c Comment
	for _, p := range paragraphs {
		c = c.And(fill(p))
	}
	return c
}

func fill(text string) Comment {
	var c Comment
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case len("// ")+len(line)+1+len(word) > width:
			c = append(c, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(c, line)
}

// Lines returns a comment of somebody else's text, line for line.
func Lines(text string) Comment {
	text = strings.Trim(text, "\n")
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// Quoted returns a comment that shows code.
func Quoted(code string) Comment { return Comment{"\t" + code} }

// And returns both comments, an empty line between them.
func (c Comment) And(more Comment) Comment {
	switch {
	case len(c) == 0:
		return more
	case len(more) == 0:
		return c
	}
	return append(append(c[:len(c):len(c)], ""), more...)
}

// Then returns the comment with a sentence that begins a line.
func (c Comment) Then(sentence string) Comment { return append(c[:len(c):len(c)], fill(sentence)...) }

// lead puts a comment before a piece of code, which begins the line after it
// without a space: gofmt tells by that what the comment is about, and formats it
// then and there rather than the next time.
func (c Comment) lead(s *jen.Statement) *jen.Statement {
	if len(c) == 0 {
		return s
	}
	lines := make([]jen.Code, 0, len(c)+1)
	for _, line := range c {
		lines = append(lines, jen.Comment(mark(line)))
	}
	return jen.Custom(jen.Options{Separator: "\n"}, append(lines, s)...)
}

// mark makes a line of text a line comment. Whatever the text is, the result
// is one line and no directive: those have no space after the slashes, but for
// old build constraints, which gofmt would even take to the top of the file.
func mark(line string) string {
	line = strings.Map(harmless, strings.ToValidUTF8(line, "\uFFFD"))
	line = strings.TrimRightFunc(line, unicode.IsSpace)
	if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "+build"); ok {
		line = `\+build` + rest
	}
	switch {
	case line == "":
		return "//"
	case line[0] == '\t':
		return "//" + line
	}
	return "// " + line
}

// harmless drops what does not belong in a line of source: controls, among
// them carriage returns and newlines, separators of lines, byte order marks
// and marks that change the direction of text.
func harmless(r rune) rune {
	switch {
	case r == '\t':
		return r
	case unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
		return ' '
	case unicode.IsControl(r), r == '\uFEFF',
		r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return -1
	}
	return r
}
