// Package breaker stops calling a plugin that keeps failing, and tries it again
// from time to time.
//
// A [Breaker] is closed at first and lets all calls pass. It opens when too many
// fail, and refuses calls for a while; then it is half open and lets one pass,
// the probe, whose outcome closes it or opens it for twice as long.
//
// It has no clock and no goroutine: whoever calls says what time it is, as how long
// after a time that it knows that is.
package breaker

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

// The defaults of [Config].
const (
	DefaultWindow     = 10 * time.Second
	DefaultMinCalls   = 20
	DefaultShare      = 0.5
	DefaultRow        = 5
	DefaultBackoff    = time.Second
	DefaultMaxBackoff = time.Minute
)

// Config says when a breaker opens, and for how long. Fields that are zero, or
// below, have defaults.
type Config struct {
	// Window is how far back calls count: 10 s by default, to a tenth of it.
	Window time.Duration
	// MinCalls calls in the window with a Share of failures among them open the
	// breaker: 20 and 0.5 by default.
	MinCalls int
	Share    float64
	// Row failures one after the other open it as well: 5 by default.
	Row int
	// Backoff is how long it is open the first time, 1 s by default. That doubles
	// with each probe that fails, and if it opens again within a Window of having
	// been closed, up to MaxBackoff, 60 s by default. Up to a quarter is added at
	// random, so that many breakers do not probe at once, but never beyond
	// MaxBackoff.
	Backoff, MaxBackoff time.Duration
	// Random returns numbers from 0 to 1, without 1, for that; nil is math/rand.
	Random func() float64
}

// withDefaults returns the configuration with what it leaves out.
func (c Config) withDefaults() Config {
	positive(&c.Window, DefaultWindow)
	positive(&c.MinCalls, DefaultMinCalls)
	if !(c.Share > 0) {
		c.Share = DefaultShare
	}
	positive(&c.Row, DefaultRow)
	positive(&c.Backoff, DefaultBackoff)
	positive(&c.MaxBackoff, DefaultMaxBackoff)
	c.Window = max(c.Window, slotsInWindow)
	c.Backoff = min(c.Backoff, c.MaxBackoff)
	if c.Random == nil {
		c.Random = rand.Float64
	}
	return c
}

