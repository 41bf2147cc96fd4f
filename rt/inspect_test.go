package rt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
)

// TestInspect looks at guests whose figures were read from their bytes by
// another program.
func TestInspect(t *testing.T) {
	page := uint64(1 << 16)
	for _, tt := range []struct {
		guest                          string
		components, instances, modules int
		memory                         uint64
		first                          rt.ModuleInfo // Type, Memories and Tables aside
		imports, exports               int           // of the first module
		memories, tables               []rt.CoreLimits
		producers                      []rt.Producer
	}{
		{
			guest: "c/data-processor", components: 2, instances: 3, modules: 3, memory: 1 * page,
			first:   rt.ModuleInfo{Name: "data-processor", Offset: 163, Size: 2867, Instances: 1, Code: 1528, Data: 173, Custom: 501, Functions: 16},
			imports: 3, exports: 10,
			memories: []rt.CoreLimits{{Min: 1}}, tables: []rt.CoreLimits{{Min: 1, Max: 1, HasMax: true}},
			producers: []rt.Producer{{"processed-by", "wit-component", "0.230.0"}, {"processed-by", "Debian clang", "19.1.7 (3~deb12u1)"}},
		},
		{
			guest: "go/data-processor", components: 2, instances: 5, modules: 5, memory: 33 * page,
			first:   rt.ModuleInfo{Offset: 164, Size: 1871148, Instances: 1, Code: 1167917, Data: 698198, Custom: 93, Functions: 1310},
			imports: 13, exports: 11,
			memories: []rt.CoreLimits{{Min: 33}}, tables: []rt.CoreLimits{{Min: 5406}},
			producers: []rt.Producer{
				{"processed-by", "wit-component", "0.230.0"}, {"language", "Go", "go1.26.8"}, {"processed-by", "Go cmd/compile", "go1.26.8"},
			},
		},
		{
			guest: "js/data-processor", components: 25, instances: 13, modules: 13, memory: 21 * page,
			first:   rt.ModuleInfo{Component: 1, Offset: 175, Size: 4882, Instances: 1, Code: 211, Custom: 47, Functions: 61},
			imports: 21, exports: 62,
			memories: []rt.CoreLimits{{}},
			producers: []rt.Producer{
				{"processed-by", "wit-component", "0.254.0"}, {"language", "Rust", ""}, {"processed-by", "rustc", "1.96.0 (ac68faa20 2026-05-25)"},
			},
		},
	} {
		t.Run(tt.guest, func(t *testing.T) {
			wasm, err := os.ReadFile(guests.Plugin(tt.guest))
			if err != nil {
				t.Fatal(err)
			}
			info, err := rt.Inspect(wasm)
			if err != nil || info.Err != nil {
				t.Fatal(err, info)
			}
			if info.Size != len(wasm) || len(info.Components) != tt.components || info.CoreInstances != tt.instances ||
				len(info.Modules) != tt.modules || info.Memory != tt.memory {
				t.Errorf("got size %d, %d components, %d core instances, %d modules, %d bytes of memory; want %+v",
					info.Size, len(info.Components), info.CoreInstances, len(info.Modules), info.Memory, tt)
			}
			if c := info.Components[0]; c != (rt.ComponentInfo{Within: -1, Size: len(wasm)}) {
				t.Errorf("component itself: got %+v", c)
			}
			if !slices.Equal(info.Producers, tt.producers) {
				t.Errorf("producers: got %q, want %q", info.Producers, tt.producers)
			}
			m := info.Modules[0]
			if len(m.Type.Imports) != tt.imports || len(m.Type.Exports) != tt.exports {
				t.Errorf("first module: got %d imports, %d exports", len(m.Type.Imports), len(m.Type.Exports))
			}
			if !slices.Equal(m.Memories, tt.memories) || !slices.Equal(m.Tables, tt.tables) {
				t.Errorf("first module: got memories %+v, tables %+v", m.Memories, m.Tables)
			}
			m.Type, m.Memories, m.Tables = nil, nil, nil
			if got, want := fmt.Sprintf("%+v", m), fmt.Sprintf("%+v", tt.first); got != want {
				t.Errorf("first module:\ngot  %s\nwant %s", got, want)
			}
			c := interpreted(t, wasm)
			if got, want := fmt.Sprint(info.Imports, info.Exports), fmt.Sprint(c.Imports(), c.Exports()); got != want {
				t.Errorf("imports and exports:\ngot  %s\nwant those of the compiled component %s", got, want)
			}
		})
	}
}

