package compat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// TestCompareWorldItems changes what a world imports and exports. What is on both
// sides of it and leaves one has not turned to the other.
func TestCompareWorldItems(t *testing.T) {
	const (
		importAdded   = "WORLD_IMPORT_ADDED warning hosts imports w acme:kv/store"
		importGone    = "WORLD_IMPORT_NO_DELETE error guests imports w acme:kv/store"
		exportAdded   = "WORLD_EXPORT_ADDED error guests exports w acme:kv/store"
		exportGone    = "WORLD_EXPORT_NO_DELETE warning hosts exports w acme:kv/store"
		turned        = "WORLD_ITEM_SAME_DIRECTION error guests imports w acme:kv/store"
		one, other    = "import store;", "export store;"
		both          = one + " " + other
		inline        = "import x: interface { f: func(); }"
		function      = "import x: func();"
		changedGuests = "WORLD_ITEM_SAME_NAME error guests imports w acme:kv/w#x"
		changedHosts  = "WORLD_ITEM_SAME_NAME warning hosts imports w acme:kv/w#x"
	)
	for _, tt := range []struct {
		name, old, now string
		want           []string
	}{
		{"an export goes, and the import stays", both, one, []string{exportGone}},
		{"an import goes, and the export stays", both, other, []string{importGone}},
		{"an export beside the import", one, both, []string{exportAdded}},
		{"an import beside the export", other, both, []string{importAdded}},
		{"the import is an export", one, other, []string{turned}},
		{"an interface is a function", inline, function, []string{changedGuests, changedHosts}},
		{"a function is an interface", function, inline, []string{changedGuests, changedHosts}},
	} {
		text := func(items string) string {
			return "package acme:kv@0.2.1;\ninterface store { get: func() -> u32; }\nworld w { " + items + " }\n"
		}
		check(t, tt.name, lines(compat.Compare(load(t, "a.wit", text(tt.old)), load(t, "a.wit", text(tt.now)), compat.Options{})), tt.want)
	}
}

// TestCompareWorldNames gives interfaces of a world other names. One that is like a
// single new one is that; what is like none or several is gone, and they are new.
func TestCompareWorldNames(t *testing.T) {
	const (
		store, depot, log = "interface store { get: func() -> u32; }", "interface depot { get: func() -> u32; }", "interface log { say: func(); }"
		gone              = "WORLD_IMPORT_NO_DELETE error guests imports w acme:kv/store"
		renamed           = "WORLD_IMPORT_NO_DELETE warning hosts imports w acme:kv/store"
	)
	added := func(name string) string { return "WORLD_IMPORT_ADDED warning hosts imports w " + name }
	for _, tt := range []struct {
		name, old, now string
		want           []string
	}{
		{"of the same contents", store + "world w { import store; }", depot + "world w { import depot; }", []string{gone, renamed}},
		{"of others", store + "world w { import store; }", log + "world w { import log; }", []string{added("acme:kv/log"), gone}},
		{
			"of the same contents twice", store + "world w { import store; }",
			depot + "interface stock { get: func() -> u32; } world w { import depot; import stock; }",
			[]string{added("acme:kv/depot"), added("acme:kv/stock"), gone},
		},
		{
			"two for one", store + "interface stock { get: func() -> u32; } world w { import store; import stock; }", depot + "world w { import depot; }",
			[]string{gone, renamed, "WORLD_IMPORT_NO_DELETE error guests imports w acme:kv/stock"},
		},
		{ // which no component imports
			"without contents", "interface store {} world w { import store; }", "interface depot {} world w { import depot; }",
			[]string{"WORLD_IMPORT_ADDED info hosts imports w acme:kv/depot", "WORLD_IMPORT_NO_DELETE info guests imports w acme:kv/store"},
		},
		{
			"in another track", "world w { import a:b/store@0.1.0; } package a:b@0.1.0 { " + store + " }",
			"world w { import a:b/store@0.2.0; } package a:b@0.2.0 { interface store { say: func(); } }",
			[]string{"WORLD_IMPORT_NO_DELETE error guests imports w a:b/store", "WORLD_IMPORT_NO_DELETE warning hosts imports w a:b/store"},
		},
		{
			"in a package of its own name", "world w { import a:b/store@0.1.0; } package a:b@0.1.0 { " + store + " }",
			"world w { import a:c/store@0.1.0; } package a:c@0.1.0 { interface store { say: func(); } }",
			[]string{added("a:c/store"), "WORLD_IMPORT_NO_DELETE error guests imports w a:b/store"},
		},
	} {
		old, now := load(t, "a.wit", "package acme:kv@0.2.1;\n"+tt.old), load(t, "a.wit", "package acme:kv@0.2.1;\n"+tt.now)
		found := lines(compat.Compare(old, now, compat.Options{}))
		slices.Sort(found)
		check(t, tt.name, found, slices.Sorted(slices.Values(tt.want)))
	}
}

