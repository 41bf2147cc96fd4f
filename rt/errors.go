package rt

import (
	"errors"
	"fmt"
	"strings"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/task"
)

// Errors to test for with errors.Is.
var (
	// ErrClosed is what calls of a closed instance, component or engine return.
	ErrClosed = task.ErrClosed

	// ErrNotComponent is in the error of Compile for bytes that are no
	// component: a core module, a truncated file, something else.
	ErrNotComponent = errors.New("not a component")

	// ErrNotSupported is in the error of Compile for a component that is valid,
	// as far as it was read, but asks for what the runtime does not support. It
	// is in the error of a generated method too, and in the trap of a guest that
	// calls a generated import, if the function's type has that in it: a stream,
	// a future or an error context.
	ErrNotSupported = cm.ErrNotSupported

	// ErrDeadline is in the trap of a guest that was interrupted because the
	// context of its call was done, beside the context's cause.
	ErrDeadline = task.ErrDeadline

	// ErrFuel is in the trap of a guest that was interrupted because it had used
	// the fuel that [Limits] allow it.
	ErrFuel = task.ErrFuel

	// ErrMemory is in the error of an instance that does not start because it
	// declares more memory, or larger tables, than it may have, and a trap of kind
	// [TrapMemory]. [MemoryUse] has one too, for growth that was denied.
	ErrMemory = errors.New("not enough memory")

	// ErrStack is a trap of kind [TrapStack].
	ErrStack = task.ErrStack

	// ErrDead is a trap of kind [TrapDead].
	ErrDead = task.ErrDead

	// ErrLimit is in a trap of kind [TrapLimit]: the guest wanted more than [Limits]
	// allow it. It is in the error of a call too for which the host would give the
	// guest more handles than that.
	ErrLimit = handle.ErrLimit

	// ErrStub is in the trap of a guest that calls an import which the host does
	// not have, where [InstanceConfig] asks for stubs.
	ErrStub = errors.New("the host does not have this import")

	// ErrNotExported is in the error of a call of a function that the component
	// does not export, where the world says that it may lack it, and of
	// [Instance.Func] and [Instance.Export] for what it does not export.
	ErrNotExported = abi.ErrNotExported

	// ErrLossy is in the error of a call of a component that was built for another
	// version of the host's world, where something of it cannot be said in that
	// version: see [World.Older].
	ErrLossy = abi.ErrLossy

	// ErrCacheEntry is in what [Engine.Cache] and [Config.Log] tell of an entry of the
	// cache directory that was damaged, and made anew.
	ErrCacheEntry = errors.New("damaged entry of the component cache")

	// ErrNotCompiled is the error of an instance of a component that [Engine.Draft]
	// made.
	ErrNotCompiled = errors.New("the component is not compiled")

	// ErrUnimplemented is what methods of generated Unimplemented types return.
	ErrUnimplemented = abi.ErrUnimplemented
)

// PanicError is the cause of a trap of kind [TrapHostPanic].
type PanicError = task.PanicError

// LinkError says how a component does not fit its host. All misfits are in it,
// up to a thousand.
type LinkError struct {
	World    string // the host's world; empty when only imports were looked at
	Problems []string
	More     int // how many there are beside Problems

	// Misfits are those of the problems that are of the component, for programs.
	Misfits []Misfit
}

// Error returns the problems, one a line if there are several.
func (e *LinkError) Error() string {
	var b strings.Builder
	b.WriteString("component does not fit")
	if e.World != "" {
		b.WriteString(" world " + e.World)
	} else {
		b.WriteString(" its imports")
	}
	b.WriteString(":")
	if len(e.Problems) == 1 {
		b.WriteString(" " + e.Problems[0])
		return b.String()
	}
	for _, p := range e.Problems {
		b.WriteString("\n\t" + p)
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "\n\tand %d more", e.More)
	}
	return b.String()
}
