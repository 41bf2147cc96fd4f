// Package linear makes the bytes behind linear memories, and uses them again.
//
// A [Block] backs one memory. Where the platform allows it, a block is a range
// of addresses as long as the memory may ever become, of which the system gives
// what is touched: growth copies nothing, and a memory that is large but little
// used takes little. Elsewhere it is a slice that moves as it grows.
//
// A [Pool] keeps blocks that are done with, all zero again, for the next
// memory. Their bytes are never those of another guest.
//
// How much a guest may have is not decided here.
package linear
