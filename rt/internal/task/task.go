package task

import (
	"context"
	"reflect"
	"sync/atomic"
	"time"
)

// Task is a call into a tree, from its entry to its end. It is the context
// that wazero hands through to host functions, which is how a host function
// shared by all instances of a component finds the one that calls it.
type Task struct {
	Tree   *Tree
	Caller context.Context // the caller's
	// Start has the values by which wazero is told how to start a core instance;
	// nil in a call.
	Start context.Context

	// Result takes the core values of an async function's result when the guest
	// hands it over, and says what is wrong with them; nil where nobody waits for
	// it like that.
	Result func(flat []uint64) error

	err    error   // why a host function stopped the guest
	passed []error // what wazero returned since, for calls between component instances; no task of the tree follows
	inside *inside // what the task's host functions get; nil before the first
}

// Deadline is the caller's.
func (t *Task) Deadline() (time.Time, bool) { return t.Caller.Deadline() }

// Done is the caller's.
func (t *Task) Done() <-chan struct{} { return t.Caller.Done() }

// Err is the caller's.
func (t *Task) Err() error { return t.Caller.Err() }

// Value answers wazero, which asks with each call whether it is to do something
// out of the ordinary. It is not, however long the caller's chain of contexts.
func (t *Task) Value(key any) any {
	if t.Start == nil {
		return nil
	}
	return t.Start.Value(key)
}

// Begin makes t the task of a call into its tree.
func (t *Task) Begin(ctx context.Context) { t.Caller, t.err, t.inside = ctx, nil, nil }

// End lets go of the caller's context.
func (t *Task) End() { t.Caller = nil }

// Fail records why the guest is being stopped and stops it: it panics with
// a value that unwinds the guest's frames up to the call into wazero.
func (t *Task) Fail(err error) {
	t.Keep(err)
	panic(errUnwind)
}

// Keep records why the guest is being stopped, unless that is known.
func (t *Task) Keep(err error) {
	if t.err == nil {
		t.err = err
	}
}

// Pass notes what wazero returned for a call between component instances that
// the task's failure goes through.
func (t *Task) Pass(err error) { t.passed = append(t.passed, err) }

// Passed returns what Pass noted.
func (t *Task) Passed() []error { return t.passed }

// Failure returns why a host function stopped the guest, or nil.
func (t *Task) Failure() error { return t.err }

// Inside returns the context for a host function: the caller's, marked so
// that a call back into the same tree is known as such until the task ends.
func (t *Task) Inside() context.Context {
	if t.inside != nil {
		return t.inside
	}
	return t.mark()
}

func (t *Task) mark() *inside {
	in := t.Tree.inside
	if in == nil || !in.kept || in.Context != t.Caller {
		t.Tree.unmark() // its host function has returned
		in = &inside{Context: t.Caller, tree: t.Tree, kept: keeps(t.Caller)}
		t.Tree.inside = in
	}
	if !in.live.Load() {
		in.live.Store(true)
	}
	t.inside = in
	return in
}

// keeps reports whether a context can be compared with another: those that
// are pointers, and the background.
func keeps(ctx context.Context) bool {
	return reflect.TypeOf(ctx).Kind() == reflect.Pointer || reflect.TypeOf(ctx) == reflect.TypeOf(context.Background())
}

type unwind struct{}

func (unwind) Error() string { return "stopped by the host" }

var errUnwind error = unwind{}

// inside marks a context as that of a host function which tree waits for. The
// context may outlive the task; the mark does not, but it is there again while
// the tree waits for a host function in a later call with the same context.
type inside struct {
	context.Context
	tree *Tree
	kept bool        // serves later tasks with this context too
	live atomic.Bool // the task has not ended
}

type insideKey struct{ tree *Tree }

func (c *inside) Value(key any) any {
	if key == (insideKey{c.tree}) && c.live.Load() {
		return c
	}
	return c.Context.Value(key)
}
