package compat_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// TestCompareNeedless has an interface come, and go, that components import or not:
// they import what has functions or resources, and of types those that something
// else needs.
func TestCompareNeedless(t *testing.T) {
	const types = "interface types { record entry { key: string } } "
	for _, tt := range []struct {
		name, text, without, with string
		needed                    bool
	}{
		{"nothing in it", "interface types {} ", "", "import types;", false},
		{"types alone", types, "", "import types;", false},
		{"a resource", "interface types { resource entry; } ", "", "import types;", true},
		{"a function", "interface types { get: func(); } ", "", "import types;", true},
		{"a function of what it uses", "interface store { record entry { key: string } get: func(); } interface types { use store.{entry}; } ", "", "import types;", true},
		{"types of what it uses", "interface store { record entry { key: string } } interface types { use store.{entry}; } ", "", "import types;", false},
		{"a resource of what it uses", "interface store { resource entry; } interface types { use store.{entry}; } ", "", "import types;", true},
		{"types that are exported", types + "interface store { use types.{entry}; } ", "", "export store;", true},
	} {
		text := "package acme:kv@0.2.1;\n" + tt.text + "world w { import log: func(); "
		old, now := load(t, "a.wit", text+tt.without+" }"), load(t, "a.wit", text+tt.with+" }")
		for rule, found := range map[string][]compat.Finding{
			"WORLD_IMPORT_ADDED": compat.Compare(old, now, compat.Options{}), "WORLD_IMPORT_NO_DELETE": compat.Compare(now, old, compat.Options{}),
		} {
			needed := false
			for _, f := range found {
				needed = needed || f.Rule == rule && f.Severity != compat.Info
			}
			if needed != tt.needed {
				t.Errorf("%s: %s: got needed %v, want %v: %v", tt.name, rule, needed, tt.needed, found)
			}
		}
	}
}

// TestCompareNeedlessRenamed gives an interface of types another name: who does not
// import it does not notice.
func TestCompareNeedlessRenamed(t *testing.T) {
	const text = "package acme:kv@0.2.1;\ninterface %[1]s { record entry { key: string } } world w { import %[1]s; %[2]s }"
	with := func(name string) string { return "import put: func(e: entry); use " + name + ".{entry};" }
	const guests, hosts = "WORLD_IMPORT_NO_DELETE %s guests imports w acme:kv/types", "WORLD_IMPORT_NO_DELETE %s hosts imports w acme:kv/types"
	for _, tt := range []struct{ name, was, is, guests, hosts string }{
		{"used by nothing", "", "", "info", "info"},
		{"used", with("types"), with("kinds"), "error", "warning"},
		{"used before", with("types"), "", "error", "info"},
		{"used now", "", with("kinds"), "info", "warning"},
	} {
		old, now := load(t, "a.wit", fmt.Sprintf(text, "types", tt.was)), load(t, "a.wit", fmt.Sprintf(text, "kinds", tt.is))
		var got []string
		for _, line := range lines(compat.Compare(old, now, compat.Options{})) {
			if strings.HasPrefix(line, "WORLD_IMPORT_NO_DELETE") && strings.HasSuffix(line, "/types") {
				got = append(got, line)
			}
		}
		check(t, tt.name, got, []string{fmt.Sprintf(guests, tt.guests), fmt.Sprintf(hosts, tt.hosts)})
	}
}

// TestCompareGated has a world import, or export, an interface that is unstable, or
// has nothing stable, or is needed by what is stable.
func TestCompareGated(t *testing.T) {
	const gate = "@unstable(feature = f) "
	for _, tt := range []struct {
		name, a, old, now string
		want              []string
	}{
		{"gone", "f: func();", "import a;", gate + "import a;", []string{"WORLD_IMPORT_NO_DELETE error guests imports w acme:kv/a"}},
		{"gone, with nothing stable in it", gate + "f: func();", "import a;", "", []string{"WORLD_IMPORT_NO_DELETE info guests imports w acme:kv/a"}},
		{"needed by an import", "record entry { key: string } f: func();", "import a; import b;", gate + "import a; import b;", nil},
		{"needed by an export", "record entry { key: string } f: func();", "import a; export b;", gate + "import a; export b;", nil},
		{
			"needed by an export, and exported", "record entry { key: string } f: func();", "import a; export a; export b;", gate + "import a; export a; export b;",
			[]string{"WORLD_IMPORT_NO_DELETE error guests imports w acme:kv/a"},
		},
		{"exported, and needed by an import", "record entry { key: string } f: func();", "import a; export a; import b;", gate + "import a; export a; import b;", nil},
		{
			"exported, and needed by an export", "record entry { key: string } f: func();", "export a; export b;", gate + "export a; export b;",
			[]string{"WORLD_ITEM_SAME_DIRECTION error guests exports w acme:kv/a", "WORLD_ITEM_SAME_DIRECTION error hosts exports w acme:kv/a"},
		},
		{
			"needed by what is unstable", "record entry { key: string } f: func();", "import a; import b;", gate + "import a; " + gate + "import b;",
			[]string{"WORLD_IMPORT_NO_DELETE error guests imports w acme:kv/b"},
		},
	} {
		b := ""
		if strings.Contains(tt.a, "entry") {
			b = "interface b { use a.{entry}; g: func() -> entry; }"
		}
		of := func(items string) *wit.Package {
			return load(t, "a.wit", "package acme:kv@0.2.1;\ninterface a { "+tt.a+" }\n"+b+"\nworld w { "+items+" }\n")
		}
		check(t, tt.name, lines(compat.Compare(of(tt.old), of(tt.now), compat.Options{Worlds: []string{"w"}})), tt.want)
	}
}
