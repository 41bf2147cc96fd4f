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
	// Pos is zero if an option is at fault. Whoever has read those from a
	// file may set it.
	Pos     wit.Pos
	Rule    Rule // the option at fault, if one is
	Message string
	// Rename is the item that --rename gives another Go name to settle it;
	// empty if that is not what settles it.
	Rename string
}

// Rule is an entry of Options.Rename or Options.With, or another option.
type Rule struct {
	Option string // as witgen generate has it, "rename" for one; empty for no rule
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

// Error returns "file:line:col: message". Before the message stands the option
// at fault; without a place that is an argument of witgen generate.
func (e *Error) Error() string {
	at, rule := "", ""
	if e.Rule.Option != "" {
		rule = e.Rule.String() + ": "
	}
	if e.Pos != (wit.Pos{}) {
		at, rule = e.Pos.String()+": ", strings.TrimPrefix(rule, "--")
	}
	return at + rule + e.Message
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

// addRename reports an item that --rename gives another name to settle it. The
// message ends with that.
func (l *ErrorList) addRename(i item, format string, args ...any) {
	l.add(i.pos, format+" --rename %s=NAME", append(args, i.paths[0])...)
	(*l)[len(*l)-1].Rename = i.paths[0]
}

func (l *ErrorList) addRule(r Rule, format string, args ...any) {
	*l = append(*l, &Error{Rule: r, Message: fmt.Sprintf(format, args...)})
}

// err returns the errors in order, or nil if there are none.
func (l ErrorList) err() error {
	if len(l) == 0 {
		return nil
	}
	l.Sort()
	return l
}

// Sort puts the errors in the order of their places, those without one first.
func (l ErrorList) Sort() {
	slices.SortStableFunc(l, func(a, b *Error) int {
		return cmp.Or(
			strings.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col),
		)
	})
}
