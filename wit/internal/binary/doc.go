// Package binary reads what a component in binary form says about its types:
// type definitions, imports, exports, aliases, instances, nested components,
// the types of lifted functions and the documentation of a WIT package. Core
// modules and whatever else has no type on the level of components are passed
// over unread.
//
// [Decode] gives a tree of definitions in the order of the file, with their
// offsets. Indices in it are not looked up: they may lead nowhere. Package
// wit resolves them.
//
// The input is hostile. Nothing is allocated for more than the bytes that are
// there, types and components nest at most 100 deep, and the first error ends
// the reading.
//
// See Binary.md of the component model.
package binary
