package rt_test

import (
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
)

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
