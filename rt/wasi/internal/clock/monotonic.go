package clock

import (
	"context"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/clocks/monotonicclock"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
)

// Monotonic is the clock of one instance. See wasi:clocks/monotonic-clock.
type Monotonic struct {
	clock Clock
	start time.Duration
}

var _ monotonicclock.MonotonicClock = (*Monotonic)(nil)

// NewMonotonic returns a clock, which begins when Begin is called.
func NewMonotonic(c Clock) *Monotonic { return &Monotonic{clock: c} }

// Begin begins the time, with the instance.
func (m *Monotonic) Begin() { m.start = m.clock.Monotonic() }

// first is the instant that a clock begins with: language runtimes take 0 for a
// clock that does not work.
const first = 1

// now returns the instant, in nanoseconds.
func (m *Monotonic) now() uint64 {
	return first + uint64(max(0, m.clock.Monotonic()-m.start))
}

// Now returns nanoseconds since the instance began.
func (m *Monotonic) Now(context.Context) (monotonicclock.Instant, error) { return m.now(), nil }

// Resolution returns a nanosecond.
func (m *Monotonic) Resolution(context.Context) (monotonicclock.Duration, error) { return 1, nil }

// SubscribeInstant returns a pollable that is ready from an instant on.
func (m *Monotonic) SubscribeInstant(_ context.Context, when monotonicclock.Instant) (iopoll.Pollable, error) {
	return poll.New(&timer{clock: m, due: when, past: when <= m.now()}), nil
}

// SubscribeDuration returns a pollable that is ready once a time is over.
func (m *Monotonic) SubscribeDuration(_ context.Context, when monotonicclock.Duration) (iopoll.Pollable, error) {
	now := m.now()
	due := now + when
	if due < now {
		due = math.MaxUint64
	}
	return poll.New(&timer{clock: m, due: due, past: when == 0}), nil
}

// timer is ready from an instant on. It takes something of the host's only while
// it is watched.
type timer struct {
	clock *Monotonic
	due   uint64 // beyond what time.Duration can say: never
	past  bool   // it was ready from the start

	failed atomic.Pointer[failure]
}

// failure is what a host's clock panicked with where nobody waits for it.
type failure struct{ of any }

// Ready reports whether the instant has come. A guest that asks for what is due
// at once, as when it sleeps for no time, gives way to others: in a loop around
// that it would see nothing else happen.
func (t *timer) Ready() bool {
	if t.past {
		runtime.Gosched()
		return true
	}
	if f := t.failed.Load(); f != nil {
		panic(f.of) // in the call of the guest, whose error it is
	}
	return t.left() == 0
}

// left returns the time until the timer is due.
func (t *timer) left() uint64 {
	now := t.clock.now()
	return max(t.due, now) - now
}

// Watch wakes w when the timer is due.
func (t *timer) Watch(w poll.Waker) (stop func()) {
	if t.past || t.due > math.MaxInt64 {
		return func() {}
	}
	a := &alarm{timer: t, waker: w}
	a.set()
	return a.stop
}

// alarm wakes one who watches a timer.
type alarm struct {
	timer *timer
	waker poll.Waker

	mu      sync.Mutex
	stopped bool
	cancel  func()
}

// set has the alarm ring when the timer is due, which is later than it was told
// to if the clock is not exact.
func (a *alarm) set() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.stopped {
		a.cancel = a.timer.clock.clock.AfterFunc(time.Duration(a.timer.left()), a.ring)
	}
}

// ring is called on a goroutine of the clock's, where a panic would end the
// process.
func (a *alarm) ring() {
	defer func() {
		if p := recover(); p != nil {
			a.timer.failed.Store(&failure{p})
			a.waker.Wake()
		}
	}()
	if a.timer.left() > 0 {
		a.set()
		return
	}
	a.waker.Wake()
}

func (a *alarm) stop() {
	a.mu.Lock()
	a.stopped = true
	cancel := a.cancel
	a.mu.Unlock()
	cancel()
}
