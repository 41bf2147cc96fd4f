package rt_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/calls/calls"
	"github.com/witgen/witgen/rt"
)

// TestFault09BadText: a guest returns, or sends to its host, a string that is
// not one -> trap; the host does not see it.
func TestFault09BadText(t *testing.T) {
	const units, wide = 1, 1 << 31
	for _, test := range []struct {
		name     string
		encoding byte
		data     string
		length   uint32
		want     string
	}{
		{"not UTF-8", utf8Text, "ab\xff\xfe", 4, "invalid utf-8"},
		{"over-long UTF-8", utf8Text, "\xc0\x80", 2, "invalid utf-8"},
		{"surrogate in UTF-8", utf8Text, "\xed\xa0\x80", 3, "invalid utf-8"},
		{"beyond Unicode in UTF-8", utf8Text, "\xf4\x90\x80\x80", 4, "invalid utf-8"},
		{"truncated UTF-8", utf8Text, "ab\xe2\x82\xac", 4, "incomplete utf-8 byte sequence"},
		{"lone high surrogate", utf16Text, "\x00\xd8", units, "utf-16"},
		{"lone low surrogate", utf16Text, "a\x00\x00\xdc", 2, "utf-16"},
		{"high surrogate and letter", utf16Text, "\x00\xd8a\x00", 2, "utf-16"},
		{"surrogates in the wrong order", utf16Text, "\x00\xdc\x00\xd8", 2, "utf-16"},
		{"lone surrogate after the mark", latin1Text, "\x00\xd8", wide | units, "utf-16"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, f := range []string{"make", "send"} {
				in := texts(test.encoding, test.data).run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
					"host": func(args []rt.Value) (rt.Value, error) {
						t.Errorf("the host was called with %q", args)
						return "", nil
					},
				}))
				_, err := invoke(t, in, f, uint32(dataBase), test.length)
				if err == nil || !strings.Contains(strings.ToLower(err.Error()), test.want) {
					t.Errorf("%s: %v, want %q", f, err, test.want)
				}
				if trap, ok := asTrap(err); !ok || trap.Kind != rt.TrapABI {
					t.Errorf("%s: %v is no trap for a broken rule", f, err)
				}
			}
		})
	}
}

// TestFault10BadHostText: the host passes a Go string that is not UTF-8 -> an
// error before the guest sees any of it, no trap, and the instance lives.
func TestFault10BadHostText(t *testing.T) {
	for _, encoding := range []byte{utf8Text, utf16Text, latin1Text} {
		realloc := bump
		realloc.code = append(counts(64).code, realloc.code...)
		g := &guest{encoding: encoding, realloc: &realloc, world: `
			import host: func() -> string;
			export one: func(s: string);
			export two: func(s: string, n: list<string>);
			export ask: func() -> string;
			export reallocs: func() -> u32;
			export calls: func() -> u32;
		`, funcs: map[string]body{
			"one": counts(68), "two": counts(68), "ask": does(passOn("host")),
			"reallocs": does(i32(64), load(0)), "calls": does(i32(68), load(0)),
		}}
		in := g.run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
			"host": func([]rt.Value) (rt.Value, error) { return "\xed\xa0\x80", nil },
		}))
		for _, bad := range []string{"\xff", "a\xc0\x80", "\xed\xa0\x80", "\xe2\x82"} {
			_, err := invoke(t, in, "one", bad)
			if _, ok := asTrap(err); ok || err == nil || !strings.Contains(err.Error(), "is not valid UTF-8") {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if n := must(t, in, "reallocs"); n != uint32(0) {
			t.Errorf("the guest allocated %d times for strings that it cannot have", n)
		}
		_, err := invoke(t, in, "two", "good", []rt.Value{"good", "\xff"})
		if _, ok := asTrap(err); ok || err == nil {
			t.Errorf("a bad string after good ones: %v", err)
		}
		if n := must(t, in, "calls"); n != uint32(0) {
			t.Errorf("the guest was called %d times", n)
		}
		if must(t, in, "one", "good"); must(t, in, "calls") != uint32(1) {
			t.Error("the guest was not called with a good string")
		}
		_, err = invoke(t, in, "ask")
		wantTrap(t, in, err, rt.TrapHost, "is not valid UTF-8")
	}
	t.Run("generated", func(t *testing.T) {
		in, err := calls.Instantiate(t.Context(), callsOf(t, utf8Text), calls.Imports{Host: callsHost{}}, rt.InstanceConfig{})
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close(t.Context())
		if _, err := in.Guest.Echo(t.Context(), "\xff"); err == nil || !strings.Contains(err.Error(), "is not valid UTF-8") {
			t.Errorf("echo: %v", err)
		}
		if s, err := in.Guest.Echo(t.Context(), "good"); err != nil || s != "good" {
			t.Errorf("echo after: %q, %v", s, err)
		}
	})
}

