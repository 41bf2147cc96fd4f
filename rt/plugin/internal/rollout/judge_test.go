package rollout

import (
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Kinds that tests have.
var (
	unreachable = tally.Kind{Outcome: tally.Trap, Name: "unreachable"}
	bounds      = tally.Kind{Outcome: tally.Trap, Name: "bounds"}
	fuel        = tally.Kind{Outcome: tally.Fuel}
	deadline    = tally.Kind{Outcome: tally.Deadline}
	memory      = tally.Kind{Outcome: tally.Memory}
	connect     = tally.Kind{Outcome: tally.Denied, Name: "net connect"}
	open        = tally.Kind{Outcome: tally.Denied, Name: "fs open"}
	link        = tally.Kind{Outcome: tally.Link}
	guestError  = tally.Kind{Outcome: tally.GuestError}
	overloaded  = tally.Kind{Outcome: tally.Overloaded}
	cancelled   = tally.Kind{Outcome: tally.Cancelled}
)

// some is how many calls there were of a kind.
type some struct {
	tally.Kind
	n int
}

// calls returns what a meter has of that many calls of 10 ms, but for those
// that ended otherwise.
func calls(n int, but ...some) *tally.Tally {
	var m tally.Meter
	for _, s := range but {
		for range s.n {
			m.Record(s.Kind, 10*time.Millisecond)
			n--
		}
	}
	for range n {
		m.Record(tally.Kind{}, 10*time.Millisecond)
	}
	return m.Read()
}

// slow returns what a meter has of calls of 10 ms, of which some took longer.
func slow(n, slow int, took time.Duration) *tally.Tally {
	var m tally.Meter
	for i := range n {
		d := 10 * time.Millisecond
		if i < slow {
			d = took
		}
		m.Record(tally.Kind{}, d)
	}
	return m.Read()
}

// judge returns one at a step, since noon.
func judge(t *testing.T, r Ramp, step int, before *tally.Tally) *Judge {
	t.Helper()
	j, err := NewJudge(r, step, noon, before)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// window is what both arms did.
type window struct{ canary, stable *tally.Tally }

// TestFirstWindow tells judges of one window at the step of 5%.
func TestFirstWindow(t *testing.T) {
	for _, tt := range []struct {
		name           string
		before         *tally.Tally
		canary, stable *tally.Tally
		action         Action
		reason         string
	}{
		{"the example of messages", nil, calls(212, some{unreachable, 4}), calls(4011), Rollback, `trap "unreachable" 4 of 212, stable 0 of 4,011`},
		{"another trap than stable's", nil, calls(212, some{unreachable, 4}), calls(4011, some{bounds, 90}), Rollback, `trap "unreachable" 4 of 212, stable 0 of 4,011`},
		{"one trap by chance", nil, calls(212, some{unreachable, 1}), calls(4011), Hold, "0 of 3 windows without doubt at 5%"},
		{"one trap against a long record", calls(500_000), calls(212, some{unreachable, 1}), calls(4011), Rollback, `trap "unreachable" 1 of 212, stable 0 of 504,011`},
		{"one trap, which stable had before", calls(500_000, some{unreachable, 2000}), calls(212, some{unreachable, 1}), calls(4011), Hold, "1 of 3 windows without doubt at 5%"},
		{"traps, which stable had once", calls(500_000, some{unreachable, 1}), calls(212, some{unreachable, 3}), calls(4011), Rollback, `trap "unreachable" 3 of 212, stable 1 of 504,011`},
		{"traps, which stable has too", nil, calls(212, some{unreachable, 4}), calls(4011, some{unreachable, 1}), Hold, "in doubt at 5%"},
		{"fuel", nil, calls(212, some{fuel, 3}), calls(4011), Rollback, "fuel 3 of 212, stable 0 of 4,011"},
		{"deadline", nil, calls(212, some{deadline, 3}), calls(4011), Rollback, "deadline 3 of 212, stable 0 of 4,011"},
		{"memory", nil, calls(212, some{memory, 3}), calls(4011), Rollback, "memory 3 of 212, stable 0 of 4,011"},
		{"deadlines beside few calls", nil, calls(12, some{deadline, 3}), calls(6), Hold, "12 of 200 calls at 5%"},
		{"link", nil, calls(3, some{link, 1}), calls(57), Rollback, "link 1 of 3, stable 0 of 57"},
		{"link, without stable", nil, calls(1, some{link, 1}), calls(0), Rollback, "link 1 of 1, stable 0 of 0"},
		{"link errors of both", nil, calls(3, some{link, 1}), calls(57, some{link, 20}), Hold, "3 of 200 calls at 5%"},
		{"denied", nil, calls(212, some{connect, 1}), calls(4011), Rollback, `denied "net connect" 1 of 212, stable 0 of 4,011`},
		{"denied something else", nil, calls(212, some{connect, 1}), calls(4011, some{open, 5}), Rollback, `denied "net connect" 1 of 212, stable 0 of 4,011`},
		{"denied what stable was denied", calls(100, some{connect, 1}), calls(212, some{connect, 1}), calls(4011), Hold, "1 of 3 windows without doubt at 5%"},
		{"all fail and stable has no calls", nil, calls(10, some{unreachable, 7}, some{fuel, 3}), calls(0), Rollback, "failed 10 of 10 (trap 7, fuel 3), stable 0 of 0"},
		{"all fail and stable has few calls", nil, calls(10, some{unreachable, 10}), calls(3, some{unreachable, 1}), Rollback, "failed 10 of 10 (trap 10), stable 1 of 3"},
		{"all fail, and stable's too", nil, calls(10, some{unreachable, 10}), calls(3, some{unreachable, 2}), Hold, "10 of 200 calls at 5%"},
		{"all fail and stable has enough calls, of which many failed before", calls(1000, some{unreachable, 900}), calls(10, some{unreachable, 10}), calls(25), Hold, "10 of 200 calls at 5%"},
		{"half fail and stable has no calls", nil, calls(20, some{unreachable, 10}), calls(0), Rollback, "failed 10 of 20 (trap 10), stable 0 of 0"},
		{"less than half fail and stable has no calls", nil, calls(21, some{unreachable, 10}), calls(0), Hold, "21 of 200 calls at 5%"},
		{"nine fail and stable has no calls", nil, calls(9, some{unreachable, 9}), calls(0), Hold, "9 of 200 calls at 5%"},
		{"all errors in one window", nil, calls(212, some{guestError, 212}), calls(4011), Hold, "in doubt at 5%"},
		{"no calls", nil, calls(0), calls(0), Hold, "0 of 200 calls at 5%"},
		{"no calls of stable's", nil, calls(500), calls(0), Hold, "stable 0 of 200 calls at 5%"},
		{"only cancelled", nil, calls(500, some{cancelled, 500}), calls(4000), Hold, "0 of 200 calls at 5%"},
		{"only overloaded", nil, calls(500, some{overloaded, 500}), calls(4000), Hold, "0 of 200 calls at 5%"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := judge(t, Ramp{}, 1, tt.before).Window(noon.Add(30*time.Second), tt.canary, tt.stable)
			if v.Action != tt.action || v.Reason != tt.reason {
				t.Errorf("%v: %s\nwant %v: %s", v.Action, v.Reason, tt.action, tt.reason)
			}
			if want := map[Action]float64{Hold: 0.05, Rollback: 0}[tt.action]; v.Weight != want {
				t.Errorf("weight is %v, want %v", v.Weight, want)
			}
		})
	}
}

// TestWorse repeats a window until the canary is rolled back, which it has to be
// after exactly so many.
func TestWorse(t *testing.T) {
	for _, tt := range []struct {
		name    string
		ramp    Ramp
		window  window
		windows int
		reason  string
	}{
		{"all errors", Ramp{}, window{calls(100, some{guestError, 100}), calls(2000, some{guestError, 20})}, 2, "errors 200 of 200 (100%), stable 40 of 4,000 (1%)"},
		{"all errors, in four windows", Ramp{BadWindows: 4}, window{calls(100, some{guestError, 100}), calls(2000)}, 4, "errors 400 of 400 (100%), stable 0 of 8,000 (0%)"},
		{"failures among errors", Ramp{}, window{calls(400, some{guestError, 40}, some{unreachable, 30}), calls(8000, some{guestError, 800}, some{unreachable, 8})}, 2,
			"failures 60 of 800 (7.5%), stable 16 of 16,000 (0.1%)"},
		{"refused", Ramp{}, window{calls(400, some{overloaded, 200}), calls(8000, some{overloaded, 8})}, 2, "failures 400 of 800 (50%), stable 16 of 16,000 (0.1%)"},
		{"all slower", Ramp{}, window{slow(400, 400, 20*time.Millisecond), slow(8000, 0, 0)}, 2, "p50 20ms of 800 calls, stable 10ms of 16,000"},
		{"some slower", Ramp{}, window{slow(1000, 100, time.Second), slow(20_000, 100, time.Second)}, 2, "p99 1s of 2,000 calls, stable 10ms of 40,000"},
		{"a little slower, and that is too much", Ramp{Slower: 1.05}, window{slow(400, 400, 12*time.Millisecond), slow(8000, 0, 0)}, 2, "p50 12ms of 800 calls, stable 10ms of 16,000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j, now := judge(t, tt.ramp, 1, nil), noon
			for n := 1; ; n++ {
				now = now.Add(30 * time.Second)
				v := j.Window(now, tt.window.canary, tt.window.stable)
				if v.Action == Rollback || n > tt.windows {
					// Quantiles are known to a bucket.
					if got := nominal(v.Reason); n != tt.windows || got != tt.reason {
						t.Errorf("window %d: %v: %s\nwant window %d: rollback: %s", n, v.Action, got, tt.windows, tt.reason)
					}
					return
				}
				if v.Action == Advance {
					t.Fatalf("window %d: advance", n)
				}
			}
		})
	}
}

