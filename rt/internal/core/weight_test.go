package core

import (
	"math"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/internal/binary"
)

// TestWeight recurses until wazero's compiler has no stack left, which is when one
// of 50 MB or more is full: what the functions on it weigh is half of that at
// least, however they are made, and with what checks take.
func TestWeight(t *testing.T) {
	if !compiles() || testing.Short() {
		t.Skip("takes some 100 MB for each function")
	}
	const least = 50_000_000
	number := func(n int) string { return string(appendU32(nil, uint32(n))) }
	each := func(n int, code string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(code, "#", number(i)))
		}
		return b.String()
	}
	const self = "\x10\x00"
	loops := strings.Repeat("\x03\x40", 50) + each(50, "\x20#\x42\x01\x7c\x21#") + self + // local = local + 1
		strings.Repeat("\x10\x01\xa7\x0d\x00\x0b", 50) + each(50, "\x20#\x24\x01")
	blocks := strings.Repeat("\x02\x40", 50) + each(50, "\x10\x01\x21#\x10\x01\xa7\x0d#") + self +
		strings.Repeat("\x0b", 50) + self + each(50, "\x20#\x24\x01")
	const operands = "\x20\x00\x20\x01\x20\x02" // three
	tests := []struct {
		name, code string
		locals     string
	}{
		{"nothing", self, ""},
		{"locals that are not used", self, "\x80\x08\x7e"}, // 1024
		{"locals", each(100, "\x10\x01\x21#") + self + each(100, "\x20#\x24\x01"), "\x64\x7e"},
		{"a local set often", strings.Repeat("\x10\x01\x22\x00\x21\x01"+self+"\x20\x00\x24\x01\x20\x01\x24\x01", 100), "\x02\x7e"},
		{"operands", strings.Repeat("\x10\x01", 100) + self + strings.Repeat("\x24\x01", 100), ""},
		{"operands that are vectors", strings.Repeat("\x41\x00\xfd\x00\x00\x00", 100) + self + strings.Repeat("\x24\x02", 100), ""},
		{"operands without a call", strings.Repeat("\x41\x00\x29\x00\x00", 100) + strings.Repeat("\x24\x01", 100) + self, ""},
		{"results of blocks", strings.Repeat("\x02\x7e\x10\x01\x10\x01\xa7\x0d\x00\x1a\x10\x01\x0b", 100) + self + strings.Repeat("\x24\x01", 100), ""},
		{"loops in loops", loops, "\x32\x7e"},
		{"blocks in blocks", blocks, "\x32\x7e"},
		{"parameters", each(100, "\x42\x07") + "\x10\x02" + self, ""},
		{"fills", strings.Repeat(operands+"\xfc\x0b\x00", 100) + self, "\x03\x7f"},
		{"fills of constant length", strings.Repeat("\x20\x00\x20\x01\x41\x20\xfc\x0b\x00", 100) + self, "\x02\x7f"},
		{"copies", strings.Repeat(operands+"\xfc\x0a\x00\x00", 100) + self, "\x03\x7f"},
		{"fills of a table", strings.Repeat("\x20\x00\xd0\x70\x20\x01\xfc\x11\x00", 100) + self, "\x02\x7f"},
		{"copies of a table", strings.Repeat(operands+"\xfc\x0e\x00\x00", 100) + self, "\x03\x7f"},
		{"results", "\x10\x03" + strings.Repeat("\x24\x01", 100) + self, ""},
	}
	for _, tt := range tests {
		f := testFunc{name: "run", code: "\x23\x00\x42\x01\x7c\x24\x00" + tt.code} // global 0 counts
		if tt.locals != "" {
			f.locals, f.groups = tt.locals, 1
		}
		m := testModule{
			types: []string{"\x00\x00", "\x00\x01\x7e", "\x64" + strings.Repeat("\x7e", 100) + "\x00", "\x00\x64" + strings.Repeat("\x7e", 100)},
			funcs: []testFunc{f, {typ: 1, code: "\x23\x01"}, {typ: 2}, {typ: 3, code: strings.Repeat("\x23\x01", 100)}},
			globals: []string{"\x7e\x01\x42\x00\x0b", "\x7e\x01\x42\x00\x0b",
				"\x7b\x01\xfd\x0c" + strings.Repeat("\x00", 16) + "\x0b"},
			exports:  []string{"\x05count\x03\x00"},
			memories: []string{"\x00\x01"},
			tables:   []string{"\x70\x00\x01"},
		}
		module := m.bytes()
		weight := weigh(t, module, 0)
		mod, err := newWorld(t, wazero.NewRuntimeConfigCompiler()).instrumented(module, &meter{budget: math.MaxInt64, slice: math.MaxInt64 / 2})
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		_, err = mod.ExportedFunction("run").Call(t.Context())
		if err == nil || !strings.Contains(err.Error(), "stack overflow") {
			t.Errorf("%s: ends with %v", tt.name, err)
			continue
		}
		depth := int64(mod.ExportedGlobal("count").(api.MutableGlobal).Get())
		if depth*weight < least/2 {
			t.Errorf("%s: %d calls of %d bytes are %d, of %d that are used", tt.name, depth, weight, depth*weight, least)
		}
		t.Logf("%s: %d bytes, %.2f times what is used or less", tt.name, weight, float64(depth*weight)/least)
	}
}

// weigh is the weight of a defined function.
func weigh(t *testing.T, module []byte, i int) int64 {
	m, err := binary.DecodeModule(module)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := m.Section(binary.ModuleCode)
	sp := spacesOf(m)
	if err := within(module, m, &sp); err != nil {
		t.Fatal(err)
	}
	f := &flow{cursor: at(module, s.Body, ""), sp: &sp, known: sp.funcs - len(m.Funcs)}
	bodies := f.bodies(len(m.Funcs))
	f.leaves = make([]uint8, len(bodies))
	if !f.function(i, bodies[i], m) {
		t.Fatal(f.err)
	}
	return f.weight.bytes()
}
