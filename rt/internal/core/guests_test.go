package core

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt/internal/binary"
)

// TestInstrumentReal instruments the core modules of all components there
// are. What wazero compiles it still compiles, and functions keep their names.
func TestInstrumentReal(t *testing.T) {
	w := newWorld(t, wazero.NewRuntimeConfigInterpreter())
	modules, checks, before, after := 0, 0, 0, 0
	for _, pattern := range []string{
		"../../../examples/*/guests/*/*.wasm", "../../../golden/*/testdata/*.wasm", "../../../../shared/spec/*/*.wasm",
	} {
		files, _ := filepath.Glob(pattern)
		if len(files) == 0 {
			t.Logf("nothing at %s", pattern)
		}
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
				plain, err := Rename(cm.Bytes, bindings(cm.Module))
				if err != nil {
					t.Fatal(err)
				}
				in, err := Instrument(plain, Options{Interrupt: true})
				a, plainErr := compile(w, plain)
				if err != nil {
					if plainErr == nil {
						t.Errorf("%s at %#x: %v", file, cm.Pos(), err)
					}
					continue
				}
				b, checkedErr := compile(w, in.Wasm)
				if (plainErr == nil) != (checkedErr == nil) {
					t.Errorf("%s at %#x: compiling gives error %v without, %v with checks", file, cm.Pos(), plainErr, checkedErr)
				}
				if plainErr != nil || checkedErr != nil {
					continue
				}
				for name, f := range a.ExportedFunctions() {
					if g := b.ExportedFunctions()[name]; g == nil || g.DebugName() != f.DebugName() || g.Index() != f.Index() {
						t.Errorf("%s at %#x: function %q is another", file, cm.Pos(), name)
					}
				}
				modules++
				checks += in.Checks
				before += len(plain)
				after += len(in.Wasm)
			}
		}
	}
	if modules == 0 {
		t.Fatal("no components: those of the examples are in the repository")
	}
	t.Logf("%d modules, %d checks, %d bytes became %d", modules, checks, before, after)
}

// A guest is a plugin of examples/plugins that wants nothing of its host, or
// WASI 0.1 at most.
type guest struct {
	api.Module
	t       testing.TB
	realloc api.Function
	process api.Function
	release api.Function
	meter   *meter
}

// pluginModules are the main core modules of such plugins.
func pluginModules(t testing.TB) map[string][]byte {
	found := map[string][]byte{}
	for _, lang := range []string{"c", "rust", "go"} {
		wasm, err := os.ReadFile(guests.Plugin(lang + "/image-processor"))
		if err != nil {
			t.Fatal(err)
		}
		c, err := binary.Decode(wasm)
		if err != nil {
			t.Fatal(err)
		}
		found[lang] = coreModules(c)[0].Bytes
	}
	return found
}

func newGuest(w *world, module []byte, checked bool) *guest {
	w.t.Helper()
	ctx := context.Background()
	g := &guest{t: w.t, meter: &meter{budget: math.MaxInt64, slice: 1_000_000}}
	var err error
	if checked {
		g.Module, err = w.instrumented(module, g.meter)
	} else {
		g.Module, err = w.InstantiateWithConfig(ctx, module, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	}
	if err != nil {
		w.t.Fatal(err)
	}
	const prefix = "witgen:plugins/plugin-api@0.1.0#process"
	g.realloc, g.process, g.release = g.ExportedFunction("cabi_realloc"), g.ExportedFunction(prefix), g.ExportedFunction("cabi_post_"+prefix)
	if f := g.ExportedFunction("_initialize"); f != nil {
		g.call(f)
	}
	return g
}

func (g *guest) call(f api.Function, args ...uint64) uint64 {
	r, err := f.Call(context.Background(), args...)
	if err != nil {
		g.t.Fatal(err)
	}
	if len(r) == 0 {
		return 0
	}
	return r[0]
}

// work has the guest process an input.
func (g *guest) work(input string) string {
	p := g.call(g.realloc, 0, 0, 1, uint64(len(input)))
	g.Memory().Write(uint32(p), []byte(input))
	r := uint32(g.call(g.process, p, uint64(len(input)), 0, 0))
	at, _ := g.Memory().ReadUint32Le(r)
	n, _ := g.Memory().ReadUint32Le(r + 4)
	out, ok := g.Memory().Read(at, n)
	if !ok {
		g.t.Fatal("output is outside of memory")
	}
	text := string(out)
	g.call(g.release, uint64(r))
	return text
}

// TestInstrumentGuests runs plugins without and with checks on both engines,
// the large one on the compiler: they answer the same, and consume the same
// fuel.
func TestInstrumentGuests(t *testing.T) {
	input := strings.Repeat("image ", 1000)
	for lang, module := range pluginModules(t) {
		var used []int64
		for _, e := range engines {
			if lang == "go" && e.name != "compiler" {
				continue
			}
			w := newWorld(t, e.config())
			wasi_snapshot_preview1.MustInstantiate(t.Context(), w)
			plain, checked := newGuest(w, module, false), newGuest(w, module, true)
			for range 3 {
				want := plain.work(input)
				if got := checked.work(input); got != want || len(got) < 10 {
					t.Errorf("%s on the %s: got %.80q with checks, %.80q without", lang, e.name, got, want)
				}
			}
			used = append(used, checked.meter.used())
		}
		if used[0] != used[len(used)-1] {
			t.Errorf("%s: engines consume %v", lang, used)
		}
		if slices.Min(used) < 100 {
			t.Errorf("%s: consumed %v", lang, used)
		}
	}
}

// TestInstrumentCustom keeps what custom sections hold.
func TestInstrumentCustom(t *testing.T) {
	for lang, module := range pluginModules(t) {
		m, err := binary.DecodeModule(module)
		if err != nil {
			t.Fatal(err)
		}
		in := again(t, module, Options{Interrupt: true})
		got, err := binary.DecodeModule(in.Wasm)
		if err != nil {
			t.Fatal(err)
		}
		var was, is []string
		for _, s := range m.Sections {
			if s.ID == binary.ModuleCustom && !strings.HasPrefix(s.Name, ".debug_") {
				was = append(was, string(s.Body.Of(module)))
			}
		}
		for _, s := range got.Sections {
			if s.ID == binary.ModuleCustom {
				is = append(is, string(s.Body.Of(in.Wasm)))
			}
		}
		if !slices.Equal(was, is) {
			t.Errorf("%s: custom sections are others", lang)
		}
		for _, s := range m.Sections {
			switch s.ID {
			case binary.ModuleImport, binary.ModuleMemory, binary.ModuleElement, binary.ModuleData, binary.ModuleDataCount:
				if now, ok := got.Section(s.ID); !ok || !bytes.Equal(now.Body.Of(in.Wasm), s.Body.Of(module)) {
					t.Errorf("%s: section %d changed", lang, s.ID)
				}
			}
		}
	}
}
