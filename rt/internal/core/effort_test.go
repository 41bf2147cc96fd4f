package core

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
)

// pieces returns a piece of code n times; a # is the number of each, encoded.
func pieces(n int, piece string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(piece, "#", string(appendU32(nil, uint32(i)))))
	}
	return b.String()
}

// costly are modules that take more to compile the larger n is, and more than in
// proportion.
var costly = []struct {
	name          string
	fits, exceeds int // n
	make          func(n int) testModule
	want          string
}{
	{"blocks in blocks", 5000, 15_000, withCode("", func(n int) string { return pieces(n, "\x02\x40") + pieces(n, "\x0b") }), "branches"},
	{"blocks after blocks", 3000, 10_000, withCode("", func(n int) string { return pieces(n, "\x02\x40\x20\x00\x0d\x00\x0b") }), "branches"},
	{"loops in loops", 1000, 10_000, withCode("", func(n int) string { return pieces(n, "\x03\x40") + pieces(n, "\x20\x00\x0d\x00\x0b") }), "branches"},
	{"ifs after ifs", 2000, 10_000, withCode("", func(n int) string { return pieces(n, "\x20\x00\x04\x40\x01\x0b") }), "branches"},
	{"long br_table", 25_000, 60_000, withCode("", func(n int) string {
		return "\x20\x00\x0e" + string(appendU32(nil, uint32(n))) + pieces(n, "\x00") + "\x00"
	}), "branches"},
	{"loops in loops that set locals", 100, 400, func(n int) testModule {
		return withCode(string(appendU32(nil, uint32(n))), func(n int) string {
			return pieces(n, "\x03\x40") + pieces(n, "\x20#\x41\x01\x6a\x21#") + pieces(n, "\x20\x00\x0d\x00\x0b")
		})(n)
	}, "branches"},
	{"locals and ifs", 100, 3000, func(n int) testModule {
		return withCode(string(appendU32(nil, uint32(n))), func(n int) string { return pieces(n, "\x20#\x04\x40\x20\x00\x21#\x0b") + pieces(n, "\x20#\x1a") })(n)
	}, "branches"},
	{"blocks with 1,000 operands", 3, 100, func(n int) testModule {
		return withCode("", func(n int) string { return "\x10\x02" + pieces(n, "\x02\x02\x0b") + pieces(1000, "\x1a") })(n)
	}, "branches"},
	{"branches with 1,000 operands", 3, 100, func(n int) testModule {
		return withCode("", func(n int) string {
			return "\x10\x02\x02\x02" + pieces(n, "\x41\x00\x0d\x00") + "\x0b" + pieces(1000, "\x1a")
		})(n)
	}, "branches"},
	{"handlers", 100, 3000, withCode("", func(n int) string { return pieces(n, "\x1f\x40\x01\x02\x00\x10\x01\x0b") }), "branches"},
	{"fills", 500, 3000, withCode("", func(n int) string { return pieces(n, "\x20\x00\x20\x00\x20\x00\xfc\x0b\x00") }), "branches"},
	{"calls with 1,000 operands", 100, 2000, withCode("", func(n int) string { return "\x10\x02" + pieces(n, "\x10\x03") + pieces(1000, "\x1a") }), "calls in a function"},
	{"indirect calls", 5000, 30_000, withCode("", func(n int) string { return pieces(n, "\x41\x00\x11\x01\x00") }), "calls in a function"},
	{"a long function", 100_000, 600_000, withCode("", func(n int) string { return pieces(n, "\x01\x01") }), "instructions"},
	{"divisions", 10_000, 70_000, withCode("", func(n int) string { return pieces(n, "\x20\x00\x20\x00\x6d\x1a") }), "calls in a function"},
	{"references", 10_000, 130_000, func(n int) testModule {
		m := withCode("", func(n int) string { return pieces(n, "\xd2\x01\x1a") })(n)
		m.elems = []string{"\x03\x00\x01\x01"}
		return m
	}, "calls in a function"},
	{"truncations", 10_000, 70_000, withCode("", func(n int) string { return pieces(n, "\x43\x00\x00\x00\x00\xa8\x1a") }), "calls in a function"},
	{"globals and calls", 500, 4000, func(n int) testModule {
		m := withCode("", func(n int) string { return pieces(n, "\x10\x01") })(n)
		for range n {
			m.globals = append(m.globals, "\x7f\x01\x41\x00\x0b")
		}
		return m
	}, "globals after calls in a function"},
	{"locals of many functions", 10, 30, func(n int) testModule {
		m := withCode("", func(int) string { return "" })(n)
		for range n {
			m.funcs = append(m.funcs, testFunc{typ: 1, locals: "\xcf\x86\x03\x7f", groups: 1})
		}
		return m
	}, "locals"},
	{"functions and exports", 1000, 15_000, func(n int) testModule {
		m := withCode("", func(int) string { return "" })(n)
		for i := range n {
			m.funcs = append(m.funcs, testFunc{typ: 1, name: fmt.Sprint("f", i)})
		}
		return m
	}, "exports of functions"},
	{"functions and globals", 1000, 15_000, func(n int) testModule {
		m := withCode("", func(int) string { return "" })(n)
		for range n {
			m.funcs = append(m.funcs, testFunc{typ: 1})
			m.globals = append(m.globals, "\x7f\x00\x41\x00\x0b")
		}
		return m
	}, "globals"},
	{"functions and types", 1000, 15_000, func(n int) testModule {
		m := withCode("", func(int) string { return "" })(n)
		for range n {
			m.funcs = append(m.funcs, testFunc{typ: 1})
			m.types = append(m.types, "\x00\x00")
		}
		return m
	}, "types"},
}

