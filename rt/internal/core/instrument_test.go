package core

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/witgen/witgen/rt/internal/binary"
)

// check is the check of a module that had f functions and g globals.
func check(f, g byte, cost int64) string {
	return "\x23" + string(g) + // global.get
		"\x42" + string(appendS64(nil, cost)) + // i64.const
		"\x7d\x24" + string(g) + // i64.sub; global.set
		"\x23" + string(g) + "\x42\x00\x59" + // global.get; i64.const 0; i64.ge_s
		"\x04\x40\x05\x10" + string(f) + "\x0b" // if; else; call; end
}

// byLength is a check for the units that code pushes.
func byLength(f, g byte, code string) string {
	return "\x23" + string(g) + code + "\x7d\x24" + string(g) + "\x23" + string(g) + "\x42\x00\x59\x04\x40\x05\x10" + string(f) + "\x0b"
}

// inPieces is a check for a length in a local, by whose type and function what
// follows is done in pieces.
func inPieces(local, typ, f, g byte) string {
	return "\x22" + string(local) + "\x23" + string(g) + "\x20" + string(local) + "\xad\x42\x03\x88\x7d\x24" + string(g) +
		"\x23" + string(g) + "\x42\x00\x59\x04" + string(typ) + "\x05\x10" + string(f) + "\x0b"
}

