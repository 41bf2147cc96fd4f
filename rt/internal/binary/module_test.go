package binary

import (
	"reflect"
	"testing"
)

// TestDecodeModule reads a module with an import and a definition of every
// sort, features that core runtimes lag behind with included.
func TestDecodeModule(t *testing.T) {
	in := emptyModule +
		sec(ModuleCustom, "\x01c!") +
		sec(ModuleType, vecOf("\x60\x01\x7f\x01\x7e", "\x60\x00\x00", "\x4e\x02\x5e\x7f\x01\x50\x00\x60\x00\x00")) +
		sec(ModuleImport, vecOf("\x01a\x01f\x00\x01", "\x01a\x01t\x01\x70\x01\x01\x09", "\x01a\x01m\x02\x00\x02",
			"\x01b\x01g\x03\x7f\x01", "\x01b\x01e\x04\x00\x01", "\x00\x00\x00\x00")) +
		sec(ModuleFunction, vecOf("\x00", "\x01")) +
		sec(ModuleTable, vecOf("\x6f\x00\x03", "\x40\x00\x63\x01\x04\x05\xd0\x01\x0b")) +
		sec(ModuleMemory, vecOf("\x05\x01\x80\x80\x80\x80\x20", "\x03\x01\x02")) +
		sec(ModuleTag, vecOf("\x00\x01")) +
		sec(ModuleGlobal, vecOf(
			"\x7f\x00\x41\x7f\x0b",
			"\x7e\x01\x42\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f\x0b",
			"\x7d\x00\x43\x0b\x0b\x0b\x0b\x0b",
			"\x7c\x00\x44\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
			"\x7b\x00\xfd\x0c0123456789abcdef\x0b",
			"\x7f\x00\x23\x00\x41\x02\x6a\x0b",
			"\x70\x00\xd2\x00\x0b",
			"\x6b\x00\xfb\x00\x02\x0b")) +
		sec(ModuleExport, vecOf("\x01f\x00\x00", "\x01g\x03\x01", "\x01e\x04\x01", "\x01g\x03\x00", "\x00\x02\x00")) +
		sec(ModuleStart, "\x02") +
		sec(ModuleElement, "not looked at") +
		sec(ModuleDataCount, "\x00") +
		sec(ModuleCode, "nor this") +
		sec(ModuleData, "nor this")
	m, err := DecodeModule([]byte(in))
	if err != nil {
		t.Fatal(err)
	}

	i32, i64 := CoreValType{Code: 0x7f}, CoreValType{Code: 0x7e}
	if f, ok := m.Func(0); !ok || !reflect.DeepEqual(f, &CoreFuncType{Params: []CoreValType{i32}, Results: []CoreValType{i64}}) {
		t.Errorf("type 0 is %+v, %v", f, ok)
	}
	if _, ok := m.Func(2); ok || len(m.Types) != 4 {
		t.Errorf("%d types; type 2 as a function: %v", len(m.Types), ok)
	}
	externs := []struct {
		sort CoreSort
		want []CoreExternType
	}{
		{CoreFunc, []CoreExternType{{Sort: CoreFunc, Type: 1}, {Sort: CoreFunc}, {Sort: CoreFunc, Type: 0}, {Sort: CoreFunc, Type: 1}}},
		{CoreTable, []CoreExternType{
			{Sort: CoreTable, Val: CoreValType{Code: 0x70}, Limits: CoreLimits{Min: 1, Max: 9, HasMax: true}},
			{Sort: CoreTable, Val: CoreValType{Code: 0x6f}, Limits: CoreLimits{Min: 3}},
			{Sort: CoreTable, Val: CoreValType{Code: 0x63, Heap: 1}, Limits: CoreLimits{Min: 5, Is64: true}},
		}},
		{CoreMemory, []CoreExternType{
			{Sort: CoreMemory, Limits: CoreLimits{Min: 2}},
			{Sort: CoreMemory, Limits: CoreLimits{Min: 1, Max: 1 << 33, HasMax: true, Is64: true}},
			{Sort: CoreMemory, Limits: CoreLimits{Min: 1, Max: 2, HasMax: true, Shared: true}},
		}},
		{CoreTag, []CoreExternType{{Sort: CoreTag, Type: 1}, {Sort: CoreTag, Type: 1}}},
	}
	for _, e := range externs {
		if m.Len(e.sort) != len(e.want) {
			t.Errorf("%d of sort %v, want %d", m.Len(e.sort), e.sort, len(e.want))
		}
		for i, want := range e.want {
			if got, ok := m.Extern(e.sort, uint32(i)); !ok || got != want {
				t.Errorf("%v %d: got %+v, %v; want %+v", e.sort, i, got, ok, want)
			}
		}
		if _, ok := m.Extern(e.sort, uint32(len(e.want))); ok {
			t.Errorf("%v %d exists", e.sort, len(e.want))
		}
	}
	if got, ok := m.Extern(CoreGlobal, 2); m.Len(CoreGlobal) != 9 || !ok || got != (CoreExternType{Sort: CoreGlobal, Val: i64, Mutable: true}) {
		t.Errorf("%d globals, global 2 is %+v", m.Len(CoreGlobal), got)
	}
	if _, ok := m.Extern(CoreInstSort, 0); ok || m.Len(CoreInstSort) != 0 {
		t.Error("a core module has instances")
	}
	if e, ok := m.Export("g"); !ok || e != (CoreExport{Name: "g", Sort: CoreGlobal, Idx: 1}) {
		t.Errorf("export g is %+v, %v", e, ok)
	}
	for i, e := range m.Exports {
		if got, ok := m.Export(e.Name); i != 3 && (!ok || got != e) {
			t.Errorf("export %q: got %+v, %v; want %+v", e.Name, got, ok, e)
		}
	}
	for _, name := range []string{"a", "none", "z"} {
		if _, ok := m.Export(name); ok {
			t.Errorf("export %q exists", name)
		}
	}
	if m.Start == nil || *m.Start != 2 {
		t.Errorf("start is %v, want 2", m.Start)
	}
	checkSpans(t, m, in)
}

