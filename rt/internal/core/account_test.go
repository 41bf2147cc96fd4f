package core

import (
	"errors"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/internal/binary"
)

// TestAccounts holds which functions are accounted for.
func TestAccounts(t *testing.T) {
	tests := []struct {
		name    string
		weights []int64
		open    string     // x for each that calls what is not known
		calls   [][]uint32 // by function
		want    string     // x for each that is accounted for
	}{
		{"alone", []int64{100}, "-", [][]uint32{{}}, "-"},
		{"large", []int64{Unaccounted + 1}, "-", [][]uint32{{}}, "x"},
		{"chain", []int64{2000, 2000, 2000}, "---", [][]uint32{{1}, {2}, {}}, "x--"},
		{"chain in any order", []int64{2000, 2000, 2000}, "---", [][]uint32{{}, {0}, {1}}, "--x"},
		{"two branches, the deeper one counts", []int64{2000, 2000, 2000}, "---", [][]uint32{{1, 2}, {}, {}}, "---"},
		{"recursion", []int64{100}, "-", [][]uint32{{0}}, "x"},
		{"cycle, with who calls it and whom it calls", []int64{100, 100, 100, 100, 100}, "-----",
			[][]uint32{{1}, {2, 4}, {3}, {1}, {}}, "xxxx-"},
		{"cycle entered twice", []int64{100, 100, 100}, "---", [][]uint32{{1, 2}, {2}, {1}}, "xxx"},
		{"unknown callee", []int64{100, 100, 100}, "-x-", [][]uint32{{1}, {}, {}}, "xx-"},
		{"nothing", nil, "", nil, ""},
	}
	for _, tt := range tests {
		g := graph{weights: tt.weights}
		for i, calls := range tt.calls {
			g.open = append(g.open, tt.open[i] == 'x')
			g.first = append(g.first, uint32(len(g.callees)))
			g.callees = append(g.callees, calls...)
		}
		var got strings.Builder
		for i, bytes := range g.accounts() {
			switch bytes {
			case 0:
				got.WriteByte('-')
			case tt.weights[i]:
				got.WriteByte('x')
			default:
				t.Errorf("%s: function %d adds %d", tt.name, i, bytes)
			}
		}
		if got.String() != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, &got, tt.want)
		}
	}
}

// TestAccountsDeep has a chain of calls that is long.
func TestAccountsDeep(t *testing.T) {
	const n = 1_000_000
	var g graph
	for i := range uint32(n) {
		g.weights = append(g.weights, 1)
		g.open = append(g.open, false)
		g.first = append(g.first, i)
		g.callees = append(g.callees, min(i+1, n-1))
	}
	if accounts := g.accounts(); accounts[0] != 1 || accounts[n-1] != 1 { // the last one recurses
		t.Errorf("got %d, %d", accounts[0], accounts[n-1])
	}
}

// TestAccountCode holds the exact code of functions that are accounted for. Each is
// the first of a module whose second function has the type () -> (i32, i32).
func TestAccountCode(t *testing.T) {
	// The module has three functions and no globals: fuel is 0, used 2, mark 3, ask 4.
	// A function weighs what one with a local does, and places for calls and merges.
	weight := func(places int) []byte { return appendS64(nil, weightBase+8*int64(1+places)) }
	enter := func(places int, units int64) string {
		return "\x23\x00\x42" + string(appendS64(nil, units)) + "\x7d\x24\x00" + "\x23\x02\x42" + string(weight(places)) + "\x7c\x24\x02\x23\x03\x23\x02\x7d\x23\x00\x84" + "\x42\x00\x59\x04\x40\x05\x10\x03\x0b"
	}
	leave := func(places int) string { return "\x23\x02\x42" + string(weight(places)) + "\x7d\x24\x02" }
	paid := func(units int64) string {
		return "\x23\x00\x42" + string(appendS64(nil, units)) + "\x7d\x24\x00\x23\x00\x42\x00\x59\x04\x40\x05\x10\x03\x0b"
	}
	const (
		handle  = "\x42\x7f\x24\x04\x10\x03\x23\x04\x21\x01"             // ask = -1; call; local 1 = ask
		handled = "\x42\x7f\x20\x01\x7d\x24\x04\x10\x03\x42\x00\x21\x01" // ask = -1 - local 1; call; local 1 = 0
		caught  = "\x20\x01\x50\x04\x40\x05" + handled + "\x0b"
	)
	tests := []struct{ name, code, want string }{
		{"call", "\x10\x00\x0b", enter(1, 1) + "\x10\x00" + leave(1) + "\x0b"},
		{"no end", "\x10\x00\x00\x0b", enter(1, 2) + "\x10\x00\x00\x0b"},
		{"return", "\x20\x00\x04\x40\x0f\x0b\x10\x00\x0b", enter(1, 3) + "\x20\x00\x04\x40" + leave(1) + "\x0f\x0b\x10\x00" + leave(1) + "\x0b"},
		{"tail calls", "\x20\x00\x04\x40\x12\x00\x0b\x41\x00\x13\x00\x00\x0b",
			enter(0, 2+1+1+leafLimit) + "\x20\x00\x04\x40" + leave(0) + "\x12\x00\x0b\x41\x00" + leave(0) + "\x13\x00\x00\x0b"},
		{"branch to the end", "\x10\x00\x20\x00\x0d\x00\x10\x00\x0b",
			enter(2, 4) + "\x02\x40\x10\x00\x20\x00\x0d\x00\x10\x00\x0b" + leave(2) + "\x0b"},
	}
	for _, tt := range tests {
		checkAccountCode(t, tt.name, tt.code, "\x00"+tt.want)
	}
	// block; try_table (catch_all 0) call 0 end; end
	checkAccountCode(t, "handler", "\x02\x40\x1f\x40\x01\x02\x00\x10\x00\x0b\x0b\x0b",
		"\x01\x01\x7e"+enter(1, 3)+"\x02\x40\x02\x40\x0c\x00\x1f\x40\x01\x02\x01\x0b\x0b\x02\x40"+
			paid(costTryTable)+handle+"\x1f\x00\x01\x02\x01\x10\x00\x0b"+handled+"\x0b\x0b"+caught+leave(1)+"\x0b")
	// try_table (catch_all 0: the function) call 0 end
	checkAccountCode(t, "handler that returns", "\x1f\x40\x01\x02\x00\x10\x00\x0b\x0b",
		"\x01\x01\x7e"+enter(1, 3)+"\x02\x40"+"\x02\x40\x0c\x00\x1f\x40\x01\x02\x01\x0b\x0b\x02\x40"+
			paid(costTryTable)+handle+"\x1f\x00\x01\x02\x01\x10\x00\x0b"+handled+"\x0b\x0b"+caught+leave(1)+"\x0b")
	// loop; try_table (catch_all 0: the loop) call 0 end; end
	checkAccountCode(t, "handler that loops", "\x03\x40\x1f\x40\x01\x02\x00\x10\x00\x0b\x0b\x0b",
		"\x01\x01\x7e"+"\x23\x02\x42"+string(weight(1))+"\x7c\x24\x02\x23\x03\x23\x02\x7d\x42\x00\x59\x04\x40\x05\x10\x03\x0b"+
			"\x03\x40"+caught+paid(3)+"\x02\x40\x0c\x00\x1f\x40\x01\x02\x01\x0b\x0b\x02\x40"+
			paid(costTryTable)+handle+"\x1f\x00\x01\x02\x01\x10\x00\x0b"+handled+"\x0b\x0b"+leave(1)+"\x0b")
}

