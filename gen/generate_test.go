package gen_test

import (
	"bytes"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

func generate(t *testing.T, w *wit.World, root string) []gen.File {
	t.Helper()
	files, err := gen.Generate(w, gen.Options{PackageRoot: root})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestDeterministic generates twice from what is loaded twice, and from copies
// of the WIT in other directories.
func TestDeterministic(t *testing.T) {
	const dir = "golden/types/wit"
	first := generate(t, loadWorld(t, dir), "example.com/x")
	for range 3 {
		copied := t.TempDir()
		if err := os.CopyFS(copied, os.DirFS(filepath.Join("..", filepath.FromSlash(dir)))); err != nil {
			t.Fatal(err)
		}
		pkg, err := wit.Load(copied, wit.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w, err := pkg.ChooseWorld("")
		if err != nil {
			t.Fatal(err)
		}
		same := func(a, b gen.File) bool { return a.Path == b.Path && bytes.Equal(a.Content, b.Content) }
		if again := generate(t, w, "example.com/x"); !slices.EqualFunc(first, again, same) {
			t.Fatal("the files differ")
		}
	}
}

// TestHeader checks what tools rely on in every file.
func TestHeader(t *testing.T) {
	for _, f := range generate(t, loadWorld(t, "golden/types/wit"), "example.com/x") {
		lines := strings.SplitN(string(f.Content), "\n", 4)
		source := "// Source: golden:types/everything@1.2.3. File: " + f.Path + ". Format 1."
		if lines[0] != gen.Generated || lines[1] != source || lines[2] != "" {
			t.Errorf("%s begins\n%s", f.Path, strings.Join(lines[:3], "\n"))
		}
		want := gen.Header{World: "golden:types/everything@1.2.3", Path: f.Path, Format: 1}
		for _, content := range [][]byte{f.Content, bytes.ReplaceAll(f.Content, []byte("\n"), []byte("\r\n"))} {
			if got, ok := gen.ParseHeader(content); !ok || got != want {
				t.Errorf("%s: got header %+v (%t), want %+v", f.Path, got, ok, want)
			}
		}
		if formatted, err := format.Source(f.Content); err != nil || !bytes.Equal(formatted, f.Content) {
			t.Errorf("%s is not formatted (%v)", f.Path, err)
		}
	}
}

// attacks are documentation that would be code or directives if it were
// printed as it is.
var attacks = []wit.Docs{
	"*/ func init() { panic(1) } /*",
	"fine\n*/\nfunc init() { panic(1) }\n/*",
	"//go:linkname runtime_x runtime.x\n//go:embed secret\n//export X",
	"+build ignore\n// +build ignore\ngo:build ignore",
	"a\r\nfunc init() { panic(1) }\r",
	"\x00\x1b[31m\u2028func init() {}\ufeff\u202e\xff",
	"```\n`\"\\n\n```",
	"line x.go:1\n//line x.go:1",
}

// TestHostileDocs puts attacks wherever WIT has documentation. The code, all
// but its comments, must be what it is without them.
func TestHostileDocs(t *testing.T) {
	for _, dir := range []string{"golden/types/wit", "golden/worlds/wit", "golden/named/wit"} {
		plain := generate(t, loadWorld(t, dir), "example.com/x")
		for _, attack := range attacks {
			w := loadWorld(t, dir)
			document(w, attack)
			for n, f := range generate(t, w, "example.com/x") {
				if got, want := code(t, f), code(t, plain[n]); got != want {
					t.Errorf("%q: %s: the code differs", attack, f.Path)
				}
				harmless(t, attack, f)
			}
		}
	}
}

// harmless checks that no comment of a file is a directive.
func harmless(t *testing.T, attack wit.Docs, f gen.File) {
	t.Helper()
	for line := range strings.Lines(string(f.Content)) {
		text := strings.TrimSpace(line)
		if strings.HasPrefix(text, "//") && text != "//" && text[2] != ' ' && text[2] != '\t' ||
			strings.HasPrefix(text, "// +build") || strings.HasPrefix(text, "/*") {
			t.Errorf("%q: %s: %q", attack, f.Path, line)
		}
	}
}

// document sets the documentation of a world and of all in it.
func document(w *wit.World, docs wit.Docs) {
	w.Docs = docs
	for _, item := range slices.Concat(w.Imports, w.Exports) {
		item.Docs = docs
		switch {
		case item.Func != nil:
			item.Func.Docs = docs
		case item.Type != nil:
			documentType(item.Type, docs)
		default:
			item.Interface.Docs = docs
			for _, f := range item.Interface.Funcs {
				f.Docs = docs
			}
			for _, d := range item.Interface.Types {
				documentType(d, docs)
			}
		}
	}
}

func documentType(d *wit.TypeDef, docs wit.Docs) {
	d.Docs = docs
	switch t := d.Type.(type) {
	case *wit.Record:
		for k := range t.Fields {
			t.Fields[k].Docs = docs
		}
	case *wit.Variant:
		for k := range t.Cases {
			t.Cases[k].Docs = docs
		}
	case *wit.Enum:
		for k := range t.Cases {
			t.Cases[k].Docs = docs
		}
	case *wit.Flags:
		for k := range t.Flags {
			t.Flags[k].Docs = docs
		}
	}
}

// code returns the tokens of a file, without comments.
func code(t *testing.T, f gen.File) string {
	t.Helper()
	set := token.NewFileSet()
	var scan scanner.Scanner
	scan.Init(set.AddFile(f.Path, -1, len(f.Content)), f.Content, func(pos token.Position, msg string) {
		t.Errorf("%s: %s", pos, msg)
	}, 0)
	var b strings.Builder
	for {
		_, tok, text := scan.Scan()
		if tok == token.EOF {
			return b.String()
		}
		b.WriteString(tok.String() + " " + text + "\n")
	}
}

// TestHostileNames hands over names that no WIT file can have.
func TestHostileNames(t *testing.T) {
	for _, name := range []string{"a\"; import \"os", "../../etc", "", "a b", "ünïcode", "1a", "-"} {
		for _, set := range []func(w *wit.World){
			func(w *wit.World) { w.Name = name },
			func(w *wit.World) { w.Imports[0].Interface.Name = name },
			func(w *wit.World) { w.Imports[0].Interface.Funcs[0].Name = name },
			func(w *wit.World) { w.Imports[0].Interface.Funcs[0].Params[0].Name = name },
			func(w *wit.World) { w.Exports[0].Interface.Types[0].Name = name },
			func(w *wit.World) { w.Exports[0].Interface.Types[0].Type.(*wit.Record).Fields[0].Name = name },
			func(w *wit.World) { w.Package.Name.Namespace = name },
			func(w *wit.World) {
				other := *w.Package
				other.Name = wit.PackageName{Namespace: name, Name: name}
				w.Imports[0].Interface.Package = &other
			},
		} {
			w := loadWorld(t, "golden/plugins/wit")
			set(w)
			acceptable(t, name, w)
		}
		if name == "" {
			continue // a label is what tells items of a world from others
		}
		for _, dir := range []string{"golden/worlds/wit", "golden/named/wit"} {
			for n := range slices.Concat(loadWorld(t, dir).Imports, loadWorld(t, dir).Exports) {
				w := loadWorld(t, dir)
				rename(slices.Concat(w.Imports, w.Exports)[n], name)
				acceptable(t, name, w)
			}
		}
	}
}

// rename gives an item of a world another name.
func rename(item *wit.WorldItem, name string) {
	if item.Label != "" {
		item.Label = name
	}
	switch {
	case item.Func != nil:
		item.Func.Name = name
	case item.Type != nil:
		item.Type.Name = name
	}
}

// acceptable checks what is generated for a world that no WIT file can have.
func acceptable(t *testing.T, name string, w *wit.World) {
	t.Helper()
	files, err := gen.Generate(w, gen.Options{PackageRoot: "example.com/x"})
	if err != nil {
		return
	}
	for _, f := range files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			t.Errorf("%q: writes %s", name, f.Path)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), f.Path, f.Content, 0); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}
