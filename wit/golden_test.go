package wit_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// goldenPrinter writes out the reference's JSON in the same form.
type goldenPrinter struct {
	t    *testing.T
	root object
	modelPrinter
}

func dumpGolden(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return dumpJSON(t, data)
}

func dumpJSON(t *testing.T, data []byte) string {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
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
	case "fixed-length-list", "fixed-size-list": // the second until 2025
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