func interpreted(t *testing.T, wasm []byte) *rt.Component {
	t.Helper()
	c, err := tryCompile(t, wasm)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tryCompile compiles a component for the interpreter, which is fast.
func tryCompile(t *testing.T, wasm []byte) (*rt.Component, error) {
	t.Helper()
	ctx := context.Background()
	e, err := rt.NewEngine(ctx, rt.Config{Interpreter: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(ctx) })
	return e.Compile(ctx, wasm)
}

const (
	layer0 = "\x00asm\x01\x00\x00\x00" // begins a core module
	layer1 = "\x00asm\x0d\x00\x01\x00" // begins a component
)

// sec encodes a section of less than 128 bytes.
func sec(id byte, contents string) string { return string([]byte{id, byte(len(contents))}) + contents }

// TestInspectCoreFeatures holds what is said to be supported to what compiles.
func TestInspectCoreFeatures(t *testing.T) {
	for _, tt := range []struct{ name, module string }{
		{"multiple memories", sec(5, "\x02\x00\x01\x00\x01")},
		{"multiple tables", sec(4, "\x02\x70\x00\x01\x70\x00\x01")},
		{"shared memory", sec(5, "\x01\x03\x01\x01")},
		{"64-bit memory", sec(5, "\x01\x04\x01")},
		{"64-bit table", sec(4, "\x01\x70\x04\x01")},
		{"gc types", sec(1, "\x01\x5f\x00")},
		{"exceptions", sec(1, "\x01\x60\x00\x00") + sec(13, "\x01\x00\x00")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wasm := []byte(layer1 + sec(1, layer0+tt.module))
			info, err := rt.Inspect(wasm)
			if err != nil {
				t.Fatal(err)
			}
			_, err = tryCompile(t, wasm)
			want := []rt.Feature{{Kind: rt.CoreFeature, Name: tt.name, Uses: 1, Supported: err == nil}}
			if !slices.Equal(info.Features, want) {
				t.Errorf("got %+v, want %+v: compiling says %v", info.Features, want, err)
			}
		})
	}
}

// TestInspectBuiltins holds which built-ins are said to be supported to what
// calls of them do.
func TestInspectBuiltins(t *testing.T) {
	for _, tt := range []struct {
		name, canon     string
		params, results string // core types
	}{
		{"context.get", "\x0a\x7f\x00", "", "\x7f"},
		{"context.set", "\x0b\x7f\x00", "\x7f", ""},
		{"backpressure.inc", "\x24", "", ""},
		{"backpressure.dec", "\x25", "", ""},
		{"task.cancel", "\x05", "", ""},
		{"subtask.cancel", "\x06\x00", "\x7f", "\x7f"},
		{"subtask.drop", "\x0d", "\x7f", ""},
		{"waitable-set.new", "\x1f", "", "\x7f"},
		{"waitable-set.drop", "\x22", "\x7f", ""},
		{"waitable.join", "\x23", "\x7f\x7f", ""},
		{"thread.yield", "\x0c\x00", "", "\x7f"},
		{"thread.index", "\x26", "", "\x7f"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wasm := callsBuiltin(tt.canon, tt.params, tt.results)
			info, err := rt.Inspect(wasm)
			if err != nil || info.Err != nil {
				t.Fatal(err, info)
			}
			_, callErr := callF(t, wasm)
			supported := callErr == nil || !strings.Contains(callErr.Error(), "not supported")
			want := rt.Feature{Kind: rt.BuiltinFeature, Name: tt.name, Uses: 1, Supported: supported}
			if !slices.Contains(info.Features, want) {
				t.Errorf("got %+v, want %+v: calling says %v", info.Features, want, callErr)
			}
		})
	}
}

// callsBuiltin returns a component whose function f calls a built-in, with
// arguments that are 1, and drops its result.
func callsBuiltin(canon, params, results string) []byte {
	vec := func(s string) string { return string([]byte{byte(len(s))}) + s }
	code := "\x00" + strings.Repeat("\x41\x01", len(params)) + "\x10\x00" + strings.Repeat("\x1a", len(results)) + "\x0b"
	module := layer0 +
		sec(1, "\x02\x60"+vec(params)+vec(results)+"\x60\x00\x00") +
		sec(2, "\x01\x00\x01b\x00\x00") +
		sec(3, "\x01\x01") +
		sec(7, "\x01\x01f\x00\x01") +
		sec(10, "\x01"+vec(code))
	return []byte(layer1 +
		sec(1, module) +
		sec(8, "\x01"+canon) +
		sec(2, "\x02\x01\x01\x01b\x00\x00\x00\x00\x01\x00\x12\x00") +
		sec(6, "\x01\x00\x00\x01\x01\x01f") +
		sec(7, "\x01\x40\x00\x01\x00") +
		sec(8, "\x01\x00\x00\x01\x00\x00") +
		sec(11, "\x01\x00\x01f\x01\x00\x00"))
}

