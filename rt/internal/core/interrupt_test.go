package core

import (
	"context"
	"errors"
	"math"
	"runtime"
	"testing"
	"time"
	"weak"
)

// spinners are modules with a function "run" that does not end by itself, or
// not soon.
var spinners = map[string]testModule{
	"loop": {
		types: []string{"\x00\x00"},
		funcs: []testFunc{{name: "run", code: "\x03\x40\x0c\x00\x0b"}},
	},
	"loop with parameters and results": {
		types: []string{"\x00\x00", "\x02\x7f\x7e\x02\x7f\x7e"},
		funcs: []testFunc{{name: "run", code: "\x41\x01\x42\x02\x03\x01\x0c\x00\x0b\x1a\x1a"}},
	},
	"loop in unreachable code's neighbourhood": {
		types: []string{"\x00\x00"},
		funcs: []testFunc{{name: "run", code: "\x02\x40\x0c\x00\x03\x40\x0c\x00\x0b\x0b\x03\x40\x0c\x00\x0b"}},
	},
	"loop by br_table": {
		types: []string{"\x00\x00"},
		funcs: []testFunc{{name: "run", code: "\x02\x40\x03\x40\x41\x00\x0e\x02\x00\x00\x01\x0b\x0b"}},
	},
	"exponential calls": {
		types: []string{"\x01\x7f\x00", "\x00\x00"},
		funcs: []testFunc{
			{name: "run", typ: 1, code: "\x41\xe4\x00\x10\x01"},                                            // 100 deep
			{typ: 0, code: "\x20\x00\x45\x0d\x00\x20\x00\x41\x01\x6b\x10\x01\x20\x00\x41\x01\x6b\x10\x01"}, // twice
		},
	},
	"mutual tail calls": {
		types: []string{"\x00\x00"},
		funcs: []testFunc{{name: "run", code: "\x12\x01"}, {code: "\x12\x00"}},
	},
	"indirect tail calls": {
		types:  []string{"\x00\x00"},
		funcs:  []testFunc{{name: "run", code: "\x41\x00\x13\x00\x00"}},
		tables: []string{"\x70\x00\x01"},
		elems:  []string{"\x00\x41\x00\x0b\x01\x00"},
	},
	"tail calls by reference": {
		types: []string{"\x00\x00"},
		funcs: []testFunc{{name: "run", code: "\xd2\x00\x15\x00"}},
		elems: []string{"\x03\x00\x01\x00"},
	},
	"mutual recursion through references": {
		types: []string{"\x01\x7f\x00", "\x00\x00"},
		funcs: []testFunc{
			{name: "run", typ: 1, code: "\x41\xe4\x00\x10\x01"},
			{typ: 0, code: "\x20\x00\x45\x0d\x00\x20\x00\x41\x01\x6b\xd2\x02\x14\x00\x20\x00\x41\x01\x6b\xd2\x02\x14\x00"},
			{typ: 0, code: "\x20\x00\x45\x0d\x00\x20\x00\x41\x01\x6b\x10\x01\x20\x00\x41\x01\x6b\x10\x01"},
		},
		elems: []string{"\x03\x00\x01\x02"},
	},
	"memory.fill in a loop": {
		types:    []string{"\x00\x00"},
		funcs:    []testFunc{{name: "run", code: "\x03\x40\x41\x00\x41\x01\x3f\x00\x41\x10\x74\xfc\x0b\x00\x0c\x00\x0b"}},
		memories: []string{"\x01\x20\x20"}, // 2 MiB
	},
	"memory.copy in a loop": {
		types:    []string{"\x00\x00"},
		funcs:    []testFunc{{name: "run", code: "\x03\x40\x41\x00\x41\x01\x3f\x00\x41\x10\x74\x41\x01\x6b\xfc\x0a\x00\x00\x0c\x00\x0b"}},
		memories: []string{"\x01\x20\x20"},
	},
	"memory.grow in a loop": {
		types:    []string{"\x00\x00"},
		funcs:    []testFunc{{name: "run", code: "\x03\x40\x41\x01\x40\x00\x1a\x0c\x00\x0b"}},
		memories: []string{"\x01\x01\x40"},
	},
	"table.grow in a loop": {
		types:  []string{"\x00\x00"},
		funcs:  []testFunc{{name: "run", code: "\x03\x40\xd0\x70\x41\x80\x80\x08\xfc\x0f\x00\x1a\x0c\x00\x0b"}}, // 2^17
		tables: []string{"\x70\x00\x01"},
	},
	"table.fill in a loop": {
		types:  []string{"\x00\x00"},
		funcs:  []testFunc{{name: "run", code: "\x03\x40\x41\x00\xd0\x70\xfc\x10\x00\xfc\x11\x00\x0c\x00\x0b"}},
		tables: []string{"\x70\x00\x80\x80\x04"}, // 2^16
	},
	"table.copy in a loop": {
		types:  []string{"\x00\x00"},
		funcs:  []testFunc{{name: "run", code: "\x03\x40\x41\x00\x41\x00\xfc\x10\x00\xfc\x0e\x00\x00\x0c\x00\x0b"}},
		tables: []string{"\x70\x00\x80\x80\x04"},
	},
	// loop; try_table (catch_all 0: the loop); throw; end; end
	"exception loop": {
		types: []string{"\x00\x00"},
		funcs: []testFunc{{name: "run", code: "\x03\x40\x1f\x40\x01\x02\x00\x08\x00\x0b\x0b"}},
		tags:  []string{"\x00\x00"},
	},
	// What catches everything does not catch the end: loop; try_table
	// (catch_all 0); loop; br 0; end; end; end
	"loop inside of catch_all": {
		types: []string{"\x00\x00"},
		funcs: []testFunc{{name: "run", code: "\x03\x40\x1f\x40\x01\x02\x00\x03\x40\x0c\x00\x0b\x0b\x0b"}},
	},
	// The same around a call.
	"call inside of catch_all": {
		types: []string{"\x00\x00"},
		funcs: []testFunc{
			{name: "run", code: "\x03\x40\x1f\x40\x01\x02\x00\x10\x01\x0b\x0c\x00\x0b"},
			{code: "\x03\x40\x0c\x00\x0b"},
		},
	},
}

