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

	// Of an export:
	fn     *Func
	task   task.Task
	room   [maxFlat]uint64
	used   *uint64 // where it says what fuel it has used; nil if nobody asked
	before uint64  // what others had used

	// Of an import:
	host HostFunc
	busy bool // it runs
}

// Func is an exported function of an instance. It may be called from any
// number of goroutines, which take turns.
type Func struct {
	name     string
	slots    int
	opts     *task.Options
	tree     *task.Tree // of opts.Instance; nil for a function that the component does not export
	alone    bool       // the same
	joined   bool       // cases of variants share core values
	plain    bool       // ready, and neither of these needs anything, nor a budget
	lookup   func() (fn, post api.Function)
	fn, post api.Function
	under    *Interface // whose function it is; nil if that does not matter
	undo     func()     // what lowering did, when the guest is not called; nil if nothing needs it
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

// Under sets the interface whose function it is, by the name that the world has
// for it; only package rt calls it.
func (f *Func) Under(x *Interface) { f.under = x }

// Name returns the function's name with its interface's: "ns:pkg/iface#f".
func (f *Func) Name() string { return f.name }

// Forget lets go of the instance's memory and code, once it is closed; only
// package rt calls it.
func (f *Func) Forget() { f.fn, f.post, f.lookup, f.call, f.plain = nil, nil, nil, Call{}, false }

// Ready looks up the core functions, if there are some and no call has yet; only
// package rt calls it, when no call is under way.
func (f *Func) Ready() {
	if f.fn == nil && f.Exported() {
		f.ready()
	}
}

// Renew has the core functions looked up at the next call; only package rt calls
// it, when none is under way. They keep the stack that they have run on.
func (f *Func) Renew() { f.fn, f.post, f.plain = nil, nil, false }

// Enter waits for the instance's turn and begins a call. It fails if ctx is
// done first, if the instance is closed or has trapped, or if the component does
// not export the function. The caller must end the call with [Call.Leave].
func (f *Func) Enter(ctx context.Context) (*Call, error) {
	entered, held := false, false
	if ctx.Err() == nil && f.tree != nil {
		entered, held = f.tree.TryEnter()
	}
	if !entered {
		if f.tree == nil {
			return nil, f.notExported()
		}
		if err := f.tree.Enter(ctx, f.name, held); err != nil {
			return nil, err
		}
	}
	c := &f.call
	if !f.plain {
		f.prepare()
	}
	c.task.Begin(ctx)
	c.Mem.begin()
	if b, ok := ctx.(*buffered); ok {
		c.Mem.buffer = b.buf
		if b.fuel != nil {
			c.count(b.fuel)
		}
	}
	return c, nil
}

// prepare does what few functions need, or all need once.
func (f *Func) prepare() {
	if !f.alone {
		f.opts.Instance.Enter(nil)
	}
	if f.fn == nil {
		f.ready()
	}
	if f.tree.Budget != nil {
		f.tree.Budget()
	}
	if f.joined {
		clear(f.call.Flat) // what a variant's case does not use is zero
	}
}

// ready looks up the core functions, and sets what all calls have in common.
func (f *Func) ready() {
	f.fn, f.post = f.lookup()
	c := &f.call
	c.fn, c.Flat, c.task.Tree, c.Mem.under = f, c.room[:f.slots], f.tree, f.under
	c.Mem.Start(f.opts, &c.task)
	f.plain = f.simple()
}

// simple reports whether calls of the function need nothing done for each.
func (f *Func) simple() bool { return f.alone && !f.joined && f.tree.Budget == nil }

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
	f := c.fn
	if !f.plain || c.Mem.handles != nil || c.Mem.err != nil {
		return c.leave()
	}
	if f.post != nil && !c.postReturn() {
		return c.leave()
	}
	c.task.End()
	if !f.tree.TryExit() {
		f.tree.Exit()
	}
	return nil
}

// postReturn runs the guest's post-return. It reports whether that went well.
func (c *Call) postReturn() bool {
	in := c.fn.opts.Instance
	in.MayLeave = false
	err := c.fn.post.CallWithStack(&c.task, c.Flat)
	in.MayLeave = true
	if err != nil {
		c.Mem.Reject(&task.CoreError{Err: err, During: "post-return"})
	}
	return err == nil
}

