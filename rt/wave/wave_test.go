package wave_test

import (
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wave"
	"github.com/witgen/witgen/wit"
)

// source declares the types of the tests: those without a name of their own
// as `type`.
const source = `
package test:wave@1.2.3;

interface types {
	record point { x: s32, y: s32 }
	record sparse { a: option<u8>, b: option<string> }
	record mixed { need: u8, maybe: option<u8>, more: list<point> }
	record %record-of-keywords { %true: bool, %some: option<u8>, %ok: result, inf: f32 }
	variant shape { nothing, circle(u8), named(option<string>), both(tuple<u8, u8>) }
	variant outcome { some(u8), none, ok, err(string), nan }
	enum color { red, green, dark-BLUE3 }
	enum odd { %true, %false, some, none, ok, err, inf, nan }
	flags perms { read, write, exec, %true }
	resource thing { make: static func(n: u8) -> thing; }
	type octets = list<u8>;
	type byte = u8;
	type byte-alias = byte;
	type list-byte-alias = list<byte-alias>;
	type maybe-byte = option<u8>;
	type t-color-option = option<odd>;
	type t-point-list = list<point>;
	type t-shape-option = option<shape>;
	type t-own = own<thing>;
	type t-list-own = list<own<thing>>;
	type t-option-own = option<own<thing>>;
	type t-own-borrow = tuple<own<thing>, own<thing>>;
	type t-perms-option = option<perms>;
	type t-maybe-maybe = option<maybe-byte>;
	type t-result-maybe = result<maybe-byte, string>;
	type t-result-point = result<point>;
	type t-sparse-list = list<sparse>;
}

interface funcs {
	use types.{point, thing};
	nullary: func();
	text: func(s: string) -> string;
	pair: func(a: u8, b: string);
	tail: func(a: u8, b: option<u8>, c: option<string>);
	only-options: func(a: option<u8>, b: option<point>);
	needs-thing: func(t: borrow<thing>);
	%list: func(l: list<u8>);
}
`

var load = sync.OnceValues(func() (*wit.Package, error) {
	return wit.LoadFS(fstest.MapFS{"wave.wit": {Data: []byte(source)}}, "wave.wit", wit.Options{})
})

