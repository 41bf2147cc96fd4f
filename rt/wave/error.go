package wave

import (
	"fmt"
	"strings"
)

// Error is something wrong in a text.
type Error struct {
	Offset    int // in bytes
	Line, Col int // from 1; Col counts bytes
	Msg       string
}

// Error returns "line:col: message".
func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Col, e.Msg) }

// errorAt returns an error about the byte of text at offset.
func errorAt(text string, offset int, format string, args ...any) *Error {
	before := text[:offset]
	return &Error{
		Offset: offset,
		Line:   strings.Count(before, "\n") + 1,
		Col:    offset - strings.LastIndexByte(before, '\n'),
		Msg:    fmt.Sprintf(format, args...),
	}
}

// maxExcerpt is how much of a text errors show, in bytes.
const maxExcerpt = 40

// clip shortens what an error shows of a text or a type.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
