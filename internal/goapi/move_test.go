package goapi

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// entries, levels and the like are what the rows of TestMoves move.
const (
	entries  = "record entry { key: string, size: u32 }"
	levels   = "enum level { low, mid, high }"
	shapes   = "variant shape { none, circle(f64), square(u32) }"
	rights   = "flags rights { f1, f2, f3, f4, f5, f6, f7, f8 }"
	sessions = "resource session { step: func(n: u32) -> u32; begin: static func() -> session; }"
)

// TestMoves changes a contract by giving other names and places to what is in
// it, and back. What is one change of WIT is one finding, as far as it is one
// thing to do for those who use it.
func TestMoves(t *testing.T) {
	const (
		gone, pack, home, same = "GO_DECL_NO_DELETE ", "GO_PACKAGE_NO_DELETE ", "TYPE_SAME_HOME ", "GO_DECL_SAME_TYPE "
		added                  = "!GO_IFACE_METHOD_ADDED "
	)
	each := func(prefix string, names ...string) (all []string) {
		for _, n := range names {
			all = append(all, prefix+n)
		}
		return all
	}
	for _, tt := range []struct {
		row        string
		replace    []string
		want, back []string
	}{
		{"33 a record with its old name", []string{"record entry {", "type entry = item; record item {"}, nil, each(gone, "types Item")},
		{"33 and functions that take it by the new one", []string{
			"record entry {", "type entry = item; record item {", "{entry, level", "{item, level", "e: entry", "e: item",
		}, nil, each(gone, "types Item")},
		// Constants and cases have the name of their type in theirs.
		{"33 an enum with its old name", []string{"enum level {", "type level = grade; enum grade {"},
			each(gone, "types LevelLow", "types LevelMid", "types LevelHigh"), each(gone, "types Grade")},
		{"33 flags with their old name", []string{"flags rights {", "type rights = grants; flags grants {"},
			each(gone+"types RightsF", "1", "2", "3", "4", "5", "6", "7", "8"), each(gone, "types Grants")},
		{"33 a variant with its old name", []string{"variant shape {", "type shape = form; variant form {"},
			each(gone, "types ShapeNone", "types ShapeCircle", "types ShapeSquare"), each(gone, "types Form")},
		{"33 a resource with its old name", []string{"resource session {", "type session = visit; resource visit {", "-> session", "-> visit"},
			append(each(gone, "handler Handler.SessionBegin", "handler UnimplementedSession"), added+"handler Handler.VisitBegin"),
			append(each(gone, "handler Handler.VisitBegin", "handler Visit"), added+"handler Handler.SessionBegin")},
		{"32 a record without its old name", []string{"record entry {", "record item {", "{entry, level", "{item, level", "e: entry", "e: item"},
			each(gone, "types Entry"), each(gone, "types Item")},
		{"32 a record renamed and changed", []string{"record entry { key: string", "record item { name: string", "{entry, level", "{item, level", "e: entry", "e: item"},
			append(each(gone, "types Entry"), same+"store Store.Put"), append(each(gone, "types Item"), same+"store Store.Put")},

		{"54 a record moved to who uses it", []string{entries, "", "{entry, level", "{level", "get: func", entries + " get: func"},
			each(home, "types Entry"), each(home, "store Entry")},
		{"54 an enum moved", []string{levels, "", "{entry, level", "{entry", "get: func", levels + " get: func"},
			each(home, "types Level"), each(home, "store Level")},
		{"54 a variant moved", []string{shapes, "", "say:", shapes + " say:"}, each(home, "types Shape"), each(home, "log Shape")},
		{"54 flags moved", []string{rights, "", "say:", rights + " say:"}, each(home, "types Rights"), each(home, "log Rights")},
		{"54 a record moved to a new interface that is used", []string{entries, "use more.{entry};", "interface log", "interface more { " + entries + " } interface log"},
			each(home, "types Entry"), each(pack, "more ")},
		{"54 an enum moved to a new interface that is used", []string{levels, "use more.{level};", "interface log", "interface more { " + levels + " } interface log"},
			each(home, "types Level"), each(pack, "more ")},
		{"54 a resource moved", []string{sessions, "use sessions.{session};", "interface log", "interface sessions { " + sessions + " } interface log"},
			append(each(home, "handler Session"), gone+"handler Handler.SessionBegin", same+"handler Export"),
			append(each(pack, "sessions "), gone+"app Imports.Sessions", added+"handler Handler.SessionBegin", same+"handler Export")},

		{"G2 an imported interface renamed", []string{"interface store", "interface depot", "import store", "import depot"},
			each("", pack+"store ", gone+"app Imports.Store"), each("", pack+"depot ", gone+"app Imports.Depot")},
		{"G2 an exported interface renamed", []string{"interface handler", "interface worker", "export handler", "export worker"},
			each("", pack+"handler ", gone+"app App.Handler"), each("", pack+"worker ", gone+"app App.Worker")},
		{"G2 an interface of types renamed", []string{"interface types", "interface kinds", "use types", "use kinds", "import types", "import kinds"},
			each(pack, "types "), each(pack, "kinds ")},

		// Names that Go has other plans for. What is there keeps its own.
		{"G4 internal", []string{"interface log", "interface internal { f: func(); } interface log", "import log", "import internal; import log"},
			nil, each("", pack+"kvinternal ", gone+"app Imports.Internal")},
		{"G4 main", []string{"interface log", "interface main { f: func(); } interface log", "import log", "import main; import log"},
			nil, each("", pack+"kvmain ", gone+"app Imports.Main")},
		{"G4 a keyword", []string{"interface log", "interface %func { f: func(); } interface log", "import log", "import %func; import log"},
			nil, each("", pack+"kvfunc ", gone+"app Imports.Func")},
		{"G4 what would be a test", []string{"interface log", "interface log-test { f: func(); } interface log", "import log", "import log-test; import log"},
			nil, each("", pack+"logtest ", gone+"app Imports.LogTest")},
	} {
		t.Run(tt.row, func(t *testing.T) {
			changed := contract
			for n := 0; n < len(tt.replace); n += 2 {
				if strings.Count(changed, tt.replace[n]) != 1 {
					t.Fatalf("%q is not there once", tt.replace[n])
				}
				changed = strings.Replace(changed, tt.replace[n], tt.replace[n+1], 1)
			}
			compare(t, contract, changed, tt.want)
			compare(t, changed, contract, tt.back)
		})
	}
}

