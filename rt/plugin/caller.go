package plugin

import "context"

// Caller says on whose behalf a host function runs.
type Caller struct {
	Plugin   string // the slot's name
	Revision string // the first 12 digits of its digest
	// World is that of the plugin, "ns:pkg/world@1.0.0": an older version of the slot's,
	// if it was built for that. It may be empty for a [World] that was made by hand.
	World string
	Arm   Arm
}

// Arm is a way that calls of a slot take.
type Arm string

// The arms.
const (
	Stable Arm = "stable"
	Canary Arm = "canary"
	// Probe is the arm of calls that the host makes itself: to prepare an
	// instance, to ask it for its metadata or its health, and to end it.
	Probe Arm = "probe"
)

type callerKey struct{}

// CallerFrom returns the plugin that calls a host function, from that
// function's context; in the context that [Slot.Do] gives, the one that is called.
// It is false in other contexts.
func CallerFrom(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(callerKey{}).(*call)
	if !ok {
		return Caller{}, false
	}
	return c.caller(), true
}

// Setting returns what the policy of the plugin that [CallerFrom] names has as
// its configuration: that of the revision which calls, whatever is granted since.
// It is for host functions that plugins ask for their settings.
func Setting(ctx context.Context, key string) (string, bool) {
	c, ok := ctx.Value(callerKey{}).(*call)
	if !ok {
		return "", false
	}
	value, ok := c.revision.rights.Config[key]
	return value, ok
}

type stableKey struct{}

// OnStable returns a context whose calls go to what serves, and none to what is
// tried out: for a call that failed there, if it may be made again.
func OnStable(ctx context.Context) context.Context {
	return context.WithValue(ctx, stableKey{}, true)
}
