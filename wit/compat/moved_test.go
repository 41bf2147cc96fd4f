package compat_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit/compat"
)

// moved is a contract with two interfaces, of which one may use types of the other.
func moved(a, b, world string) string {
	return "package acme:kv@0.2.1;\ninterface a { " + a + " }\ninterface b { " + b + " }\nworld w { " + world + " }\n"
}

// TestCompareMoved has types move to another interface, get another name, and go.
// Of types that no function uses, hosts that look them up among exports are told
// alone.
func TestCompareMoved(t *testing.T) {
	const entry, resource = "record entry { key: string }", "resource file { size: func() -> u32; }"
	const get, take = " get: func() -> entry;", " take: func(f: file);"
	for _, tt := range []struct {
		name             string
		oldA, oldB       string
		newA, newB       string
		imports, exports []string // where worlds import both, and where they export both
	}{
		{
			"moved and used from there", entry + get, "f: func();", "use b.{entry};" + get, entry + " f: func();",
			[]string{"TYPE_ADDED warning hosts imports w acme:kv/b#entry"},
			[]string{"TYPE_ADDED warning guests exports w acme:kv/b#entry"},
		},
		{
			"moved, used from there, and changed", entry + get, "f: func();", "use b.{entry};" + get, "record entry { key: list<u8> } f: func();",
			[]string{
				"TYPE_ADDED warning hosts imports w acme:kv/b#entry",
				"RECORD_SAME_FIELDS error guests imports w acme:kv/a#entry.key", "RECORD_SAME_FIELDS error hosts imports w acme:kv/a#entry.key",
			},
			[]string{
				"TYPE_ADDED warning guests exports w acme:kv/b#entry",
				"RECORD_SAME_FIELDS error guests exports w acme:kv/a#entry.key", "RECORD_SAME_FIELDS error hosts exports w acme:kv/a#entry.key",
			},
		},
		{
			"moved under another name", entry + get, "f: func();", "use b.{entry as item}; get: func() -> item;", entry + " f: func();",
			[]string{
				"TYPE_ADDED warning hosts imports w acme:kv/a#item",
				"TYPE_SAME_HOME error guests imports w acme:kv/a#entry", "TYPE_SAME_HOME error hosts imports w acme:kv/a#entry",
			},
			[]string{
				"TYPE_ADDED warning guests exports w acme:kv/a#item",
				"TYPE_SAME_HOME error guests exports w acme:kv/a#entry", "TYPE_SAME_HOME error hosts exports w acme:kv/a#entry",
			},
		},
		{
			"moved and unused", entry + " f: func();", "f: func();", "f: func();", entry + " f: func();",
			nil,
			[]string{"TYPE_SAME_HOME warning hosts exports w acme:kv/a#entry", "TYPE_ADDED info guests exports w acme:kv/b#entry"},
		},
		{
			"renamed and unused", entry + " f: func();", "f: func();", "record item { key: string } f: func();", "f: func();",
			nil,
			[]string{"TYPE_NO_DELETE warning hosts exports w acme:kv/a#entry", "TYPE_ADDED info guests exports w acme:kv/a#item"},
		},
		{
			"gone and unused", entry + " f: func();", "f: func();", "f: func();", "f: func();",
			nil,
			[]string{"TYPE_NO_DELETE warning hosts exports w acme:kv/a#entry"},
		},
		{ // hosts compare what it is made of
			"used from where it was, too", entry + get, entry + " f: func();", "use b.{entry};" + get, entry + " f: func();",
			nil, nil,
		},
		{
			"gone, and another one of its name stays", entry + get, entry + " f: func();", "get: func();", entry + " f: func();",
			[]string{
				"FUNC_SAME_RESULT error guests imports w acme:kv/a#get", "FUNC_SAME_RESULT warning hosts imports w acme:kv/a#get",
				"TYPE_NO_DELETE error guests imports w acme:kv/a#entry",
			},
			[]string{
				"FUNC_SAME_RESULT error guests exports w acme:kv/a#get", "FUNC_SAME_RESULT warning hosts exports w acme:kv/a#get",
				"TYPE_NO_DELETE warning hosts exports w acme:kv/a#entry",
			},
		},
		{
			"a resource moved", resource + take, "f: func();", "use b.{file};" + take, resource + " f: func();",
			[]string{"TYPE_SAME_HOME error guests imports w acme:kv/a#file", "TYPE_SAME_HOME warning hosts imports w acme:kv/a#file"},
			[]string{"TYPE_SAME_HOME error guests exports w acme:kv/a#file", "TYPE_SAME_HOME warning hosts exports w acme:kv/a#file"},
		},
	} {
		for world, want := range map[string][]string{"import a; import b;": tt.imports, "export a; export b;": tt.exports} {
			old, now := load(t, "a.wit", moved(tt.oldA, tt.oldB, world)), load(t, "a.wit", moved(tt.newA, tt.newB, world))
			check(t, tt.name+", "+world, lines(compat.Compare(old, now, compat.Options{})), want)
		}
	}
}

