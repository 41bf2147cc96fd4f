package wave_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wave"
	"github.com/witgen/witgen/wit"
)

// anyName returns a lookup that has one function, under every name.
func anyName(f *wit.Func) func(string) (*wit.Func, error) {
	return func(string) (*wit.Func, error) { return f, nil }
}

func TestCallNames(t *testing.T) {
	nullary := &wit.Func{Name: "f"}
	for _, c := range []struct{ text, want string }{
		{"f()", "f"},
		{" // a comment\n f ( ) // another", "f"},
		{"f// a comment\n()", "f"},
		{"do-IT-now2()", "do-IT-now2"},
		{"%list()", "list"},
		{"iface#f()", "iface#f"},
		{"iface.f()", "iface#f"},
		{"iface.%f()", "iface#f"},
		{"ns:pkg/iface#f()", "ns:pkg/iface#f"},
		{"ns:pkg/iface.f()", "ns:pkg/iface#f"},
		{"ns:pkg/iface@1.0.0#f()", "ns:pkg/iface@1.0.0#f"},
		{"ns:pkg/iface.f@1.0.0()", "ns:pkg/iface@1.0.0#f"},
		{"ns:pkg/iface.{f}()", "ns:pkg/iface#f"},
		{"ns:pkg/iface@1.0.0.{f}()", "ns:pkg/iface@1.0.0#f"},
		{"ns:pkg/iface.f@0.2.0-rc.1+b-7()", "ns:pkg/iface@0.2.0-rc.1+b-7#f"},
		{"ns:pkg/iface@0.2#f()", "ns:pkg/iface@0.2#f"},
		{"wasi:cli/run.run@0.2.0()", "wasi:cli/run@0.2.0#run"},
		{"[method]counter.get()", "[method]counter.get"},
		{"[static]counter.make()", "[static]counter.make"},
		{"[constructor]counter()", "[constructor]counter"},
		{"iface#[method]counter.get()", "iface#[method]counter.get"},
		{"iface.[method]counter.get()", "iface#[method]counter.get"},
		{"ns:pkg/iface@1.0.0#[method]counter.get()", "ns:pkg/iface@1.0.0#[method]counter.get"},
		{"ns:pkg/iface.[static]counter.make@1.0.0()", "ns:pkg/iface@1.0.0#[static]counter.make"},
		{"ns:pkg/iface.[constructor]counter@1.0.0()", "ns:pkg/iface@1.0.0#[constructor]counter"},
		{"ns:pkg/iface@1.0.0.{[constructor]counter}()", "ns:pkg/iface@1.0.0#[constructor]counter"},
		{`"any (name) \u{2603}" ()`, "any (name) ☃"},
		{`"ns:pkg/iface.f@1.0.0"()`, "ns:pkg/iface.f@1.0.0"},
	} {
		asked := ""
		got, args, err := wave.ParseCall(c.text, func(name string) (*wit.Func, error) {
			asked = name
			return nullary, nil
		})
		if err != nil || got != c.want || asked != c.want || len(args) != 0 {
			t.Errorf("%s\n got %q, asked for %q, %v, %v\nwant %q", c.text, got, asked, args, err, c.want)
		}
	}
}

func TestCallNameErrors(t *testing.T) {
	notFunc := func(quoted string) string {
		return "1:1: " + quoted + " is not the name of a function, such as f, ns:pkg/iface@1.0.0#f or ns:pkg/iface.f@1.0.0"
	}
	for _, c := range []struct{ text, want string }{
		{"", "1:1: expected the name of a function, found the end"},
		{"\n ()", "2:2: expected the name of a function, found `(`"},
		{"@()", notFunc(`"@"`)},
		{"#()", notFunc(`"#"`)},
		{".()", notFunc(`"."`)},
		{"/()", notFunc(`"/"`)},
		{"[()", notFunc(`"["`)},
		{"f@1.0.0()", notFunc(`"f@1.0.0"`)},
		{"iface.f@1.0.0()", notFunc(`"iface.f@1.0.0"`)},
		{"iface@1.0.0#f()", notFunc(`"iface@1.0.0#f"`)},
		{"ns:pkg/iface()", notFunc(`"ns:pkg/iface"`)},
		{"ns:pkg/iface@1.0.0()", notFunc(`"ns:pkg/iface@1.0.0"`)},
		{"ns:pkg/iface@1.0.0.f()", notFunc(`"ns:pkg/iface@1.0.0.f"`)},
		{"ns:pkg/iface.f@()", notFunc(`"ns:pkg/iface.f@"`)},
		{"ns:pkg/iface.f@x()", notFunc(`"ns:pkg/iface.f@x"`)},
		{"ns:pkg/iface@1_0#f()", notFunc(`"ns:pkg/iface@1_0#f"`)},
		{"ns:pkg/iface.{f()", notFunc(`"ns:pkg/iface.{f"`)},
		{"ns/iface#f()", notFunc(`"ns/iface#f"`)},
		{"a.b.c()", notFunc(`"a.b.c"`)},
		{"Mixed()", notFunc(`"Mixed"`)},
		{"snake_case()", notFunc(`"snake_case"`)},
		{"2f()", notFunc(`"2f"`)},
		{"a--b()", notFunc(`"a--b"`)},
		{"[method]counter()", notFunc(`"[method]counter"`)},
		{"[constructor]a.b()", notFunc(`"[constructor]a.b"`)},
		{"[other]a.b()", notFunc(`"[other]a.b"`)},
		{"\u202e()", notFunc(`"\u202e"`)},
		{`"f()`, `1:1: string without a closing " on its line`},
		{`"\q"()`, `1:2: no escape: those are \\ \' \" \t \n \r \u{…}`},
		{"f", "1:2: expected `(`, found the end"},
		{"f)", notFunc(`"f)"`)},
		{"f 1", "1:3: expected `(`, found `1`"},
		{"f(\xff)", "1:3: text is not UTF-8"},
	} {
		name, args, err := wave.ParseCall(c.text, anyName(&wit.Func{Name: "f"}))
		if err == nil || err.Error() != c.want || name != "" || args != nil {
			t.Errorf("%q\n got %q, %v, %v\nwant %s", c.text, name, args, err, c.want)
		}
	}
}

