package findings

import (
	"cmp"
	"encoding/xml"
	"strconv"
	"strings"
)

type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Error   *junitFailure `xml:"error"`
	Failure *junitFailure `xml:"failure"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// junit prints test cases: a failed one for each finding that makes the check
// fail, and one that passed for any other, and for all of which nothing was found.
// Problems are the error of one that did not come to an end. There is at least one
// case, since programs that read them take none for a mistake, and take cases of
// one name for one. What has no place in the schema of Jenkins's xUnit plugin,
// which refuses it, is left out: file and line are in the text.
func (r *Report) junit() ([]byte, error) {
	suite := junitSuite{Name: r.Command}
	named := make(map[string]int)
	for _, name := range r.Passed {
		suite.Cases = append(suite.Cases, junitCase{Name: name, Class: r.Command})
	}
	for _, f := range r.Findings {
		c := junitCase{Name: f.Rule, Class: r.Command}
		if f.Tag != "" {
			c.Name += " [" + f.Tag + "]"
		}
		if f.Item != "" {
			c.Name += " " + f.Item
		}
		if named[c.Name]++; named[c.Name] > 1 {
			c.Name += " (" + strconv.Itoa(named[c.Name]) + ")"
		}
		text := f.Place.String() + ": " + f.body()
		if r.Fails(f.Severity) {
			c.Failure = &junitFailure{Message: oneLine(f.Message), Type: f.Rule, Text: text}
			suite.Failures++
		} else {
			c.Output = string(f.Severity) + ": " + text
		}
		suite.Cases = append(suite.Cases, c)
	}
	if len(suite.Cases) == 0 {
		suite.Cases = []junitCase{{Name: cmp.Or(r.Subject, r.Command), Class: r.Command, Error: r.junitError()}}
		suite.Errors = min(len(r.Problems), 1)
	}
	suite.Tests = len(suite.Cases)
	text, err := xml.MarshalIndent(junitSuites{Suites: []junitSuite{suite}}, "", "  ")
	return append(append([]byte(xml.Header), text...), '\n'), err
}

// junitError returns the problems as one error; nil if there are none.
func (r *Report) junitError() *junitFailure {
	if len(r.Problems) == 0 {
		return nil
	}
	var lines []string
	for _, p := range r.Problems {
		line := p.Message
		if p.Place.File != "" {
			line = p.Place.String() + ": " + line
		}
		lines = append(lines, line)
	}
	return &junitFailure{Message: oneLine(r.Problems[0].Message), Type: r.Command, Text: strings.Join(lines, "\n")}
}
