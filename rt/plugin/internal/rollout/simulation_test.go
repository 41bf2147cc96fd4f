package rollout

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/witgen/witgen/internal/race"
	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

// arm is what the calls of one arm are like: how likely each kind of end other
// than ok is, and how long they take, as a log-normal distribution around 10 ms.
type arm struct {
	rates []likely
	// spread is the standard deviation of the logarithm of the latency; 0 for no
	// latencies at all, which is faster. Calls take slower times as long, and a
	// part of them ten times that.
	spread, slower, tail float64
}

// likely is a kind of end and how likely it is.
type likely struct {
	kind tally.Kind
	p    float64
}

// world simulates windows.
type world struct {
	*rand.Rand
	canary, stable arm
	// calls is how many of both arms a window has on average.
	calls float64
	// varies multiplies all rates of a window, and divides its calls, by up to
	// that.
	varies float64
}

// binomial returns how many of n calls are such that have a probability of p:
// from one to the next the distances are geometric.
func (w *world) binomial(n int, p float64) (hits int) {
	if p <= 0 {
		return 0
	}
	for at := 0.0; ; hits++ {
		at += 1 + math.Floor(math.Log(1-w.Float64())/math.Log1p(-p))
		if at > float64(n) {
			return hits
		}
	}
}

// do returns what an arm does with calls.
func (w *world) do(a arm, calls int, factor float64) *tally.Tally {
	t := &tally.Tally{Kinds: map[tally.Kind]uint64{}}
	left := calls
	for _, r := range a.rates {
		k, n := r.kind, min(w.binomial(calls, r.p*factor), left)
		left -= n
		if n > 0 {
			t.Outcomes[k.Outcome] += uint64(n)
			if k.Outcome.Failed() {
				t.Kinds[k] += uint64(n)
			}
		}
	}
	t.Outcomes[tally.OK] += uint64(left)
	if a.spread > 0 {
		var h tally.Histogram
		for range left {
			d := 1e7 * math.Exp(a.spread*w.NormFloat64()) * max(a.slower, 1)
			if w.Float64() < a.tail {
				d *= 10
			}
			h.Record(time.Duration(d))
		}
		h.Read(&t.Latency)
	}
	return t
}

// rollout simulates a rollout until it is rolled back or promoted, or the most
// windows are over.
func (w *world) rollout(t *testing.T, r Ramp, before *tally.Tally, most int) (v Verdict, windows int) {
	t.Helper()
	j := judge(t, r, 0, before)
	now := noon
	for windows = 1; windows <= most; windows++ {
		factor := 1.0
		if w.varies > 1 {
			factor = math.Pow(w.varies, w.Float64())
		}
		all := int(w.calls/factor*(0.5+w.Float64()) + w.Float64())
		canary := w.binomial(all, j.Weight())
		now = now.Add(30 * time.Second)
		v = j.Window(now, w.do(w.canary, canary, factor), w.do(w.stable, all-canary, factor))
		if v.Action == Rollback || v.Weight == 1 {
			return v, windows
		}
	}
	return v, most
}

// fewer says whether there is no time for all the rollouts that a test of rates
// needs.
func fewer() bool { return testing.Short() || race.Enabled }

// runs is how many rollouts are simulated.
func runs(n int) int {
	if fewer() {
		return n / 10
	}
	return n
}

// alike simulates rollouts of a canary that is like stable. Fewer than 1% of
// them may be rolled back; where there are few, chance has two more.
func alike(t *testing.T, n int, w world, r Ramp, before func(*world) *tally.Tally, most int) {
	t.Helper()
	w.stable = w.canary
	w.Rand = rand.New(rand.NewPCG(11, 13))
	n = runs(n)
	back, all, reason := 0, 0, ""
	for range n {
		var history *tally.Tally
		if before != nil {
			history = before(&w)
		}
		v, windows := w.rollout(t, r, history, most)
		all += windows
		if v.Action == Rollback {
			back++
			reason = v.Reason
		}
	}
	limit := 0.01 * float64(n)
	if fewer() {
		limit += 2
	}
	t.Logf("%d of %d rolled back, %.0f windows on average; %s", back, n, float64(all)/float64(n), reason)
	if float64(back) >= limit {
		t.Errorf("%d of %d rollouts were rolled back", back, n)
	}
}

// TestFalseRollbacks simulates whole rollouts of canaries that are as good as
// stable. Fewer than 1% may be rolled back.
func TestFalseRollbacks(t *testing.T) {
	for _, kind := range []tally.Kind{guestError, unreachable} {
		for _, rate := range []float64{0.001, 0.02, 0.1} {
			for _, calls := range []float64{30, 300, 3000, 30_000} {
				t.Run(fmt.Sprintf("%v/%v/%v", kind, rate, calls), func(t *testing.T) {
					t.Parallel()
					n := 500
					if calls == 30 {
						n = 200
					}
					w := world{canary: arm{rates: []likely{{kind, rate}}}, calls: calls}
					alike(t, n, w, Ramp{}, nil, 5000)
				})
			}
		}
	}
}

