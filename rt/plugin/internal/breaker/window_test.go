package breaker

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

// TestWindow checks what the window has against all calls, over times that jump.
func TestWindow(t *testing.T) {
	type seen struct {
		at     time.Duration
		failed bool
	}
	random := rand.New(rand.NewPCG(1, 2))
	b := New(Config{MinCalls: 1 << 30, Row: 1 << 30}, morning, noon)
	var calls []seen
	now := noon
	for range 2000 {
		switch random.IntN(200) {
		case 0:
			now += time.Duration(random.Int64N(int64(40 * time.Second)))
		default:
			now += time.Duration(random.Int64N(int64(30 * time.Millisecond)))
		}
		o := tally.OK
		if random.IntN(3) == 0 {
			o = tally.Trap
		}
		call(t, b, now, o)
		calls = append(calls, seen{now, o.Failed()})
		// What is within nine tenths of the window is in it, what is beyond all
		// of it is not.
		var least, most, leastFailed, mostFailed uint64
		for _, c := range calls {
			switch age := now - c.at; {
			case age <= 9*time.Second:
				least++
				if c.failed {
					leastFailed++
				}
				fallthrough
			case age <= 10*time.Second:
				most++
				if c.failed {
					mostFailed++
				}
			}
		}
		s := b.Status(now)
		if failed := s.Failed.Sum(all); s.Calls < least || s.Calls > most || failed < leastFailed || failed > mostFailed {
			t.Fatalf("at %v: %d of %d failed, want %d to %d of %d to %d", now-noon, failed, s.Calls, leastFailed, mostFailed, least, most)
		}
	}
}

// TestClockBack checks that a clock which is set back does no harm.
func TestClockBack(t *testing.T) {
	b := New(fixed, morning, noon)
	for i := range 100 {
		now := noon - time.Duration(i)*time.Hour
		call(t, b, now, tally.OK)
		call(t, b, now, tally.GuestError)
	}
	if got := b.Status(noon).State; got != Closed {
		t.Errorf("state is %v", got)
	}
}
