// Package keyvalue gives guests stores of keys with values: wasi:keyvalue, in the
// two drafts that guests import.
//
// A bucket does what a guest may ask of it, within bounds. Each draft has types of
// its own for the same, in a file of its name: what it has and the other has not is
// there.
package keyvalue
