package compat_test

import (
	"slices"
	"testing"

	"github.com/witgen/witgen/wit/compat"
)

// TestCompareTypes gives a parameter another type, and back. Types go by structure,
// and resources by what declares them; nothing else is found.
func TestCompareTypes(t *testing.T) {
	const same, kind, ownership = "TYPE_SAME", "TYPE_SAME_KIND", "HANDLE_SAME_OWNERSHIP"
	const declared = `record point { x: u32, y: u32 }
  record place { x: u32, y: u32 }
  record size { width: u32, height: u32 }
  enum color { red, green }
  variant choice { red, green }
  flags marks { red, green }
  resource file;
  resource socket;
  type number = u32;
  use-all: func(a: point, b: place, c: size, d: color, e: choice, f: marks, g: borrow<file>, h: borrow<socket>, i: number);
`
	for _, tt := range []struct{ from, to, want string }{
		{"u32", "u32", ""},
		{"u32", "number", ""},
		{"point", "place", ""},
		{"list<point>", "list<place>", ""},
		{"own<file>", "file", ""},
		{"list<u8, 4>", "list<u8, 4>", ""},
		{"map<string, number>", "map<string, u32>", ""},

		{"u8", "u32", same},
		{"u32", "s32", same},
		{"char", "u32", same},
		{"string", "list<u8>", same},
		{"u32", "option<u32>", same},
		{"option<u8>", "option<u32>", same},
		{"option<u8>", "list<u8>", same},
		{"list<u8>", "list<u16>", same},
		{"list<u8>", "list<u8, 4>", same},
		{"list<u8, 4>", "list<u8, 5>", same},
		{"list<list<u8>>", "list<string>", same},
		{"tuple<u8, u8>", "tuple<u8, u16>", same},
		{"tuple<u8, u8>", "tuple<u8, u8, u8>", same},
		{"result", "result<u8>", same},
		{"result<u8>", "result<u8, string>", same},
		{"result<u8, string>", "result<u8, u32>", same},
		{"result<u8, string>", "result<u16, string>", same},
		{"map<u8, string>", "map<u16, string>", same},
		{"map<u8, string>", "map<u8, char>", same},
		{"map<u8, string>", "list<tuple<u8, string>>", same},
		{"stream", "stream<u8>", same},
		{"stream<u8>", "stream<u16>", same},
		{"stream<u8>", "future<u8>", same},
		{"future<u8>", "future<u16>", same},
		{"stream<u8>", "list<u8>", same},
		{"point", "size", same},
		{"point", "list<u32>", same},
		{"point", "u64", same},
		{"file", "socket", same},
		{"borrow<file>", "borrow<socket>", same},
		{"borrow<file>", "socket", same},
		{"file", "u32", same},
		{"file", "tuple<u32>", same},
		{"tuple<file, u8>", "tuple<borrow<file>, u16>", same},

		{"point", "tuple<u32, u32>", kind},
		{"option<point>", "option<tuple<u32, u32>>", kind},
		{"color", "choice", kind},
		{"color", "marks", kind},
		{"choice", "point", kind},
		{"file", "point", kind},
		{"tuple<point, u8>", "tuple<tuple<u32, u32>, u8>", kind},

		{"file", "borrow<file>", ownership},
		{"list<file>", "list<borrow<file>>", ownership},
		{"tuple<file, u8>", "tuple<borrow<file>, u8>", ownership},
	} {
		text := func(of string) string { return example(declared + "take: func(v: " + of + ");") }
		from, to := load(t, "a.wit", text(tt.from)), load(t, "a.wit", text(tt.to))
		for _, found := range [][]compat.Finding{compat.Compare(from, to, compat.Options{}), compat.Compare(to, from, compat.Options{})} {
			var got []string
			for _, f := range found {
				got = append(got, f.Rule+" "+f.Item)
			}
			want := []string(nil)
			if tt.want != "" { // in both roles, both ways
				want = slices.Repeat([]string{tt.want + " acme:kv/api#take.v"}, 4)
			}
			check(t, tt.from+" and "+tt.to, got, want)
		}
	}
}
