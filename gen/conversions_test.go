package gen

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
)

// Kinds of conversions.
const (
	equal = "same"  // nothing to do
	total = "total" // every value has another one
	lossy = "lossy" // some values have none, which is an error
	yours = "yours" // the user's to write
)

// TestConversions has types change from an older version to the newest, and says
// which values can be said in the other one. Integers go by value, a type becomes an
// option of itself, what is named goes by its name. What one version lacks has to be
// able to say nothing, and to say nothing at run time, but for what the newest host
// answers to an older guest.
func TestConversions(t *testing.T) {
	const record = "record r { a: string%s } record q { x: option<u8>, y: list<u8> } flags fl { f } enum en { c } variant va { c } resource h;"
	field := func(of string) string { return fmt.Sprintf(record, ", b: "+of) }
	bare := fmt.Sprintf(record, "")
	for _, tt := range []struct {
		old, now         string // declarations, the first of which is the type if from is empty
		from, to         string
		up, down, answer string
	}{
		{from: "u32", to: "u32", up: equal, down: equal, answer: equal},
		{from: "u8", to: "u32", up: total, down: lossy, answer: lossy},
		{from: "s8", to: "s64", up: total, down: lossy, answer: lossy},
		{from: "u32", to: "s64", up: total, down: lossy, answer: lossy},
		{from: "u32", to: "s32", up: lossy, down: lossy, answer: lossy},
		{from: "s8", to: "u64", up: lossy, down: lossy, answer: lossy},
		{from: "u64", to: "s64", up: lossy, down: lossy, answer: lossy},
		{from: "f32", to: "f64", up: total, down: yours, answer: yours},
		{from: "u32", to: "f64", up: yours, down: yours, answer: yours},
		{from: "char", to: "string", up: total, down: yours, answer: yours},
		{from: "char", to: "u32", up: total, down: yours, answer: yours},
		{from: "bool", to: "u8", up: yours, down: yours, answer: yours},
		{from: "string", to: "list<u8>", up: yours, down: yours, answer: yours},

		{from: "u32", to: "option<u32>", up: total, down: lossy, answer: lossy},
		{from: "u8", to: "option<u32>", up: total, down: lossy, answer: lossy},
		{from: "option<u8>", to: "option<u32>", up: total, down: lossy, answer: lossy},
		{from: "u32", to: "option<option<u32>>", up: total, down: lossy, answer: lossy},
		{from: "string", to: "option<list<u8>>", up: yours, down: yours, answer: yours},
		{from: "option<u32>", to: "list<u32>", up: yours, down: yours, answer: yours},

		{from: "list<u8>", to: "list<u32>", up: total, down: lossy, answer: lossy},
		{from: "list<string>", to: "list<option<string>>", up: total, down: lossy, answer: lossy},
		{from: "list<u8, 2>", to: "list<u32, 2>", up: total, down: lossy, answer: lossy},
		{from: "list<u8, 2>", to: "list<u8, 3>", up: yours, down: yours, answer: yours},
		{from: "list<u8>", to: "list<u8, 2>", up: yours, down: yours, answer: yours},
		{from: "map<string, u8>", to: "map<string, u32>", up: total, down: lossy, answer: lossy},
		{from: "map<u8, string>", to: "map<u32, string>", up: total, down: lossy, answer: lossy},
		{from: "map<u8, string>", to: "list<tuple<u8, string>>", up: yours, down: yours, answer: yours},
		{from: "tuple<u8, string>", to: "tuple<u32, string>", up: total, down: lossy, answer: lossy},
		{from: "tuple<u8>", to: "tuple<u8, option<u8>>", up: yours, down: yours, answer: yours},
		{from: "option<result<u8, string>>", to: "option<result<u32, string>>", up: total, down: lossy, answer: lossy},
		{from: "option<result<u8>>", to: "option<result<u8, string>>", up: yours, down: yours, answer: yours},

		{old: "record r { a: u8 }", now: "record r { a: u8 }", up: equal, down: equal, answer: equal},
		{old: "record r { a: u8 }", now: "record r { a: u32 }", up: total, down: lossy, answer: lossy},
		{old: "record r { a: u8, b: string }", now: "record r { b: string, a: u8 }", up: total, down: total, answer: total},
		{old: "record r { a: u8 }", now: "record r { b: u8 }", up: yours, down: yours, answer: yours},
		{old: bare, now: field("option<u8>"), up: total, down: lossy, answer: total},
		{old: bare, now: field("list<u8>"), up: total, down: lossy, answer: total},
		{old: bare, now: field("list<string>"), up: total, down: lossy, answer: total},
		{old: bare, now: field("map<u8, u8>"), up: total, down: lossy, answer: total},
		{old: bare, now: field("fl"), up: total, down: lossy, answer: total},
		{old: bare, now: field("q"), up: total, down: lossy, answer: total},
		{old: bare, now: field("tuple<option<u8>>"), up: total, down: lossy, answer: total},
		{old: bare, now: field("u32"), up: yours, down: yours, answer: total},
		{old: bare, now: field("bool"), up: yours, down: yours, answer: total},
		{old: bare, now: field("string"), up: yours, down: yours, answer: total},
		{old: bare, now: field("en"), up: yours, down: yours, answer: total},
		{old: bare, now: field("va"), up: yours, down: yours, answer: total},
		{old: bare, now: field("list<u8, 2>"), up: yours, down: yours, answer: total},
		{old: bare, now: field("tuple<option<u8>, u8>"), up: yours, down: yours, answer: total},
		{old: bare, now: field("h"), up: yours, down: yours, answer: yours},          // somebody has to close it
		{old: bare, now: field("option<h>"), up: total, down: yours, answer: yours},  // likewise
		{old: field("option<u8>"), now: bare, up: lossy, down: total, answer: total}, // the other way round
		{old: field("u8"), now: bare, up: yours, down: yours, answer: yours},         // an older guest wants one
		{old: field("option<h>"), now: bare, up: yours, down: total, answer: total},  // which is none
		{old: bare, now: field("option<u8>"), from: "list<r>", to: "list<r>", up: total, down: lossy, answer: total},
		{old: bare, now: field("u8"), from: "option<r>", to: "option<r>", up: yours, down: yours, answer: total},

		// A number that is no case is in no version.
		{old: "enum e { a, b }", now: "enum e { a, b, c }", up: lossy, down: lossy, answer: lossy},
		{old: "enum e { a, b }", now: "enum e { b, a }", up: lossy, down: lossy, answer: lossy},
		{old: "enum e { a, b }", now: "variant e { a, b }", up: yours, down: yours, answer: yours},
		{old: "flags f { a }", now: "flags f { a, b }", up: total, down: lossy, answer: lossy},
		{old: "flags f { a, b }", now: "flags f { b, a }", up: total, down: total, answer: total},
		{old: "flags f { a, b }", now: "flags f { b }", up: lossy, down: total, answer: total},
		{old: "flags f { a }", now: "record f { a: bool }", up: yours, down: yours, answer: yours},
		// Nil is in no version either.
		{old: "variant v { a(u8), b }", now: "variant v { a(u32), b }", up: lossy, down: lossy, answer: lossy},
		{old: "variant v { a }", now: "variant v { b, a }", up: lossy, down: lossy, answer: lossy},
		{old: "variant v { a(u8) }", now: "variant v { a }", up: yours, down: yours, answer: yours},
		{old: "variant v { a(string) }", now: "variant v { a(list<u8>) }", up: yours, down: yours, answer: yours},
	} {
		name := fmt.Sprintf("%s %s to %s %s", tt.old, tt.from, tt.now, tt.to)
		t.Run(name, func(t *testing.T) {
			if tt.from == "" {
				tt.from, tt.to = firstDeclared(tt.old), firstDeclared(tt.old)
			}
			older, newest := conversionWorld(t, "0.1.0", tt.old, tt.from), conversionWorld(t, "0.2.0", tt.now, tt.to)
			plans, err := newPlans(newest, Options{PackageRoot: "example.com/x", Older: []*wit.World{older}})
			if err != nil {
				t.Fatal(err)
			}
			from, to := paramOf(plans[1]), paramOf(plans[0])
			for _, w := range []struct {
				way
				from, to *typ
				want     string
			}{
				{way{up: true}, from, to, tt.up},                               // what an older guest gives its host
				{way{up: true, answer: true, exported: true}, from, to, tt.up}, // what it answers
				{way{exported: true}, to, from, tt.down},                       // what it is given
				{way{answer: true}, to, from, tt.answer},                       // what its host answers
			} {
				b := plans[0].world.bridges[0]
				b = newBridge(b.same, nil, make(map[string]bool))
				if got := kindOf(b.convert(w.from, w.to, w.way), nil); got != w.want {
					t.Errorf("%s, answer %t: %s, want %s", w.way, w.answer, got, w.want)
				}
			}
		})
	}
}

// kindOf returns what kind a conversion is, with all in it.
func kindOf(c *conversion, seen []*conversion) string {
	switch {
	case c == nil && seen == nil:
		return equal
	case c == nil:
		return total
	case c.missing != "":
		return yours
	}
	kind := total
	if c.fails {
		kind = lossy
	}
	for _, p := range c.parts {
		if kindOf(p, append(seen, c)) == yours {
			return yours
		}
	}
	return kind
}

// firstDeclared returns the name of the first type of declarations.
func firstDeclared(decls string) string {
	var kind, name string
	if _, err := fmt.Sscan(decls, &kind, &name); err != nil {
		panic(err)
	}
	return name
}

func conversionWorld(t *testing.T, version, decls, of string) *wit.World {
	t.Helper()
	text := fmt.Sprintf("package a:b@%s; interface i { %s convert: func(v: %s); } world w { import i; export i; }", version, decls, of)
	pkg, err := wit.LoadFS(fstest.MapFS{"x.wit": {Data: []byte(text)}}, "x.wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return pkg.Worlds[0]
}

// paramOf returns the type of the only parameter.
func paramOf(p *plan) *typ {
	methods := p.interfaces[0].methods
	return methods[len(methods)-1].params[0].typ
}
