package wave_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wave"
	"github.com/witgen/witgen/wit"
)

var parseErrors = []struct{ typ, text, want string }{
	{"u8", "", "1:1: expected u8, found the end"},
	{"u8", " // 1", "1:6: expected u8, found the end"},
	{"u8", "256", "1:1: 256 is out of the range of u8"},
	{"u8", "-1", "1:1: -1 is out of the range of u8"},
	{"u8", "-0", "1:1: -0 is out of the range of u8"},
	{"s8", "128", "1:1: 128 is out of the range of s8"},
	{"s8", "-129", "1:1: -129 is out of the range of s8"},
	{"u16", "65536", "1:1: 65536 is out of the range of u16"},
	{"s16", "32768", "1:1: 32768 is out of the range of s16"},
	{"u32", "4294967296", "1:1: 4294967296 is out of the range of u32"},
	{"s32", "2147483648", "1:1: 2147483648 is out of the range of s32"},
	{"u64", "18446744073709551616", "1:1: 18446744073709551616 is out of the range of u64"},
	{"s64", "9223372036854775808", "1:1: 9223372036854775808 is out of the range of s64"},
	{"u8", "1.0", "1:1: expected u8, found `1.0`"},
	{"u8", "1e1", "1:1: expected u8, found `1e1`"},
	{"u8", "-inf", "1:1: expected u8, found `-inf`"},
	{"u8", "inf", "1:1: expected u8, found `inf`"},
	{"u8", `"1"`, "1:1: expected u8, found a string"},
	{"u8", `'1'`, "1:1: expected u8, found a char"},
	{"u8", "01", "1:1: 01 is no number"},
	{"u8", "+1", "1:1: unexpected character '+'"},
	{"u8", "1_000", "1:1: 1_000 is no number"},
	{"u8", "0x1f", "1:1: 0x1f is no number"},
	{"u8", "- 1", "1:1: - is no number"},
	{"u8", "1 2", "1:3: expected the end, found `2`"},
	{"u8", "1,", "1:2: expected the end, found `,`"},
	{"u8", "\n\n  ?", "3:3: unexpected character '?'"},
	{"u8", "1\n☃", "2:1: unexpected character '☃'"},
	{"u8", "1 \xff", "1:3: text is not UTF-8"},
	{"string", "\"\xed\xa0\x80\"", "1:2: text is not UTF-8"},
	{"byte-alias", "x", "1:1: expected u8, found `x`"},
	{"bool", "1", "1:1: expected bool, found `1`"},
	{"bool", "%true", "1:1: expected bool, found `%true`"},
	{"bool", "True", "1:1: expected bool, found `True`"},
	{"f32", "-nan", "1:1: -nan is no number"},
	{"f64", "NaN", "1:1: expected f64, found `NaN`"},
	{"f64", "-infinity", "1:1: -infinity is no number"},
	{"f64", "1.", "1:1: 1. is no number"},
	{"f64", ".5", "1:1: unexpected character '.'"},
	{"f64", "1e", "1:1: 1e is no number"},
	{"f64", "1e+", "1:1: 1e+ is no number"},
	{"f64", "1e1.5", "1:1: 1e1.5 is no number"},
	{"f64", "--1", "1:1: --1 is no number"},

	{"char", "''", `1:1: a char is one character, and ' is written '\''`},
	{"char", "'''", `1:1: a char is one character, and ' is written '\''`},
	{"char", "'ab'", "1:1: a char is one character, found 'ab'"},
	{"char", `'\n\n'`, `1:1: a char is one character, found '\n\n'`},
	{"char", "'e\u0301'", "1:1: a char is one character, found 'e\u0301'"},
	{"char", `'\z'`, `1:2: no escape: those are \\ \' \" \t \n \r \u{…}`},
	{"char", `'\x1f'`, `1:2: no escape: those are \\ \' \" \t \n \r \u{…}`},
	{"char", `'\u1f'`, `1:2: expected \u{…} with 1 to 6 hexadecimal digits`},
	{"char", `'\u{1f'`, `1:2: expected \u{…} with 1 to 6 hexadecimal digits`},
	{"char", `'\u{}'`, `1:2: expected \u{…} with 1 to 6 hexadecimal digits`},
	{"char", `'\u{x}'`, `1:2: expected \u{…} with 1 to 6 hexadecimal digits`},
	{"char", `'\u{+1}'`, `1:2: expected \u{…} with 1 to 6 hexadecimal digits`},
	{"char", `'\u{1_0}'`, `1:2: expected \u{…} with 1 to 6 hexadecimal digits`},
	{"char", `'\u{0000078}'`, `1:2: expected \u{…} with 1 to 6 hexadecimal digits`},
	{"char", `'\u{110000}'`, `1:2: \u{110000} is no character`},
	{"char", `'\u{D800}'`, `1:2: \u{D800} is no character`},
	{"char", `'\u{dfff}'`, `1:2: \u{dfff} is no character`},
	{"char", `'`, "1:1: char without a closing ' on its line"},
	{"char", `'x`, "1:1: char without a closing ' on its line"},
	{"char", `'\'`, "1:1: char without a closing ' on its line"},
	{"char", "'\n'", "1:1: char without a closing ' on its line"},
	{"char", `"x"`, "1:1: expected char, found a string"},

	{"string", `'x'`, "1:1: expected string, found a char"},
	{"string", `x`, "1:1: expected string, found `x`"},
	{"string", `"`, `1:1: string without a closing " on its line`},
	{"string", `"\"`, `1:1: string without a closing " on its line`},
	{"string", "\"\n\"", `1:1: string without a closing " on its line`},
	{"string", "\"\\\n\"", `1:1: string without a closing " on its line`},
	{"string", `"ab\q"`, `1:4: no escape: those are \\ \' \" \t \n \r \u{…}`},
	{"string", `"é\u{d800}\\u{dc00}"`, `1:4: \u{d800} is no character`},
	{"string", `"\u{-1}"`, `1:2: expected \u{…} with 1 to 6 hexadecimal digits`},
	{"string", `"a" "b"`, "1:5: expected the end, found a string"},
	{"string", `"""`, `1:1: string without a closing """`},
	{"string", `""""""`, `1:4: expected the end of the line after the opening """`},
	{"string", "\"\"\" \n\"\"\"", `1:4: expected the end of the line after the opening """`},
	{"string", "\"\"\"\r\"\"\"", `1:4: expected the end of the line after the opening """`},
	{"string", "\"\"\"\"\n\"\"\"", `1:4: expected the end of the line after the opening """`},
	{"string", "\"\"\"\n\"\"", `1:1: string without a closing """`},
	{"string", "\"\"\"\nx\"\"\"", `2:2: expected only spaces before the closing """`},
	{"string", "\"\"\"\na\n\t\"\"\"", `3:2: expected only spaces before the closing """`},
	{"string", "\"\"\"\n\"\"\"\"", `2:4: string without a closing " on its line`},
	{"string", "\"\"\"\n  \"\"\"\n  \"\"\"", `3:3: string without a closing """`},
	{"string", "\"\"\"\n  a\n b\n  \"\"\"", `3:1: expected 2 spaces, as there are before the closing """`},
	{"string", "\"\"\"\n  a\n\n  \"\"\"", `3:1: expected 2 spaces, as there are before the closing """`},
	{"string", "\"\"\"\n  a\n  b \\j\n  \"\"\"", `3:5: no escape: those are \\ \' \" \t \n \r \u{…}`},
	{"string", "\"\"\"\na\\\n\"\"\"", `2:2: no escape: those are \\ \' \" \t \n \r \u{…}`},

	{"list<u8>", "1", "1:1: expected list<u8>, found `1`"},
	{"list<u8>", "[1", "1:3: expected `,` or `]`, found the end"},
	{"list<u8>", "[1,,]", "1:4: expected u8, found `,`"},
	{"list<u8>", "[,]", "1:2: expected u8, found `,`"},
	{"list<u8>", "[1 2]", "1:4: expected `,` or `]`, found `2`"},
	{"list<u8>", "[1)", "1:3: expected `,` or `]`, found `)`"},
	{"list<u8>", "[1, 256]", "1:5: 256 is out of the range of u8"},
	{"list<u8>", `"ab"`, "1:1: expected list<u8>, found a string"},
	{"list<string>", "{}", "1:1: expected list<string>, found `{`"},
	{"list<string>", `["a", b]`, "1:7: expected string, found `b`"},
	{"list<string>", `["a", "b"}`, "1:10: expected `,` or `]`, found `}`"},
	{"list<u8, 3>", "[1, 2]", "1:6: list<u8, 3> has more elements, found only 2"},
	{"list<u8, 3>", "1", "1:1: expected list<u8, 3>, found `1`"},
	{"list<u8, 3>", "[]", "1:2: list<u8, 3> has more elements, found only 0"},
	{"list<u8, 3>", "[1, 2, 3, 4]", "1:11: list<u8, 3> has no more elements: expected `]`"},
	{"map<string, u32>", "(1)", "1:1: expected map<string, u32>, found `(`"},
	{"map<string, u32>", `[("a")]`, "1:6: tuple<string, u32> has more values, found only 1"},
	{"map<string, u32>", `{"a" 1}`, "1:6: expected `:`, found `1`"},
	{"map<string, u32>", `{a: 1}`, "1:2: expected string, found `a`"},
	{"map<string, u32>", `{"a": -1}`, "1:7: -1 is out of the range of u32"},
	{"map<string, u32>", `{:`, "1:3: expected `}`, found the end"},
	{"tuple<u8>", "()", "1:2: tuple<u8> has more values, found only 0"},
	{"tuple<u8>", "1", "1:1: expected tuple<u8>, found `1`"},
	{"tuple<u8, string>", `(1, "a", 2)`, "1:10: tuple<u8, string> has no more values: expected `)`"},

	{"point", "{x: 1}", "1:6: record point has a field y: s32, which is missing"},
	{"point", "{:}", "1:3: record point has a field x: s32, which is missing"},
	{"point", "{x: 1, y: 2, z: 3}", "1:14: record point has no field z: it has x, y"},
	{"point", "{x: 1, x: 2}", "1:8: field x is there twice"},
	{"point", "{x: 1, %x: 2}", "1:8: field x is there twice"},
	{"point", "{x 1}", "1:4: expected `:`, found `1`"},
	{"point", "{x: 1 y: 2}", "1:7: expected `,` or `}`, found `y`"},
	{"point", "{, x: 1}", "1:2: expected a field of record point, found `,`"},
	{"point", `{"x": 1}`, "1:2: expected a field of record point, found a string"},
	{"point", "{x: 1, y: true}", "1:11: expected s32, found `true`"},
	{"point", "{% x: 1}", "1:2: expected a label after %"},
	{"point", "(1, 2)", "1:1: expected record point, found `(`"},
	{"sparse", "{}", "1:2: expected a field of record sparse, found `}`: a record without fields is written {:}"},
	{"mixed", "{maybe: 1,\n more: []}", "2:10: record mixed has a field need: u8, which is missing"},
	{"mixed", "{need: 1}", "1:9: record mixed has a field more: list<point>, which is missing"},

	{"shape", "square", "1:1: variant shape has no case square: it has nothing, circle, named, both"},
	{"shape", "1", "1:1: expected variant shape, found `1`"},
	{"shape", "circle", "1:7: expected `(` and the u8 that case circle of variant shape holds, found the end"},
	{"shape", "circle()", "1:8: expected u8, found `)`"},
	{"shape", "circle(1, 2)", "1:9: expected `)`, found `,`"},
	{"shape", "nothing()", "1:8: case nothing of variant shape holds nothing, found `(`"},
	{"shape", "named", "1:6: expected `(` and the option<string> that case named of variant shape holds, found the end"},
	{"outcome", "err(\"x\")", "1:1: expected variant outcome, found the keyword `err`: the case is written `%err`"},
	{"outcome", "true", "1:1: variant outcome has no case true: it has some, none, ok, err, nan"},
	{"color", "blue", "1:1: enum color has no case blue: it has red, green, dark-BLUE3"},
	{"color", "Red", "1:1: enum color has no case Red: it has red, green, dark-BLUE3"},
	{"color", "red(1)", "1:4: case red of enum color holds nothing, found `(`"},
	{"color", `"red"`, "1:1: expected enum color, found a string"},
	{"odd", "true", "1:1: expected enum odd, found the keyword `true`: the case is written `%true`"},
	{"odd", "nan", "1:1: expected enum odd, found the keyword `nan`: the case is written `%nan`"},
	{"perms", "{run}", "1:2: flags perms has no flag run: it has read, write, exec, true"},
	{"perms", "{read, %read}", "1:8: flag read is there twice"},
	{"perms", "{read write}", "1:7: expected `,` or `}`, found `write`"},
	{"perms", "{:}", "1:2: expected a flag of flags perms, found `:`: flags without any are written {}"},
	{"perms", "read", "1:1: expected flags perms, found `read`"},
	{"perms", "{read: true}", "1:6: expected `,` or `}`, found `:`"},

	{"option<u8>", "some", "1:5: expected `(` and the u8 that case some of option<u8> holds, found the end"},
	{"option<u8>", "some()", "1:6: expected u8, found `)`"},
	{"option<u8>", "some(some(0))", "1:6: expected u8, found `some`"},
	{"option<u8>", "none()", "1:5: case none of option<u8> holds nothing, found `(`"},
	{"option<u8>", "ok(1)", "1:1: expected option<u8>, found `ok`"},
	{"option<u8>", "x", "1:1: expected option<u8>, found `x`"},
	{"option<list<u8>>", "{}", "1:1: expected option<list<u8>>, found `{`"},
	{"option<list<u8>>", "[x]", "1:2: expected u8, found `x`"},
	{"option<option<u8>>", "1", "1:1: expected option<option<u8>>, found `1`"},
	{"option<result<u8>>", "ok(1)", "1:1: expected option<result<u8>>, found `ok`"},
	{"t-maybe-maybe", "1", "1:1: expected option<option<u8>>, found `1`"},
	{"t-color-option", "true", "1:1: expected enum odd, found the keyword `true`: the case is written `%true`"},
	{"result<u8>", "ok", "1:3: expected `(` and the u8 that case ok of result<u8> holds, found the end"},
	{"result<u8>", "err(0)", "1:4: case err of result<u8> holds nothing, found `(`"},
	{"result<_, string>", "1", "1:1: expected result<_, string>, found `1`"},
	{"result<_, string>", `"x"`, "1:1: expected result<_, string>, found a string"},
	{"result<_, string>", "err", "1:4: expected `(` and the string that case err of result<_, string> holds, found the end"},
	{"result", "ok()", "1:3: case ok of result holds nothing, found `(`"},
	{"result", "none", "1:1: expected result, found `none`"},
	{"result<option<u8>>", "1", "1:1: expected result<option<u8>>, found `1`"},
	{"result<option<u8>>", "none", "1:1: expected result<option<u8>>, found `none`"},
	{"t-result-maybe", "1", "1:1: expected result<option<u8>, string>, found `1`"},

	{"t-own", "1", "1:1: a handle has no text: own<thing>"},
	{"t-list-own", "[1]", "1:2: a handle has no text: own<thing>"},
	{"t-option-own", "some(1)", "1:6: a handle has no text: own<thing>"},
	{"stream<u8>", "1", "1:1: a stream has no text: stream<u8>"},
	{"stream", "1", "1:1: a stream has no text: stream"},
	{"option<stream<u8>>", "1", "1:1: a stream has no text: stream<u8>"},
	{"future<string>", "1", "1:1: a future has no text: future<string>"},
	{"list<error-context>", "[1]", "1:2: an error context has no text"},
	{"error-context", "1", "1:1: an error context has no text"},
}

