package findings

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

// gitlab prints a code quality report. Each entry needs a file and a line.
func (r *Report) gitlab() ([]byte, error) {
	issues := []issue{} // none is a list too
	prints := r.fingerprints()
	for n, f := range r.Findings {
		severity := map[Severity]string{Error: "critical", Warning: "minor"}[f.Severity]
		if severity == "" {
			severity = "info"
		}
		file := f.Place.File
		if file == "" {
			file = r.Subject
		}
		issues = append(issues, issue{
			Description: f.body(), CheckName: f.Rule, Fingerprint: prints[n], Severity: severity,
			Location: issueLocation{r.file(file), issueLines{max(f.Place.Line, 1)}},
		})
	}
	return document(issues)
}