// TestInterrupt ends each module when its fuel is spent, after the same fuel
// on every engine, in whatever slices it comes.
func TestInterrupt(t *testing.T) {
	for name, m := range spinners {
		t.Run(name, func(t *testing.T) {
			used := map[int64]bool{}
			for _, e := range engines {
				for _, slice := range []int64{999, math.MaxInt64 / 2} {
					w := newWorld(t, e.config())
					meter := &meter{budget: 200_000, slice: slice}
					mod, err := w.instrumented(m.bytes(), meter)
					if err != nil {
						t.Fatal(err)
					}
					begin := time.Now()
					if _, err := mod.ExportedFunction("run").Call(t.Context()); !errors.Is(err, errSpent) {
						t.Errorf("%s: got %v, want %v", e.name, err, errSpent)
					}
					if d := time.Since(begin); d > 20*time.Second {
						t.Errorf("%s: took %v", e.name, d)
					}
					used[meter.used()] = true
				}
			}
			if len(used) != 1 {
				t.Errorf("consumed fuel differs: %v", used)
			}
			for u := range used {
				if u <= 200_000 {
					t.Errorf("ended after %d units of 200,000", u)
				}
			}
		})
	}
}

// TestInterruptCaller calls the host on the caller's goroutine, with the
// context of the call and the instance that ran out of fuel.
func TestInterruptCaller(t *testing.T) {
	for _, e := range engines {
		w := newWorld(t, e.config())
		meter := &meter{budget: 10}
		mod, err := w.instrumented(spinners["loop"].bytes(), meter)
		if err != nil {
			t.Fatal(err)
		}
		type key struct{}
		ctx := context.WithValue(t.Context(), key{}, "mine")
		if _, err := mod.ExportedFunction("run").Call(ctx); !errors.Is(err, errSpent) {
			t.Fatal(err)
		}
		if got := meter.ctx.Value(key{}); got != "mine" {
			t.Errorf("%s: the host has another context", e.name)
		}
		if got := meter.from.Name(); got != mod.Name() || got == "" {
			t.Errorf("%s: called by %q, want %q", e.name, got, mod.Name())
		}
	}
}

// TestInterruptStart ends an endless start function.
func TestInterruptStart(t *testing.T) {
	m := spinners["loop"]
	m.start = 1
	for _, e := range engines {
		if _, err := newWorld(t, e.config()).instrumented(m.bytes(), &meter{budget: 1000, slice: 100}); !errors.Is(err, errSpent) {
			t.Errorf("%s: got %v, want %v", e.name, err, errSpent)
		}
	}
}

