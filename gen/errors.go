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
	Rule    Rule    // the option at fault, if one is
	Message string
}

// Rule is an entry of Options.Rename or Options.With, or another option.
type Rule struct {
	Option string // "rename", "with" or "package"; empty for no rule
	Item   string // of an entry
	Value  string
}

// String returns the rule as an argument of witgen generate.
func (r Rule) String() string {
	if r.Item == "" {
		return "--" + r.Option + " " + r.Value
	}
	return "--" + r.Option + " " + r.Item + "=" + r.Value
}

// Error returns "file:line:col: message", or "rule: message".
func (e *Error) Error() string {
	s := e.Message
	if e.Rule.Option != "" {
		s = e.Rule.String() + ": " + s
	}
	if e.Pos != (wit.Pos{}) {
		s = e.Pos.String() + ": " + s
	}
	return s
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

func (l *ErrorList) addRule(r Rule, format string, args ...any) {
	*l = append(*l, &Error{Rule: r, Message: fmt.Sprintf(format, args...)})
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
