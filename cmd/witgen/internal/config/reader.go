package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/witgen/witgen/wit"
)

// reader reads YAML's tree, and collects what is wrong with it.
type reader struct {
	file  string
	lines [][]byte
	errs  Errors
}

// parse reads the text of a file.
func parse(name string, text []byte) (*File, error) {
	r := &reader{file: filepath.ToSlash(name), lines: bytes.Split(text, []byte("\n"))}
	f := &File{Name: name}
	if root := r.root(text); root != nil {
		r.mapping(root, "the file", map[string]func(key, value *yaml.Node){
			"breaking": func(_, value *yaml.Node) { f.Breaking = r.breaking(value) },
			"generate": func(_, value *yaml.Node) { f.Generate = r.entries(value) },
		})
	}
	if len(r.errs) > 0 {
		slices.SortStableFunc(r.errs, func(a, b *Error) int {
			return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
		})
		return nil, r.errs
	}
	return f, nil
}

// entries reads the value of "generate".
func (r *reader) entries(n *yaml.Node) []*Generate {
	var entries []*Generate
	for _, item := range r.sequence(n, "generate", "a list of entries") {
		g := &Generate{Pos: r.pos(item), pos: map[string]wit.Pos{}}
		v := values{r, g.pos}
		rules := func(to *map[string]string) func(key, value *yaml.Node) {
			return func(key, value *yaml.Node) { *to = r.rules(g, key.Value, value) }
		}
		r.mapping(item, "an entry of generate", map[string]func(key, value *yaml.Node){
			"wit":           v.text(&g.WIT),
			"world":         v.text(&g.World),
			"out":           v.text(&g.Out),
			"package":       v.text(&g.Package),
			"package-root":  v.text(&g.PackageRoot),
			"wasi":          v.text(&g.WASI),
			"rename":        rules(&g.Rename),
			"with":          rules(&g.With),
			"features":      v.list(&g.Features, "a list of names"),
			OptionalExports: v.list(&g.OptionalExports, "a list of exports"),
			"golden":        v.text(&g.Golden),
			"versions":      v.list(&g.Versions, "a list of versions"),
		})
		entries = append(entries, g)
	}
	return entries
}

// rules reads the value of a key that maps items to strings.
func (r *reader) rules(g *Generate, key string, n *yaml.Node) map[string]string {
	rules := make(map[string]string)
	r.pairs(n, key, func(item, value *yaml.Node) {
		rules[item.Value] = r.text(value, key+": "+item.Value)
		g.pos[key+" "+item.Value] = r.pos(item)
	})
	return rules
}

// mapping reads a mapping whose keys are known.
func (r *reader) mapping(n *yaml.Node, what string, keys map[string]func(key, value *yaml.Node)) {
	r.pairs(n, what, func(key, value *yaml.Node) {
		read, ok := keys[key.Value]
		if !ok {
			var known []string
			for k := range keys {
				known = append(known, k)
			}
			slices.Sort(known)
			r.add(key, "%s has no key %q, only %s", what, key.Value, strings.Join(known, ", "))
			return
		}
		read(key, value)
	})
}

// pairs reads a mapping whose keys are strings, each once.
func (r *reader) pairs(n *yaml.Node, what string, read func(key, value *yaml.Node)) {
	m := follow(n)
	if m.Kind != yaml.MappingNode {
		r.wrong(n, what, "a mapping of keys to values")
		return
	}
	first := make(map[string]*yaml.Node)
	for k := 0; k+1 < len(m.Content); k += 2 {
		key, value := m.Content[k], m.Content[k+1]
		if tag := key.ShortTag(); key.Kind != yaml.ScalarNode || key.Value == "" || tag != "!!str" && tag != "!!merge" {
			r.wrong(key, "a key of "+what, "a string")
			continue
		}
		if before := first[key.Value]; before != nil {
			r.add(key, "%s has %q twice; it is at %s already", what, key.Value, r.pos(before))
			continue
		}
		first[key.Value] = key
		read(key, value)
	}
}

// sequence reads a list.
func (r *reader) sequence(n *yaml.Node, what, want string) []*yaml.Node {
	l := follow(n)
	if l.Kind != yaml.SequenceNode {
		r.wrong(n, what, want)
		return nil
	}
	return l.Content
}

// text reads a string that says something.
func (r *reader) text(n *yaml.Node, what string) string {
	s := follow(n)
	switch {
	case s.Kind != yaml.ScalarNode || s.ShortTag() != "!!str":
		r.wrong(n, what, "a string")
	case s.Value == "":
		r.add(n, "%s is empty", what)
	}
	return s.Value
}

// follow returns what an alias stands for. Files are read to a fixed depth, so
// one that leads back to itself does no harm.
func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// wrong reports a value of another type than the one wanted.
func (r *reader) wrong(n *yaml.Node, what, want string) {
	v := follow(n)
	var found string
	switch {
	case v.Kind == yaml.MappingNode:
		found = "a mapping"
	case v.Kind == yaml.SequenceNode:
		found = "a list"
	case v.ShortTag() == "!!null":
		found = "nothing"
	case v.ShortTag() == "!!str":
		found = "the string " + strconv.Quote(v.Value)
	default:
		found = v.Value
		if want == "a string" {
			found += ", which is one only in quotes"
		}
	}
	r.add(n, "%s: want %s, found %s", what, want, found)
}

func (r *reader) add(n *yaml.Node, format string, args ...any) {
	r.errs = append(r.errs, &Error{r.pos(n), fmt.Sprintf(format, args...)})
}

// pos returns the place of a node. YAML counts columns in characters.
func (r *reader) pos(n *yaml.Node) wit.Pos {
	col := 1
	if n.Line >= 1 && n.Line <= len(r.lines) {
		line := r.lines[n.Line-1]
		for range n.Column - 1 {
			_, size := utf8.DecodeRune(line[col-1:])
			col += size
		}
	}
	return wit.Pos{File: r.file, Line: max(n.Line, 1), Col: col}
}

// root returns the value of the only document of a file; nil if there is none.
func (r *reader) root(text []byte) *yaml.Node {
	if !r.readable() {
		return nil
	}
	var doc, another yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		r.syntax(err)
		return nil
	}
	switch err := d.Decode(&another); {
	case err == nil:
		r.add(&another, "a second document")
	case !errors.Is(err, io.EOF):
		r.syntax(err)
	}
	return doc.Content[0]
}

// readable reports whether the file is text, and the first place where it is
// none: YAML's own error has no line.
func (r *reader) readable() bool {
	for n, line := range r.lines {
		line = bytes.TrimSuffix(line, []byte("\r"))
		for col := 0; col < len(line); {
			c, size := utf8.DecodeRune(line[col:])
			if c == utf8.RuneError && size == 1 || unicode.IsControl(c) && c != '\t' {
				r.errs = append(r.errs, &Error{wit.Pos{File: r.file, Line: n + 1, Col: col + 1}, "this is no text"})
				return false
			}
			col += size
		}
	}
	return true
}