// TestInstrumentCode holds the exact code of bodies, each of the first of three
// functions in a module with a memory, a table and no global. The second
// function calls itself, the third is a leaf that costs 2.
func TestInstrumentCode(t *testing.T) {
	c := func(cost int64) string { return check(3, 0, cost) }
	// What stays of the catch clauses of a sunk try_table: block; br 0;
	// try_table (catch_all 1); end; end.
	const neverReached = "\x02\x40\x0c\x00\x1f\x40\x01\x02\x01\x0b\x0b"
	tests := []struct {
		name, code, want string
		locals, extra    string // local declarations before and added
	}{
		{name: "leaf", code: "\x20\x00\x1a\x0b", want: "\x20\x00\x1a\x0b"},
		{name: "call", code: "\x10\x01\x0b", want: c(1) + "\x10\x01\x0b"},
		{name: "call in a branch", code: "\x20\x00\x04\x40\x10\x01\x10\x01\x05\x01\x0b\x41\x07\x1a\x0b",
			want: c(6) + "\x20\x00\x04\x40\x10\x01\x10\x01\x05\x01\x0b\x41\x07\x1a\x0b"},
		{name: "call of unknown cost", code: "\x41\x00\x11\x00\x00\x0b", want: c(2+leafLimit) + "\x41\x00\x11\x00\x00\x0b"},
		{name: "call of a leaf", code: "\x20\x00\x10\x02\x20\x00\x10\x01\x0b", want: c(6) + "\x20\x00\x10\x02\x20\x00\x10\x01\x0b"},
		{name: "calls of leaves only", code: "\x20\x00\x10\x02\x0b", want: c(4) + "\x20\x00\x10\x02\x0b"},
		// What costs is behind a join that one path alone reaches.
		{name: "branch to an end", code: "\x02\x40\x20\x00\x0d\x00\x00\x0b\x41\x00\x1a\x10\x01\x0b",
			want: c(5) + "\x02\x40\x20\x00\x0d\x00\x00\x0b\x41\x00\x1a\x10\x01\x0b"},
		{name: "branch out of a loop", code: "\x10\x01\x02\x40\x03\x40\x20\x00\x0d\x01\x0c\x00\x0b\x0b\x10\x01\x0b",
			want: c(2) + "\x10\x01\x02\x40\x03\x40" + c(3) + "\x20\x00\x0d\x01\x0c\x00\x0b\x0b\x10\x01\x0b"},
		{name: "br_table", code: "\x02\x40\x02\x40\x20\x00\x0e\x01\x00\x01\x0b\x41\x00\x1a\x00\x0b\x10\x01\x41\x00\x1a\x41\x00\x1a\x0b",
			want: c(7) + "\x02\x40\x02\x40\x20\x00\x0e\x01\x00\x01\x0b\x41\x00\x1a\x00\x0b\x10\x01\x41\x00\x1a\x41\x00\x1a\x0b"},
		{name: "catch", code: "\x02\x40\x1f\x40\x01\x02\x00\x10\x01\x0f\x0b\x0b\x41\x00\x1a\x10\x01\x0b",
			want: c(6) + "\x02\x40" + neverReached + "\x02\x40" + c(costTryTable) + "\x1f\x00\x01\x02\x01\x10\x01\x0b\x0f\x0b\x0b\x41\x00\x1a\x10\x01\x0b"},
		{name: "if without else", code: "\x20\x00\x04\x40\x00\x0b\x41\x00\x1a\x10\x01\x0b",
			want: c(5) + "\x20\x00\x04\x40\x00\x0b\x41\x00\x1a\x10\x01\x0b"},
		{name: "else", code: "\x20\x00\x04\x40\x00\x05\x41\x00\x1a\x0b\x10\x01\x0b",
			want: c(5) + "\x20\x00\x04\x40\x00\x05\x41\x00\x1a\x0b\x10\x01\x0b"},
		{name: "then", code: "\x20\x00\x04\x40\x41\x00\x1a\x05\x00\x0b\x10\x01\x0b",
			want: c(5) + "\x20\x00\x04\x40\x41\x00\x1a\x05\x00\x0b\x10\x01\x0b"},
		{name: "loop pays for the function", code: "\x03\x40\x20\x00\x0d\x00\x0b\x0b", want: "\x03\x40" + c(2) + "\x20\x00\x0d\x00\x0b\x0b"},
		{name: "loop after a loop", code: "\x03\x40\x0b\x03\x40\x20\x00\x0d\x00\x0b\x20\x00\x1a\x0b",
			want: "\x03\x40" + c(2) + "\x0b\x03\x40" + c(2) + "\x20\x00\x0d\x00\x0b\x20\x00\x1a\x0b"},
		{name: "loop that may be passed by", code: "\x20\x00\x04\x40\x03\x40\x0c\x00\x0b\x0b\x0b",
			want: c(2) + "\x20\x00\x04\x40\x03\x40" + c(1) + "\x0c\x00\x0b\x0b\x0b"},
		{name: "loop in a loop", code: "\x03\x40\x20\x00\x03\x40\x41\x01\x1a\x0c\x01\x0b\x0d\x00\x0b\x0b",
			// What follows the inner loop is never reached.
			want: "\x03\x40" + c(1) + "\x20\x00\x03\x40" + c(3) + "\x41\x01\x1a\x0c\x01\x0b\x0d\x00\x0b\x0b"},
		{name: "costliest of two ways out of a loop", code: "\x10\x01\x02\x40\x02\x40\x03\x40\x20\x00\x0d\x01\x20\x00\x0d\x02\x0b\x0b" +
			"\x41\x00\x1a\x0b\x10\x01\x0b", // the way that takes two more
			want: c(4) + "\x10\x01\x02\x40\x02\x40\x03\x40" + c(4) + "\x20\x00\x0d\x01\x20\x00\x0d\x02\x0b\x0b\x41\x00\x1a\x0b\x10\x01\x0b"},
		{name: "fill", code: "\x41\x00\x41\x00\x20\x00\xfc\x0b\x00\x0b", extra: "\x01\x7f",
			want: c(3+costBulk) + "\x41\x00\x41\x00\x20\x00" + inPieces(1, 2, 4, 0) + "\xfc\x0b\x00\x0b"},
		{name: "fill with locals", code: "\x41\x00\x41\x00\x20\x03\xfc\x0b\x00\x0b", locals: "\x03\x7f", extra: "\x01\x7f",
			want: c(3+costBulk) + "\x41\x00\x41\x00\x20\x03" + inPieces(4, 2, 4, 0) + "\xfc\x0b\x00\x0b"},
		{name: "fill of constant length", code: "\x41\x00\x41\x00\x41\x20\xfc\x0b\x00\x0b", want: "\x41\x00\x41\x00\x41\x20\xfc\x0b\x00\x0b"},
		{name: "fill of large constant length", code: "\x41\x00\x41\x00\x41\x7f\xfc\x0b\x00\x0b", extra: "\x01\x7f",
			want: c(3+costBulk) + "\x41\x00\x41\x00\x41\x7f" + inPieces(1, 2, 4, 0) + "\xfc\x0b\x00\x0b"},
		{name: "copy", code: "\x41\x00\x41\x00\x20\x00\xfc\x0a\x00\x00\x0b", extra: "\x01\x7f",
			want: c(3+costBulk) + "\x41\x00\x41\x00\x20\x00" + inPieces(1, 2, 4, 0) + "\xfc\x0a\x00\x00\x0b"},
		{name: "copy and fill", code: "\x41\x00\x41\x00\x20\x00\xfc\x0a\x00\x00\x41\x00\x41\x00\x20\x00\xfc\x0b\x00\x0b", extra: "\x01\x7f",
			want: c(6+2*costBulk) + "\x41\x00\x41\x00\x20\x00" + inPieces(1, 2, 5, 0) + "\xfc\x0a\x00\x00" +
				"\x41\x00\x41\x00\x20\x00" + inPieces(1, 2, 4, 0) + "\xfc\x0b\x00\x0b"},
		{name: "init", code: "\x41\x00\x41\x00\x20\x00\xfc\x08\x00\x00\x0b", extra: "\x01\x7f",
			want: c(3+costBulk) + "\x41\x00\x41\x00\x20\x00" + "\x22\x01" + byLength(3, 0, "\x20\x01\xad\x42\x03\x88") + "\xfc\x08\x00\x00\x0b"},
		{name: "table.grow", code: "\xd0\x70\x20\x00\xfc\x0f\x00\x1a\x0b", extra: "\x01\x7f",
			want: c(3+costGrow) + "\xd0\x70\x20\x00" + "\x22\x01" + byLength(3, 0, "\x20\x01\xad") + "\xfc\x0f\x00\x1a\x0b"},
		{name: "memory.grow", code: "\x20\x00\x40\x00\x1a\x0b", extra: "\x01\x7f",
			want: c(2+costGrow) + "\x20\x00" + "\x3f\x00\x21\x01" + "\x40\x00" +
				byLength(3, 0, "\x3f\x00\x20\x01\x6b\xad\x42\x0d\x86") + "\x1a\x0b"},
		{name: "numbers in two bytes", code: "\x41\x00\x41\x00\x20\x00\xfc\x8b\x00\x00\xfd\x8c\x00" + "0123456789abcdef" + "\x1a\x0b", extra: "\x01\x7f",
			want: c(5+costBulk) + "\x41\x00\x41\x00\x20\x00" + inPieces(1, 2, 4, 0) + "\xfc\x0b\x00" +
				"\xfd\x0c" + "0123456789abcdef" + "\x1a\x0b"},
		{name: "a number in two bytes in a leaf", code: "\xfd\x8c\x00" + "0123456789abcdef" + "\x1a\x0b",
			want: c(2) + "\xfd\x0c" + "0123456789abcdef" + "\x1a\x0b"},
		{name: "try_table", code: "\x02\x40\x1f\x40\x01\x02\x00\x08\x00\x0b\x0b\x0b",
			want: c(3) + "\x02\x40" + neverReached + "\x02\x40" + c(costTryTable) + "\x1f\x00\x01\x02\x01" + c(costThrow) + "\x08\x00\x0b\x00\x0b\x0b\x0b"},
	}
	for _, tt := range tests {
		m := testModule{
			types:    []string{"\x01\x7f\x00"},
			funcs:    []testFunc{{typ: 0, locals: tt.locals, groups: byte(len(tt.locals) / 2), code: strings.TrimSuffix(tt.code, "\x0b")}, {typ: 0, code: "\x20\x00\x10\x01"}, {typ: 0, code: "\x20\x00\x1a"}},
			tables:   []string{"\x70\x00\x01"},
			memories: []string{"\x00\x01"},
			tags:     []string{"\x00\x00"},
		}
		in := again(t, m.bytes(), Options{Interrupt: true, unaccounted: true})
		got := body(t, in.Wasm, 0)
		want := string(byte(len(tt.locals)/2+len(tt.extra)/2)) + tt.locals + tt.extra + tt.want
		if got != want {
			t.Errorf("%s:\ngot  % x\nwant % x", tt.name, got, want)
		}
	}
}

