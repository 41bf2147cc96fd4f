package findings

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// The parts of SARIF that are printed, by its names. See Static Analysis Results
// Interchange Format (SARIF) Version 2.1.0, section 3.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}

	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations,omitempty"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}

	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications"`
	}

	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}

	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}

	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}

	sarifRule struct {
		ID               string     `json:"id"`
		ShortDescription *sarifText `json:"shortDescription,omitempty"`
		Help             *sarifText `json:"help,omitempty"`
	}

	sarifText struct {
		Text string `json:"text"`
	}

	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations,omitempty"`
		Related      []sarifLocation   `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}

	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Message  *sarifText     `json:"message,omitempty"`
	}

	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}

	sarifArtifact struct {
		URI       string `json:"uri"`
		URIBaseID string `json:"uriBaseId,omitempty"`
	}

	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
)

// sarif prints a log of one run. Its columns are characters.
func (r *Report) sarif() ([]byte, error) {
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: r.Command, InformationURI: "https://github.com/witgen/witgen", Rules: r.sarifRules()}},
		ColumnKind: "unicodeCodePoints",
		Results:    []sarifResult{}, // none is a list too
	}
	if len(r.Problems) > 0 {
		run.Invocations = []sarifInvocation{r.sarifInvocation()}
	}
	prints := r.fingerprints()
	for n, f := range r.Findings {
		level := map[Severity]string{Error: "error", Warning: "warning"}[f.Severity]
		if level == "" {
			level = "note"
		}
		x := sarifResult{
			RuleID: f.Rule, Level: level, Message: sarifText{f.body()},
			RuleIndex:    slices.IndexFunc(run.Tool.Driver.Rules, func(rule sarifRule) bool { return rule.ID == f.Rule }),
			Fingerprints: map[string]string{"witgen/v1": prints[n]},
		}
		if f.Place.File == "" { // GitHub takes no result without a location
			f.Place.File = r.Subject
		}
		x.Locations = r.locations(f.Place)
		for _, other := range f.Related {
			text := other.Label
			if other.Text != "" {
				text += ": " + other.Text
			}
			l := sarifLocation{Physical: r.physical(other.Place), Message: &sarifText{text}}
			if other.Elsewhere {
				l = sarifLocation{Message: &sarifText{fmt.Sprintf("%s (%s)", text, other.Place)}}
			}
			x.Related = append(x.Related, l)
		}
		run.Results = append(run.Results, x)
	}
	return document(sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

// sarifInvocation says why there are no results.
func (r *Report) sarifInvocation() sarifInvocation {
	var x sarifInvocation
	for _, p := range r.Problems {
		x.Notifications = append(x.Notifications, sarifNotification{"error", sarifText{p.Message}, r.locations(p.Place)})
	}
	return x
}

// sarifRules returns the rules of the findings, with what is known of them.
func (r *Report) sarifRules() []sarifRule {
	rules := []sarifRule{}
	seen := make(map[string]bool)
	for _, f := range r.Findings {
		if seen[f.Rule] {
			continue
		}
		seen[f.Rule] = true
		rule := sarifRule{ID: f.Rule}
		for _, known := range r.Rules {
			if known.ID != f.Rule {
				continue
			}
			if known.Summary != "" {
				rule.ShortDescription = &sarifText{known.Summary}
			}
			if known.Help != "" {
				rule.Help = &sarifText{known.Help}
			}
		}
		rules = append(rules, rule)
	}
	return rules
}

// locations returns a place, if it is one.
func (r *Report) locations(p Place) []sarifLocation {
	at := r.physical(p)
	if at == nil {
		return nil
	}
	return []sarifLocation{{Physical: at}}
}

// physical returns a place in a file; nil if it is none. Columns are characters,
// as the run says they are.
func (r *Report) physical(p Place) *sarifPhysical {
	if p.File == "" {
		return nil
	}
	at := &sarifPhysical{Artifact: r.artifact(p.File)}
	if p.Line > 0 {
		at.Region = &sarifRegion{StartLine: p.Line}
		// Where the line is not known, nor is how many characters the bytes are.
		if line, ok := r.line(p); ok {
			at.Region.StartColumn = utf8.RuneCountInString(line[:p.Col-1]) + 1
		}
	}
	return at
}

// artifact returns a file as a URI: relative to the root of the repository, if
// it is in there.
func (r *Report) artifact(name string) sarifArtifact {
	name = r.file(name)
	uri := ""
	for _, c := range []byte(name) {
		if unreserved(c) {
			uri += string(rune(c))
		} else {
			uri += fmt.Sprintf("%%%02X", c)
		}
	}
	switch {
	case name[0] == '/':
		return sarifArtifact{URI: "file://" + uri}
	case len(name) > 2 && name[1] == ':' && name[2] == '/':
		return sarifArtifact{URI: "file:///" + uri}
	}
	return sarifArtifact{URI: uri, URIBaseID: "%SRCROOT%"}
}

// unreserved reports whether a byte stands for itself in the path of a URI.
func unreserved(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return c == '-' || c == '.' || c == '_' || c == '~' || c == '/'
}
