// Package rt runs WebAssembly components, in pure Go on wazero.
//
// A program makes one [Engine], compiles each component once with
// [Engine.Compile], and starts instances of it. It seldom does so by hand:
// witgen writes a package for each WIT world whose Instantiate takes the
// host's implementations as Go values and returns the component's exports as
// Go values. What hosts touch besides is here: configuration, [Instance],
// [Trap] and the errors.
//
// # Phases
//
// Compile decodes the bytes, checks what they define, makes a plan with all
// nested components inlined, and compiles the core modules. [Component.Link]
// compares the component with the world that a host was written for: types are
// compared, not only names, since most changes of an interface leave the core
// signatures as they were. What the world calls optional may be lacking: calls
// of it fail with [ErrNotExported]. [Linked.Instantiate] runs the plan.
//
// # Without generated code
//
// [Component.Instantiate] starts an instance whose functions are found by name
// with [Instance.Func] and called with values of package rt: see [Value]. The
// host's side of that is [HostInstance]; another instance's exports are one too,
// with [Instance.Export]. [Component.Imports], [Component.Exports] and [Inspect]
// say what there is. Package rt/wave has the values as text.
//
// # Async functions
//
// Functions that WIT calls async are called and answered like others, with
// generated code and without, as long as the guest never waits: a task may
// yield, but nothing can happen that it waits for, and waiting traps. The host
// answers before the guest goes on, so that a host function which blocks holds
// up its instance. Functions with streams, futures or error contexts cannot be
// called: [ErrNotSupported] says so.
//
// # Instances
//
// An instance has memory of its own and shares nothing with others. Calls of
// one instance take turns; different instances run in parallel. A guest that
// traps ends its instance: every later call says so, as [Instance.Err] does, and
// the host goes on. A host function that panics is no different: see [Trap].
//
// A guest that runs when the context of its call is done is interrupted, and dead
// after it; so is one that uses more fuel than its [Limits] allow. Fuel measures
// work: the same calls use the same on every machine. What else a guest may have,
// and make the host do, is bounded too, whether or not [Limits] say how.
//
// Where instances call each other through their host, a call holds the turn of
// each that it has come through. Two calls that go opposite ways through the
// same two instances, on two goroutines, wait for each other until a context
// ends: give calls a deadline, or instances an order.
//
// Whatever runs guest code takes a context. A call that waits for its turn
// ends with its context, and host functions get the context of the call.
package rt