// checkSpans checks that sections and import types lie where the module says.
func checkSpans(t *testing.T, m *Module, in string) {
	t.Helper()
	end := len(emptyModule)
	for i, s := range m.Sections {
		if s.All.Start != end || in[s.All.Start] != s.ID || s.Body.End != s.All.End ||
			string(s.ID)+sized(in[s.Body.Start:s.Body.End]) != in[s.All.Start:s.All.End] {
			t.Errorf("section %d (id %d) has spans %v and %v", i, s.ID, s.All, s.Body)
		}
		end = s.All.End
	}
	if end != len(in) {
		t.Errorf("sections end at %d of %d", end, len(in))
	}
	if s := m.Sections[0]; s.Name != "c" || string(s.Body.Of([]byte(in))) != "\x01c!" {
		t.Errorf("custom section is %+v", s)
	}
	if s, ok := m.Section(ModuleStart); !ok || in[s.Body.Start] != 2 {
		t.Errorf("start section is %+v, %v", s, ok)
	}
	if _, ok := m.Section(ModuleCustom); ok {
		t.Error("the custom section was found by id, though there may be many")
	}
	want := []string{"\x00\x01", "\x01\x70\x01\x01\x09", "\x02\x00\x02", "\x03\x7f\x01", "\x04\x00\x01", "\x00\x00"}
	for i, span := range m.ImportTypes {
		if got := in[span.Start:span.End]; got != want[i] {
			t.Errorf("type of import %d: got % x, want % x", i, got, want[i])
		}
	}
	if len(m.ImportTypes) != len(want) || len(m.Imports) != len(want) {
		t.Errorf("%d imports, %d types of imports", len(m.Imports), len(m.ImportTypes))
	}
}