// body returns the body of the i-th defined function.
func body(t *testing.T, module []byte, i int) string {
	t.Helper()
	m, err := binary.DecodeModule(module)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := m.Section(binary.ModuleCode)
	f := &flow{cursor: at(module, s.Body, "")}
	b := f.bodies(len(m.Funcs))
	if f.err != nil {
		t.Fatal(f.err)
	}
	return string(b[i].Of(module))
}

// TestInstrumentSections looks at all of a module that has next to no section,
// and of one that has all.
func TestInstrumentSections(t *testing.T) {
	module := "\x00asm\x01\x00\x00\x00" +
		"\x00\x0c\x0b.debug_line" +
		"\x01\x04\x01\x60\x00\x00" +
		"\x00\x05\x04name" +
		"\x03\x02\x01\x00" +
		"\x07\x09\x01\x05$fuel\x00\x00" +
		"\x08\x01\x00" +
		"\x00\x1a\x19metadata.code.branch_hint" +
		"\x0a\x06\x01\x04\x00\x10\x00\x0b" +
		"\x00\x06\x05other"
	in := again(t, []byte(module), Options{Interrupt: true})
	want := "\x00asm\x01\x00\x00\x00" +
		"\x01\x07\x02\x60\x00\x00\x60\x00\x00" +
		"\x00\x05\x04name" +
		"\x03\x03\x02\x00\x01" +
		"\x06\x0c\x02\x7e\x01\x42\x00\x0b\x63\x01\x01\xd0\x01\x0b" +
		"\x07\x28\x04\x05$fuel\x00\x00\x06$fuel1\x03\x00\x0a$interrupt\x03\x01\x06$start\x00\x00" +
		"\x0a\x1f\x02\x16\x00" + check(1, 0, 1) + "\x10\x00\x0b" +
		"\x06\x00\x23\x01\x14\x01\x0b" +
		"\x00\x06\x05other"
	if string(in.Wasm) != want {
		t.Errorf("got  % x\nwant % x", in.Wasm, want)
	}
	if in.Fuel != "$fuel1" || in.Interrupt != "$interrupt" || in.Start != "$start" || in.Checks != 1 {
		t.Errorf("got %q %q %q and %d checks", in.Fuel, in.Interrupt, in.Start, in.Checks)
	}
}

