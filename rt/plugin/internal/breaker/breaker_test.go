package breaker

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

// morning is the time that times are since, in the zone in which messages show
// it, and noon is when tests begin.
var morning = time.Date(2026, 3, 1, 7, 0, 0, 0, time.Local)

const noon = 5 * time.Hour

// fixed is a configuration without chance.
var fixed = Config{Random: func() float64 { return 0 }}

// call makes a call that ends so.
func call(t *testing.T, b *Breaker, now time.Duration, o tally.Outcome) (changed bool) {
	t.Helper()
	p, err := b.Allow(now)
	if err != nil {
		t.Fatalf("at %v: %v", now-noon, err)
	}
	return b.Done(p, now, o, o.Failed())
}

// refused checks that a call is refused with a text.
func refused(t *testing.T, b *Breaker, now time.Duration, want string) {
	t.Helper()
	_, err := b.Allow(now)
	if err == nil || err.Error() != want {
		t.Errorf("at %v: error %v, want %v", now-noon, err, want)
	}
}

// next is when the next call may be a probe.
func next(b *Breaker, now time.Duration) time.Duration { return b.Status(now).Next.Sub(morning) }

// opened opens a breaker by five failures at noon.
func opened(t *testing.T, c Config) *Breaker {
	t.Helper()
	b := New(c, morning, noon)
	for i := range DefaultRow {
		if got := call(t, b, noon, tally.Trap); got != (i == DefaultRow-1) {
			t.Fatalf("failure %d: changed is %v", i+1, got)
		}
	}
	return b
}

func TestOpens(t *testing.T) {
	const ok, trap, fuel = tally.OK, tally.Trap, tally.Fuel
	repeat := func(n int, of ...tally.Outcome) (all []tally.Outcome) {
		for range n {
			all = append(all, of...)
		}
		return all
	}
	for _, tt := range []struct {
		name  string
		calls []tally.Outcome
		every time.Duration
		// opens is the call that opens it, counted from 1; 0 for none.
		opens int
	}{
		{"five in a row", repeat(5, trap), 0, 5},
		{"five in a row, an hour apart", repeat(5, trap), time.Hour, 5},
		{"five in a row of two kinds", []tally.Outcome{trap, fuel, trap, fuel, trap}, 0, 5},
		{"four in a row", repeat(10, trap, trap, trap, trap, ok, ok, ok, ok, ok, ok, ok, ok), 0, 0},
		{"an err case breaks a row", repeat(3, trap, trap, trap, trap, tally.GuestError), 0, 0},
		{"half of twenty", repeat(20, ok, trap), 0, 20},
		{"half of nineteen", repeat(19, ok, trap)[:19], 0, 0},
		{"less than half", repeat(100, ok, ok, trap), 0, 0},
		{"half of them, too slowly", repeat(100, ok, trap), time.Second, 0},
		{"half of them, just fast enough", repeat(100, ok, trap), 400 * time.Millisecond, 20},
		{"caller gave up", repeat(100, tally.Cancelled), 0, 0},
		{"overloaded", repeat(100, tally.Overloaded), 0, 0},
		{"refused elsewhere", repeat(100, tally.Unavailable), 0, 0},
		{"cancelled does not break a row", []tally.Outcome{trap, trap, tally.Cancelled, trap, trap, tally.Overloaded, trap}, 0, 7},
		{"err cases", repeat(100, tally.GuestError), 0, 0},
		{"link errors", repeat(5, tally.Link), 0, 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, now, got := New(fixed, morning, noon), noon, 0
			for i, o := range tt.calls {
				if call(t, b, now, o) {
					got = i + 1
					break
				}
				now += tt.every
			}
			if got != tt.opens {
				t.Errorf("opened by call %d, want %d", got, tt.opens)
			}
			want := Closed
			if tt.opens > 0 {
				want = Open
			}
			if s := b.Status(now).State; s != want {
				t.Errorf("state is %v, want %v", s, want)
			}
		})
	}
}

