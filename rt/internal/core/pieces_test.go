package core

import (
	"math"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/internal/binary"
)

// movers is a module with 5 MiB of memory and the functions fill(to, value,
// length) and copy(to, from, length).
var movers = testModule{
	types: []string{"\x03\x7f\x7f\x7f\x00"},
	funcs: []testFunc{
		{name: "fill", code: "\x20\x00\x20\x01\x20\x02\xfc\x0b\x00"},
		{name: "copy", code: "\x20\x00\x20\x01\x20\x02\xfc\x0a\x00\x00"},
	},
	memories: []string{"\x01\x50\x50"},
	exports:  []string{"\x06memory\x02\x00"},
}

const moversMemory = 5 << 20

// A move is a call of one of the movers.
type move struct {
	f          string
	to, from   uint32 // from is the value of fill
	length     uint32
	outOfBound bool
}

// moves are of lengths around that of pieces, with overlaps both ways, up to the
// memory's end and beyond.
func moves() (all []move) {
	for _, n := range []uint32{0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 2 * pieceBytes, 3*pieceBytes + 5} {
		end := moversMemory - n
		for _, to := range []uint32{0, 3, end} {
			all = append(all, move{"fill", to, 0x1a7, n, false})
		}
		for _, at := range [][2]uint32{
			{0, 0}, {1, 0}, {0, 1}, {8, 0}, {0, 8}, {pieceBytes, 0}, {0, pieceBytes},
			{pieceBytes + 3, 0}, {0, pieceBytes + 3}, {7, pieceBytes - 9}, {end, 0}, {0, end}, {end, end - 1}, {end - 1, end}, {end, end},
		} {
			all = append(all, move{"copy", at[0], at[1], n, false})
		}
		for _, out := range []uint32{end + 1, math.MaxUint32} {
			all = append(all, move{"fill", out, 1, n, true}, move{"copy", out, 0, n, true}, move{"copy", 0, out, n, true})
		}
	}
	for _, n := range []uint32{moversMemory, moversMemory + 1, math.MaxUint32} {
		out := n > moversMemory
		all = append(all, move{"fill", 0, 1, n, out}, move{"copy", 0, 0, n, out})
	}
	return all
}

// TestPieces does the same with the instructions as they are, in pieces, and with
// fuel for all at once: memory and ends are the same, and an eighth of a unit is
// paid for each byte, also of those that there are not.
func TestPieces(t *testing.T) {
	before := make([]byte, moversMemory)
	for i := range before {
		before[i] = byte(i * 7 >> 2 % 251)
	}
	for _, e := range engines {
		w := newWorld(t, e.config())
		plain, err := w.InstantiateWithConfig(t.Context(), movers.bytes(), wazero.NewModuleConfig().WithName(""))
		if err != nil {
			t.Fatal(err)
		}
		supplies := []int64{1, math.MaxInt64 / 2}
		meters, mods := make([]*meter, len(supplies)), make([]api.Module, len(supplies))
		for i, slice := range supplies {
			meters[i] = &meter{budget: math.MaxInt64, slice: slice}
			if mods[i], err = w.instrumented(movers.bytes(), meters[i]); err != nil {
				t.Fatal(err)
			}
		}
		for _, v := range moves() {
			want, wantEnd := v.run(t, plain, before)
			for i, slice := range supplies {
				m := meters[i]
				used, calls := m.used(), m.calls
				got, end := v.run(t, mods[i], before)
				if end != wantEnd || (end != "no error") != v.outOfBound {
					t.Errorf("%s: %+v in slices of %d: ends with %s, want %s", e.name, v, slice, end, wantEnd)
				}
				if !same(got, want) || v.outOfBound && !same(got, before) {
					t.Errorf("%s: %+v in slices of %d: memory differs", e.name, v, slice)
				}
				const around = 3*costInstr + costBulk
				if d := m.used() - used; d != around+int64(v.length)>>shiftBytes {
					t.Errorf("%s: %+v in slices of %d: consumes %d units, want %d", e.name, v, slice, d, around+v.length>>shiftBytes)
				}
				calls = m.calls - calls
				if slice > 1 {
					if calls > 1 { // the first of all
						t.Errorf("%s: %+v with fuel for all calls the host %d times", e.name, v, calls)
					}
				} else if n := int(v.length) / pieceBytes; !v.outOfBound && calls < n {
					t.Errorf("%s: %+v calls the host %d times, want %d at least", e.name, v, calls, n)
				}
			}
		}
	}
}

// run makes a move in a memory that begins as before, and returns what that is
// then, and how the call ended.
func (v move) run(t *testing.T, mod api.Module, before []byte) (after []byte, end string) {
	t.Helper()
	memory, ok := mod.Memory().Read(0, moversMemory)
	if !ok {
		t.Fatal("no memory")
	}
	restore(memory, before)
	_, err := mod.ExportedFunction(v.f).Call(t.Context(), uint64(v.to), uint64(v.from), uint64(v.length))
	return memory, sameError(err)
}

// The memories are of one goroutine, so that the race detector need not look at
// each of their bytes, which takes it long. It would in the builtin copy.

// restore makes a memory what it was before.
//
//go:norace
func restore(memory, before []byte) {
	*(*[moversMemory]byte)(memory) = *(*[moversMemory]byte)(before)
}

// same compares memories.
//
//go:norace
func same(a, b []byte) bool { return string(a) == string(b) }

// TestPiecesAdded holds for what functions are added, which nothing refers to
// where there are no checks.
func TestPiecesAdded(t *testing.T) {
	fill, copies := testFunc{code: movers.funcs[0].code}, testFunc{code: movers.funcs[1].code}
	small := testFunc{code: "\x41\x00\x41\x00\x41\x08\xfc\x0b\x00"}
	initial := testFunc{code: "\x41\x00\x41\x00\x20\x00\xfc\x08\x00\x00\x20\x00\x20\x00\x20\x00\x10\x00"}
	recursive := testFunc{code: "\x41\x00\x41\x00\x20\x00\xfc\x0b\x00\x20\x00\x20\x00\x20\x00\x10\x00"}
	for _, tt := range []struct {
		name  string
		funcs []testFunc
		o     Options
		want  int // functions added
	}{
		{"fill", []testFunc{fill}, Options{Interrupt: true}, 2},
		{"copy", []testFunc{copies}, Options{Interrupt: true, Stack: true}, 2},
		{"both, twice", []testFunc{fill, copies, copies, fill}, Options{Interrupt: true}, 3},
		{"neither, but a small one", []testFunc{small, initial}, Options{Interrupt: true}, 1},
		{"no interruption", []testFunc{recursive}, Options{Stack: true}, 1},
		{"nothing asked for", []testFunc{fill, copies}, Options{}, 0},
	} {
		m := movers
		m.funcs = tt.funcs
		m.data = []string{"\x01\x01x"}
		in := again(t, m.bytes(), tt.o)
		c, err := compile(newWorld(t, wazero.NewRuntimeConfigInterpreter()), in.Wasm)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		c.Close(t.Context())
		after, err := binary.DecodeModule(in.Wasm)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(after.Funcs) - len(tt.funcs); got != tt.want {
			t.Errorf("%s: %d functions are added, want %d", tt.name, got, tt.want)
		}
	}
}
