// Package goapi says what the Go API of generated packages is, as text that is
// compared and reviewed, and what of a change of it breaks callers.
//
// Of makes lines of the files that package gen prints, without a module, a
// network or an installed Go: the declarations are type-checked, the bodies
// are not, and for the packages that they import stand small ones in their place.
// Compare compares such lines. It follows golang.org/x/exp/apidiff for what is
// declared in one package, and looks at all packages together for what that
// does not see: packages that are gone, and declarations that moved.
package goapi

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/witgen/witgen/gen"
)

// Source is what package gen printed into an output directory.
type Source struct {
	Root  string // import path of the directory
	Files []gen.File
}

// Of returns the exported API of all sources, sorted, a line for each
// declaration, method, field and constant:
//
//	pkg PACKAGE, type NAME interface, method NAME(TYPES) RESULTS
//
// A package goes by its path below the root, or below what the roots have in
// common. In types, packages of the sources go by that path too, those of the
// runtime by their names, such as cm.Option, and any other by its import path. A
// struct that can be compared with == has a line that says so.
func Of(sources ...Source) ([]string, error) {
	u := &universe{
		set: token.NewFileSet(), files: make(map[string][]*ast.File),
		checked: make(map[string]*types.Package), names: make(map[string]map[string]bool),
	}
	w := &writer{paths: make(map[string]string)}
	base := common(sources)
	for _, s := range sources {
		for _, f := range s.Files {
			tree, err := parser.ParseFile(u.set, f.Path, f.Content, parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			of := path.Join(s.Root, path.Dir(f.Path))
			w.paths[of] = strings.TrimPrefix(of, base)
			u.files[of] = append(u.files[of], tree)
			u.declarations(tree)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(u.files)) {
		pkg, err := u.Import(name)
		if err != nil {
			return nil, err
		}
		w.packageLines(pkg)
	}
	slices.Sort(w.lines)
	return slices.Compact(w.lines), nil
}

// common returns what the roots of sources have in common, up to a slash.
func common(sources []Source) string {
	if len(sources) == 0 {
		return ""
	}
	base := sources[0].Root + "/"
	for _, s := range sources[1:] {
		for base != "" && !strings.HasPrefix(s.Root+"/", base) {
			base = base[:strings.LastIndexByte(base[:len(base)-1], '/')+1]
		}
	}
	return base
}

// universe holds packages while their declarations are checked.
type universe struct {
	set     *token.FileSet
	files   map[string][]*ast.File // by import path: what is generated
	checked map[string]*types.Package
	names   map[string]map[string]bool // of other packages, those that are used
}

// Import implements types.Importer. An import of itself fails: generated
// packages have no cycles.
func (u *universe) Import(name string) (*types.Package, error) {
	if p, ok := u.checked[name]; ok {
		if p == nil {
			return nil, errors.New("import cycle through " + name)
		}
		return p, nil
	}
	u.checked[name] = nil
	files, err := u.source(name)
	if err != nil {
		return nil, err
	}
	c := types.Config{Importer: u, IgnoreFuncBodies: true, DisableUnusedImportCheck: true}
	p, err := c.Check(name, u.set, files, nil)
	if err != nil {
		return nil, fmt.Errorf("the Go API of %s: %w", name, err)
	}
	u.checked[name] = p
	return p, nil
}

// source returns the files of a package: those that are generated, or else one
// that declares what of it they use.
func (u *universe) source(name string) ([]*ast.File, error) {
	if files, ok := u.files[name]; ok {
		return files, nil
	}
	text := standIn(name, slices.Sorted(maps.Keys(u.names[name])))
	tree, err := parser.ParseFile(u.set, name+"/stand-in.go", text, parser.SkipObjectResolution)
	return []*ast.File{tree}, err
}

// declarations cuts a file down to what its declarations say of types, and
// takes down which names of other packages those use.
func (u *universe) declarations(tree *ast.File) {
	tree.Decls = slices.DeleteFunc(tree.Decls, hidden)
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			d.Body = nil
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok {
					bare(v.Values)
				}
			}
		}
	}
	imports := make(map[string]string)
	for _, s := range tree.Imports {
		name := s.Path.Value[1 : len(s.Path.Value)-1]
		as := path.Base(name)
		if s.Name != nil {
			as = s.Name.Name
		}
		imports[as] = name
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := s.X.(*ast.Ident); ok && imports[x.Name] != "" {
			of := imports[x.Name]
			if u.names[of] == nil {
				u.names[of] = make(map[string]bool)
			}
			u.names[of][s.Sel.Name] = true
		}
		return true
	})
}

// hidden reports whether a declaration is of values that have no exported name.
func hidden(d ast.Decl) bool {
	g, ok := d.(*ast.GenDecl)
	if !ok || g.Tok != token.VAR && g.Tok != token.CONST {
		return false
	}
	return !slices.ContainsFunc(g.Specs, func(s ast.Spec) bool {
		v, ok := s.(*ast.ValueSpec)
		return !ok || slices.ContainsFunc(v.Names, (*ast.Ident).IsExported)
	})
}

// bare empties the composite literals that variables begin with: their types
// are what counts.
func bare(values []ast.Expr) {
	for _, v := range values {
		if a, ok := v.(*ast.UnaryExpr); ok {
			v = a.X
		}
		if c, ok := v.(*ast.CompositeLit); ok {
			c.Elts = nil
		}
	}
}
