package plugin

import (
	"context"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestDial asks a dial whether a time has come, in steps of all lengths up to more
// than a tick: it always says what the clock does, and stands still in between.
func TestDial(t *testing.T) {
	for _, step := range []time.Duration{time.Microsecond * 50, time.Millisecond / 2, tick / 3, tick, tick * 2} {
		synctest.Test(t, func(t *testing.T) {
			d := newDial()
			defer d.stop()
			d.last.Store(int64(clock() - tick)) // the time of tests may be before the start
			for range 3 {
				from := clock()
				till := from + 7*tick + tick/7
				moved := false
				for now := from; now < till+5*tick; now = clock() {
					if got, want := d.past(till), now >= till; got != want {
						t.Fatalf("step %v, after %v: got %v, want %v", step, now-from, got, want)
					}
					moved = moved || d.hand.Load() != 0
					time.Sleep(step)
				}
				if want := step < tick/10; moved != want {
					t.Errorf("step %v: set by a timer: %v, want %v", step, moved, want)
				}
				time.Sleep(3 * tick)
				if d.hand.Load() != 0 {
					t.Errorf("step %v: it goes on though nobody asks", step)
				}
			}
		})
	}
}

// TestDialLooks counts on the dial alone where a time is far off.
func TestDialLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDial()
		now := clock()
		for range 2 {
			d.past(now + time.Second)
		}
		d.stop() // as if timers were late
		for _, tt := range []struct {
			after time.Duration
			want  bool
		}{{0, true}, {2 * tick, true}, {2*tick + 1, false}} {
			time.Sleep(tick)
			if got := d.past(now + tt.after); got != tt.want {
				t.Errorf("%v after what the dial says: %v, want %v", tt.after, got, tt.want)
			}
		}
	})
}

// TestDialOfMany asks from several goroutines while the dial is set and stands
// still in turn.
func TestDialOfMany(t *testing.T) {
	d := newDial()
	defer d.stop()
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 6 {
				till := clock() + 3*tick
				for !d.past(till) {
					if clock() > till+time.Minute {
						t.Error("a time does not come")
						return
					}
				}
				if now := clock(); now < till {
					t.Errorf("%v too early", till-now)
				}
				time.Sleep(4 * tick)
			}
		})
	}
	work.Wait()
}

// TestLongDeadline gives a call the longest deadline that a policy can say, which
// is beyond what the clock can.
func TestLongDeadline(t *testing.T) {
	host := &Host{dial: newDial()}
	r := &revision{slot: &slot{host: host}, ending: t.Context()}
	for _, limit := range []time.Duration{math.MaxInt64, math.MaxInt64 - time.Hour, time.Hour} {
		c := &call{parent: context.Background(), revision: r, begun: 2 * time.Hour}
		c.within(limit)
		if err := c.Err(); err != nil {
			t.Errorf("a deadline after %v is over at once: %v", limit, err)
		}
	}
}
