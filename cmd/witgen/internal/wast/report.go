package wast

import (
	"errors"
	"fmt"
)

// Outcome is what came of a command.
type Outcome uint8

// The outcomes.
const (
	Passed Outcome = iota
	Failed
	Skipped
)

// String returns the outcome as a word.
func (o Outcome) String() string { return [...]string{"passed", "failed", "skipped"}[o] }

// Result is what came of one command.
type Result struct {
	Line    int    // of the command in the script's source
	Command string // its type
	Outcome Outcome
	// Detail says what was got and what was wanted of one that failed, and why
	// one was skipped.
	Detail string
}

// Report is what came of a script.
type Report struct {
	File    string
	Results []Result // of each command
}

// Count returns how many commands had that outcome.
func (r *Report) Count(o Outcome) int {
	n := 0
	for _, x := range r.Results {
		if x.Outcome == o {
			n++
		}
	}
	return n
}

// Text returns a result as a line: place, command, and what came of it.
func (r *Report) Text(x Result) string {
	s := fmt.Sprintf("%s:%d: %s %s", r.File, x.Line, x.Command, x.Outcome)
	if x.Detail != "" {
		s += ": " + x.Detail
	}
	return s
}

// skip is the error of a command that is skipped.
type skip struct{ reason string }

func (s *skip) Error() string { return s.reason }

// resultOf makes a result of what a command returned.
func resultOf(c *command, err error) Result {
	x := Result{Line: c.Line, Command: c.Type}
	if err == nil {
		return x
	}
	x.Outcome, x.Detail = Failed, err.Error()
	if s, ok := errors.AsType[*skip](err); ok {
		x.Outcome, x.Detail = Skipped, s.reason
	}
	return x
}
