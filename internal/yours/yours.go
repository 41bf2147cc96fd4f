// Package yours writes the functions that generated code leaves to its user, so that
// tests can compile it.
package yours

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Func is a function that is the user's to write.
type Func struct{ Name, Why string }

// Source returns a file with the functions that a generated file refers to as the
// user's, by "var _ func() = name", and what they are. All have one body, whose
// results are named: "return" returns zero values. It returns no file if there are no
// such functions.
func Source(generated []byte, body string) ([]byte, []Func, error) {
	w := writer{set: token.NewFileSet(), imports: make(map[string]string), used: make(map[string]bool), body: body}
	file, err := parser.ParseFile(w.set, "", generated, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, err
	}
	for _, i := range file.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return nil, nil, err
		}
		name := path.Base(p)
		if i.Name != nil {
			name = i.Name.Name
		}
		w.imports[name] = p
	}
	for _, d := range file.Decls {
		if err := w.declaration(d); err != nil {
			return nil, nil, err
		}
	}
	if len(w.funcs) == 0 {
		return nil, nil, nil
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "package %s\n\nimport (\n", file.Name.Name)
	for _, name := range slices.Sorted(maps.Keys(w.used)) {
		fmt.Fprintf(&out, "\t%s %q\n", name, w.imports[name])
	}
	out.WriteString(")\n")
	out.Write(w.code.Bytes())
	return out.Bytes(), w.funcs, nil
}

type writer struct {
	set     *token.FileSet
	imports map[string]string // by name
	used    map[string]bool   // names of imports
	body    string
	code    bytes.Buffer
	funcs   []Func
}

// declaration writes the function that a variable without a name is set to.
func (w *writer) declaration(d ast.Decl) error {
	g, ok := d.(*ast.GenDecl)
	if !ok || g.Tok != token.VAR || len(g.Specs) != 1 {
		return nil
	}
	v := g.Specs[0].(*ast.ValueSpec)
	typ, ok := v.Type.(*ast.FuncType)
	if !ok || v.Names[0].Name != "_" {
		return nil
	}
	name := v.Values[0].(*ast.Ident).Name
	w.funcs = append(w.funcs, Func{name, strings.Join(strings.Fields(g.Doc.Text()), " ")})
	ast.Inspect(typ, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			w.used[s.X.(*ast.Ident).Name] = true
		}
		return true
	})
	for n, r := range typ.Results.List {
		r.Names = []*ast.Ident{ast.NewIdent(fmt.Sprintf("result%d", n))}
	}
	var text bytes.Buffer
	if err := printer.Fprint(&text, w.set, typ); err != nil {
		return err
	}
	fmt.Fprintf(&w.code, "\nfunc %s%s { %s }\n", name, strings.TrimPrefix(text.String(), "func"), w.body)
	return nil
}
