// Package stream makes wasi:io/streams of what Go reads from and writes to.
//
// [Input] and [Output] have the rules of the interface: permits, errors that are
// told once, children that are dropped first, waits that end with the context.
// Behind them are a [Reader] and a [Writer], which never wait: for files, which
// are always ready ([FromReaderAt], [ToWriter]); and for what blocks
// ([FromReader], [ToBlocking]), which a goroutine waits for while there is
// something to wait for, and no longer.
//
// An Input or Output belongs to the goroutine that runs its guest. Readers and
// Writers may be watched from any.
package stream

// Chunk is the most bytes that are read in one go, whatever a guest asks for.
const Chunk = 64 << 10
