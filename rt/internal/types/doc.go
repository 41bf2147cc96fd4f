// Package types gives types to the definitions of a decoded component and
// checks that they fit together.
//
// [Check] walks a component in the order of its file, as the specification's
// index spaces are built, and returns it with the types that later phases ask
// for. Value types are those of package wit, so that text, layout and
// flattening are the same for a host's WIT and a guest's binary.
//
// Value types are compared by their structure, resources by identity: each
// definition, each import and each instantiation makes a resource of its own.
// See Binary.md, and Explainer.md "Type Checking".
package types
