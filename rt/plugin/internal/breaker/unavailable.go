package breaker

import (
	"fmt"
	"time"

	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

// Unavailable is the error of a call that a breaker refused: RT502.
type Unavailable struct {
	opening *opening
	epoch   time.Time
	now     time.Duration
	probing bool
}

// Failed returns the failures that the breaker opened for.
func (u *Unavailable) Failed() tally.Counts { return u.opening.failed }

// Since returns when the breaker opened.
func (u *Unavailable) Since() time.Time { return u.epoch.Add(u.opening.since) }

// RetryAfter returns how long it is until the next call may be let through; 0 if
// that depends on a probe which is under way.
func (u *Unavailable) RetryAfter() time.Duration {
	if u.probing {
		return 0
	}
	return u.opening.until - u.now
}

// Error returns a text such as "unavailable: breaker open since 12:01:07 (17 of
// 20 failed: trap 15, fuel 2), next probe in 3s".
func (u *Unavailable) Error() string {
	o := u.opening
	why := fmt.Sprintf("%d in a row failed", o.failed.Sum(all))
	if o.calls > 0 {
		why = fmt.Sprintf("%d of %d failed", o.failed.Sum(all), o.calls)
	}
	next := "probe under way"
	if !u.probing {
		next = "next probe in " + up(u.RetryAfter()).String()
	}
	return fmt.Sprintf("unavailable: breaker open since %s (%s: %v), %s", u.Since().Format(time.TimeOnly), why, o.failed, next)
}

// up rounds a duration up to seconds, or below one to 10 ms.
func up(d time.Duration) time.Duration {
	unit := time.Second
	if d <= time.Second {
		unit = 10 * time.Millisecond
	}
	return (d + unit - 1) / unit * unit
}
