// Package rollout decides who sees a new revision of a plugin, the canary, and
// whether it is good.
//
// A [Split] says which calls are the canary's: by a salted hash of a key that
// the host chooses, so that a user stays on one side while the share grows. A
// [Ramp] is the shares in turn and what each has to see before the next. A
// [Judge] is told of each window of time what both arms did in it, and says to
// hold, to go on to the next share, or to roll back and why.
//
// Nothing here has a clock, a goroutine or a lock. Whoever owns a rollout calls
// its judge at the end of each window.
package rollout
