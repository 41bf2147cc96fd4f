package yamltext

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Bounds of what is read.
const (
	MaxBytes  = 1 << 20 // of a file
	maxErrors = 100     // that are told of
)

// place is where something is in the file. Columns count characters, as YAML's
// do: those of bytes are found for errors alone, since lines may be long.
type place struct{ line, col int }

// Document is a file that was read.
type Document struct {
	file   string
	lines  []string
	errs   Errors
	places map[string]place // by paths
}

// Read reads a file into the value that to points to. The error is [Errors].
// The document is there also if something is wrong.
func Read(name string, data []byte, to any) (*Document, error) {
	d := &Document{file: name, places: map[string]place{}}
	if len(data) > MaxBytes {
		d.errs = Errors{{File: name, Line: 1, Message: fmt.Sprintf("the file has %d bytes, more than %d", len(data), MaxBytes)}}
		return d, d.errs
	}
	for line := range strings.SplitSeq(string(data), "\n") {
		d.lines = append(d.lines, strings.TrimSuffix(line, "\r"))
	}
	if root := d.root(data); root != nil {
		d.value(root, "", to)
	}
	return d, d.Err()
}

// Err returns what is wrong, in the order of the file: [Errors], or nil.
func (d *Document) Err() error {
	if len(d.errs) == 0 {
		return nil
	}
	slices.SortStableFunc(d.errs, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return d.errs
}

// Add adds something that is wrong with the value at a path, or with the nearest
// one around it that the file has.
func (d *Document) Add(path, message string) {
	d.add(d.find(path), message)
}

// At returns "file:line" of the value at a path, or of the nearest one around it
// that the file has. Paths are as in "plugins.greeter.fs[0].host", with keys that
// are no plain words in quotes and brackets: see [Key].
func (d *Document) At(path string) string {
	return d.file + ":" + strconv.Itoa(d.find(path).line)
}

// Has reports whether the file has a value at a path.
func (d *Document) Has(path string) bool {
	_, ok := d.places[path]
	return ok
}

// find returns the place of the value at a path, or of the nearest around it.
func (d *Document) find(path string) place {
	for at := path; at != ""; at = parent(at) {
		if p, ok := d.places[at]; ok {
			return p
		}
	}
	return place{1, 1}
}

// parent returns the path of what a value is in.
func parent(path string) string {
	if rest, ok := strings.CutSuffix(path, `"]`); ok {
		// The key is quoted: no quote in it is without a backslash.
		for i := len(rest) - 1; i > 0; i-- {
			if rest[i] == '"' && rest[i-1] == '[' {
				return rest[:i-1]
			}
		}
	}
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}

var plain = regexp.MustCompile(`^[\pL_][\pL\pN_-]*$`)

// Key returns the path of a value in a mapping.
func Key(path, key string) string {
	switch {
	case !plain.MatchString(key):
		return path + "[" + strconv.Quote(key) + "]"
	case path == "":
		return key
	}
	return path + "." + key
}

// Index returns the path of a value in a list.
func Index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func (d *Document) add(p place, message string) {
	if d.full() {
		return
	}
	e := &Error{File: d.file, Line: p.line, Col: min(p.col, 1), Message: message}
	if p.line <= len(d.lines) {
		e.Text = d.lines[p.line-1]
	}
	for range p.col - 1 {
		_, size := utf8.DecodeRuneInString(e.Text[e.Col-1:])
		e.Col += size
	}
	d.errs = append(d.errs, e)
}

// addf adds something that is wrong with a node.
func (d *Document) addf(n *yaml.Node, format string, args ...any) {
	if !d.full() {
		d.add(placeOf(n), fmt.Sprintf(format, args...))
	}
}

// full reports whether enough is wrong.
func (d *Document) full() bool { return len(d.errs) >= maxErrors }

// placeOf returns the place of a node.
func placeOf(n *yaml.Node) place { return place{max(n.Line, 1), max(n.Column, 1)} }

var yamlLine = regexp.MustCompile(`^line (\d+): `)

// root returns the value of the only document of the file; nil if there is none.
func (d *Document) root(data []byte) *yaml.Node {
	if !d.isText() {
		return nil
	}
	var doc, another yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		d.add(place{1, 1}, "the file is empty")
		return nil
	case err != nil:
		d.syntax(err)
		return nil
	}
	switch err := decoder.Decode(&another); {
	case err == nil:
		d.addf(&another, "a second document")
	case !errors.Is(err, io.EOF):
		d.syntax(err)
	}
	return doc.Content[0]
}

// syntax tells of what is no YAML.
func (d *Document) syntax(err error) {
	p, message := place{line: 1}, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		message = message[len(m[0]):]
		if n, err := strconv.Atoi(m[1]); err == nil {
			p.line = max(min(n, len(d.lines)), 1)
		}
	}
	for i, line := range d.lines {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if tab := strings.IndexByte(indent, '\t'); tab >= 0 {
			p, message = place{i + 1, tab + 1}, "YAML is indented with spaces, not with tabs"
			break
		}
	}
	d.add(p, message)
}

// isText reports whether the file is text, and the first place where it is none.
func (d *Document) isText() bool {
	for i, line := range d.lines {
		for at, c := range line {
			_, size := utf8.DecodeRuneInString(line[at:])
			if c == utf8.RuneError && size == 1 || !isText(c) {
				d.add(place{i + 1, utf8.RuneCountInString(line[:at]) + 1}, "this is no text")
				return false
			}
		}
	}
	return true
}

// isText reports whether a character may be in a file. Those that change the
// direction of text let a reviewer see another file than the one that is read.
func isText(c rune) bool {
	return c == '\t' || !unicode.IsControl(c) && !unicode.Is(unicode.Bidi_Control, c) && c != '\u2028' && c != '\u2029' && c != '\ufeff'
}
