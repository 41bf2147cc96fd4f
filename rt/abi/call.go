package abi

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/internal/task"
)

// maxFlat is the most core values that cross in one direction: sixteen
// parameters and a result pointer. See CanonicalABI.md, MAX_FLAT_PARAMS.
const maxFlat = 17

// Call is one call across the boundary, into a guest or out of it.
type Call struct {
	Mem Mem
	// Flat holds the core values that cross: arguments at first, results
	// after. Each is its zero-extended bits.
	Flat []uint64

	fn   *Func
	task task.Task
	room [maxFlat]uint64
}

// Func is an exported function of an instance. It may be called from any
// number of goroutines, which take turns.
type Func struct {
	name     string
	slots    int
	opts     *task.Options
	tree     *task.Tree // of opts.Instance
	alone    bool       // the same
	joined   bool       // cases of variants share core values
	lookup   func() (fn, post api.Function)
	fn, post api.Function
	undo     func() // what lowering did, when the guest is not called; nil if nothing needs it
	call     Call
}

// NewFunc returns an exported function; only package rt can make one. The name
// is for errors, slots is how many core values cross at most, and joined says
// that cases of variants share some. The core function and its post-return, if
// it has one, are looked up at the first call.
func NewFunc(name string, slots int, joined bool, opts *task.Options, lookup func() (fn, post api.Function)) *Func {
	return &Func{name: name, slots: slots, joined: joined, opts: opts, tree: opts.Instance.Tree, alone: opts.Instance.Alone, lookup: lookup}
}

// Undo sets what is done when arguments could not be lowered, and the guest is
// not called; only package rt calls it.
func (f *Func) Undo(undo func()) { f.undo = undo }

// Name returns the function's name with its interface's: "ns:pkg/iface#f".
func (f *Func) Name() string { return f.name }

// Forget lets go of the instance's memory and code, once it is closed; only
// package rt calls it.
func (f *Func) Forget() { f.fn, f.post, f.lookup, f.call = nil, nil, nil, Call{} }

// Enter waits for the instance's turn and begins a call. It fails if ctx is
// done first, or if the instance is closed or has trapped. The caller must
// end the call with [Call.Leave].
func (f *Func) Enter(ctx context.Context) (*Call, error) {
	t := f.tree
	if err := t.Enter(ctx, f.name); err != nil {
		return nil, err
	}
	if !f.alone {
		f.opts.Instance.Enter(nil)
	}
	if f.fn == nil {
		f.ready()
	}
	c := &f.call
	c.task.Begin(ctx)
	if f.joined {
		clear(c.Flat) // what a variant's case does not use is zero
	}
	c.Mem.begin()
	return c, nil
}

// ready looks up the core functions, and sets what all calls have in common.
func (f *Func) ready() {
	f.fn, f.post = f.lookup()
	c := &f.call
	c.fn, c.Flat, c.task.Tree = f, c.room[:f.slots], f.tree
	c.Mem.Start(f.opts, &c.task)
}

// Invoke runs the guest with the arguments in Flat and leaves its results
// there. It does nothing if lowering an argument failed.
func (c *Call) Invoke() {
	if c.Mem.err != nil {
		return
	}
	err := c.fn.fn.CallWithStack(&c.task, c.Flat)
	if err != nil {
		c.Mem.Reject(&task.CoreError{Err: err})
		return
	}
	c.Mem.Refresh()
}

// Leave ends the call: it runs the guest's post-return, passes the instance's
// turn on and returns the first failure. After a failure that is the guest's,
// the instance is dead.
func (c *Call) Leave() error {
	f, t := c.fn, c.task.Tree
	if h := c.Mem.handles; h != nil {
		c.giveBack(h)
	}
	if c.Mem.err == nil && f.post != nil {
		in := f.opts.Instance
		in.MayLeave = false
		if err := f.post.CallWithStack(&c.task, c.Flat); err != nil {
			c.Mem.Reject(&task.CoreError{Err: err, During: "post-return"})
		}
		in.MayLeave = true
	}
	if !f.alone {
		f.opts.Instance.Exit(nil)
	}
	if h := c.Mem.handles; h != nil {
		h.settle(c.Mem.err == nil)
	}
	if c.Mem.err == nil {
		c.task.End()
		t.Exit()
		return nil
	}
	if c.Mem.fault != faultGuest {
		// A value that could not be lowered: the guest did nothing wrong.
		if f.undo != nil {
			f.undo()
		}
		err := fmt.Errorf("%s: %w", f.name, c.Mem.err)
		t.Exit()
		return err
	}
	err := t.Trap(c.failure())
	t.Lock(f.name)
	f.fn, f.post = nil, nil // a stack that overflowed is kept by its function
	t.Exit()
	return err
}

// Abandon ends a call whose goroutine panics; only package rt does so. The
// instance is dead after it.
func (c *Call) Abandon() {
	c.fn.tree.Lock(c.fn.name)
	c.fn.tree.Exit()
}

// giveBack ends what the call holds of resources. The guest has dropped what it
// was lent; or it was not called, and never knew of it.
func (c *Call) giveBack(h *Handles) {
	if c.Mem.err != nil && c.Mem.fault != faultGuest {
		h.revoke()
	}
	if err := h.Scope.Return(); err != nil {
		c.Mem.Reject(err)
	}
	h.end()
}

// failure tells what stopped the guest: a host function that it called, its
// own code, or a value it handed over.
func (c *Call) failure() task.Failure {
	f := task.Failure{Export: c.fn.name, Err: c.Mem.err}
	if core, ok := errors.AsType[*task.CoreError](f.Err); ok {
		f.Core = core.Err
		if cause := c.task.Failure(); cause != nil {
			f.Err = cause
		}
	}
	return f
}

// Answer runs a host function for a guest's call; only package rt makes such
// calls. The arguments are in stack, and so are the results after. The error
// has no Import yet.
func (c *Call) Answer(t *task.Task, opts *task.Options, fn HostFunc, stack []uint64) *task.ImportError {
	c.Flat = stack
	c.Mem.Start(opts, t)
	c.Mem.answers = true
	c.answer(t, fn)
	if h := c.Mem.handles; h != nil {
		h.end()
		h.settle(false)
	}
	if c.Mem.err == nil {
		return nil
	}
	return &task.ImportError{Err: c.Mem.err, Guest: c.Mem.fault == faultGuest}
}

func (c *Call) answer(t *task.Task, fn HostFunc) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if err := stopped(t, recover()); err != nil {
			c.Mem.err = nil
			c.Mem.Trap(err)
		}
	}()
	fn(t.Inside(), c)
	returned = true
}

// stopped returns the error of a host function that did not return, from what
// recover says. It returns nil if the goroutine ends: runtime.Goexit was called,
// as testing.T.FailNow does. The guest's frames then go with it, so the instance
// is dead, and nobody else is left to pass its turn on.
func stopped(t *task.Task, r any) error {
	if r != nil {
		return &task.PanicError{Value: r, Stack: debug.Stack()}
	}
	t.Tree.Lock("a host function that ended its goroutine")
	t.Tree.Exit()
	return nil
}
