package tally

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"
)

// The buckets of a histogram are spaced evenly on a logarithmic scale, so that
// multiplying all durations by a factor moves each by the same number of
// buckets, wherever it is.
const (
	// PerOctave is how many buckets there are between a duration and its double:
	// each is 4.4% wide, give or take 0.4%.
	PerOctave = 16
	// octaves from 64 ns, below which is one bucket, to 2^40 ns, over 18 minutes,
	// above which is another.
	firstOctave, lastOctave = 6, 40
	// Buckets is how many buckets there are.
	Buckets = 1 + (lastOctave-firstOctave)*PerOctave + 1
)

// within has, for the first 8 bits after the leading one of a duration, which
// bucket of its octave it is in.
var within = func() (t [256]uint8) {
	for i := range t {
		t[i] = uint8(PerOctave * math.Log2(1+float64(i)/256))
	}
	return t
}()

// bounds has the least duration that is above each bucket, in nanoseconds.
var bounds = func() (t [Buckets]uint64) {
	t[0] = 1 << firstOctave
	i := 1
	for octave := firstOctave; octave < lastOctave; octave++ {
		for m := 1; m < 256; m++ {
			if within[m] != within[m-1] {
				// Of an octave that has fewer numbers than 256 those that a
				// boundary falls between are above it.
				t[i] = ((256+uint64(m))<<octave + 255) >> 8
				i++
			}
		}
		t[i] = 2 << octave
		i++
	}
	t[i] = math.MaxInt64
	return t
}()

// bucket returns which bucket a duration is in.
func bucket(d time.Duration) int {
	if d < 1<<firstOctave {
		return 0
	}
	octave := bits.Len64(uint64(d)) - 1
	if octave >= lastOctave {
		return Buckets - 1
	}
	return 1 + (octave-firstOctave)*PerOctave + int(within[uint64(d)<<(63-octave)<<1>>56])
}

// Histogram is the distribution of durations, in 4 KiB whatever it holds. It
// may be used by several goroutines at once; its zero value is empty. It must
// not be copied.
type Histogram struct {
	sum    atomic.Int64
	bucket [Buckets]atomic.Uint64
}

// Record adds a duration. It neither allocates nor waits. One below zero, from
// a clock that was set back, counts as zero.
func (h *Histogram) Record(d time.Duration) {
	d = max(d, 0)
	h.sum.Add(int64(d))
	h.bucket[bucket(d)].Add(1)
}

// Read copies what was recorded until now. A Record under way may be in the sum
// and not yet in the bucket.
func (h *Histogram) Read(to *Distribution) {
	to.Sum = time.Duration(h.sum.Load())
	for i := range h.bucket {
		to.Bucket[i] = h.bucket[i].Load()
	}
}

// Distribution is what a [Histogram] had at one time, or the difference of two.
type Distribution struct {
	// Sum is that of all durations.
	Sum time.Duration
	// Bucket is how many durations fell in each bucket; see [Bound].
	Bucket [Buckets]uint64
}

// Bound returns the least duration above bucket i, which is the least in the
// next one. The last bucket has no such bound, and math.MaxInt64 stands for it.
func Bound(i int) time.Duration { return time.Duration(bounds[i]) }

// Count returns how many durations there are.
func (d *Distribution) Count() uint64 {
	var n uint64
	for _, c := range &d.Bucket {
		n += c
	}
	return n
}

// Quantile returns the duration below which a share q of all durations is, as
// 0.99 for p99: no more than 2.5% off for durations from 64 ns to 18 minutes.
// It is 0 if there are none, and the lower bound for those beyond 18 minutes.
func (d *Distribution) Quantile(q float64) time.Duration {
	n := d.Count()
	if n == 0 {
		return 0
	}
	rank := uint64(math.Ceil(min(max(q, 0), 1) * float64(n)))
	rank = min(max(rank, 1), n)
	i := 0
	for below := d.Bucket[0]; below < rank; below += d.Bucket[i] {
		i++
	}
	switch i {
	case 0:
		return Bound(0) / 2
	case Buckets - 1:
		return Bound(i - 1)
	}
	return time.Duration(math.Sqrt(float64(bounds[i-1]) * float64(bounds[i])))
}

// Add adds what is in another.
func (d *Distribution) Add(other *Distribution) {
	d.Sum += other.Sum
	for i, c := range &other.Bucket {
		d.Bucket[i] += c
	}
}

// Sub takes away what an earlier reading of the same histogram had.
func (d *Distribution) Sub(earlier *Distribution) {
	d.Sum -= earlier.Sum
	for i, c := range &earlier.Bucket {
		d.Bucket[i] -= c
	}
}
