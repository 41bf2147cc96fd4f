package wit_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit"
)

const floorJSON = 74

// TestConformanceJSON compares what is written as JSON with what the reference
// writes: every key of it, in the reference's order where that means
// something, with references followed.
func TestConformanceJSON(t *testing.T) {
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
		data, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		got, want := walkJSON(t, wit.JSON(p)), walkJSON(t, data)
		if got != want {
			t.Logf("%s:\n%s", filepath.Base(golden), diff(want, got))
			continue
		}
		equal++
	}
	report(t, "equal as JSON", equal, len(goldens), floorJSON)
}

// walkJSON writes out the JSON of a model from its packages on. An index is
// replaced by what it leads to, or by its name if it has one.
func walkJSON(t *testing.T, data []byte) string {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	w := &jsonWalker{goldenPrinter: goldenPrinter{t: t, root: decodeOrdered(t, dec).(object)}}
	if keys := keysOf(w.root); !slices.Equal(keys, []string{"worlds", "interfaces", "types", "packages"}) {
		t.Fatalf("keys %v", keys)
	}
	var all []string
	for _, p := range w.root.list("packages") {
		p := p.(object)
		w.b.Reset()
		fmt.Fprintf(&w.b, "package %s\n", p.str("name"))
		w.value(" ", p.get("docs"))
		for _, kv := range p.sorted("interfaces") {
			fmt.Fprintf(&w.b, " interface %s\n", kv.key)
			w.iface("  ", kv.value)
		}
		for _, kv := range p.sorted("worlds") {
			world := w.at("worlds", kv.value)
			fmt.Fprintf(&w.b, " world %s\n", kv.key)
			for _, m := range world {
				switch m.key {
				case "imports", "exports":
					w.items("  ", m.key, m.value.(object))
				case "package":
				default:
					w.value("  "+m.key, m.value)
				}
			}
		}
		all = append(all, w.b.String())
	}
	slices.Sort(all)
	return strings.Join(all, "")
}

type jsonWalker struct {
	goldenPrinter
	b bytes.Buffer
}

func keysOf(o object) []string {
	var keys []string
	for _, m := range o {
		keys = append(keys, m.key)
	}
	return keys
}

func (w *jsonWalker) iface(indent string, index any) {
	i := w.at("interfaces", index)
	fmt.Fprintf(&w.b, "%sin %v\n", indent, w.at("packages", i.get("package")).str("name"))
	for _, m := range sortedKeys(i) {
		switch m.key {
		case "types":
			for _, d := range m.value.(object) {
				fmt.Fprintf(&w.b, "%stype %s\n", indent, d.key)
				w.typeDef(indent+" ", d.value)
			}
		case "functions":
			for _, f := range m.value.(object) {
				fmt.Fprintf(&w.b, "%sfunction %s\n", indent, f.key)
				w.function(indent+" ", f.value.(object))
			}
		case "package":
		default:
			w.value(indent+m.key, m.value)
		}
	}
}

func sortedKeys(o object) object {
	return slices.SortedStableFunc(slices.Values(o), func(a, b member) int { return bytes.Compare([]byte(a.key), []byte(b.key)) })
}

func (w *jsonWalker) items(indent, verb string, items object) {
	for _, kv := range items {
		item := kv.value.(object)
		if len(item) != 1 {
			w.t.Fatalf("item %s has keys %v", kv.key, keysOf(item))
		}
		switch what := item[0]; what.key {
		case "function":
			fmt.Fprintf(&w.b, "%s%s %s: function\n", indent, verb, kv.key)
			w.function(indent+" ", what.value.(object))
		case "type":
			fmt.Fprintf(&w.b, "%s%s %s: type\n", indent, verb, kv.key)
			w.typeDef(indent+" ", what.value)
		case "interface":
			ref := what.value.(object)
			id := w.id(w.at("interfaces", ref.get("id")))
			key := kv.key
			if id != "" && key == fmt.Sprintf("interface-%v", ref.get("id")) {
				key = ""
			}
			fmt.Fprintf(&w.b, "%s%s %s: interface %s\n", indent, verb, key, id)
			for _, m := range sortedKeys(ref) {
				if m.key != "id" {
					w.value(indent+" "+m.key, m.value)
				}
			}
			if id == "" {
				w.iface(indent+" ", ref.get("id"))
			}
		default:
			w.t.Fatalf("item %s is %q", kv.key, what.key)
		}
	}
}

func (w *jsonWalker) typeDef(indent string, index any) {
	d := w.at("types", index)
	for _, m := range sortedKeys(d) {
		switch m.key {
		case "kind":
			fmt.Fprintf(&w.b, "%skind %s\n", indent, w.kind(m.value))
			w.memberDocs(indent, m.value)
		case "owner":
			o := m.value.(object)
			if i := o.get("interface"); i != nil {
				fmt.Fprintf(&w.b, "%sowner interface %s\n", indent, w.id(w.at("interfaces", i)))
			} else {
				fmt.Fprintf(&w.b, "%sowner world %s\n", indent, w.id(w.at("worlds", o.get("world"))))
			}
		default:
			w.value(indent+m.key, m.value)
		}
	}
}

// memberDocs writes the documentation of fields, cases and flags, and looks at
// their keys.
func (w *jsonWalker) memberDocs(indent string, kind any) {
	o, ok := kind.(object)
	if !ok {
		return
	}
	for _, list := range []string{"fields", "cases", "flags"} {
		inner, ok := o[0].value.(object)
		if !ok {
			continue
		}
		for _, m := range inner.list(list) {
			member := m.(object)
			for _, k := range keysOf(member) {
				if k != "name" && k != "type" && k != "docs" {
					w.t.Fatalf("member with key %q", k)
				}
			}
			if d := member.get("docs"); d != nil {
				w.value(indent+" "+member.str("name"), d)
			}
		}
	}
}

func (w *jsonWalker) function(indent string, f object) {
	fmt.Fprintf(&w.b, "%s%s\n", indent, w.fn(f))
	for _, m := range sortedKeys(f) {
		switch m.key {
		case "name", "kind", "params", "result":
		default:
			w.value(indent+m.key, m.value)
		}
	}
}

// value writes a value in which there are no indices.
func (w *jsonWalker) value(indent string, v any) {
	switch v := v.(type) {
	case nil:
	case object:
		for _, m := range v {
			w.value(indent+" "+m.key, m.value)
		}
	case string:
		fmt.Fprintf(&w.b, "%s %q\n", indent, v)
	default:
		w.t.Fatalf("%s is %v", indent, v)
	}
}
