package task

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/internal/handle"
)

// ErrClosed is what calls of a closed instance return.
var ErrClosed = errors.New("instance is closed")

// ErrCannotEnter is the trap of a call into a tree that is in lockdown or
// waits for its host. See definitions.py, Store.lift and trap_if(not may_enter).
var ErrCannotEnter = errors.New("cannot enter component instance")

// ErrDead is in the [ErrCannotEnter] of a tree that is in lockdown.
var ErrDead = errors.New("it trapped before")

// Why a guest was interrupted.
var (
	ErrDeadline = errors.New("context done")
	ErrFuel     = errors.New("fuel used up")
	ErrStack    = errors.New("call stack exhausted")
)

// ErrCannotLeave is the trap of a guest that calls its host while its
// realloc or post-return runs. See definitions.py, may_leave.
var ErrCannotLeave = errors.New("cannot leave component instance")

// Tree is the state of a component instance and of all instances nested in
// it. All fields but the turn belong to whoever holds the turn.
type Tree struct {
	// Owner is the rt.Instance that this is the state of.
	Owner any
	// Trap makes the error of a call from what went wrong in it.
	Trap func(f Failure) error
	// Values holds the host's values that stand behind handles of the tree.
	Values Values
	// Exports is what package abi has of the tree's exports.
	Exports any
	// Budget begins the budget of a call; nil if there is none.
	Budget func()

	// Fuel returns what all calls have used; nil if that is not counted. It is for
	// who has the turn.
	Fuel func() uint64
	// Lift is the most bytes that one crossing may make the host allocate for
	// what it lifts; 0 for [DefaultLift].
	Lift int64
	// Denied is why growth of a linear memory was denied in the call that runs,
	// the last time; nil if it was not.
	Denied error
	// Host is what calls of host functions may take together; nil if anything.
	Host *Allowance
	// Grown ends a task that has left more behind than is to be kept; nil for one
	// that has not.
	Grown func()

	// Depth is how many calls from one component instance to another, or of
	// destructors, may be under way inside each other.
	Depth int

	depth  int // how many are
	turn   turn
	dead   atomic.Pointer[error] // why every later call fails; nil while the tree is alive
	inside *inside
}

// DefaultLift is what one crossing may make the host allocate for values that it
// lifts, in bytes, as wasmtime's default.
const DefaultLift = 128 << 20

// TryEnter is Enter for a tree that is free and alive; else it reports false. It
// may have the turn then, which is for Enter to know.
func (t *Tree) TryEnter() (entered, held bool) {
	held = t.turn.try()
	return held && t.dead.Load() == nil, held
}

// Enter takes the tree's turn for a call, unless TryEnter has it already. It
// returns the context's cause if that is done first, [ErrClosed] for a closed
// tree, and traps a call that comes from a host function which the same tree is
// waiting for.
func (t *Tree) Enter(ctx context.Context, export string, held bool) error {
	if !held {
		if err := t.take(ctx, export); err != nil {
			return err
		}
	}
	if err := t.Dead(); err != nil {
		t.turn.give()
		if errors.Is(err, ErrClosed) {
			return err
		}
		return t.Trap(Failure{Export: export, Err: err})
	}
	return nil
}

// take waits for the turn.
func (t *Tree) take(ctx context.Context, export string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if t.turn.try() {
		return nil
	}
	if ctx.Value(insideKey{t}) != nil {
		return t.Trap(Failure{Export: export, Err: ErrCannotEnter})
	}
	return t.turn.take(ctx)
}

// TryExit is Exit for a task that ran no host function, was denied no memory and
// left nothing behind, if nobody waits for the turn; else it does nothing and
// reports false.
func (t *Tree) TryExit() bool {
	return t.inside == nil && t.Denied == nil && t.Grown == nil && t.turn.free()
}

