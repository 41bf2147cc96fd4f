package config

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/witgen/witgen/wit"
)

// syntax reports what is no YAML. The parser's own idea of the line is often
// where something began that is fine so far.
func (r *reader) syntax(err error) {
	pos, message := wit.Pos{File: r.file, Line: r.wrongLine()}, strings.TrimPrefix(err.Error(), "yaml: ")
	if line, rest, ok := strings.Cut(message, ": "); ok && strings.HasPrefix(line, "line ") {
		message = rest
	}
	line := r.lines[pos.Line-1]
	if tab := bytes.IndexByte(line[:len(line)-len(bytes.TrimLeft(line, " \t"))], '\t'); tab >= 0 {
		pos.Col, message = tab+1, "YAML is indented with spaces, not with tabs"
	}
	r.errs = append(r.errs, &Error{pos, message})
}

// maxSearched is how many lines of a file wrongLine looks at.
const maxSearched = 1000

// wrongLine returns the number of the line that what is no YAML is in: the one
// after the most lines that are YAML by themselves.
func (r *reader) wrongLine() int {
	for n := min(len(r.lines), maxSearched) - 1; n > 0; n-- {
		if isYAML(bytes.Join(r.lines[:n], []byte("\n"))) {
			return n + 1
		}
	}
	return 1
}

func isYAML(text []byte) bool {
	for d := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var document yaml.Node
		if err := d.Decode(&document); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}
