package core

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/witgen/witgen/rt/internal/binary"
)

// FuzzInstrument instruments arbitrary bytes. It does not panic, and wazero
// takes the result if and only if it takes the input. Then every function that
// is exported ends when its fuel is spent.
func FuzzInstrument(f *testing.F) {
	for _, m := range spinners {
		f.Add(m.bytes())
	}
	f.Add([]byte(importer))
	f.Add([]byte(provider))
	f.Add(benchCall.bytes())
	f.Add(movers.bytes())
	for _, tt := range faults {
		f.Add(tt.m.bytes())
	}
	f.Fuzz(func(t *testing.T, module []byte) {
		in, err := Instrument(module, Options{Interrupt: true})
		if err != nil {
			// Where it is the code of a function that is refused, the number of
			// everything is known to be in proportion. wazero allocates for
			// any number, of locals too.
			if inFunction.MatchString(err.Error()) && !strings.Contains(err.Error(), "locals") {
				w := newWorld(t, wazero.NewRuntimeConfigInterpreter())
				if _, plainErr := compile(w, module); plainErr == nil && !stricter(err) {
					t.Errorf("wazero takes what is refused: %v", err)
				}
			}
			return
		}
		if again(t, module, Options{Interrupt: true}); len(in.Wasm) > 500+40*len(module)+11*maxClauses(len(module)) {
			t.Errorf("%d bytes became %d", len(module), len(in.Wasm))
		}
		w := newWorld(t, wazero.NewRuntimeConfigInterpreter().WithMemoryLimitPages(16))
		_, plainErr := compile(w, module)
		_, sunkErr := compile(w, again(t, module, Options{unaccounted: true}).Wasm)
		if (plainErr == nil) != (sunkErr == nil) {
			t.Fatalf("compiling gives error %v as it is, %v with handlers sunk", plainErr, sunkErr)
		}
		_, checkedErr := compile(w, in.Wasm)
		if (plainErr == nil) != (checkedErr == nil) {
			t.Fatalf("compiling gives error %v without, %v with checks", plainErr, checkedErr)
		}
		if plainErr == nil && in.Checks > 0 {
			spend(t, w, module, in)
		}
	})
}

var inFunction = regexp.MustCompile(`: function \d+: `)

// large reports whether a module has large tables.
func large(m *binary.Module) bool {
	for _, t := range m.Tables {
		if t.Limits.Min > 10_000 {
			return true
		}
	}
	return false
}

// stricter reports whether an error is about something that wazero lets pass.
func stricter(err error) bool {
	for _, text := range []string{
		"integer",                    // longer encodings of negative numbers, unused bits
		"reference to the exception", // which it does not keep
		"try_tables nested", "catch clauses",
	} {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}

// spend calls all that a module without imports exports.
func spend(t *testing.T, w *world, module []byte, in *Instrumented) {
	m, err := binary.DecodeModule(module)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Imports) > 0 || large(m) {
		return
	}
	meter := &meter{budget: 100_000, slice: 1000}
	mod, err := w.instrumented(module, meter)
	if err != nil {
		return
	}
	for name, def := range mod.ExportedFunctionDefinitions() {
		if name == in.Start || len(name) > 0 && name[0] == '$' {
			continue
		}
		args := make([]uint64, len(def.ParamTypes())*2)
		n := 0
		for _, p := range def.ParamTypes() {
			if n++; p == 0x7b { // v128
				n++
			}
		}
		begin := time.Now()
		_, err := mod.ExportedFunction(name).Call(context.Background(), args[:n]...)
		if d := time.Since(begin); d > 5*time.Second {
			t.Errorf("%s took %v", name, d)
		}
		if used := meter.used(); err == nil && used > meter.budget || errors.Is(err, errSpent) && used <= meter.budget {
			t.Errorf("%s: consumed %d of %d, %v", name, used, meter.budget, err)
		}
	}
}
