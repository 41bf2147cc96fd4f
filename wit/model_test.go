package wit_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit"
)

const floorModels = 74

// TestConformanceModel compares what is loaded with the model that the
// reference prints as JSON: both are written out, one line for each interface,
// type, function and world item, in order. Documentation is left out, since
// the reference takes every comment for it.
func TestConformanceModel(t *testing.T) {
	dir := corpus(t, "wit-corpus/ui")
	goldens, err := filepath.Glob(filepath.Join(dir, "*.wit.json"))
	if err != nil {
		t.Fatal(err)
	}
	equal := 0
	for _, golden := range goldens {
		p, err := wit.Load(assembled(t, goldenInput(golden)), wit.Options{Features: []string{"active"}})
		if err != nil {
			t.Logf("%s: not loaded: %v", filepath.Base(golden), err)
			continue
		}
		got, want := dumpModel(p), dumpGolden(t, golden)
		if got != want {
			t.Logf("%s:\n%s", filepath.Base(golden), diff(want, got))
			continue
		}
		equal++
	}
	report(t, "equal models", equal, len(goldens), floorModels)
}

// TestModels loads the package in each archive of testdata/models and compares
// it with the file want, in the form of TestConformanceModel.
func TestModels(t *testing.T) {
	archives, err := filepath.Glob("testdata/models/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			fsys, packages, o, want := archive(t, file)
			p, err := wit.LoadFS(fsys, packages[0], o)
			if err != nil {
				t.Fatal(err)
			}
			if got := dumpModel(p); got != want {
				t.Errorf("the model differs:\n%s", diff(want, got))
			}
		})
	}
}

// diff marks the lines that only one text has.
func diff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var b strings.Builder
	for i := range max(len(w), len(g)) {
		var a, c string
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			c = g[i]
		}
		if a != c {
			fmt.Fprintf(&b, "  line %d\n    want %s\n    got  %s\n", i+1, a, c)
		}
	}
	return b.String()
}

// modelPrinter writes out a loaded package.
type modelPrinter struct{ lines []string }

func dumpModel(root *wit.Package) string {
	var all []string
	for _, p := range root.Loaded() {
		m := &modelPrinter{}
		m.pkg(p)
		all = append(all, strings.Join(m.lines, "\n"))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func (m *modelPrinter) pkg(p *wit.Package) {
	m.line("package %s", p.Name)
	ifaces := slices.Clone(p.Interfaces)
	slices.SortFunc(ifaces, func(a, b *wit.Interface) int { return strings.Compare(a.Name, b.Name) })
	for _, i := range ifaces {
		m.line(" interface %s%s", i.Name, stabilityText(i.Stability))
		m.members(i)
	}
	worlds := slices.Clone(p.Worlds)
	slices.SortFunc(worlds, func(a, b *wit.World) int { return strings.Compare(a.Name, b.Name) })
	for _, w := range worlds {
		m.line(" world %s%s", w.Name, stabilityText(w.Stability))
		m.items("import", w.Imports)
		m.items("export", w.Exports)
	}
}

func (m *modelPrinter) line(format string, args ...any) {
	m.lines = append(m.lines, fmt.Sprintf(format, args...))
}

func stabilityText(s wit.Stability) string {
	text := ""
	if s.Since != "" {
		text = " since " + s.Since
	}
	if s.Feature != "" {
		text = " unstable " + s.Feature
	}
	if s.Deprecated != "" {
		text += " deprecated " + s.Deprecated
	}
	return text
}

func (m *modelPrinter) members(i *wit.Interface) {
	for _, d := range i.Types {
		m.line("  type %s = %s%s", d.Name, bodyText(d.Type), stabilityText(d.Stability))
	}
	for _, f := range i.Funcs {
		m.line("  %s", funcText(f))
	}
}

func (m *modelPrinter) items(verb string, items []*wit.WorldItem) {
	for _, item := range items {
		switch {
		case item.Func != nil:
			m.line("  %s %s: %s", verb, item.Name(), funcText(item.Func))
		case item.Type != nil:
			m.line("  %s %s: type %s = %s%s", verb, item.Name(), item.Type.Name, bodyText(item.Type.Type), stabilityText(item.Type.Stability))
		default:
			m.line("  %s %s: interface %s%s", verb, item.Name(), item.Interface.ID(), stabilityText(item.Stability))
			if item.Interface.Name == "" {
				m.members(item.Interface)
			}
		}
	}
}

func funcText(f *wit.Func) string {
	kind := [...]string{"freestanding", "constructor", "method", "static"}[f.Kind]
	if f.Async {
		kind = "async " + kind
	}
	text := kind + " " + f.Name + "("
	for _, p := range f.Params {
		text += p.Name + ": " + refText(p.Type) + ", "
	}
	text += ")"
	if f.Resource != nil {
		text += " of " + refText(f.Resource)
	}
	if f.Result != nil {
		text += " -> " + refText(f.Result)
	}
	return text + stabilityText(f.Stability)
}

// refText writes a type where it is used: a named one by its name.
func refText(t wit.Type) string {
	if d, ok := t.(*wit.TypeDef); ok {
		owner := ""
		if d.Owner.Interface != nil {
			owner = d.Owner.Interface.ID()
		} else {
			owner = d.Owner.World.ID()
		}
		return owner + "#" + d.Name
	}
	return bodyText(t)
}

func bodyText(t wit.Type) string {
	switch t := t.(type) {
	case nil:
		return "_"
	case wit.Primitive:
		return t.String()
	case *wit.TypeDef:
		return refText(t)
	case *wit.Record:
		text := "record {"
		for _, f := range t.Fields {
			text += f.Name + ": " + refText(f.Type) + ", "
		}
		return text + "}"
	case *wit.Variant:
		text := "variant {"
		for _, c := range t.Cases {
			text += c.Name + "(" + refText(c.Type) + "), "
		}
		return text + "}"
	case *wit.Enum:
		return "enum " + labelText(t.Cases)
	case *wit.Flags:
		return "flags " + labelText(t.Flags)
	case *wit.Tuple:
		text := "tuple<"
		for _, e := range t.Types {
			text += refText(e) + ", "
		}
		return text + ">"
	case *wit.Option:
		return "option<" + refText(t.Elem) + ">"
	case *wit.Result:
		return "result<" + refText(t.OK) + ", " + refText(t.Err) + ">"
	case *wit.List:
		if t.Fixed {
			return fmt.Sprintf("list<%s, %d>", refText(t.Elem), t.Len)
		}
		return "list<" + refText(t.Elem) + ">"
	case *wit.Map:
		return "map<" + refText(t.Key) + ", " + refText(t.Value) + ">"
	case *wit.Stream:
		return "stream<" + refText(t.Elem) + ">"
	case *wit.Future:
		return "future<" + refText(t.Elem) + ">"
	case *wit.Resource:
		return "resource"
	case *wit.Handle:
		if t.Borrow {
			return "borrow<" + refText(t.Resource) + ">"
		}
		return "own<" + refText(t.Resource) + ">"
	}
	return "unknown"
}

func labelText(labels []wit.Label) string {
	text := "{"
	for _, l := range labels {
		text += l.Name + ", "
	}
	return text + "}"
}
