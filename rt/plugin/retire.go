package plugin

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// retire ends a revision when its calls have ended, on a goroutine of the
// host's. The caller has the lock.
func (s *slot) retire(r *revision) {
	if r.retired.Swap(true) {
		return
	}
	s.leaves(r)
	delete(s.staged, r)
	r.leave()
	told := s.noted()
	s.host.work.Go(func() {
		defer s.left(r)
		s.drain(r, told)
		s.free(r)
	})
}

// leaves notes that a revision takes no more calls. The caller has the lock.
func (s *slot) leaves(r *revision) {
	if s.leaving == nil {
		s.leaving = make(map[*revision]bool)
	}
	s.leaving[r] = true
}

// left notes that nothing of it is there any more.
func (s *slot) left(r *revision) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.leaving, r)
}

// drain waits until a revision's calls have ended, and says how they did, after
// what led to it was told.
func (s *slot) drain(r *revision, told <-chan struct{}) {
	cancelled := r.drain(s.host.DrainTimeout, told)
	<-told
	e := r.of(Event{Kind: Drained, Stage: Drain})
	if cancelled > 0 {
		e.Text = fmt.Sprintf("%d calls were cancelled", cancelled)
	}
	s.happened(e)
}

// free frees a revision that has no calls any more.
func (s *slot) free(r *revision) {
	err := r.free(context.Background())
	s.host.collect()
	s.happened(r.of(Event{Kind: Retired, Stage: Retire, Err: err}))
}

// close ends the slot. What it started is waited for by the host.
func (s *slot) close() {
	s.end(ErrClosed)
	s.lock()
	defer s.unlock()
	if s.trial != nil {
		s.trial.end()
		s.trial = nil
	}
	before := s.route.Swap(&route{err: fmt.Errorf("plugin %s: %w", s.name, ErrClosed)})
	for _, r := range append(slices.Collect(maps.Keys(s.staged)), before.stable, before.canary) {
		if r != nil {
			s.retire(r)
		}
	}
}
