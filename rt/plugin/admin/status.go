package admin

import (
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/internal/breaker"
	"github.com/witgen/witgen/rt/plugin/internal/tally"
)

// The most characters of what others have written.
const (
	maxName   = 80
	maxText   = 300
	maxReason = 1000
)

// slot is what is shown of a slot. All durations are in seconds.
type slot struct {
	Name       string       `json:"name"`
	Ready      bool         `json:"ready"`
	Unready    string       `json:"unready,omitempty"` // why
	Arms       []arm        `json:"arms"`
	Step       int          `json:"step,omitempty"` // of the canary's ramp, from 1
	Held       bool         `json:"held,omitempty"`
	LastGood   string       `json:"last_good,omitempty"` // the full digest
	Loading    *loading     `json:"loading,omitempty"`
	Draining   int64        `json:"draining"` // calls of replaced revisions
	Stuck      int64        `json:"stuck"`    // of them, those that do not end though they were cancelled
	Quarantine []quarantine `json:"quarantine,omitempty"`
	Denied     uint64       `json:"denied"`
	Denials    []denial     `json:"denials,omitempty"`    // the last first
	Events     []event      `json:"events,omitempty"`     // the last first
	HostCalls  []hostCalls  `json:"host_calls,omitempty"` // of the ten functions that are called most
}

// arm is what is shown of a revision that serves calls.
type arm struct {
	Arm         plugin.Arm        `json:"arm"`
	Share       float64           `json:"share"` // of the keys, from 0 to 1
	Digest      string            `json:"digest"`
	Code        string            `json:"code"`
	World       string            `json:"world,omitempty"`
	Source      string            `json:"source"`
	Name        string            `json:"name,omitempty"` // as are the next two: what the plugin says of itself
	Version     string            `json:"version,omitempty"`
	Description string            `json:"description,omitempty"`
	Staged      time.Time         `json:"staged"`
	Calls       int64             `json:"calls"` // under way
	Outcomes    map[string]uint64 `json:"outcomes"`
	Failed      uint64            `json:"failed"` // of the outcomes, for which the plugin is to blame
	P50         float64           `json:"p50"`
	P99         float64           `json:"p99"`
	Pool        use               `json:"pool"`
	Breaker     state             `json:"breaker"`
	Cut         []string          `json:"cut,omitempty"` // what it has not of its policy, and why
}

// use is what is shown of a pool of instances.
type use struct {
	Idle     int    `json:"idle"`
	Busy     int    `json:"busy"`
	Waiting  int    `json:"waiting"`
	Started  uint64 `json:"started"`
	Ended    uint64 `json:"ended"`
	Refused  uint64 `json:"refused"`
	TimedOut uint64 `json:"timed_out"`
}

// state is what is shown of a breaker.
type state struct {
	State string     `json:"state"`
	Since time.Time  `json:"since"`
	Next  *time.Time `json:"next,omitempty"` // probe, if it is open
	Why   string     `json:"why,omitempty"`
}

// loading is what is shown of a source on its way to serving.
type loading struct {
	Source string       `json:"source"`
	Stage  plugin.Stage `json:"stage"`
	Since  time.Time    `json:"since"` // it is at that stage
}

// hostCalls is what is shown of the calls of a host function.
type hostCalls struct {
	Function string            `json:"function"`
	Calls    uint64            `json:"calls"`
	Outcomes map[string]uint64 `json:"outcomes"`
	Failed   uint64            `json:"failed"` // all but those that are ok, or that a caller gave up
}

const maxHostCalls = 10

type quarantine struct {
	Digest string       `json:"digest"`
	Stage  plugin.Stage `json:"stage"`
	Reason string       `json:"reason"`
	At     time.Time    `json:"at"`
}

type denial struct {
	Revision string    `json:"revision"`
	Text     string    `json:"text"`
	Count    uint64    `json:"count"`
	Last     time.Time `json:"last"`
}

type event struct {
	Time     time.Time        `json:"time"`
	Kind     plugin.EventKind `json:"kind"`
	Revision string           `json:"revision,omitempty"`
	Stage    plugin.Stage     `json:"stage,omitempty"`
	Text     string           `json:"text,omitempty"`
}

// slots returns what is shown of all slots, by name.
func (h *Handler) slots() []slot {
	list := []slot{}
	for _, c := range h.host.List() {
		list = append(list, slotOf(c))
	}
	return list
}

