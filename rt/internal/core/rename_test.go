package core

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/witgen/witgen/rt/internal/binary"
)

// importer imports a function and a global from the module "" and a memory
// from "m", and exports g, which returns f() + global. Its import section
// states its size and counts in more bytes than needed.
const importer = "\x00asm\x01\x00\x00\x00" +
	"\x00\x04\x03abc" + // custom section before all
	"\x01\x05\x01\x60\x00\x01\x7f" + // type 0: () -> i32
	"\x02\x96\x00" + "\x83\x80\x00" + // 3 imports, in 22 bytes
	"\x00\x010\x00\x00" + // "" "0" func type 0
	"\x00\x00\x03\x7f\x00" + // "" "" global i32
	"\x01m\x03mem\x02\x00\x01" + // "m" "mem" memory, 1 page
	"\x00\x02\x01z" + // custom section between
	"\x03\x02\x01\x00" + // function of type 0
	"\x07\x05\x01\x01g\x00\x01" + // export "g", function 1
	"\x0a\x09\x01\x07\x00\x10\x00\x23\x00\x6a\x0b" // call 0; global.get 0; i32.add

// provider exports f, glob and mem.
const provider = "\x00asm\x01\x00\x00\x00" +
	"\x01\x05\x01\x60\x00\x01\x7f" +
	"\x03\x02\x01\x00" +
	"\x05\x03\x01\x00\x01" +
	"\x06\x06\x01\x7f\x00\x41\x02\x0b" + // global i32 = 2
	"\x07\x12\x03\x01f\x00\x00\x04glob\x03\x00\x03mem\x02\x00" +
	"\x0a\x06\x01\x04\x00\x41\x28\x0b" // i32.const 40

func TestRename(t *testing.T) {
	got, err := Rename([]byte(importer), []Binding{{"p", "f"}, {"p", "glob"}, {"p", "mem"}})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(importer, "\x02\x96\x00"+"\x83\x80\x00"+
		"\x00\x010\x00\x00"+"\x00\x00\x03\x7f\x00"+"\x01m\x03mem\x02\x00\x01",
		"\x02\x1a"+"\x03"+
			"\x01p\x01f\x00\x00"+"\x01p\x04glob\x03\x7f\x00"+"\x01p\x03mem\x02\x00\x01", 1)
	if string(got) != want {
		t.Errorf("got  % x\nwant % x", got, want)
	}
}

