package rollout

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

// asked says whether an outcome counts for error rates: a caller who is refused
// has an error as well, one who gave up has none.
func asked(o tally.Outcome) bool { return o != tally.Cancelled }

// isError says whether a caller who still waited did not get what it asked for.
func isError(o tally.Outcome) bool { return asked(o) && o != tally.OK }

// isFailure says the same, but for results of the guest.
func isFailure(o tally.Outcome) bool { return isError(o) && o != tally.GuestError }

// rate is evidence, and what both arms did since it began to grow.
type rate struct {
	*evidence
	canary, stable   tally.Counts
	fast, stableFast tally.Distribution
}

// see adds a window.
func (r *rate) see(canary, stable *tally.Tally, tables ...table) {
	r.evidence.see(tables)
	if r.value <= 1 {
		r.canary, r.stable = tally.Counts{}, tally.Counts{}
		r.fast, r.stableFast = tally.Distribution{}, tally.Distribution{}
		return
	}
	for o := range r.canary {
		r.canary[o] += canary.Outcomes[o]
		r.stable[o] += stable.Outcomes[o]
	}
	r.fast.Add(&canary.Latency)
	r.stableFast.Add(&stable.Latency)
}

// rates returns the shares of calls that are bad.
func (r *rate) rates(bad func(tally.Outcome) bool) string {
	part := func(c *tally.Counts) string {
		n, all := c.Sum(bad), c.Sum(asked)
		return fmt.Sprintf("%s of %s (%s)", group(n), group(all), percent(float64(n)/float64(max(all, 1))))
	}
	return part(&r.canary) + ", stable " + part(&r.stable)
}

// slower returns the quantile of the latency at which the arms differ most.
func (r *rate) slower() string {
	most, text := 0.0, ""
	for _, q := range quantiles {
		a, b := r.fast.Quantile(q), r.stableFast.Quantile(q)
		if ratio := float64(a) / float64(max(b, 1)); ratio > most {
			most = ratio
			text = fmt.Sprintf("p%v %v of %s calls, stable %v of %s", q*100, short(a), group(r.fast.Count()),
				short(b), group(r.stableFast.Count()))
		}
	}
	return text
}

// quantiles are those of both arms' latency above which a call is a slow one.
var quantiles = [...]float64{0.5, 0.9, 0.99}

// slowTables returns a table for each of the quantiles: how many calls were
// slow. Stable's are taken as slower times as long as they were, and the
// quantiles are those of all calls then, for which the arm of each makes no
// difference: of stable's alone they would be tighter for the canary than for
// stable.
func slowTables(canary, stable *tally.Distribution, slower float64) []table {
	shifted := shift(stable, int(math.Round(tally.PerOctave*math.Log2(slower))))
	n, m := canary.Count(), stable.Count()
	tables := make([]table, len(quantiles))
	t := table{0, n, 0, m}
	q := len(quantiles) - 1
	// From the slowest calls down, until there are as many as a quantile has
	// above it, or one bucket before if that is closer: where most calls are in
	// one bucket it tells nothing, and those above it may.
	for i := tally.Buckets - 1; i >= 0 && q >= 0; i-- {
		before := t
		t.canaryBad += canary.Bucket[i]
		t.stableBad += shifted[i]
		for ; q >= 0; q-- {
			above := (1 - quantiles[q]) * float64(n+m)
			if float64(t.bad()) < above {
				break
			}
			tables[q] = t
			if float64(before.bad())*float64(t.bad()) > above*above {
				tables[q] = before
			}
		}
	}
	return tables
}

// shift returns the buckets of durations that are longer by so many buckets.
// What that pushes beyond the last bucket is in it, and what is too short to be
// measured stays so.
func shift(d *tally.Distribution, by int) (to [tally.Buckets]uint64) {
	to[0] = d.Bucket[0]
	for i := 1; i < tally.Buckets; i++ {
		to[min(i+by, tally.Buckets-1)] += d.Bucket[i]
	}
	return to
}

// percent returns a share as in "5%" and "0.13%".
func percent(share float64) string {
	p, err := strconv.ParseFloat(strconv.FormatFloat(share*100, 'g', 3, 64), 64)
	if err != nil {
		return strconv.FormatFloat(share, 'g', -1, 64)
	}
	return strconv.FormatFloat(p, 'f', -1, 64) + "%"
}

// short returns a duration with three digits.
func short(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}

// group returns a number with its thousands apart, as in "4,011".
func group(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
