package findings

import (
	"encoding/xml"
	"strconv"
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
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitFailure `xml:"failure"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// junit prints test cases: a failed one for each finding that makes the check
// fail, one that passed for any other, and one that passed if nothing was
// found. Programs that read them take cases of one name for one.
func (r *Report) junit() ([]byte, error) {
	suite := junitSuite{Name: r.Command}
	named := make(map[string]int)
	for _, f := range r.Findings {
		c := junitCase{Name: f.Rule, Class: r.Command, File: r.file(f.Place.File), Line: f.Place.Line}
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
		suite.Cases = []junitCase{{Name: r.Subject, Class: r.Command}}
	}
	suite.Tests = len(suite.Cases)
	text, err := xml.MarshalIndent(junitSuites{Suites: []junitSuite{suite}}, "", "  ")
	return append(append([]byte(xml.Header), text...), '\n'), err
}
