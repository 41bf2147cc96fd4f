package core

import (
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/witgen/witgen/rt/internal/binary"
)

// named is a module of three functions with a name section.
func named(contents string) []byte {
	m := testModule{types: []string{"\x00\x00"}, funcs: []testFunc{{name: "a", code: "\x00"}, {name: "b"}, {name: "c"}}}
	return appendSection(m.bytes(), binary.ModuleCustom, []byte("\x04name"+contents))
}

// subsection is one of a name section.
func subsection(id byte, contents string) string {
	return string(appendName([]byte{id}, contents))
}

// nameMap lists names of functions.
func nameMap(index byte, names ...string) string {
	out := []byte{byte(len(names))}
	for i, n := range names {
		out = appendName(append(out, index+byte(i)), n)
	}
	return string(out)
}

// TestLegible reads the names that a core runtime then knows functions by.
func TestLegible(t *testing.T) {
	str := func(s string) string { return string(appendName(nil, s)) }
	module, locals := subsection(0, str("app.wasm")), subsection(2, "\x01\x00\x01\x00\x01x")
	funcs := subsection(1, nameMap(0, "one", "two", "three"))
	for _, tt := range []struct {
		name, section string
		want          []string // of the three functions
	}{
		{"all", module + funcs + locals, []string{"app.wasm\x01.one", "app.wasm\x01.two", "app.wasm\x01.three"}},
		{"none", "", []string{"\x01.$0", "\x01.$1", "\x01.$2"}},
		{"no module", funcs, []string{"\x01.one", "\x01.two", "\x01.three"}},
		{"some", subsection(1, nameMap(1, "two")), []string{"\x01.$0", "\x01.two", "\x01.$2"}},
		{"not printable", subsection(0, str("a\x01.b\nc")) + subsection(1, nameMap(0, "x\n\t\x1b[1m", "\xff\xfe", "\u202eé")),
			[]string{"a?.b?c\x01.x???[1m", "a?.b?c\x01.??", "a?.b?c\x01.?é"}},
		{"long", subsection(0, str(strings.Repeat("m", 500))) + subsection(1, nameMap(0, strings.Repeat("é", 5000), "x", "y")),
			[]string{strings.Repeat("m", 64) + "\x01." + strings.Repeat("é", 511), "", ""}},
		{"beyond the last", subsection(1, nameMap(2, "three", "four")), []string{"\x01.$0", "\x01.$1", "\x01.three"}},
		{"out of order", subsection(1, "\x02\x01\x01b\x00\x01a"), []string{"\x01.$0", "\x01.b", "\x01.$2"}},
		{"cut short", module + subsection(1, "\x03\x00\x01a\x01\x7fb"), []string{"app.wasm\x01.a", "app.wasm\x01.$1", "app.wasm\x01.$2"}},
		{"four billion functions", subsection(1, "\xff\xff\xff\xff\x0f\x00\x01a"), []string{"\x01.a", "\x01.$1", "\x01.$2"}},
		{"four billion locals", funcs + subsection(2, "\xff\xff\xff\xff\x0f"), []string{"\x01.one", "\x01.two", "\x01.three"}},
		{"longer than it is", "\x01\xff\xff\xff\xff\x0f\x00", []string{"\x01.$0", "\x01.$1", "\x01.$2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := named(tt.section)
			out, err := Legible(in)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, wazero.NewRuntimeConfigInterpreter())
			mod, err := compile(w, out)
			if err != nil {
				t.Fatal(err)
			}
			for i, name := range []string{"a", "b", "c"} {
				def := mod.ExportedFunctions()[name]
				if got := def.DebugName(); tt.want[i] != "" && got != tt.want[i] {
					t.Errorf("function %d is %q, want %q", i, got, tt.want[i])
				}
			}
		})
	}
	if _, err := Legible([]byte("\x00asm\x01\x00\x00\x00\x01")); err == nil {
		t.Error("took a module that ends in a header")
	}
}

// TestLegibleTwice has a module with two name sections, which a core runtime
// refuses.
func TestLegibleTwice(t *testing.T) {
	in := appendSection(named(subsection(1, nameMap(0, "one"))), binary.ModuleCustom, []byte("\x04name"+subsection(1, nameMap(1, "two"))))
	out, err := Legible(in)
	if err != nil {
		t.Fatal(err)
	}
	mod, err := compile(newWorld(t, wazero.NewRuntimeConfigInterpreter()), out)
	if err != nil {
		t.Fatal(err)
	}
	if got := mod.ExportedFunctions()["b"].DebugName(); got != "\x01.two" {
		t.Errorf("function 1 is %q", got)
	}
}

// FuzzLegible has any name section: wazero takes the module then, and no name
// is long or has in it what is not printable.
func FuzzLegible(f *testing.F) {
	f.Add(subsection(0, "\x03app") + subsection(1, nameMap(0, "one", "two")))
	f.Add(subsection(1, "\xff\xff\xff\xff\x0f\x00\x01a"))
	f.Add(subsection(1, nameMap(0, "\xff\n", "é")) + subsection(2, "\x01\x00\x01\x00\x01x"))
	f.Fuzz(func(t *testing.T, section string) {
		in := named(section)
		out, err := Legible(in)
		if err != nil {
			t.Fatal(err)
		}
		if len(out) > len(in)+64 {
			t.Errorf("%d bytes became %d", len(in), len(out))
		}
		mod, err := compile(newWorld(t, wazero.NewRuntimeConfigInterpreter()), out)
		if err != nil {
			t.Fatal(err)
		}
		for _, def := range mod.ExportedFunctions() {
			module, name, ok := strings.Cut(def.DebugName(), NameEnd+".")
			if !ok || len(module) > maxModuleName || len(name) > maxFuncName || legible([]byte(module), maxModuleName) != module || legible([]byte(name), maxFuncName) != name {
				t.Errorf("%q", def.DebugName())
			}
		}
	})
}
