package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The lines between which a table stands in a document.
const (
	tableBegins = "<!-- witgen compat -->"
	tableEnds   = "<!-- /witgen compat -->"
)

// errNoPlace is that a document does not say where its table belongs.
var errNoPlace = errors.New("there is no line " + tableBegins + ", and one " + tableEnds + " after it, to put the table between")

// tableChange returns what writing tables to a file changes of it.
func tableChange(name string, all []*support) (change, error) {
	table := supportMarkdown(all)
	c := change{name: filepath.ToSlash(name)}
	old, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.new = []byte(tableBegins + "\n\n" + table + "\n" + tableEnds + "\n")
		return c, nil
	case err != nil:
		return c, reason(c.name, err)
	}
	c.old = old
	text, err := withTable(string(plainLines(old)), table)
	if err != nil {
		return c, fmt.Errorf("%s: %w", c.name, err)
	}
	if bytes.Contains(old, []byte("\r\n")) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	c.new = []byte(text)
	return c, nil
}

// withTable returns a document with a table in its place. Lines of code are not
// looked at.
func withTable(document, table string) (string, error) {
	var b strings.Builder
	inside, found, fence := false, false, ""
	for line := range strings.Lines(document) {
		switch mark := strings.TrimSpace(line); {
		case !inside && fence != "":
			if strings.HasPrefix(mark, fence) {
				fence = ""
			}
		case !inside && (strings.HasPrefix(mark, "```") || strings.HasPrefix(mark, "~~~")):
			fence = mark[:3]
		case mark == tableBegins && (inside || found):
			return "", errors.New("there is more than one line " + tableBegins)
		case mark == tableBegins:
			inside, found = true, true
			b.WriteString(strings.TrimRight(line, "\n") + "\n\n" + table + "\n")
			continue
		case mark == tableEnds && !inside:
			return "", errNoPlace
		case mark == tableEnds:
			inside = false
		}
		if !inside {
			b.WriteString(line)
		}
	}
	if inside || !found {
		return "", errNoPlace
	}
	return b.String(), nil
}

// checkTable prints what writing tables to a file would change.
func checkTable(name string, all []*support, stdout, stderr io.Writer) int {
	c, err := tableChange(name, all)
	if errors.Is(err, errNoPlace) && !bytes.Contains(c.old, []byte(tableBegins)) {
		c.new, err = []byte(supportMarkdown(all)), nil
	}
	if err != nil {
		return fail(stderr, err)
	}
	if c.old != nil {
		c.old, c.new = plainLines(c.old), plainLines(c.new)
	}
	if d := c.diff(c.name); d != "" {
		printf(stdout, "%s", d)
		return exitDiffer
	}
	return exitOK
}

// writeTable puts tables into a file.
func writeTable(name string, all []*support) error {
	c, err := tableChange(name, all)
	if err != nil || bytes.Equal(c.old, c.new) {
		return err
	}
	var s stage
	defer s.discard()
	if err := s.write(name, c.new); err != nil {
		return reason(c.name, err)
	}
	return s.commit()
}
