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

// denial is a [Denial] and what was logged of it.
type denial struct {
	Denial
	logged time.Time
}

// recent is what happened to a slot of late. Denials are apart, each once, as a
// guest that asks again and again would leave nothing else.
type recent struct {
	mu      sync.Mutex
	events  []Event
	denials []denial
	denied  uint64 // whatever is remembered of them

	second   time.Time // when the latest one began in which denials were logged
	logged   int       // in it
	unlogged uint64    // denials since one was
}

// add remembers an event, without its error, which may have anything in it. It
// reports whether the event is to be logged, and how many were not since one of its
// kind was.
func (r *recent) add(e Event) (logs bool, unlogged uint64) {
	if e.Kind == Reached {
		return true, 0
	}
	if e.Text == "" && e.Err != nil {
		e.Text = e.Err.Error()
	}
	e.Text, e.Err = shortened(e.Text), nil
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Kind == DeniedUse {
		return r.deny(e)
	}
	if len(r.events) == maxRecent {
		r.events = slices.Delete(r.events, 0, 1)
	}
	r.events = append(r.events, e)
	return true, 0
}

// deny counts a denial, and says what add does. The caller has the lock.
func (r *recent) deny(e Event) (logs bool, unlogged uint64) {
	r.denied++
	d := denial{Denial: Denial{Revision: e.Revision, Text: e.Text}}
	if i := slices.IndexFunc(r.denials, func(k denial) bool { return k.Revision == d.Revision && k.Text == d.Text }); i >= 0 {
		d = r.denials[i]
		r.denials = slices.Delete(r.denials, i, i+1)
	} else if len(r.denials) == maxDenials {
		r.denials = slices.Delete(r.denials, 0, 1)
	}
	d.Count++
	d.Last = e.Time
	if logs = e.Time.Sub(d.logged) >= time.Second && r.logs(e.Time); logs {
		d.logged = e.Time
		unlogged, r.unlogged = r.unlogged, 0
	} else {
		r.unlogged++
	}
	r.denials = append(r.denials, d)
	return logs, unlogged
}

// logs reports whether one more denial may be logged: of all together as many in a
// second as are remembered. The caller has the lock.
func (r *recent) logs(now time.Time) bool {
	if now.Sub(r.second) >= time.Second {
		r.second, r.logged = now, 0
	}
	if r.logged == maxDenials {
		return false
	}
	r.logged++
	return true
}

// read copies what is remembered into a status, the oldest first.
func (r *recent) read(to *Status) {
	r.mu.Lock()
	defer r.mu.Unlock()
	to.Events, to.Denied = slices.Clone(r.events), r.denied
	for _, d := range r.denials {
		to.Denials = append(to.Denials, d.Denial)
	}
}

// shortened returns as much of a text as is remembered, as text of its own.
func shortened(text string) string {
	if len(text) > maxRecentText {
		text = text[:maxRecentText] + "..."
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
