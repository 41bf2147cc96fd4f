package gen_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/witgen/witgen/gen"
)

// typed are generated packages whose types are checked without the go command,
// which takes minutes to compile as many.
type typed struct {
	name     string // of the module they are of
	set      *token.FileSet
	files    map[string][]*ast.File // by import path
	wrong    []error
	packages map[string]*types.Package // nil while one is checked
	others   types.Importer            // of packages that are not generated
}

func newTyped(name string) *typed {
	return &typed{
		name: name, set: token.NewFileSet(),
		files: make(map[string][]*ast.File), packages: make(map[string]*types.Package),
	}
}

// add adds files below a directory.
func (m *typed) add(dir string, files []gen.File) {
	for _, f := range files {
		name := path.Join(m.name, dir, f.Path)
		file, err := parser.ParseFile(m.set, name, f.Content, parser.SkipObjectResolution)
		if err != nil {
			m.wrong = append(m.wrong, err)
			continue
		}
		m.files[path.Dir(name)] = append(m.files[path.Dir(name)], file)
	}
}

// check checks all packages.
func (m *typed) check(t *testing.T) {
	t.Helper()
	exports, err := m.compiled()
	if err != nil {
		t.Fatal(err)
	}
	m.others = importer.ForCompiler(m.set, "gc", func(path string) (io.ReadCloser, error) {
		name, ok := exports[path]
		if !ok {
			return nil, fmt.Errorf("there is no package %q", path)
		}
		return os.Open(name)
	})
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		if _, err := m.Import(name); err != nil {
			m.wrong = append(m.wrong, err)
		}
	}
	for _, err := range m.wrong {
		t.Error(err)
	}
	if len(m.packages) == 0 {
		t.Error("there are no packages")
	}
}

// compiled returns the files with what the packages export that others import.
func (m *typed) compiled() (map[string]string, error) {
	need := make(map[string]bool)
	for _, files := range m.files {
		for _, f := range files {
			for _, i := range f.Imports {
				p, err := strconv.Unquote(i.Path.Value)
				if err != nil {
					return nil, err
				}
				if m.files[p] == nil && !strings.HasPrefix(p, m.name+"/") {
					need[p] = true
				}
			}
		}
	}
	args := append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}, slices.Sorted(maps.Keys(need))...)
	cmd := exec.Command("go", args...)
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.Bytes())
	}
	exports := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		exports[name] = file
	}
	return exports, nil
}

// Import returns a package, which it checks first if it is one of the generated.
func (m *typed) Import(name string) (*types.Package, error) {
	files := m.files[name]
	if files == nil {
		return m.others.Import(name)
	}
	if p, ok := m.packages[name]; ok {
		if p == nil {
			return nil, fmt.Errorf("package %s imports itself", name)
		}
		return p, nil
	}
	m.packages[name] = nil
	config := types.Config{Importer: m, GoVersion: "go1.26", Error: func(err error) { m.wrong = append(m.wrong, err) }}
	p, _ := config.Check(name, m.set, files, nil) // each error has been noted
	m.packages[name] = p
	return p, nil
}
