package wit_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit"
)

const floorModels = 72

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
		name := strings.TrimSuffix(golden, ".json")
		if _, err := os.Stat(name); err != nil {
			name = strings.TrimSuffix(name, ".wit")
		}
		p, err := wit.Load(name, wit.Options{Features: []string{"active"}})
		if err != nil {
			t.Logf("%s: not loaded", filepath.Base(name))
			continue
		}
		got, want := dumpModel(p), dumpGolden(t, golden)
		if got != want {
			t.Logf("%s:\n%s", filepath.Base(name), diff(want, got))
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
		all = append(all, strings.Join(m.lines, "\n"))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
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

// goldenPrinter writes out the reference's JSON in the same form.
type goldenPrinter struct {
	t    *testing.T
	root object
	modelPrinter
}

func dumpGolden(t *testing.T, file string) string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dec := json.NewDecoder(f)
	dec.UseNumber()
	root := decodeOrdered(t, dec).(object)
	var all []string
	for _, p := range root.list("packages") {
		g := &goldenPrinter{t: t, root: root}
		p := p.(object)
		g.line("package %s", p.str("name"))
		for _, kv := range p.sorted("interfaces") {
			i := g.at("interfaces", kv.value)
			g.line(" interface %s%s", kv.key, g.stability(i))
			g.members(i)
		}
		for _, kv := range p.sorted("worlds") {
			w := g.at("worlds", kv.value)
			g.line(" world %s%s", kv.key, g.stability(w))
			g.items("import", w.object("imports"))
			g.items("export", w.object("exports"))
		}
		all = append(all, strings.Join(g.lines, "\n"))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// at returns the element of a top-level list with that index.
func (g *goldenPrinter) at(list string, index any) object {
	n, err := index.(json.Number).Int64()
	if err != nil {
		g.t.Fatal(err)
	}
	return g.root.list(list)[n].(object)
}

func (g *goldenPrinter) stability(o object) string {
	s := o.object("stability")
	text := ""
	if st := s.object("stable"); st != nil {
		text = " since " + st.str("since")
		s = st
	} else if un := s.object("unstable"); un != nil {
		text = " unstable " + un.str("feature")
		s = un
	}
	if v := s.str("deprecated"); v != "" {
		text += " deprecated " + v
	}
	return text
}

func (g *goldenPrinter) members(i object) {
	for _, kv := range i.object("types") {
		d := g.at("types", kv.value)
		g.line("  type %s = %s%s", kv.key, g.kind(d.get("kind")), g.stability(d))
	}
	for _, kv := range i.object("functions") {
		g.line("  %s", g.fn(kv.value.(object)))
	}
}

func (g *goldenPrinter) items(verb string, items object) {
	for _, kv := range items {
		item := kv.value.(object)[0]
		switch item.key {
		case "function":
			g.line("  %s %s: %s", verb, kv.key, g.fn(item.value.(object)))
		case "type":
			d := g.at("types", item.value)
			g.line("  %s %s: type %s = %s%s", verb, kv.key, d.str("name"), g.kind(d.get("kind")), g.stability(d))
		default:
			ref := item.value.(object)
			i := g.at("interfaces", ref.get("id"))
			name := kv.key
			if strings.HasPrefix(name, "interface-") {
				name = g.id(i)
			}
			g.line("  %s %s: interface %s%s", verb, name, g.id(i), g.stability(ref))
			if g.id(i) == "" {
				g.members(i)
			}
		}
	}
}

// id returns the full name of an interface or world, empty for an inline one.
func (g *goldenPrinter) id(o object) string {
	if o.str("name") == "" {
		return ""
	}
	pkg, version, found := strings.Cut(g.at("packages", o.get("package")).str("name"), "@")
	id := pkg + "/" + o.str("name")
	if found {
		id += "@" + version
	}
	return id
}

func (g *goldenPrinter) fn(f object) string {
	kind, resource := "", any(nil)
	switch k := f.get("kind").(type) {
	case string:
		kind = k
	case object:
		kind, resource = k[0].key, k[0].value
	}
	text := strings.Replace(kind, "async-", "async ", 1) + " " + strings.Replace(f.str("name"), "[async]", "", 1) + "("
	for _, p := range f.list("params") {
		text += p.(object).str("name") + ": " + g.ref(p.(object).get("type")) + ", "
	}
	text += ")"
	if resource != nil {
		text += " of " + g.ref(resource)
	}
	if r := f.get("result"); r != nil {
		text += " -> " + g.ref(r)
	}
	return text + g.stability(f)
}

func (g *goldenPrinter) ref(t any) string {
	switch t := t.(type) {
	case nil:
		return "_"
	case string:
		return t
	}
	d := g.at("types", t)
	if d.str("name") == "" {
		return g.kind(d.get("kind"))
	}
	owner := ""
	if o := d.object("owner"); o.get("interface") != nil {
		owner = g.id(g.at("interfaces", o.get("interface")))
	} else {
		owner = g.id(g.at("worlds", o.get("world")))
	}
	return owner + "#" + d.str("name")
}

func (g *goldenPrinter) kind(k any) string {
	if s, ok := k.(string); ok {
		return s
	}
	kind := k.(object)[0]
	o, _ := kind.value.(object)
	named := func(list, sep, end string) string {
		text := "{"
		for _, m := range o.list(list) {
			text += m.(object).str("name")
			if sep != "" {
				text += sep + g.ref(m.(object).get("type")) + end
			}
			text += ", "
		}
		return text + "}"
	}
	switch kind.key {
	case "type":
		return g.ref(kind.value)
	case "record":
		return "record " + named("fields", ": ", "")
	case "variant":
		return "variant " + named("cases", "(", ")")
	case "enum":
		return "enum " + named("cases", "", "")
	case "flags":
		return "flags " + named("flags", "", "")
	case "tuple":
		text := "tuple<"
		for _, e := range o.list("types") {
			text += g.ref(e) + ", "
		}
		return text + ">"
	case "result":
		return "result<" + g.ref(o.get("ok")) + ", " + g.ref(o.get("err")) + ">"
	case "map":
		kv := kind.value.([]any)
		return "map<" + g.ref(kv[0]) + ", " + g.ref(kv[1]) + ">"
	case "fixed-length-list":
		l := kind.value.([]any)
		return "list<" + g.ref(l[0]) + ", " + l[1].(json.Number).String() + ">"
	case "handle":
		return o[0].key + "<" + g.ref(o[0].value) + ">"
	case "option", "list", "stream", "future":
		return kind.key + "<" + g.ref(kind.value) + ">"
	}
	g.t.Fatalf("unknown kind %q", kind.key)
	return ""
}

// object is a JSON object whose order is kept.
type object []member

type member struct {
	key   string
	value any
}

func (o object) get(key string) any {
	for _, m := range o {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

func (o object) str(key string) string    { s, _ := o.get(key).(string); return s }
func (o object) list(key string) []any    { l, _ := o.get(key).([]any); return l }
func (o object) object(key string) object { p, _ := o.get(key).(object); return p }

func (o object) sorted(key string) object {
	return slices.SortedFunc(slices.Values(o.object(key)), func(a, b member) int { return strings.Compare(a.key, b.key) })
}

func decodeOrdered(t *testing.T, dec *json.Decoder) any {
	t.Helper()
	tok, err := dec.Token()
	if err != nil {
		t.Fatal(err)
	}
	switch tok {
	case json.Delim('{'):
		o := object{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				t.Fatal(err)
			}
			o = append(o, member{key.(string), decodeOrdered(t, dec)})
		}
		dec.Token()
		return o
	case json.Delim('['):
		l := []any{}
		for dec.More() {
			l = append(l, decodeOrdered(t, dec))
		}
		dec.Token()
		return l
	}
	return tok
}
