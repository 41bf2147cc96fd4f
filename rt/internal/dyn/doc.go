// Package dyn passes values over the canonical ABI by walking WIT types, for
// functions that no code was generated for: calls between the instances of a
// component, and hosts that learn a component's types at run time.
//
// A WIT type is made ready once, by [TypeOf], and a function by [Lift] or
// [Lower]; what they return never changes and may be shared. A [Context] is
// where the values of one call live. [Load], [Store], [LiftFlat] and
// [LowerFlat] are the walks of definitions.py by the same names; [Lifted] and
// [Lowered] use them for whole calls.
//
// Nothing here panics whatever a guest hands over or a host passes. Failures
// are kept by the context's memory view, as abi.Mem describes: those of the
// guest by Reject, a Go value that does not fit its type by Fail. What is
// lifted counts against the call's budget for allocations.
//
// Streams, futures and error contexts have no dynamic values: they belong to
// tasks.
package dyn
