package differential_test

import (
	"bytes"
	"context"
	"fmt"
	"math/bits"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/golden/collections/arrays"
	"github.com/witgen/witgen/golden/collections/maps"
	"github.com/witgen/witgen/golden/types/choices"
	"github.com/witgen/witgen/golden/types/failures"
	"github.com/witgen/witgen/golden/types/primitives"
	"github.com/witgen/witgen/golden/types/sequences"
	"github.com/witgen/witgen/golden/types/structures"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/dyn"
	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit"
)

// side is a guest as the canonical ABI sees it: a memory and a realloc. Both
// are Go's.
type side struct {
	memory []byte
	next   uint32   // where the next allocation begins
	asked  []uint64 // the sizes and alignments of allocations
	opts   task.Options
}

// sideSize is the memory of a side, in bytes.
const sideSize = 1 << 14

// untouched is a memory that nobody wrote to.
var untouched = bytes.Repeat([]byte{0xa5}, sideSize)

func newSide() *side {
	s := &side{}
	s.opts.Memory, s.opts.Realloc = linear{side: s}, realloc{side: s}
	s.reset()
	return s
}

// reset makes it the side it was at first.
func (s *side) reset() {
	s.fill(untouched)
	s.next, s.asked = 1024, nil
	if s.opts.Instance == nil { // functions keep both
		s.opts.Instance = &task.Instance{Tree: new(task.Tree)}
	}
	tree := s.opts.Instance.Tree
	*tree = task.Tree{Owner: s, Trap: func(f task.Failure) error { return f.Err }}
	*s.opts.Instance = task.Instance{Tree: tree, MayLeave: true}
}

// fill makes the memory a copy of one.
func (s *side) fill(memory []byte) { s.memory = append(s.memory[:0], memory...) }

// alloc hands out memory, or what lies beyond it.
func (s *side) alloc(size, align uint32) uint32 {
	s.asked = append(s.asked, uint64(size)<<32|uint64(align))
	ptr := (s.next + align - 1) &^ (align - 1)
	if _, carry := bits.Add32(ptr, size, 0); carry != 0 {
		return -align
	}
	s.next = ptr + size
	return ptr
}

// differs says how the side differs from another one, or nothing.
func (s *side) differs(want *side) string {
	if !slices.Equal(s.asked, want.asked) {
		return fmt.Sprintf("allocations %#x, want %#x", s.asked, want.asked)
	}
	for i := 0; i < sideSize; i += 16 {
		if got, want := s.memory[i:i+16], want.memory[i:i+16]; !bytes.Equal(got, want) {
			return fmt.Sprintf("memory at %#x: % x, want % x", i, got, want)
		}
	}
	return ""
}

// answer runs a host function for the side.
func (s *side) answer(fn abi.HostFunc, stack []uint64) error {
	var t task.Task
	t.Tree = s.opts.Instance.Tree
	t.Begin(context.Background())
	if e := abi.NewAnswer(&s.opts, fn).Answer(&t, stack); e != nil {
		return e.Err
	}
	return nil
}

// walk lifts or lowers values by their types.
func (s *side) walk(do func(x *dyn.Context)) error {
	return s.answer(func(_ context.Context, c *abi.Call) { do(&dyn.Context{Mem: &c.Mem}) }, nil)
}

type linear struct {
	api.Memory
	side *side
}

func (m linear) Size() uint32 { return uint32(len(m.side.memory)) }

func (m linear) Read(ptr, n uint32) ([]byte, bool) {
	if uint64(ptr)+uint64(n) > uint64(len(m.side.memory)) {
		return nil, false
	}
	return m.side.memory[ptr:][:n], true
}

type realloc struct {
	api.Function
	side *side
}

func (f realloc) CallWithStack(_ context.Context, stack []uint64) error {
	stack[0] = uint64(f.side.alloc(uint32(stack[3]), uint32(stack[2])))
	return nil
}

// glue is a function of a golden package whose generated glue is joined back to
// back: the caller's call is lifted and answered by a method that lowers it
// for the callee.
type glue struct {
	name           string
	fn             *wit.Func
	caller, callee *side
	exported       any // the Go interface, implemented by the callee
	call           abi.HostFunc
	lift           *dyn.Lifted  // how the callee is called
	lower          *dyn.Lowered // how the caller calls
	resultSpills   bool
	core           *core
}

// core is the callee's function.
type core struct {
	api.Function
	run func(stack []uint64)
}

func (c *core) CallWithStack(_ context.Context, stack []uint64) error {
	c.run(stack)
	return nil
}

// joined joins the two halves of each interface's glue. What implements the
// interface is what calls the callee.
var joined = map[string]func(funcs []*abi.Func) (any, rt.Import){
	"primitives": join(primitives.Export, primitives.Import),
	"sequences":  join(sequences.Export, sequences.Import),
	"structures": join(structures.Export, structures.Import),
	"choices":    join(choices.Export, choices.Import),
	"failures":   join(failures.Export, failures.Import),
	"arrays":     join(arrays.Export, arrays.Import),
	"maps":       join(maps.Export, maps.Import),
}