// allocated returns how many bytes f made the host allocate, those that are
// free again included.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// lists is a guest that returns and sends lists of a type by a pointer and a
// length that it is told.
func lists(typ string) *guest {
	return &guest{memory: "\x00\x03", world: strings.ReplaceAll(`
		record pair { a: u64, b: string }
		import host: func(a: T);
		export make: func(pointer: u32, length: u32) -> T;
		export send: func(pointer: u32, length: u32);
	`, "T", typ), funcs: map[string]body{
		"make": does(i32(512), get(0), store(0), i32(512), get(1), store(4), i32(512)),
		"send": does(get(0), get(1), call("host")),
	}}
}

// TestFault11HugeLength: a guest hands over a list or string of a length that
// its memory does not hold, or whose bytes are more than 32 bits count -> trap,
// before the host allocates for it.
func TestFault11HugeLength(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		typ    string
		length []uint32
	}{
		{"string", []uint32{1 << 31, 1<<32 - 1, 1<<28 - 1}},
		{"list<u8>", []uint32{1 << 31, 1<<32 - 1, 1<<28 - 1}},
		{"list<u16>", []uint32{1 << 31, 1<<31 + 1}}, // 2^32 + 2 bytes: 2 if they wrap
		{"list<u32>", []uint32{1 << 31, 1<<30 + 1}},
		{"list<u64>", []uint32{1 << 31, 1<<29 + 1}},
		{"list<string>", []uint32{1 << 31, 1<<29 + 1}},
		{"list<pair>", []uint32{1 << 31, 1<<28 + 1}},
		{"list<list<u8>>", []uint32{1<<29 + 1}},
		{"list<option<f64>>", []uint32{1<<28 + 1}},
		{"list<char>", []uint32{1<<30 + 1}},
	} {
		c := lists(test.typ).compile(t, e)
		for _, n := range test.length {
			for _, f := range []string{"make", "send"} {
				in := startFrom(t, c, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
					"host": func([]rt.Value) (rt.Value, error) { t.Error("the host was called"); return nil, nil },
				}))
				var err error
				bytes := allocated(func() { _, err = invoke(t, in, f, uint32(8), n) })
				wantTrap(t, nil, err, rt.TrapABI, "out of bounds of memory")
				if bytes > 256<<10 {
					t.Errorf("%s of a %s of length %#x: the host allocated %d KiB", f, test.typ, n, bytes>>10)
				}
			}
		}
	}
}

// TestFault12Budget: a guest hands over more than its own memory by naming the
// same bytes over and over -> trap; the host allocates no more than what one
// call may make it.
func TestFault12Budget(t *testing.T) {
	const budget = 128 << 20
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	pair := func(a, b int) rt.Value { return rt.Tuple{uint32(a), uint32(b)} }
	repeat := func(n int, v rt.Value) []rt.Value {
		all := make([]rt.Value, n)
		for i := range all {
			all[i] = v
		}
		return all
	}
	const zeros = 1 << 16 // two pages of them
	const inner = 1000    // pairs that come first, and take 8 bytes each
	for _, test := range []struct {
		typ   string
		pairs []rt.Value // from heapBase on
		from  int        // the first of them that the guest hands over
	}{
		{"list<string>", repeat(4000, pair(zeros, 60_000)), 0},
		{"list<list<u8>>", repeat(4000, pair(zeros, 60_000)), 0},
		{"list<list<u64>>", repeat(4000, pair(zeros, 7_000)), 0},
		{"list<list<option<u8>>>", repeat(4000, pair(zeros, 30_000)), 0},
		{"list<list<list<u8>>>", append(repeat(inner, pair(zeros, 200)), repeat(inner, pair(heapBase, inner))...), inner},
		{"list<list<list<list<list<u8>>>>>", append(repeat(inner, pair(heapBase, inner)), repeat(inner, pair(heapBase, inner))...), inner},
	} {
		t.Run(test.typ, func(t *testing.T) {
			g := lists(test.typ)
			g.world = strings.Replace(g.world, "export make: func(pointer: u32, length: u32)", "export make: func(pairs: list<tuple<u32, u32>>)", 1)
			g.funcs["make"] = does(i32(512), get(0), i32(8*test.from), add, store(0), i32(512), get(1), i32(test.from), sub, store(4), i32(512))
			in := startFrom(t, g.compile(t, e), hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue}))
			var err error
			bytes := allocated(func() { _, err = invoke(t, in, "make", test.pairs) })
			wantTrap(t, nil, err, rt.TrapABI, fmt.Sprintf("lifted more than %d bytes", budget))
			if bytes > budget+budget/8 {
				t.Errorf("the host allocated %d MiB, and may %d", bytes>>20, budget>>20)
			}
		})
	}
}

