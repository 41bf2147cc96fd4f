package abi

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/internal/task"
)

// mover is a realloc that makes the most of what one may do: it grows the
// memory, up to some size, so that its bytes move; hands out another place at each call, not
// aligned to more than it has to be; and spoils the place before.
type mover struct {
	api.Function // for the methods that are not called
	memory       api.Memory

	calls  []resize
	places [][2]uint32 // that it handed out, with their sizes
	next   uint32
	fails  int // the call, counted from 1, that fails
	lies   int // the call, counted from 1, that returns lie instead
	lie    uint32

	forgets int // the call, counted from 1, that keeps nothing of the old place
}

// resize is a call of realloc, with the index of the call that returned old,
// counted from 1; 0 if old is 0, and -1 if no call returned it last.
type resize struct{ of, was, align, size int }

// Around each place are margins that nobody but the mover writes to.
const (
	margin = 8
	blank  = 0xee
	spoilt = 0xaa
)

func (f *mover) CallWithStack(_ context.Context, stack []uint64) error {
	old, was, align, size := uint32(stack[0]), uint32(stack[1]), uint32(stack[2]), uint32(stack[3])
	call := resize{-1, int(was), int(align), int(size)}
	switch n := len(f.places); {
	case n == 0 && old == 0 && was == 0:
		call.of = 0
	case n > 0 && f.places[n-1] == [2]uint32{old, was}:
		call.of = n
	}
	f.calls = append(f.calls, call)
	if len(f.calls) == f.fails {
		return errTrapped
	}
	at := f.next + margin
	if at%(2*align) == 0 {
		at += align
	}
	f.next = at + size + margin
	f.next += f.next & 1
	if size := f.memory.Size(); size < f.next || size < 1<<22 {
		f.memory.Grow(1 + f.next>>16)
	}
	if len(f.calls) == f.lies {
		stack[0] = uint64(f.lie)
		return nil
	}
	all, _ := f.memory.Read(0, f.memory.Size())
	fill(all[at-margin:f.next], blank)
	if len(f.calls) != f.forgets {
		copy(all[at:at+size], all[old:old+was])
	}
	fill(all[old:old+was], spoilt)
	f.places = append(f.places, [2]uint32{at, size})
	stack[0] = uint64(at)
	return nil
}

var errTrapped = errors.New("wasm error: unreachable")

func fill(b []byte, with byte) {
	for i := range b {
		b[i] = with
	}
}

// check reports what was written around the places.
func (f *mover) check() error {
	all, _ := f.memory.Read(0, f.memory.Size())
	for i, p := range f.places {
		for n := range uint32(margin) {
			if all[p[0]-1-n] != blank || all[p[0]+p[1]+n] != blank {
				return fmt.Errorf("wrote outside of the %d bytes that call %d gave", p[1], i+1)
			}
		}
		if i+1 == len(f.places) {
			break
		}
		for _, c := range all[p[0] : p[0]+p[1]] {
			if c != spoilt {
				return fmt.Errorf("wrote to the bytes of call %d after they were given back", i+1)
			}
		}
	}
	return nil
}

// newMover returns a view of a new memory with a mover for its realloc, for
// strings of an encoding.
func newMover(t testing.TB, e task.Encoding) (*Mem, *mover) {
	t.Helper()
	m := newMem(t)
	f := &mover{Function: m.opts.Realloc, memory: m.opts.Memory, next: 1 << 15}
	m.opts.Realloc, m.opts.Encoding = f, e
	m.Start(m.opts, m.task)
	return m, f
}

func TestReallocFails(t *testing.T) {
	m, f := newMover(t, task.UTF8)
	f.fails = 1
	if ptr := m.Alloc(8, 4); ptr != 0 {
		t.Errorf("got a pointer %#x", ptr)
	}
	core, ok := errors.AsType[*task.CoreError](m.Err())
	if !ok || !errors.Is(core.Err, errTrapped) || m.fault != faultGuest {
		t.Errorf("got %v", m.Err())
	}
	m.Alloc(8, 4)
	if len(f.calls) != 1 {
		t.Errorf("the guest ran after a failure: %v", f.calls)
	}
}

// still is a realloc that hands out the same place each time, if a larger one
// than before only where the bytes are already.
type still struct{ api.Function }

func (*still) CallWithStack(_ context.Context, stack []uint64) error {
	stack[0] = 1024
	return nil
}