func TestInstrumentNothing(t *testing.T) {
	leaf := testModule{types: []string{"\x00\x00"}, funcs: []testFunc{{name: "f", code: "\x01"}}, start: 1}.bytes()
	spin := testModule{types: []string{"\x00\x00"}, funcs: []testFunc{{name: "f", code: "\x03\x40\x0c\x00\x0b"}}}.bytes()
	tests := []struct {
		name   string
		module []byte
		o      Options
	}{
		{"not asked for", spin, Options{}},
		{"only leaves", leaf, Options{Interrupt: true}},
		{"no code", []byte("\x00asm\x01\x00\x00\x00"), Options{Interrupt: true}},
	}
	for _, tt := range tests {
		in, err := Instrument(tt.module, tt.o)
		if err != nil || in.Checks != 0 || !bytes.Equal(in.Wasm, tt.module) || in.Start+in.Fuel+in.Interrupt != "" {
			t.Errorf("%s: got %+v, %v", tt.name, in, err)
		}
	}
}

// TestInstrumentErrors holds what is refused, above all references to what is
// added: index 1 of each space is.
func TestInstrumentErrors(t *testing.T) {
	code := func(code string) testModule {
		return testModule{
			types:   []string{"\x00\x00"},
			funcs:   []testFunc{{code: code}},
			tables:  []string{"\x70\x00\x01"},
			globals: []string{"\x7f\x01\x41\x00\x0b"}, memories: []string{"\x00\x01"},
		}
	}
	with := func(change func(*testModule)) testModule {
		m := code("\x10\x00")
		change(&m)
		return m
	}
	tests := []struct {
		name string
		m    testModule
		want string
	}{
		{"global.get", code("\x23\x01\x1a"), "function 0: global 1 of 1"},
		{"global.set", code("\x42\x00\x24\x01"), "function 0: global 1 of 1"},
		{"call_indirect table", code("\x41\x00\x11\x00\x01"), "function 0: table 1 of 1"},
		{"call_indirect type", code("\x41\x00\x11\x01\x00"), "function 0: type 1 of 1"},
		{"return_call_indirect", code("\x41\x00\x13\x00\x01"), "function 0: table 1 of 1"},
		{"call_ref", code("\xd0\x00\x14\x01"), "function 0: type 1 of 1"},
		{"call", code("\x10\x01"), "function 0: function 1 of 1"},
		{"return_call", code("\x12\x01"), "function 0: function 1 of 1"},
		{"ref.func", code("\xd2\x01\x1a"), "function 0: function 1 of 1"},
		{"ref.null", code("\xd0\x01\x1a"), "function 0: type 1 of 1"},
		{"table.get", code("\x41\x00\x25\x01\x1a"), "function 0: table 1 of 1"},
		{"table.set", code("\x41\x00\xd0\x70\x26\x01"), "function 0: table 1 of 1"},
		{"table.copy to", code("\xfc\x0e\x01\x00"), "function 0: table 1 of 1"},
		{"table.copy from", code("\xfc\x0e\x00\x01"), "function 0: table 1 of 1"},
		{"table.init", code("\xfc\x0c\x00\x01"), "function 0: table 1 of 1"},
		{"table.size", code("\xfc\x10\x01\x1a"), "function 0: table 1 of 1"},
		{"local", code("\x20\x00\x1a"), "function 0: local 0 of 0"},
		{"block type", code("\x02\x01\x0b"), "function 0: type 1 of 1"},
		{"block type of a reference", code("\x02\x63\x01\x00\x0b"), "function 0: type 1 of 1"},
		{"select of a reference", code("\x1c\x01\x63\x01"), "function 0: type 1 of 1"},
		{"local of a reference", with(func(m *testModule) { m.funcs[0].locals, m.funcs[0].groups = "\x01\x63\x01", 1 }), "function 0: type 1 of 1"},
		{"type of a reference", with(func(m *testModule) { m.types[0] = "\x01\x63\x01\x00" }), "type 1 of 1"},
		{"function", with(func(m *testModule) { m.funcs[0].typ = 1 }), "function type 1 of 1"},
		{"tag", with(func(m *testModule) { m.tags = []string{"\x00\x01"} }), "type 1 of 1"},
		{"table", with(func(m *testModule) { m.tables[0] = "\x63\x01\x00\x01" }), "type 1 of 1"},
		{"global", with(func(m *testModule) { m.globals[0] = "\x63\x01\x00\xd0\x01\x0b" }), "type 1 of 1"},
		{"value of a global", with(func(m *testModule) { m.globals[0] = "\x7e\x00\x23\x01\x0b" }), "global 1 of 1"},
		{"value of a table", with(func(m *testModule) { m.tables[0] = "\x40\x00\x70\x00\x01\xd2\x01\x0b" }), "function 1 of 1"},
		{"element table", with(func(m *testModule) { m.elems = []string{"\x02\x01\x41\x00\x0b\x00\x00"} }), "table 1 of 1"},
		{"element function", with(func(m *testModule) { m.elems = []string{"\x00\x41\x00\x0b\x01\x01"} }), "function 1 of 1"},
		{"element expression", with(func(m *testModule) { m.elems = []string{"\x05\x70\x01\xd2\x01\x0b"} }), "function 1 of 1"},
		{"element offset", with(func(m *testModule) { m.elems = []string{"\x00\x23\x01\x0b\x00"} }), "global 1 of 1"},
		{"element type", with(func(m *testModule) { m.elems = []string{"\x07\x63\x01\x00"} }), "type 1 of 1"},
		{"data offset", with(func(m *testModule) { m.data = []string{"\x00\x23\x01\x0b\x00"} }), "global 1 of 1"},
		{"export", with(func(m *testModule) { m.exports = []string{"\x01e\x03\x01"} }), "index 1 of 1"},
		{"import", testModule{types: []string{"\x00\x00"}, imports: []string{"\x00\x00\x00\x01"}}, "type 1 of 1"},
		{"start", with(func(m *testModule) { m.start = 2 }), "function 1 of 1"},
		{"start with parameters", testModule{types: []string{"\x01\x7f\x00"}, funcs: []testFunc{{code: "\x20\x00\x10\x00"}}, start: 1},
			"start function is not of type () -> ()"},
		{"unknown", code("\x06\x40\x0b"), "function 0: unknown instruction 0x06"},
		{"GC", code("\xfb\x00\x00"), "function 0: unknown instruction 0xfb"},
		{"relaxed SIMD", code("\xfd\x80\x02"), "function 0: unknown instruction 0xfd 0x100"},
		{"gap in SIMD", code("\xfd\x9a\x01"), "function 0: unknown instruction 0xfd 0x9a"},
		{"wide arithmetic", code("\xfc\x13"), "function 0: unknown instruction 0xfc 0x13"},
		{"second memory", code("\x41\x00\x28\x40\x01\x00\x1a"), "function 0: alignment 2**64"},
		{"size of a second memory", code("\x3f\x01\x1a"), "function 0: memory index 0x01, want 0"},
		{"block type in two bytes", code("\x02\xc0\x7f\x0b"), "function 0: integer is neither an index nor one byte"},
		{"label", code("\x0c\x01"), "function 0: label 1 of 1"},
		{"else", code("\x05"), "function 0: else outside of an if"},
		{"too many locals", with(func(m *testModule) { m.funcs[0].locals, m.funcs[0].groups = "\xd1\x86\x03\x7f", 1 }), "function 0: more than 50000 locals"},
		{"after the end", code("\x0b\x01"), "function 0: 2 bytes left over"},
		{"catch clause", code("\x1f\x40\x01\x04\x00\x0b"), "function 0: unknown catch clause 0x04"},
	}
	for _, tt := range tests {
		_, err := Instrument(tt.m.bytes(), Options{Interrupt: true})
		if err == nil || !strings.Contains(err.Error(), ": "+tt.want+" in section") {
			t.Errorf("%s: got error %v, want %s", tt.name, err, tt.want)
		}
	}
}

