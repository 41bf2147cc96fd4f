// Package store keeps on disk what a host of plugins must find again after it
// was stopped, however it was stopped: the code of plugins, and which of it
// serves what. In the directory are
//
//	state.json              what is known of each slot
//	state.json.old          what was known before the last change
//	state.json*.damaged     what could not be read, for people to look at
//	lock                    held by the process that has the directory open
//	store/sha256/<hex>.wasm code, under the digest of its bytes
//	store/damaged/          code that was not what its name says
//
// A file gets its name when all of it is on the disk and never changes after
// that, and a method that returns without an error has put on the disk what
// it did. So whenever the process or the machine stops, the state is one that was
// stored as a whole, and not older than the last one of which [Dir.Update] has
// said so; and the code that it names is there.
//
// Nothing is taken to be whole because it is there: code is compared with its
// digest whenever it is read, the state has a checksum in it. Errors tell damage,
// which stays, from faults of the system around, which may pass: see
// [DamageError] and [FaultError].
//
// One process has a directory at a time. What the states mean, when code is
// staged and when there is something to collect is the caller's business.
//
// Methods of [Dir] may be called by several goroutines at once.
package store
