package goapi

import (
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/gen"
)

// contract is what the rows of TestCompare change.
const contract = `package acme:kv@0.2.1;
interface types {
  record entry { key: string, size: u32 }
  record pair { a: u32, b: u32 }
  enum level { low, mid, high }
  flags rights { f1, f2, f3, f4, f5, f6, f7, f8 }
  variant shape { none, circle(f64), square(u32) }
  type number = u32;
  type alone = string;
}
interface store {
  use types.{entry, level, number};
  get: func(key: string) -> string;
  put: func(e: entry, at: number, again: number) -> result<_, string>;
  flush: func();
}
interface handler {
  resource session { step: func(n: u32) -> u32; begin: static func() -> session; }
  run: func(e: borrow<session>) -> u32;
}
interface log { say: func(what: string); }
world app { import types; import store; import log; export handler; export reset: func(); }
`

// TestCompare changes a contract as each row of the catalogue does, and wants
// what its column Go says.
func TestCompare(t *testing.T) {
	for _, tt := range []struct {
		row, from, to string
		want          []string // rule, package and item; "!" before those that embedding avoids
	}{
		{"1 imported function added", "flush: func();", "flush: func(); sync: func();", []string{"!GO_IFACE_METHOD_ADDED store Store.Sync"}},
		{"2 function removed", "flush: func();", "", []string{"GO_DECL_NO_DELETE store Store.Flush"}},
		{"3 function renamed", "flush:", "drain:", []string{"GO_DECL_NO_DELETE store Store.Flush", "!GO_IFACE_METHOD_ADDED store Store.Drain"}},
		{"4 order", "", "", nil},
		{"6 parameter added", "what: string", "what: string, n: option<u32>", []string{"GO_DECL_SAME_TYPE log Log.Say"}},
		{"7 parameter removed", "e: entry, ", "", []string{"GO_DECL_SAME_TYPE store Store.Put"}},
		{"8 parameter renamed", "what: string", "text: string", nil},
		{"9 parameters of one type swapped", "at: number, again: number", "again: number, at: number", nil},
		{"11 type inside one core type", "get: func(key: string)", "get: func(key: list<u8>)", []string{"GO_DECL_SAME_TYPE store Store.Get"}},
		{"12 type across core types", "step: func(n: u32)", "step: func(n: u64)", []string{"GO_DECL_SAME_TYPE handler Session.Step"}},
		{"13 result added", "flush: func()", "flush: func() -> u32", []string{"GO_DECL_SAME_TYPE store Store.Flush"}},
		{"14 T to result<T>", "-> string;", "-> result<string>;", nil},
		{"15 field added", "size: u32 }", "size: u32, age: u32 }", nil},
		{"15 field added that takes == away", "size: u32 }", "size: u32, data: list<u8> }", []string{"GO_COMPARABLE_KEPT types Entry"}},
		{"16 field removed", "key: string, size", "size", []string{"GO_DECL_NO_DELETE types Entry.Key"}},
		{"16 field renamed", "size: u32 }", "length: u32 }", []string{"GO_DECL_NO_DELETE types Entry.Size"}},
		{"16 field retyped", "size: u32 }", "size: u64 }", []string{"GO_DECL_SAME_TYPE types Entry.Size"}},
		{"17 fields reordered", "a: u32, b: u32", "b: u32, a: u32", nil},
		{"18 record to tuple", "record pair { a: u32, b: u32 }", "type pair = tuple<u32, u32>;", []string{"GO_DECL_SAME_TYPE types Pair"}},
		{"20 case added", "square(u32) }", "square(u32), dot }", nil},
		{"21 case removed", ", square(u32) }", " }", []string{"GO_DECL_NO_DELETE types ShapeSquare"}},
		{"21 payload", "square(u32)", "square(s32)", []string{"GO_DECL_SAME_TYPE types ShapeSquare.Value"}},
		{"22 case added to an enum", "mid, high }", "mid, high, top }", nil},
		{"23 case inserted", "mid, high }", "most, mid, high }", []string{"GO_DECL_SAME_TYPE types LevelHigh", "GO_DECL_SAME_TYPE types LevelMid"}},
		{"23 case renamed", "mid, high }", "center, high }", []string{"GO_DECL_NO_DELETE types LevelMid"}},
		{"26 flags 8 to 9", "f8 }", "f8, f9 }", nil},
		{"28 flags reordered", "f1, f2", "f2, f1", []string{"GO_DECL_SAME_TYPE types RightsF1", "GO_DECL_SAME_TYPE types RightsF2"}},
		{"29 enum to variant", "enum level {", "variant level {", []string{
			"GO_DECL_SAME_TYPE types Level", "GO_DECL_SAME_TYPE types LevelHigh", "GO_DECL_SAME_TYPE types LevelLow", "GO_DECL_SAME_TYPE types LevelMid",
		}},
		{"30 type added", "type alone", "type more = u8; type alone", nil},
		{"31 unused type removed", "type alone = string;", "", []string{"GO_DECL_NO_DELETE types Alone"}},
		{"34 alias inlined", "at: number, again: number", "at: u32, again: u32", nil},
		{"35 alias retargeted", "type number = u32", "type number = u64", []string{"GO_DECL_SAME_TYPE types Number"}},
		{"37 resource removed", "resource session { step: func(n: u32) -> u32; begin: static func() -> session; }\n  run: func(e: borrow<session>) -> u32;", "run: func() -> u32;", []string{
			"GO_DECL_NO_DELETE handler Session", "GO_DECL_NO_DELETE handler Handler.SessionBegin", "GO_DECL_SAME_TYPE handler Handler.Run",
			"GO_DECL_SAME_TYPE handler Export",
		}},
		{"38 method added", "begin: static", "back: func(); begin: static", []string{"!GO_IFACE_METHOD_ADDED handler Session.Back"}},
		{"39 method removed", "step: func(n: u32) -> u32; ", "", []string{"GO_DECL_NO_DELETE handler Session.Step"}},
		{"40 static to method", "begin: static func()", "begin: func()", []string{
			"GO_DECL_NO_DELETE handler Handler.SessionBegin", "!GO_IFACE_METHOD_ADDED handler Session.Begin",
		}},
		{"44 docs", "interface log", "/// Logs.\ninterface log", nil},
		{"45 import added", "import log;", "import log; import beep: interface { now: func(); }", nil},
		{"46 import removed, G3", "import log;", "", []string{"GO_PACKAGE_NO_DELETE log ", "GO_DECL_NO_DELETE app Imports.Log"}},
		{"47 export added", "export handler;", "export handler; export log;", nil},
		{"48 export removed", "export reset: func();", "", []string{"GO_DECL_NO_DELETE app App.Reset"}},
		{"49 import to export", "import log;", "export log;", []string{"GO_DECL_NO_DELETE app Imports.Log", "GO_DECL_NO_DELETE log Import"}},
		{"50 export to import", "export handler;", "import handler;", []string{
			"GO_DECL_NO_DELETE app App.Handler", "GO_DECL_NO_DELETE handler Export",
		}},
		{"56 version", "@0.2.1", "@0.2.2", nil},
		{"G1 world renamed", "world app", "world program", []string{"GO_PACKAGE_NO_DELETE app "}},
		{"G7 new track", "@0.2.1", "@0.3.0", nil},
	} {
		t.Run(tt.row, func(t *testing.T) {
			from, to := tt.from, tt.to
			if tt.row == "4 order" {
				from, to = "flush: func();\n}", "}" // and in front of the others
				if !strings.Contains(contract, from) {
					t.Fatal("no order to change")
				}
				changed := strings.Replace(strings.Replace(contract, from, to, 1), "  get: func", "  flush: func();\n  get: func", 1)
				compare(t, contract, changed, nil)
				return
			}
			if strings.Count(contract, from) != 1 {
				t.Fatalf("%q is not there once", from)
			}
			compare(t, contract, strings.Replace(contract, from, to, 1), tt.want)
		})
	}
}

// compare compares a contract with an older one, and with itself.
func compare(t *testing.T, old, changed string, want []string) {
	t.Helper()
	was, is := api(t, old, gen.Options{}), api(t, changed, gen.Options{})
	if found := Compare(is, is); found != nil {
		t.Errorf("with itself: %+v", found)
	}
	var got []string
	breaks := false
	for _, c := range Compare(was, is) {
		text := c.Rule + " " + c.Package + " " + c.Item
		if c.Embeddable {
			text = "!" + text
		}
		breaks = breaks || !c.Embeddable
		got = append(got, text)
		if c.Message == "" || !strings.Contains(c.Message, c.Package) {
			t.Errorf("%s says %q", text, c.Message)
		}
	}
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if Gains(was, is) == breaks {
		t.Errorf("gains: %v", !breaks)
	}
}