// TestCompareImportedTypes has a guest import types that no function passes, since an
// interface that it exports has them among its own: tools that compare all types of
// an import tell who asks for one that is not there.
func TestCompareImportedTypes(t *testing.T) {
	const entry, item, hold = "record entry { key: string } ", "record item { key: string } ", "get: func();"
	for _, tt := range []struct {
		name                   string
		oldA, oldB, newA, newB string
		want                   []string
	}{
		{
			"gone", entry + hold, "use a.{entry};", hold, "",
			[]string{"TYPE_NO_DELETE info guests imports w acme:kv/a#entry", "TYPE_NO_DELETE warning hosts exports w acme:kv/b#entry"},
		},
		{
			"new", hold, "", entry + hold, "use a.{entry};",
			[]string{"TYPE_ADDED info hosts imports w acme:kv/a#entry", "TYPE_ADDED info guests exports w acme:kv/b#entry"},
		},
		{
			"renamed", entry + hold, "use a.{entry as e};", item + hold, "use a.{item as e};",
			[]string{"TYPE_NO_DELETE info guests imports w acme:kv/a#entry", "TYPE_ADDED info hosts imports w acme:kv/a#item"},
		},
		{
			"renamed, and not used before", entry + hold, "", item + hold, "use a.{item};",
			[]string{"TYPE_ADDED info hosts imports w acme:kv/a#item", "TYPE_ADDED info guests exports w acme:kv/b#item"},
		},
		{
			"moved", entry + hold, "use a.{entry};", hold, entry,
			[]string{"TYPE_SAME_HOME info guests imports w acme:kv/a#entry"},
		},
	} {
		const world = "import a; export b;"
		old, now := load(t, "a.wit", moved(tt.oldA, tt.oldB, world)), load(t, "a.wit", moved(tt.newA, tt.newB, world))
		check(t, tt.name, lines(compat.Compare(old, now, compat.Options{})), tt.want)
	}
}

// TestCompareOtherResource has an interface use another resource by the name that it
// had for one.
func TestCompareOtherResource(t *testing.T) {
	const text = "package acme:kv@0.2.1;\ninterface a { use %s; get: func() -> file; }\nworld w { import a; import a:b/c@0.1.0; import a:b/c@0.2.0; }\n" +
		"package a:b@0.1.0 { interface c { resource file; resource dir; } }\npackage a:b@0.2.0 { interface c { resource file; } }\n"
	for _, tt := range []struct{ now, want string }{
		{"a:b/c@0.1.0.{dir as file}", "is the resource `a:b/c#dir` now, it was `a:b/c#file`"},
		{"a:b/c@0.2.0.{file}", "is the resource `a:b/c@0.2.0#file` now, it was `a:b/c@0.1.0#file`"},
	} {
		old, now := load(t, "a.wit", fmt.Sprintf(text, "a:b/c@0.1.0.{file}")), load(t, "a.wit", fmt.Sprintf(text, tt.now))
		found := compat.Compare(old, now, compat.Options{})
		if len(found) != 2 || found[0].Rule != "TYPE_SAME_HOME" || !strings.Contains(found[0].Message, tt.want) {
			t.Errorf("%s: got %v, want what %s", tt.now, found, tt.want)
		}
	}
}