// TestInterruptNull calls a module whose reference to the host is not set.
func TestInterruptNull(t *testing.T) {
	for _, e := range engines {
		in := again(t, spinners["loop"].bytes(), Options{Interrupt: true})
		mod, err := newWorld(t, e.config()).Instantiate(t.Context(), in.Wasm)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := mod.ExportedFunction("run").Call(t.Context()); err == nil {
			t.Errorf("%s: runs on nothing", e.name)
		}
	}
}

// TestInterruptFreed drops an instance while the function that it can call
// stays: its memory goes with it.
func TestInterruptFreed(t *testing.T) {
	m := spinners["loop"]
	m.memories = []string{"\x01\x01\x01"}
	for _, e := range engines {
		w, meter := newWorld(t, e.config()), &meter{}
		mod, err := w.instrumented(m.bytes(), meter)
		if err != nil {
			t.Fatal(err)
		}
		data, _ := mod.Memory().Read(0, 1)
		kept := weak.Make(&data[0])
		if err := mod.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		mod, data, meter.fuel = nil, nil, nil
		for range 3 {
			runtime.GC()
		}
		if kept.Value() != nil {
			t.Errorf("%s: the memory of a closed instance is kept", e.name)
		}
	}
}

// TestFuelLength holds the fuel of one bulk instruction: all of the code
// around it costs the same.
func TestFuelLength(t *testing.T) {
	run := func(code string, n uint64) (int64, error) {
		var used []int64
		var last error
		for _, e := range engines {
			m := testModule{
				types:    []string{"\x01\x7f\x00"},
				funcs:    []testFunc{{name: "run", code: code}},
				memories: []string{"\x01\x10\x20"}, // 16 pages, at most 32
				tables:   []string{"\x70\x00\x64"},
				elems:    []string{"\x01\x00\x02\x00\x00"},
				data:     []string{"\x01\x20" + "0123456789abcdef0123456789abcdef"},
			}
			meter := &meter{budget: math.MaxInt64, slice: 1_000_000}
			mod, err := newWorld(t, e.config()).instrumented(m.bytes(), meter)
			if err != nil {
				t.Fatal(err)
			}
			_, last = mod.ExportedFunction("run").Call(t.Context(), n)
			used = append(used, meter.used())
		}
		if used[0] != used[1] {
			t.Errorf("% x with %d: engines consume %v", code, n, used)
		}
		return used[0], last
	}
	tests := []struct {
		name, code string
		n          uint64
		want       int64
		traps      bool
	}{
		{"memory.fill", "\x41\x00\x41\x00\x20\x00\xfc\x0b\x00", 800, 100, false},
		{"memory.fill too long", "\x41\x00\x41\x00\x20\x00\xfc\x0b\x00", math.MaxUint32, math.MaxUint32 / 8, true},
		{"memory.copy", "\x41\x00\x41\x10\x20\x00\xfc\x0a\x00\x00", 80_000, 10_000, false},
		{"memory.init", "\x41\x00\x41\x00\x20\x00\xfc\x08\x00\x00", 32, 4, false},
		{"table.fill", "\x41\x00\xd0\x70\x20\x00\xfc\x11\x00", 100, 100, false},
		{"table.copy", "\x41\x00\x41\x01\x20\x00\xfc\x0e\x00\x00", 99, 99, false},
		{"table.init", "\x41\x00\x41\x00\x20\x00\xfc\x0c\x00\x00", 2, 2, false},
		{"table.grow", "\xd0\x70\x20\x00\xfc\x0f\x00\x1a", 1000, 1000, false},
		{"memory.grow", "\x20\x00\x40\x00\x1a", 2, 2 * 8192, false},
		{"memory.grow refused", "\x20\x00\x40\x00\x1a", 17, 0, false},
		{"memory.grow refused, too long", "\x20\x00\x40\x00\x1a", math.MaxUint32, 0, false},
	}
	for _, tt := range tests {
		none, err := run(tt.code, 0)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		got, err := run(tt.code, tt.n)
		if (err != nil) != tt.traps {
			t.Errorf("%s: got error %v, want one: %t", tt.name, err, tt.traps)
		}
		if got-none != tt.want {
			t.Errorf("%s: a length of %d consumes %d, want %d", tt.name, tt.n, got-none, tt.want)
		}
	}
}
