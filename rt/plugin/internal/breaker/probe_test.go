package breaker

import (
	"testing"
	"time"

	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

func TestOneProbe(t *testing.T) {
	b := opened(t, fixed)
	now := noon + time.Second
	p, err := b.Allow(now)
	if err != nil || !p.Probe() {
		t.Fatalf("no probe after a second: %v, %v", p, err)
	}
	refused(t, b, now, "unavailable: breaker open since 12:00:00 (5 in a row failed: trap 5), probe under way")
	if got := b.Status(now).State; got != HalfOpen {
		t.Errorf("state is %v, want half-open", got)
	}
	if !b.Done(p, now, tally.OK, false) {
		t.Error("the probe did not close it")
	}
	if got := b.Status(now); got.State != Closed || got.Calls != 0 || !got.Since.Equal(morning.Add(now)) {
		t.Errorf("after the probe it is %+v", got)
	}
	// Neither the row nor the failures of before count.
	for range DefaultRow - 1 {
		if call(t, b, now, tally.Trap) {
			t.Fatal("opened by failures of before")
		}
	}
}

// TestProbeTellsNothing checks that a probe which its caller gave up lets the
// next call be one, at once.
func TestProbeTellsNothing(t *testing.T) {
	b := opened(t, fixed)
	now := noon + time.Second
	for _, o := range []tally.Outcome{tally.Cancelled, tally.Overloaded, tally.Unavailable} {
		p, err := b.Allow(now)
		if err != nil || !p.Probe() {
			t.Fatalf("before %v: no probe: %v", o, err)
		}
		if b.Done(p, now, o, false) {
			t.Errorf("%v closed or opened it", o)
		}
	}
	if !call(t, b, now, tally.GuestError) {
		t.Error("the probe that returned did not close it")
	}
}

// TestStuckProbe checks that a probe that never ends is followed by another one,
// and does not count when it ends after all.
func TestStuckProbe(t *testing.T) {
	b := opened(t, fixed)
	now := noon + time.Second
	stuck, err := b.Allow(now)
	if err != nil {
		t.Fatal(err)
	}
	now += DefaultMaxBackoff
	if _, err := b.Allow(now - 1); err == nil {
		t.Error("another probe too early")
	}
	next, err := b.Allow(now)
	if err != nil || !next.Probe() {
		t.Fatalf("no other probe: %v", err)
	}
	if b.Done(stuck, now, tally.Trap, true) || b.Status(now).State != HalfOpen {
		t.Error("the first probe still counted")
	}
	if !b.Done(next, now, tally.OK, false) {
		t.Error("the second probe did not close it")
	}
}

// TestLate checks that calls from before the opening do not count after it.
func TestLate(t *testing.T) {
	b := New(fixed, morning, noon)
	var before []Permit
	for range 2*DefaultRow + 1 {
		p, err := b.Allow(noon)
		if err != nil {
			t.Fatal(err)
		}
		before = append(before, p)
	}
	for i, p := range before[:DefaultRow] {
		if got := b.Done(p, noon, tally.Trap, true); got != (i == DefaultRow-1) {
			t.Fatalf("failure %d: changed is %v", i+1, got)
		}
	}
	if b.Done(before[DefaultRow], noon, tally.OK, false) {
		t.Error("a late success closed it")
	}
	now := noon + time.Second
	call(t, b, now, tally.OK)
	for _, p := range before[DefaultRow+1:] {
		if b.Done(p, now, tally.Trap, true) {
			t.Error("late failures opened it again")
		}
	}
}
