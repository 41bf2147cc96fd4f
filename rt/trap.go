package rt

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

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
	// TrapMemory is an access outside the guest's memory or tables.
	TrapMemory
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
	// TrapHost is a host function that failed.
	TrapHost
	// TrapHostPanic is a host function that panicked.
	TrapHostPanic
	// TrapDead is a call of an instance that trapped before, or one that the
	// instance is waiting for.
	TrapDead
	// TrapDeadline is a guest that was running when the context of its call was
	// done: cancelled, or past its deadline.
	TrapDeadline
	// TrapFuel is a guest that used more fuel than it has.
	TrapFuel
)

// String returns a word for the kind, as metrics and logs want it.
func (k TrapKind) String() string {
	names := [...]string{"other", "unreachable", "memory", "stack", "arithmetic", "exception", "abi", "host", "host_panic", "dead", "deadline", "fuel"}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// Trap is the error of a call whose guest was stopped. The instance is dead
// after it.
type Trap struct {
	// Export is what was called, as "ns:pkg/interface@1.0.0#function"; for
	// an instance that did not start it is empty.
	Export string
	Kind   TrapKind
	// Text says what happened, in the words of the specification's tests
	// where they have some.
	Text string
	// Frames is the guest's call stack, innermost first, with the names that
	// the guest's files hold. It is empty if the guest was not running.
	Frames []string

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
		s += " (at " + t.Frames[0] + ")"
	}
	return s
}

// Unwrap returns the cause, which has in it what the host function returned for
// [TrapHost], and the panic's value for [TrapHostPanic] if that was an error. Whoever tells the
// errors of guests from traps asks for the trap first: the cause may be a value
// of a type that guests return too.
func (t *Trap) Unwrap() error { return t.cause }

// newTrap makes the error of a failed call.
func newTrap(f task.Failure) error {
	t := &Trap{Export: f.Export, Kind: TrapABI, Text: f.Err.Error(), cause: f.Err}
	if f.Core != nil {
		_, t.Frames = splitCore(f.Core.Error())
	}
	first := firstCause(f.Err)
	switch first := first.(type) { //nolint:errorlint // what a host function returned is not looked into: it may be the trap of another instance
	case *task.CoreError:
		text, frames := splitCore(first.Err.Error())
		if first != f.Err { //nolint:errorlint // the same error, not one like it
			t.Frames = append(frames, t.Frames...) // an inner component trapped: the frames of its caller follow its own
		}
		t.Text, t.Kind = coreTrap(text)
		if first.During != "" {
			t.Text = first.During + ": " + t.Text
		}
	case *task.ImportError:
		t.Kind = TrapHost
		if _, ok := first.Err.(*task.PanicError); ok { //nolint:errorlint // that of this call, not of another instance's
			t.Kind = TrapHostPanic
		}
	case *task.Interrupted:
		t.Kind = TrapDeadline
		if first.Why == task.ErrFuel { //nolint:errorlint // one of two values
			t.Kind = TrapFuel
		}
	default:
		if errors.Is(first, task.ErrCannotEnter) {
			t.Kind = TrapDead
		}
	}
	return t
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

// splitCore takes apart what wazero says of a trap: the text in its first
// line, and the guest's frames, one a line after a header.
func splitCore(s string) (text string, frames []string) {
	text, rest, _ := strings.Cut(s, "\n")
	text = strings.TrimPrefix(strings.TrimSuffix(text, " (recovered by wazero)"), "wasm error: ")
	_, stack, _ := strings.Cut(rest, "wasm stack trace:\n")
	for line := range strings.Lines(stack) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "0x") {
			continue // an address, with a source position at most
		}
		frames = append(frames, frameName(line))
	}
	return text, frames
}

// frameName shortens a frame: the module's name is ours, and the core types
// after the function's name help nobody.
func frameName(line string) string {
	line = strings.TrimPrefix(line, ".")
	if i := strings.LastIndexByte(line, '('); i > 0 {
		line = line[:i]
	}
	return strings.Map(func(r rune) rune { // the guest chose the name
		if !strconv.IsPrint(r) {
			return utf8.RuneError
		}
		return r
	}, line)
}

// coreTrap returns the specification's text of a core trap, and its kind.
func coreTrap(text string) (string, TrapKind) {
	switch text {
	case "unreachable":
		return "wasm `unreachable` instruction executed", TrapUnreachable
	case "stack overflow":
		return "call stack exhausted", TrapStack
	case "out of bounds memory access", "invalid table access":
		return text, TrapMemory
	case "integer overflow", "integer divide by zero", "invalid conversion to integer":
		return text, TrapArithmetic
	case "uncaught exception":
		return "uncaught exception propagated out of component: thrown Wasm exception", TrapException
	}
	return text, TrapOther
}
