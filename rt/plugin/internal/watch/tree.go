package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// tree is the part of the file system that is watched: the directories of the
// names on the trails of files. A file is kicked for its own names only, so that
// whatever else happens in a directory costs no more than looking a name up.
type tree struct {
	n    *notifier // nil: nothing is told
	warn func(error)

	// asking is held while the notifier is asked for something, and dirs or a
	// file's trail changes. mu is not: the notifier may wait for its events to be
	// taken.
	asking sync.Mutex

	mu    sync.Mutex
	names map[string]map[*file]bool // by folded path
	dirs  map[string]*dir           // by path
}

// dir is a directory that is watched, or should be.
type dir struct {
	files map[*file]bool
	info  fs.FileInfo // of what the notifier was asked for; nil before
	live  bool        // the notifier tells of that, as far as is known
}

func newTree(n *notifier, warn func(error)) *tree {
	return &tree{n: n, warn: warn, names: make(map[string]map[*file]bool), dirs: make(map[string]*dir)}
}

// fold makes paths equal that some system takes to be equal. That some are
// which are not does no harm.
func fold(path string) string { return strings.ToLower(path) }

// follow has a file kicked when something happens to a name of the trail, and
// reports whether it may have happened unseen before.
func (t *tree) follow(f *file, trail []string) (fresh bool) {
	if t.n == nil {
		return false
	}
	t.asking.Lock()
	defer t.asking.Unlock()
	if !slices.Equal(f.trail, trail) {
		t.enter(f, trail)
	}
	for _, name := range dirsOf(trail) {
		if t.ensure(name) {
			fresh = true
		}
	}
	return fresh
}

// forget has a file not kicked any more.
func (t *tree) forget(f *file) {
	if t.n == nil {
		return
	}
	t.asking.Lock()
	defer t.asking.Unlock()
	t.enter(f, nil)
}

// enter enters a file under other names, and ends the watching of directories
// that have no file any more.
func (t *tree) enter(f *file, trail []string) {
	was, is := dirsOf(f.trail), dirsOf(trail)
	var unused []string
	t.mu.Lock()
	for _, name := range f.trail {
		key := fold(name)
		delete(t.names[key], f)
		if len(t.names[key]) == 0 {
			delete(t.names, key)
		}
	}
	for _, name := range trail {
		key := fold(name)
		if t.names[key] == nil {
			t.names[key] = make(map[*file]bool)
		}
		t.names[key][f] = true
	}
	for _, name := range is {
		if t.dirs[name] == nil {
			t.dirs[name] = &dir{files: make(map[*file]bool)}
		}
		t.dirs[name].files[f] = true
	}
	for _, name := range was {
		if d := t.dirs[name]; !slices.Contains(is, name) {
			if delete(d.files, f); len(d.files) == 0 {
				delete(t.dirs, name)
				unused = append(unused, name)
			}
		}
	}
	f.trail = trail
	t.mu.Unlock()
	for _, name := range unused {
		t.n.remove(name) //nolint:errcheck // there is nothing to remove if the directory went first
	}
}

// dirsOf returns the directories that names are in, each once.
func dirsOf(names []string) []string {
	dirs := make([]string, len(names))
	for i, name := range names {
		dirs[i] = filepath.Dir(name)
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// ensure has a directory watched, and reports whether it was not before.
func (t *tree) ensure(name string) bool {
	info, err := os.Stat(name)
	if err != nil {
		return false // the next look has another trail
	}
	t.mu.Lock()
	d := t.dirs[name]
	was := d.info
	if d.live && os.SameFile(was, info) {
		t.mu.Unlock()
		return false
	}
	d.info, d.live = info, true // from before, since it may be told at once that it is not
	t.mu.Unlock()
	if was != nil {
		t.n.remove(name) //nolint:errcheck // mostly it is gone, which is why it is watched anew
	}
	err = t.n.add(name)
	if err == nil {
		return true
	}
	t.mu.Lock()
	d.live = false
	t.mu.Unlock()
	if !errors.Is(err, fs.ErrNotExist) {
		t.warn(fmt.Errorf("watching %s: %w", name, err))
	}
	return false
}

// afterError is how long is waited after an error of the notifier, in case it
// has nothing else to tell any more.
const afterError = 100 * time.Millisecond

// listen passes on what the notifier tells, until the context or the notifier ends.
func (t *tree) listen(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-t.n.events:
			if !ok {
				return
			}
			t.happened(e)
		case err, ok := <-t.n.errors:
			if !ok {
				return
			}
			t.lost()
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				continue
			}
			t.warn(fmt.Errorf("watching directories: %w", err))
			if sleep(ctx, afterError) != nil {
				return
			}
		}
	}
}

// happened kicks the files that an event is of.
func (t *tree) happened(e fsnotify.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for f := range t.names[fold(e.Name)] {
		f.kick()
	}
	if d := t.dirs[e.Name]; d != nil {
		if e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) {
			d.live = false
		}
		for f := range d.files {
			f.kick()
		}
	}
}

// lost kicks all files: nobody knows what happened to which, and to the
// directories.
func (t *tree) lost() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, d := range t.dirs {
		d.live = false
		for f := range d.files {
			f.kick()
		}
	}
}
