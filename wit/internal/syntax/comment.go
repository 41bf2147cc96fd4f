package syntax

import "strings"

// Comment is a comment as it is written, markers included.
type Comment struct {
	Span Span
}

// Comments are the comments before an item, from the end of what precedes it.
type Comments []Comment

func (l *lexer) lineComment() {
	start := l.pos
	if n := strings.IndexByte(l.text[l.pos:], '\n'); n >= 0 {
		l.pos += n
	} else {
		l.pos = len(l.text)
	}
	l.comment(start)
}

// blockComment reads a comment in which others may nest.
func (l *lexer) blockComment() {
	start := l.pos
	depth := 0
	for l.pos < len(l.text) {
		switch {
		case strings.HasPrefix(l.text[l.pos:], "/*"):
			depth++
			l.pos += 2
		case strings.HasPrefix(l.text[l.pos:], "*/"):
			depth--
			l.pos += 2
			if depth == 0 {
				l.comment(start)
				return
			}
		default:
			l.pos++
		}
	}
	l.errorf(start, start+2, "unterminated comment")
}

func (l *lexer) comment(start int) {
	l.comments = append(l.comments, Comment{Span{l.src, int32(start), int32(l.pos)}})
}

// IsDoc reports whether the comment is documentation: one that begins with
// exactly /// or /**.
func (c Comment) IsDoc() bool {
	s := c.Span.Text()
	switch {
	case strings.HasPrefix(s, "///"):
		return !strings.HasPrefix(s, "////")
	case strings.HasPrefix(s, "/**"):
		return len(s) > len("/**/") && s[3] != '*'
	}
	return false
}

// Doc returns the first comment that is documentation, if there is one.
func (cs Comments) Doc() (Comment, bool) {
	for _, c := range cs {
		if c.IsDoc() {
			return c, true
		}
	}
	return Comment{}, false
}

// AllDocs reports whether all comments are documentation.
func (cs Comments) AllDocs() bool {
	for _, c := range cs {
		if !c.IsDoc() {
			return false
		}
	}
	return true
}

// All returns the text of all comments, documentation or not, as tools print
// it that take all for documentation: without slashes at the beginning, or
// /** and */ around, and without the indent that all lines share.
func (cs Comments) All() string {
	var lines []string
	for _, c := range cs {
		text := c.Span.Text()
		if block, ok := strings.CutPrefix(text, "/**"); ok {
			text = strings.TrimSuffix(block, "*/")
		} else {
			text = strings.TrimLeft(text, "/")
		}
		lines = append(lines, strings.Split(text, "\n")...)
	}
	return strings.Join(trimBlank(dedent(lines)), "\n")
}

// Docs returns the text of the comments that are documentation: without
// markers, without the indent that their lines share, joined by "\n".
func (cs Comments) Docs() string {
	var lines []string
	for i := 0; i < len(cs); i++ {
		if !cs[i].IsDoc() {
			continue
		}
		text := cs[i].Span.Text()
		if strings.HasPrefix(text, "/**") {
			lines = append(lines, blockLines(text)...)
			continue
		}
		run := []string{text[3:]}
		for ; i+1 < len(cs) && strings.HasPrefix(cs[i+1].Span.Text(), "///") && cs[i+1].IsDoc(); i++ {
			run = append(run, cs[i+1].Span.Text()[3:])
		}
		lines = append(lines, dedent(run)...)
	}
	return strings.Join(trimBlank(lines), "\n")
}

// blockLines returns the lines of a /** */ comment. A star that begins every
// line after the first is decoration.
func blockLines(text string) []string {
	text = strings.TrimSuffix(strings.TrimPrefix(text, "/**"), "*/")
	first, rest, _ := strings.Cut(strings.TrimSuffix(text, "*"), "\n")
	lines := []string{strings.TrimSpace(first)}
	if rest == "" {
		return trimBlank(lines)
	}
	body := strings.Split(rest, "\n")
	starred := make([]string, len(body))
	for i, line := range body {
		line = strings.TrimLeft(line, " \t")
		last := i == len(body)-1 && strings.TrimSpace(line) == ""
		if !last && !strings.HasPrefix(line, "*") {
			starred = nil
			break
		}
		starred[i] = strings.TrimPrefix(line, "*")
	}
	if starred != nil {
		body = starred
	}
	return trimBlank(append(lines, dedent(body)...))
}

// dedent trims the end of each line and the indent that all lines share which
// are not blank.
func dedent(lines []string) []string {
	indent := -1
	for i, line := range lines {
		line = strings.TrimRight(line, " \t\r")
		lines[i] = line
		if line == "" {
			continue
		}
		n := len(line) - len(strings.TrimLeft(line, " \t"))
		if indent < 0 || n < indent {
			indent = n
		}
	}
	for i, line := range lines {
		if line != "" {
			lines[i] = line[indent:]
		}
	}
	return lines
}

// trimBlank drops blank lines at both ends.
func trimBlank(lines []string) []string {
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}
