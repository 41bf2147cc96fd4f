package wit_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	oracle "go.bytecodealliance.org/wit"

	"github.com/witgen/witgen/wit"
)

const floorOracle = 168

// oracleCannot says what the oracle makes of some packages: it is older than
// parts of WIT, and loses others without a word. A reason begins with what
// shows in the comparison.
var oracleCannot = map[string]string{
	"ui/maps.wit":      "refuses map",
	"ui/resources.wit": "refuses constructors with results",

	"codegen/issue1642.wit":                     "refuses named imports of interfaces",
	"codegen/map.wit":                           "refuses map",
	"codegen/resource-fallible-constructor.wit": "refuses constructors with results",

	"ui/async.wit":                        "loses async functions",
	"ui/types.wit":                        "loses lists of a fixed length",
	"codegen/async-resource-func.wit":     "loses async functions",
	"codegen/async-trait-function.wit":    "loses async functions",
	"codegen/issue-1598.wit":              "loses async functions",
	"codegen/named-fixed-length-list.wit": "loses lists of a fixed length",
	"wasi:cli@0.3.0":                      "loses async functions",
	"wasi:clocks@0.3.0":                   "loses async functions",
	"wasi:filesystem@0.3.0":               "loses async functions",
	"wasi:http@0.3.0":                     "loses async functions",
	"wasi:random@0.3.0":                   "loses async functions", // among its deps
	"wasi:sockets@0.3.0":                  "loses async functions",

	"ui/kebab-name-include-with.wit": "renames what is included not everywhere",
	"ui/with-resource-as.wit":        "renames what is included not everywhere",
}

// oracleShows is what a reason begins with, and what shows it.
var oracleShows = map[string]string{
	"refuses": "theirs: error: expected",
	"loses":   "theirs: lost: ",
	"renames": "\n    want ",
}

// TestConformanceOracle compares what is loaded with the model of an
// independent implementation, the Go module go.bytecodealliance.org v0.7.0
// around wasm-tools 1.230.0, with every feature on.
func TestConformanceOracle(t *testing.T) {

	var inputs []namedPath
	for _, in := range corpusInputs(t) {
		name := filepath.Base(in.dir) + "/" + filepath.ToSlash(in.path)
		inputs = append(inputs, namedPath{name, assembled(t, filepath.Join(in.dir, in.path))})
	}
	for _, version := range []string{"0.2.12", "0.3.0"} {
		inputs = append(inputs, wasiInputs(t, version)...)
	}
	equal, unknown := 0, 0
	for _, in := range inputs {
		p, err := wit.Load(in.path, wit.Options{AllFeatures: true})
		theirs, theirErr := oracleLoad(t, in.path)
		text := ""
		switch {
		case err != nil && theirErr != nil:
		case err != nil || theirErr != nil:
			text = fmt.Sprintf("ours: %v\ntheirs: %v", err, theirErr)
		default:
			text = diff(theirs, dumpModel(p))
		}
		reason := oracleCannot[in.name]
		switch {
		case text == "" && reason == "":
			equal++
		case text == "":
			t.Errorf("%s: equal, while the oracle is known for this: %s", in.name, reason)
		case reason == "":
			t.Errorf("%s:\n%s", in.name, text)
		default:
			verb, _, _ := strings.Cut(reason, " ")
			if !strings.Contains(text, oracleShows[verb]) {
				t.Errorf("%s: %s, but it shows otherwise:\n%s", in.name, reason, text)
			}
			unknown++
		}
	}
	t.Logf("%d more are beyond the oracle", unknown)
	report(t, "equal to the oracle's model", equal, len(inputs)-unknown, floorOracle)
}