// callF calls the function f of a component.
func callF(t *testing.T, wasm []byte) (rt.Value, error) {
	t.Helper()
	ctx := context.Background()
	in, err := interpreted(t, wasm).Instantiate(ctx, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := in.Func("", "f")
	if err != nil {
		t.Fatal(err)
	}
	return f.Call(ctx)
}

// TestInspectUnsupported describes what cannot be compiled as far as it goes.
func TestInspectUnsupported(t *testing.T) {
	// A core module, a built-in that is not supported, and an export after it.
	wasm := []byte(layer1 + sec(1, layer0+sec(5, "\x01\x01\x02\x03")) + sec(8, "\x01\x42\x00") +
		sec(11, "\x01\x00\x01m\x00\x11\x00\x00"))
	info, err := rt.Inspect(wasm)
	if err != nil {
		t.Fatal(err)
	}
	if info.Err == nil || !strings.Contains(info.Err.Error(), "thread.available-parallelism is not supported") {
		t.Errorf("got %v, want an error with the built-in's name", info.Err)
	}
	if want := (rt.Feature{Kind: rt.BuiltinFeature, Name: "thread.available-parallelism", Uses: 1}); !slices.Contains(info.Features, want) {
		t.Errorf("got %+v, want %+v", info.Features, want)
	}
	if len(info.Modules) != 1 || !slices.Equal(info.Modules[0].Memories, []rt.CoreLimits{{Min: 2, Max: 3, HasMax: true}}) {
		t.Errorf("got modules %+v", info.Modules)
	}
	if !slices.Equal(info.ExportNames, []string{"m"}) || info.Exports != nil || info.Memory != 0 {
		t.Errorf("got exports %q, %v, memory %d", info.ExportNames, info.Exports, info.Memory)
	}
}

// TestInspectOther is about bytes that are no component.
func TestInspectOther(t *testing.T) {
	for _, wasm := range []string{"", "(component)", layer0, layer1 + "\x01"} {
		if _, err := rt.Inspect([]byte(wasm)); !errors.Is(err, rt.ErrNotComponent) {
			t.Errorf("%q: got %v, want ErrNotComponent", wasm, err)
		}
	}
	m, err := rt.NewModule([]byte(layer0 + sec(5, "\x01\x00\x02") + sec(0, "\x04name\x00\x03\x02it")))
	if err != nil {
		t.Fatal(err)
	}
	if x := m.Info(); x.Name != "it" || x.Custom != 10 || !slices.Equal(x.Memories, []rt.CoreLimits{{Min: 2}}) {
		t.Errorf("module: got %+v", x)
	}
}

// exportsImports is a component without core modules, which exports what it
// imports.
var exportsImports = layer1 + sec(7, "\x01\x40\x00\x01\x00") + sec(10, "\x01\x00\x01f\x01\x00") + sec(11, "\x01\x00\x01g\x01\x00\x00")

// TestInspectRelay looks at a component for which the runtime has a core module
// of its own.
func TestInspectRelay(t *testing.T) {
	info, err := rt.Inspect([]byte(exportsImports))
	if err != nil || info.Err != nil {
		t.Fatal(err, info.Err)
	}
	if len(info.Modules) != 0 || info.Memory != 0 || info.CoreInstances != 1 {
		t.Errorf("%d modules, %d core instances, %d bytes of memory, want 0, 1, 0", len(info.Modules), info.CoreInstances, info.Memory)
	}
}

// FuzzInspect looks for bytes that make Inspect panic, or lose the file.
func FuzzInspect(f *testing.F) {
	for _, guest := range []string{"c/data-processor", "broken/other"} {
		wasm, err := os.ReadFile(guests.Plugin(guest))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wasm)
	}
	f.Add([]byte(exportsImports))
	// Custom sections cut short.
	for _, s := range []string{"\x09producers\x02\x01a\x05", "\x0ecomponent-name\x00\x7f"} {
		f.Add([]byte(layer1 + sec(0, s)))
	}
	f.Fuzz(func(t *testing.T, wasm []byte) {
		info, err := rt.Inspect(wasm)
		if err != nil {
			return
		}
		if len(info.Components) == 0 || info.Components[0].Size != len(wasm) {
			t.Errorf("components: got %+v", info.Components)
		}
	})
}
