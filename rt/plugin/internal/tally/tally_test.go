package tally

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

func TestOutcomes(t *testing.T) {
	for _, tt := range []struct {
		o                        Outcome
		name                     string
		judged, failed, answered bool
	}{
		{OK, "ok", true, false, true},
		{GuestError, "guest_error", true, false, true},
		{Trap, "trap", true, true, false},
		{Fuel, "fuel", true, true, false},
		{Deadline, "deadline", true, true, false},
		{Memory, "memory", true, true, false},
		{Stack, "stack", true, true, false},
		{Denied, "denied", true, true, false},
		{Overloaded, "overloaded", false, false, false},
		{Unavailable, "unavailable", false, false, false},
		{Cancelled, "cancelled", false, false, false},
		{Link, "link", true, true, false},
		{Outcome(Outcomes), "unknown", false, false, false},
	} {
		if got := tt.o.String(); got != tt.name {
			t.Errorf("outcome %d is %q, want %q", tt.o, got, tt.name)
		}
		if tt.o.Judged() != tt.judged || tt.o.Failed() != tt.failed || tt.o.Answered() != tt.answered {
			t.Errorf("%v: judged %v, failed %v, answered %v", tt.o, tt.o.Judged(), tt.o.Failed(), tt.o.Answered())
		}
	}
}

func TestCountsString(t *testing.T) {
	for _, tt := range []struct {
		in   Counts
		want string
	}{
		{Counts{}, ""},
		{Counts{Trap: 15, Fuel: 2}, "trap 15, fuel 2"},
		{Counts{Trap: 2, Fuel: 15, Link: 2}, "fuel 15, trap 2, link 2"},
	} {
		if got := tt.in.String(); got != tt.want {
			t.Errorf("%v, want %v", got, tt.want)
		}
	}
}

// TestBuckets checks that the buckets' bounds rise, that each duration is in the
// bucket whose bounds it is between, and how wide they are.
func TestBuckets(t *testing.T) {
	least := time.Duration(0)
	for i := range Buckets {
		bound := Bound(i)
		if bound <= least {
			t.Fatalf("bucket %d ends at %v and begins at %v", i, bound, least)
		}
		for _, d := range []time.Duration{least, least + (bound-least)/2, bound - 1} {
			if got := bucket(d); got != i {
				t.Errorf("%v is in bucket %d, want %d", int64(d), got, i)
			}
		}
		// Below 16 µs a nanosecond is a part of a bucket that shows.
		if ratio := float64(bound) / float64(least); least > 16_000 && i < Buckets-1 && (ratio < 1.039 || ratio > 1.049) {
			t.Errorf("bucket %d is from %v to %v, a ratio of %v", i, least, bound, ratio)
		}
		least = bound
	}
	if got := bucket(math.MaxInt64); got != Buckets-1 {
		t.Errorf("the longest duration is in bucket %d of %d", got, Buckets)
	}
	if got := bucket(-1); got != 0 {
		t.Errorf("a duration below zero is in bucket %d", got)
	}
}

// TestQuantile compares quantiles with those of the sorted durations.
func TestQuantile(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, tt := range []struct {
		name string
		draw func() float64
	}{
		{"uniform", func() float64 { return 1e6 * random.Float64() }},
		{"exponential", func() float64 { return 2e5 * random.ExpFloat64() }},
		{"log-normal", func() float64 { return 1e6 * math.Exp(1.5*random.NormFloat64()) }},
		{"two humps", func() float64 { return []float64{1e5, 5e8}[random.IntN(2)] * (1 + 0.1*random.Float64()) }},
		{"constant", func() float64 { return 123_456_789 }},
		{"minutes", func() float64 { return 6e11 * (1 + 0.5*random.Float64()) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var h Histogram
			var sorted []time.Duration
			var sum time.Duration
			for range 20_001 {
				d := time.Duration(tt.draw())
				h.Record(d)
				sum += d
				sorted = append(sorted, d)
			}
			slices.Sort(sorted)
			var d Distribution
			h.Read(&d)
			if d.Count() != 20_001 || d.Sum != sum {
				t.Errorf("%d durations, %v; want %d, %v", d.Count(), d.Sum, 20_001, sum)
			}
			for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 0.999, 1} {
				want := sorted[int(math.Ceil(q*20_001))-1]
				if want < 64 {
					continue
				}
				if got := d.Quantile(q); math.Abs(float64(got)/float64(want)-1) > 0.025 {
					t.Errorf("p%v is %v, want %v", 100*q, got, want)
				}
			}
		})
	}
}

func TestQuantileEdges(t *testing.T) {
	var h Histogram
	var d Distribution
	if got := d.Quantile(0.5); got != 0 {
		t.Errorf("median of nothing is %v", got)
	}
	h.Record(-5)
	h.Record(0)
	h.Record(48 * time.Hour)
	h.Read(&d)
	if got := d.Quantile(0); got != 32 {
		t.Errorf("p0 is %d, want half of 64 ns", got)
	}
	if got, want := d.Quantile(2), time.Duration(1<<40); got != want {
		t.Errorf("p200 is %v, want %v", got, want)
	}
	if d.Sum != 48*time.Hour {
		t.Errorf("sum is %v", d.Sum)
	}
}

