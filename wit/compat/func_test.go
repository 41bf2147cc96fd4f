package compat_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit/compat"
)

// TestCompareRenamedFuncs gives functions other names. One that is gone is the only
// new one of its type, and of its resource; else it is gone, and they are new.
func TestCompareRenamedFuncs(t *testing.T) {
	const gone, added = "FUNC_NO_DELETE [GUESTS] get", "FUNC_ADDED_IMPORT [HOSTS] "
	const method, methodAdded = "METHOD_NO_DELETE [GUESTS] a.", "METHOD_ADDED_IMPORT [HOSTS] "
	for _, tt := range []struct {
		name, old, now string
		want           []string
	}{
		{"one", "get: func() -> u32;", "fetch: func() -> u32;", []string{gone, "FUNC_NO_DELETE [HOSTS] get"}},
		{"of another type", "get: func() -> u32;", "fetch: func() -> u64;", []string{added + "fetch", gone}},
		{"of other parameters", "get: func(a: u32);", "fetch: func(b: u32);", []string{added + "fetch", gone}},
		{"async", "get: func();", "fetch: async func();", []string{added + "fetch", gone}},
		{"one of two", "get: func();", "fetch: func(); load: func();", []string{added + "fetch", added + "load", gone}},
		{"two of one", "get: func(); load: func();", "fetch: func();", []string{added + "fetch", gone, "FUNC_NO_DELETE [GUESTS] load"}},
		{
			"a method", "resource a { get: func(); }", "resource a { fetch: func(); }",
			[]string{method + "get", "METHOD_NO_DELETE [HOSTS] a.get"},
		},
		{
			"a static function", "resource a { get: static func(); }", "resource a { fetch: static func(); }",
			[]string{method + "get", "METHOD_NO_DELETE [HOSTS] a.get"},
		},
		{
			"one of another resource", "resource a { get: static func(); } resource b;", "resource a; resource b { fetch: static func(); }",
			[]string{methodAdded + "b.fetch", method + "get"},
		},
		{
			"a function of no resource", "resource a { get: static func(); }", "resource a; fetch: func();",
			[]string{added + "fetch", method + "get"},
		},
	} {
		of := func(items string) string {
			return "package acme:kv@0.2.1;\ninterface api { " + items + " }\nworld w { import api; }\n"
		}
		found := compat.Compare(load(t, "a.wit", of(tt.old)), load(t, "a.wit", of(tt.now)), compat.Options{})
		var got []string
		for _, f := range found {
			got = append(got, f.Rule+" ["+string(f.Category)+"] "+strings.TrimPrefix(f.Item, "acme:kv/api#"))
		}
		slices.Sort(got)
		check(t, tt.name, got, tt.want)
	}
	const of, now = "get: func() -> u32;", "fetch: func() -> u32;"
	found := compat.Compare(load(t, "a.wit", example(of)), load(t, "a.wit", example(now)), compat.Options{Role: compat.Imports})
	const message = "`acme:kv/api#get` is gone, and `acme:kv/api#fetch` of the same type is new; guests of the old contract that use it do not link"
	const fix = "keep `get` beside `fetch`"
	if len(found) != 2 || found[0].Message != message || found[0].Fix != fix || found[0].Silent || found[0].Old.Text != of || found[0].New.Text != now {
		t.Errorf("got %+v, want\n%s\n%s", found, message, fix)
	}
}

// TestCompareMethodKind has a method be a static function that takes as much: core
// modules see the same types, and another name.
func TestCompareMethodKind(t *testing.T) {
	of := func(get string) string { return example("resource r { get: " + get + " -> u32; }") }
	found := compat.Compare(load(t, "a.wit", of("func()")), load(t, "a.wit", of("static func(self: u32)")), compat.Options{Role: compat.Imports})
	check(t, "a method", lines(found), []string{
		"METHOD_SAME_KIND error guests imports host acme:kv/api#r.get",
		"METHOD_SAME_KIND warning hosts imports host acme:kv/api#r.get",
	})
	for _, f := range found {
		if f.Silent {
			t.Errorf("core modules see the name: %s", f)
		}
	}
}

// TestCompareParams changes what a function takes and whether it waits, and wants
// what is said of it.
func TestCompareParams(t *testing.T) {
	for _, tt := range []struct{ old, now, rule, want string }{
		{"func(a: u32, b: u64)", "func(a: u32)", "FUNC_SAME_PARAMS", "takes no `b` any more"},
		{"func(a: u32)", "func(a: u32, b: u64)", "FUNC_SAME_PARAMS", "takes a new `b: u64`"},
		{"func(a: u32)", "func(b: u64)", "FUNC_SAME_PARAMS", "takes a new `b: u64` and takes no `a` any more"},
		{"func(a: u32, b: u32)", "func(c: u32, b: u64)", "FUNC_SAME_PARAMS", "takes a new `c: u32` and takes `b: u64`, which was `u32` and takes no `a` any more"},
		{"func(a: u32, b: u64)", "func(b: u64, a: u8)", "FUNC_SAME_PARAMS", "takes `a: u8`, which was `u32`"},
		{"func(a: u32, b: u64)", "func(b: u64, a: u32)", "FUNC_SAME_PARAMS", "takes its parameters in another order"},
		{"func(a: u32, b: u32)", "func(a: u32, c: u32)", "FUNC_SAME_PARAM_NAMES", "names its parameters differently: parameter 2 is `c` now, it was `b`"},
		{
			"func(a: u32, b: u32)", "func(b: u32, a: u32)", "FUNC_SAME_PARAM_ORDER",
			"takes its parameters in another order: parameter 1 is `b` now, it was `a`, parameter 2 is `a` now, it was `b`",
		},
		{"async func()", "func()", "FUNC_SAME_ASYNC", "is not async any more"},
	} {
		of := func(f string) string { return example("f: " + f + ";") }
		found := compat.Compare(load(t, "a.wit", of(tt.old)), load(t, "a.wit", of(tt.now)), compat.Options{Role: compat.Imports})
		if len(found) != 2 || found[0].Rule != tt.rule || !strings.HasPrefix(found[0].Message, "`acme:kv/api#f` "+tt.want+"; ") {
			t.Errorf("%s to %s: got %v, want %s: %s", tt.old, tt.now, found, tt.rule, tt.want)
		}
	}
}
