package binary

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const preamble = "\x00asm\x0d\x00\x01\x00"

func TestDecode(t *testing.T) {
	wasm := preamble +
		"\x07\x09\x02" + // two types
		"\x72\x01\x01a\x7d" + // record { a: u8 }
		"\x6a\x00\x00" + // result
		"\x01\x05dummy" + // a core module, passed over
		"\x0a\x07\x01\x00\x01x\x03\x00\x00" + // import "x", a type equal to type 0
		"\x00\x10\x0cpackage-docs\x01{}" +
		"\x0b\x07\x01\x00\x01y\x03\x02\x00" // export "y", type 2
	c, err := Decode([]byte(wasm))
	if err != nil {
		t.Fatal(err)
	}
	want := &Component{
		Defs: []Def{
			&Type{Offset: 0x0b, Kind: Record, Members: []Member{{"a", Value{Kind: U8}}}},
			&Type{Offset: 0x10, Kind: Result, Args: []Value{{}, {}}},
			&Import{Offset: 0x1d, Name: Name{Text: "x"}, Type: ExternType{Sort: TypeSort}},
			&Export{Offset: 0x38, Name: Name{Text: "y"}, Ref: Ref{TypeSort, 2}},
		},
		Docs: []Custom{{Offset: 0x32, Data: []byte("\x01{}")}},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got\n%+v\nwant\n%+v", c, want)
		for i, d := range c.Defs {
			t.Logf("%d: %+v", i, d)
		}
		t.Logf("%+v", c.Docs)
	}
}

// TestIndex reads indices of types in every length.
func TestIndex(t *testing.T) {
	tests := []struct {
		in   string
		want uint32
		ok   bool
	}{
		{"\x00", 0, true},
		{"\x3f", 63, true},
		{"\xc0\x00", 64, true},
		{"\xff\xff\xff\xff\x0f", 1<<32 - 1, true},
		{"\x80\x80\x80\x80\x00", 0, true},
		{"\xff\xff\xff\xff\x7f", 0, false}, // -1
		{"\x80\x80\x80\x80\x10", 0, false}, // 1 << 32
		{"\x80\x80\x80\x80\x80\x00", 0, false},
		{"\x80", 0, false},
	}
	for _, tt := range tests {
		r := &reader{state: &state{}, data: []byte(tt.in)}
		got := r.index()
		if (r.err == nil) != tt.ok || got != tt.want {
			t.Errorf("% x: got %d, %v, want %d, %t", tt.in, got, r.err, tt.want, tt.ok)
		}
	}
}

// FuzzDecode checks that errors have a place in the input, and that nothing is
// read twice: each definition costs bytes.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(preamble))
	for _, dir := range []string{"../../testdata/encoded", "../../../examples/plugins/guests/c"} {
		names, err := filepath.Glob(filepath.Join(dir, "*.wasm"))
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			wasm, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			if len(wasm) < 1<<13 {
				f.Add(wasm)
			}
		}
	}
	f.Fuzz(func(t *testing.T, wasm []byte) {
		c, err := Decode(wasm)
		if err == nil {
			if n := count(c.Defs); n > len(wasm) {
				t.Fatalf("%d definitions in %d bytes", n, len(wasm))
			}
			return
		}
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Offset < 0 || e.Offset > len(wasm) || !strings.HasPrefix(e.Error(), "offset 0x") {
			t.Fatalf("%v in %d bytes", err, len(wasm))
		}
	})
}

func count(defs []Def) int {
	n := len(defs)
	for _, d := range defs {
		switch d := d.(type) {
		case *Component:
			n += count(d.Defs)
		case *Type:
			n += count(d.Decls) + len(d.Members) + len(d.Args)
		case *Instance:
			n += len(d.Args)
		}
	}
	return n
}