// positive gives a field that is not above zero its default.
func positive[T ~int | ~int64](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// State is what a breaker does with calls.
type State uint8

// The states.
const (
	Closed State = iota
	Open
	HalfOpen
)

// String returns the state's name.
func (s State) String() string {
	if names := [...]string{"closed", "open", "half-open"}; int(s) < len(names) {
		return names[s]
	}
	return "unknown"
}

// Breaker is one. It may be used by several goroutines at once. It must not be
// copied.
type Breaker struct {
	config Config
	epoch  time.Time
	// phase is the state in its lowest two bits and how often it changed in the
	// others.
	phase atomic.Uint64
	// row is how many calls failed since one did not.
	row atomic.Int64
	// passed counts what did not fail; all else is with mu.
	passed passed
	// opening is the last one.
	opening atomic.Pointer[opening]

	mu        sync.Mutex
	failed    failed
	inRow     tally.Counts
	changed   time.Duration
	backoff   time.Duration
	wasClosed bool
}

// opening is why and until when a breaker is open. It is never changed.
type opening struct {
	// since is when it opened, until when the next probe may be.
	since, until time.Duration
	// failed and calls are what it saw. If it opened for failures in a row, calls
	// is 0.
	failed tally.Counts
	calls  uint64
}

// New returns a breaker that is closed. All times that it is told are since epoch.
func New(c Config, epoch time.Time, now time.Duration) *Breaker {
	b := &Breaker{config: c.withDefaults(), epoch: epoch, changed: now}
	length := b.config.Window / slotsInWindow
	b.passed.clock = clock{now, length}
	b.failed.clock = clock{now, length}
	return b
}

// Permit is the leave for one call. Its zero value is none.
type Permit struct{ phase uint64 }

// Probe says whether the call is a probe.
func (p Permit) Probe() bool { return State(p.phase&3) == HalfOpen }

// Allow asks for leave to call now. Each permit is for one call, whose outcome
// goes to Done; the error is a [*Unavailable]. While the breaker is closed it
// takes an atomic load.
//
// A probe that is not done after MaxBackoff no longer keeps others from probing,
// so that one that is stuck does not keep the plugin from being used.
func (b *Breaker) Allow(now time.Duration) (Permit, error) {
	phase := b.phase.Load()
	if State(phase&3) == Closed {
		return Permit{phase}, nil
	}
	if o := b.opening.Load(); State(phase&3) == Open && now < o.until {
		return Permit{}, &Unavailable{o, b.epoch, now, false}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	phase = b.phase.Load()
	o := b.opening.Load()
	switch State(phase & 3) {
	case Closed:
		return Permit{phase}, nil
	case Open:
		if now < o.until {
			return Permit{}, &Unavailable{o, b.epoch, now, false}
		}
	case HalfOpen:
		if now-b.changed < b.config.MaxBackoff {
			return Permit{}, &Unavailable{o, b.epoch, now, true}
		}
	}
	return Permit{b.become(HalfOpen, now)}, nil
}

// become goes to a state, and returns the phase. The caller has mu.
func (b *Breaker) become(s State, now time.Duration) uint64 {
	phase := (b.phase.Load()>>2+1)<<2 | uint64(s)
	b.changed = now
	b.phase.Store(phase)
	return phase
}

// Done says how a call ended, and whether that counts as a failure, which as a
// rule is what [tally.Outcome.Failed] says. What tells nothing of the plugin
// (see [tally.Outcome.Judged]) does not count, and a probe that ends so lets the
// next call be one. It returns whether the breaker opened or closed for it.
//
// Calls that were allowed in an earlier state of the breaker do not count. For a
// call that did not fail nothing is locked while the breaker is closed.
func (b *Breaker) Done(p Permit, now time.Duration, o tally.Outcome, failure bool) bool {
	switch {
	case p.phase != b.phase.Load():
		return false
	case p.Probe():
		return b.probed(p, now, o, failure)
	case !o.Judged():
		return false
	case failure:
		return b.fail(p, now, o)
	}
	if b.row.Load() != 0 {
		b.row.Store(0)
	}
	b.passed.add(now)
	return false
}

// fail counts a failure, and opens the breaker if it is one too many.
func (b *Breaker) fail(p Permit, now time.Duration, o tally.Outcome) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.phase != b.phase.Load() {
		return false
	}
	b.failed.add(now, o)
	row := b.row.Add(1)
	if row == 1 {
		b.inRow = tally.Counts{}
	}
	b.inRow[o]++
	failed := b.failed.sum(now)
	n := failed.Sum(all)
	calls := n + b.passed.sum(now)
	switch {
	case calls >= uint64(b.config.MinCalls) && float64(n) >= b.config.Share*float64(calls):
		b.open(now, &opening{since: now, failed: failed, calls: calls})
	case row >= int64(b.config.Row):
		b.open(now, &opening{since: now, failed: b.inRow})
	default:
		return false
	}
	return true
}

// all says that every outcome counts.
func all(tally.Outcome) bool { return true }

// open opens a breaker that was closed. The caller has mu.
func (b *Breaker) open(now time.Duration, o *opening) {
	if b.wasClosed && now-b.changed < b.config.Window {
		b.backoff = min(2*b.backoff, b.config.MaxBackoff)
	} else {
		b.backoff = b.config.Backoff
	}
	b.reopen(now, o)
}

// reopen opens the breaker until the backoff is over. The caller has mu.
func (b *Breaker) reopen(now time.Duration, o *opening) {
	wait := b.backoff + time.Duration(b.config.Random()*float64(b.backoff)/4)
	o.until = now + min(wait, b.config.MaxBackoff)
	b.opening.Store(o)
	b.become(Open, now)
}

// probed ends a probe.
func (b *Breaker) probed(p Permit, now time.Duration, o tally.Outcome, failure bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.phase != b.phase.Load() {
		return false
	}
	again := *b.opening.Load()
	switch {
	case !o.Judged():
		again.until = now
		b.opening.Store(&again)
		b.become(Open, now)
		return false
	case failure:
		b.backoff = min(2*b.backoff, b.config.MaxBackoff)
		b.reopen(now, &again)
		return false
	}
	// What led to the opening does not count again.
	b.passed.reset()
	b.failed.reset()
	b.row.Store(0)
	b.wasClosed = true
	b.become(Closed, now)
	return true
}

// Status is what a breaker shows of itself.
type Status struct {
	State State
	// Since is when it came into that state; for one that is open or half open,
	// when it opened, whatever probes there were since.
	Since time.Time
	// Next is when the next call may be a probe, if it is open.
	Next time.Time
	// Failed are the failures in the window, or those it opened for. Calls is
	// of how many; 0 for an opening by failures in a row.
	Failed tally.Counts
	Calls  uint64
}

// Status returns what the breaker is and has seen.
func (b *Breaker) Status(now time.Duration) Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := State(b.phase.Load() & 3)
	if s == Closed {
		failed := b.failed.sum(now)
		return Status{State: s, Since: b.epoch.Add(b.changed), Failed: failed, Calls: failed.Sum(all) + b.passed.sum(now)}
	}
	o := b.opening.Load()
	status := Status{State: s, Since: b.epoch.Add(o.since), Failed: o.failed, Calls: o.calls}
	if s == Open {
		status.Next = b.epoch.Add(o.until)
	}
	return status
}
