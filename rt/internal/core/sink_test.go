package core

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/witgen/witgen/rt/internal/binary"
)

// sinkModule is a module with code in its first function. Its types are:
// 0 () -> (); 1 (i32) -> (i32); 2 (i32) -> (); 3 () -> (i32). Functions 1 and 2
// have types 0 and 1, tags 0 and 1 have types 0 and 2.
func sinkModule(code string) testModule {
	return testModule{
		types:  []string{"\x00\x00", "\x01\x7f\x01\x7f", "\x01\x7f\x00", "\x00\x01\x7f"},
		funcs:  []testFunc{{code: code}, {}, {typ: 1, code: "\x20\x00"}},
		tags:   []string{"\x00\x00", "\x00\x02"},
		tables: []string{"\x70\x00\x01"},
		elems:  []string{"\x03\x00\x01\x02"},
	}
}

// TestSinkCode holds the exact code that try_tables become.
func TestSinkCode(t *testing.T) {
	// What stays of catch clauses: block; br 0; try_table ...; end; end.
	never := func(clauses string) string { return "\x02\x40\x0c\x00\x1f\x40" + clauses + "\x0b\x0b" }
	tests := []struct{ name, code, want string }{
		{"nothing that throws", "\x1f\x40\x01\x02\x00\x01\x0b", never("\x01\x02\x01") + "\x02\x40\x01\x0b"},
		{"no clauses", "\x1f\x40\x00\x10\x01\x0b", "\x02\x40\x10\x01\x0b"},
		{"call", "\x1f\x40\x01\x02\x00\x10\x01\x0b", never("\x01\x02\x01") + "\x02\x40\x1f\x00\x01\x02\x01\x10\x01\x0b\x0b"},
		{"call with parameters and results", "\x1f\x40\x01\x02\x00\x41\x07\x10\x02\x1a\x0b",
			never("\x01\x02\x01") + "\x02\x40\x41\x07\x1f\x01\x01\x02\x01\x10\x02\x0b\x1a\x0b"},
		{"call_indirect", "\x1f\x40\x01\x02\x00\x41\x07\x41\x00\x11\x01\x00\x1a\x0b",
			never("\x01\x02\x01") + "\x02\x40\x41\x07\x41\x00\x1f\x04\x01\x02\x01\x11\x01\x00\x0b\x1a\x0b"},
		{"call_ref", "\x1f\x40\x01\x02\x00\x41\x07\xd2\x02\x14\x01\x1a\x0b",
			never("\x01\x02\x01") + "\x02\x40\x41\x07\xd2\x02\x1f\x04\x01\x02\x01\x14\x01\x0b\x1a\x0b"},
		{"throw", "\x02\x7f\x1f\x40\x01\x00\x01\x00\x41\x07\x08\x01\x0b\x00\x0b\x1a",
			"\x02\x7f" + never("\x01\x00\x01\x01") + "\x02\x40\x41\x07\x1f\x02\x01\x00\x01\x01\x08\x01\x0b\x00\x0b\x00\x0b\x1a"},
		{"return_call", "\x1f\x40\x01\x02\x00\x12\x01\x0b", never("\x01\x02\x01") + "\x02\x40\x12\x01\x0b"},
		{"deeper inside", "\x1f\x40\x01\x02\x00\x03\x40\x41\x00\x04\x40\x05\x10\x01\x0b\x0b\x0b\x10\x01",
			never("\x01\x02\x01") + "\x02\x40\x03\x40\x41\x00\x04\x40\x05\x1f\x00\x01\x02\x03\x10\x01\x0b\x0b\x0b\x0b\x10\x01"},
		{"branches stay", "\x02\x40\x1f\x40\x01\x02\x00\x0c\x00\x0c\x01\x41\x00\x0e\x00\x01\x0b\x0b",
			"\x02\x40" + never("\x01\x02\x01") + "\x02\x40\x0c\x00\x0c\x01\x41\x00\x0e\x00\x01\x0b\x0b"},
		{"nested, inner clauses first",
			"\x02\x7f\x1f\x40\x01\x02\x01" + "\x1f\x40\x02\x00\x00\x00\x00\x01\x01" + "\x10\x01\x0b" + "\x10\x01\x0b\x41\x00\x0b\x1a",
			"\x02\x7f" + never("\x01\x02\x02") + "\x02\x40" + never("\x02\x00\x00\x01\x00\x01\x02") +
				"\x02\x40\x1f\x00\x03\x00\x00\x01\x00\x01\x02\x02\x03\x10\x01\x0b\x0b" +
				"\x1f\x00\x01\x02\x02\x10\x01\x0b\x0b\x41\x00\x0b\x1a"},
		{"clauses that get nothing",
			"\x1f\x40\x03\x00\x00\x00\x02\x00\x00\x00\x00" + "\x1f\x40\x01\x00\x00\x00" + "\x10\x01\x0b\x0b",
			never("\x03\x00\x00\x01\x02\x01\x00\x00\x01") + "\x02\x40" + never("\x01\x00\x00\x01") +
				"\x02\x40\x1f\x00\x02\x00\x00\x01\x02\x02\x10\x01\x0b\x0b\x0b"},
	}
	for _, tt := range tests {
		module := sinkModule(tt.code).bytes()
		in := again(t, module, Options{unaccounted: true})
		if got, want := body(t, in.Wasm, 0), "\x00"+tt.want+"\x0b"; got != want {
			t.Errorf("%s:\ngot  % x\nwant % x", tt.name, got, want)
		}
		w := newWorld(t, wazero.NewRuntimeConfigInterpreter())
		if _, err := compile(w, module); err != nil {
			t.Errorf("%s: wazero refuses the module: %v", tt.name, err)
		}
		if _, err := compile(w, in.Wasm); err != nil {
			t.Errorf("%s: wazero refuses the result: %v", tt.name, err)
		}
	}
}

