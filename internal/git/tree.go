package git

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Tree is the files of a commit. It reads them when they are opened, and is for
// one goroutine at a time, as its repository is. Symbolic links are followed as
// long as they stay in the tree; what is in a submodule is not there.
type Tree struct {
	repo *Repository
	root ID
	dirs map[ID][]treeEntry // that were read
}

// Tree returns the files of a commit.
func (r *Repository) Tree(commit ID) (*Tree, error) {
	data, err := r.typed(commit, commitKind)
	if err != nil {
		return nil, err
	}
	root, ok := header(data, "tree")
	if !ok {
		return nil, fmt.Errorf("commit %s has no tree", commit)
	}
	t := &Tree{repo: r, root: root, dirs: make(map[ID][]treeEntry)}
	_, err = t.entries(root)
	return t, err
}

// treeEntry is a file or directory in another.
type treeEntry struct {
	name string
	mode entryMode
	id   ID
}

// entryMode is what a tree says that an entry is.
type entryMode uint32

const (
	typeBits  entryMode = 0o170000
	directory entryMode = 0o040000
	regular   entryMode = 0o100000
	symlink   entryMode = 0o120000
	submodule entryMode = 0o160000
)

// fileMode returns the mode of a file.
func (m entryMode) fileMode() fs.FileMode {
	switch m & typeBits {
	case directory, submodule: // that of a submodule cannot be read
		return fs.ModeDir | 0o755
	case symlink:
		return fs.ModeSymlink | 0o777
	}
	return 0o644 | fs.FileMode(m)&0o111
}

// entries returns what is in a directory, sorted by name.
func (t *Tree) entries(id ID) ([]treeEntry, error) {
	if found, ok := t.dirs[id]; ok {
		return found, nil
	}
	data, err := t.repo.typed(id, treeKind)
	if err != nil {
		return nil, err
	}
	found, err := parseTree(data)
	if err != nil {
		return nil, fmt.Errorf("tree %s: %w", id, err)
	}
	t.dirs[id] = found
	return found, nil
}

// parseTree reads a tree: for each entry the mode in octal, a space, the name,
// a zero byte, and the ID.
func parseTree(data []byte) ([]treeEntry, error) {
	var found []treeEntry
	for len(data) > 0 {
		head, rest, ok := bytes.Cut(data, []byte{0})
		mode, name, spaced := bytes.Cut(head, []byte(" "))
		if !ok || !spaced || len(rest) < len(ID{}) {
			return nil, errors.New("it is damaged")
		}
		m, err := strconv.ParseUint(string(mode), 8, 32)
		if err != nil {
			return nil, fmt.Errorf("an entry has the mode %q", mode)
		}
		e := treeEntry{name: string(name), mode: entryMode(m), id: ID(rest[:len(ID{})])}
		if e.name == "" || e.name == "." || e.name == ".." || strings.Contains(e.name, "/") {
			return nil, fmt.Errorf("an entry has the name %q", e.name)
		}
		found = append(found, e)
		data = rest[len(ID{}):]
	}
	slices.SortFunc(found, func(a, b treeEntry) int { return cmp.Compare(a.name, b.name) })
	for n := range found {
		if n > 0 && found[n].name == found[n-1].name {
			return nil, fmt.Errorf("two entries have the name %q", found[n].name)
		}
	}
	return found, nil
}

const (
	maxLinks  = 40      // symbolic links that are followed on the way to a file
	maxTarget = 1 << 12 // bytes of the path that one leads to
)

// lookup returns the entry at a path, after symbolic links.
func (t *Tree) lookup(name string) (treeEntry, error) {
	links := 0
	at := []treeEntry{{name: ".", mode: directory, id: t.root}} // from the root down
	for rest := strings.Split(name, "/"); len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case ".", "":
			continue
		case "..":
			if len(at) == 1 {
				return treeEntry{}, errors.New("a symbolic link leads out of the tree")
			}
			at = at[:len(at)-1]
			continue
		}
		e, err := t.child(at[len(at)-1], part)
		if err != nil {
			return treeEntry{}, err
		}
		if e.mode&typeBits != symlink {
			at = append(at, e)
			continue
		}
		target, err := t.repo.typed(e.id, blobKind)
		if err != nil {
			return treeEntry{}, err
		}
		if links++; links > maxLinks || len(target) > maxTarget {
			return treeEntry{}, errors.New("too many symbolic links")
		}
		if path.IsAbs(string(target)) {
			return treeEntry{}, errors.New("a symbolic link leads out of the tree")
		}
		rest = append(strings.Split(string(target), "/"), rest...)
	}
	return at[len(at)-1], nil
}

// child returns an entry of a directory.
func (t *Tree) child(dir treeEntry, name string) (treeEntry, error) {
	switch dir.mode & typeBits {
	case directory:
	case submodule:
		return treeEntry{}, fmt.Errorf("%s: %w", dir.name, errSubmodule)
	default:
		return treeEntry{}, fs.ErrNotExist
	}
	all, err := t.entries(dir.id)
	if err != nil {
		return treeEntry{}, err
	}
	n, ok := slices.BinarySearchFunc(all, name, func(e treeEntry, name string) int { return cmp.Compare(e.name, name) })
	if !ok {
		return treeEntry{}, fs.ErrNotExist
	}
	return all[n], nil
}
