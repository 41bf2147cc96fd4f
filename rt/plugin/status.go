package plugin

import (
	"time"

	"github.com/witgen/witgen/rt/plugin/internal/breaker"
	"github.com/witgen/witgen/rt/plugin/internal/pool"
	"github.com/witgen/witgen/rt/plugin/internal/tally"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// Status is what a slot is and did, at one time.
type Status struct {
	Name string
	// Stable is what serves, and Canary what is tried out; nil is nothing.
	Stable, Canary *RevisionStatus
	// Weight is the canary's share of the keys, and Step that of its ramp, from 0.
	Weight float64
	Step   int
	Held   bool
	// Loading is what is on its way; nil is nothing.
	Loading *Loading
	// Draining is how many calls of replaced revisions are under way, and Stuck how
	// many of them do not end though they were cancelled.
	Draining, Stuck int64
	// LastGood is what Rollback brings back; nil is nothing.
	LastGood *Digest
	// Quarantine is what failed, and is not tried again by itself.
	Quarantine []Quarantine

	// Events are what happened of late, the oldest first: up to 64, without their
	// errors, which are in their texts. Denials are what the plugin was denied: up to
	// 32 that differ, the last one at the end, and Denied counts them all.
	Events  []Event
	Denials []Denial
	Denied  uint64

	// HostCalls are those of host functions, the function that is called most at
	// first: up to 256, and all others together.
	HostCalls []HostCalls
}

// Loading is a source on its way to be a revision that can serve.
type Loading struct {
	Source string
	Stage  Stage
	Since  time.Time // it is at that stage
}

// RevisionStatus is what a revision is and did.
type RevisionStatus struct {
	Digest, Code Digest
	World        string // as in [Caller]
	Source       string
	Metadata     Metadata
	Staged       time.Time

	// Policy is what the revision has, and Cut what it has not of the slot's policy,
	// and why.
	Policy policy.Policy
	Cut    []policy.Note

	Calls   int64 // under way
	Pool    pool.Use
	Breaker breaker.Status
	// Outcomes is how many calls ended how, and P50 and P99 are how long those
	// took that the plugin answered.
	Outcomes tally.Counts
	P50, P99 time.Duration
}

// Quarantine is a revision that failed.
type Quarantine struct {
	Digest Digest
	Stage  Stage
	Reason string
	At     time.Time
}

// Status returns what the slot is and did.
func (c *Control) Status() Status {
	s := c.slot
	s.mu.Lock()
	defer s.mu.Unlock()
	to := s.route.Load()
	st := Status{Name: s.name, Stable: to.stable.status(), Canary: to.canary.status()}
	if t := s.trial; t != nil {
		st.Weight, st.Step, st.Held = t.split.Weight, t.step, t.held
	}
	if s.loading != nil {
		loading := *s.loading
		st.Loading = &loading
	}
	for r := range s.leaving {
		n := r.users.Load()
		st.Draining += n
		if r.stuck.Load() {
			st.Stuck += n
		}
	}
	if s.lastGood != nil {
		st.LastGood = &s.lastGood.id
	}
	for id, q := range s.failed {
		st.Quarantine = append(st.Quarantine, Quarantine{id, q.stage, q.reason, q.at})
	}
	s.recent.read(&st)
	st.HostCalls = s.functions.read()
	return st
}

func (r *revision) status() *RevisionStatus {
	if r == nil {
		return nil
	}
	t := r.meter.Read()
	return &RevisionStatus{
		Digest: r.id, Code: r.code, World: r.world, Source: r.source.name, Metadata: r.metadata, Staged: r.staged,
		Policy: r.rights.Effective.Policy(), Cut: r.rights.notes,
		Calls: max(r.users.Load()-1, 0), Pool: r.pool.Use(), Breaker: r.breaker.Status(clock()),
		Outcomes: t.Outcomes, P50: t.Latency.Quantile(0.5), P99: t.Latency.Quantile(0.99),
	}
}
