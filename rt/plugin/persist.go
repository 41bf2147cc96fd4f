package plugin

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/witgen/witgen/rt/plugin/internal/store"
	"github.com/witgen/witgen/rt/plugin/internal/watch"
)

func (h *Host) openStore() error {
	if h.StateDir == "" {
		return nil
	}
	dir, err := store.Open(h.StateDir)
	if err != nil {
		return fmt.Errorf("plugin host: %w", err)
	}
	if _, err := dir.Load(); err != nil {
		// What there is of it is used, and the slots begin with their sources.
		h.Logger.Warn("plugin host: state lost", "dir", h.StateDir, "error", err)
	}
	h.store = dir
	return nil
}

// collect removes code from the store that nobody needs, unless the state on the
// disk does not say of all slots what they would go back to.
func (h *Host) collect() {
	if h.store == nil || h.unsaved.Load() > 0 {
		return
	}
	if _, err := h.store.Collect(context.Background()); err != nil {
		h.Logger.Warn("plugin host: code that nobody needs is kept", "dir", h.StateDir, "error", err)
	}
}

func (h *Host) closeStore() {
	if h.store == nil {
		return
	}
	h.collect()
	if err := h.store.Close(); err != nil {
		h.Logger.Warn("plugin host: the state directory does not close", "dir", h.StateDir, "error", err)
	}
}

// persist writes what is to be known after a restart. The caller has the lock.
// If it cannot be written, calls are served all the same, and a restart finds
// what was written before.
func (s *slot) persist() {
	h := s.host
	if h.store == nil {
		return
	}
	err := h.store.Update(context.Background(), func(state *store.State) error {
		to := s.route.Load()
		known := state.Slot(s.name)
		if known.Revisions == nil {
			known.Revisions = make(map[store.Identity]store.Revision)
		}
		known.Quarantine = known.Quarantine[:0]
		for id, q := range s.failed {
			id := store.Identity(id)
			known.Quarantine = append(known.Quarantine, store.Quarantine{Identity: id, Stage: string(q.stage), Reason: q.reason, At: q.at})
			known.Revisions[id] = store.Revision{Code: store.Digest(q.code), Staged: q.at}
		}
		if to.stable == nil {
			return nil // yet: what served when the host last ran may be what is going to
		}
		known.Stable, known.LastGood, known.Canary = store.Identity(to.stable.id), store.Identity{}, nil
		known.Revisions[known.Stable] = store.Revision{Code: store.Digest(to.stable.code), Staged: to.stable.staged}
		if g := s.lastGood; g != nil {
			known.LastGood = store.Identity(g.id)
			known.Revisions[known.LastGood] = store.Revision{Code: store.Digest(g.code), Staged: g.staged}
		}
		if t := s.trial; t != nil {
			id := store.Identity(t.r.id)
			known.Canary = &store.Canary{Identity: id, Weight: t.split.Weight, Salt: store.Salt(t.split.Salt), Step: t.step, Since: t.since}
			known.Revisions[id] = store.Revision{Code: store.Digest(t.r.code), Staged: t.r.staged}
		}
		return nil
	})
	if failed := err != nil; failed != s.unsaved {
		if s.unsaved = failed; failed {
			h.unsaved.Add(1)
		} else {
			h.unsaved.Add(-1)
		}
	}
	if err != nil {
		s.note(Event{Kind: StateFailed, Err: err})
	}
}

// boot loads what is to serve first: what the source has; if that fails, what
// served when the host last ran.
func (s *slot) boot(ctx context.Context) error {
	known := s.known()
	control := &Control{s}
	var trial *store.Canary
	if trial = known.Canary; trial != nil {
		// What served beside it is what serves first.
		if _, err := control.load(ctx, s.stored(known, known.Stable), true); err != nil {
			trial = nil
		}
	}
	var err error
	if s.route.Load().stable == nil {
		_, err = control.Load(ctx, Source{})
		if err != nil && known.Stable != (store.Identity{}) {
			if _, again := control.load(ctx, s.stored(known, known.Stable), true); again != nil {
				return errors.Join(err, again)
			}
			err = nil
		}
	}
	if err != nil {
		return err
	}
	s.remember(known)
	if trial != nil {
		s.resume(ctx, known, trial)
	}
	return s.watchSource()
}

// known returns what was known of the slot when the host last ran.
func (s *slot) known() store.Slot {
	if s.host.store == nil {
		return store.Slot{}
	}
	state, _ := s.host.store.Load() // openStore told what is lost
	known := state.Slot(s.name)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range known.Quarantine {
		if s.failed == nil {
			s.failed = make(map[Digest]*quarantined)
		}
		s.failed[Digest(q.Identity)] = &quarantined{Digest(known.Revisions[q.Identity].Code), Stage(q.Stage), q.Reason, q.At}
	}
	return *known
}

