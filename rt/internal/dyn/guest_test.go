package dyn

import (
	"context"
	"errors"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/task"
	"github.com/witgen/witgen/wit"
)

// guestModule exports a memory of 4 to 128 pages and a realloc that hands out
// one piece after the other, with what is in the old one. Four mutable globals steer it: next is where the
// next piece begins, each call grows the memory by grow pages, skew is added
// to the pointer that it returns, and calls counts.
var guestModule = module(
	section(1, 1, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 1, 0x7f),
	section(3, 1, 0),
	section(5, 1, 1, 4, 0x80, 1),
	section(6, 4,
		0x7f, 1, 0x41, 0x80, 8, 0x0b, // 1024
		0x7f, 1, 0x41, 0, 0x0b,
		0x7f, 1, 0x41, 0, 0x0b,
		0x7f, 1, 0x41, 0, 0x0b),
	section(7, 6,
		3, 'm', 'e', 'm', 2, 0,
		7, 'r', 'e', 'a', 'l', 'l', 'o', 'c', 0, 0,
		4, 'n', 'e', 'x', 't', 3, 0,
		4, 'g', 'r', 'o', 'w', 3, 1,
		4, 's', 'k', 'e', 'w', 3, 2,
		5, 'c', 'a', 'l', 'l', 's', 3, 3),
	section(10, 1, 66, 1, 1, 0x7f,
		0x23, 1, 0x40, 0, 0x1a, // memory.grow(grow)
		0x23, 3, 0x41, 1, 0x6a, 0x24, 3, // calls++
		0x23, 0, 0x20, 2, 0x6a, 0x41, 1, 0x6b, // next + align - 1
		0x41, 0, 0x20, 2, 0x6b, 0x71, 0x22, 4, // & -align, kept
		0x20, 3, 0x6a, 0x24, 0, // next = that + size
		0x20, 1, 0x04, 0x40, // if there is an old piece
		0x20, 4, 0x20, 0, 0x20, 1, 0x20, 3, 0x20, 1, 0x20, 3, 0x49, 0x1b,
		0xfc, 0x0a, 0, 0, 0x0b, // memory.copy(that, old, the smaller size)
		0x20, 4, 0x23, 2, 0x6a, // + skew
		0x0f, 0x0b))

func module(sections ...[]byte) []byte {
	m := []byte("\x00asm\x01\x00\x00\x00")
	for _, s := range sections {
		m = append(m, s...)
	}
	return m
}

func section(id byte, body ...byte) []byte {
	if len(body) > 127 {
		panic("size needs a second byte")
	}
	return append([]byte{id, byte(len(body))}, body...)
}

// guest is an instance of guestModule as a component instance.
type guest struct {
	mod   api.Module
	opts  task.Options
	table *handle.Table
	scope handle.Scope
}

func newGuest(tb testing.TB) *guest {
	tb.Helper()
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	tb.Cleanup(func() { r.Close(ctx) })
	mod, err := r.Instantiate(ctx, guestModule)
	if err != nil {
		tb.Fatal(err)
	}
	g := &guest{mod: mod}
	g.opts = task.Options{
		Instance: &task.Instance{MayLeave: true},
		Memory:   mod.ExportedMemory("mem"),
		Realloc:  mod.ExportedFunction("realloc"),
	}
	g.table = &handle.Table{Owner: g}
	return g
}

func (g *guest) set(name string, v uint64) {
	g.mod.ExportedGlobal(name).(api.MutableGlobal).Set(v)
}

func (g *guest) calls() uint64 { return g.mod.ExportedGlobal("calls").Get() }

// bytes returns a copy of n bytes of the memory.
func (g *guest) bytes(ptr, n uint32) []byte {
	b, _ := g.opts.Memory.Read(ptr, n)
	return append([]byte(nil), b...)
}

// fileDef is a resource type of the tests, and file what it is at run time:
// its owner is no guest.
var (
	fileDef = &wit.TypeDef{Name: "file", Type: &wit.Resource{}}
	file    = &handle.Resource{Name: "file", Owner: new(guest)}
)

// run does something with values in the guest, as the host function of a call
// would, and returns the failure that its memory kept.
func (g *guest) run(tb testing.TB, do func(x *Context)) error {
	tb.Helper()
	ctx := context.Background()
	tree := &task.Tree{}
	g.opts.Instance.Tree = tree
	call := abi.NewAnswer(&g.opts,
		func(_ context.Context, c *abi.Call) {
			do(&Context{Mem: &c.Mem, Table: g.table, Scope: &g.scope, Resource: func(d *wit.TypeDef) *handle.Resource {
				if d == fileDef {
					return file
				}
				return nil
			}})
		})
	failed := call.Answer(&task.Task{Tree: tree, Caller: ctx}, nil)
	if failed == nil {
		return nil
	}
	if p, ok := errors.AsType[*task.PanicError](failed.Err); ok {
		tb.Fatalf("panicked: %v\n%s", p.Value, p.Stack)
	}
	return &failure{failed.Err, failed.Guest}
}

// failure is what a memory kept.
type failure struct {
	error
	guest bool
}

func mustType(tb testing.TB, t wit.Type) *Type {
	tb.Helper()
	got, err := TypeOf(t)
	if err != nil {
		tb.Fatal(err)
	}
	return got
}