func pkg(t testing.TB) *wit.Package {
	t.Helper()
	p, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// typ returns a type of source, a primitive type, or one of the forms of a
// type around that: its name as in "list<u8>".
func typ(t testing.TB, text string) wit.Type {
	t.Helper()
	for p := wit.Bool; p <= wit.ErrorContext; p++ {
		if p.String() == text {
			return p
		}
	}
	for _, d := range pkg(t).Interface("types").Types {
		if d.Name == text {
			return d
		}
	}
	if got, ok := anonymous[text]; ok {
		return got
	}
	t.Fatalf("no type %s", text)
	return nil
}

var anonymous = map[string]wit.Type{
	"list<u8>":              &wit.List{Elem: wit.U8},
	"list<u8, 3>":           &wit.List{Elem: wit.U8, Fixed: true, Len: 3},
	"list<string>":          &wit.List{Elem: wit.String},
	"list<string, 2>":       &wit.List{Elem: wit.String, Fixed: true, Len: 2},
	"list<list<char>>":      &wit.List{Elem: &wit.List{Elem: wit.Char}},
	"map<string, u32>":      &wit.Map{Key: wit.String, Value: wit.U32},
	"map<bool, list<u8>>":   &wit.Map{Key: wit.Bool, Value: &wit.List{Elem: wit.U8}},
	"tuple<u8>":             &wit.Tuple{Types: []wit.Type{wit.U8}},
	"tuple<u8, string>":     &wit.Tuple{Types: []wit.Type{wit.U8, wit.String}},
	"option<u8>":            &wit.Option{Elem: wit.U8},
	"option<string>":        &wit.Option{Elem: wit.String},
	"option<f64>":           &wit.Option{Elem: wit.F64},
	"option<list<u8>>":      &wit.Option{Elem: &wit.List{Elem: wit.U8}},
	"option<option<u8>>":    &wit.Option{Elem: &wit.Option{Elem: wit.U8}},
	"option<result<u8>>":    &wit.Option{Elem: &wit.Result{OK: wit.U8}},
	"result":                &wit.Result{},
	"result<u8>":            &wit.Result{OK: wit.U8},
	"result<_, string>":     &wit.Result{Err: wit.String},
	"result<u8, string>":    &wit.Result{OK: wit.U8, Err: wit.String},
	"result<option<u8>>":    &wit.Result{OK: &wit.Option{Elem: wit.U8}},
	"list<option<u8>>":      &wit.List{Elem: &wit.Option{Elem: wit.U8}},
	"stream<u8>":            &wit.Stream{Elem: wit.U8},
	"stream":                &wit.Stream{},
	"future<string>":        &wit.Future{Elem: wit.String},
	"list<error-context>":   &wit.List{Elem: wit.ErrorContext},
	"option<stream<u8>>":    &wit.Option{Elem: &wit.Stream{Elem: wit.U8}},
	"option<error-context>": &wit.Option{Elem: wit.ErrorContext},
}

type list = []rt.Value

func some(v rt.Value) rt.Value { return cm.Some(v) }
func ok(v rt.Value) rt.Value   { return cm.OK[rt.Value, rt.Value](v) }
func fail(v rt.Value) rt.Value { return cm.Fail[rt.Value](v) }

var none rt.Value = cm.None[rt.Value]()

func point(x, y int32) rt.Record { return rt.Record{{Name: "x", Value: x}, {Name: "y", Value: y}} }

func sparse(a, b rt.Value) rt.Record { return rt.Record{{Name: "a", Value: a}, {Name: "b", Value: b}} }

func variant(c string, v rt.Value) rt.Variant { return rt.Variant{Case: c, Value: v} }

// canonical are values and the one text of each that Format writes.
var canonical = []struct {
	typ, text string
	value     rt.Value
}{
	{"bool", "true", true},
	{"bool", "false", false},
	{"u8", "0", uint8(0)},
	{"u8", "255", uint8(255)},
	{"s8", "-128", int8(-128)},
	{"s8", "127", int8(127)},
	{"u16", "65535", uint16(65535)},
	{"s16", "-32768", int16(-32768)},
	{"u32", "4294967295", uint32(math.MaxUint32)},
	{"s32", "-2147483648", int32(math.MinInt32)},
	{"u64", "18446744073709551615", uint64(math.MaxUint64)},
	{"s64", "-9223372036854775808", int64(math.MinInt64)},
	{"s64", "9223372036854775807", int64(math.MaxInt64)},
	{"byte-alias", "7", uint8(7)},

	{"f32", "0", float32(0)},
	{"f32", "-0", float32(math.Copysign(0, -1))},
	{"f32", "0.1", float32(0.1)},
	{"f32", "16777216", float32(1 << 24)},
	{"f32", "3.4028235e+38", float32(math.MaxFloat32)},
	{"f32", "1e-45", float32(math.SmallestNonzeroFloat32)},
	{"f32", "1e-7", float32(1e-7)},
	{"f32", "inf", float32(math.Inf(1))},
	{"f32", "-inf", float32(math.Inf(-1))},
	{"f64", "0.1", 0.1},
	{"f64", "3.14", 3.14},
	{"f64", "-100000", -100000.0},
	{"f64", "0.000001", 1e-6},
	{"f64", "9.9e-7", 9.9e-7},
	{"f64", "100000000000000000000", 1e20},
	{"f64", "1e+21", 1e21},
	{"f64", "6.022e+23", 6.022e23},
	{"f64", "1.7976931348623157e+308", math.MaxFloat64},
	{"f64", "5e-324", math.SmallestNonzeroFloat64},
	{"f64", "inf", math.Inf(1)},
	{"f64", "-inf", math.Inf(-1)},

	{"char", `'x'`, 'x'},
	{"char", `' '`, ' '},
	{"char", `'☃'`, '☃'},
	{"char", `'🌊'`, '🌊'},
	{"char", `'\''`, '\''},
	{"char", `'"'`, '"'},
	{"char", `'\\'`, '\\'},
	{"char", `'\n'`, '\n'},
	{"char", `'\t'`, '\t'},
	{"char", `'\r'`, '\r'},
	{"char", `'\u{0}'`, '\x00'},
	{"char", `'\u{301}'`, '\u0301'},
	{"char", `'\u{202e}'`, '\u202e'},
	{"char", `'\u{10ffff}'`, '\U0010ffff'},

	{"string", `""`, ""},
	{"string", `"abc\t123"`, "abc\t123"},
	{"string", `"it's \"so\" \\ \n\r"`, "it's \"so\" \\ \n\r"},
	{"string", `"WAVE🌊 né // no comment"`, "WAVE🌊 né // no comment"},
	{"string", `"\u{1b}[31m\u{7f}\u{feff}"`, "\x1b[31m\x7f\ufeff"},

	{"list<u8>", "[]", []byte{}},
	{"list<u8>", "[0, 128, 255]", []byte{0, 128, 255}},
	{"octets", "[1]", []byte{1}},
	{"list-byte-alias", "[1, 2]", []byte{1, 2}},
	{"list<u8, 3>", "[1, 2, 3]", list{uint8(1), uint8(2), uint8(3)}},
	{"list<string>", "[]", list{}},
	{"list<string>", `["a", "b"]`, list{"a", "b"}},
	{"list<string, 2>", `["a", "b"]`, list{"a", "b"}},
	{"list<list<char>>", `[[], ['a'], ['b', 'c']]`, list{list{}, list{'a'}, list{'b', 'c'}}},
	{"t-point-list", `[{x: 1, y: -1}]`, list{point(1, -1)}},

	{"map<string, u32>", `[]`, rt.Map{}},
	{"map<string, u32>", `[("b", 1), ("a", 2), ("b", 3)]`, rt.Map{{Key: "b", Value: uint32(1)}, {Key: "a", Value: uint32(2)}, {Key: "b", Value: uint32(3)}}},
	{"map<bool, list<u8>>", `[(true, [1])]`, rt.Map{{Key: true, Value: []byte{1}}}},

	{"tuple<u8>", "(1)", rt.Tuple{uint8(1)}},
	{"tuple<u8, string>", `(1, "a")`, rt.Tuple{uint8(1), "a"}},

	{"point", "{x: 1, y: 2}", point(1, 2)},
	{"sparse", "{:}", sparse(none, none)},
	{"sparse", "{a: some(1)}", sparse(some(uint8(1)), none)},
	{"sparse", `{b: some("x")}`, sparse(none, some("x"))},
	{"sparse", `{a: some(1), b: some("x")}`, sparse(some(uint8(1)), some("x"))},
	{"mixed", "{need: 1, more: []}", rt.Record{{Name: "need", Value: uint8(1)}, {Name: "maybe", Value: none}, {Name: "more", Value: list{}}}},
	{"record-of-keywords", "{true: true, some: some(1), ok: ok, inf: inf}", rt.Record{
		{Name: "true", Value: true}, {Name: "some", Value: some(uint8(1))}, {Name: "ok", Value: ok(nil)}, {Name: "inf", Value: float32(math.Inf(1))},
	}},

	{"shape", "nothing", variant("nothing", nil)},
	{"shape", "circle(3)", variant("circle", uint8(3))},
	{"shape", "named(none)", variant("named", none)},
	{"shape", `named(some("n"))`, variant("named", some("n"))},
	{"shape", "both((1, 2))", variant("both", rt.Tuple{uint8(1), uint8(2)})},
	{"outcome", "%some(1)", variant("some", uint8(1))},
	{"outcome", "%none", variant("none", nil)},
	{"outcome", "%ok", variant("ok", nil)},
	{"outcome", `%err("e")`, variant("err", "e")},
	{"outcome", "%nan", variant("nan", nil)},

	{"color", "red", rt.Enum("red")},
	{"color", "dark-BLUE3", rt.Enum("dark-BLUE3")},
	{"odd", "%true", rt.Enum("true")},
	{"odd", "%false", rt.Enum("false")},
	{"odd", "%some", rt.Enum("some")},
	{"odd", "%none", rt.Enum("none")},
	{"odd", "%ok", rt.Enum("ok")},
	{"odd", "%err", rt.Enum("err")},
	{"odd", "%inf", rt.Enum("inf")},
	{"odd", "%nan", rt.Enum("nan")},

	{"perms", "{}", rt.Flags{}},
	{"perms", "{write}", rt.Flags{"write"}},
	{"perms", "{read, exec, true}", rt.Flags{"read", "exec", "true"}},

	{"option<u8>", "none", none},
	{"option<u8>", "some(1)", some(uint8(1))},
	{"maybe-byte", "some(1)", some(uint8(1))},
	{"option<option<u8>>", "none", none},
	{"option<option<u8>>", "some(none)", some(none)},
	{"option<option<u8>>", "some(some(1))", some(some(uint8(1)))},
	{"option<result<u8>>", "some(err)", some(fail(nil))},
	{"t-color-option", "none", none},
	{"t-color-option", "some(%none)", some(rt.Enum("none"))},
	{"t-option-own", "none", none},

	{"result", "ok", ok(nil)},
	{"result", "err", fail(nil)},
	{"result<u8>", "ok(1)", ok(uint8(1))},
	{"result<u8>", "err", fail(nil)},
	{"result<_, string>", "ok", ok(nil)},
	{"result<_, string>", `err("no")`, fail("no")},
	{"result<u8, string>", "ok(1)", ok(uint8(1))},
	{"result<u8, string>", `err("no")`, fail("no")},
	{"result<option<u8>>", "ok(none)", ok(none)},
	{"t-list-own", "[]", list{}},
}

// spellings are other texts of values.
var spellings = []struct {
	typ, text string
	value     rt.Value
}{
	{"bool", " \t\r\n true // yes", true},
	{"s8", "-0", int8(0)},
	{"f32", "0e0", float32(0)},
	{"f32", "0.000e100", float32(0)},
	{"f64", "0e-1", 0.0},
	{"f64", "1E2", 100.0},
	{"f64", "1.5e+2", 150.0},
	{"f64", "1e05", 1e5},
	{"f64", "-0.0e-0", math.Copysign(0, -1)},
	{"f32", "3.4028234664e38", float32(math.MaxFloat32)},
	{"f32", "3.4028234664e39", float32(math.Inf(1))},
	{"f32", "-3.4028234664e39", float32(math.Inf(-1))},
	{"f32", "1.4012984643e-45", float32(math.SmallestNonzeroFloat32)},
	{"f32", "1.4012984643e-46", float32(0)},
	{"f64", "1e999999999999999999999", math.Inf(1)},
	{"f64", "1e-999999999999999999999", 0.0},
	// Halfway between two of f32, but for the last digit: rounded once.
	{"f32", "16777217.0000000000000001", float32(16777218)},
	{"char", `'\"'`, '"'},
	{"char", `'\u{78}'`, 'x'},
	{"char", `'\u{002603}'`, '☃'},
	{"char", `'\u{2603}'`, '☃'},
	{"char", "'\t'", '\t'},
	{"char", `'\u{10FFFF}'`, '\U0010ffff'},
	{"string", `"\'\u{27}'"`, "'''"},
	{"string", `"☃\u{2603}\u{002603}"`, "☃☃☃"},
	{"string", "\"a\rb\x00\"", "a\rb\x00"},
	{"string", "\"\"\"\n\"\"\"", ""},
	{"string", "\"\"\"\n  \"\"\"", ""},
	{"string", "\"\"\"\n\n\"\"\"", ""},
	{"string", "\"\"\"\n\n\n\"\"\"", "\n"},
	{"string", "\"\"\"\nA single line\n\"\"\"", "A single line"},
	{"string", "\"\"\"\r\none\r\ntwo\r\n\"\"\"", "one\ntwo"},
	{"string", "\"\"\"\none\\r\ntwo\r\r\n\"\"\"", "one\r\ntwo\r"},
	{"string", "\"\"\"\n    deep\n  edge\n      deeper\n  \"\"\"", "  deep\nedge\n    deeper"},
	{"string", "\"\"\"\nq: \"\"\\\"\"\n\\\\ \\'\\\"\\t\\n\\u{2603}\n\"\"\"", "q: \"\"\"\"\n\\ '\"\t\n☃"},
	{"string", "\"\"\"\n\nempty lines stay\n\n\"\"\"", "\nempty lines stay\n"},
	{"string", "\"\"\"\n// no comment\n\"\"\" // a comment", "// no comment"},
	{"list<u8>", "[ ]", []byte{}},
	{"list<u8>", "[1,2,]", []byte{1, 2}},
	{"list<u8, 3>", "[1,2,3,]", list{uint8(1), uint8(2), uint8(3)}},
	{"list<option<u8>>", "[1, none, some(2)]", list{some(uint8(1)), none, some(uint8(2))}},
	{"map<string, u32>", `{}`, rt.Map{}},
	{"map<string, u32>", `{:}`, rt.Map{}},
	{"map<string, u32>", `{"a": 1, "b" : 2,}`, rt.Map{{Key: "a", Value: uint32(1)}, {Key: "b", Value: uint32(2)}}},
	{"map<bool, list<u8>>", `{true:[1],false:[]}`, rt.Map{{Key: true, Value: []byte{1}}, {Key: false, Value: []byte{}}}},
	{"map<string, u32>", `[("a", 1,),]`, rt.Map{{Key: "a", Value: uint32(1)}}},
	{"tuple<u8, string>", "( 1 , \"a\" , )", rt.Tuple{uint8(1), "a"}},
	{"point", "{y: 2, x: 1,}", point(1, 2)},
	{"point", "{%y: 2, // two\n %x: 1 // one\n}", point(1, 2)},
	{"sparse", "{ : }", sparse(none, none)},
	{"sparse", "{b: none}", sparse(none, none)},
	{"sparse", `{b: "x", a: 1}`, sparse(some(uint8(1)), some("x"))},
	{"t-sparse-list", `[{:}, {a: 1}]`, list{sparse(none, none), sparse(some(uint8(1)), none)}},
	{"shape", "%circle ( 3 )", variant("circle", uint8(3))},
	{"shape", `named("n")`, variant("named", some("n"))},
	{"color", "%red", rt.Enum("red")},
	{"perms", "{exec, %true, read,}", rt.Flags{"read", "exec", "true"}},
	{"option<u8>", "1", some(uint8(1))},
	{"option<u8>", "some ( 1 )", some(uint8(1))},
	{"option<f64>", "inf", some(math.Inf(1))},
	{"option<list<u8>>", "[1]", some([]byte{1})},
	{"t-color-option", "%none", some(rt.Enum("none"))},
	{"t-shape-option", "circle(1)", some(variant("circle", uint8(1)))},
	{"t-perms-option", "{}", some(rt.Flags{})},
	{"result<u8>", "1", ok(uint8(1))},
	{"result<u8, string>", "1", ok(uint8(1))},
	{"t-result-point", "{x: 1, y: 2}", ok(point(1, 2))},
	{"result<option<u8>>", "ok(1)", ok(some(uint8(1)))},
	{"option<option<u8>>", "some(1)", some(some(uint8(1)))},
	{"option<result<u8>>", "some(1)", some(ok(uint8(1)))},
	{"t-option-own", "none", none},
}

// equal is reflect.DeepEqual, but that it tells zeros apart.
func equal(a, b rt.Value) bool {
	if !reflect.DeepEqual(a, b) {
		return false
	}
	switch a := a.(type) {
	case float32:
		return math.Signbit(float64(a)) == math.Signbit(float64(b.(float32)))
	case float64:
		return math.Signbit(a) == math.Signbit(b.(float64))
	}
	return true
}

func TestCanonical(t *testing.T) {
	for _, c := range canonical {
		typ := typ(t, c.typ)
		if got, err := wave.Format(typ, c.value); err != nil || got != c.text {
			t.Errorf("Format(%s, %#v)\n got %s, %v\nwant %s", c.typ, c.value, got, err, c.text)
		}
		if got, err := wave.Parse(typ, c.text); err != nil || !equal(got, c.value) {
			t.Errorf("Parse(%s, %s)\n got %#v, %v\nwant %#v", c.typ, c.text, got, err, c.value)
		}
	}
}

func TestSpellings(t *testing.T) {
	for _, c := range spellings {
		if got, err := wave.Parse(typ(t, c.typ), c.text); err != nil || !equal(got, c.value) {
			t.Errorf("Parse(%s, %s)\n got %#v, %v\nwant %#v", c.typ, c.text, got, err, c.value)
		}
	}
}

func TestNaN(t *testing.T) {
	v, err := wave.Parse(wit.F32, "nan")
	if f, ok := v.(float32); err != nil || !ok || math.Float32bits(f) != 0x7fc00000 {
		t.Errorf("f32 nan: got %#v, %v", v, err)
	}
	v, err = wave.Parse(wit.F64, "nan")
	if f, ok := v.(float64); err != nil || !ok || math.Float64bits(f) != 0x7ff8000000000000 {
		t.Errorf("f64 nan: got %#v, %v", v, err)
	}
	for typ, v := range map[wit.Type]rt.Value{
		wit.F32: math.Float32frombits(0xffff1234),
		wit.F64: math.Float64frombits(0xfff0000000000001),
	} {
		if got, err := wave.Format(typ, v); err != nil || got != "nan" {
			t.Errorf("Format(%v, NaN): got %s, %v", typ, got, err)
		}
	}
}

// Fields of a Go value may be in any order, and so may flags.
func TestFormatOrder(t *testing.T) {
	got, err := wave.Format(typ(t, "point"), rt.Record{{Name: "y", Value: int32(2)}, {Name: "x", Value: int32(1)}})
	if want := "{x: 1, y: 2}"; err != nil || got != want {
		t.Errorf("record: got %s, %v, want %s", got, err, want)
	}
	got, err = wave.Format(typ(t, "perms"), rt.Flags{"exec", "read", "exec"})
	if want := "{read, exec}"; err != nil || got != want {
		t.Errorf("flags: got %s, %v, want %s", got, err, want)
	}
}

// deep returns a type of n lists around a u16, and the text of a value.
func deep(n int) (wit.Type, string) {
	var t wit.Type = wit.U16
	for range n {
		t = &wit.List{Elem: t}
	}
	return t, strings.Repeat("[", n) + "1" + strings.Repeat("]", n)
}

func TestDepth(t *testing.T) {
	typ, text := deep(199)
	v, err := wave.Parse(typ, text)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := wave.Format(typ, v); err != nil || got != text {
		t.Errorf("got %s, %v", got, err)
	}
	typ, text = deep(200)
	_, err = wave.Parse(typ, text)
	if want := "1:201: values nest deeper than 200 levels"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if got, err := wave.Format(typ, list{v}); err == nil || !strings.HasSuffix(err.Error(), "values nest deeper than 200 levels") {
		t.Errorf("got %s, %v", got, err)
	}
	// What is not there is not nested.
	if _, err := wave.Parse(typ, "[]"); err != nil {
		t.Error(err)
	}
}

// A type that is shared is far larger written out than it is.
func TestErrorOfLargeType(t *testing.T) {
	var typ wit.Type = wit.U8
	for range 100 {
		typ = &wit.Tuple{Types: []wit.Type{typ, typ}}
	}
	_, err := wave.Parse(typ, "1")
	if err == nil || len(err.Error()) > 300 || !strings.HasPrefix(err.Error(), "1:1: expected tuple<tuple<") {
		t.Errorf("got %v", err)
	}
	_, err = wave.Parse(wit.U8, strings.Repeat("1", 1000))
	if err == nil || len(err.Error()) > 300 {
		t.Errorf("got %v", err)
	}
}
