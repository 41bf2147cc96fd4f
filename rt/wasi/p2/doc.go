// Package p2 is WASI 0.2 in Go: below it is a package for each of its
// interfaces, as witgen makes them of what is in wit. Package wasi implements
// them; they are public for hosts that implement one their own way, and for the
// bindings of worlds that use their types.
package p2

//go:generate go run ../../../cmd/witgen generate