// nominal puts the durations that tests use for those in the middle of their
// buckets.
func nominal(text string) string {
	var m tally.Meter
	for _, d := range []time.Duration{10 * time.Millisecond, 12 * time.Millisecond, 20 * time.Millisecond, time.Second} {
		before := m.Read()
		m.Record(tally.Kind{}, d)
		text = strings.ReplaceAll(text, " "+short(m.Read().Since(before).Latency.Quantile(0.5)).String()+" ", " "+d.String()+" ")
	}
	return text
}

// TestAsGood checks that differences which do not matter, or which are stable's,
// never are a reason, however many calls show them.
func TestAsGood(t *testing.T) {
	for _, tt := range []struct {
		name string
		window
	}{
		{"alike", window{calls(1000, some{guestError, 20}), calls(20_000, some{guestError, 400})}},
		{"better", window{calls(1000), calls(20_000, some{guestError, 400})}},
		{"a tenth more errors", window{calls(20_000, some{guestError, 440}), calls(20_000, some{guestError, 400})}},
		{"a tenth slower", window{slow(20_000, 20_000, 11*time.Millisecond), slow(20_000, 0, 0)}},
		{"faster", window{slow(20_000, 20_000, time.Millisecond), slow(20_000, 0, 0)}},
		{"all calls shorter than is measured", window{slow(20_000, 20_000, 1), slow(20_000, 20_000, 1)}},
		{"all calls longer than is measured", window{slow(20_000, 20_000, time.Hour), slow(20_000, 20_000, time.Hour)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j, now := judge(t, Ramp{Steps: []float64{0.5}}, 0, nil), noon
			for n := range 100 {
				now = now.Add(30 * time.Second)
				if v := j.Window(now, tt.canary, tt.stable); v.Action != Hold || n > 3 && v.Reason != "the ramp ends at 50%" {
					t.Fatalf("window %d: %v: %s", n+1, v.Action, v.Reason)
				}
			}
		})
	}
}

