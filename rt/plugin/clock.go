package plugin

import (
	"math"
	"sync/atomic"
	"time"
)

// start of the process, as far as this package is concerned: durations since
// then are cheaper to have than times.
var start = time.Now()

// clock returns what time it is. Looking takes some 25 to 45 ns.
func clock() time.Duration { return time.Since(start) }

// tick is how often a [dial] is set.
const tick = 10 * time.Millisecond

// dial says whether times have come, for those who ask again and again: each call
// does whenever its guest goes in or out. While many ask a timer sets it, and a
// time that is more than two ticks away by what it says has not come, which takes
// no look at the clock. It stands still when nobody asks. Where timers are late so
// is the dial, as is any context that ends by one.
type dial struct {
	hand  atomic.Int64 // by the clock; 0 while it stands still
	asked atomic.Bool  // since it was set
	last  atomic.Int64 // when it was asked while it stood still
	timer *time.Timer
}

func newDial() *dial {
	d := &dial{}
	d.timer = time.AfterFunc(math.MaxInt64, d.set)
	d.timer.Stop() // or the runtime would keep it as long as the program
	return d
}

// past reports whether a time has come.
func (d *dial) past(t time.Duration) bool {
	hand := time.Duration(d.hand.Load())
	if hand != 0 && t-hand > 2*tick && d.asked.Load() {
		return false
	}
	return d.look(t, hand)
}

// look is past for all that may be.
func (d *dial) look(t, hand time.Duration) bool {
	if hand != 0 {
		d.asked.Store(true)
		return t-hand <= 2*tick && clock() >= t
	}
	now := clock()
	// Those who ask seldom want no timer.
	if now-time.Duration(d.last.Swap(int64(now))) < tick/10 && d.hand.CompareAndSwap(0, int64(now)) {
		d.timer.Reset(tick)
	}
	return now >= t
}

// set sets the dial, or lets it stand still.
func (d *dial) set() {
	if !d.asked.Swap(false) {
		d.hand.Store(0)
		return
	}
	d.hand.Store(int64(clock()))
	d.timer.Reset(tick)
}

// stop stops the timer, when nobody asks any more.
func (d *dial) stop() { d.timer.Stop() }
