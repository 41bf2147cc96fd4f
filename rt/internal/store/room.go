package store

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// stale is how old something in tmp is that nobody works at any more: its
// process ended before it could remove it.
const stale = 24 * time.Hour

// entry is something that can make room.
type entry struct {
	path string
	size int64
	used time.Time
}

// room counts what is to be stored, and removes the entries that were not used
// for longest where there would be too much. Other processes count for
// themselves: what they stored is seen when the directory is looked at anew, as
// it is when it would be full.
func (d *Dir) room(need int64) error {
	if need > d.limit {
		return fmt.Errorf("an entry of %d bytes is more than all may have, %d", need, d.limit)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.known || d.size+need > d.limit {
		d.sweep(need)
	}
	d.size += need
	return nil
}

// sweep looks at all entries and makes room. What cannot be removed stays.
func (d *Dir) sweep(need int64) {
	d.size, d.known = 0, true
	all := append(d.entries(imagesDir), d.entries(componentsDir)...)
	for _, e := range all {
		d.size += e.size
	}
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.path, b.path))
	})
	for _, e := range all {
		if d.size+need <= d.limit {
			break
		}
		if d.discard(e.path) == nil {
			d.size -= e.size
		}
	}
	temp := filepath.Join(d.path, tempDir)
	list, _ := os.ReadDir(temp)
	for _, x := range list {
		if info, err := x.Info(); err == nil && time.Since(info.ModTime()) > stale {
			_ = os.RemoveAll(filepath.Join(temp, x.Name()))
		}
	}
}

// entries returns what is in a directory under names that are keys. Other
// things are not the store's.
func (d *Dir) entries(dir string) (all []entry) {
	dir = filepath.Join(d.path, dir)
	list, _ := os.ReadDir(dir)
	for _, x := range list {
		var key Key
		info, err := x.Info()
		if err != nil || key.parse(x.Name()) != nil {
			continue
		}
		e := entry{path: filepath.Join(dir, x.Name()), used: info.ModTime()}
		if !info.IsDir() {
			e.size = info.Size()
		}
		files, _ := os.ReadDir(e.path) // none of what is no directory
		for _, f := range files {
			if info, err := f.Info(); err == nil {
				e.size += info.Size()
			}
		}
		all = append(all, e)
	}
	return all
}
