package coreabi

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
)

const contract = `package acme:kv@0.2.1;
interface types {
  record entry { key: u8, size: u64, tag: string }
  enum level { low, high }
  flags rights { r, w }
  variant shape { none, circle(f64), square(u8) }
  resource cursor { constructor(at: u32); next: func() -> option<string>; open: static func() -> cursor; }
  type both = tuple<u8, u32>;
  type again = entry;
  type wide = list<u8>;
}
interface store {
  use types.{entry, cursor};
  get: func(key: string) -> option<list<u8>>;
  put: func(e: entry) -> result<_, string>;
  walk: func(c: borrow<cursor>);
}
world app {
  use types.{level};
  import store;
  import status: interface { poll: func() -> bool; }
  export run: func(l: level) -> u32;
  export status: interface { poll: func() -> u64; }
}
`

func load(t *testing.T, text string) *wit.Package {
	t.Helper()
	p, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(text)}}, "a.wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestLines wants what the canonical ABI says, counted by hand.
func TestLines(t *testing.T) {
	want := `func acme:kv/app.exports#run export (i32) -> (i32)
func acme:kv/app.exports#run import (i32) -> (i32)
func acme:kv/app.exports.status#poll export () -> (i64)
func acme:kv/app.exports.status#poll import () -> (i64)
func acme:kv/app.imports.status#poll export () -> (i32)
func acme:kv/app.imports.status#poll import () -> (i32)
func acme:kv/store#get export (i32 i32) -> (i32)
func acme:kv/store#get import (i32 i32 i32) -> ()
func acme:kv/store#put export (i32 i64 i32 i32) -> (i32)
func acme:kv/store#put import (i32 i64 i32 i32 i32) -> ()
func acme:kv/store#walk export (i32) -> ()
func acme:kv/store#walk import (i32) -> ()
func acme:kv/types#cursor.constructor export (i32) -> (i32)
func acme:kv/types#cursor.constructor import (i32) -> (i32)
func acme:kv/types#cursor.next export (i32) -> (i32)
func acme:kv/types#cursor.next import (i32 i32) -> ()
func acme:kv/types#cursor.open export () -> (i32)
func acme:kv/types#cursor.open import () -> (i32)
type acme:kv/app#level enum size 1 align 1 flat (i32) discriminant 1
type acme:kv/store#cursor resource
type acme:kv/store#entry record size 24 align 8 flat (i32 i64 i32 i32) key 0 size 8 tag 16
type acme:kv/types#again record size 24 align 8 flat (i32 i64 i32 i32) key 0 size 8 tag 16
type acme:kv/types#both tuple size 8 align 4 flat (i32 i32) 0 0 1 4
type acme:kv/types#cursor resource
type acme:kv/types#entry record size 24 align 8 flat (i32 i64 i32 i32) key 0 size 8 tag 16
type acme:kv/types#level enum size 1 align 1 flat (i32) discriminant 1
type acme:kv/types#rights flags size 1 align 1 flat (i32)
type acme:kv/types#shape variant size 16 align 8 flat (i32 i64) discriminant 1 payload 8
type acme:kv/types#wide list size 8 align 4 flat (i32 i32)
`
	got := strings.Join(Lines(load(t, contract)), "\n") + "\n"
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestLinesAlike changes what core modules do not see, and what they do.
func TestLinesAlike(t *testing.T) {
	before := Lines(load(t, contract))
	for _, tt := range []struct {
		name, from, to string
		alike          bool
	}{
		{"version", "@0.2.1", "@0.2.2", true},
		{"a type inside one core type", "func(key: string)", "func(key: list<u8>)", true},
		{"the case of an enum", "low, high", "high, low", true},
		{"order", "circle(f64), square(u8)", "square(u8), circle(f64)", true},
		{"a wider field", "key: u8", "key: u64", false},
		{"a narrower field", "size: u64", "size: u32", false},
		{"a parameter", "func(key: string)", "func(key: string, n: u32)", false},
		{"a payload", "circle(f64)", "circle(f32)", false},
	} {
		if !strings.Contains(contract, tt.from) {
			t.Fatalf("%s: the contract has no %s", tt.name, tt.from)
		}
		after := Lines(load(t, strings.Replace(contract, tt.from, tt.to, 1)))
		if slices.Equal(before, after) != tt.alike {
			t.Errorf("%s: alike is %v, want %v", tt.name, !tt.alike, tt.alike)
		}
	}
}
