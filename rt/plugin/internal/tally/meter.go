package tally

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// Kind is an outcome and what of it there was: a trap's kind, the capability
// that was denied.
type Kind struct {
	Outcome Outcome
	// Name is the host's word, such as "unreachable" or "net connect"; it may be
	// empty. No more than 64 bytes of it are kept.
	Name string
}

// String returns the kind as messages show it, as in `trap "unreachable"`.
func (k Kind) String() string {
	if k.Name == "" || k.Name == k.Outcome.String() {
		return k.Outcome.String()
	}
	return k.Outcome.String() + ` "` + k.Name + `"`
}

// The most kinds a meter tells apart, and the most bytes of a name. Beyond, all
// that is new has the name otherKinds.
const (
	maxKinds   = 64
	maxName    = 64
	otherKinds = "others"
)

// Meter records how calls end. It may be used by several goroutines at once;
// its zero value is empty. It must not be copied.
type Meter struct {
	outcomes [Outcomes]atomic.Uint64
	latency  Histogram

	mu    sync.Mutex
	kinds map[Kind]uint64
}

// Record adds a call that ended so and took that long. The duration counts if
// the guest answered, the kind's name if it failed: what passes neither
// allocates nor waits.
func (m *Meter) Record(k Kind, took time.Duration) {
	if int(k.Outcome) >= Outcomes {
		return
	}
	m.outcomes[k.Outcome].Add(1)
	if k.Outcome.Answered() {
		m.latency.Record(took)
	}
	if k.Outcome.Failed() {
		m.fail(k)
	}
}

// fail counts a failure by its kind.
func (m *Meter) fail(k Kind) {
	if len(k.Name) > maxName {
		cut := maxName
		for cut > 0 && !utf8.RuneStart(k.Name[cut]) {
			cut--
		}
		k.Name = k.Name[:cut]
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.kinds[k]; !known {
		if m.kinds == nil {
			m.kinds = map[Kind]uint64{}
		}
		// The bound leaves room for the others of each outcome.
		if len(m.kinds) >= maxKinds-Outcomes {
			k.Name = otherKinds
		}
		k.Name = strings.Clone(k.Name)
	}
	m.kinds[k]++
}

// Read returns what was recorded until now. Calls that are being recorded may
// be in some of the numbers and not yet in others.
func (m *Meter) Read() *Tally {
	t := &Tally{}
	m.mu.Lock()
	t.Kinds = maps.Clone(m.kinds)
	m.mu.Unlock()
	for o := range m.outcomes {
		t.Outcomes[o] = m.outcomes[o].Load()
	}
	m.latency.Read(&t.Latency)
	return t
}

// Tally is what a [Meter] had at one time, or in the time between two readings.
type Tally struct {
	// Outcomes is how many calls had each outcome.
	Outcomes Counts
	// Kinds is how many calls failed in each way; nil if none did.
	Kinds map[Kind]uint64
	// Latency is how long those took that the guest answered.
	Latency Distribution
}

// Since returns what came after an earlier reading of the same meter; nil is
// one of the beginning. Neither is changed.
func (t *Tally) Since(earlier *Tally) *Tally {
	if earlier == nil {
		earlier = &Tally{}
	}
	d := &Tally{Outcomes: t.Outcomes, Latency: t.Latency}
	for o, n := range earlier.Outcomes {
		d.Outcomes[o] -= n
	}
	for k, n := range t.Kinds {
		if n -= earlier.Kinds[k]; n > 0 {
			if d.Kinds == nil {
				d.Kinds = map[Kind]uint64{}
			}
			d.Kinds[k] = n
		}
	}
	d.Latency.Sub(&earlier.Latency)
	return d
}