// TestEmbeddedModule checks that a module inside a component has offsets of
// the file in its errors, and of its own bytes in its spans.
func TestEmbeddedModule(t *testing.T) {
	module := emptyModule + sec(ModuleImport, vecOf("\x01a\x01m\x02\x00\x02"))
	c, err := Decode([]byte(component(sec(1, module))))
	if err != nil {
		t.Fatal(err)
	}
	m := c.Defs[0].(*CoreModule)
	if got := string(m.Module.ImportTypes[0].Of(m.Bytes)); got != "\x02\x00\x02" {
		t.Errorf("type of the import: got % x", got)
	}
	alone, err := DecodeModule([]byte(module))
	if err != nil || !reflect.DeepEqual(alone, m.Module) {
		t.Errorf("alone %+v, %v; embedded %+v", alone, err, m.Module)
	}
	_, err = Decode([]byte(component(sec(1, emptyModule+sec(ModuleImport, vecOf("\x01a\x01m\x05"))))))
	if want := "at 0x19: unknown core extern kind 0x05 in section import (2) of a core module"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestDecodeModuleErrors(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", "at 0x0: unexpected end"},
		{"version", "\x00asm\x02\x00\x00\x00", "at 0x4: unknown version 02 00 00 00 of a core module, this is 01 00 00 00"},
		{"section id", emptyModule + sec(14, ""), "at 0x8: unknown section id 14"},
		{"twice", emptyModule + sec(ModuleType, "\x00") + sec(ModuleType, "\x00"), "at 0xb: section out of order in section type (1) of a core module"},
		{"tag after global", emptyModule + sec(ModuleGlobal, "\x00") + sec(ModuleTag, "\x00"),
			"at 0xb: section out of order in section tag (13) of a core module"},
		{"left over", emptyModule + sec(ModuleStart, "\x00\x00"), "at 0xb: 1 bytes left over in section start (8) of a core module"},
		{"module type as core type", emptyModule + sec(ModuleType, vecOf("\x50\x00\x40")), "at 0xd: unknown core type 0x40 in section type (1) of a core module"},
		{"export kind", emptyModule + sec(ModuleExport, vecOf("\x01x\x05\x00")), "at 0xd: unknown kind 0x05 of core export in section export (7) of a core module"},
		{"table prefix", emptyModule + sec(ModuleTable, vecOf("\x40\x01")), "at 0xc: byte after 0x40 of a table is 0x01, not 0x00 in section table (4) of a core module"},
		{"call in a constant", emptyModule + sec(ModuleGlobal, vecOf("\x7f\x00\x10\x00\x0b")),
			"at 0xd: instruction 0x10 in a constant expression in section global (6) of a core module"},
		{"vector load in a constant", emptyModule + sec(ModuleGlobal, vecOf("\x7f\x00\xfd\x00\x0b")),
			"at 0xd: instruction 0xfd 0x00 in a constant expression in section global (6) of a core module"},
		{"array.get in a constant", emptyModule + sec(ModuleGlobal, vecOf("\x7f\x00\xfb\x0b\x00\x0b")),
			"at 0xd: instruction 0xfb 0x0b in a constant expression in section global (6) of a core module"},
		{"constant without end", emptyModule + sec(ModuleGlobal, vecOf("\x7f\x00\x41\x00")), "at 0xf: unexpected end in section global (6) of a core module"},
		{"i32 constant over 32 bits", emptyModule + sec(ModuleGlobal, vecOf("\x7f\x00\x41\x80\x80\x80\x80\x08\x0b")),
			"at 0xe: integer does not fit 32 bits in section global (6) of a core module"},
	}
	for _, tt := range tests {
		if _, err := DecodeModule([]byte(tt.in)); err == nil || err.Error() != tt.want {
			t.Errorf("%s:\ngot  %v\nwant %s", tt.name, err, tt.want)
		}
	}
}
