package breaker

import (
	"sync/atomic"
	"time"

	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

// A window is a ring of slots, each of them a tenth of it long and marked with
// the tick that it is of. The slots that are not of the last ten ticks do not
// count, and are used again.
const (
	slotsInWindow = 10
	slots         = 16
)

// clock numbers ticks of a length from a time on, the first of them 1.
type clock struct {
	start  time.Duration
	length time.Duration
}

// tick returns which tick now is in.
func (c *clock) tick(now time.Duration) uint64 {
	return 1 + uint64(max(now-c.start, 0)/c.length)
}

// counts says whether a slot's tick is in the window that ends with another. A
// slot that was never used has none.
func counts(slot, now uint64) bool { return slot > 0 && slot+slotsInWindow > now && slot <= now }

// shards is how many rings the calls that pass are spread over, so that callers
// on different processors seldom write to the same line of their caches.
const shards = 1 << shardBits

const shardBits = 3

// shard returns which ring a call is counted in. The times at which calls end are
// as good as chance, and cost nothing.
func shard(now time.Duration) uint64 { return uint64(now) * 0x9e3779b97f4a7c15 >> (64 - shardBits) }

// passed counts calls that did not fail, without a lock.
type passed struct {
	clock
	// rings have a tick in the upper 40 bits of each slot and how many calls in
	// the lower 24.
	rings [shards][slots]atomic.Uint64
}

// countBits is how many bits of a slot are the number of calls. What does not
// fit is not counted: it is over 13 million calls a second.
const countBits = 24

// add counts a call.
func (p *passed) add(now time.Duration) {
	tick := p.tick(now)
	slot := &p.rings[shard(now)][tick%slots]
	for {
		v := slot.Load()
		switch {
		case v>>countBits == tick:
			if v&(1<<countBits-1) < 1<<countBits-shards*1024 {
				slot.Add(1)
			}
			return
		case v>>countBits > tick:
			// It took so long to come here that the slot is another's.
			return
		case slot.CompareAndSwap(v, tick<<countBits|1):
			return
		}
	}
}

// sum returns how many calls there are in the window.
func (p *passed) sum(now time.Duration) uint64 {
	tick := p.tick(now)
	var n uint64
	for i := range p.rings {
		for k := range p.rings[i] {
			if v := p.rings[i][k].Load(); counts(v>>countBits, tick) {
				n += v & (1<<countBits - 1)
			}
		}
	}
	return n
}

// reset forgets all calls.
func (p *passed) reset() {
	for i := range p.rings {
		for k := range p.rings[i] {
			p.rings[i][k].Store(0)
		}
	}
}

// failed counts calls that failed, by outcome. It is the breaker's lock that
// guards it.
type failed struct {
	clock
	ring [slots]struct {
		tick   uint64
		counts tally.Counts
	}
}

// add counts a call.
func (f *failed) add(now time.Duration, o tally.Outcome) {
	tick := f.tick(now)
	slot := &f.ring[tick%slots]
	if slot.tick < tick {
		slot.tick, slot.counts = tick, tally.Counts{}
	}
	if slot.tick == tick {
		slot.counts[o]++
	}
}

// sum returns the failures in the window.
func (f *failed) sum(now time.Duration) tally.Counts {
	tick := f.tick(now)
	var sum tally.Counts
	for i := range f.ring {
		if counts(f.ring[i].tick, tick) {
			for o, n := range f.ring[i].counts {
				sum[o] += n
			}
		}
	}
	return sum
}

// reset forgets all calls.
func (f *failed) reset() { clear(f.ring[:]) }