func TestCallLookup(t *testing.T) {
	missing := errors.New("no such function")
	_, _, err := wave.ParseCall("f(this is not read)", func(string) (*wit.Func, error) { return nil, missing })
	if !errors.Is(err, missing) {
		t.Errorf("got %v", err)
	}
	_, _, err = wave.ParseCall("f()", anyName(nil))
	if err == nil || err.Error() != "no function f" {
		t.Errorf("got %v", err)
	}
}

func TestCallArgs(t *testing.T) {
	funcs := map[string]*wit.Func{}
	for _, f := range pkg(t).Interface("funcs").Funcs {
		funcs[f.Name] = f
	}
	for _, c := range []struct {
		f, text string
		want    []rt.Value
	}{
		{"nullary", "()", nil},
		{"text", `("a)")`, list{"a)"}},
		{"text", "(\"\"\"\n  a\n  \"\"\",)", list{"a"}},
		{"pair", `(1, "b")`, list{uint8(1), "b"}},
		{"pair", "( // a\n 1, // b\n \"b\", // end\n)", list{uint8(1), "b"}},
		{"tail", `(1, 2, "c")`, list{uint8(1), some(uint8(2)), some("c")}},
		{"tail", `(1, some(2))`, list{uint8(1), some(uint8(2)), none}},
		{"tail", `(1, none, none)`, list{uint8(1), none, none}},
		{"tail", `(1)`, list{uint8(1), none, none}},
		{"only-options", `()`, list{none, none}},
		{"only-options", `(1)`, list{some(uint8(1)), none}},
		{"only-options", `(none, {x: 1, y: 2})`, list{none, some(point(1, 2))}},
		{"list", `([1, 2])`, list{[]byte{1, 2}}},
	} {
		_, got, err := wave.ParseCall(c.f+c.text, anyName(funcs[c.f]))
		if err != nil || len(got) != len(c.want) || len(got) > 0 && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s%s\n got %#v, %v\nwant %#v", c.f, c.text, got, err, c.want)
		}
	}
	for _, c := range []struct{ f, text, want string }{
		{"nullary", `("")`, "1:9: function nullary has no more parameters: expected `)`"},
		{"nullary", `(,)`, "1:9: function nullary has no more parameters: expected `)`"},
		{"text", `()`, "1:6: function text has a parameter s: string, which is missing"},
		{"text", `(1)`, "1:6: expected string, found `1`"},
		{"text", `("a"`, "1:9: expected `,` or `)`, found the end"},
		{"text", `("a") -> "b"`, "1:11: - is no number"},
		{"text", `("a") x`, "1:11: expected the end, found `x`"},
		{"pair", "(1,\n)", "2:1: function pair has a parameter b: string, which is missing"},
		{"tail", `()`, "1:6: function tail has a parameter a: u8, which is missing"},
		{"needs-thing", `(1)`, "1:13: a handle has no text: borrow<thing>"},
	} {
		name, args, err := wave.ParseCall(c.f+c.text, anyName(funcs[c.f]))
		if err == nil || err.Error() != c.want || name != "" || args != nil {
			t.Errorf("%s%s\n got %q, %v, %v\nwant %s", c.f, c.text, name, args, err, c.want)
		}
	}
}
