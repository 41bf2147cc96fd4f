package rt_test

import (
	"math"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/witgen/witgen/golden/calls/calls"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// inMemory is a record with each width of field, as the guests of these tests
// have it at dataBase.
const inMemory = "" +
	"\x01\xee\xee\xee\xee\xee\xee\xee" + // a: u8 = 1
	"\x08\x07\x06\x05\x04\x03\x02\x81" + // b: u64
	"\x02\x81" + "\xee\xee" + // c: s16
	"\x38\x04\x00\x00\x03\x00\x00\x00" + // s: three bytes at 1080
	"\xee\xee\xee\xee" +
	"\x00\x00\x00\x00\x00\x00\xf8\xbf" + // d: f64 = -1.5
	"\xee\xee\xee\xee\xee\xee\xee\xee\xee\xee\xee\xee\xee\xee\xee\xee" +
	"abc" // at 1080 = dataBase + 56

var inMemoryValue = rt.Record{
	{Name: "a", Value: uint8(1)}, {Name: "b", Value: uint64(0x8102030405060708)}, {Name: "c", Value: int16(-0x7efe)},
	{Name: "s", Value: "abc"}, {Name: "d", Value: -1.5},
}

// TestFault05RecordResult: return a record by a pointer -> its fields are those
// at their offsets in memory.
func TestFault05RecordResult(t *testing.T) {
	g := &guest{data: inMemory, world: `
		record r { a: u8, b: u64, c: s16, s: string, d: f64 }
		export f: func(ignored: u32) -> r;
	`, funcs: map[string]body{"f": does(i32(dataBase))}}
	if got := must(t, g.run(t), "f", uint32(7)); show(got) != show(inMemoryValue) {
		t.Errorf("got %v, want %v", got, inMemoryValue)
	}
}

// TestFault06NoParameters: call functions without parameters that return
// something, whether by a core value or by a pointer -> they work.
func TestFault06NoParameters(t *testing.T) {
	g := &guest{data: inMemory, world: `
		record r { a: u8, b: u64, c: s16, s: string, d: f64 }
		record one { a: u64 }
		export whole: func() -> r;
		export flat: func() -> one;
		export scalar: func() -> s32;
		export none: func();
	`, funcs: map[string]body{"whole": does(i32(dataBase)), "flat": does(i64(-1)), "scalar": does(i32(-2)), "none": does()}}
	in := g.run(t)
	for name, want := range map[string]rt.Value{
		"whole":  inMemoryValue,
		"flat":   rt.Record{{Name: "a", Value: uint64(math.MaxUint64)}},
		"scalar": int32(-2),
		"none":   nil,
	} {
		if got := must(t, in, name); show(got) != show(want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// scalars are a value of each scalar type, and its bytes in memory.
var scalars = []struct {
	typ   string
	value rt.Value
	bytes string
}{
	{"bool", true, "\x01"},
	{"s8", int8(-2), "\xfe"},
	{"u8", uint8(254), "\xfe"},
	{"s16", int16(-2), "\xfe\xff"},
	{"u16", uint16(0xfffd), "\xfd\xff"},
	{"s32", int32(-3), "\xfd\xff\xff\xff"},
	{"u32", uint32(0xfffffffc), "\xfc\xff\xff\xff"},
	{"s64", int64(-4), "\xfc\xff\xff\xff\xff\xff\xff\xff"},
	{"u64", uint64(1<<63 + 5), "\x05\x00\x00\x00\x00\x00\x00\x80"},
	{"f32", float32(-1.5), "\x00\x00\xc0\xbf"},
	{"f64", -1.5, "\x00\x00\x00\x00\x00\x00\xf8\xbf"},
	{"char", '🐈', "\x08\xf4\x01\x00"},
}

// TestFault07Scalars: store and load every scalar, alone in a list and in a
// record, a tuple, a variant, an option and a result, and send it flat -> the
// bytes are those of its width, and its sign survives.
func TestFault07Scalars(t *testing.T) {
	for _, s := range scalars {
		n := len(s.bytes)
		first := "\x01" + strings.Repeat("\x00", n-1) // a byte, then the value at its alignment
		for _, test := range []struct {
			name, typ string
			value     rt.Value
			bytes     string
		}{
			{"list", s.typ, s.value, s.bytes},
			{"record", "r", rt.Record{{Name: "p", Value: uint8(1)}, {Name: "v", Value: s.value}}, first + s.bytes},
			{"tuple", "tuple<bool, " + s.typ + ">", rt.Tuple{true, s.value}, first + s.bytes},
			{"variant", "v", rt.Variant{Case: "b", Value: s.value}, first + s.bytes},
			{"option", "option<" + s.typ + ">", cm.Some(s.value), first + s.bytes},
			{"result", "result<_, " + s.typ + ">", cm.Fail[rt.Value, rt.Value](s.value), first + s.bytes},
		} {
			t.Run(s.typ+"/"+test.name, func(t *testing.T) {
				g := &guest{world: strings.NewReplacer("SCALAR", s.typ, "T", test.typ).Replace(`
					record r { p: u8, v: SCALAR }
					variant v { a, b(SCALAR) }
					import host-list: func(a: list<T>) -> list<T>;
					import host-flat: func(a: T) -> T;
					export through: func(a: list<T>) -> list<T>;
					export flat: func(a: T) -> T;
					export bytes: func(a: list<T>) -> list<u8>;
				`), funcs: map[string]body{
					"through": does(passOn("host-list")),
					"flat":    does(passOn("host-flat")),
					"bytes":   does(i32(512), get(0), store(0), i32(512), get(1), i32(len(test.bytes)), mul, store(4), i32(512)),
				}}
				var seen []rt.Value
				note := func(args []rt.Value) (rt.Value, error) { seen = append(seen, args[0]); return args[0], nil }
				in := g.run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host-list": note, "host-flat": note}))
				two := []rt.Value{test.value, test.value}
				if got := string(must(t, in, "bytes", listOf(test.typ, two)).([]byte)); got != test.bytes+test.bytes {
					t.Errorf("the guest's memory is % x, want twice % x", got, test.bytes)
				}
				list := must(t, in, "through", listOf(test.typ, two))
				flat := must(t, in, "flat", test.value)
				if show(list) != show(listOf(test.typ, two)) || show(flat) != show(test.value) {
					t.Errorf("the caller got %v and %v, want %v and %v", list, flat, two, test.value)
				}
				if want := []rt.Value{listOf(test.typ, two), test.value}; show(seen) != show(want) {
					t.Errorf("the host got %v, want %v", seen, want)
				}
			})
		}
	}
}

// listOf returns a list value: one of bytes has a Go type of its own.
func listOf(typ string, elems []rt.Value) rt.Value {
	if typ != "u8" {
		return elems
	}
	var b []byte
	for _, e := range elems {
		b = append(b, e.(uint8))
	}
	return b
}

// encoded returns a string's bytes in memory, and its length as the guest has
// it, by an encoding.
func encoded(s string, encoding byte) (bytes string, length uint32) {
	latin1 := !strings.ContainsFunc(s, func(r rune) bool { return r > 0xff })
	switch {
	case encoding == utf8Text:
		return s, uint32(len(s))
	case encoding == latin1Text && latin1:
		for _, r := range s {
			bytes += string([]byte{byte(r)})
		}
		return bytes, uint32(len(bytes))
	}
	units := utf16.Encode([]rune(s))
	for _, u := range units {
		bytes += string([]byte{byte(u), byte(u >> 8)})
	}
	length = uint32(len(units))
	if encoding == latin1Text {
		length |= 1 << 31
	}
	return bytes, length
}

// texts is a guest with a string encoding that shows what it was given, and
// returns and sends strings by their pointer and length.
func texts(encoding byte, data string) *guest {
	return &guest{encoding: encoding, data: data, memory: "\x00\x03", world: `
		import host: func(s: string) -> string;
		export through: func(s: string) -> string;
		export seen: func(s: string) -> tuple<u32, list<u8>>;
		export make: func(pointer: u32, length: u32) -> string;
		export send: func(pointer: u32, length: u32);
	`, funcs: map[string]body{
		"through": does(passOn("host")),
		// The length, and as many bytes as any encoding of it may take.
		"seen": does(i32(512), get(1), store(0), i32(512), get(0), store(4), i32(512), get(1), i32(2), mul, store(8), i32(512)),
		"make": does(i32(512), get(0), store(0), i32(512), get(1), store(4), i32(512)),
		"send": does(get(0), get(1), i32(600), call("host")),
	}}
}

// TestFault08Encodings: a guest whose strings are UTF-16, or Latin-1 or UTF-16
// -> strings are right both ways, as its memory holds them, and through
// generated code; an odd pointer traps.
func TestFault08Encodings(t *testing.T) {
	for name, encoding := range map[string]byte{"utf8": utf8Text, "utf16": utf16Text, "latin1+utf16": latin1Text} {
		t.Run(name, func(t *testing.T) {
			for _, s := range []string{"", "a", "plain", "é", "\u00ff\u0100", "größe", "猫 🐈", "ééé🐈", strings.Repeat("é", 5000) + "猫"} {
				bytes, length := encoded(s, encoding)
				var seen rt.Value
				in := texts(encoding, bytes).run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
					"host": func(args []rt.Value) (rt.Value, error) { seen = args[0]; return args[0], nil },
				}))
				if got := must(t, in, "through", s); got != s || seen != s {
					t.Errorf("%.20q came back as %.20q, and the host got %.20q", s, got, seen)
				}
				view := must(t, in, "seen", s).(rt.Tuple)
				if got := string(view[1].([]byte)); view[0] != length || !strings.HasPrefix(got, bytes) {
					t.Errorf("%.20q: the guest has length %#x and % .20x, want %#x and % .20x", s, view[0], got, length, bytes)
				}
				if got := must(t, in, "make", uint32(dataBase), length); got != s {
					t.Errorf("% .20x of length %#x lifted as %.20q, want %.20q", bytes, length, got, s)
				}
			}
			if encoding != utf8Text {
				in := texts(encoding, "ab").run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue}))
				_, err := invoke(t, in, "make", uint32(dataBase+1), uint32(1))
				wantTrap(t, nil, err, rt.TrapABI, "string pointer not aligned to 2")
			}
		})
		t.Run(name+"/generated", func(t *testing.T) {
			g := callsOf(t, encoding)
			in, err := calls.Instantiate(t.Context(), g, calls.Imports{Host: callsHost{}}, rt.InstanceConfig{})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close(t.Context())
			for _, s := range []string{"", "a", "é", "猫 🐈", "ééé🐈"} {
				if got, err := in.Guest.Echo(t.Context(), s); err != nil || got != s {
					t.Errorf("echo of %q = %q, %v", s, got, err)
				}
			}
		})
	}
}

// callsOf is a guest of the world of golden/calls that has the host answer.
func callsOf(t *testing.T, encoding byte) *rt.Component {
	t.Helper()
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	return callsGuestOf(t, encoding).compile(t, e)
}