func TestParseErrors(t *testing.T) {
	for _, c := range parseErrors {
		got, err := wave.Parse(typ(t, c.typ), c.text)
		if err == nil {
			t.Errorf("Parse(%s, %q)\n got %#v\nwant %s", c.typ, c.text, got, c.want)
			continue
		}
		if err.Error() != c.want || got != nil {
			t.Errorf("Parse(%s, %q)\n got %#v, %v\nwant %s", c.typ, c.text, got, err, c.want)
		}
		e, ok := errors.AsType[*wave.Error](err)
		if !ok {
			t.Errorf("Parse(%s, %q): %T is no *Error", c.typ, c.text, err)
			continue
		}
		lines := strings.SplitAfter(c.text, "\n")
		if offset := len(strings.Join(lines[:e.Line-1], "")) + e.Col - 1; offset != e.Offset {
			t.Errorf("Parse(%s, %q): offset %d, but line and column say %d", c.typ, c.text, e.Offset, offset)
		}
	}
}

func TestFormatErrors(t *testing.T) {
	for _, c := range []struct {
		typ   string
		value rt.Value
		want  string
	}{
		{"u8", 1, "value of Go type int is no u8"},
		{"u8", nil, "value of Go type <nil> is no u8"},
		{"bool", "true", "value of Go type string is no bool"},
		{"f32", 1.0, "value of Go type float64 is no f32"},
		{"char", "x", "value of Go type string is no char"},
		{"char", rune(0xd800), "0xd800 is no character"},
		{"char", rune(-1), "-0x1 is no character"},
		{"char", rune(0x110000), "0x110000 is no character"},
		{"string", "a\xff", "string is not UTF-8"},
		{"list<u8>", list{uint8(1)}, "value of Go type []interface {} is no list<u8>"},
		{"list<string>", list{"a", 1}, "element 1: value of Go type int is no string"},
		{"list<string>", []string{"a"}, "value of Go type []string is no list<string>"},
		{"list<u8, 3>", list{uint8(1)}, "1 elements are no list<u8, 3>"},
		{"map<string, u32>", rt.Map{{Key: 1}}, "key 0: value of Go type int is no string"},
		{"map<string, u32>", rt.Map{{Key: "a"}}, "value 0: value of Go type <nil> is no u32"},
		{"map<string, u32>", list{}, "value of Go type []interface {} is no map<string, u32>"},
		{"tuple<u8, string>", rt.Tuple{uint8(1)}, "1 values are no tuple<u8, string>"},
		{"tuple<u8, string>", rt.Tuple{uint8(1), 2}, "value 1: value of Go type int is no string"},
		{"tuple<u8, string>", list{}, "value of Go type []interface {} is no tuple<u8, string>"},
		{"point", point(1, 2)[:1], "record point has a field y, which is missing"},
		{"point", append(point(1, 2), rt.Field{Name: "z"}), `record point has no field "z": it has x, y`},
		{"point", append(point(1, 2), rt.Field{Name: "x"}), "field x is there twice"},
		{"point", rt.Record{{Name: "x", Value: int32(1)}, {Name: "y"}}, "field y: value of Go type <nil> is no s32"},
		{"point", none, "value of Go type cm.Option[interface {}] is no record point"},
		{"point", rt.Record{{Name: "x", Value: none}, {Name: "y"}}, "field x: value of Go type cm.Option[interface {}] is no s32"},
		{"sparse", sparse(none, some(1)), "field b: case some: value of Go type int is no string"},
		{"shape", variant("square", nil), `variant shape has no case "square": it has nothing, circle, named, both`},
		{"shape", variant("nothing", 1), "case nothing holds nothing, not a value of Go type int"},
		{"shape", variant("circle", nil), "case circle: value of Go type <nil> is no u8"},
		{"shape", rt.Enum("nothing"), "value of Go type rt.Enum is no variant shape"},
		{"color", rt.Enum("blue"), `enum color has no case "blue": it has red, green, dark-BLUE3`},
		{"color", "red", "value of Go type string is no enum color"},
		{"perms", rt.Flags{"read", "run"}, `flags perms has no flag "run": it has read, write, exec, true`},
		{"perms", []string{"read"}, "value of Go type []string is no flags perms"},
		{"option<u8>", uint8(1), "value of Go type uint8 is no option<u8>"},
		{"option<u8>", some(nil), "case some: value of Go type <nil> is no u8"},
		{"result", uint8(1), "value of Go type uint8 is no result"},
		{"result", ok(uint8(1)), "case ok holds nothing, not a value of Go type uint8"},
		{"result<u8>", fail("x"), "case err holds nothing, not a value of Go type string"},
		{"result<u8>", ok(nil), "case ok: value of Go type <nil> is no u8"},
		{"t-own", new(int), "a handle has no text: own<thing>"},
		{"t-list-own", list{new(int)}, "element 0: a handle has no text: own<thing>"},
		{"stream<u8>", nil, "a stream has no text: stream<u8>"},
		{"future<string>", nil, "a future has no text: future<string>"},
		{"error-context", nil, "an error context has no text"},
	} {
		if got, err := wave.Format(typ(t, c.typ), c.value); err == nil || err.Error() != c.want || got != "" {
			t.Errorf("Format(%s, %#v)\n got %s, %v\nwant %s", c.typ, c.value, got, err, c.want)
		}
	}
}

// An error lists some cases, however many there are.
func TestErrorOfManyCases(t *testing.T) {
	u := &wit.Enum{}
	for i := range 1000 {
		u.Cases = append(u.Cases, wit.Label{Name: fmt.Sprint("c", i)})
	}
	_, err := wave.Parse(&wit.TypeDef{Name: "many", Type: u}, "x")
	want := "1:1: enum many has no case x: it has c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, …"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestNoType(t *testing.T) {
	for _, typ := range []wit.Type{nil, &wit.List{}, &wit.TypeDef{Name: "x"}, &wit.Resource{}, wit.Primitive(0), wit.Primitive(99)} {
		if got, err := wave.Parse(typ, "[1]"); err == nil {
			t.Errorf("Parse(%#v): got %v", typ, got)
		}
		if got, err := wave.Format(typ, list{1}); err == nil {
			t.Errorf("Format(%#v): got %v", typ, got)
		}
	}
}
