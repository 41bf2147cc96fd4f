package gen_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// rows are pairs of versions of a contract, one for each kind of change that the
// catalogue of changes has.
const rows = "../wit/compat/testdata/rows"

// yours says of each pair which functions of which world are the user's to write:
// by what the reason of each has to say. Of all others there are none.
var yours = map[string]map[string][]string{
	"02-func-removed":  {"host": {"no function flush any more"}},
	"03-func-renamed":  {"host": {"no function flush any more"}},
	"07-param-removed": {"host": {"Parameter wait has no place"}, "guest": {"Parameter wait is new"}},
	"10-params-spill":  {"host": {"Parameter p16 is new"}, "guest": {"Parameter p16 has no place"}},
	"11-type-in-one-core-type": {
		"host":  {"u32 is char there", "string is list<u8> there"},
		"guest": {"list<u8> is string there"},
	},
	"12-list-of-a-fixed-length": {"host": {"list<u8> is list<u8, 4> there"}, "guest": {"list<u8, 4> is list<u8> there"}},
	// What the host returns, an older guest need not see. What it wants and the
	// older one does not return is nowhere.
	"13-result":                     {"host": {"Function f2 returns something"}, "guest": {"Function f1 returns something", "function f2 returns"}},
	"14-result-fallible-by-pointer": {"host": {"string is u32 there"}, "guest": {"u32 is string there"}},
	"16-record-field-removed":       {"host": {"Field size has no place"}, "guest": {"Field size is not there"}},
	"16-record-field-renamed":       {"host": {"Field length is not there"}, "guest": {"Field size is not there"}},
	"18-record-tuple":               {"host": {"point is tuple<u32, u32> there"}, "guest": {"tuple<u32, u32> is point there"}},
	"18-tuple-record":               {"host": {"tuple<u32, u32> is point there"}, "guest": {"point is tuple<u32, u32> there"}},
	"29-enum-variant":               {"host": {"e1 is e1 there", "e2 is e2 there"}, "guest": {"e1 is e1 there", "e2 is e2 there"}},
	"37-resource-renamed":           {"host": {"own<bucket> is own<store> there"}, "guest": {"own<store> is own<bucket> there"}},
	"39-methods-removed":            {"host": {"imports no functions of acme:kv/api"}},
	"40-method-static":              {"host": {"no function [static]store.find any more"}},
	// Who is lent a resource cannot give it away, and who is given one has to close it.
	"41-borrow-own":          {"host": {"Parameter s1", "Parameter s2"}, "guest": {"Parameter s1", "Parameter s2"}},
	"42-resource-record":     {"host": {"own<store> is store there"}, "guest": {"store is own<store> there"}},
	"46-import-removed":      {"plugin": {"no import acme:kv/admin", "no function trace any more"}},
	"49-import-export":       {"plugin": {"no import acme:kv/store", "imports no functions outside of interfaces"}},
	"51-inline-named-import": {"plugin": {"no import admin"}},
	"57-unstable-removed":    {"host": {"no function put any more"}},
}

// refused are the pairs that have no bindings, and why.
var refused = map[string]string{
	"27-flags-32-33":     "there may be 32",
	"55-package-renamed": "which is of another package",
}

// declared finds the package of WIT text.
var declared = regexp.MustCompile(`(?m)^package ([\w:-]+)@\S+;$`)

// TestConformancePairs generates every pair of the catalogue of changes as the older
// and the newest version of a contract, for guests that import what has changed and
// for guests that export it. All of them are well typed, given the functions that are
// the user's: exactly those that have to be.
func TestConformancePairs(t *testing.T) {
	m := newTyped("example.com/generated")
	names, err := filepath.Glob(rows + "/*")
	if err != nil || len(names) < 70 {
		t.Fatalf("%d pairs, %v", len(names), err)
	}
	unseen := slices.Collect(maps.Keys(yours))
	for n, dir := range names {
		name := filepath.Base(dir)
		unseen = slices.DeleteFunc(unseen, func(u string) bool { return u == name })
		t.Run(name, func(t *testing.T) { m.pair(t, name, dir, fmt.Sprintf("r%d", n)) })
	}
	if len(unseen) > 0 {
		t.Errorf("there are no pairs %q", unseen)
	}
	m.check(t)
}

