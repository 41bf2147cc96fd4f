package findings

import (
	"fmt"
	"io"
	"strings"
)

// Format is a form of a report.
type Format string

// The formats.
const (
	Text   Format = "text"   // for people: a line for each finding, and what to do
	JSON   Format = "json"   // an object for each finding, each on a line
	GitHub Format = "github" // workflow commands, which become annotations
	GitLab Format = "gitlab" // a code quality report
	JUnit  Format = "junit"  // test cases, in XML
	SARIF  Format = "sarif"  // Static Analysis Results Interchange Format 2.1.0
)

// Formats returns all formats.
func Formats() []Format { return []Format{Text, JSON, GitHub, GitLab, JUnit, SARIF} }

// ParseFormat returns the format of a name.
func ParseFormat(name string) (Format, error) {
	var known []string
	for _, f := range Formats() {
		if string(f) == name {
			return f, nil
		}
		known = append(known, string(f))
	}
	return "", fmt.Errorf("want one of %s", strings.Join(known, ", "))
}

// Write prints a report.
func (r *Report) Write(w io.Writer, f Format) error {
	var text []byte
	var err error
	switch f {
	case JSON:
		text, err = r.json()
	case GitHub:
		text = r.github()
	case GitLab:
		text, err = r.gitlab()
	case JUnit:
		text, err = r.junit()
	case SARIF:
		text, err = r.sarif()
	default:
		text = r.text()
	}
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