// TestRamp follows a good canary to the end.
func TestRamp(t *testing.T) {
	j, now := judge(t, Ramp{}, 0, nil), noon
	for i, want := range []Verdict{
		{Hold, 0.01, "90 of 200 calls at 1%"},
		{Hold, 0.01, "180 of 200 calls at 1%"},
		{Advance, 0.05, "270 calls without doubt at 1%"},
		{Hold, 0.05, "90 of 200 calls at 5%"},
		{Hold, 0.05, "180 of 200 calls at 5%"},
		{Advance, 0.25, "270 calls without doubt at 5%"},
		{Hold, 0.25, "90 of 200 calls at 25%"},
		{Hold, 0.25, "180 of 200 calls at 25%"},
		{Advance, 1, "270 calls without doubt at 25%"},
		{Hold, 1, "no stable arm to compare with at 100%"},
	} {
		now = now.Add(30 * time.Second)
		if got := j.Window(now, calls(90), calls(1000)); got != want {
			t.Errorf("window %d: got %+v, want %+v", i+1, got, want)
		}
		if j.Weight() != want.Weight {
			t.Errorf("window %d: weight is %v", i+1, j.Weight())
		}
		if step, since := j.Step(); want.Action == Advance && (DefaultSteps()[step] != want.Weight || !since.Equal(now)) {
			t.Errorf("window %d: step %d since %v", i+1, step, since)
		}
	}
}