// TestClassified checks that what the caller calls a failure is one, whatever
// the outcome.
func TestClassified(t *testing.T) {
	b := New(fixed, morning, noon)
	for range DefaultRow {
		p, _ := b.Allow(noon)
		b.Done(p, noon, tally.GuestError, true)
	}
	refused(t, b, noon, "unavailable: breaker open since 12:00:00 (5 in a row failed: guest_error 5), next probe in 1s")
}

func TestMessage(t *testing.T) {
	b := New(fixed, morning, noon)
	// 3 pass, and 17 of 20 fail in rows of four.
	at := noon + 67*time.Second
	for i := range 20 {
		o := tally.Trap
		switch {
		case i%5 == 4 && i < 15:
			o = tally.OK
		case i == 1 || i == 8:
			o = tally.Fuel
		}
		if call(t, b, at, o) {
			break
		}
	}
	// The last call is also the fifth in a row; what the window has says more.
	refused(t, b, at+time.Millisecond, "unavailable: breaker open since 12:01:07 (17 of 20 failed: trap 15, fuel 2), next probe in 1s")
	var u *Unavailable
	if _, err := b.Allow(at + 250*time.Millisecond); !errors.As(err, &u) {
		t.Fatalf("error is a %T", err)
	}
	if got := u.RetryAfter(); got != 750*time.Millisecond {
		t.Errorf("retry after %v, want 750ms", got)
	}
	if got := u.Since(); !got.Equal(morning.Add(at)) {
		t.Errorf("since %v, want %v", got, at)
	}
	if got := u.Failed()[tally.Trap]; got != 15 {
		t.Errorf("%d traps, want 15", got)
	}
	refused(t, b, at+993*time.Millisecond, "unavailable: breaker open since 12:01:07 (17 of 20 failed: trap 15, fuel 2), next probe in 10ms")
}

// TestMessageOfRow checks that failures before the row are not in it.
func TestMessageOfRow(t *testing.T) {
	b := New(fixed, morning, noon)
	for _, o := range []tally.Outcome{tally.Trap, tally.Trap, tally.Trap, tally.OK, tally.Fuel, tally.Fuel, tally.Fuel, tally.Memory, tally.Fuel} {
		call(t, b, noon, o)
	}
	refused(t, b, noon, "unavailable: breaker open since 12:00:00 (5 in a row failed: fuel 4, memory 1), next probe in 1s")
}

// TestBackoff lets each probe fail and checks when the next one may be.
func TestBackoff(t *testing.T) {
	for _, tt := range []struct {
		name   string
		random float64
		want   []time.Duration
	}{
		{"least", 0, []time.Duration{1, 2, 4, 8, 16, 32, 60, 60}},
		{"most", 1 - 1e-12, []time.Duration{1250, 2500, 5000, 10000, 20000, 40000, 60000, 60000}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := opened(t, Config{Random: func() float64 { return tt.random }})
			now := noon
			for i, want := range tt.want {
				if tt.random == 0 {
					want *= 1000
				}
				want *= time.Millisecond
				if got := next(b, now) - now; got > want || got < want-time.Microsecond {
					t.Fatalf("opening %d: open for %v, want %v", i+1, got, want)
				}
				now = next(b, now)
				if _, err := b.Allow(now - time.Nanosecond); err == nil {
					t.Fatalf("opening %d: a probe too early", i+1)
				}
				call(t, b, now, tally.Trap)
			}
			if got := b.Status(now); got.State != Open || !got.Since.Equal(morning.Add(noon)) {
				t.Errorf("%v since %v, want open since noon", got.State, got.Since)
			}
		})
	}
}

// TestFlapping checks that a breaker which opens soon after a probe has closed
// it stays open for longer, and that this is forgotten.
func TestFlapping(t *testing.T) {
	b := opened(t, fixed)
	now := noon
	for _, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		if got := next(b, now) - now; got != want {
			t.Fatalf("open for %v, want %v", got, want)
		}
		now = next(b, now)
		call(t, b, now, tally.OK)
		now += time.Second
		for range DefaultRow {
			call(t, b, now, tally.Trap)
		}
	}
	now = next(b, now)
	call(t, b, now, tally.OK)
	now += DefaultWindow
	for range DefaultRow {
		call(t, b, now, tally.Trap)
	}
	if got := next(b, now) - now; got != time.Second {
		t.Errorf("after a good window open for %v, want 1s", got)
	}
}