// withCode is a module whose function 0 is of type (i32) -> (), with the code and
// so many locals more. Function 1 does nothing, 2 returns 1,000 numbers, and 3
// takes and returns as many.
func withCode(locals string, code func(n int) string) func(n int) testModule {
	return func(n int) testModule {
		numbers := "\xe8\x07" + strings.Repeat("\x7f", 1000)
		f := testFunc{name: "f", code: code(n)}
		if locals != "" {
			f.locals, f.groups = locals+"\x7f", 1
		}
		return testModule{
			types: []string{"\x01\x7f\x00", "\x00\x00", numbers + numbers, "\x00" + numbers},
			funcs: []testFunc{f, {typ: 1}, {typ: 3, code: strings.Repeat("\x41\x00", 1000)},
				{typ: 2, code: pieces(1000, "\x20#")}},
			tables:   []string{"\x70\x00\x01"},
			memories: []string{"\x00\x01"},
			tags:     []string{"\x00\x01"},
		}
	}
}

// TestEffort lets pass what does not take long to compile, which wazero then does
// with memory in proportion, and refuses what does, without trying.
func TestEffort(t *testing.T) {
	for _, tt := range costly {
		small, large := tt.make(tt.fits).bytes(), tt.make(tt.exceeds).bytes()
		in, err := Instrument(small, Options{Interrupt: true, Stack: true})
		if err != nil {
			t.Errorf("%s, %d: %v", tt.name, tt.fits, err)
			continue
		}
		w := newWorld(t, wazero.NewRuntimeConfigCompiler())
		if n := allocated(func() { _, err = compile(w, in.Wasm) }); err != nil || n > 128<<20 {
			t.Errorf("%s, %d: %d bytes make wazero allocate %d MiB, error %v", tt.name, tt.fits, len(small), n>>20, err)
		}
		n := allocated(func() { _, err = Instrument(large, Options{Interrupt: true, Stack: true}) })
		if err == nil || !strings.Contains(err.Error(), "too much to compile: ") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s, %d: got %v, want %q", tt.name, tt.exceeds, err, tt.want)
		}
		if n > 32<<20+uint64(500*len(large)) {
			t.Errorf("%s, %d: %d bytes make us allocate %d MiB", tt.name, tt.exceeds, len(large), n>>20)
		}
		if _, err := Instrument(large, Options{Interrupt: true, Stack: true, Allowance: NewAllowance(int64(len(large)), 1<<20)}); err != nil {
			t.Errorf("%s, %d, is refused for another reason: %v", tt.name, tt.exceeds, err)
		}
	}
}

// allocated is how many bytes are allocated while f runs.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestAllowance shares an allowance among modules.
func TestAllowance(t *testing.T) {
	module := costly[0].make(9000).bytes()
	a := NewAllowance(int64(len(module)), 1)
	if _, err := Instrument(module, Options{Allowance: a}); err != nil {
		t.Error(err)
	}
	if _, err := Instrument(module, Options{Allowance: a}); err == nil {
		t.Error("the second module has what the first one took")
	}
	a = NewAllowance(int64(len(module)), 2)
	for range 2 {
		if _, err := Instrument(module, Options{Allowance: a}); err != nil {
			t.Error(err)
		}
	}
}