// slotOf returns what is shown of a slot.
func slotOf(c *plugin.Control) slot {
	st := c.Status()
	s := slot{Name: st.Name, Ready: true, Arms: []arm{}, Held: st.Held, Draining: st.Draining, Stuck: st.Stuck, Denied: st.Denied}
	if err := c.Ready(); err != nil {
		s.Ready, s.Unready = false, clean(err.Error(), maxReason)
	}
	if st.Stable != nil {
		s.Arms = append(s.Arms, armOf(st.Stable, plugin.Stable, 1-st.Weight))
	}
	if st.Canary != nil {
		s.Arms, s.Step = append(s.Arms, armOf(st.Canary, plugin.Canary, st.Weight)), st.Step+1
	}
	if st.LastGood != nil {
		s.LastGood = st.LastGood.String()
	}
	if l := st.Loading; l != nil {
		s.Loading = &loading{clean(l.Source, maxText), l.Stage, l.Since.UTC()}
	}
	for _, q := range st.Quarantine {
		s.Quarantine = append(s.Quarantine, quarantine{q.Digest.String(), q.Stage, clean(q.Reason, maxReason), q.At.UTC()})
	}
	latest(s.Quarantine, func(q quarantine) time.Time { return q.At })
	for _, d := range st.Denials {
		s.Denials = append(s.Denials, denial{d.Revision, clean(d.Text, maxReason), d.Count, d.Last.UTC()})
	}
	latest(s.Denials, func(d denial) time.Time { return d.Last })
	for _, e := range st.Events {
		s.Events = append(s.Events, event{e.Time.UTC(), e.Kind, e.Revision, e.Stage, clean(e.Text, maxReason)})
	}
	latest(s.Events, func(e event) time.Time { return e.Time })
	for _, f := range st.HostCalls[:min(len(st.HostCalls), maxHostCalls)] {
		h := hostCalls{Function: clean(f.Function, maxText), Outcomes: outcomes(&f.Outcomes), Failed: f.Outcomes.Sum(tally.Outcome.Failed)}
		h.Calls = total(h.Outcomes)
		s.HostCalls = append(s.HostCalls, h)
	}
	return s
}

// armOf returns what is shown of a revision.
func armOf(r *plugin.RevisionStatus, name plugin.Arm, share float64) arm {
	a := arm{
		Arm: name, Share: share, Digest: r.Digest.String(), Code: r.Code.String(), World: clean(r.World, maxText), Source: clean(r.Source, maxText), Staged: r.Staged.UTC(),
		Name: clean(r.Metadata.Name, maxName), Version: clean(r.Metadata.Version, maxName), Description: clean(r.Metadata.Description, maxText),
		Calls: r.Calls, Outcomes: outcomes(&r.Outcomes), Failed: r.Outcomes.Sum(tally.Outcome.Failed), P50: r.P50.Seconds(), P99: r.P99.Seconds(),
		Pool: use(r.Pool), Breaker: state{State: r.Breaker.State.String(), Since: r.Breaker.Since.UTC()},
	}
	if b := r.Breaker; b.State != breaker.Closed {
		a.Breaker.Why = b.Failed.String()
		if b.State == breaker.Open {
			next := b.Next.UTC()
			a.Breaker.Next = &next
		}
	}
	for _, n := range r.Cut {
		a.Cut = append(a.Cut, clean(n.String(), maxText))
	}
	return a
}

// outcomes returns those that there are, by name.
func outcomes(c *tally.Counts) map[string]uint64 {
	all := map[string]uint64{}
	for o, n := range c {
		if n > 0 {
			all[tally.Outcome(o).String()] = n
		}
	}
	return all
}

// showJSON answers with all slots, or with the one that is asked for.
func (h *Handler) showJSON(w http.ResponseWriter, r *http.Request) {
	if !r.URL.Query().Has("name") {
		writeJSON(w, http.StatusOK, map[string]any{"slots": h.slots()})
		return
	}
	c := h.host.Get(r.URL.Query().Get("name"))
	if c == nil {
		h.refuse(w, r, http.StatusNotFound, errSlot)
		return
	}
	writeJSON(w, http.StatusOK, slotOf(c))
}

// clean returns text by somebody else as it is shown: on one line, so many
// characters of it, and with a mark for each character that is not seen itself but
// changes how others read, or that piles up on the one before.
func clean(text string, most int) string {
	var b strings.Builder
	n, marks := 0, 0
	for _, r := range text {
		if n == most {
			b.WriteString("…")
			break
		}
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			r = ' '
		case unicode.Is(unicode.M, r):
			if marks++; marks > 2 {
				continue
			}
		case !unicode.IsGraphic(r) || r == '\u2800':
			r = unicode.ReplacementChar
		}
		if !unicode.Is(unicode.M, r) {
			marks = 0
		}
		b.WriteRune(r)
		n++
	}
	return strings.TrimSpace(b.String())
}