// checkAccountCode wants the body of a function to become another.
func checkAccountCode(t *testing.T, name, code, want string) {
	t.Helper()
	m := testModule{
		types:  []string{"\x00\x00", "\x00\x02\x7f\x7f"},
		funcs:  []testFunc{{locals: "\x01\x7f", groups: 1, code: strings.TrimSuffix(code, "\x0b")}, {typ: 1, code: "\x41\x00\x41\x00"}, {}},
		tables: []string{"\x70\x00\x01"},
		tags:   []string{"\x00\x00"},
	}
	in := again(t, m.bytes(), Options{Interrupt: true, Stack: true})
	got := body(t, in.Wasm, 0)
	groups := string([]byte{1 + want[0]})
	want = groups + "\x01\x7f" + want[1:]
	if got != want {
		t.Errorf("%s:\ngot  % x\nwant % x", name, got, want)
	}
}

// TestAccountResults has functions of several results, and of a reference, branch
// to their ends: the types of the blocks in them are added.
func TestAccountResults(t *testing.T) {
	for _, tt := range []struct {
		name, typ, code string
		added           int // types
	}{
		{"none", "\x00\x00", "\x10\x01\x0c\x00", 0},
		{"one", "\x00\x01\x7e", "\x10\x01\x42\x07\x0c\x00", 0},
		{"two", "\x00\x02\x7f\x7e", "\x10\x01\x41\x05\x42\x07\x0c\x00", 1},
		{"reference to a type", "\x00\x01\x63\x00", "\x10\x01\xd0\x00\x0c\x00", 1},
	} {
		m := testModule{types: []string{"\x00\x00", tt.typ}, funcs: []testFunc{{name: "run", typ: 1, code: tt.code}, {code: "\x41\x00\x04\x40\x10\x01\x0b"}}}
		for _, e := range engines {
			meter := &meter{budget: 1000, slice: 1000}
			mod, err := newWorld(t, e.config()).instrumented(m.bytes(), meter)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			results, err := mod.ExportedFunction("run").Call(t.Context())
			if err != nil || !meter.level() || tt.name == "one" && results[0] != 7 || tt.name == "two" && (results[0] != 5 || results[1] != 7) {
				t.Errorf("%s on the %s: got %v, error %v, %d bytes left", tt.name, e.name, results, err, meter.depth.Get())
			}
		}
		after, err := binary.DecodeModule(again(t, m.bytes(), Options{Interrupt: true, Stack: true}).Wasm)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := len(after.Types), 3+tt.added; got != want {
			t.Errorf("%s: %d types, want %d", tt.name, got, want)
		}
	}
}

// TestAccountDepth recurses up to a limit.
func TestAccountDepth(t *testing.T) {
	for _, name := range []string{"exponential calls", "mutual recursion through references"} {
		for _, e := range engines {
			meter := &meter{budget: 1 << 40, slice: 1 << 40, stack: 10_000}
			mod, err := newWorld(t, e.config()).instrumented(spinners[name].bytes(), meter)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = mod.ExportedFunction("run").Call(t.Context()); !errors.Is(err, errDeep) {
				t.Errorf("%s on the %s: got %v, want %v", name, e.name, err, errDeep)
			}
		}
	}
}
