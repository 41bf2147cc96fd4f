// Package core rewrites core modules before they are compiled.
//
// A core runtime links by names: it wants every import to have one, and it
// looks a name up in one place. A component links by index instead, and the
// names in its core modules are whatever its tools chose, empty ones
// included. [Rename] gives each import the name under which it will be found.
//
// A core runtime does not stop what it runs, or at a price. [Instrument] puts
// checks into a module at which the host can, and [Reference] makes the module
// by which they find the host, and an account of the call stack with which that
// bounds recursion:
//
//	decode -> bounds (refs.go) -> flow: where checks go, and their costs; weights of functions
//	-> graph: who is accounted for -> edits -> assemble
//
// Nor does it treat exceptions as the specification has it. Where a module
// handles any, Instrument first moves the handlers to the instructions that
// throw or call (sink.go).
//
// Every rewriting is a pure function of its arguments: same bytes in, same
// bytes out, on every machine, so that the result can be cached by digest.
package core
