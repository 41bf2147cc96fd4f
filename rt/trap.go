package rt

import (
	"errors"
	"strconv"
	"strings"

	"github.com/witgen/witgen/rt/internal/task"
)

// TrapKind says what kind of failure stopped a guest.
type TrapKind uint8

// The kinds of trap.
const (
	// TrapOther is a core trap without a kind of its own.
	TrapOther TrapKind = iota
	// TrapUnreachable is what most languages make of a panic or an abort.
	TrapUnreachable
	// TrapBounds is an access outside the guest's memory or tables: a fault of
	// the guest's, which has nothing to do with how much memory it may have.
	TrapBounds
	// TrapStack is a call stack that is used up, by endless recursion as a rule.
	TrapStack
	// TrapArithmetic is a division by zero or a number that does not fit.
	TrapArithmetic
	// TrapException is an exception that no code of the guest catches.
	TrapException
	// TrapABI is a value that breaks the canonical ABI: a pointer outside
	// memory, a string that is not UTF-8, a case that does not exist, or a
	// call at a time when the guest may not call.
	TrapABI
	// TrapHost is a host function that failed: it returned an error which is
	// none of its WIT type.
	TrapHost
	// TrapHostPanic is a host function that panicked. The panic's value and
	// stack are in the cause, a [*PanicError].
	TrapHostPanic
	// TrapDead is a call of an instance that trapped before. The guest did not
	// run.
	TrapDead
	// TrapDeadline is a guest that was running when the context of its call was
	// done: cancelled, or past its deadline.
	TrapDeadline
	// TrapFuel is a guest that used more fuel than it has.
	TrapFuel
	// TrapLimit is a guest that wanted more of something than it may have, other
	// than time and memory: handles, bytes that the host takes over, calls of host
	// functions, or calls inside each other. The text names the field of [Limits].
	TrapLimit
	// TrapReentry is a call of an instance that is waiting for its caller. The
	// guest did not run, and goes on when that call of its returns.
	TrapReentry
	// TrapMemory is what would be [TrapUnreachable], [TrapBounds] or
	// [TrapException], or [TrapABI] for a realloc that returned what cannot be
	// used, in a call in which growth of a linear memory was denied before, by
	// [Limits] or [Config]. Few guests go on without the memory that they ask
	// for, and this is how others stop; but a guest that did, and failed for
	// another reason in the same call, cannot be told from them. The text ends
	// with why growth was denied the last time. A memory that has the maximum its
	// module declares is denied nothing by the host.
	TrapMemory
)

