package plugin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/witgen/witgen/rt/plugin/policy"
)

// Granted is what became of a slot under another policy file.
type Granted struct {
	Plugin   string
	Revision *Revision // what serves now; nil if nothing does
	// Changed says that it is another one than before. What is not changed has the
	// same rights by both files.
	Changed bool
	// Err is why the plugin could not be loaded under the file; what served goes on
	// with the rights that it had. It is a [*StageError] as a rule.
	Err error
}

// Grant puts another policy file in force, for all slots: its ceiling for each of
// them, its policies for those that were added without one of their own, also if
// [Control.Grant] gave them another since.
//
// It looks first whether all that serves may have what the file says, and is
// what it says: if a slot refuses it, the error says so of all slots that do,
// and nothing has changed. Else the file is in force for all that is loaded from
// now on. What serves is loaded again under it, where that makes another
// revision, by all stages, and calls go over as they do by [Control.Load]; what
// became of each slot is returned, in the order of their names. One that fails
// does not keep others from what the file grants them, or no longer does.
//
// What is tried out goes on if it and what serves beside it have the same rights
// as before; else it ends. Where the file names another source for a slot, that is
// loaded, and watched. The ceiling's host_memory cannot change.
//
// Files are put in force one after the other. If ctx is done meanwhile, the
// outcomes of slots that it came too late for say so.
func (h *Host) Grant(ctx context.Context, f *policy.File) ([]Granted, error) {
	if f == nil {
		return nil, errors.New("no policy file")
	}
	if err := f.Check(); err != nil {
		return nil, err
	}
	select {
	case h.granting <- struct{}{}:
		defer func() { <-h.granting }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-h.ctx.Done():
		return nil, ErrClosed
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(h.ctx, func() { cancel(ErrClosed) })()
	if was := h.file.Load().Ceiling.HostMemory; f.Ceiling.HostMemory != was {
		return nil, fmt.Errorf("%s: ceiling.host_memory cannot change while the host runs: it is %s, and was %s", f.At("ceiling.host_memory"), f.Ceiling.HostMemory, was)
	}
	if err := h.fits(ctx, f); err != nil {
		return nil, err
	}
	slots, err := h.puts(f)
	if err != nil {
		return nil, err
	}
	defer h.work.Done()
	all := each(slots, func(s *slot) Granted { return s.grants(ctx, f) })
	changed, failed := 0, 0
	for _, g := range all {
		if g.Changed {
			changed++
		}
		if g.Err != nil {
			failed++
		}
	}
	h.happened(Event{
		Kind: PolicyTaken, Time: time.Now(),
		Text: fmt.Sprintf("another policy file is in force: of %d plugins it changed %d, and %d failed under it", len(all), changed, failed),
	})
	return all, nil
}

// fits returns why slots refuse a file: all that do.
func (h *Host) fits(ctx context.Context, f *policy.File) error {
	h.mu.Lock()
	slots := slices.Collect(maps.Values(h.slots))
	h.mu.Unlock()
	return errors.Join(each(slots, func(s *slot) error {
		r := s.route.Load().stable
		if r == nil {
			return nil
		}
		_, err := s.under(ctx, s.servedBy(f, r), f)
		return err
	})...)
}

// puts has a file be in force, and returns the slots that there are.
func (h *Host) puts(f *policy.File) ([]*slot, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.slots == nil {
		return nil, ErrClosed
	}
	h.work.Add(1)
	h.file.Store(f)
	slots := slices.Collect(maps.Values(h.slots))
	for _, s := range slots {
		if s.byFile {
			grant := f.Plugin(s.name)
			s.mu.Lock()
			s.Policy = &grant
			s.mu.Unlock()
		}
	}
	return slots, nil
}

// each calls f with each slot, as many at a time as there are processors, and
// returns what it does in the order of their names.
func each[T any](slots []*slot, f func(s *slot) T) []T {
	slices.SortFunc(slots, func(a, b *slot) int { return cmp.Compare(a.name, b.name) })
	all := make([]T, len(slots))
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	var work sync.WaitGroup
	for i, s := range slots {
		turns <- struct{}{}
		work.Go(func() {
			defer func() { <-turns }()
			all[i] = f(s)
		})
	}
	work.Wait()
	return all
}

// servedBy returns where the code is that serves under a file, of a slot that has
// a revision: it is that one's, unless the file has another source or another
// digest.
func (s *slot) servedBy(f *policy.File, r *revision) Source {
	p := s.by(f)
	switch own := s.own(); {
	case s.sourced && p.Source.File != "" && f.Path(p.Source.File) != own.path:
		return sourceOf(f, p.Source.File)
	case p.Source.Digest != "" && p.Source.Digest != r.code.String():
		return own
	}
	return r.source
}

// by returns the slot's policy under a file.
func (s *slot) by(f *policy.File) *policy.Policy {
	if !s.byFile || s.Learn != nil {
		return s.granted()
	}
	p := f.Plugin(s.name)
	return &p
}

// own returns the slot's own source.
func (s *slot) own() Source {
	if moved := s.moved.Load(); moved != nil {
		return *moved
	}
	return s.Source
}

// under returns what identifies the revision that a source would be under a file.
// It runs none of its code.
func (s *slot) under(ctx context.Context, from Source, f *policy.File) (Digest, error) {
	p := &pipeline{slot: s, source: from, policy: s.by(f), file: f}
	for _, do := range []struct {
		stage Stage
		run   func(ctx context.Context) error
	}{{Settle, p.settle}, {Verify, p.pinned}, {Check, p.inspect}} {
		if err := caught(func() error { return do.run(ctx) }); err != nil {
			return Digest{}, &StageError{Plugin: s.name, Stage: do.stage, Source: from.name, Serving: s.serving(), Err: err}
		}
	}
	return identity(p.code, p.rights, s.world.contract), nil
}

// grants loads what serves again under a file that is in force.
func (s *slot) grants(ctx context.Context, f *policy.File) Granted {
	g := Granted{Plugin: s.name}
	select {
	case <-s.booted: // or there would be nothing to load
	case <-ctx.Done():
		g.Err = fmt.Errorf("plugin %s: %w", s.name, context.Cause(ctx))
		return g
	}
	g.Changed, g.Err = s.regrant(ctx, f)
	g.Revision = s.revision()
	return g
}

// regrant loads what serves again, unless that has the same rights by the file.
func (s *slot) regrant(ctx context.Context, f *policy.File) (changed bool, err error) {
	ctx, done, err := s.waits(ctx)
	if err != nil {
		return false, err
	}
	moved := false
	for err = errMoved; errors.Is(err, errMoved) && ctx.Err() == nil; {
		to := s.route.Load()
		if to.stable == nil { // nothing serves that could have more or less
			err = nil
			break
		}
		from := s.servedBy(f, to.stable)
		if changed, err = s.reload(ctx, f, from, to); err == nil && from.path != "" && from.path != s.own().path {
			moved = true
			s.moved.Store(&from)
		}
	}
	done() // which what is watched may wait for
	if err == nil && moved {
		err = s.watchSource()
	}
	return changed, err
}

// errMoved says that something else has come to serve meanwhile.
var errMoved = errors.New("something else serves by now")

// reload has what is at a source serve under a file, instead of what served when
// the turn began, which the caller has.
func (s *slot) reload(ctx context.Context, f *policy.File, from Source, to *route) (changed bool, err error) {
	still := func() error {
		if now := s.route.Load().stable; now != nil && now != to.stable {
			return errMoved
		}
		return nil
	}
	id, err := s.under(ctx, from, f)
	if err == nil && id == to.stable.id {
		return false, cmp.Or(still(), s.reconsider(ctx, f, to.canary))
	}
	// What is wrong is told by the pipeline, which comes to it too.
	p := &pipeline{slot: s, source: from}
	_, err = p.serve(ctx, func(r *revision) error {
		return cmp.Or(still(), s.swap(r, Swapped, "the policy has changed"))
	})
	return err == nil, err
}

// reconsider ends the trial of a revision that would be another one under a file.
func (s *slot) reconsider(ctx context.Context, f *policy.File, r *revision) error {
	if r == nil {
		return nil
	}
	if id, err := s.under(ctx, r.source, f); err == nil && id == r.id {
		return nil
	}
	_, err := s.endTrial(&r.id, "the policy has changed", false)
	return err
}

// sourceOf is a file that a policy file names.
func sourceOf(f *policy.File, name string) Source {
	path := f.Path(name)
	from := File(path)
	if path == filepath.FromSlash(name) {
		return from
	}
	read := from.read
	from.read = func(ctx context.Context, h *Host) ([]byte, error) {
		wasm, err := read(ctx, h)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w: source.file %s is looked for from the policy file's directory %s on", err, name, f.Dir)
		}
		return wasm, err
	}
	return from
}

// inspect looks at what the component asks for, and says what it has.
func (p *pipeline) inspect(context.Context) error {
	info, err := p.info()
	if err == nil {
		p.rights, err = p.slot.resolve(info, p.granted(), p.ceiling())
	}
	if err == nil && len(p.rights.Refused()) > 0 {
		err = p.misfits(p.rights, nil, p.rights.Refused())
	}
	return err
}

// ceiling returns the file that has the ceiling.
func (p *pipeline) ceiling() *policy.File {
	if p.file != nil {
		return p.file
	}
	return p.slot.host.file.Load()
}
