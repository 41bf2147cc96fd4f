package gen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// Error is a reason why a world has no bindings.
type Error struct {
	Pos     wit.Pos // zero if it is not the WIT's fault
	Message string
}

// Error returns "file:line:col: message".
func (e *Error) Error() string {
	if e.Pos == (wit.Pos{}) {
		return e.Message
	}
	return e.Pos.String() + ": " + e.Message
}

// ErrorList is all that is wrong with a world, in the order of its files.
type ErrorList []*Error

// Error returns the errors, each on a line of its own.
func (l ErrorList) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

func (l *ErrorList) add(pos wit.Pos, format string, args ...any) {
	*l = append(*l, &Error{Pos: pos, Message: fmt.Sprintf(format, args...)})
}

// err returns the errors in order, or nil if there are none.
func (l ErrorList) err() error {
	if len(l) == 0 {
		return nil
	}
	slices.SortStableFunc(l, func(a, b *Error) int {
		return cmp.Or(
			strings.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col),
		)
	})
	return l
}
