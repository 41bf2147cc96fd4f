package rt

import (
	"cmp"

	"github.com/witgen/witgen/rt/internal/task"
)

// defaultDepth is how many calls inside a component may be inside each other.
const defaultDepth = 32

// Limits bounds what an instance may have, and what a call of it may take. The
// zero Limits is ready to use. A call is one of the host's into the instance,
// with all that happens until it returns: calls between the component instances
// inside, post-return, and the calls that the guest makes of host functions. A
// call of a destructor is one too, and so is the start of the instance. What a
// host function calls meanwhile, such as another instance, has limits of its own.
// A limit below 0 leaves nothing.
type Limits struct {
	// Handles is the most handles to resources that the instance may have at one
	// time, all components inside together; 0 means 65,536. A guest that wants more
	// traps, with [ErrLimit].
	Handles int

	// Fuel is the most fuel that a call may use, and starting the instance; 0
	// means any amount. A guest that wants more traps, with [ErrFuel]. See
	// [Instance.FuelUsed].
	Fuel uint64

	// Depth is the most calls from one component instance inside to another, or
	// of destructors, that may be under way inside each other; 0 means 32. A
	// guest that makes more traps, with [ErrLimit]. Each has a call stack of its
	// own, which Stack counts with the others. What a host
	// function calls, such as another instance, has limits of its own.
	Depth int

	// Lift is the most bytes that one crossing from the guest may make the host
	// allocate for the values that it hands over; 0 means 128 MiB. A crossing is
	// the result of a call, the arguments of one call of a host function, or the
	// arguments or the result of one call between component instances. Strings
	// and lists count with the bytes of their elements in Go, and calls by name
	// with the values that the elements are boxed in as well. What is put in the
	// buffer of [WithBuffer] is not allocated, and does not count. A guest that
	// hands over more traps before anything is allocated for it, with [ErrLimit].
	Lift int64

	// HostCalls is the most calls of host functions that the guest may make in a
	// call; 0 means any number. Methods of resources and the ends of resources
	// that are not the component's own count, whatever they are bound to; built-in
	// functions, such as those of handles, and calls inside the component do not.
	// A guest that makes one more traps, with [ErrLimit].
	HostCalls int64

	// HostBytes is the most bytes that all calls of host functions in a call may
	// make the host allocate together for their arguments, counted as Lift counts
	// them; 0 means any amount. A guest that hands over more traps before anything
	// is allocated for it, with [ErrLimit].
	HostBytes int64

	// AllFuel is the most fuel that the instance may use in all its calls
	// together, and for its start; 0 means any amount.
	AllFuel uint64

	// Stack is the most bytes that the call stacks of the instance may take,
	// those of all calls that are under way inside of it together; 0 means
	// 128 MiB. It is an estimate that depends on the code alone, and five times
	// what code by compilers uses on average. Where the guest handles exceptions,
	// each handler that waits for one keeps a copy of the call stack: the copies
	// may take half as much. A guest that wants more traps, with [ErrStack]: by
	// recursion, as other code hardly can. The core runtime has limits of its own:
	// some 50 MB for a single call stack, and 2,000 calls inside each other when it
	// interprets. A stack of more than 512 KiB is not kept after the call. An
	// engine that does not interrupt guests bounds the copies alone.
	Stack int64

	// Memory is the most bytes that all linear memories of the instance may
	// have together; 0 means 1 GiB. An instance that declares more does not
	// start, with [ErrMemory]; one that wants to grow beyond it is told that
	// it cannot, and [Instance.Memory] counts it.
	Memory int64

	// Budget is shared by the instances that have it: their memories are
	// bounded together too. Nil means that they are not. What an instance has
	// of it is put back when it is closed, or does not start.
	Budget *Budget

	// Tables is the most elements that all tables of the instance may have
	// together; 0 means 1,000,000. An instance that could have more does not
	// start, with [ErrMemory]. A table counts with what it has to begin with;
	// in a component that has an instruction by which tables grow, or imports
	// core modules, with what it can grow to: its declared maximum, 100,000
	// elements at most. An element takes 8 bytes.
	Tables int
}

// limit sets the limits of the instance's calls.
func (in *Instance) limit(l Limits) {
	in.tree.Depth, in.tree.Lift = cmp.Or(l.Depth, defaultDepth), l.Lift
	in.stack.limit = cmp.Or(l.Stack, defaultStack)
	in.meter = meter{slice: in.linked.component.engine.slice, perCall: l.Fuel, inAll: l.AllFuel}
	if l.HostCalls != 0 || l.HostBytes != 0 {
		in.tree.Host = &task.Allowance{Calls: l.HostCalls, Bytes: l.HostBytes}
	}
	if !in.linked.component.engine.uninterrupted {
		in.tree.Fuel = in.meter.used
	}
	in.afresh()
	if in.meter.limited() || in.tree.Host != nil {
		in.tree.Budget = in.afresh
	}
}

// afresh gives a call what it may take.
func (in *Instance) afresh() {
	in.meter.begin()
	if in.tree.Host != nil {
		in.tree.Host.Begin()
	}
}
