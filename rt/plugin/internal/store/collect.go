package store

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
)

// maxAside is how many files of damaged code stay, the newest.
const maxAside = 8

// Hold keeps code from being collected, whether or not it is there: until a
// state names it, or as long as somebody wants to come back to it.
type Hold struct {
	dir    *Dir
	digest Digest
	once   sync.Once
}

// Hold holds code until Release. The directory may be closed in between.
func (d *Dir) Hold(digest Digest) *Hold {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held[digest]++
	return &Hold{dir: d, digest: digest}
}

// Digest returns what is held.
func (h *Hold) Digest() Digest { return h.digest }

// Release lets the code go. It does nothing the second time.
func (h *Hold) Release() {
	h.once.Do(func() {
		d := h.dir
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.held[h.digest]--; d.held[h.digest] == 0 {
			delete(d.held, h.digest)
		}
	})
}

// Collect removes the code that nothing needs, and returns what it was. Code
// stays that the state, or the one before it, names for a slot as stable,
// last-good or canary; that one of a slot's [Newest] revisions has; that is held,
// or being stored or read. What is only in quarantine goes.
//
// Nothing goes, and the error is the [*LossError], while the state is not the
// newest that there was: see [Dir.Load]. Collect goes on after a file that
// cannot be removed, and tells all faults. It ends with ctx's cause when ctx is
// done.
func (d *Dir) Collect(ctx context.Context) ([]Digest, error) {
	done, err := d.write(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if _, err := d.Load(); err != nil {
		return nil, err
	}
	list, err := d.entries(d.at(codeDir))
	if err != nil {
		return nil, err
	}
	keep := d.saved.keeps()
	var removed []Digest
	var faults []error
	for _, c := range list {
		if ctx.Err() != nil {
			faults = append(faults, context.Cause(ctx))
			break
		}
		gone, err := d.removeUnheld(c.Digest, keep)
		if err != nil {
			faults = append(faults, fault(err))
		}
		if gone {
			removed = append(removed, c.Digest)
		}
	}
	d.sweep(d.at(codeDir))
	d.forget()
	return removed, errors.Join(faults...)
}

// removeUnheld removes code, unless it is to be kept or somebody holds it, whom
// it keeps waiting for so long.
func (d *Dir) removeUnheld(digest Digest, keep map[Digest]bool) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if keep[digest] || d.held[digest] > 0 {
		return false, nil
	}
	err := d.disk.remove(d.code(digest))
	return err == nil, err
}

// forget removes damaged code that was put aside long ago.
func (d *Dir) forget() {
	list, _ := d.entries(d.at(damagedDir))
	slices.SortFunc(list, func(a, b Code) int { return b.Stored.Compare(a.Stored) })
	for _, c := range list[min(maxAside, len(list)):] {
		_ = d.disk.remove(filepath.Join(d.at(damagedDir), c.Digest.file()))
	}
}