// TestInstrumentTruncated cuts a module everywhere.
func TestInstrumentTruncated(t *testing.T) {
	m := spinners["exception loop"].bytes()
	for n := range len(m) {
		if in, err := Instrument(m[:n], Options{Interrupt: true}); err == nil && in.Checks > 0 {
			t.Errorf("%d of %d bytes: no error", n, len(m))
		}
	}
}

// TestInstrumentTypes has the reference be of a type whose index takes a second
// byte where it is signed, and one where it is not.
func TestInstrumentTypes(t *testing.T) {
	for _, n := range []int{63, 64, 127, 128} {
		m := spinners["loop"]
		for len(m.types) < n {
			m.types = append(m.types, "\x01\x7f\x00")
		}
		if _, err := newWorld(t, wazero.NewRuntimeConfigInterpreter()).instrumented(m.bytes(), &meter{}); err != nil {
			t.Errorf("%d types: %v", n, err)
		}
	}
}

func TestReference(t *testing.T) {
	want := "\x00asm\x01\x00\x00\x00" + "\x01\x04\x01\x60\x00\x00" + "\x02\x08\x01" + "\x01h\x02in\x00\x00" +
		"\x06\x06\x01\x70\x00\xd2\x00\x0b" + "\x07\x0d\x01\x09reference\x03\x00"
	if got := Reference(Binding{"h", "in"}); string(got) != want {
		t.Errorf("got  % x\nwant % x", got, want)
	}
}