// oracleLoad returns the oracle's model in the form of dumpModel. An error
// tells what is missing in it.
func oracleLoad(t *testing.T, path string) (string, error) {
	t.Helper()
	data, err := wasmTools(t, "component", "wit", "--json", "--all-features", absolute(t, path))
	if err != nil {
		return "", err
	}
	res, err := oracle.DecodeJSON(bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	o := &oraclePrinter{}
	text := o.resolve(res)
	if len(o.lost) > 0 {
		return "", fmt.Errorf("lost: %s", strings.Join(o.lost, ", "))
	}
	return text, nil
}

// oraclePrinter writes out the oracle's model. It lists what it does not know,
// a nil kind before all.
type oraclePrinter struct {
	modelPrinter
	lost []string
}

func (o *oraclePrinter) resolve(res *oracle.Resolve) string {
	var all []string
	for _, p := range res.Packages {
		o.lines = nil
		o.line("package %s", p.Name.String())
		for _, i := range sorted(p.Interfaces.All()) {
			o.line(" interface %s%s", *i.Name, o.stability(i.Stability))
			o.members(i)
		}
		for _, w := range sorted(p.Worlds.All()) {
			o.line(" world %s%s", w.Name, o.stability(w.Stability))
			for key, item := range w.Imports.All() {
				o.item("import", key, item)
			}
			for key, item := range w.Exports.All() {
				o.item("export", key, item)
			}
		}
		all = append(all, strings.Join(o.lines, "\n"))
	}
	slices.Sort(all)
	return strings.ReplaceAll(strings.Join(all, "\n"), "%", "") // it escapes keywords in names
}

func sorted[V any](all func(func(string, V) bool)) []V {
	m := make(map[string]V)
	var keys []string
	all(func(k string, v V) bool {
		m[k] = v
		keys = append(keys, k)
		return true
	})
	slices.Sort(keys)
	values := make([]V, len(keys))
	for i, k := range keys {
		values[i] = m[k]
	}
	return values
}

func (o *oraclePrinter) lose(what string, x any) string {
	o.lost = append(o.lost, fmt.Sprintf("%s is %T", what, x))
	return "lost"
}

func (o *oraclePrinter) stability(s oracle.Stability) string {
	text := ""
	deprecated := ""
	switch s := s.(type) {
	case nil:
	case *oracle.Stable:
		text = " since " + s.Since.String()
		if s.Deprecated != nil {
			deprecated = s.Deprecated.String()
		}
	case *oracle.Unstable:
		text = " unstable " + s.Feature
		if s.Deprecated != nil {
			deprecated = s.Deprecated.String()
		}
	default:
		o.lose("stability", s)
	}
	if deprecated != "" {
		text += " deprecated " + deprecated
	}
	return text
}

func (o *oraclePrinter) members(i *oracle.Interface) {
	for name, d := range i.TypeDefs.All() {
		o.line("  type %s = %s%s", name, o.kind(name, d.Kind), o.stability(d.Stability))
	}
	for _, f := range i.Functions.All() {
		o.line("  %s", o.fn(f))
	}
}

func (o *oraclePrinter) id(i *oracle.Interface) string {
	if i.Name == nil {
		return ""
	}
	name := i.Package.Name
	name.Extension = *i.Name
	return name.String()
}

func (o *oraclePrinter) item(verb, key string, item oracle.WorldItem) {
	switch item := item.(type) {
	case *oracle.Function:
		o.line("  %s %s: %s", verb, key, o.fn(item))
	case *oracle.TypeDef:
		o.line("  %s %s: type %s = %s%s", verb, key, *item.Name, o.kind(key, item.Kind), o.stability(item.Stability))
	case *oracle.InterfaceRef:
		id := o.id(item.Interface)
		if id != "" {
			key = id
		}
		o.line("  %s %s: interface %s%s", verb, key, id, o.stability(item.Stability))
		if id == "" {
			o.members(item.Interface)
		}
	default:
		o.lose(key, item)
	}
}

func (o *oraclePrinter) fn(f *oracle.Function) string {
	kind, of := "", oracle.Type(nil)
	switch k := f.Kind.(type) {
	case *oracle.Freestanding:
		kind = "freestanding"
	case *oracle.Method:
		kind, of = "method", k.Type
	case *oracle.Static:
		kind, of = "static", k.Type
	case *oracle.Constructor:
		kind, of = "constructor", k.Type
	default:
		kind = o.lose("kind of function "+f.Name, k)
	}
	text := kind + " " + f.Name + "("
	for _, p := range f.Params {
		text += p.Name + ": " + o.ref(p.Type) + ", "
	}
	text += ")"
	if of != nil {
		text += " of " + o.ref(of)
	}
	if len(f.Results) > 0 {
		text += " -> " + o.ref(f.Results[0].Type)
	}
	return text + o.stability(f.Stability)
}

func (o *oraclePrinter) ref(t oracle.Type) string {
	d, ok := t.(*oracle.TypeDef)
	switch {
	case t == nil:
		return "_"
	case !ok:
		return o.primitive(t)
	case d == nil:
		return o.lose("type", t)
	case d.Name == nil:
		return o.kind("type without a name", d.Kind)
	}
	switch owner := d.Owner.(type) {
	case *oracle.Interface:
		return o.id(owner) + "#" + *d.Name
	case *oracle.World:
		name := owner.Package.Name
		name.Extension = owner.Name
		return name.String() + "#" + *d.Name
	}
	return o.lose("owner of "+*d.Name, d.Owner)
}

func (o *oraclePrinter) primitive(t oracle.Type) string {
	if _, ok := t.(oracle.Primitive); !ok {
		return o.lose("type", t)
	}
	return t.WIT(nil, "")
}

func (o *oraclePrinter) kind(name string, k oracle.TypeDefKind) string {
	named := func(n int, member func(int) string) string {
		text := "{"
		for i := range n {
			text += member(i) + ", "
		}
		return text + "}"
	}
	switch k := k.(type) {
	case *oracle.TypeDef:
		return o.ref(k)
	case *oracle.Record:
		return "record " + named(len(k.Fields), func(i int) string { return k.Fields[i].Name + ": " + o.ref(k.Fields[i].Type) })
	case *oracle.Variant:
		return "variant " + named(len(k.Cases), func(i int) string { return k.Cases[i].Name + "(" + o.ref(k.Cases[i].Type) + ")" })
	case *oracle.Enum:
		return "enum " + named(len(k.Cases), func(i int) string { return k.Cases[i].Name })
	case *oracle.Flags:
		return "flags " + named(len(k.Flags), func(i int) string { return k.Flags[i].Name })
	case *oracle.Tuple:
		text := "tuple<"
		for _, t := range k.Types {
			text += o.ref(t) + ", "
		}
		return text + ">"
	case *oracle.Option:
		return "option<" + o.ref(k.Type) + ">"
	case *oracle.Result:
		return "result<" + o.ref(k.OK) + ", " + o.ref(k.Err) + ">"
	case *oracle.List:
		return "list<" + o.ref(k.Type) + ">"
	case *oracle.Stream:
		return "stream<" + o.ref(k.Type) + ">"
	case *oracle.Future:
		return "future<" + o.ref(k.Type) + ">"
	case *oracle.Resource:
		return "resource"
	case *oracle.Own:
		return "own<" + o.ref(k.Type) + ">"
	case *oracle.Borrow:
		return "borrow<" + o.ref(k.Type) + ">"
	}
	if t, ok := k.(oracle.Type); ok {
		return o.primitive(t)
	}
	return o.lose("kind of "+name, k)
}

// wasiInputs lays out each package of a version of WASI with the others as
// its deps.
func wasiInputs(t *testing.T, version string) []namedPath {
	t.Helper()
	var inputs []namedPath
	dir := filepath.Join(corpus(t, "wasi-wit"), version)
	roots, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range roots {
		root := e.Name()
		path := filepath.Join(t.TempDir(), root)
		if err := os.CopyFS(path, wasi(t, dir, root)); err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, namedPath{"wasi:" + root + "@" + version, path})
	}
	return inputs
}

// namedPath is a package, and what tables call it.
type namedPath struct{ name, path string }
