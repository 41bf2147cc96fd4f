package rollout

import (
	"math"
	"sort"
)

// table is what a window shows of one question: of all calls of each arm, how
// many were bad.
//
// Given how many were bad in all, how many of them are the canary's follows
// from the numbers of calls alone if both arms are alike, the hypergeometric
// distribution, and else from the ratio of the arms' odds too, Fisher's
// noncentral one. The rate itself, which nobody knows and which may be another
// in each window, is in neither.
type table struct {
	canaryBad, canary, stableBad, stable uint64
}

// bad returns how many calls of both arms were bad.
func (t table) bad() uint64 { return t.canaryBad + t.stableBad }

// span returns the least and the most bad calls that the canary can have.
func (t table) span() (lo, hi uint64) {
	if m := t.bad(); m > t.stable {
		lo = m - t.stable
	}
	return lo, min(t.bad(), t.canary)
}

// tells says whether the table could have come out in another way.
func (t table) tells() bool {
	lo, hi := t.span()
	return lo < hi
}

// logWeight returns the logarithm of how many ways there are for the canary to
// have y of the bad calls, but for a constant.
func (t table) logWeight(y uint64) float64 {
	lg := func(n uint64) float64 {
		v, _ := math.Lgamma(float64(n) + 1)
		return v
	}
	m := t.bad()
	return -lg(y) - lg(t.canary-y) - lg(m-y) - lg(t.stable-(m-y))
}

// step returns how many times as likely y+1 is as y, at a ratio of odds.
func (t table) step(y uint64, odds float64) float64 {
	m := t.bad()
	return odds * float64(t.canary-y) / float64(y+1) * float64(m-y) / float64(t.stable-m+y+1)
}

// negligible is what a term of a sum has to be below, relative to the largest,
// to end it.
const negligible = 1e-18

// logSum returns the logarithm of the sum of all weights from y = least on, each
// times odds to the power of y.
func (t table) logSum(least uint64, odds float64) float64 {
	lo, hi := t.span()
	lo = max(lo, least)
	// The terms rise to the mode and fall after it, so that the sum goes from
	// there both ways until nothing more is added.
	mode := lo + uint64(sort.Search(int(hi-lo), func(i int) bool { return t.step(lo+uint64(i), odds) < 1 }))
	sum, term := 1.0, 1.0
	for y := mode; y < hi && term > negligible; y++ {
		term *= t.step(y, odds)
		sum += term
	}
	term = 1
	for y := mode; y > lo && term > negligible; y-- {
		term /= t.step(y-1, odds)
		sum += term
	}
	return t.logWeight(mode) + float64(mode)*math.Log(odds) + math.Log(sum)
}

// logRatio returns the logarithm of how many times as likely the table is if
// the canary's odds are that many times stable's as if they are the same.
func (t table) logRatio(odds float64) float64 {
	lo, _ := t.span()
	return float64(t.canaryBad)*math.Log(odds) - t.logSum(lo, odds) + t.logSum(lo, 1)
}

// tail returns how likely it is that the canary has as many of the bad calls as
// it has, or more, if both arms are alike: the p-value of Fisher's exact test.
func (t table) tail() float64 {
	lo, _ := t.span()
	if t.canaryBad <= lo {
		return 1
	}
	return min(1, math.Exp(t.logSum(t.canaryBad, 1)-t.logSum(lo, 1)))
}
