// Package poll waits for what guests wait for.
//
// A [Source] is anything that is ready or not: a timer, an end of a stream, a
// socket. It says so when it is asked, and wakes those that watch it when the
// answer may have changed: a wake is a reason to ask again and nothing more, so
// that no order of events is lost. A [Pollable] is a guest's view of a source.
//
// Waiting takes no goroutine and no time of a processor: [Wait] watches all
// sources with one channel and selects on that and the context.
package poll
