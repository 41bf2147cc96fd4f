package differential_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/internal/dyn"
)

// nonsense is what a hostile guest hands over: core values, and a memory
// behind them.
type nonsense struct {
	stack  []uint64
	memory []byte
}

// nonsenseSize is the memory of a guest that hands over nonsense: so small that
// what is lifted from it, over and over, fits the other side as a rule.
const nonsenseSize = 1 << 11

// TestGlueNonsense has guests hand over nonsense, some of which means
// something: glue has to take what package dyn takes, as the same value, and
// to refuse what it refuses, for the same reason.
func TestGlueNonsense(t *testing.T) {
	for n, g := range newGlue(t) {
		t.Run(g.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(n), *seed))
			for range *rounds {
				x := nonsense{make([]uint64, 17), make([]byte, nonsenseSize)}
				for i := range x.stack {
					x.stack[i] = word(r)
				}
				for i := 0; i < len(x.memory); i += 4 {
					binary.LittleEndian.PutUint32(x.memory[i:], uint32(word(r)))
				}
				g.hostileCaller(t, r, x)
				g.hostileCallee(t, r, x)
			}
		})
	}
}

// word returns a core value that is a number of a case, a length, a pointer or
// none of them.
func word(r *rand.Rand) uint64 {
	switch r.IntN(10) {
	case 0, 1, 2, 3:
		return r.Uint64N(4)
	case 4, 5:
		return r.Uint64N(20)
	case 6, 7, 8:
		return r.Uint64N(nonsenseSize) &^ 7
	}
	return r.Uint64()
}

// FuzzGlue does the same with nonsense that the fuzzer makes.
func FuzzGlue(f *testing.F) {
	all := newGlue(f)
	for n := range all {
		f.Add(uint8(n), uint64(n), []byte{1, 0, 0, 0, 0, 0, 0, 0, 4}, []byte{1, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0})
	}
	f.Fuzz(func(t *testing.T, n uint8, seed uint64, core, memory []byte) {
		x := nonsense{make([]uint64, 17), make([]byte, nonsenseSize)}
		for i := range x.stack {
			if len(core) >= 8*(i+1) {
				x.stack[i] = binary.LittleEndian.Uint64(core[8*i:])
			}
		}
		for m := x.memory; len(m) > 0 && len(memory) > 0; {
			m = m[copy(m, memory):]
		}
		g, r := all[int(n)%len(all)], rand.New(rand.NewPCG(seed, seed))
		g.hostileCaller(t, r, x)
		g.hostileCallee(t, r, x)
	})
}

// hostileCaller calls with nonsense.
func (g *glue) hostileCaller(t *testing.T, r *rand.Rand, x nonsense) {
	t.Helper()
	g.callee.reset()
	stack := slices.Clone(x.stack[:g.lower.Signature.Slots()])
	alone := newSide()
	alone.fill(x.memory)
	want, wantErr := g.lifted(alone, stack)
	if wantErr == nil && g.resultSpills {
		// The pointer to the result is looked at before the host is called.
		wantErr = alone.walk(func(c *dyn.Context) {
			l := g.lift.Signature.ResultLayout
			c.Mem.Ptr(stack[len(g.lower.Signature.Params)-1], l.Size, l.Align)
		})
	}

	_, result := g.random(r)
	called, full := false, false
	g.core.run = func(stack []uint64) {
		called = true
		if got, err := g.lifted(g.callee, stack); err != nil || !same(got, crossedAll(g.fn, want)) {
			t.Errorf("the callee got %v, %v; want %v", got, err, want)
		}
		err := g.finish(g.callee, stack, result)
		if full = crowded(err); err != nil && !full {
			t.Errorf("%v: %v", result, err)
		}
	}
	g.caller.reset()
	g.caller.fill(x.memory)
	err := g.caller.answer(g.call, stack)
	if called && wantErr != nil {
		t.Errorf("the callee was called with %v, want %v", want, wantErr)
	}
	if !full {
		agree(t, err, wantErr)
	}
}

// hostileCallee returns nonsense.
func (g *glue) hostileCallee(t *testing.T, r *rand.Rand, x nonsense) {
	t.Helper()
	g.caller.reset()
	g.callee.reset()
	args, _ := g.random(r)
	stack, err := g.begin(g.caller, args)
	if crowded(err) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	alone := newSide()
	alone.fill(x.memory)
	var want any
	wantErr := alone.walk(func(c *dyn.Context) { want = g.lift.LiftResult(c, x.stack) })

	g.core.run = func(stack []uint64) {
		copy(stack, x.stack)
		g.callee.fill(x.memory)
	}
	err = g.caller.answer(g.call, stack)
	if agree(t, err, wantErr); err != nil {
		return
	}
	if got, err := g.result(g.caller, stack); err != nil || !same(got, crossed(g.fn.Result, want)) {
		t.Errorf("the caller got %v, %v; want %v", got, err, want)
	}
}

// agree compares why calls failed. That the other side has no room for what
// was lifted is its own matter, and so is how much may be lifted.
func agree(t *testing.T, err, want error) {
	t.Helper()
	switch {
	case err == nil && want == nil:
	case err != nil && (strings.Contains(err.Error(), "beyond end of memory") || strings.Contains(err.Error(), "lifted more than")):
	case want != nil && strings.Contains(want.Error(), "lifted more than"):
	case err == nil || want == nil || !strings.HasSuffix(err.Error(), want.Error()):
		t.Errorf("got error %v, want %v", err, want)
	}
}
