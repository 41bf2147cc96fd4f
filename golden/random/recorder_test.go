package random_test

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

// recorder returns a file for the generated package of an interface. It has
// Recorder, an implementation of the package's Go interface that hands each
// call to a function, which need not know its types, and Cases, the types that
// implement each variant, in their order. For each resource it has another recorder,
// and in Make what makes one.
func recorder(source []byte, resources ...string) ([]byte, error) {
	r := recording{set: token.NewFileSet(), imports: map[string]string{"reflect": "reflect"}}
	var makes bytes.Buffer
	file, err := parser.ParseFile(r.set, "", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	named := importsOf(file)
	marks := make(map[string]string) // names of interfaces by their hidden methods
	cases := make(map[string][]string)
	var order []string
	for _, decl := range file.Decls {
		if m, ok := decl.(*ast.FuncDecl); ok {
			if m.Recv != nil && strings.HasPrefix(m.Name.Name, "is") {
				cases[m.Name.Name] = append(cases[m.Name.Name], r.text(m.Recv.List[0].Type))
			}
			continue
		}
		for _, spec := range decl.(*ast.GenDecl).Specs {
			d, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			i, ok := d.Type.(*ast.InterfaceType)
			if !ok || len(i.Methods.List) == 0 { // an interface of types alone
				continue
			}
			// The variant of an error embeds that, before its own method.
			if names := i.Methods.List[len(i.Methods.List)-1].Names; !names[0].IsExported() {
				marks[names[0].Name] = d.Name.Name
				order = append(order, names[0].Name)
				continue
			}
			if slices.ContainsFunc(resources, func(name string) bool { return alike(d.Name.Name, name) }) {
				fmt.Fprintf(&makes, "\t%q: func(n uint64, answer func(any, string, []any) []any) any { return &%[1]sRecorder{n, answer} },\n", d.Name.Name)
				r.resource(d.Name.Name, i, named)
				continue
			}
			r.methods(i, named)
		}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "package %s\n\nimport (\n", file.Name.Name)
	for _, name := range slices.Sorted(maps.Keys(r.imports)) {
		fmt.Fprintf(&out, "\t%s %q\n", name, r.imports[name])
	}
	out.WriteString(")\n\nvar Cases = map[reflect.Type][]reflect.Type{\n")
	for _, mark := range order {
		fmt.Fprintf(&out, "\treflect.TypeFor[%s](): {\n", marks[mark])
		for _, c := range cases[mark] {
			fmt.Fprintf(&out, "\t\treflect.TypeFor[%s](),\n", c)
		}
		out.WriteString("\t},\n")
	}
	out.WriteString("}\n")
	if len(resources) > 0 {
		fmt.Fprintf(&out, "\nvar Make = map[string]func(uint64, func(any, string, []any) []any) any{\n%s}\n", &makes)
	}
	out.Write(r.body.Bytes())
	return out.Bytes(), nil
}

type recording struct {
	set     *token.FileSet
	imports map[string]string // what is used, by name
	body    bytes.Buffer
}

// text returns an expression as it stands in the file.
func (r *recording) text(e ast.Expr) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, r.set, e); err != nil {
		return err.Error()
	}
	return b.String()
}

// use imports what an interface refers to.
func (r *recording) use(i ast.Node, named map[string]string) {
	ast.Inspect(i, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			name := s.X.(*ast.Ident).Name
			r.imports[name] = named[name]
		}
		return true
	})
}

// methods writes the recorder of an interface.
func (r *recording) methods(i *ast.InterfaceType, named map[string]string) {
	r.use(i, named)
	r.body.WriteString("\ntype Recorder struct {\n\tAnswer func(method string, args []any) []any\n}\n")
	r.answers(i, "Recorder", "")
}

// resource writes the recorder of a resource, which has a number.
func (r *recording) resource(name string, i *ast.InterfaceType, named map[string]string) {
	r.use(i, named)
	fmt.Fprintf(&r.body, "\ntype %sRecorder struct {\n\tNumber uint64\n\tAnswer func(self any, method string, args []any) []any\n}\n", name)
	r.answers(i, "*"+name+"Recorder", "x, ")
}

// answers writes the methods of a recorder, which hands itself on as well.
func (r *recording) answers(i *ast.InterfaceType, recv, self string) {
	for _, m := range i.Methods.List {
		f := m.Type.(*ast.FuncType)
		var params, args []string
		for _, p := range f.Params.List {
			for range p.Names {
				name := fmt.Sprintf("a%d", len(params))
				if len(params) > 0 {
					args = append(args, name)
				}
				params = append(params, name+" "+r.text(p.Type))
			}
		}
		results := []string{r.text(f.Results.List[0].Type)}
		value, with := "", ""
		if len(f.Results.List) == 2 {
			results = append(results, "error")
			value, with = "\tv, _ := out[0].("+results[0]+")\n", "v, "
		}
		name := m.Names[0].Name
		fmt.Fprintf(&r.body, `
func (x %[8]s) %[1]s(%[2]s) (%[3]s) {
	out := x.Answer(%[9]s%[1]q, []any{%[4]s})
%[5]s	err, _ := out[%[6]d].(error)
	return %[7]serr
}
`, name, strings.Join(params, ", "), strings.Join(results, ", "), strings.Join(args, ", "), value, len(results)-1, with, recv, self)
	}
}

// errorTypes returns a file for the generated package of an interface that has Errs,
// the Go types of the errors that its functions fail with.
func errorTypes(glue []byte) ([]byte, error) {
	r := recording{set: token.NewFileSet(), imports: map[string]string{"reflect": "reflect"}}
	file, err := parser.ParseFile(r.set, "", glue, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	named := importsOf(file)
	var types []string
	ast.Inspect(file, func(n ast.Node) bool {
		i, ok := n.(*ast.IndexExpr)
		if !ok || r.text(i.X) != "errors.AsType" {
			return true
		}
		r.use(i.Index, named)
		types = append(types, "reflect.TypeFor["+r.text(i.Index)+"]()")
		return true
	})
	var out bytes.Buffer
	fmt.Fprintf(&out, "package %s\n\nimport (\n", file.Name.Name)
	for _, name := range slices.Sorted(maps.Keys(r.imports)) {
		fmt.Fprintf(&out, "\t%s %q\n", name, r.imports[name])
	}
	fmt.Fprintf(&out, ")\n\nvar Errs = []reflect.Type{%s}\n", strings.Join(types, ", "))
	return out.Bytes(), nil
}

// importsOf returns the imports of a file by the names that it has for them.
func importsOf(file *ast.File) map[string]string {
	named := make(map[string]string)
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		named[path.Base(p)] = p
		if spec.Name != nil {
			named[spec.Name.Name] = p
		}
	}
	return named
}