// String returns a word for the kind, as metrics and logs want it.
func (k TrapKind) String() string {
	names := [...]string{"other", "unreachable", "bounds", "stack", "arithmetic", "exception", "abi", "host", "host_panic", "dead", "deadline", "fuel", "limit", "reentry", "memory"}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// Trap is the error of a call whose guest was stopped, or could not run. The
// instance is dead after it, but for [TrapReentry]: every later call returns a
// trap of kind [TrapDead], and Close is all that is left to do.
//
// Whatever a host function does by returning or panicking ends no more than the
// call that it answers, and so does runtime.Goexit but for its own goroutine.
// What Go itself ends the process for stays as it is: concurrent writes to a
// map, a goroutine's stack or the memory used up, and panics of goroutines that
// a host function starts.
type Trap struct {
	// Export is what was called, as "ns:pkg/interface@1.0.0#function"; for
	// an instance that did not start, and from [Instance.Err], it is empty.
	Export string
	Kind   TrapKind
	// Text says what happened, in the words of the specification's tests
	// where they have some.
	Text string
	// Frames is the guest's call stack, innermost first, as far as it is known:
	// of each component instance no more than 30 functions, and of a call stack
	// that is used up often none. It is empty if the guest was not running.
	Frames []Frame
	// Stderr is the last of what the guest wrote to its standard error, 4 KiB at
	// most, if an import knows that: those of package wasi do. It is the guest's
	// text, whatever is in it but for bytes that are not UTF-8; Error leaves it
	// out.
	Stderr string
	// Memory is how many bytes all linear memories of the instance had together
	// when the guest was stopped; 0 if it was not running.
	Memory int64
	// Fuel is how much fuel the call had used, no more than its limit; 0 if the
	// guest was not running, or if neither [Limits.Fuel] nor [Limits.AllFuel] is
	// set: [Instance.FuelUsed] then says what all calls have used.
	Fuel uint64

	cause error
}

// Error returns the export, the text and the innermost frame.
func (t *Trap) Error() string {
	s := "trap"
	if t.Export != "" {
		s += " in " + t.Export
	}
	s += ": wasm trap: " + t.Text
	if len(t.Frames) > 0 {
		s += " (at " + t.Frames[0].String() + ")"
	}
	return s
}

// Unwrap returns the cause, which has in it what the host function returned for
// [TrapHost], and for [TrapHostPanic] a [*PanicError]. Whoever tells the
// errors of guests from traps asks for the trap first: the cause may be a value
// of a type that guests return too, or the trap of another instance that a host
// function called.
func (t *Trap) Unwrap() error { return t.cause }

// Is reports whether the trap is of the kind that target stands for: [ErrStack],
// [ErrDead] or [ErrMemory]. The errors for other kinds are in the cause.
func (t *Trap) Is(target error) bool {
	switch t.Kind {
	case TrapStack:
		return target == ErrStack
	case TrapDead:
		return target == ErrDead
	case TrapMemory:
		return target == ErrMemory
	}
	return false
}

// newTrap makes the error of a failed call.
func newTrap(f task.Failure) *Trap {
	t := &Trap{Export: f.Export, Kind: TrapABI, Text: f.Err.Error(), cause: f.Err}
	first := firstCause(f.Err)
	if core, ok := first.(*task.CoreError); ok && first != f.Err { //nolint:errorlint // an inner component's own trap: the frames of those that called it follow
		t.addFrames(core.Err)
	}
	for _, err := range f.Passed {
		t.addFrames(err)
	}
	if f.Core != nil {
		t.addFrames(f.Core)
	}
	switch first := first.(type) { //nolint:errorlint // what a host function returned is not looked into: it may be the trap of another instance
	case *task.CoreError:
		t.Text, t.Kind = coreTrap(coreText(first.Err))
		if first.During != "" {
			t.Text = first.During + ": " + t.Text
		}
	case *task.ImportError:
		t.Kind = TrapHost
		if _, ok := first.Err.(*task.PanicError); ok { //nolint:errorlint // that of this call, not of another instance's
			t.Kind = TrapHostPanic
		}
	case *task.Interrupted:
		switch first.Why {
		case task.ErrFuel: //nolint:errorlint // one of three values
			t.Kind = TrapFuel
		case task.ErrStack:
			t.Kind = TrapStack
		default:
			t.Kind = TrapDeadline
		}
	default:
		t.Kind = ruleKind(first)
	}
	return t
}

// maxStderr is how many bytes of a guest's standard error a trap keeps.
const maxStderr = 4 << 10

// trap makes the error of a call of the instance, whose turn its caller has.
func (in *Instance) trap(f task.Failure) *Trap {
	t := newTrap(f)
	if t.Kind != TrapDead && t.Kind != TrapReentry && in.stderr != nil {
		t.Stderr = said(in.stderr)
	}
	if f.Ran {
		t.stopped(in, firstCause(f.Err))
	}
	return t
}

// said asks an import what the guest said last. It is the host's: a panic of its
// would be in the way of the error.
func said(stderr func() string) (s string) {
	defer func() {
		if recover() != nil {
			s = ""
		}
	}()
	if s = stderr(); len(s) > maxStderr {
		s = s[len(s)-maxStderr:]
	}
	return strings.ToValidUTF8(s, "")
}

// stopped adds what the instance had when its guest was stopped, and whether that
// may be for want of memory.
func (t *Trap) stopped(in *Instance, first error) {
	t.Memory, t.Fuel = in.Memory().Bytes, in.meter.call()
	if in.tree.Denied == nil {
		return
	}
	_, realloc := first.(task.ReallocError) //nolint:errorlint // of this guest
	if t.Kind == TrapUnreachable || t.Kind == TrapBounds || t.Kind == TrapException || realloc {
		t.Kind = TrapMemory
		t.Text += "; " + in.tree.Denied.Error()
	}
}

// ruleKind returns the kind of a trap that the runtime itself is the cause of.
func ruleKind(err error) TrapKind {
	switch {
	case errors.Is(err, task.ErrDead):
		return TrapDead
	case errors.Is(err, task.ErrCannotEnter):
		return TrapReentry
	case errors.Is(err, ErrLimit):
		return TrapLimit
	}
	return TrapABI
}

// addFrames adds the frames in what wazero returned.
func (t *Trap) addFrames(err error) {
	frames := framesOf(err.Error())
	t.Frames = append(t.Frames, frames[:min(len(frames), maxFrames-len(t.Frames))]...)
}

// firstCause returns what went wrong in the tree itself: through the calls
// between its component instances, but not into what a host function returned.
func firstCause(err error) error {
	for {
		imp, ok := err.(*task.ImportError) //nolint:errorlint // one layer at a time
		if !ok || !imp.Guest {
			return err
		}
		err = imp.Err
	}
}

// coreText returns what wazero says of a trap in its first line.
func coreText(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimPrefix(strings.TrimSuffix(text, " (recovered by wazero)"), "wasm error: ")
}

// coreTrap returns the specification's text of a core trap, and its kind.
func coreTrap(text string) (string, TrapKind) {
	switch text {
	case "unreachable":
		return "wasm `unreachable` instruction executed", TrapUnreachable
	case "stack overflow":
		return "call stack exhausted", TrapStack
	case "out of bounds memory access", "invalid table access":
		return text, TrapBounds
	case "integer overflow", "integer divide by zero", "invalid conversion to integer":
		return text, TrapArithmetic
	case "uncaught exception":
		return "uncaught exception propagated out of component: thrown Wasm exception", TrapException
	}
	return text, TrapOther
}

// printable returns text that a guest has a say in without what a terminal or a
// log would take for something else.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
