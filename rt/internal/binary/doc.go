// Package binary reads the binary format of components and of core modules.
//
// [Decode] turns the bytes of a component into a [Component]: a faithful
// syntax tree, definitions in the order of the file, indices unresolved.
// [DecodeModule] reads of a core module what a component runtime asks about
// it: its types, imports, definitions, exports and where its sections lie.
//
// Both check the grammar and nothing else: whether an index exists, a name is
// well formed or a type fits is for validation to say. Input is taken to be
// hostile. Nothing is allocated on the word of a count, nesting has a limit,
// and every failure is an [*Error] that names the byte.
//
// See Binary.md of the component model, and "Binary Format" of the core
// specification.
package binary
