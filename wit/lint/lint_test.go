package lint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/lint"
)

// check returns the rules of what is found in an interface, and where.
func check(t *testing.T, pkg, body string) []string {
	t.Helper()
	text := pkg + "\ninterface i {\n" + body + "\n}\n"
	p, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(text)}}, "a.wit", wit.Options{AllFeatures: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range lint.Check(p) {
		got = append(got, fmt.Sprintf("%d:%d %s", f.Pos.Line, f.Pos.Col, f.Rule))
	}
	return got
}

func labels(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("c-%d", i)
	}
	return strings.Join(list, ", ")
}

func TestCheck(t *testing.T) {
	const pkg = "package a:b@1.0.0; @unstable(feature = x)"
	gated := func(text string) string { return "@unstable(feature = x) " + text }
	tests := []struct {
		name, body string
		want       []string
	}{
		{"249 cases", gated("enum e { " + labels(249) + " }"), nil},
		{"250 cases", gated("enum e { " + labels(250) + " }"), []string{"3:29 ENUM_NEAR_LIMIT"}},
		{"256 cases", gated("variant v { " + labels(256) + " }"), []string{"3:32 ENUM_NEAR_LIMIT"}},
		{"257 cases", gated("enum e { " + labels(257) + " }"), nil},
		{"6 flags", gated("flags f { " + labels(6) + " }"), nil},
		{"7 flags", gated("flags f { " + labels(7) + " }"), []string{"3:30 FLAGS_NEAR_LIMIT"}},
		{"8 flags", gated("flags f { " + labels(8) + " }"), []string{"3:30 FLAGS_NEAR_LIMIT"}},
		{"9 flags", gated("flags f { " + labels(9) + " }"), nil},
		{"14 flags", gated("flags f { " + labels(14) + " }"), nil},
		{"15 flags", gated("flags f { " + labels(15) + " }"), []string{"3:30 FLAGS_NEAR_LIMIT"}},
		{"16 flags", gated("flags f { " + labels(16) + " }"), []string{"3:30 FLAGS_NEAR_LIMIT"}},
		{"17 flags", gated("flags f { " + labels(17) + " }"), nil},
		{"31 flags", gated("flags f { " + labels(31) + " }"), []string{"3:30 FLAGS_NEAR_LIMIT"}},
		{"32 flags", gated("flags f { " + labels(32) + " }"), []string{"3:30 FLAGS_NEAR_LIMIT"}},
		{"33 flags", gated("flags f { " + labels(32) + ",\nlast }"), []string{"4:1 COMPONENT_INVALID"}},
		{"16 parameters", gated("f: func(a: tuple<u8, u16, u32, u64, s8, s16, s32, s64>, b: string, c: list<u8>, d: option<string>, e: bool);"), nil},
		{"17 parameters", gated("f: func(a: tuple<u8, u16, u32, u64, s8, s16, s32, s64>, b: string, c: list<u8>, d: option<string>, e: string);"),
			[]string{"3:24 PARAMS_SPILL"}},
		{"results", gated("type r = result<u8>;\n") + gated("type s = r;\n") + gated("f: func() -> s;\n") + gated("g: func(r: result) -> option<result>;"),
			[]string{"5:24 RESULT_NO_ERROR"}},
		{"gates", "type t = u8;\n" + gated("resource r {\nconstructor();\n") + gated("m: func(); }\nresource s { m: func(); }\nf: func();"),
			[]string{"3:6 SINCE_MISSING", "5:1 SINCE_MISSING", "7:10 SINCE_MISSING", "8:1 SINCE_MISSING"}},
	}
	for _, tt := range tests {
		if got := check(t, pkg, tt.body); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	if got, want := check(t, "package a:b@1.0.0;", "f: func(); record r { a: u8 }"), []string{"2:11 SINCE_MISSING"}; !slices.Equal(got, want) {
		t.Errorf("an interface without a gate: got %q, want %q", got, want)
	}
	if got, want := check(t, "package a:b;", "f: func();"), []string{"1:9 PACKAGE_UNVERSIONED"}; !slices.Equal(got, want) {
		t.Errorf("a package without a version: got %q, want %q", got, want)
	}
}

func TestFindingString(t *testing.T) {
	at := wit.Pos{File: "a.wit", Line: 2, Col: 3}
	for want, f := range map[string]lint.Finding{
		"a.wit:2:3: warning PARAMS_SPILL: too many\n    fix: take fewer": {Pos: at, Rule: lint.ParamsSpill, Message: "too many", Fix: "take fewer"},
		"a.wit:2:3: error COMPONENT_INVALID: wrong":                      {Pos: at, Rule: lint.ComponentInvalid, Message: "wrong"},
	} {
		if got := f.String(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}
