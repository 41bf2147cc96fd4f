package plugin

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// The most that a slot remembers, and the most bytes of each text: what guests
// provoke takes no more than that, however often they do.
const (
	maxRecent     = 64
	maxDenials    = 32
	maxRecentText = 1024
)

// Denial is something that a plugin was denied.
type Denial struct {
	Revision string // the first 12 digits of its digest
	Text     string // what, and what of the policy would grant it
	Count    uint64
	Last     time.Time
}

// recent is what happened to a slot of late. Denials are apart, each once, as a
// guest that asks again and again would leave nothing else.
type recent struct {
	mu      sync.Mutex
	events  []Event
	denials []Denial
	denied  uint64 // whatever is remembered of them
}

// add remembers an event, without its error, which may have anything in it.
func (r *recent) add(e Event) {
	if e.Kind == Reached {
		return
	}
	if e.Text == "" && e.Err != nil {
		e.Text = e.Err.Error()
	}
	e.Text, e.Err = shortened(e.Text), nil
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Kind == DeniedUse {
		r.deny(e)
		return
	}
	if len(r.events) == maxRecent {
		r.events = slices.Delete(r.events, 0, 1)
	}
	r.events = append(r.events, e)
}

// deny counts a denial. The caller has the lock.
func (r *recent) deny(e Event) {
	r.denied++
	d := Denial{Revision: e.Revision, Text: e.Text}
	if i := slices.IndexFunc(r.denials, func(k Denial) bool { return k.Revision == d.Revision && k.Text == d.Text }); i >= 0 {
		d = r.denials[i]
		r.denials = slices.Delete(r.denials, i, i+1)
	} else if len(r.denials) == maxDenials {
		r.denials = slices.Delete(r.denials, 0, 1)
	}
	d.Count++
	d.Last = e.Time
	r.denials = append(r.denials, d)
}

// read copies what is remembered into a status, the oldest first.
func (r *recent) read(to *Status) {
	r.mu.Lock()
	defer r.mu.Unlock()
	to.Events, to.Denials, to.Denied = slices.Clone(r.events), slices.Clone(r.denials), r.denied
}

// shortened returns as much of a text as is remembered, as text of its own.
func shortened(text string) string {
	if len(text) > maxRecentText {
		text = text[:maxRecentText] + "..."
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
