package wast

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// List names commands that need more than the engine has.
type List []Entry

// Entry is one command of a [List].
type Entry struct {
	Script string // the end of the script's path, without its extension: "linking/unit"
	Line   int    // of the command
	Reason string
}

// ParseList reads a list: a line for each entry, "linking/unit:261 the reason".
// Empty lines and those that begin with # say nothing.
func ParseList(text string) (List, error) {
	var l List
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		place, reason, _ := strings.Cut(line, " ")
		script, number, ok := strings.Cut(place, ":")
		at, err := strconv.Atoi(number)
		if reason = strings.TrimSpace(reason); !ok || err != nil || script == "" || reason == "" {
			return nil, fmt.Errorf("line %d: want \"script:line reason\", not %q", n, line)
		}
		l = append(l, Entry{script, at, reason})
	}
	return l, nil
}

// of returns the reasons of the entries for a script by line.
func (l List) of(file string) map[int]string {
	if abs, err := filepath.Abs(file); err == nil {
		file = abs
	}
	file = filepath.ToSlash(strings.TrimSuffix(file, filepath.Ext(file)))
	lines := make(map[int]string)
	for _, e := range l {
		if strings.HasSuffix(file, "/"+e.Script) {
			lines[e.Line] = e.Reason
		}
	}
	return lines
}
