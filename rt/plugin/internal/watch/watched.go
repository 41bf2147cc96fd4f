package watch

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"time"
)

// file is a file that is watched. One goroutine watches, another one tells.
type file struct {
	*reader
	tree   *tree
	kicked chan struct{} // holds a value if something may have happened

	// The goroutine that watches has these.
	known  state // what told is of; zero if the file has to be read again anyhow
	before state // the last one that was known
	coarse func(fs.FileInfo) bool
	told   outcome // the last change, whether or not anybody has seen it

	// The tree has these.
	trail []string

	ready chan struct{} // holds a value if next is new
	mu    sync.Mutex
	next  *Change
	newer context.CancelCauseFunc // ends the context of the last call
}

func newFile(t *tree, r *reader, have Digest) *file {
	return &file{
		reader: r, tree: t, told: outcome{digest: have}, coarse: coarse,
		kicked: make(chan struct{}, 1), ready: make(chan struct{}, 1), newer: func(error) {},
	}
}

// outcome is what tells changes apart. The zero outcome is that of no file.
type outcome struct {
	digest Digest
	err    string
}

func (c *Change) outcome() outcome {
	switch {
	case c.File != nil:
		return outcome{digest: c.File.Digest}
	case c.Err != nil:
		o := outcome{err: c.Err.Error()}
		if e, ok := errors.AsType[*Error](c.Err); ok {
			o.digest = e.Digest
		}
		return o
	}
	return outcome{}
}

// kick has the file looked at.
func (f *file) kick() {
	select {
	case f.kicked <- struct{}{}:
	default:
	}
}

// watch looks at the file whenever it is kicked, and every poll, and reads it if
// it is not as it was. Where times are coarse it reads it once more, when another
// change would have another time.
func (f *file) watch(ctx context.Context, poll time.Duration) {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	var doubt <-chan time.Time
	for ctx.Err() == nil {
		if now := f.look(); !now.same(&f.known) {
			f.update(ctx)
			if s := &f.known; s.info != nil && f.coarse(s.info) && !s.same(&f.before) {
				doubt = time.After(granule)
			}
			if f.known.trail != nil {
				f.before = f.known
			}
		}
		select {
		case <-ctx.Done():
		case <-f.kicked:
		case <-tick.C:
		case <-doubt:
			doubt, f.known = nil, state{}
		}
	}
}

// look returns what the path is like now, and sees to it that what decides that
// is watched from before.
func (f *file) look() state {
	s := look(f.abs)
	for range looks {
		if !f.tree.follow(f, s.trail) {
			break
		}
		s = look(f.abs)
	}
	return s
}

// update reads the file and leaves word of it if that is new.
func (f *file) update(ctx context.Context) {
	got, err := f.read(ctx)
	if ctx.Err() != nil {
		return
	}
	c := Change{File: got}
	f.known = f.seen
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == Missing {
		c.Gone = true
	} else if err != nil {
		c.Err = err
		if e.Digest == (Digest{}) && e.Passing() {
			f.known = state{} // the way it looks may stay when the fault passes
		}
	}
	o := c.outcome()
	if o == f.told {
		return
	}
	f.told = o
	f.mu.Lock()
	f.next = &c
	if c.File != nil {
		f.newer(ErrNewer)
	}
	f.mu.Unlock()
	select {
	case f.ready <- struct{}{}:
	default:
	}
}

// tell calls handle with one change after the other.
func (f *file) tell(ctx context.Context, handle func(context.Context, Change)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.ready:
		}
		run, cancel := context.WithCancelCause(ctx)
		f.mu.Lock()
		c := f.next
		f.next, f.newer = nil, cancel
		f.mu.Unlock()
		if c != nil && ctx.Err() == nil {
			handle(run, *c)
		}
		cancel(nil)
	}
}