// TestSinkSections keeps all that code does not change, and adds a type once.
func TestSinkSections(t *testing.T) {
	m := sinkModule("\x1f\x40\x01\x02\x00\x41\x00\x11\x00\x00\x41\x00\x11\x00\x00\x0b").bytes()
	custom := "\x00\x06\x05other" + "\x00\x0c\x0b.debug_line"
	in := again(t, append(m, custom...), Options{unaccounted: true})
	before, err := binary.DecodeModule(m)
	if err != nil {
		t.Fatal(err)
	}
	after, err := binary.DecodeModule(in.Wasm)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(after.Types), len(before.Types)+1; got != want {
		t.Errorf("got %d types, want %d", got, want)
	}
	for _, s := range before.Sections {
		o, ok := after.Section(s.ID)
		if same := bytes.Equal(s.All.Of(m), o.All.Of(in.Wasm)); !ok || same == (s.ID == binary.ModuleType || s.ID == binary.ModuleCode) {
			t.Errorf("section %d: there %t, the same %t", s.ID, ok, same)
		}
	}
	if !bytes.HasSuffix(in.Wasm, []byte("\x0b\x00\x06\x05other")) {
		t.Errorf("custom sections are % x", in.Wasm[len(in.Wasm)-20:])
	}
}

// TestSinkErrors holds what is refused because of its exception handlers.
func TestSinkErrors(t *testing.T) {
	many := func(n int, code, end string) string { return strings.Repeat(code, n) + strings.Repeat(end, n) }
	tags := sinkModule("")
	var clauses []byte
	for i := range uint32(maxCatches + 1) {
		tags.tags = append(tags.tags, "\x00\x00")
		clauses = append(appendU32(append(clauses, clauseCatch), i+2), 0)
	}
	tags.funcs[0].code = "\x1f\x40" + string(appendU32(nil, maxCatches+1)) + string(clauses) + "\x0b"
	quadratic := "\x1f\x40" + string(appendU32(nil, 250)) + string(clauses[:250*3+124]) + strings.Repeat("\x10\x01", 1000) + "\x0b"
	tests := []struct {
		name string
		m    testModule
		want string
	}{
		{"catch_ref", sinkModule("\x1f\x40\x01\x01\x00\x00\x0b"), "function 0: catch clause makes a reference to the exception, which is not supported"},
		{"catch_all_ref", sinkModule("\x1f\x40\x01\x03\x00\x0b"), "function 0: catch clause makes a reference to the exception, which is not supported"},
		{"tag of a clause", sinkModule("\x1f\x40\x01\x00\x02\x00\x0b"), "function 0: tag 2 of 2"},
		{"tag of a throw", sinkModule("\x1f\x40\x01\x02\x00\x08\x02\x0b"), "function 0: tag 2 of 2"},
		{"label of a clause", sinkModule("\x1f\x40\x01\x02\x01\x0b"), "function 0: label 1 of 1"},
		{"nesting", sinkModule(many(maxTryDepth+1, "\x1f\x40\x00", "\x0b")), "function 0: try_tables nested deeper than 1000"},
		{"clauses of one", tags, "function 0: more than 256 catch clauses for an exception"},
		{"clauses of all", with(tags, func(m *testModule) { m.funcs[0].code = quadratic }), "function 0: more than"},
	}
	for _, tt := range tests {
		for _, o := range []Options{{}, {Interrupt: true}} {
			_, err := Instrument(tt.m.bytes(), o)
			if err == nil || !strings.Contains(err.Error(), ": "+tt.want) {
				t.Errorf("%s: got error %v, want %s", tt.name, err, tt.want)
			}
		}
	}
}

// with is a copy of a module with other functions.
func with(m testModule, change func(*testModule)) testModule {
	m.funcs = append([]testFunc(nil), m.funcs...)
	change(&m)
	return m
}
