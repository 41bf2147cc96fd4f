package plugin

import (
	"context"
	"time"
)

// Observer is told of all that happens, for metrics and traces. Its methods are
// called by what they tell of, on many goroutines at a time, and should not take
// long. They may ask and decide of the host and its slots whatever does not wait: what
// loads something, ends a slot or closes the host waits for what they are told of,
// until its context is done, and is for a goroutine that they start.
type Observer interface {
	// Called is told of each call when it has ended, with its context, which is
	// done by then, or with its caller's, if there was no revision for it.
	Called(ctx context.Context, c Called)
	// Happened is told of each event.
	Happened(e Event)
}

// Beginner is an [Observer] that is told of calls also as they begin.
type Beginner interface {
	Observer
	// Begins returns the context of a call, made of its caller's: host functions
	// have it, and Called does. A plugin is not chosen by what it adds.
	Begins(ctx context.Context, plugin string) context.Context
}

// Called is a call that ended.
type Called struct {
	Caller
	Outcome Outcome
	Kind    string        // of the outcome, such as that of a trap; may be empty
	Waited  time.Duration // for an instance
	Took    time.Duration // since it had one; 0 if it had none
	Fuel    uint64        // that the guest used
	Memory  int64         // that the instance has, in bytes; 0 if there was none
}

// Event is something that happened to a slot or a revision.
type Event struct {
	Time     time.Time
	Plugin   string // empty for an event of the host
	Kind     EventKind
	Revision string        // the first 12 digits of its digest; may be empty
	World    string        // of the revision, as in [Caller]
	Stage    Stage         // at which a revision failed, or that it reached
	Took     time.Duration // how long that stage did, with waiting for its turn; 0 elsewhere
	Denied   string        // the capability, of DeniedUse: "filesystem", "tcp", "host_call"
	Text     string        // what happened, for people
	Err      error         // why, if something failed
}

// EventKind says what an event is about.
type EventKind string

// The kinds of event.
const (
	Reached       EventKind = "reached"        // a stage
	StageFailed   EventKind = "stage-failed"   // a revision failed on its way
	Unchanged     EventKind = "unchanged"      // what was to be loaded serves already
	Swapped       EventKind = "swapped"        // a revision serves all calls
	Drained       EventKind = "drained"        // the calls of a replaced revision have ended
	Stuck         EventKind = "stuck"          // some have not, though they were cancelled
	Retired       EventKind = "retired"        // a revision was closed
	CanaryStarted EventKind = "canary-started" // a revision serves some calls
	CanaryMoved   EventKind = "canary-moved"   // its share is another one
	CanaryHeld    EventKind = "canary-held"    // its share stays, or may grow again
	Promoted      EventKind = "promoted"       // it serves all calls
	RolledBack    EventKind = "rolled-back"    // it serves none
	DeniedUse     EventKind = "denied"         // of something that is not granted
	BreakerMoved  EventKind = "breaker"        // opened, or closed
	WarmFailed    EventKind = "warm-failed"    // an instance could not be started ahead
	StopFailed    EventKind = "stop-failed"    // an instance did not end well
	SourceGone    EventKind = "source-gone"    // the file is not there any more; what serves goes on
	StateFailed   EventKind = "state-failed"   // the state could not be written
	PolicyTaken   EventKind = "policy-taken"   // another policy file is in force, for all plugins: it is an event of none
	PolicyFailed  EventKind = "policy-failed"  // it is not, as it is wrong, or a plugin refuses it
)

// Stage is a step on a revision's way to serving calls.
type Stage string

// The stages, in their order.
const (
	Settle  Stage = "settle"  // the bytes are read, once they are at rest
	Keep    Stage = "stage"   // they are put in the store
	Verify  Stage = "verify"  // the host says whether they may be used
	Check   Stage = "check"   // what they ask for is granted, and fits
	Compile Stage = "compile" // and linked with the world
	Probing Stage = "probe"   // an instance is started under small limits
	Warm    Stage = "warm"    // instances are started ahead
	Swap    Stage = "swap"    // calls go to the revision
	Drain   Stage = "drain"   // the calls of the one before it end
	Retire  Stage = "retire"  // and it is closed
)
