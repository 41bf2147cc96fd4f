// Package abi is what generated code is made of: a view of guest memory that
// keeps its first failure, the calls that cross into a guest and out of it,
// and the descriptions by which both sides are compared before they are linked.
//
// It is public because generated code imports it, and it changes only with
// [Version1]. Write against the generated packages and package rt instead.
//
// A [Call] and its [Mem] belong to the goroutine that runs the call. Lifting
// reads from the guest, lowering writes to it: CanonicalABI.md, "Loading",
// "Storing", "Flattening".
package abi

// Version1 exists as long as this package serves code generated for it.
// Generated code refers to it, so that code this package does not serve any
// more fails to compile.
const Version1 = 1
