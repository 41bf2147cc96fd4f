package core

import (
	"runtime"
	"testing"

	"github.com/tetratelabs/wazero"
)

// throwsAfter is a "run" that calls function 1, adds 1 to g and throws: where
// function 1 leaves a handler behind, that is caught in its finished frame,
// and g is added to again.
func throwsAfter(code string) testModule {
	return handlers(testFunc{name: "run", code: "\x10\x01\x23\x00\x41\x01\x6a\x24\x00\x08\x00"}, testFunc{code: code})
}

// handlers is a module with a tag, and a global g of type i32.
func handlers(funcs ...testFunc) testModule {
	return testModule{
		types:   []string{"\x00\x00"},
		funcs:   funcs,
		tags:    []string{"\x00\x00"},
		globals: []string{"\x7f\x01\x41\x00\x0b"},
		exports: []string{"\x01g\x03\x00"},
	}
}

// faults are modules on which wazero's engines disagree.
var faults = []struct {
	name           string
	m              testModule
	want, compiled int32 // g by the specification, and by the compiler
}{
	// block; try_table (catch_all 0); br 0; end; end
	{"br to the own end", throwsAfter("\x02\x40\x1f\x40\x01\x02\x00\x0c\x00\x0b\x0b"), 1, 2},
	{"br_if to the own end", throwsAfter("\x02\x40\x1f\x40\x01\x02\x00\x41\x01\x0d\x00\x0b\x0b"), 1, 2},
	{"br_table to the own end", throwsAfter("\x02\x40\x1f\x40\x01\x02\x00\x41\x00\x0e\x01\x00\x00\x0b\x0b"), 1, 2},
	{"br_on_null to the own end", throwsAfter("\x02\x40\x1f\x40\x01\x02\x00\xd0\x70\xd5\x00\x1a\x0b\x0b"), 1, 2},
	// block; try_table (result (ref null func)) ... a table entry, br_on_non_null 0; ref.null func; end; drop; end
	{"br_on_non_null to the own end", func() testModule {
		m := throwsAfter("\x02\x40\x1f\x70\x01\x02\x00\x41\x00\x25\x00\xd6\x00\xd0\x70\x0b\x1a\x0b")
		m.tables, m.elems = []string{"\x70\x00\x01"}, []string{"\x00\x41\x00\x0b\x01\x00"}
		return m
	}(), 1, 2},
	// block; try_table (catch_all 0); i32.const 0; br_table 1; end; end
	{"br_table without a vector", throwsAfter("\x02\x40\x1f\x40\x01\x02\x00\x41\x00\x0e\x00\x01\x0b\x0b"), 1, 2},
	// block; try_table (catch_all 0); try_table (catch_all 1); throw 0; end; end; end
	{"catch clause out of an outer try_table", throwsAfter("\x02\x40\x1f\x40\x01\x02\x00\x1f\x40\x01\x02\x01\x08\x00\x0b\x0b\x0b"), 1, 2},
	// block; try_table (catch_all 0); try_table (catch_all 0); throw 0; end; end; end
	{"catch clause to the end of an outer try_table", throwsAfter("\x02\x40\x1f\x40\x01\x02\x00\x1f\x40\x01\x02\x00\x08\x00\x0b\x0b\x0b"), 1, 2},
	// block; try_table (catch_all 0); try_table; end; throw 0; end; end; g = 1
	{"no clauses", handlers(testFunc{name: "run", code: "\x02\x40\x1f\x40\x01\x02\x00\x1f\x40\x00\x0b\x08\x00\x0b\x0b\x41\x01\x24\x00"}), 1, 0},
	// local 0 = 1; block; try_table (catch_all 0); local 0 = 2; throw 0; end; end; g = local 0
	{"local set before a throw", handlers(testFunc{name: "run", locals: "\x01\x7f", groups: 1,
		code: "\x41\x01\x21\x00\x02\x40\x1f\x40\x01\x02\x00\x41\x02\x21\x00\x08\x00\x0b\x0b\x20\x00\x24\x00"}), 2, 1},
}

// runHandlers runs a module and returns g, and how it ended.
func runHandlers(t *testing.T, config wazero.RuntimeConfig, module []byte) (int32, string) {
	t.Helper()
	mod, err := newWorld(t, config).InstantiateWithConfig(t.Context(), module, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatal(err)
	}
	_, err = mod.ExportedFunction("run").Call(t.Context())
	return int32(mod.ExportedGlobal("g").Get()), sameError(err)
}

// compiles reports whether wazero has a compiler here.
func compiles() bool {
	switch runtime.GOOS {
	case "linux", "darwin", "freebsd", "netbsd", "windows":
		return runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64"
	}
	return false
}

// TestHandlerFaults shows what wazero's compiler gets wrong. Where it no longer
// does, sinking handlers is less needed than it was.
func TestHandlerFaults(t *testing.T) {
	for _, tt := range faults {
		if g, _ := runHandlers(t, wazero.NewRuntimeConfigInterpreter(), tt.m.bytes()); g != tt.want {
			t.Errorf("%s: the interpreter gives %d, want %d", tt.name, g, tt.want)
		}
		if !compiles() {
			continue
		}
		switch g, _ := runHandlers(t, wazero.NewRuntimeConfigCompiler(), tt.m.bytes()); g {
		case tt.compiled:
		case tt.want:
			t.Errorf("%s: the compiler gives %d now, which is right: see whether handlers still have to be sunk", tt.name, g)
		default:
			t.Errorf("%s: the compiler gives %d, want %d, which is wrong, or %d", tt.name, g, tt.compiled, tt.want)
		}
	}
}

// TestSink runs the same modules as they are left by Instrument.
func TestSink(t *testing.T) {
	for _, tt := range faults {
		in, err := Instrument(tt.m.bytes(), Options{unaccounted: true})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		_, want := runHandlers(t, wazero.NewRuntimeConfigInterpreter(), tt.m.bytes())
		for _, e := range engines {
			if g, end := runHandlers(t, e.config(), in.Wasm); g != tt.want || end != want {
				t.Errorf("%s: the %s gives %d, %s, want %d, %s", tt.name, e.name, g, end, tt.want, want)
			}
		}
	}
}
