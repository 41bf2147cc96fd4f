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
// its memory does not hold, or whose bytes or whose end are more than 32 bits
// count -> trap, before the host allocates for it.
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
		for _, n := range append(test.length, 16) {
			pointer := uint32(8)
			if n == 16 {
				pointer = 1<<32 - 8 // the list ends at 8, if it wraps
			}
			for _, f := range []string{"make", "send"} {
				in := startFrom(t, c, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
					"host": func([]rt.Value) (rt.Value, error) { t.Error("the host was called"); return nil, nil },
				}))
				var err error
				bytes := allocated(func() { _, err = invoke(t, in, f, pointer, n) })
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
			wantTrap(t, nil, err, rt.TrapLimit, fmt.Sprintf("lifted more than %d bytes", budget))
			if bytes > budget+budget/8 {
				t.Errorf("the host allocated %d MiB, and may %d", bytes>>20, budget>>20)
			}
		})
	}
}