// TestWaits checks, one at a time, what a step needs.
func TestWaits(t *testing.T) {
	good := window{calls(1000), calls(1000)}
	bad := window{calls(1000, some{unreachable, 1}), calls(1000)}
	doubt := window{calls(1000, some{guestError, 100}), calls(1000, some{guestError, 20})}
	dispelled := window{calls(20_000, some{guestError, 2000}), calls(20_000, some{guestError, 2000})}
	none := window{calls(0), calls(1000)}
	for _, tt := range []struct {
		name    string
		ramp    Ramp
		windows []window
		want    string
	}{
		{"windows", Ramp{MinTime: time.Second}, []window{good, good}, "2 of 3 windows without doubt at 50%"},
		{"windows and time", Ramp{}, []window{good, good, good}, ""},
		{"time", Ramp{MinTime: 10 * time.Minute}, []window{good, good, good, good}, "2m0s of 10m0s at 50%"},
		{"windows that have calls", Ramp{}, []window{good, none, good, none}, "2 of 3 windows without doubt at 50%"},
		{"windows in a row", Ramp{}, []window{good, good, bad, good, good}, "2 of 3 windows without doubt at 50%"},
		{"windows in a row again", Ramp{}, []window{good, good, bad, good, good, good}, ""},
		{"doubt", Ramp{BadWindows: 2}, []window{good, good, doubt}, "in doubt at 50%"},
		{"windows after doubt", Ramp{}, []window{good, good, doubt, dispelled}, "1 of 3 windows without doubt at 50%"},
		{"samples", Ramp{MinSamples: 5000}, []window{good, good, good, good}, "4,000 of 5,000 calls at 50%"},
		{"samples of stable's", Ramp{}, []window{{calls(900), calls(60)}, {calls(900), calls(60)}, {calls(900), calls(60)}}, "stable 180 of 200 calls at 50%"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.ramp.Steps = []float64{0.5, 1}
			j, now := judge(t, tt.ramp, 0, nil), noon
			var v Verdict
			for i, w := range tt.windows {
				if v.Action != Hold {
					t.Fatalf("before window %d: %v: %s", i+1, v.Action, v.Reason)
				}
				now = now.Add(30 * time.Second)
				v = j.Window(now, w.canary, w.stable)
			}
			if tt.want == "" && v.Action != Advance || tt.want != "" && (v.Action != Hold || v.Reason != tt.want) {
				t.Errorf("%v: %s, want %s", v.Action, v.Reason, tt.want)
			}
		})
	}
}