// TestConcurrent has 64 callers, and checks that there is never more than one
// probe, and that all is well in the end.
func TestConcurrent(t *testing.T) {
	b := New(Config{Backoff: time.Microsecond, MaxBackoff: time.Hour, Window: time.Second}, morning, noon)
	var clock, probes atomic.Int64
	var broken atomic.Bool
	broken.Store(true)
	now := func() time.Duration { return noon + time.Duration(clock.Add(int64(time.Microsecond))) }
	var opened, closed atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for i := range 500 {
				if i == 400 {
					broken.Store(false)
				}
				p, err := b.Allow(now())
				if err != nil {
					continue
				}
				o := tally.OK
				if broken.Load() && i%3 != 0 {
					o = tally.Trap
				}
				if p.Probe() && probes.Add(1) > 1 {
					t.Error("two probes at once")
				}
				if p.Probe() {
					probes.Add(-1)
				}
				switch changed := b.Done(p, now(), o, o.Failed()); {
				case changed && o.Failed():
					opened.Add(1)
				case changed:
					closed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if opened.Load() == 0 || opened.Load()-closed.Load() > 1 || opened.Load() < closed.Load() {
		t.Errorf("opened %d times, closed %d times", opened.Load(), closed.Load())
	}
	end := now() + time.Hour
	call(t, b, end, tally.OK)
	if got := b.Status(end).State; got != Closed {
		t.Errorf("state is %v in the end", got)
	}
}

// TestNothingLost checks that calls of many goroutines within one tick are all
// counted.
func TestNothingLost(t *testing.T) {
	b := New(Config{MinCalls: 1 << 30, Row: 1 << 30}, morning, noon)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			o := tally.OK
			if i%4 == 0 {
				o = tally.Fuel
			}
			for range 1000 {
				p, _ := b.Allow(noon)
				b.Done(p, noon, o, o.Failed())
			}
		})
	}
	wg.Wait()
	if s := b.Status(noon); s.Calls != 64_000 || s.Failed[tally.Fuel] != 16_000 {
		t.Errorf("%d of %d failed, want 16000 of 64000", s.Failed[tally.Fuel], s.Calls)
	}
}

func TestDefaults(t *testing.T) {
	c := Config{Window: -1, MinCalls: -1, Share: -1, Row: -1, Backoff: -1, MaxBackoff: -1}.withDefaults()
	if c.Window != 10*time.Second || c.MinCalls != 20 || c.Share != 0.5 || c.Row != 5 || c.Backoff != time.Second || c.MaxBackoff != time.Minute {
		t.Errorf("defaults are %+v", c)
	}
	for range 1000 {
		if r := c.Random(); r < 0 || r >= 1 {
			t.Fatalf("random number %v", r)
		}
	}
}

func TestAllocs(t *testing.T) {
	b := New(Config{}, morning, noon)
	if n := testing.AllocsPerRun(1000, func() {
		p, _ := b.Allow(noon)
		b.Done(p, noon, tally.OK, false)
	}); n != 0 {
		t.Errorf("a call that passes allocates %v times", n)
	}
}

func BenchmarkPass(b *testing.B) {
	now := noon
	br := New(Config{}, morning, now)
	b.ReportAllocs()
	for b.Loop() {
		p, _ := br.Allow(now)
		br.Done(p, now, tally.OK, false)
	}
}

// BenchmarkPass64 has 64 callers.
func BenchmarkPass64(b *testing.B) {
	now := noon
	br := New(Config{}, morning, now)
	b.ReportAllocs()
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			p, _ := br.Allow(now)
			br.Done(p, now, tally.OK, false)
		}
	})
}

func BenchmarkRefuse(b *testing.B) {
	now := noon
	br := New(Config{}, morning, now)
	for range DefaultRow {
		p, _ := br.Allow(now)
		br.Done(p, now, tally.Trap, true)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := br.Allow(now); err == nil {
			b.Fatal("let through")
		}
	}
}