// TestCompareWorldCascades takes an interface out of a world and puts it in again:
// those that it uses types of, also through others, come and go with it, and are
// told of with it. One that the world has anyway does not.
func TestCompareWorldCascades(t *testing.T) {
	const text = `package acme:kv@0.2.1;
interface units { type size = u32; }
interface types { use units.{size}; record entry { size: size } }
interface store { use types.{entry}; get: func() -> entry; }
interface log { use units.{size}; say: func(n: size); }
world w { %s }
`
	of := func(items string) *wit.Package { return load(t, "a.wit", fmt.Sprintf(text, items)) }
	for _, tt := range []struct{ name, old, now, gone, added string }{
		{
			"all", "export log;", "export log; import store;", "",
			"import `acme:kv/store` is new, and with it `acme:kv/types@0.2.1`; guests of the new contract that use it do not link to hosts of the old contract",
		},
		{
			"through another", "", "import store;", "",
			"import `acme:kv/store` is new, and with it `acme:kv/units@0.2.1`, `acme:kv/types@0.2.1`; guests of the new contract that use it do not link to hosts of the old contract",
		},
		{
			"what stays", "import log; import store;", "import log;",
			"import `acme:kv/store` is gone, and with it `acme:kv/types@0.2.1`; guests of the old contract that use it do not link", "",
		},
		{
			"two of them", "import log; import store;", "",
			"import `acme:kv/log` is gone, and with it `acme:kv/units@0.2.1`; guests of the old contract that use it do not link\n" +
				"import `acme:kv/store` is gone, and with it `acme:kv/units@0.2.1`, `acme:kv/types@0.2.1`; guests of the old contract that use it do not link", "",
		},
	} {
		var gone, added []string
		for _, f := range compat.Compare(of(tt.old), of(tt.now), compat.Options{Role: compat.Imports}) {
			if f.New == nil {
				gone = append(gone, f.Message)
			} else {
				added = append(added, f.Message)
			}
		}
		if got := strings.Join(gone, "\n"); got != tt.gone {
			t.Errorf("%s: gone: got\n%s\nwant\n%s", tt.name, got, tt.gone)
		}
		if got := strings.Join(added, "\n"); got != tt.added {
			t.Errorf("%s: added: got\n%s\nwant\n%s", tt.name, got, tt.added)
		}
	}
}

// TestCompareWorldLabels has a world use its own name for another interface, which
// it may have anyway. Components go by that name, and need the functions that they
// needed: those that pass a resource are not the same.
func TestCompareWorldLabels(t *testing.T) {
	const (
		get, put, take = "get: func() -> u32; ", "put: func(n: u32); ", "resource file; take: func(f: file); "
		guests, hosts  = "WORLD_ITEM_SAME_NAME error guests imports w acme:kv/w#x", "WORLD_ITEM_SAME_NAME warning hosts imports w acme:kv/w#x"
		told, toldToo  = "WORLD_ITEM_SAME_NAME info guests imports w acme:kv/w#x", "WORLD_ITEM_SAME_NAME info hosts imports w acme:kv/w#x"
		exGuests       = "WORLD_ITEM_SAME_NAME error guests exports w acme:kv/w#x"
		exTold         = "WORLD_ITEM_SAME_NAME info hosts exports w acme:kv/w#x"
	)
	for _, tt := range []struct {
		name, a, b, old, now string
		want                 []string
	}{
		{"the same interface", get, put, "import x: a;", "import x: a;", nil},
		{"of the same functions", get, get, "import x: a;", "import x: b;", []string{told, toldToo}},
		{"a function more", get, get + put, "import x: a;", "import x: b;", []string{told, hosts}},
		{"a function less", get + put, get, "import x: a;", "import x: b;", []string{guests, toldToo}},
		{"a function more to export", get, get + put, "export x: a;", "export x: b;", []string{exGuests, exTold}},
		{"other functions", get, put, "import x: a;", "import x: b;", []string{guests, hosts}},
		{"beside the other", get, put, "import x: a; import b;", "import x: b; import b;", []string{guests, hosts}},
		{"beside itself", get, put, "import x: a; import a;", "import x: b; import a;", []string{guests, hosts}},
		{"a resource", take, take, "import x: a;", "import x: b;", []string{guests, hosts}},
		{"a resource that nothing passes", "resource file;", "resource file;", "import x: a;", "import x: b;", []string{told, toldToo}},
		{"no such resource", "resource file;", "", "import x: a;", "import x: b;", []string{guests, toldToo}},
		{"written in the world", get, put, "import x: interface { " + get + "}", "import x: a;", []string{told, toldToo}},
	} {
		of := func(items string) *wit.Package {
			return load(t, "a.wit", "package acme:kv@0.2.1;\ninterface a { "+tt.a+"}\ninterface b { "+tt.b+"}\nworld w { "+items+" }\n")
		}
		check(t, tt.name, lines(compat.Compare(of(tt.old), of(tt.now), compat.Options{Worlds: []string{"w"}})), tt.want)
	}
}
