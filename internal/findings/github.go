package findings

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
)

var (
	// What ends a message or a property of a workflow command is escaped.
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// github prints workflow commands, which GitHub shows as annotations of a
// change.
func (r *Report) github() []byte {
	var b bytes.Buffer
	for _, p := range r.Problems {
		r.annotate(&b, "error", p.Place, r.Command, p.Message)
	}
	for _, f := range r.Findings {
		command := map[Severity]string{Error: "error", Warning: "warning"}[f.Severity]
		r.annotate(&b, cmp.Or(command, "notice"), f.Place, f.Rule, f.body())
	}
	return b.Bytes()
}

// annotate prints a workflow command.
func (r *Report) annotate(b *bytes.Buffer, command string, p Place, title, text string) {
	b.WriteString("::" + command + " ")
	if p.File != "" {
		fmt.Fprintf(b, "file=%s,", githubProperty.Replace(r.file(p.File)))
		if p.Line > 0 {
			fmt.Fprintf(b, "line=%d,", p.Line)
		}
		if p.Line > 0 && p.Col > 0 {
			fmt.Fprintf(b, "col=%d,", p.Col)
		}
	}
	fmt.Fprintf(b, "title=%s::%s\n", githubProperty.Replace(title), githubData.Replace(text))
}