// TestFault13Realloc: realloc returns a place outside the memory, or one that
// is not aligned -> trap, and the guest is not called. A place at 0 is one like
// any other. It is asked for strings and lists of no length too.
func TestFault13Realloc(t *testing.T) {
	const outside, unaligned = "realloc return: beyond end of memory", "realloc return: result not aligned"
	run := func(t *testing.T, realloc body, typ string, encoding byte) *rt.Instance {
		realloc.code = append(counts(64).code, realloc.code...)
		g := &guest{encoding: encoding, realloc: &realloc, world: strings.ReplaceAll(`
			record big { a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64, h: u64, i: u64,
				j: u64, k: u64, l: u64, m: u64, n: u64, o: u64, p: u64, q: u64 }
			import host: func() -> T;
			export take: func(a: T) -> u32;
			export ask: func();
			export through: func(a: T) -> T;
			export calls: func() -> u32;
		`, "T", typ), funcs: map[string]body{
			"take": does(i32(64), load(0)), "ask": does(i32(512), call("host")), "calls": does(i32(64), load(0)),
			"through": does(i32(512), get(0), store(0), i32(512), get(1), store(4), i32(512)),
		}}
		if typ == "big" {
			g.funcs["through"] = does(get(0))
		}
		return g.run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
			"host": func([]rt.Value) (rt.Value, error) { return samples[typ], nil },
		}))
	}
	for _, test := range []struct {
		name, typ string
		encoding  byte
		place     int
		want      string
	}{
		{"string at the end", "string", utf8Text, 1<<16 - 2, outside},
		{"string beyond the end", "string", utf8Text, -16, outside},
		{"UTF-16 at the end", "string", utf16Text, 1<<16 - 4, outside},
		{"UTF-16 unaligned", "string", utf16Text, heapBase + 1, unaligned},
		{"Latin-1 unaligned", "string", latin1Text, heapBase + 1, unaligned},
		{"list at the end", "list<u32>", utf8Text, 1<<16 - 4, outside},
		{"list unaligned", "list<u32>", utf8Text, heapBase + 2, unaligned},
		{"list of u64 unaligned", "list<u64>", utf8Text, heapBase + 4, unaligned},
		{"bytes beyond the end", "list<u8>", utf8Text, -1, outside},
		{"spilled parameters at the end", "big", utf8Text, 1<<16 - 128, outside},
		{"spilled parameters unaligned", "big", utf8Text, heapBase + 4, unaligned},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := run(t, does(i32(test.place)), test.typ, test.encoding)
			_, err := invoke(t, in, "take", samples[test.typ])
			wantTrap(t, nil, err, rt.TrapABI, test.want)
			if test.typ != "big" { // a result that spills goes where the guest says
				in = run(t, does(i32(test.place)), test.typ, test.encoding)
				_, err = invoke(t, in, "ask")
				wantTrap(t, in, err, rt.TrapABI, test.want)
			}
		})
	}
	for typ, v := range samples {
		t.Run(typ+" at 0", func(t *testing.T) {
			in := run(t, does(i32(0)), typ, utf8Text)
			if got := must(t, in, "through", v); show(got) != show(v) {
				t.Errorf("got %v, want %v", got, v)
			}
		})
	}
	for typ, empty := range map[string]rt.Value{"string": "", "list<u8>": []byte{}, "list<u32>": []rt.Value{}} {
		t.Run("empty "+typ, func(t *testing.T) {
			in := run(t, does(i32(1<<16)), typ, utf8Text) // the end of the memory is a place for nothing
			if n := must(t, in, "take", empty); n != uint32(1) {
				t.Errorf("realloc was called %v times", n)
			}
			if got := must(t, in, "through", empty); show(got) != show(empty) {
				t.Errorf("got %#v, want %#v", got, empty)
			}
			must(t, in, "through", empty)
		})
	}
}

// samples are values of the types of TestFault13Realloc.
var samples = map[string]rt.Value{
	"string":    "text",
	"list<u8>":  []byte("text"),
	"list<u32>": []rt.Value{uint32(1), uint32(2)},
	"list<u64>": []rt.Value{uint64(1), uint64(2)},
	"big":       bigRecord(17),
}

// bigRecord is a record of n u64s, whose fields are named as the letters are.
func bigRecord(n int) rt.Record {
	var r rt.Record
	for i := range n {
		r = append(r, rt.Field{Name: string(rune('a' + i)), Value: uint64(i + 1)})
	}
	return r
}

// TestFault13HostResult: a guest tells its host to write a result where it has
// no memory, or not aligned -> trap; the write is not dropped.
func TestFault13HostResult(t *testing.T) {
	for place, want := range map[int]string{1<<16 - 4: "outside a memory", -8: "outside a memory", 514: "unaligned pointer"} {
		g := &guest{world: `import host: func() -> tuple<u32, u32>; export ask: func();`,
			funcs: map[string]body{"ask": does(i32(place), call("host"))}}
		in := g.run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
			"host": func([]rt.Value) (rt.Value, error) { return rt.Tuple{uint32(1), uint32(2)}, nil },
		}))
		_, err := invoke(t, in, "ask")
		wantTrap(t, in, err, rt.TrapABI, want)
	}
}