func join[T any](export func([]*abi.Func) T, offer func(T) rt.Import) func([]*abi.Func) (any, rt.Import) {
	return func(funcs []*abi.Func) (any, rt.Import) {
		x := export(funcs)
		return x, offer(x)
	}
}

// glueWorld is a world whose first export has glue to look at.
type glueWorld struct {
	source string
	join   func(funcs []*abi.Func) (any, rt.Import)
}

// registered are worlds beside those of the golden packages: see package
// golden/random.
var registered []glueWorld

// golden returns the interfaces of the golden packages, after registered ones.
var golden = sync.OnceValues(func() ([]*wit.Interface, error) {
	var interfaces []*wit.Interface
	for _, g := range registered {
		pkg, err := wit.LoadFS(fstest.MapFS{"glue.wit": {Data: []byte(g.source)}}, "glue.wit", wit.Options{})
		if err != nil {
			return nil, err
		}
		i := pkg.Worlds[0].Exports[0].Interface
		interfaces, joined[i.ID()] = append(interfaces, i), g.join
	}
	for _, dir := range []string{"types", "collections"} {
		pkg, err := wit.LoadFS(os.DirFS("../../golden"), dir+"/wit", wit.Options{})
		if err != nil {
			return nil, err
		}
		w, err := pkg.ChooseWorld("")
		if err != nil {
			return nil, err
		}
		for _, x := range w.Exports {
			interfaces = append(interfaces, x.Interface)
		}
	}
	return interfaces, nil
})

// newGlue returns every function of the golden packages.
func newGlue(t testing.TB) []*glue {
	t.Helper()
	interfaces, err := golden()
	if err != nil {
		t.Fatal(err)
	}
	var all []*glue
	for _, i := range interfaces {
		caller, callee := newSide(), newSide()
		var funcs []*abi.Func
		first := len(all)
		for _, f := range i.Funcs {
			g := &glue{name: i.ID() + "#" + f.Name, fn: f, caller: caller, callee: callee, core: new(core)}
			if g.lift, err = dyn.Lift(f); err != nil {
				t.Fatal(err)
			}
			if g.lower, err = dyn.Lower(f); err != nil {
				t.Fatal(err)
			}
			g.resultSpills = g.lift.Signature.ResultSpills
			lookup := func() (fn, post api.Function) { return g.core, nil }
			funcs = append(funcs, abi.NewFunc(g.name, g.lift.Signature.Slots(), true, &callee.opts, lookup))
			all = append(all, g)
		}
		join, ok := joined[i.ID()]
		if !ok {
			join = joined[i.Name]
		}
		exported, imp := join(funcs)
		for k, g := range all[first:] {
			if name := imp.Interface.Funcs[k].Name; name != i.Funcs[k].Name {
				t.Fatalf("function %d of %s is %s, want %s", k, i.ID(), name, i.Funcs[k].Name)
			}
			g.call, g.exported = imp.Funcs[k], exported
		}
	}
	return all
}

// begin lowers the arguments of a call for a side, as its own code does when
// it calls. It returns the core values.
func (g *glue) begin(s *side, args []any) ([]uint64, error) {
	stack := make([]uint64, g.lower.Signature.Slots())
	err := g.lowered(s, stack, args)
	if err == nil && g.resultSpills {
		l := g.lift.Signature.ResultLayout
		stack[len(g.lower.Signature.Params)-1] = uint64(s.alloc(l.Size, l.Align))
	}
	return stack, err
}

// end lowers the result of a call to a side, which may be the caller, whose
// core values hold the pointer to it.
func (g *glue) end(s *side, stack []uint64, result any) error {
	return s.walk(func(x *dyn.Context) { g.lower.LowerResult(x, stack, result) })
}

// finish lowers the result as the callee's own code does before it returns.
func (g *glue) finish(s *side, stack []uint64, result any) error {
	if !g.resultSpills {
		return g.end(s, stack, result)
	}
	l := g.lift.Signature.ResultLayout
	ptr := uint64(s.alloc(l.Size, l.Align))
	out := make([]uint64, g.lower.Signature.Slots())
	out[len(g.lower.Signature.Params)-1] = ptr
	stack[0] = ptr
	return g.end(s, out, result)
}

// lowered lowers arguments to core values, as the callee is called with them.
func (g *glue) lowered(s *side, stack []uint64, args []any) error {
	return s.walk(func(x *dyn.Context) { g.lift.LowerParams(x, stack, args) })
}

// lifted lifts the arguments that the callee is called with.
func (g *glue) lifted(s *side, stack []uint64) (args []any, err error) {
	stack = append(slices.Clone(stack), make([]uint64, g.lower.Signature.Slots())...)
	err = s.walk(func(x *dyn.Context) { args = g.lower.LiftParams(x, stack) })
	return args, err
}

// result lifts what the caller got back.
func (g *glue) result(s *side, stack []uint64) (result any, err error) {
	out := slices.Clone(stack)
	if g.resultSpills {
		out[0] = stack[len(g.lower.Signature.Params)-1]
	}
	err = s.walk(func(x *dyn.Context) { result = g.lift.LiftResult(x, out) })
	return result, err
}
