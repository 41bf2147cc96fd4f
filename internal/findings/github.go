package findings

import (
	"bytes"
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
	for _, f := range r.Findings {
		command := map[Severity]string{Error: "error", Warning: "warning"}[f.Severity]
		if command == "" {
			command = "notice"
		}
		b.WriteString("::" + command + " ")
		if f.Place.File != "" {
			fmt.Fprintf(&b, "file=%s,", githubProperty.Replace(r.file(f.Place.File)))
			if f.Place.Line > 0 {
				fmt.Fprintf(&b, "line=%d,", f.Place.Line)
			}
			if f.Place.Line > 0 && f.Place.Col > 0 {
				fmt.Fprintf(&b, "col=%d,", f.Place.Col)
			}
		}
		fmt.Fprintf(&b, "title=%s::%s\n", githubProperty.Replace(f.Rule), githubData.Replace(f.body()))
	}
	return b.Bytes()
}