// pair adds the bindings of the worlds that both versions have.
func (m *typed) pair(t *testing.T, name, dir, out string) {
	old, err := loadAs(dir+"/old.wit", "0.1.0")
	if err != nil {
		t.Fatal(err)
	}
	now, err := loadAs(dir+"/new.wit", "0.2.0")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range now.Worlds {
		o := old.World(w.Name)
		if o == nil {
			continue
		}
		root := path.Join(out, w.Name)
		files, err := gen.Generate(w, gen.Options{PackageRoot: path.Join(m.name, root), Older: []*wit.World{o}})
		if why := refused[name]; why != "" {
			if err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("world %s: %v, want %q", w.Name, err, why)
			}
			continue
		}
		if err != nil {
			t.Errorf("world %s: %v", w.Name, err)
			continue
		}
		m.add(root, files)
		stubs, err := m.stubs(root, files)
		if err != nil {
			t.Fatal(err)
		}
		wantStubs(t, w.Name, stubs, yours[name][w.Name])
	}
}

// loadAs loads a package as one of a version.
func loadAs(name, version string) (*wit.Package, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	text = declared.ReplaceAll(text, []byte("package $1@"+version+";"))
	return wit.LoadFS(fstest.MapFS{"x.wit": {Data: text}}, "x.wit", wit.Options{AllFeatures: true})
}

// stub is a function that generated code leaves to the user.
type stub struct{ name, why string }

// stubs adds functions for all that generated code refers to and does not have: they
// return nothing but zero values. It returns what they are.
func (m *typed) stubs(dir string, files []gen.File) ([]stub, error) {
	var all []stub
	for _, f := range files {
		source, stubs, err := writeStubs(f.Content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
		if len(stubs) > 0 {
			m.add(dir, []gen.File{{Path: strings.TrimSuffix(f.Path, gen.Suffix) + "_yours.go", Content: source}})
		}
		all = append(all, stubs...)
	}
	return all, nil
}

// writeStubs returns a file with the functions that a generated file leaves to the
// user: those of "var _ func() = name", with the reason as its comment.
func writeStubs(source []byte) ([]byte, []stub, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, err
	}
	imports := make(map[string]string)
	for _, i := range file.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return nil, nil, err
		}
		name := path.Base(p)
		if i.Name != nil {
			name = i.Name.Name
		}
		imports[name] = p
	}
	var stubs []stub
	var body bytes.Buffer
	used := make(map[string]bool)
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR || len(g.Specs) != 1 {
			continue
		}
		v := g.Specs[0].(*ast.ValueSpec)
		typ, ok := v.Type.(*ast.FuncType)
		if !ok || v.Names[0].Name != "_" {
			continue
		}
		name := v.Values[0].(*ast.Ident).Name
		stubs = append(stubs, stub{name, strings.Join(strings.Fields(g.Doc.Text()), " ")})
		ast.Inspect(typ, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				used[s.X.(*ast.Ident).Name] = true
			}
			return true
		})
		for n, r := range typ.Results.List { // named, so that a bare return has zero values
			r.Names = []*ast.Ident{ast.NewIdent(fmt.Sprintf("result%d", n))}
		}
		var text bytes.Buffer
		if err := printer.Fprint(&text, set, typ); err != nil {
			return nil, nil, err
		}
		fmt.Fprintf(&body, "\nfunc %s%s { return }\n", name, strings.TrimPrefix(text.String(), "func"))
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "package %s\n\nimport (\n", file.Name.Name)
	for _, name := range slices.Sorted(maps.Keys(used)) {
		fmt.Fprintf(&out, "\t%s %q\n", name, imports[name])
	}
	out.WriteString(")\n")
	out.Write(body.Bytes())
	return out.Bytes(), stubs, nil
}

// wantStubs compares functions that are the user's with what their reasons have to
// say: one each.
func wantStubs(t *testing.T, world string, got []stub, want []string) {
	t.Helper()
	left := slices.Clone(got)
	for _, w := range want {
		n := slices.IndexFunc(left, func(s stub) bool { return strings.Contains(s.why, w) })
		if n < 0 {
			t.Errorf("world %s: no function is the user's because %q, of %q", world, w, got)
			continue
		}
		left = slices.Delete(left, n, n+1)
	}
	for _, s := range left {
		t.Errorf("world %s: %s", world, s.why)
	}
}
