// Package oracle_test holds what package goapi says of generated packages against
// golang.org/x/exp/apidiff, which knows nothing of them. It is a module of its
// own, so that nobody else needs apidiff.
package oracle_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/exp/apidiff"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/internal/goapi"
	"github.com/witgen/witgen/wit"
)

const root = "example.com/app/api"

// repository is the root of the module that is tested.
const repository = "../../.."

// generated is what package gen makes of a world.
type generated struct {
	files []gen.File
	trees map[string][]*ast.File // by import path
}

// generate returns the packages of a world.
func generate(set *token.FileSet, w *wit.World) (*generated, error) {
	files, err := gen.Generate(w, gen.Options{PackageRoot: root})
	if err != nil {
		return nil, err
	}
	g := &generated{files: files, trees: make(map[string][]*ast.File)}
	for _, f := range files {
		tree, err := parser.ParseFile(set, f.Path, f.Content, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		of := path.Join(root, path.Dir(f.Path))
		g.trees[of] = append(g.trees[of], tree)
	}
	return g, nil
}

// lines returns the API as package goapi has it.
func (g *generated) lines(t *testing.T) []string {
	t.Helper()
	lines, err := goapi.Of(goapi.Source{Root: root, Files: g.files})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// checker checks generated packages with those of the runtime that they import.
type checker struct {
	*generated
	set     *token.FileSet
	others  types.Importer
	checked map[string]*types.Package
}

// Import implements types.Importer.
func (c *checker) Import(name string) (*types.Package, error) {
	if c.trees[name] == nil {
		return c.others.Import(name)
	}
	if p := c.checked[name]; p != nil {
		return p, nil
	}
	config := types.Config{Importer: c}
	p, err := config.Check(name, c.set, c.trees[name], nil)
	c.checked[name] = p
	return p, err
}

// module returns all packages, as apidiff takes them.
func (g *generated) module(t *testing.T, set *token.FileSet, others types.Importer) *apidiff.Module {
	t.Helper()
	c := &checker{generated: g, set: set, others: others, checked: make(map[string]*types.Package)}
	m := &apidiff.Module{Path: root}
	for name := range g.trees {
		p, err := c.Import(name)
		if err != nil {
			t.Fatal(err)
		}
		m.Packages = append(m.Packages, p)
	}
	return m
}

// compiled returns an importer of the packages that generated ones import, as
// the compiler has them.
func compiled(t *testing.T, set *token.FileSet, all []*generated) types.Importer {
	t.Helper()
	wanted := make(map[string]bool)
	for _, g := range all {
		for _, trees := range g.trees {
			for _, tree := range trees {
				for _, s := range tree.Imports {
					name, _ := strconv.Unquote(s.Path.Value)
					if !strings.HasPrefix(name, root+"/") {
						wanted[name] = true
					}
				}
			}
		}
	}
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}
	for name := range wanted {
		args = append(args, name)
	}
	command := exec.Command("go", args...)
	command.Dir = repository
	out, err := command.Output()
	if err != nil {
		t.Fatalf("the go command does not compile what generated packages import: %v", err)
	}
	files := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[name] = file
	}
	return importer.ForCompiler(set, "gc", func(name string) (io.ReadCloser, error) { return os.Open(files[name]) })
}