// leave is Leave for all that may be.
func (c *Call) leave() error {
	f, t := c.fn, c.task.Tree
	if h := c.Mem.handles; h != nil {
		c.giveBack(h)
	}
	if c.Mem.err == nil && f.post != nil {
		c.postReturn()
	}
	if !f.alone {
		f.opts.Instance.Exit(nil)
	}
	if h := c.Mem.handles; h != nil {
		h.settle(c.Mem.err == nil)
	}
	if c.Mem.err == nil {
		c.task.End()
		c.tell()
		t.Exit()
		return nil
	}
	if c.Mem.fault != faultGuest {
		// A value that could not be lowered: the guest did nothing wrong.
		if f.undo != nil {
			f.undo()
		}
		err := fmt.Errorf("%s: %w", f.name, c.Mem.err)
		c.tell()
		t.Exit()
		return err
	}
	err := t.Trap(c.failure())
	t.Lock(f.name)
	f.Renew() // a stack that overflowed is kept by its function
	c.tell()
	t.Exit()
	return err
}

// Abandon ends a call whose goroutine panics; only package rt does so. The
// instance is dead after it.
func (c *Call) Abandon() {
	c.fn.tree.Lock(c.fn.name)
	c.tell()
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
	f := task.Failure{Ran: true, Export: c.fn.name, Err: c.Mem.err, Passed: c.task.Passed()}
	if core, ok := errors.AsType[*task.CoreError](f.Err); ok {
		f.Core = core.Err
		if cause := c.task.Failure(); cause != nil {
			f.Err = cause
		}
	}
	return f
}

// Under sets the interface whose function the host answers, by the name that the
// world has for it; only package rt calls it.
func (c *Call) Under(x *Interface) { c.Mem.under = x }

// NewAnswer returns a call that answers a guest's calls of a host function, one
// at a time, with these options; only package rt makes one.
func NewAnswer(opts *task.Options, fn HostFunc) *Call {
	c := &Call{host: fn}
	c.Mem.Start(opts, nil)
	c.Mem.answers = true
	return c
}

// Busy reports whether the call is being answered.
func (c *Call) Busy() bool { return c.busy }

// Answer runs the host function for a guest's call. The arguments are in stack,
// and so are the results after. The error has no Import yet.
func (c *Call) Answer(t *task.Task, stack []uint64) *task.ImportError {
	if !c.Mem.opts.Instance.MayLeave {
		return &task.ImportError{Err: task.ErrCannotLeave, Guest: true}
	}
	c.Flat = stack
	if c.Mem.task != t {
		c.Mem.task = t
	}
	c.Mem.begin()
	if host := t.Tree.Host; host != nil {
		return c.answerWithin(host)
	}
	c.run(t.Inside())
	if c.Mem.err == nil && c.Mem.handles == nil {
		return nil
	}
	return c.answered()
}

// answerWithin is the rest of Answer where there is a limit on all host functions
// of the call.
func (c *Call) answerWithin(host *task.Allowance) *task.ImportError {
	if err := host.Call(); err != nil {
		return &task.ImportError{Err: err, Guest: true}
	}
	most := host.Lift(c.Mem.left)
	c.Mem.left = most
	c.run(c.Mem.task.Inside())
	host.Lifted(most - c.Mem.left)
	return c.answered()
}

// Within runs a host function, fn, whose arguments may make the host allocate no
// more than most bytes, or what the call may if that is less. It returns how many
// they did; where fn wanted more its failure is over. Only package rt calls it.
func (c *Call) Within(ctx context.Context, fn HostFunc, most int64, over error) (lifted int64) {
	left := c.Mem.left
	bound := min(left, max(most, 0))
	c.Mem.left = bound
	fn(ctx, c)
	lifted = bound - c.Mem.left
	if c.Mem.left < 0 && bound < left && c.Mem.err != nil {
		c.Mem.err = over
	}
	c.Mem.left += left - bound
	return min(lifted, bound)
}

// run runs the host function, and keeps its panic as its failure.
func (c *Call) run(ctx context.Context) {
	c.busy = true
	defer func() {
		if c.busy {
			c.stopped(recover())
		}
	}()
	c.host(ctx, c)
	c.busy = false
}

// answered ends what the call holds of resources and returns its failure.
func (c *Call) answered() *task.ImportError {
	if h := c.Mem.handles; h != nil {
		h.end()
		h.settle(false)
	}
	if c.Mem.err == nil {
		return nil
	}
	return &task.ImportError{Err: c.Mem.err, Guest: c.Mem.fault == faultGuest}
}

// stopped ends a call whose host function did not return.
func (c *Call) stopped(r any) {
	if err := stopped(c.Mem.task, r); err != nil {
		c.busy = false
		c.Mem.err = nil
		c.Mem.Trap(err)
	}
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
