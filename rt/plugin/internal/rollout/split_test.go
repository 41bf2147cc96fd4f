package rollout

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// salt returns a salt of a number, for tests that repeat.
func salt(n uint64) (s [16]byte) {
	binary.BigEndian.PutUint64(s[:], n)
	return s
}

// TestSplitByHand checks the rule with hashes made by sha256sum:
// printf '0123456789abcdef\0user-1' | sha256sum.
func TestSplitByHand(t *testing.T) {
	s := Split{}
	copy(s.Salt[:], "0123456789abcdef")
	for _, tt := range []struct{ key, hash string }{
		{"user-1", "b0744222d026cbf9cef215583dd198a4f2fab9ff1330e2bbe04334dc4feb4302"},
		{"", "70ca616894848c45de4e2792711f36c998413e0eab1c6621fe9761118b8fd51a"},
		{"tenant-100", "c228689c1308e02ee7bb8752284e107c93f0b7bec156602c78911e5da13c4608"},
		{"ключ", "1db07dd7529a1348297592e5b3c4afac023e0b8e8e70b823f0dd5429d174637d"},
	} {
		b, err := hex.DecodeString(tt.hash)
		if err != nil {
			t.Fatal(err)
		}
		// Weights have 53 bits, so that those just below and above the hash are
		// some way from it.
		at := float64(binary.BigEndian.Uint64(b)) / (1 << 64)
		for _, w := range []struct {
			weight float64
			want   bool
		}{{at * (1 - 1e-12), false}, {at * (1 + 1e-12), true}} {
			s.Weight = w.weight
			if got := s.Canary(tt.key); got != w.want {
				t.Errorf("key %q at %v: %v, want %v", tt.key, w.weight, got, w.want)
			}
		}
	}
}

// keys returns the i-th key of each sort that hosts have.
var keys = []struct {
	name string
	key  func(i int) string
}{
	{"sequential", strconv.Itoa},
	{"user-N", func(i int) string { return "user-" + strconv.Itoa(i) }},
	{"UUID", func(i int) string {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		a, b := r.Uint64(), r.Uint64()
		return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&(1<<48-1))
	}},
	{"every hundredth tenant", func(i int) string { return "tenant-" + strconv.Itoa(100*i) }},
}

func TestSplitShare(t *testing.T) {
	const n = 100_000
	for _, k := range keys {
		for _, weight := range []float64{0.01, 0.05, 0.25, 0.5} {
			s, canary := Split{salt(1), weight}, 0
			for i := range n {
				if s.Canary(k.key(i)) {
					canary++
				}
			}
			if got := float64(canary) / n; math.Abs(got-weight) > 0.005 {
				t.Errorf("%s: %v of the keys, want %v", k.name, got, weight)
			}
		}
	}
}

// TestSplitGrows checks that no key leaves the canary as the weight grows.
func TestSplitGrows(t *testing.T) {
	for _, k := range keys {
		for i := range 10_000 {
			key, was := k.key(i), false
			for _, weight := range []float64{0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.99, 1} {
				is := Split{salt(2), weight}.Canary(key)
				if was && !is {
					t.Fatalf("%s: key %q leaves the canary at %v", k.name, key, weight)
				}
				was = is
			}
		}
	}
}

// TestSplitSalts checks that two salts have as many keys in common as chance
// gives them.
func TestSplitSalts(t *testing.T) {
	const n, weight = 100_000, 0.1
	for other := range uint64(5) {
		a, b, both := Split{salt(100), weight}, Split{salt(101 + other), weight}, 0
		for i := range n {
			if key := keys[1].key(i); a.Canary(key) && b.Canary(key) {
				both++
			}
		}
		// 1,000 are expected; the standard deviation is 31.
		if both < 850 || both > 1150 {
			t.Errorf("salt %d: %d keys in both, want about 1000", other, both)
		}
	}
}

func TestSplitEdges(t *testing.T) {
	for _, tt := range []struct {
		weight float64
		want   int
	}{{0, 0}, {-1, 0}, {math.NaN(), 0}, {math.Inf(-1), 0}, {5e-324, 0}, {1, 1000}, {2, 1000}, {math.Inf(1), 1000}, {math.Nextafter(1, 0), 1000}} {
		n := 0
		for i := range 1000 {
			if (Split{salt(3), tt.weight}).Canary(strconv.Itoa(i)) {
				n++
			}
		}
		if n != tt.want {
			t.Errorf("weight %v: %d of 1000 keys, want %d", tt.weight, n, tt.want)
		}
	}
}

func TestNewSalt(t *testing.T) {
	seen := map[[16]byte]bool{{}: true}
	for range 100 {
		s := NewSalt()
		if seen[s] {
			t.Fatalf("salt %x again", s)
		}
		seen[s] = true
	}
}

func TestSplitAllocs(t *testing.T) {
	s := Split{NewSalt(), 0.5}
	for _, n := range []int{0, 1, 36, 64, 111} {
		key := strings.Repeat("k", n)
		if got := testing.AllocsPerRun(100, func() { s.Canary(key) }); got != 0 {
			t.Errorf("a key of %d bytes allocates %v times", n, got)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("user-1", 0.25, 0.5)
	f.Add("", 0.0, 1.0)
	f.Add(strings.Repeat("long", 100), math.NaN(), -1.0)
	f.Fuzz(func(t *testing.T, key string, a, b float64) {
		if a > b {
			a, b = b, a
		}
		if (Split{salt(4), a}).Canary(key) && !(Split{salt(4), b}).Canary(key) {
			t.Errorf("key %q is the canary's at %v and not at %v", key, a, b)
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	s := Split{NewSalt(), 0.05}
	b.ReportAllocs()
	for b.Loop() {
		s.Canary("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
	}
}
