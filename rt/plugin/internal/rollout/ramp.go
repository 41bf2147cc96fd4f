package rollout

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// The defaults of a [Ramp].
const (
	DefaultMinSamples = 200
	DefaultWindows    = 3
	DefaultWindow     = 30 * time.Second
	DefaultBadWindows = 2
	DefaultSlower     = 1.25
	DefaultRisk       = 0.008
)

// DefaultSteps returns the shares of a ramp that names none: 1, 5, 25, 100%.
func DefaultSteps() []float64 { return []float64{0.01, 0.05, 0.25, 1} }

// Ramp is how a canary gets from its first calls to all of them. Fields that
// are zero have defaults: see [Ramp.WithDefaults].
type Ramp struct {
	// Steps are the canary's shares in turn, each above the one before and no
	// more than 1. A ramp that ends below 1 stays there until the canary is
	// promoted by hand.
	Steps []float64
	// MinTime is how long each step lasts at least; zero means as long as Windows
	// take.
	MinTime time.Duration
	// MinSamples is how many calls either arm has in each step at least, not
	// counting those that say nothing: see [tally.Outcome.Judged].
	MinSamples int
	// Windows is how many windows in a row, at the end of each step, have to be
	// without doubt.
	Windows int
	// Window is how long a window is.
	Window time.Duration
	// BadWindows is how many windows it takes at least until a canary is rolled
	// back for its rate of errors or its latency.
	BadWindows int
	// Slower is how many times stable's latency the canary's may be.
	Slower float64
	// Risk bounds how likely it is that chance alone rolls back a canary that is
	// as good as stable, in the whole rollout. See [Judge].
	Risk float64
}

// WithDefaults returns the ramp with what it leaves out: steps of 1, 5, 25 and
// 100%, each with 200 calls and 3 windows of 30 s; 2 bad windows, 1.25 times the
// latency, and a risk of 0.8%.
func (r Ramp) WithDefaults() Ramp {
	if len(r.Steps) == 0 {
		r.Steps = DefaultSteps()
	}
	set(&r.MinSamples, DefaultMinSamples)
	set(&r.Windows, DefaultWindows)
	set(&r.Window, DefaultWindow)
	set(&r.MinTime, time.Duration(r.Windows)*r.Window)
	set(&r.BadWindows, DefaultBadWindows)
	set(&r.Slower, DefaultSlower)
	set(&r.Risk, DefaultRisk)
	return r
}

// set gives a field that is zero its default.
func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// The bounds of what a ramp may say.
const (
	maxSteps   = 100
	maxWindows = 10_000
	minWindow  = 100 * time.Millisecond
	maxTime    = 365 * 24 * time.Hour
	maxRisk    = 0.2
	maxSlower  = 1000
)

// Validate returns all that is wrong with the ramp, after its defaults.
func (r Ramp) Validate() error {
	r = r.WithDefaults()
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("ramp: "+format, args...))
		}
	}
	check(len(r.Steps) <= maxSteps, "%d steps, at most %d", len(r.Steps), maxSteps)
	before := 0.0
	for i, w := range r.Steps[:min(len(r.Steps), maxSteps)] {
		switch {
		case math.IsNaN(w) || w <= 0:
			check(false, "step %d: share %v is not above 0", i+1, w)
		case w > 1:
			check(false, "step %d: share %v is above 1; shares are fractions, 5%% is 0.05", i+1, w)
		case w <= before:
			check(false, "step %d: share %v is not above %v of the step before", i+1, w, before)
		}
		before = max(before, w)
	}
	check(r.MinTime > 0 && r.MinTime <= maxTime, "minimum time %v is not above 0 and at most %v", r.MinTime, maxTime)
	check(r.MinSamples > 0, "minimum samples %d are not above 0", r.MinSamples)
	check(r.Windows > 0 && r.Windows <= maxWindows, "%d windows are not from 1 to %d", r.Windows, maxWindows)
	check(r.Window >= minWindow && r.Window <= maxTime, "window %v is not from %v to %v", r.Window, minWindow, maxTime)
	check(r.BadWindows > 0 && r.BadWindows <= maxWindows, "%d bad windows are not from 1 to %d", r.BadWindows, maxWindows)
	check(r.Slower >= 1 && r.Slower <= maxSlower, "slower %v is not from 1 to %d: it is a factor", r.Slower, maxSlower)
	check(r.Risk > 0 && r.Risk <= maxRisk, "risk %v is not above 0 and at most %v", r.Risk, maxRisk)
	return errors.Join(errs...)
}
