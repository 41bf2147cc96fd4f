package binary

import (
	"bytes"
	"strings"
	"testing"
)

const preambleBytes = "\x00asm\x0d\x00\x01\x00"

// component assembles a component of sections.
func component(sections ...string) string { return preambleBytes + strings.Join(sections, "") }

// sec assembles a section.
func sec(id byte, body string) string { return string(id) + sized(body) }

// vecOf assembles a vector.
func vecOf(elems ...string) string { return uleb(len(elems)) + strings.Join(elems, "") }

// sized puts the length before a string, as in names and sections.
func sized(s string) string { return uleb(len(s)) + s }

func uleb(n int) string {
	var b []byte
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return string(append(b, byte(n)))
}

// emptyModule is the smallest core module.
const emptyModule = "\x00asm\x01\x00\x00\x00"

// TestDecode reads every form of every section and looks at the printed tree.
// The inputs follow Binary.md.
func TestDecode(t *testing.T) {
	tests := []struct {
		name string
		in   string // after the preamble
		want string // without the first line and without indentation of the rest by one level
	}{
		{"nothing", "", ""},
		{"custom", sec(0, "\x02hi\xff\xfe"), `custom "hi" 2 bytes`},
		{"sections may repeat, sizes may be padded",
			"\x07\x82\x80\x80\x80\x00\x01\x7f" + sec(0, "\x00") + sec(7, vecOf("\x7e")), `
(type 0) bool
(type 1) s8
custom "" 0 bytes`},
		{"core module", sec(1, emptyModule), `(core module 0) 8 bytes`},
		{"core instances", sec(2, vecOf(
			"\x00\x05"+vecOf("\x01a\x12\x07", "\x00\x12\x00"),
			"\x01"+vecOf("\x01f\x00\x01", "\x01t\x01\x02", "\x01m\x02\x03", "\x01g\x03\x04", "\x01e\x04\x05",
				"\x01y\x10\x06", "\x01d\x11\x07", "\x01i\x12\x08"))), `
(core instance 0) instantiate 5 ("a" 7) ("" 0)
(core instance 1) exports ("f" func 1) ("t" table 2) ("m" memory 3) ("g" global 4) ("e" tag 5) ("y" type 6) ("d" module 7) ("i" instance 8)`},
		{"core types", sec(3, vecOf(
			"\x60"+vecOf("\x7f", "\x7e", "\x7d", "\x7c", "\x7b", "\x70", "\x6f")+vecOf("\x63\x70", "\x64\x05"),
			"\x4f\x00\x60\x00\x00",                                   // final, no supertype: the bare type
			"\x00\x50\x00\x60\x00\x00",                               // not final
			"\x4e"+vecOf("\x50\x00\x5f\x01\x78\x01", "\x5e\x77\x00"), // a group of two
			"\x60\x00\x00")), `
(core type 0) func param i32 param i64 param f32 param f64 param v128 param funcref param externref result (ref null -16) result (ref 5)
(core type 1) func
(core type 2) other 50 00 60 00 00
(core type 3) other 50 00 5f 01 78 01
(core type 4) other 5e 77 00
(core type 5) func`},
		{"core module type", sec(3, vecOf("\x50"+vecOf(
			"\x01\x60\x00\x00",
			"\x00\x01a\x01b\x00\x00",
			"\x00\x01a\x01t\x01\x70\x01\x01\x02",
			"\x00\x01a\x01m\x02\x03\x01\x02",
			"\x00\x01a\x01n\x02\x05\x80\x80\x80\x80\x10\x80\x80\x80\x80\x20",
			"\x02\x10\x01\x01\x04",
			"\x03\x01g\x03\x7f\x01",
			"\x03\x01h\x03\x7e\x00",
			"\x03\x01e\x04\x00\x01"))), `
(core type 0) module
  (core type 0) func
  import "a" "b" func type 0
  import "a" "t" table funcref 1 2
  import "a" "m" memory 1 2 shared
  import "a" "n" memory i64 4294967296 8589934592
  (core type 1) alias outer 1 4
  export "g" global mut i32
  export "h" global i64
  export "e" tag type 1`},
		{"nested components", sec(4, component(sec(7, vecOf("\x7f")), sec(4, component()))) + sec(4, component()), `
(component 0) 22 bytes
  (type 0) bool
  (component 0) 8 bytes
(component 1) 8 bytes`},
		{"instances", sec(5, vecOf(
			"\x00\x03"+vecOf("\x01a\x01\x02", "\x01m\x00\x11\x03", "\x01v\x02\x04"),
			"\x01"+vecOf("\x00\x01t\x03\x00", "\x01\x01c\x04\x01", "\x02\x01i"+vecOf("\x00\x05a:b/c")+"\x05\x02"))), `
(instance 0) instantiate 3 ("a" func 2) ("m" core module 3) ("v" value 4)
(instance 1) exports ("t" type 0) ("c" component 1) ("i" (implements "a:b/c") instance 2)`},
		{"aliases", sec(6, vecOf(
			"\x01\x00\x02\x01f", "\x00\x11\x00\x02\x01m",
			"\x00\x00\x01\x03\x01f", "\x00\x02\x01\x03\x03mem", "\x00\x04\x01\x03\x00",
			"\x03\x02\x01\x05", "\x04\x02\x00\x06", "\x00\x10\x02\x00\x07", "\x00\x11\x02\x01\x08")), `
(func 0) alias export 2 "f"
(core module 0) alias export 2 "m"
(core func 0) alias core export 3 "f"
(core memory 0) alias core export 3 "mem"
(core tag 0) alias core export 3 ""
(type 0) alias outer 1 5
(component 0) alias outer 0 6
(core type 0) alias outer 0 7
(core module 1) alias outer 1 8`},
		{"primitive types", sec(7, vecOf("\x7f", "\x7e", "\x7d", "\x7c", "\x7b", "\x7a", "\x79", "\x78",
			"\x77", "\x76", "\x75", "\x74", "\x73", "\x64")), `
(type 0) bool
(type 1) s8
(type 2) u8
(type 3) s16
(type 4) u16
(type 5) s32
(type 6) u32
(type 7) s64
(type 8) u64
(type 9) f32
(type 10) f64
(type 11) char
(type 12) string
(type 13) error-context`},
		{"compound types", sec(7, vecOf(
			"\x72"+vecOf("\x01a\x7f", "\x01b\x83\x00"), "\x72\x00",
			"\x71"+vecOf("\x01x\x01\x7e\x00", "\x01y\x00\x00"),
			"\x70\xc0\x00", "\x67\x7d\x03",
			"\x6f"+vecOf("\x7c", "\x79"),
			"\x6e"+vecOf("\x01p", "\x01q"), "\x6d"+vecOf("\x01r"),
			"\x6b\x7a",
			"\x6a\x00\x00", "\x6a\x01\x77\x00", "\x6a\x00\x01\x78", "\x6a\x01\x76\x01\x75",
			"\x69\x02", "\x68\x03",
			"\x66\x01\x7d", "\x66\x00", "\x65\x01\x64", "\x65\x00",
			"\x63\x73\x79")), `
(type 0) record ("a" bool) ("b" 3)
(type 1) record
(type 2) variant ("x" s8) ("y")
(type 3) list 64
(type 4) list u8 of 3
(type 5) tuple s16 u32
(type 6) flags "p" "q"
(type 7) enum "r"
(type 8) option s32
(type 9) result
(type 10) result ok u64
(type 11) result error s64
(type 12) result ok f32 error f64
(type 13) own 2
(type 14) borrow 3
(type 15) stream u8
(type 16) stream
(type 17) future error-context
(type 18) future
(type 19) map string u32`},
		{"resource and function types", sec(7, vecOf(
			"\x3f\x7f\x00", "\x3f\x7e\x01\x04",
			"\x40"+vecOf("\x01p\x7f", "\x01q\x05")+"\x00\x79",
			"\x40\x00\x01\x00", "\x43\x00\x01\x00")), `
(type 0) resource i32
(type 1) resource i64 dtor 4
(type 2) func ("p" bool) ("q" 5) result u32
(type 3) func
(type 4) async func`},
		{"component and instance types", sec(7, vecOf(
			"\x41"+vecOf("\x03\x00\x01a\x03\x01", "\x01\x42"+vecOf("\x04\x00\x01b\x03\x00\x05"), "\x02\x03\x02\x01\x09",
				"\x00\x60\x00\x00", "\x03\x00\x01m\x00\x11\x00", "\x04\x01\x01f\x01\x03"),
			"\x42\x00")), `
(type 0) component
  (type 0) import "a" sub resource
  (type 1) instance
    (type 0) export "b" eq 5
  (type 2) alias outer 1 9
  (core type 0) func
  (core module 0) import "m" type 0
  (func 0) export "f" type 3
(type 1) instance`},
		{"start and values", sec(9, "\x04"+vecOf("\x01", "\x02")+"\x03") + sec(12, vecOf("\x7d\x01\x2a", "\x05\x00")), `
start 4 value 1 value 2 results 3
(value 3) u8 1 bytes
(value 4) 5 0 bytes`},
		{"imports", sec(10, vecOf(
			"\x00\x01a\x01\x00", "\x01\x01b\x01\x01", "\x00\x01m\x00\x11\x02", "\x00\x01c\x04\x03", "\x00\x01i\x05\x04",
			"\x00\x01r\x03\x01", "\x00\x01t\x03\x00\x05", "\x00\x01v\x02\x00\x06", "\x00\x01w\x02\x01\x73",
			"\x02\x01n"+vecOf("\x00\x05a:b/c", "\x01\x02.1", "\x02\x01x")+"\x05\x00")), `
(func 0) import "a" type 0
(func 1) import "b" type 1
(core module 0) import "m" type 2
(component 0) import "c" type 3
(instance 0) import "i" type 4
(type 0) import "r" sub resource
(type 1) import "t" eq 5
(value 0) import "v" eq 6
(value 1) import "w" string
(instance 1) import "n" (implements "a:b/c") (versionsuffix ".1") (external-id "x") type 0`},
		{"exports add indices", sec(11, vecOf(
			"\x00\x01a\x01\x00\x00", "\x00\x01b\x01\x00\x01\x01\x02", "\x00\x01m\x00\x11\x03\x00", "\x00\x01t\x03\x04\x01\x03\x01")) +
			sec(6, vecOf("\x01\x00\x00\x01z")), `
(func 0) export "a" 0
(func 1) export "b" 0 as type 2
(core module 0) export "m" 3
(type 0) export "t" 4 as sub resource
(func 2) alias export 0 "z"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkDump(t, tt.in, tt.want) })
	}
}

// TestDecodeCanon reads every canonical definition and option.
func TestDecodeCanon(t *testing.T) {
	tests := []struct{ in, want string }{
		{"\x00\x00\x01" + vecOf("\x00", "\x03\x02", "\x04\x03", "\x05\x04") + "\x05",
			"(func 0) lift 1 utf8 memory 2 realloc 3 post-return 4 type 5"},
		{"\x00\x00\x01" + vecOf("\x02", "\x06", "\x07\x02") + "\x05", "(func 0) lift 1 latin1+utf16 async callback 2 type 5"},
		{"\x01\x00\x01" + vecOf("\x01", "\x08\x07", "\x09"), "(core func 0) lower 1 utf16 core-type 7 gc"},
		{"\x02\x05", "(core func 0) resource.new 5"},
		{"\x03\x05", "(core func 0) resource.drop 5"},
		{"\x04\x05", "(core func 0) resource.rep 5"},
		{"\x05", "(core func 0) task.cancel"},
		{"\x06\x00", "(core func 0) subtask.cancel"},
		{"\x06\x01", "(core func 0) subtask.cancel async"},
		{"\x09\x01\x00\x00", "(core func 0) task.return"},
		{"\x09\x00\x73" + vecOf("\x03\x01"), "(core func 0) task.return result string memory 1"},
		{"\x0a\x7f\x01", "(core func 0) context.get i32 1"},
		{"\x0b\x7e\x00", "(core func 0) context.set i64 0"},
		{"\x0c\x01", "(core func 0) thread.yield cancellable"},
		{"\x0d", "(core func 0) subtask.drop"},
		{"\x0e\x05", "(core func 0) stream.new 5"},
		{"\x0f\x05" + vecOf("\x06"), "(core func 0) stream.read 5 async"},
		{"\x10\x05" + vecOf("\x03\x01"), "(core func 0) stream.write 5 memory 1"},
		{"\x11\x05\x00", "(core func 0) stream.cancel-read 5"},
		{"\x12\x05\x01", "(core func 0) stream.cancel-write 5 async"},
		{"\x13\x05", "(core func 0) stream.drop-readable 5"},
		{"\x14\x05", "(core func 0) stream.drop-writable 5"},
		{"\x15\x05", "(core func 0) future.new 5"},
		{"\x16\x05\x00", "(core func 0) future.read 5"},
		{"\x17\x05" + vecOf("\x04\x01"), "(core func 0) future.write 5 realloc 1"},
		{"\x18\x05\x01", "(core func 0) future.cancel-read 5 async"},
		{"\x19\x05\x00", "(core func 0) future.cancel-write 5"},
		{"\x1a\x05", "(core func 0) future.drop-readable 5"},
		{"\x1b\x05", "(core func 0) future.drop-writable 5"},
		{"\x1c" + vecOf("\x03\x01"), "(core func 0) error-context.new memory 1"},
		{"\x1d" + vecOf("\x00"), "(core func 0) error-context.debug-message utf8"},
		{"\x1e", "(core func 0) error-context.drop"},
		{"\x1f", "(core func 0) waitable-set.new"},
		{"\x20\x00\x01", "(core func 0) waitable-set.wait memory 1"},
		{"\x21\x01\x02", "(core func 0) waitable-set.poll cancellable memory 2"},
		{"\x22", "(core func 0) waitable-set.drop"},
		{"\x23", "(core func 0) waitable.join"},
		{"\x24", "(core func 0) backpressure.inc"},
		{"\x25", "(core func 0) backpressure.dec"},
		{"\x26", "(core func 0) thread.index"},
		{"\x27\x05\x01", "(core func 0) thread.new-indirect 5 table 1"},
		{"\x28", "(core func 0) thread.resume-later"},
		{"\x29\x01", "(core func 0) thread.suspend cancellable"},
		{"\x2a\x00", "(core func 0) thread.suspend-then-resume"},
		{"\x2b\x01", "(core func 0) thread.yield-then-resume cancellable"},
		{"\x2c\x00", "(core func 0) thread.suspend-then-promote"},
		{"\x2d\x00", "(core func 0) thread.yield-then-promote"},
		{"\x40\x01\x05", "(core func 0) thread.spawn-ref shared 5"},
		{"\x41\x00\x05\x01", "(core func 0) thread.spawn-indirect 5 table 1"},
		{"\x42\x01", "(core func 0) thread.available-parallelism shared"},
	}
	seen := make(map[CanonOp]bool)
	for _, tt := range tests {
		seen[CanonOp(tt.in[0])] = true
		t.Run(tt.want, func(t *testing.T) { checkDump(t, sec(8, vecOf(tt.in)), tt.want) })
	}
	for op := range canonNames {
		if !seen[op] {
			t.Errorf("no test reads %v", op)
		}
	}
}

func checkDump(t *testing.T, in, want string) {
	t.Helper()
	c, err := Decode([]byte(component(in)))
	if err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(c.String(), "\n")
	var lines []string
	for line := range strings.Lines(got) {
		lines = append(lines, strings.TrimPrefix(line, "  "))
	}
	got = strings.TrimSpace(strings.Join(lines, ""))
	if want = strings.TrimSpace(want); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestPositions checks that offsets are those of the outermost file, and that
// module bytes are the input itself.
func TestPositions(t *testing.T) {
	inner := component(sec(1, emptyModule), sec(7, vecOf("\x7f", "\x40\x00\x01\x00")))
	in := []byte(component(sec(0, "\x01x"), sec(4, inner)))
	c, err := Decode(in)
	if err != nil {
		t.Fatal(err)
	}
	n := c.Defs[0].(*Nested)
	start := bytes.Index(in[1:], []byte(preambleBytes)) + 1
	if n.Pos() != start || n.Component.Offset != start || n.Component.Size != len(inner) {
		t.Errorf("nested component at %d and %d, %d bytes; want %d, %d bytes",
			n.Pos(), n.Component.Offset, n.Component.Size, start, len(inner))
	}
	m := n.Component.Defs[0].(*CoreModule)
	if at := bytes.Index(in, []byte(emptyModule)); m.Pos() != at || &m.Bytes[0] != &in[at] || len(m.Bytes) != 8 {
		t.Errorf("core module at %d, %d bytes; want %d, 8 bytes of the input", m.Pos(), len(m.Bytes), at)
	}
	if at := bytes.LastIndexByte(in, 0x40); n.Component.Defs[2].Pos() != at {
		t.Errorf("second type at %d, want %d", n.Component.Defs[2].Pos(), at)
	}
}

func TestRepeatedAttribute(t *testing.T) {
	in := component(sec(10, vecOf("\x02\x01i"+vecOf("\x00\x01a", "\x02\x01x", "\x00\x01b")+"\x05\x00")))
	c, err := Decode([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if n := c.Defs[0].(*Import).Name; !n.Repeated || *n.Implements != "b" || *n.ExternalID != "x" {
		t.Errorf("got %+v; want Repeated, implements b, external-id x", n)
	}
}