// TestLooks checks what it takes for a kind of failure that only the canary has
// to be more than chance, at the first look and later: a risk of 0.004 divided by
// 2 for the first kind and 6 for the second, and the same for the looks at each.
func TestLooks(t *testing.T) {
	stable := func(level float64) *tally.Tally {
		// One call of the canary's, so that the one failure is its by a chance
		// just below the level.
		return &tally.Tally{Outcomes: tally.Counts{tally.OK: uint64(1/level) + 1}}
	}
	canary := func(kinds ...tally.Kind) *tally.Tally {
		c := &tally.Tally{Outcomes: tally.Counts{tally.Trap: 1}, Kinds: map[tally.Kind]uint64{}}
		for _, k := range kinds {
			c.Kinds[k] = 1
		}
		return c
	}
	for _, tt := range []struct {
		name  string
		looks []tally.Kind
		level float64
	}{
		{"first look", []tally.Kind{bounds}, 0.004 / 2 / 2},
		{"second look", []tally.Kind{bounds, bounds}, 0.004 / 2 / 6},
		{"fourth look", []tally.Kind{bounds, bounds, bounds, bounds}, 0.004 / 2 / 20},
		{"second kind", []tally.Kind{unreachable, bounds}, 0.004 / 6 / 2},
		{"second kind, second look", []tally.Kind{unreachable, bounds, bounds}, 0.004 / 6 / 6},
	} {
		for _, x := range []struct {
			level float64
			want  bool
		}{{tt.level, true}, {tt.level * 1.01, false}} {
			r := newRecord(0.004)
			r.add(canary(bounds, unreachable), stable(x.level))
			got := false
			for _, k := range tt.looks {
				got = r.unlikely(k)
			}
			if got != x.want {
				t.Errorf("%s: at a probability of %v: %v, want %v", tt.name, x.level, got, x.want)
			}
		}
	}
}

// TestShift checks that durations become longer by a factor, and none gets lost.
func TestShift(t *testing.T) {
	for _, by := range []int{0, 1, 5, tally.Buckets - 2, tally.Buckets, 10 * tally.Buckets} {
		for i := range tally.Buckets {
			d := &tally.Distribution{}
			d.Bucket[i] = 3
			want := i + by
			if i == 0 {
				want = 0
			}
			var to [tally.Buckets]uint64
			to[min(want, tally.Buckets-1)] = 3
			if got := shift(d, by); got != to {
				t.Errorf("bucket %d by %d: not in bucket %d", i, by, want)
			}
		}
	}
}

func TestNewJudgeErrors(t *testing.T) {
	for _, tt := range []struct {
		ramp Ramp
		step int
		want string
	}{
		{Ramp{}, -1, "ramp: no step 0 of 4"},
		{Ramp{}, 4, "ramp: no step 5 of 4"},
		{Ramp{Steps: []float64{2}}, 0, "ramp: step 1: share 2 is above 1; shares are fractions, 5% is 0.05"},
	} {
		if _, err := NewJudge(tt.ramp, tt.step, noon, nil); err == nil || err.Error() != tt.want {
			t.Errorf("%v, want %v", err, tt.want)
		}
	}
}

func TestRolledBack(t *testing.T) {
	for _, tt := range []struct {
		weight float64
		want   string
	}{
		{0.05, "canary sha256:aa.. rolled back at 5%: p99"},
		{0.07, "canary sha256:aa.. rolled back at 7%: p99"},
		{0.001, "canary sha256:aa.. rolled back at 0.1%: p99"},
		{1, "canary sha256:aa.. rolled back at 100%: p99"},
		{1.0 / 3, "canary sha256:aa.. rolled back at 33.3%: p99"},
		{1e-7, "canary sha256:aa.. rolled back at 0.00001%: p99"},
	} {
		if got := RolledBack("sha256:aa..", tt.weight, "p99"); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}

func TestGroup(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1,000", 4011: "4,011", 123456: "123,456", 1234567: "1,234,567"} {
		if got := group(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}
