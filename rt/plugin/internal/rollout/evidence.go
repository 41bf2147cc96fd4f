package rollout

import "math"

// evidence is a sequential test of whether the canary is worse than stable, by
// the tables of one window after the other. It may be looked at after each, for
// as long as there are windows, and its errors stay what they are.
//
// It is a bet against both arms being alike. A window multiplies the stake by
// how many times as likely it is if the canary is worse by some factor, which
// is 1 on average as long as it is not, or less. A stake that begins at 1 and
// does not grow on average reaches 1,000 at any time with a probability of at
// most 1/1,000 (Ville's inequality), whatever the rates of each window are.
//
// The stake is divided between factors, since nobody knows how much worse a
// canary will be, and between windows to begin at: of window k's tables and
// later ones a part 1/(k(k+1)) knows, so that a canary which was good for a day
// is found out no much later than one which never was. What one window can
// multiply the whole by is capped, which only ever makes it less, so that it
// takes several.
//
// Tables of one window may be about the same calls: the parts for each are
// averaged, never multiplied.
type evidence struct {
	// level is where the evidence is enough, most what one window multiplies by.
	level, most float64

	windows int
	value   float64
	parts   [][len(oddsRatios)]float64
}

// oddsRatios are the factors that are bet on. The least is a tolerance: odds
// less than 1.25 times stable's are closer to the same than to 1.6 times.
var oddsRatios = [...]float64{1.6, 3, 8, 40}

// doubtful is the evidence at which no step is passed. A canary that is as good
// as stable gets there once in ten rollouts, and away from it again.
const doubtful = 10

// newEvidence returns a test by so many tables a window that errs with a
// probability of at most risk and takes at least so many windows.
func newEvidence(tables int, risk float64, windows int) *evidence {
	level := 1 / risk
	return &evidence{
		level: level,
		most:  math.Pow(level, 1/float64(windows)),
		value: 1,
		parts: make([][len(oddsRatios)]float64, tables),
	}
}

// enough says whether the canary is worse.
func (e *evidence) enough() bool { return e.value >= e.level*(1-1e-9) }

// see adds a window.
func (e *evidence) see(tables []table) {
	tells := false
	for _, t := range tables {
		tells = tells || t.tells()
	}
	if !tells {
		return
	}
	e.windows++
	k := float64(e.windows)
	begin, rest := 1/(k*(k+1)), 1/(k+1)
	sum := 0.0
	for i, t := range tables {
		for j, odds := range oddsRatios {
			part := &e.parts[i][j]
			*part += begin / float64(len(tables)*len(oddsRatios))
			if t.tells() {
				// The bound keeps the product a number; the cap is far below it.
				*part *= math.Exp(min(t.logRatio(odds), 500))
			}
			sum += *part
		}
	}
	if most := e.most*max(e.value, 1) - rest; sum > most {
		for i := range e.parts {
			for j := range e.parts[i] {
				e.parts[i][j] *= most / sum
			}
		}
		sum = most
	}
	e.value = sum + rest
}
