// Package draft is what WASI 0.2 has as drafts, in Go: below it is a package for
// each interface of wasi:config, wasi:logging and wasi:keyvalue, in the versions
// that guests import, as witgen makes them of what is in wit. Package wasi
// implements them.
//
// A draft may change, and go, as WASI does with it: what is here is then added to,
// and taken away when no guest has it any more. Package p2 has what is settled.
package draft

//go:generate go run ../../../cmd/witgen generate