// remember has Rollback bring back what served before what serves now, when the
// host last ran. What it may do is what it would be granted now.
func (s *slot) remember(known store.Slot) {
	s.lock()
	defer s.unlock()
	to := s.route.Load()
	if s.lastGood != nil || to.stable == nil {
		return
	}
	// The same code is another revision by another contract or policy, but none to go back
	// to: by those that are in force it is what serves.
	serves := store.Digest(to.stable.code)
	id := known.Stable
	if known.Revisions[id].Code == serves {
		id = known.LastGood
	}
	if r, ok := known.Revisions[id]; ok && r.Code != serves {
		s.lastGood = &good{id: Digest(id), code: Digest(r.Code), source: s.stored(known, id), staged: r.Staged}
		s.persist()
	}
}

func (s *slot) stored(known store.Slot, id store.Identity) Source {
	return stored(s.own().name, Digest(known.Revisions[id].Code))
}

// resume goes on with a trial that was under way when the host last ran, unless the
// policy or the contract has changed since, by which it would be another revision: then
// the trial is over.
func (s *slot) resume(ctx context.Context, known store.Slot, c *store.Canary) {
	control := &Control{s}
	r, err := control.Stage(ctx, s.stored(known, c.Identity))
	if err != nil {
		return // which Stage told of
	}
	ramp := cmp.Or(s.Ramp, r.r.rights.ramp(), &Ramp{}).WithDefaults()
	if store.Identity(r.r.id) != c.Identity || c.Step < 0 || c.Step >= len(ramp.Steps) {
		s.happened(r.r.of(Event{Kind: RolledBack, Text: "what was tried out before the restart would be another revision by now: " + Digest(c.Identity).Short()}))
		_ = control.Discard(r)
		return
	}
	if err := s.try(r.r, ramp, c.Salt, c.Step, c.Since); err != nil {
		s.happened(r.r.of(Event{Kind: StageFailed, Stage: Swap, Err: err}))
		_ = control.Discard(r)
	}
}

// watchSource has the plugin loaded again whenever its file changes, and no more
// when that changes which it was before.
func (s *slot) watchSource() error {
	if !s.Watch {
		return nil
	}
	from := s.own()
	if from.path == "" {
		return fmt.Errorf("plugin %s: %s is no file that could be watched", s.name, from.name)
	}
	r := s.revision()
	if r == nil {
		return ErrClosed
	}
	stop, err := s.host.watch.Add(from.path, watch.Digest(r.Code()), func(ctx context.Context, c watch.Change) { s.changed(ctx, from, c) })
	if err != nil {
		return fmt.Errorf("plugin %s: %w", s.name, err)
	}
	ctx, end := context.WithCancel(s.ctx)
	s.host.work.Go(func() {
		<-ctx.Done()
		stop()
	})
	s.mu.Lock()
	before := s.unwatch
	s.unwatch = end
	s.mu.Unlock()
	if before != nil {
		before()
	}
	return nil
}

// tryFile has what the plugin's file has become serve, or tried out if there is
// a ramp for that. It reports whether to try it again, as what failed may pass.
func (s *slot) tryFile(ctx context.Context, from Source) (again bool) {
	ctx, done, err := s.begins(ctx)
	if err != nil {
		return false
	}
	defer done()
	p := &pipeline{slot: s, source: from}
	if s.Quiesce || s.route.Load().stable == nil {
		_, _ = p.serve(ctx, func(r *revision) error { return s.swap(r, Swapped, "") }) // which tells what fails
		return p.again
	}
	r, err := p.run(ctx)
	if errors.Is(err, errUnchanged) {
		if p.same == s.route.Load().stable { // the file is what it was before the trial
			s.stay(p.same)
		}
		return false
	}
	if err != nil {
		return p.again // and run told why
	}
	_, _ = s.endTrial(nil, "a newer revision is there", false) // any
	if ramp := cmp.Or(s.Ramp, r.rights.ramp()); ramp != nil {
		err = (&Control{s}).Canary(&Revision{r}, *ramp)
	} else {
		err = s.swap(r, Swapped, "")
	}
	if err != nil {
		s.lock()
		defer s.unlock()
		s.note(r.of(Event{Kind: StageFailed, Stage: Swap, Err: err}))
		s.retire(r)
	}
	return false
}

// changed loads what the plugin's file has become.
func (s *slot) changed(ctx context.Context, from Source, c watch.Change) {
	switch {
	case c.Gone:
		s.happened(Event{Kind: SourceGone, Text: from.name + " is gone; still serving " + s.serving()})
	case c.Err != nil:
		s.happened(Event{Kind: StageFailed, Stage: Settle, Text: c.Err.Error() + "; still serving " + s.serving(), Err: c.Err})
	default:
		from := Bytes(from.name, c.File.Bytes)
		s.againUnless(ctx, func() bool { return s.tryFile(ctx, from) })
	}
}
