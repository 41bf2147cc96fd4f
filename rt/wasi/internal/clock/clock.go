// Package clock gives guests the time: wasi:clocks.
package clock

import "time"

// Clock is where time comes from. Its methods may be called from any goroutine.
type Clock interface {
	// Now returns the time of day.
	Now() time.Time

	// Monotonic returns the time since some moment that stays the same. It never
	// goes backwards.
	Monotonic() time.Duration

	// AfterFunc calls f on a goroutine of its own once d is over, by Monotonic,
	// unless stop is called before.
	AfterFunc(d time.Duration, f func()) (stop func())
}

// Real is the time of the machine.
type Real struct{}

var _ Clock = Real{}

// began is what Monotonic counts from.
var began = time.Now()

// Now returns the time of day.
func (Real) Now() time.Time { return time.Now() }

// Monotonic returns the time since the process began.
func (Real) Monotonic() time.Duration { return time.Since(began) }

// AfterFunc is [time.AfterFunc].
func (Real) AfterFunc(d time.Duration, f func()) (stop func()) {
	t := time.AfterFunc(d, f)
	return func() { t.Stop() }
}