// Exit ends the task and passes the turn on.
func (t *Tree) Exit() {
	t.unmark()
	if t.Grown != nil {
		t.Grown()
		t.Grown = nil
	}
	if t.Denied != nil {
		t.Denied = nil
	}
	t.turn.give()
}

// unmark ends the mark of the contexts that host functions were given.
func (t *Tree) unmark() {
	if t.inside != nil && t.inside.live.Load() {
		t.inside.live.Store(false)
	}
}

// Lock puts the tree in lockdown after a trap in an export: every later call
// traps.
func (t *Tree) Lock(export string) {
	if t.Dead() == nil {
		var err error = &lockdown{export}
		t.dead.Store(&err)
	}
}

// Dead returns why every later call fails; nil while the tree is alive. Anybody
// may ask.
func (t *Tree) Dead() error {
	if p := t.dead.Load(); p != nil {
		return *p
	}
	return nil
}

// Descend begins a call from one component instance of the tree to another: it
// is inside all that are under way. The error is an [handle.ErrLimit] if those
// are as many as there may be. [Tree.Ascend] ends it, but for one that fails:
// nothing runs in the tree after that.
func (t *Tree) Descend() error {
	if t.depth >= t.Depth {
		return handle.LimitError(fmt.Sprintf("more than %d calls between component instances inside each other (Limits.Depth)", t.Depth))
	}
	t.depth++
	return nil
}

// Deep reports whether so many calls are under way inside each other that the
// next one wants a goroutine of its own. Where guests are interpreted each may
// take 9 MB of the goroutine's stack, and Go ends the process when that is
// longer than 512 MB, or 128 MB on platforms of 32 bits.
func (t *Tree) Deep() bool { return t.depth > 0 && t.depth%8 == 0 }

// Ascend ends a call that Descend began.
func (t *Tree) Ascend() { t.depth-- }

// Close waits for the turn and makes every later call return [ErrClosed]. It
// reports whether this call did it; the caller then owns what is in the tree
// for good. It returns the context's cause if that is done first.
func (t *Tree) Close(ctx context.Context) (bool, error) {
	if !t.turn.try() {
		if ctx.Value(insideKey{t}) != nil {
			return false, errors.New("an instance cannot be closed by a host function that it is waiting for")
		}
		if err := t.turn.take(ctx); err != nil {
			return false, err
		}
	}
	defer t.turn.give()
	if errors.Is(t.Dead(), ErrClosed) {
		return false, nil
	}
	t.dead.Store(&ErrClosed)
	return true, nil
}

// Look runs a function that looks at what belongs to whoever holds the turn: a
// host function that the tree waits for may look at once, others wait for the
// turn. It returns the context's cause if that is done first, and [ErrClosed] for
// a closed tree, whose parts belong to who closed it.
func (t *Tree) Look(ctx context.Context, look func()) error {
	if ctx.Value(insideKey{t}) == nil {
		if !t.turn.try() {
			if err := t.turn.take(ctx); err != nil {
				return err
			}
		}
		defer t.turn.give()
	}
	if err := t.Dead(); errors.Is(err, ErrClosed) {
		return err
	}
	look()
	return nil
}

// lockdown is why a tree cannot be entered after a trap.
type lockdown struct{ export string }

func (l *lockdown) Error() string {
	return ErrCannotEnter.Error() + ": " + ErrDead.Error() + ", in " + l.export
}

func (l *lockdown) Unwrap() []error { return []error{ErrCannotEnter, ErrDead} }

// Options are the canonical options of a lift or lower, bound to an instance.
// See definitions.py, CanonicalOptions.
type Options struct {
	Instance *Instance
	Memory   api.Memory   // nil without the option
	Realloc  api.Function // nil without the option
	Encoding Encoding
}

// Encoding is how strings lie in memory: the option string-encoding.
type Encoding uint8

// The encodings.
const (
	UTF8        Encoding = iota
	UTF16                // little-endian
	Latin1UTF16          // either, by bit 31 of the length
)
