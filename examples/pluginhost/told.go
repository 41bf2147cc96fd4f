package main

import (
	"context"
	"sync"

	"github.com/witgen/witgen/rt/plugin"
)

// told collects what happens.
type told struct {
	mu  sync.Mutex
	all []plugin.Event
}

func (t *told) Called(context.Context, plugin.Called) {}

func (t *told) Happened(e plugin.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, e)
}

// mark returns how much has happened.
func (t *told) mark() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

// find finds the first event of a kind since a mark.
func (t *told) find(since int, name string, kind plugin.EventKind) (plugin.Event, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.all[since:] {
		if e.Plugin == name && e.Kind == kind {
			return e, true
		}
	}
	return plugin.Event{}, false
}

func (t *told) count(since int, name string, kind plugin.EventKind) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.all[since:] {
		if e.Plugin == name && e.Kind == kind {
			n++
		}
	}
	return n
}
