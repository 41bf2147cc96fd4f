package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
)

const (
	stateName   = "state.json"
	olderName   = "state.json.old"
	asideSuffix = ".damaged"
)

// saved is what is on the disk of the state, as far as it is known.
type saved struct {
	newest, older snapshot
	// damaged is what the files have that could not be read, by their names.
	damaged map[string][]byte
	// sure tells that the newest is what the disk has under its name.
	sure bool
	// doubt is the code of states that may be on the disk, too, since it is not
	// known how far storing them came.
	doubt map[Digest]bool
}

// snapshot is a state as it is written. The zero snapshot is none.
type snapshot struct {
	text  []byte
	state *State
}

// keeps returns the code that states need which may be found after a restart.
func (s *saved) keeps() map[Digest]bool {
	keep := make(map[Digest]bool)
	maps.Copy(keep, s.doubt)
	for _, x := range []snapshot{s.newest, s.older} {
		if x.state != nil {
			x.state.keeps(keep)
		}
	}
	return keep
}

// load reads the state. The error is one that keeps the directory from being
// opened: nothing is known of the state then that could be replaced.
func (d *Dir) load() error {
	d.saved = saved{damaged: make(map[string][]byte), doubt: make(map[Digest]bool)}
	newest, bad, err := d.readState(stateName)
	if err != nil {
		return err
	}
	older, badOlder, err := d.readState(olderName)
	if err != nil {
		return err
	}
	d.saved.older = older
	switch {
	case bad == nil:
		d.saved.newest, d.saved.sure = newest, true
	case badOlder == nil:
		d.saved.newest = older
		d.lost = &LossError{Newest: bad}
	case !errors.Is(bad, errMissing) || !errors.Is(badOlder, errMissing):
		d.lost = &LossError{Newest: bad, Older: badOlder}
	}
	d.state = new(State)
	if s := d.saved.newest.state; s != nil {
		d.state = s
	}
	return nil
}

// readState reads a file. It returns what is wrong with the state in it, or
// else why the file must be left as it is.
func (d *Dir) readState(name string) (s snapshot, bad, err error) {
	path := d.at(name)
	info, err := d.disk.stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return snapshot{}, fmt.Errorf("%s %w", path, errMissing), nil
	}
	f, err := d.openFile(path, info, err)
	if err != nil {
		return snapshot{}, nil, err
	}
	defer f.Close()
	if info.Size() > maxState {
		return snapshot{}, &DamageError{Path: path, Why: fmt.Sprintf("it has %d bytes", info.Size())}, nil
	}
	text, err := readAll(f, info.Size())
	if err != nil { // the disk does not have it any more
		return snapshot{}, &DamageError{Path: path, Why: "it cannot be read", Err: err}, nil
	}
	state, err := decode(path, text)
	if foreign, ok := errors.AsType[*ForeignError](err); ok {
		return snapshot{}, nil, foreign
	}
	if err != nil {
		d.saved.damaged[name] = text
		return snapshot{}, &DamageError{Path: path, Why: err.Error()}, nil
	}
	return snapshot{text, state}, nil, nil
}

// Load returns the state, which the caller owns. It is the one that was stored
// last, unless that could not be read: then the error is a [*LossError], and the
// state the one before it, or an empty one. It comes with that error until it
// is stored, so until the first Update: see there. There is no state before the
// first one, which is no error.
func (d *Dir) Load() (*State, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lost != nil {
		return d.state.clone(), d.lost
	}
	return d.state.clone(), nil
}

// Update changes the state and stores it. It calls f with what Load returns,
// while nobody else writes: f must not call Put, Get, Collect or Update. If f
// returns an error, Update does too, and nothing has changed.
//
// The state is bounded first: what is in quarantine for longest leaves, texts
// are cut, revisions go that nothing names and that are not among the [Newest]
// of their slot. It is an error if the state names identities that are none of
// the revisions, or begins to name code that is not in the store.
//
// When Update returns without an error, the new state is on the disk, and what
// it was before is beside it. After a [*FaultError] Load goes on to return the
// state before, but a restart may find either; so may it after ctx's cause, with
// which Update ends while it waits for others who write, or as it writes. Damaged
// files, if their bytes could be read at all, are kept under another name before
// they are replaced.
func (d *Dir) Update(ctx context.Context, f func(*State) error) error {
	done, err := d.write(ctx)
	if err != nil {
		return err
	}
	defer done()
	next, _ := d.Load()
	if err := f(next); err != nil {
		return err
	}
	next = next.clone() // f may still have the other
	if err := next.check(); err != nil {
		return err
	}
	next.tidy()
	if err := d.checkCode(next); err != nil {
		return err
	}
	text, err := encode(next)
	if err != nil {
		return err
	}
	if d.saved.sure && bytes.Equal(text, d.saved.newest.text) {
		return nil
	}
	if err := d.save(ctx, text); err != nil {
		d.saved.sure = false
		next.keeps(d.saved.doubt)
		if s := d.saved.older.state; s != nil {
			s.keeps(d.saved.doubt)
		}
		return err
	}
	d.saved = saved{
		newest: snapshot{text, next}, older: d.saved.newest, sure: true,
		damaged: make(map[string][]byte), doubt: make(map[Digest]bool),
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state, d.lost = next, nil
	return nil
}

// checkCode looks for the code that a state needs and the one before did not.
func (d *Dir) checkCode(next *State) error {
	before, after := make(map[Digest]bool), make(map[Digest]bool)
	d.state.needs(before)
	next.needs(after)
	for digest := range after {
		if before[digest] {
			continue
		}
		ok, err := d.has(digest)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%s %w", digest, ErrNotStored)
		}
	}
	return nil
}

// save stores a state. At each moment of it there is a whole one under one of
// the two names, if there was before; the older one is written anew, not
// renamed, so that there is no moment without the newest.
func (d *Dir) save(ctx context.Context, text []byte) error {
	for name, bad := range d.saved.damaged {
		if err := d.replace(ctx, d.at(name+asideSuffix), bad); err != nil {
			return err
		}
	}
	if s := d.saved.newest; s.state != nil && !bytes.Equal(s.text, d.saved.older.text) {
		if err := d.replace(ctx, d.at(olderName), s.text); err != nil {
			return err
		}
	}
	if err := d.replace(ctx, d.at(stateName), text); err != nil {
		return err
	}
	return fault(d.disk.syncDir(d.path))
}
