package clock

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/clocks/timezone"
	"github.com/witgen/witgen/rt/wasi/p2/clocks/wallclock"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
)

// fake is a clock that stands still until it is moved.
type fake struct {
	mu     sync.Mutex
	now    time.Duration
	wall   time.Time
	timers map[*fakeTimer]bool
}

type fakeTimer struct {
	due time.Duration
	f   func()
}

func (c *fake) Now() time.Time { return c.wall }

func (c *fake) Monotonic() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fake) AfterFunc(d time.Duration, f func()) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timers == nil {
		c.timers = make(map[*fakeTimer]bool)
	}
	t := &fakeTimer{c.now + d, f}
	c.timers[t] = true
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.timers, t)
	}
}

// move moves the clock. What is due within early rings too.
func (c *fake) move(d, early time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += d
	for t := range c.timers {
		if t.due <= c.now+early {
			delete(c.timers, t)
			go t.f()
		}
	}
}

func (c *fake) set() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers)
}

func subscribe(t *testing.T, f func(context.Context, uint64) (iopoll.Pollable, error), when uint64) iopoll.Pollable {
	t.Helper()
	p, err := f(t.Context(), when)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func isReady(t *testing.T, p iopoll.Pollable) bool {
	t.Helper()
	ok, err := p.Ready(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func instant(t *testing.T, m *Monotonic) uint64 {
	t.Helper()
	now, err := m.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// TestMonotonic reads a clock that began long before the instance.
func TestMonotonic(t *testing.T) {
	c := &fake{now: time.Hour}
	m := NewMonotonic(c)
	c.now += time.Hour
	m.Begin()
	if now := instant(t, m); now != first {
		t.Errorf("it begins with %d", now)
	}
	c.now += 7
	if now := instant(t, m); now != first+7 {
		t.Errorf("after 7 ns it is %d", now)
	}
	c.now = 0
	if now := instant(t, m); now != first {
		t.Errorf("when the clock went back it is %d", now)
	}
	if r, err := m.Resolution(t.Context()); r != 1 || err != nil {
		t.Errorf("resolution %d, %v", r, err)
	}
}

// TestTimer has timers become ready, and stay so.
func TestTimer(t *testing.T) {
	c := &fake{}
	m := NewMonotonic(c)
	m.Begin()
	c.now = 10
	for _, test := range []struct {
		name  string
		p     iopoll.Pollable
		ready time.Duration // from when on; negative is never
	}{
		{"duration 0", subscribe(t, m.SubscribeDuration, 0), 10},
		{"duration 1", subscribe(t, m.SubscribeDuration, 1), 11},
		{"duration without end", subscribe(t, m.SubscribeDuration, math.MaxUint64), -1},
		{"duration of a time.Duration", subscribe(t, m.SubscribeDuration, math.MaxInt64), -1},
		{"duration of one more", subscribe(t, m.SubscribeDuration, math.MaxInt64+1), -1},
		{"instant 0", subscribe(t, m.SubscribeInstant, 0), 10},
		{"instant now", subscribe(t, m.SubscribeInstant, first+10), 10},
		{"instant soon", subscribe(t, m.SubscribeInstant, first+20), 20},
		{"instant without end", subscribe(t, m.SubscribeInstant, math.MaxUint64), -1},
	} {
		for _, c.now = range []time.Duration{10, 11, 19, 20, time.Hour, math.MaxInt64 - 1} {
			if got, want := isReady(t, test.p), test.ready >= 0 && c.now >= test.ready; got != want {
				t.Errorf("%s: at %d ready is %v, want %v", test.name, c.now, got, want)
			}
		}
		c.now = 10
	}
}

// TestTimerWaits waits for timers of a clock that rings too early, and lets go of
// it.
func TestTimerWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fake{}
		m := NewMonotonic(c)
		m.Begin()
		soon, later := subscribe(t, m.SubscribeDuration, 100), subscribe(t, m.SubscribeDuration, 200)
		never := subscribe(t, m.SubscribeDuration, math.MaxUint64)
		done := make(chan []uint32)
		go func() {
			got, err := poll.Poll{}.Poll(t.Context(), []iopoll.Pollable{never, later, soon})
			if err != nil {
				t.Error(err)
			}
			done <- got
		}()
		synctest.Wait()
		if n := c.set(); n != 2 {
			t.Errorf("%d timers are set", n)
		}
		c.move(90, 10)
		synctest.Wait()
		select {
		case got := <-done:
			t.Fatalf("it did not wait: %v", got)
		default:
		}
		c.move(10, 0)
		if got := <-done; len(got) != 1 || got[0] != 2 {
			t.Errorf("got %v", got)
		}
		if n := c.set(); n != 0 {
			t.Errorf("%d timers are still set", n)
		}
	})
}

// TestRealTimer sleeps by the clock of the machine, and for ever.
func TestRealTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMonotonic(Real{})
		m.Begin()
		start := time.Now()
		if err := subscribe(t, m.SubscribeDuration, uint64(time.Hour)).Block(t.Context()); err != nil || time.Since(start) != time.Hour {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 1000*time.Hour)
		defer cancel()
		if err := subscribe(t, m.SubscribeDuration, math.MaxUint64).Block(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

// TestTimersTakeNothing makes and drops timers: nothing of the host's is behind
// them until they are watched.
func TestTimersTakeNothing(t *testing.T) {
	c := &fake{}
	m := NewMonotonic(c)
	m.Begin()
	before := runtime.NumGoroutine()
	for i := range uint64(10_000) {
		if err := subscribe(t, m.SubscribeDuration, i<<32).Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := runtime.NumGoroutine() - before; n > 0 || c.set() > 0 {
		t.Errorf("%d goroutines, %d timers", n, c.set())
	}
}

// TestYield polls what is due at once, over and over: another goroutine gets its
// turn, even on one processor.
func TestYield(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	m := NewMonotonic(Real{})
	m.Begin()
	turns := 0
	var done atomic.Bool
	go done.Store(true)
	for !done.Load() && turns < 1000 {
		turns++
		if !isReady(t, subscribe(t, m.SubscribeDuration, 0)) {
			t.Fatal("it is not ready")
		}
	}
	if turns > 100 {
		t.Errorf("it got its turn after %d polls", turns)
	}
}

func TestWall(t *testing.T) {
	for _, test := range []struct {
		now  time.Time
		want wallclock.DateTime
	}{
		{time.Unix(1_700_000_000, 123), wallclock.DateTime{Seconds: 1_700_000_000, Nanoseconds: 123}},
		{time.Unix(0, 0), wallclock.DateTime{}},
		{time.Unix(-1, 5), wallclock.DateTime{}},
		{time.Time{}, wallclock.DateTime{}},
	} {
		if got, err := (Wall{&fake{wall: test.now}}).Now(t.Context()); got != test.want || err != nil {
			t.Errorf("%v: %v, %v", test.now, got, err)
		}
	}
	if r, err := (Wall{}).Resolution(t.Context()); r != (wallclock.DateTime{Nanoseconds: 1}) || err != nil {
		t.Errorf("resolution %v, %v", r, err)
	}
}

func TestTimezone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no data of time zones here:", err)
	}
	for _, test := range []struct {
		place *time.Location
		at    uint64
		want  timezone.TimezoneDisplay
	}{
		{time.UTC, 0, timezone.TimezoneDisplay{Name: "UTC"}},
		{time.UTC, math.MaxUint64, timezone.TimezoneDisplay{Name: "UTC"}},
		{berlin, 1_768_000_000, timezone.TimezoneDisplay{UTCOffset: 3600, Name: "CET"}},                              // January
		{berlin, 1_783_000_000, timezone.TimezoneDisplay{UTCOffset: 7200, Name: "CEST", InDaylightSavingTime: true}}, // July
	} {
		z, at := Timezone{test.place}, wallclock.DateTime{Seconds: test.at, Nanoseconds: math.MaxUint32}
		got, err := z.Display(t.Context(), at)
		if got != test.want || err != nil {
			t.Errorf("%v at %d: %+v, %v", test.place, test.at, got, err)
		}
		if offset, err := z.UTCOffset(t.Context(), at); offset != test.want.UTCOffset || err != nil {
			t.Errorf("%v at %d: %d, %v", test.place, test.at, offset, err)
		}
	}
}

// breaking is a clock that panics once it is broken.
type breaking struct {
	fake
	broken, looked atomic.Bool
}

func (c *breaking) Monotonic() time.Duration {
	if c.broken.Load() {
		c.looked.Store(true)
		panic("clock")
	}
	return c.fake.Monotonic()
}

// TestPanic has a clock panic where nobody waits for it, and be well again: that
// is a panic of the call that waits, not of the process, and no wait without an
// end.
func TestPanic(t *testing.T) {
	c := &breaking{}
	m := NewMonotonic(c)
	m.Begin()
	p := subscribe(t, m.SubscribeDuration, 1000)
	ended := make(chan any)
	go func() {
		defer func() { ended <- recover() }()
		_ = p.Block(t.Context())
	}()
	for c.set() == 0 {
		time.Sleep(time.Millisecond)
	}
	c.broken.Store(true)
	c.move(0, 2000) // it rings too early, and looks at the clock
	for !c.looked.Load() {
		time.Sleep(time.Millisecond)
	}
	c.broken.Store(false)
	select {
	case got := <-ended:
		if got != "clock" {
			t.Errorf("the call ends with %v", got)
		}
	case <-time.After(time.Minute):
		t.Fatal("the call does not end")
	}
}