func TestSince(t *testing.T) {
	var m Meter
	trap := Kind{Trap, "unreachable"}
	m.Record(Kind{}, time.Millisecond)
	m.Record(trap, time.Second)
	first := m.Read()
	m.Record(Kind{Outcome: GuestError}, 4*time.Millisecond)
	m.Record(trap, time.Second)
	m.Record(Kind{Denied, "net"}, time.Second)
	second := m.Read()

	got := second.Since(first)
	if want := (Counts{GuestError: 1, Trap: 1, Denied: 1}); got.Outcomes != want {
		t.Errorf("outcomes %v, want %v", got.Outcomes, want)
	}
	if len(got.Kinds) != 2 || got.Kinds[trap] != 1 || got.Kinds[Kind{Denied, "net"}] != 1 {
		t.Errorf("kinds %v", got.Kinds)
	}
	if got.Latency.Count() != 1 || got.Latency.Sum != 4*time.Millisecond {
		t.Errorf("latency of %d calls, %v", got.Latency.Count(), got.Latency.Sum)
	}
	if again := second.Since(second); again.Outcomes != (Counts{}) || again.Kinds != nil || again.Latency.Count() != 0 {
		t.Errorf("since itself there is %+v", again)
	}
	if all := second.Since(nil); all.Outcomes != second.Outcomes || all.Kinds[trap] != 2 || all.Latency != second.Latency {
		t.Errorf("since the beginning there is %+v", all)
	}
	if first.Outcomes[Trap] != 1 || second.Kinds[trap] != 2 {
		t.Error("readings were changed")
	}
}

// TestKindsAreBounded records more kinds than are kept, with long names.
func TestKindsAreBounded(t *testing.T) {
	var m Meter
	for i := range 10_000 {
		m.Record(Kind{Outcome(i % (Outcomes + 2)), strings.Repeat("é", i%70) + time.Duration(i).String()}, 0)
	}
	r := m.Read()
	if len(r.Kinds) > maxKinds {
		t.Errorf("%d kinds", len(r.Kinds))
	}
	var sum uint64
	for k, n := range r.Kinds {
		sum += n
		if len(k.Name) > maxName || !utf8.ValidString(k.Name) {
			t.Errorf("name %q", k.Name)
		}
		if !k.Outcome.Failed() {
			t.Errorf("kind of %v", k.Outcome)
		}
	}
	if want := r.Outcomes.Sum(Outcome.Failed); sum != want {
		t.Errorf("%d failures by kind, %d by outcome", sum, want)
	}
}

func TestKindString(t *testing.T) {
	for _, tt := range []struct {
		in   Kind
		want string
	}{
		{Kind{Trap, "unreachable"}, `trap "unreachable"`},
		{Kind{Fuel, ""}, "fuel"},
		{Kind{Fuel, "fuel"}, "fuel"},
		{Kind{Denied, "net connect"}, `denied "net connect"`},
	} {
		if got := tt.in.String(); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}

// TestConcurrent records in 64 goroutines while windows are read, and checks
// that the windows have all calls together.
func TestConcurrent(t *testing.T) {
	const callers, calls = 64, 500
	var m Meter
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for n := range calls {
				k := Kind{}
				if n%10 == 0 {
					k = Kind{Trap, []string{"unreachable", "bounds"}[i%2]}
				}
				m.Record(k, time.Duration(n)*time.Microsecond)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	var before *Tally
	var outcomes Counts
	kinds := map[Kind]uint64{}
	var latency Distribution
	for last := false; !last; {
		select {
		case <-done:
			last = true
		default:
		}
		now := m.Read()
		window := now.Since(before)
		for o, n := range window.Outcomes {
			outcomes[o] += n
		}
		for k, n := range window.Kinds {
			kinds[k] += n
		}
		latency.Add(&window.Latency)
		before = now
	}
	if want := (Counts{OK: callers * calls * 9 / 10, Trap: callers * calls / 10}); outcomes != want {
		t.Errorf("outcomes %v, want %v", outcomes, want)
	}
	if want := uint64(callers * calls / 20); kinds[Kind{Trap, "bounds"}] != want || kinds[Kind{Trap, "unreachable"}] != want {
		t.Errorf("kinds %v, want %d each", kinds, want)
	}
	if got := latency.Count(); got != callers*calls*9/10 {
		t.Errorf("latency of %d calls", got)
	}
	if latency != before.Latency {
		t.Error("the windows' latencies are not that of all calls")
	}
}

func TestAllocs(t *testing.T) {
	var m Meter
	trap := Kind{Trap, "unreachable"}
	m.Record(trap, 0)
	for _, k := range []Kind{{}, {Outcome: GuestError}, {Outcome: Overloaded}, trap} {
		if n := testing.AllocsPerRun(100, func() { m.Record(k, time.Millisecond) }); n != 0 {
			t.Errorf("recording %v allocates %v times", k, n)
		}
	}
}

func FuzzBucket(f *testing.F) {
	f.Add(int64(-1))
	f.Add(int64(127))
	f.Add(int64(1) << 39)
	f.Add(int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, n int64) {
		d := time.Duration(n)
		i := bucket(d)
		if i > 0 && d < Bound(i-1) || i < Buckets-1 && d >= Bound(i) {
			t.Errorf("%d is in bucket %d", n, i)
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	var m Meter
	b.ReportAllocs()
	for b.Loop() {
		m.Record(Kind{}, time.Millisecond)
	}
}

func BenchmarkRecord64(b *testing.B) {
	var m Meter
	b.ReportAllocs()
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for d := time.Duration(0); pb.Next(); d += time.Microsecond {
			m.Record(Kind{}, d)
		}
	})
}