// TestFalseRollbacksOtherwise does the same for worlds that are harder.
func TestFalseRollbacksOtherwise(t *testing.T) {
	errors := []likely{{guestError, 0.02}, {unreachable, 0.002}, {bounds, 0.0005}, {fuel, 0.0002}, {deadline, 0.001}, {memory, 0.0001}}
	history := func(calls int) func(*world) *tally.Tally {
		return func(w *world) *tally.Tally { return w.do(w.stable, calls, 1) }
	}
	for _, tt := range []struct {
		name   string
		runs   int
		world  world
		ramp   Ramp
		before func(*world) *tally.Tally
		most   int
	}{
		{"many kinds", 500, world{canary: arm{rates: errors}, calls: 3000}, Ramp{}, nil, 5000},
		{"many kinds, few calls", 200, world{canary: arm{rates: errors}, calls: 100}, Ramp{}, nil, 5000},
		{"rates vary twentyfold", 500, world{canary: arm{rates: errors}, calls: 3000, varies: 20}, Ramp{}, nil, 5000},
		{"held for a day at 25%", 30, world{canary: arm{rates: errors}, calls: 1000}, Ramp{Steps: []float64{0.25}}, nil, 2880},
		{"denials that stable had", 500, world{canary: arm{rates: []likely{{connect, 0.002}}}, calls: 3000}, Ramp{}, history(10_000), 5000},
		{"latency", 300, world{canary: arm{spread: 0.5}, calls: 2000}, Ramp{}, nil, 100},
		{"latency as slow as it may be", 300, world{canary: arm{spread: 1, tail: 0.02}, calls: 2000}, Ramp{Slower: 1}, nil, 100},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			alike(t, tt.runs, tt.world, tt.ramp, tt.before, tt.most)
		})
	}
}

// TestPower simulates canaries of which five calls in a hundred more have an
// error, at a share that does not change. The best test that knows both rates
// needs evidence of ln(4/risk), at what each window gives on average; nine of ten
// canaries have to be found in no more than twice that many windows and those
// that any rollback takes.
func TestPower(t *testing.T) {
	const calls = 3000
	for _, share := range []float64{0.05, 0.25} {
		for _, base := range []float64{0.001, 0.02, 0.1} {
			t.Run(fmt.Sprintf("%v/%v", share, base), func(t *testing.T) {
				t.Parallel()
				worse := base + 0.05
				w := world{
					Rand:   rand.New(rand.NewPCG(17, 19)),
					canary: arm{rates: []likely{{guestError, worse}}},
					stable: arm{rates: []likely{{guestError, base}}},
					calls:  calls,
				}
				ramp := Ramp{Steps: []float64{share}}.WithDefaults()
				n, m := calls*share, calls*(1-share)
				typical := table{uint64(n * worse), uint64(n), uint64(m * base), uint64(m)}
				best := math.Log(4/ramp.Risk) / typical.logRatio(worse/(1-worse)/(base/(1-base)))
				within := ramp.BadWindows + int(math.Ceil(2*best))
				var took []int
				for range runs(500) {
					v, windows := w.rollout(t, ramp, nil, 1000)
					if v.Action != Rollback {
						t.Fatalf("%v after %d windows", v, windows)
					}
					took = append(took, windows)
				}
				slices.Sort(took)
				median, ninety := took[len(took)/2], took[len(took)*9/10]
				t.Logf("%.1f windows for the best test; half found in %d, 90%% in %d, all in %d", best, median, ninety, took[len(took)-1])
				if ninety > within {
					t.Errorf("90%% found in %d windows, want at most %d", ninety, within)
				}
			})
		}
	}
}

// TestFound simulates whole rollouts of canaries that are worse. At least 99%
// have to be rolled back before they are promoted.
func TestFound(t *testing.T) {
	few := []likely{{guestError, 0.02}, {unreachable, 0.002}}
	for _, tt := range []struct {
		name           string
		runs           int
		canary, stable arm
		calls          float64
	}{
		{"five in a hundred more errors, of ten", 300, arm{rates: []likely{{guestError, 0.15}}}, arm{rates: []likely{{guestError, 0.1}}}, 3000},
		{"five in a hundred more errors, of one in a thousand", 300, arm{rates: []likely{{guestError, 0.051}}}, arm{rates: []likely{{guestError, 0.001}}}, 3000},
		{"five in a hundred more errors, few calls", 100, arm{rates: []likely{{guestError, 0.07}}}, arm{rates: []likely{{guestError, 0.02}}}, 100},
		{"a new trap in a hundred", 300, arm{rates: []likely{{guestError, 0.02}, {bounds, 0.01}}}, arm{rates: few}, 3000},
		{"ten times the traps", 300, arm{rates: []likely{{guestError, 0.02}, {unreachable, 0.02}}}, arm{rates: few}, 3000},
		{"twice as slow", 100, arm{spread: 0.5, slower: 2}, arm{spread: 0.5}, 3000},
		{"five in a hundred ten times as slow", 100, arm{spread: 0.5, tail: 0.05}, arm{spread: 0.5}, 3000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := world{Rand: rand.New(rand.NewPCG(23, 29)), canary: tt.canary, stable: tt.stable, calls: tt.calls}
			n, back := runs(tt.runs), 0
			var took []int
			var last Verdict
			for range n {
				v, windows := w.rollout(t, Ramp{}, nil, 5000)
				took = append(took, windows)
				if v.Action == Rollback {
					back++
					last = v
				}
			}
			slices.Sort(took)
			t.Logf("%d of %d rolled back, half in %d windows, 90%% in %d; such as: %s", back, n, took[len(took)/2], took[len(took)*9/10], last.Reason)
			if float64(back) < 0.99*float64(n) {
				t.Errorf("%d of %d rolled back, want 99%%", back, n)
			}
		})
	}
}

// BenchmarkWindow judges a window of 30,000 calls.
func BenchmarkWindow(b *testing.B) {
	errors := []likely{{guestError, 0.02}, {unreachable, 0.002}}
	w := world{Rand: rand.New(rand.NewPCG(31, 37)), canary: arm{rates: errors, spread: 0.5}}
	j, err := NewJudge(Ramp{Steps: []float64{0.25}}, 0, noon, nil)
	if err != nil {
		b.Fatal(err)
	}
	canary, stable := w.do(w.canary, 7500, 1), w.do(w.canary, 22_500, 1)
	b.ReportAllocs()
	for b.Loop() {
		j.Window(noon, canary, stable)
	}
}
