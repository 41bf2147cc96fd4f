// Package edits makes contracts that nobody wrote, and changes them as somebody
// who maintains one might: what is said of a change can then be held against
// what becomes of components of both sides.
//
// A contract is a package of a few interfaces that use each other's types, some
// of them in a package that it depends on, and a world that imports some and
// exports some, or includes a world that does. Some of it is unstable. A change
// is one edit or two of it: of types, functions, resources, uses, gates, names,
// versions or the world. Some edits change nothing that anybody could notice.
//
// The package writes WIT and reads none, so that a mistake of package wit about
// what WIT means is not made twice.
package edits
