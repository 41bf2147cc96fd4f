package findings

import (
	"cmp"
	"strconv"
)

// issue is an entry of a code quality report of GitLab.
type issue struct {
	Description string        `json:"description"`
	CheckName   string        `json:"check_name"`
	Fingerprint string        `json:"fingerprint"`
	Severity    string        `json:"severity"`
	Location    issueLocation `json:"location"`
}

type issueLocation struct {
	Path  string     `json:"path"`
	Lines issueLines `json:"lines"`
}

type issueLines struct {
	Begin int `json:"begin"`
}

// gitlab prints a code quality report. Each entry needs a file and a line, and a
// report that is none at all would not be shown.
func (r *Report) gitlab() ([]byte, error) {
	issues := []issue{} // none is a list too
	prints := r.fingerprints()
	for n, p := range r.Problems {
		issues = append(issues, r.issue(p.Place, issue{
			Description: p.Message, CheckName: r.Command, Fingerprint: fingerprint(r.Command + "\x00" + strconv.Itoa(n) + "\x00" + p.Message), Severity: "blocker",
		}))
	}
	for n, f := range r.Findings {
		severity := map[Severity]string{Error: "critical", Warning: "minor"}[f.Severity]
		if severity == "" {
			severity = "info"
		}
		issues = append(issues, r.issue(f.Place, issue{Description: f.body(), CheckName: f.Rule, Fingerprint: prints[n], Severity: severity}))
	}
	return document(issues)
}

// issue returns an issue at a place, or else at what was looked at.
func (r *Report) issue(p Place, x issue) issue {
	x.Location = issueLocation{cmp.Or(r.file(cmp.Or(p.File, r.Subject)), "."), issueLines{max(p.Line, 1)}}
	return x
}
