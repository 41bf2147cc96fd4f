// Package findings prints what checking commands find, in the forms that people
// and the programs around them read: text, JSON, annotations of GitHub, code
// quality reports of GitLab, JUnit and SARIF.
//
// It knows nothing of what is checked. A command makes a [Report] of its own
// findings, and [Report.Write] prints it. The same report leads to the same
// bytes, and a finding keeps its fingerprint as long as it is about the same,
// wherever it has moved to in its file.
package findings

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// Severity is how much a finding weighs.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Place is a place in a file. Line and Col count from 1, columns in bytes; they
// are 0 where they are not known.
type Place struct {
	File      string // with forward slashes; empty if there is none
	Line, Col int
}

// String returns "file:line:col", as far as that is known, or "-".
func (p Place) String() string {
	switch {
	case p.File == "":
		return "-"
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return p.File + ":" + strconv.Itoa(p.Line)
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Col)
}

// Related is another place that a finding has to do with.
type Related struct {
	Place Place
	// Elsewhere says that the file is not one that readers have beside the
	// others, such as one of another commit.
	Elsewhere bool
	Label     string // what it is to the finding, such as "old"
	Text      string // what is there; may be empty
}

// Finding is something that a command found.
type Finding struct {
	Place    Place
	Severity Severity
	Rule     string
	Tag      string // printed in brackets behind the rule; may be empty
	Item     string // what it is about, as a path; may be empty
	Message  string
	Fix      string // what to do about it; may be empty
	Related  []Related

	// Key tells the finding from others of its rule, and stays what it is
	// when lines move. If it is empty, the file, item and message are that.
	Key string
	// Data is what JSON has for the finding, if not its fields.
	Data any
}

// Problem is what kept a command from its work.
type Problem struct {
	Place   Place // where it is, if that is known
	Message string
}

// Rule is a rule as reports describe it.
type Rule struct {
	ID      string
	Summary string
	Help    string
}

// Report is what a command found.
type Report struct {
	Command  string // such as "witgen lint"
	Subject  string // what was looked at, such as a path
	Findings []Finding
	Rules    []Rule // those that are described; findings may have others
	Strict   bool   // warnings fail as errors do

	// Passed are the names of what was checked and nothing was found of. JUnit
	// has test cases of them.
	Passed []string
	// Problems are why there is nothing else in the report. People are told of
	// them by the command, and so is who reads JSON.
	Problems []Problem

	// Below is the current directory as it is below the root of the
	// repository, with slashes: GitHub, GitLab and SARIF want files from
	// there. It is empty for the root itself.
	Below string
	// Dir is the current directory in full. Files that are given in full are
	// named from the root too, if they are below that; not if it is empty.
	Dir string
	// Line returns a line of a file, if it can be had. It may be nil.
	Line func(file string, line int) (string, bool)
}

// Fails reports whether a finding of a severity makes the check fail.
func (r *Report) Fails(s Severity) bool { return s == Error || s == Warning && r.Strict }

// Failed reports whether the check failed.
func (r *Report) Failed() bool {
	for _, f := range r.Findings {
		if r.Fails(f.Severity) {
			return true
		}
	}
	return false
}

// file returns a file's path from the root of the repository.
func (r *Report) file(name string) string {
	if name == "" {
		return name
	}
	if path.IsAbs(name) || strings.Contains(name, ":/") {
		if rel, err := filepath.Rel(r.Dir, filepath.FromSlash(name)); err == nil && r.Dir != "" {
			if below := path.Join(r.Below, filepath.ToSlash(rel)); below != ".." && !strings.HasPrefix(below, "../") {
				return below
			}
		}
		return name
	}
	return path.Join(r.Below, name)
}

// fingerprints returns a name for each finding that no other one has. Those
// that nothing tells apart are counted.
func (r *Report) fingerprints() []string {
	seen := make(map[string]int)
	all := make([]string, len(r.Findings))
	for n, f := range r.Findings {
		key := f.Key
		if key == "" {
			key = strings.Join([]string{r.file(f.Place.File), f.Item, f.Message}, "\x00")
		}
		key = f.Rule + "\x00" + key
		seen[key]++
		all[n] = fingerprint(key + "\x00" + strconv.Itoa(seen[key]))
	}
	return all
}

// fingerprint returns a name for a key.
func fingerprint(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

// body returns the message and, on a line of its own, what to do.
func (f Finding) body() string {
	if f.Fix == "" {
		return f.Message
	}
	return f.Message + "\nfix: " + f.Fix
}