// TestTakenName adds an interface whose name is in Go the one of another: there
// are no packages to compare until it has a name, and then those that were there
// are what they were.
func TestTakenName(t *testing.T) {
	changed := strings.NewReplacer("interface log", "interface lo-g { shout: func(); } interface log", "import log", "import lo-g; import log").Replace(contract)
	p, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(changed)}}, "a.wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := gen.Generate(p.Worlds[0], gen.Options{PackageRoot: root})
	list, ok := errors.AsType[gen.ErrorList](err)
	if !ok || files != nil || !slices.ContainsFunc(list, func(e *gen.Error) bool { return e.Rename == "log" || e.Rename == "lo-g" }) {
		t.Fatalf("got %v", err)
	}
	was, is := api(t, contract, gen.Options{}), api(t, changed, gen.Options{Rename: map[string]string{"lo-g": "Loud"}})
	if found := Compare(was, is); len(found) > 0 {
		t.Errorf("got %+v", found)
	}
	var back []string
	for _, c := range Compare(is, was) {
		back = append(back, c.Rule+" "+c.Package+" "+c.Item)
	}
	if want := []string{"GO_DECL_NO_DELETE app Imports.Loud", "GO_PACKAGE_NO_DELETE loud "}; !slices.Equal(back, want) {
		t.Errorf("back: got %q, want %q", back, want)
	}
}

// TestMovesTogether moves a type with one that it is made of, and one without.
func TestMovesTogether(t *testing.T) {
	const text = "package acme:kv@0.2.1;\ninterface a { %s }\ninterface b { use a.{number}; f: func(n: number); %s }\nworld w { import a; import b; }\n"
	const types = "enum level { low } record inner { at: level } record outer { of: inner, n: number }"
	old, now := fmt.Sprintf(text, "type number = u64; "+types, ""), fmt.Sprintf(text, "type number = u64;", types)
	compare(t, old, now, []string{"TYPE_SAME_HOME a Inner", "TYPE_SAME_HOME a Level", "TYPE_SAME_HOME a Outer"})
	now = fmt.Sprintf(text, "type number = u64;", strings.Replace(types, "at: level", "at: u8", 1)) // it is another one now
	compare(t, old, now, []string{"GO_DECL_NO_DELETE a Inner", "TYPE_SAME_HOME a Level", "TYPE_SAME_HOME a Outer"})
}

// TestSuccessor names the package that one which is gone most likely is now.
func TestSuccessor(t *testing.T) {
	for _, tt := range []struct {
		name, was, is, want string
	}{
		{"an interface", "interface a { f: func(); g: func(); } world w { import a; }", "interface b { f: func(); g: func(); } world w { import b; }", "b"},
		{"one that has more", "interface a { f: func(); } world w { export a; }", "interface b { f: func(); g: func(); h: func(); } world w { export b; }", "b"},
		{"one that has half of it", "interface a { f: func(); g: func(); } world w { import a; }", "interface b { f: func(); } world w { import b; }", ""},
		{"another one", "interface a { f: func(); } world w { import a; }", "interface b { g: func(); } world w { import b; }", ""},
		{"one that is there already", "interface a { f: func(); } interface b { f: func(); } world w { import a; import b; }",
			"interface b { f: func(); } world w { import b; }", ""},
		{"one of types", "interface a { record r { n: u8 } } world w { import a; }", "interface b { record r { n: u8 } } world w { import b; }", "b"},
		{"a world", "interface a { f: func(); } world w { import a; export run: func(); }", "interface a { f: func(); } world v { import a; export run: func(); }", "v"},
		{"another world", "interface a { f: func(); } world w { import a; export run: func(); }", "interface a { f: func(); } world v { export a; }", ""},
	} {
		found := Compare(api(t, "package acme:kv;\n"+tt.was, gen.Options{}), api(t, "package acme:kv;\n"+tt.is, gen.Options{}))
		i := slices.IndexFunc(found, func(c Change) bool { return c.Rule == PackageGone })
		if i < 0 {
			t.Errorf("%s: no package is gone: %+v", tt.name, found)
			continue
		}
		message := "package " + found[i].Package + " is gone"
		if tt.want != "" {
			message += ", and package " + tt.want + " of the same declarations is new"
		}
		if found[i].New != tt.want || found[i].Message != message {
			t.Errorf("%s: got %+v, want %q", tt.name, found[i], tt.want)
		}
	}
}
