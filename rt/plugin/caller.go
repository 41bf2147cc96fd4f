package plugin

import "context"

// Caller says on whose behalf a host function runs.
type Caller struct {
	Plugin   string // the slot's name
	Revision string // the first 12 digits of its digest
	Arm      Arm
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
// function's context. It is false in other contexts.
func CallerFrom(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(callerKey{}).(*call)
	if !ok {
		return Caller{}, false
	}
	return c.caller(), true
}
