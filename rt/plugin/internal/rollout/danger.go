package rollout

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

// How many calls of stable's are too few to compare with, how many calls of the
// canary's condemn it without any, and what part of them has to have failed.
const (
	fewCalls     = 20
	enoughFailed = 10
	failedPart   = 0.5
)

// record is what both arms did in the rollout, and stable before it.
type record struct {
	// risk is that of all tests, looked how many kinds were tested.
	risk           float64
	canary, stable uint64
	kinds          map[tally.Kind]*occurrences
	looked         int
}

// occurrences is how often a kind of failure was seen. It is the rank-th kind
// that was looked at, that many times.
type occurrences struct {
	canary, stable uint64
	rank, looks    int
}

// newRecord returns one whose tests have that risk together.
func newRecord(risk float64) record {
	return record{risk: risk, kinds: map[tally.Kind]*occurrences{}}
}

// add adds what the arms did.
func (r *record) add(canary, stable *tally.Tally) {
	r.canary += canary.Outcomes.Sum(tally.Outcome.Judged)
	r.stable += stable.Outcomes.Sum(tally.Outcome.Judged)
	of := func(k tally.Kind) *occurrences {
		if r.kinds[k] == nil {
			r.kinds[k] = &occurrences{}
		}
		return r.kinds[k]
	}
	for k, n := range canary.Kinds {
		of(k).canary += n
	}
	for k, n := range stable.Kinds {
		of(k).stable += n
	}
}

// news says whether the canary had a kind of failure that stable never had.
func (r *record) news(canary *tally.Tally) bool {
	for k := range canary.Kinds {
		if r.kinds[k].stable == 0 {
			return true
		}
	}
	return false
}

// unlikely says whether it is not by chance that the canary has what it has of
// a kind of failure.
func (r *record) unlikely(k tally.Kind) bool {
	o := r.kinds[k]
	if o.looks++; o.looks == 1 {
		r.looked++
		o.rank = r.looked
	}
	// Readings are not of one moment, so that a failure may be there before its
	// call is.
	t := table{o.canary, max(r.canary, o.canary), o.stable, max(r.stable, o.stable)}
	return t.tail() <= r.risk/float64(o.rank*(o.rank+1))/float64(o.looks*(o.looks+1))
}

// dangers adds a window to the record, and returns what in it ends the rollout
// at once.
func (j *Judge) dangers(canary, stable *tally.Tally) string {
	j.record.add(canary, stable)
	calls, stableCalls := canary.Outcomes.Sum(tally.Outcome.Judged), stable.Outcomes.Sum(tally.Outcome.Judged)
	kinds := slices.SortedFunc(maps.Keys(canary.Kinds), func(a, b tally.Kind) int {
		return cmp.Or(cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Name, b.Name))
	})
	for _, k := range kinds {
		o := j.record.kinds[k]
		switch {
		case k.Outcome == tally.Link:
			if stable.Outcomes[tally.Link] == 0 {
				return fmt.Sprintf("%v %s of %s, stable 0 of %s", k, group(canary.Kinds[k]), group(calls), group(stableCalls))
			}
		case k.Outcome == tally.Denied && o.stable == 0, stable.Kinds[k] == 0 && j.record.unlikely(k):
			return fmt.Sprintf("%v %s of %s, stable %s of %s", k, group(o.canary), group(j.record.canary),
				group(o.stable), group(j.record.stable))
		}
	}
	failed, stableFailed := canary.Outcomes.Sum(tally.Outcome.Failed), stable.Outcomes.Sum(tally.Outcome.Failed)
	if failed >= enoughFailed && most(failed, calls) && stableCalls < fewCalls && !most(stableFailed, stableCalls) {
		return fmt.Sprintf("failed %s of %s (%v), stable %s of %s", group(failed), group(calls),
			failures(canary.Outcomes), group(stableFailed), group(stableCalls))
	}
	return ""
}

// most says whether that part of the calls failed that condemns a canary.
func most(failed, calls uint64) bool {
	return failed > 0 && float64(failed) >= failedPart*float64(calls)
}

// failures returns the failures among the counts.
func failures(c tally.Counts) tally.Counts {
	for o := range c {
		if !tally.Outcome(o).Failed() {
			c[o] = 0
		}
	}
	return c
}