// TestRenameRuns links a module that imports from the empty name, which
// wazero refuses before the rewriting.
func TestRenameRuns(t *testing.T) {
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	defer r.Close(ctx)
	if _, err := r.CompileModule(ctx, []byte(importer)); err == nil {
		t.Error("wazero compiles a module that imports from an empty name: the rewriting proves nothing")
	}
	if _, err := r.InstantiateWithConfig(ctx, []byte(provider), wazero.NewModuleConfig().WithName("p")); err != nil {
		t.Fatal(err)
	}
	wasm, err := Rename([]byte(importer), []Binding{{"p", "f"}, {"p", "glob"}, {"p", "mem"}})
	if err != nil {
		t.Fatal(err)
	}
	mod, err := r.InstantiateWithConfig(ctx, wasm, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := mod.ExportedFunction("g").Call(ctx); err != nil || got[0] != 42 {
		t.Errorf("g() = %v, %v; want 42", got, err)
	}
}

func TestRenameErrors(t *testing.T) {
	three := []Binding{{"p", "f"}, {"p", "glob"}, {"p", "mem"}}
	tests := []struct {
		name   string
		module string
		names  []Binding
		want   string
	}{
		{"too few names", importer, three[:2], "2 names for 3 imports"},
		{"too many names", provider, three, "3 names for 0 imports"},
		{"not UTF-8", importer, []Binding{three[0], {"p", "\xff"}, three[2]}, `name "p" "\xff" of import 1 is not UTF-8`},
		{"not a module", "\x00asm\x0d\x00\x01\x00", nil, "at 0x0: not a core module: component (layer 1)"},
		{"cut", importer[:30], three, "at 0x1e: unexpected end in section import (2) of a core module"},
	}
	for _, tt := range tests {
		if _, err := Rename([]byte(tt.module), tt.names); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got error %v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestRenameNothing(t *testing.T) {
	in := []byte(provider)
	if got, err := Rename(in, nil); err != nil || !bytes.Equal(got, in) {
		t.Errorf("a module without imports became % x, %v", got, err)
	}
}

// bindings makes up distinct names for the imports of m.
func bindings(m *binary.Module) []Binding {
	names := make([]Binding, len(m.Imports))
	for i := range names {
		names[i] = Binding{fmt.Sprintf("import %d", i), strings.Repeat("n", i%200)}
	}
	return names
}

// checkRenamed renames the imports of a module that decodes and checks that
// nothing but their names is different afterwards.
func checkRenamed(t *testing.T, module []byte, m *binary.Module) []byte {
	t.Helper()
	names := bindings(m)
	out, err := Rename(module, names)
	if err != nil {
		t.Fatalf("Rename: %v", err)
	}
	if again, err := Rename(module, names); err != nil || !bytes.Equal(out, again) {
		t.Errorf("a second Rename gives other bytes, error %v", err)
	}
	got, err := binary.DecodeModule(out)
	if err != nil {
		t.Fatalf("the result does not decode: %v", err)
	}
	if len(got.Imports) != len(m.Imports) || len(got.Sections) != len(m.Sections) {
		t.Fatalf("%d imports and %d sections became %d and %d",
			len(m.Imports), len(m.Sections), len(got.Imports), len(got.Sections))
	}
	for i, im := range got.Imports {
		want := binary.CoreImport{Module: names[i].Module, Name: names[i].Name, Type: m.Imports[i].Type}
		if !reflect.DeepEqual(im, want) {
			t.Errorf("import %d: got %+v, want %+v", i, im, want)
		}
	}
	for i, s := range got.Sections {
		if was := m.Sections[i]; s.ID != was.ID {
			t.Errorf("section %d: id %d became %d", i, was.ID, s.ID)
		} else if s.ID != binary.ModuleImport && !bytes.Equal(s.All.Of(out), was.All.Of(module)) {
			t.Errorf("section %d (id %d) changed", i, s.ID)
		}
	}
	for sort := range binary.CoreTag + 1 {
		if got.Len(sort) != m.Len(sort) {
			t.Errorf("%d of sort %v became %d", m.Len(sort), sort, got.Len(sort))
		}
		for i := range m.Len(sort) {
			a, _ := m.Extern(sort, uint32(i))
			if b, ok := got.Extern(sort, uint32(i)); !ok || a != b {
				t.Errorf("%v %d: %+v became %+v", sort, i, a, b)
			}
		}
	}
	return out
}

// TestConformanceRename rewrites every core module of the official suite's
// components that stand without an error.
func TestConformanceRename(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("../../../../shared/spec", "*", "*.wasm"))
	if len(files) == 0 {
		t.Skip("the official component model suite is not at ../shared/spec")
	}
	ctx := context.Background()
	features := api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall | experimental.CoreFeaturesExtendedConst |
		experimental.CoreFeaturesExceptionHandling | experimental.CoreFeaturesTypedFunctionReferences
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(features))
	defer r.Close(ctx)
	modules, empty, refused := 0, 0, 0
	for _, file := range files {
		wasm, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := binary.Decode(wasm)
		if err != nil {
			continue // malformed on purpose
		}
		for _, cm := range coreModules(c) {
			modules++
			out := checkRenamed(t, cm.Bytes, cm.Module)
			_, before := r.CompileModule(ctx, cm.Bytes)
			_, after := r.CompileModule(ctx, out)
			switch {
			case before != nil && after == nil:
				empty++
				if !strings.Contains(before.Error(), "empty module name") {
					t.Errorf("%s at %#x: compiles only once renamed: %v", file, cm.Pos(), before)
				}
			case before == nil && after != nil:
				t.Errorf("%s at %#x: compiles no longer: %v", file, cm.Pos(), after)
			case after != nil:
				refused++
				t.Logf("%s at %#x: wazero refuses it either way: %v", filepath.Base(file), cm.Pos(), after)
			}
		}
	}
	t.Logf("%d core modules, %d compile only once renamed, %d not at all", modules, empty, refused)
}

// coreModules lists the core modules of a component, nested ones included.
func coreModules(c *binary.Component) []*binary.CoreModule {
	var modules []*binary.CoreModule
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *binary.CoreModule:
			modules = append(modules, d)
		case *binary.Nested:
			modules = append(modules, coreModules(d.Component)...)
		}
	}
	return modules
}

func FuzzRename(f *testing.F) {
	f.Add([]byte(importer))
	f.Add([]byte(provider))
	f.Add([]byte("\x00asm\x01\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, module []byte) {
		m, err := binary.DecodeModule(module)
		if err != nil {
			if _, err := Rename(module, nil); err == nil {
				t.Error("Rename takes what does not decode")
			}
			return
		}
		checkRenamed(t, module, m)
	})
}
