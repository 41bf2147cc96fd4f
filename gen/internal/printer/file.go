package printer

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"
)

// File is a file of Go source.
type File struct {
	header  []string
	doc     Comment
	path    string
	name    string
	imports map[string]string // names by path
	decls   []Code
}

// NewFile returns an empty file of the package at an import path. The header
// stands above everything else, apart from the package's documentation.
func NewFile(path, name string, header []string, doc Comment) *File {
	return &File{header: header, doc: doc, path: path, name: name, imports: map[string]string{}}
}

// Import announces the name by which the file refers to the package at an
// import path. It is imported if it is used.
func (f *File) Import(path, name string) { f.imports[path] = name }

// Add adds declarations.
func (f *File) Add(decls ...Code) {
	for _, d := range decls {
		if d.s != nil {
			f.decls = append(f.decls, d)
		}
	}
}

// Render returns the formatted source. It fails if the file is no Go, or uses
// a package that was not announced.
func (f *File) Render() ([]byte, error) {
	out := jen.NewFilePathName(f.path, f.name)
	for _, line := range f.header {
		out.HeaderComment(mark(line))
	}
	for _, line := range f.doc {
		out.PackageComment(mark(line))
	}
	for p, name := range f.imports {
		if path.Base(p) == name {
			out.ImportName(p, name)
		} else {
			out.ImportAlias(p, name)
		}
	}
	for i, d := range f.decls {
		if i > 0 {
			out.Line()
		}
		out.Add(d.s)
	}
	var b bytes.Buffer
	if err := out.Render(&b); err != nil {
		return nil, err
	}
	return f.groupImports(b.Bytes())
}

// groupImports puts the standard library's imports before the others, and
// checks that all go by the names that were announced for them.
func (f *File) groupImports(src []byte) ([]byte, error) {
	const open, end = "\nimport (\n", "\n)\n"
	start := bytes.Index(src, []byte(open))
	if start < 0 {
		return src, f.checkSingle(src)
	}
	start += len(open)
	size := bytes.Index(src[start:], []byte(end))
	var groups [2][]string
	for line := range strings.Lines(string(src[start : start+size+1])) {
		p, err := f.checkImport(line)
		if err != nil {
			return nil, err
		}
		first, _, _ := strings.Cut(p, "/")
		if strings.Contains(first, ".") {
			groups[1] = append(groups[1], line)
		} else {
			groups[0] = append(groups[0], line)
		}
	}
	block := strings.Join(groups[0], "")
	if len(groups[0]) > 0 && len(groups[1]) > 0 {
		block += "\n"
	}
	block += strings.Join(groups[1], "")
	return slices.Concat(src[:start], []byte(block), src[start+size+1:]), nil
}

func (f *File) checkSingle(src []byte) error {
	const one = "\nimport "
	start := bytes.Index(src, []byte(one))
	if start < 0 {
		return nil
	}
	line, _, _ := strings.Cut(string(src[start+len(one):]), "\n")
	_, err := f.checkImport(line)
	return err
}

// checkImport returns the path of an import.
func (f *File) checkImport(line string) (string, error) {
	name, quoted, _ := strings.Cut(strings.TrimSpace(line), `"`)
	p, err := strconv.Unquote(`"` + quoted)
	if err != nil {
		return "", fmt.Errorf("import %s: %w", line, err)
	}
	name = strings.TrimSpace(name)
	if name == "" {
		name = path.Base(p)
	}
	if want, ok := f.imports[p]; !ok || want != name {
		return "", fmt.Errorf("import %q goes by %s, not by the name announced", p, name)
	}
	return p, nil
}
