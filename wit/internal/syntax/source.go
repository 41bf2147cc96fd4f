package syntax

import (
	"math"
	"sort"
	"strings"
	"unicode/utf8"
)

// maxSource bounds a file, whose offsets are 32 bits wide.
const maxSource = math.MaxInt32

// Source is the text of a file.
type Source struct {
	Name string // as messages call it
	Text string

	lines []int32 // offset of each line
}

// NewSource returns a source of that name and text. A byte order mark is no
// part of the first line.
func NewSource(name, text string) *Source {
	s := &Source{Name: name, Text: text}
	start := int32(0)
	if strings.HasPrefix(text, "\uFEFF") {
		start = 3
	}
	s.lines = append(s.lines, start)
	for i := int(start); ; {
		n := strings.IndexByte(text[i:], '\n')
		if n < 0 {
			return s
		}
		i += n + 1
		s.lines = append(s.lines, int32(i))
	}
}

// Position returns the line and column of an offset. Both count from 1,
// columns in bytes.
func (s *Source) Position(offset int32) (line, col int) {
	i := sort.Search(len(s.lines), func(i int) bool { return s.lines[i] > offset })
	if i == 0 {
		return 1, 1 // within the byte order mark
	}
	return i, int(offset-s.lines[i-1]) + 1
}

// Line returns the text of a line, counted from 1, without its end.
func (s *Source) Line(line int) string {
	if line < 1 || line > len(s.lines) {
		return ""
	}
	text := s.Text[s.lines[line-1]:]
	if end := strings.IndexByte(text, '\n'); end >= 0 {
		text = text[:end]
	}
	return strings.TrimSuffix(text, "\r")
}

// Span is a part of a source. The zero Span is nowhere.
type Span struct {
	Source     *Source
	Start, End int32 // offsets in bytes, End after the last
}

// Text returns what the span covers.
func (s Span) Text() string {
	if s.Source == nil {
		return ""
	}
	return s.Source.Text[s.Start:s.End]
}

// to returns the span from the beginning of s to the end of t.
func (s Span) to(t Span) Span {
	s.End = max(s.End, t.End)
	return s
}

// Name is an identifier: its text without the % that may stand before it, and
// where it is written.
type Name struct {
	Text string
	Span Span
}

// An Error is something wrong in a source.
type Error struct {
	Span Span
	Msg  string
}

// checkText looks for what no WIT file may contain anywhere, comments
// included.
func checkText(src *Source) []Error {
	var errs []Error
	text := src.Text
	for i := 0; i < len(text); {
		if c := text[i]; c >= ' ' && c < 0x7f || c == '\n' || c == '\t' || c == '\r' {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		span := Span{src, int32(i), int32(i + n)}
		if r == utf8.RuneError && n == 1 {
			// The rest is hardly text.
			return append(errs, Error{span, "the file is not encoded as UTF-8"})
		}
		if what := forbidden(r); what != "" {
			errs = append(errs, Error{span, what})
		}
		if len(errs) == maxErrors {
			return errs
		}
		i += n
	}
	return errs
}

// forbidden says what is wrong with a character; empty if nothing is.
func forbidden(r rune) string {
	switch {
	case r == '\n' || r == '\t' || r == '\r':
		return ""
	case r < ' ' || r >= 0x7f && r < 0xa0:
		return "control character " + codePoint(r)
	case r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
		return "bidirectional override " + codePoint(r)
	case discouraged(r):
		return "character " + codePoint(r) + ", which Unicode discourages"
	}
	return ""
}

// Clean returns a text without the characters that no WIT file may contain.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		if forbidden(r) != "" {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

func discouraged(r rune) bool {
	switch r {
	case 0x149, 0x673, 0xf77, 0xf79, 0x17a3, 0x17a4, 0x17b4, 0x17b5:
		return true
	}
	return false
}

// codePoint returns the usual notation of a character, such as "U+202E".
func codePoint(r rune) string {
	const digits = "0123456789ABCDEF"
	s := ""
	for range 4 {
		s = string(digits[r&15]) + s
		r >>= 4
	}
	for ; r > 0; r >>= 4 {
		s = string(digits[r&15]) + s
	}
	return "U+" + s
}

// maxQuoted is the length of the longest text that messages quote whole.
const maxQuoted = 100

// quote returns a text as messages quote it.
func quote(text string) string {
	if len(text) > maxQuoted {
		text = strings.ToValidUTF8(text[:maxQuoted], "") + "…"
	}
	return "`" + text + "`"
}
