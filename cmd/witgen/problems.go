package main

import (
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/witgen/witgen/cmd/witgen/internal/config"
	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/internal/findings"
	"github.com/witgen/witgen/rt/plugin/policy"
	"github.com/witgen/witgen/wit"
)

// failReport reports why a check could not be made, in its format too, and returns
// the exit code.
func failReport(r *findings.Report, f findings.Format, err error, stdout, stderr io.Writer) int {
	r.Findings, r.Passed, r.Problems = nil, nil, problems(err)
	printReport(r, f, stdout, stderr)
	return fail(stderr, err)
}

// problems returns what an error is made of, with the places in files.
func problems(err error) (all []findings.Problem) {
	add := func(file string, line, col int, text string) {
		all = append(all, findings.Problem{Place: findings.Place{File: file, Line: line, Col: col}, Message: text})
	}
	// Files of a commit are none, and have its name before theirs.
	if list, ok := errors.AsType[wit.Errors](err); ok && list.Error() == err.Error() {
		for _, e := range list {
			note := ""
			if e.Note != "" {
				note = "\n" + e.NotePos.String() + ": " + e.Note
			}
			add(e.Pos.File, e.Pos.Line, e.Pos.Col, e.Msg+note)
		}
	} else if list, ok := errors.AsType[gen.ErrorList](err); ok {
		for _, e := range list {
			add(e.Pos.File, e.Pos.Line, e.Pos.Col, strings.TrimPrefix(e.Error(), e.Pos.String()+": "))
		}
	} else if list, ok := errors.AsType[config.Errors](err); ok {
		for _, e := range list {
			add(e.Pos.File, e.Pos.Line, e.Pos.Col, e.Message)
		}
	} else if list, ok := errors.AsType[policy.Errors](err); ok {
		for _, e := range list {
			add(filepath.ToSlash(e.File), e.Line, e.Col, e.Message)
		}
	} else {
		add("", 0, 0, message(err))
	}
	return all
}
