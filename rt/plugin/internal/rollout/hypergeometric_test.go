package rollout

import (
	"math"
	"math/big"
	"testing"
)

// exact returns, in rational numbers, how likely the table is at a ratio of odds,
// and how likely it or a worse one is if there is no difference.
func exact(tt table, odds int64) (ratio, tail float64) {
	m := int64(tt.bad())
	weight := func(y int64) *big.Rat {
		a := new(big.Int).Binomial(int64(tt.canary), y)
		b := new(big.Int).Binomial(int64(tt.stable), m-y)
		return new(big.Rat).SetInt(a.Mul(a, b))
	}
	lo, hi := tt.span()
	alike, worse, above := new(big.Rat), new(big.Rat), new(big.Rat)
	for y := int64(lo); y <= int64(hi); y++ {
		w := weight(y)
		alike.Add(alike, w)
		if y >= int64(tt.canaryBad) {
			above.Add(above, w)
		}
		worse.Add(worse, w.Mul(w, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(odds), big.NewInt(y), nil))))
	}
	this := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(odds), big.NewInt(int64(tt.canaryBad)), nil))
	ratio, _ = this.Quo(this.Mul(this, alike), worse).Float64()
	tail, _ = above.Quo(above, alike).Float64()
	return ratio, tail
}

func TestHypergeometric(t *testing.T) {
	tables := []table{
		{4, 212, 0, 4011}, {0, 200, 3, 4000}, {10, 10, 0, 10}, {0, 10, 10, 10}, {5, 10, 10, 10}, {3, 50, 1, 3},
		{40, 750, 90, 2250}, {1, 1, 0, 1}, {100, 300, 5, 20}, {20, 20, 13, 40},
	}
	for c := range uint64(6) {
		for cb := range c + 1 {
			for s := range uint64(6) {
				for sb := range s + 1 {
					tables = append(tables, table{cb, c, sb, s})
				}
			}
		}
	}
	for _, tt := range tables {
		for _, odds := range []int64{1, 2, 40} {
			ratio, tail := exact(tt, odds)
			if got := math.Exp(tt.logRatio(float64(odds))); math.Abs(got/ratio-1) > 1e-9 {
				t.Errorf("%v: odds %d: ratio %v, want %v", tt, odds, got, ratio)
			}
			if got := tt.tail(); math.Abs(got/tail-1) > 1e-9 {
				t.Errorf("%v: tail %v, want %v", tt, got, tail)
			}
		}
	}
}

// TestTea is the experiment that the test was made for: of eight cups of tea,
// four with the milk first, she names all four, or three.
func TestTea(t *testing.T) {
	for _, tt := range []struct {
		in   table
		want float64
	}{{table{4, 4, 0, 4}, 1.0 / 70}, {table{3, 4, 1, 4}, 17.0 / 70}} {
		if got := tt.in.tail(); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("%v: %v, want %v", tt.in, got, tt.want)
		}
	}
}

// TestHypergeometricLarge checks tables of a busy host: that they cost little,
// and agree with the normal approximation.
func TestHypergeometricLarge(t *testing.T) {
	tt := table{25_500, 250_000, 75_000, 750_000}
	n, m, bad := 250_000.0, 750_000.0, 100_500.0
	mean := bad * n / (n + m)
	sd := math.Sqrt(mean * (m / (n + m)) * (1 - bad/(n+m)) * (n + m) / (n + m - 1))
	want := math.Erfc((25_500-0.5-mean)/sd/math.Sqrt2) / 2
	if got := tt.tail(); math.Abs(got/want-1) > 0.02 {
		t.Errorf("tail %v, want about %v", got, want)
	}
	for _, tt := range []table{{1e5, 1e7, 1e7, 1e9}, {1e9, 1e9, 0, 1e12}, {0, 1e7, 1e7, 1e10}, {3, 1e10, 1e10, 1e10}} {
		for _, odds := range oddsRatios {
			if v := tt.logRatio(odds); math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%v: odds %v: %v", tt, odds, v)
			}
		}
	}
}

// TestEvidenceIsFair computes, over all tables that a few windows can have, that
// the evidence is 1 on average if both arms are alike, and no more with a cap.
func TestEvidenceIsFair(t *testing.T) {
	const n, m, bad, windows = 3, 5, 4, 4
	lo, hi := table{0, n, bad, m}.span()
	var all float64
	chance := map[uint64]float64{}
	for y := lo; y <= hi; y++ {
		chance[y] = math.Exp(table{y, n, bad - y, m}.logWeight(y))
		all += chance[y]
	}
	mean := func(capped int) float64 {
		var walk func(past []uint64, p float64) float64
		walk = func(past []uint64, p float64) (sum float64) {
			if len(past) == windows {
				e := newEvidence(1, 1e-9, capped)
				for _, y := range past {
					e.see([]table{{y, n, bad - y, m}})
				}
				return p * e.value
			}
			for y := lo; y <= hi; y++ {
				sum += walk(append(past[:len(past):len(past)], y), p*chance[y]/all)
			}
			return sum
		}
		return walk(nil, 1)
	}
	if got := mean(1); math.Abs(got-1) > 1e-9 {
		t.Errorf("without a cap the evidence is %v on average, want 1", got)
	}
	if got := mean(40); got > 1+1e-9 || got < 0.5 {
		t.Errorf("with a cap the evidence is %v on average, want a little less than 1", got)
	}
}

// TestEvidenceTakesWindows checks that the clearest windows take as many as they
// have to, at the beginning and after a good day.
func TestEvidenceTakesWindows(t *testing.T) {
	for windows := 1; windows <= 4; windows++ {
		for _, good := range []int{0, 10, 3000} {
			e := newEvidence(1, 0.001, windows)
			for range good {
				e.see([]table{{1, 100, 50, 5000}})
			}
			n := 0
			for ; !e.enough() && n < 100; n++ {
				e.see([]table{{1000, 1000, 0, 9000}})
			}
			if n != windows {
				t.Errorf("after %d good windows %d bad ones are enough, want %d", good, n, windows)
			}
		}
	}
}
