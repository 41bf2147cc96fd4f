package plugin

import (
	"errors"

	"github.com/witgen/witgen/rt/plugin/internal/pool"
)

// Errors to test for with errors.Is. Those of package rt, such as
// [rt.ErrDeadline], are in the errors of calls as well.
var (
	// ErrOverloaded is in the error of a call for which no instance was free, and
	// that would have waited among too many, or for too long.
	ErrOverloaded = pool.ErrOverloaded

	// ErrUnavailable is in the error of a call of a plugin that has no revision
	// which serves, or one that is left alone for a while as it failed too often.
	ErrUnavailable = errors.New("unavailable")

	// ErrDrained is the cause of a call that was cancelled since its revision has
	// been replaced, and the time it was given to end was over.
	ErrDrained = errors.New("revision replaced")

	// ErrReentrant is in the error of a call that a plugin's own host functions
	// make of the same plugin while no instance is free: it would wait for itself.
	ErrReentrant = errors.New("the plugin calls itself, and has no free instance")

	// ErrClosed is the error of calls of a host or a slot that was closed.
	ErrClosed = errors.New("plugin host closed")

	// ErrPassing, in an error of [Config.Verify] or of a hook of a [World], says that
	// the plugin is not at fault, and may be fine later: it is not quarantined, and a
	// file that is watched is tried again.
	ErrPassing = errors.New("this may pass")

	// ErrQuarantined is in the error of a revision that is not tried again, as it
	// failed before. [Control.Retry] lifts that.
	ErrQuarantined = errors.New("quarantined")
)

// unavailable is the error of a call that a breaker refused.
type unavailable struct{ error }

// Is makes it ErrUnavailable.
func (*unavailable) Is(target error) bool { return target == ErrUnavailable }

// Unwrap returns the breaker's error.
func (u *unavailable) Unwrap() error { return u.error }
