package git

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"time"
)

var (
	_ fs.ReadDirFS  = (*Tree)(nil)
	_ fs.ReadFileFS = (*Tree)(nil)
	_ fs.StatFS     = (*Tree)(nil)
)

// at returns the entry at a path as the rules of package fs want it.
func (t *Tree) at(op, name string) (treeEntry, error) {
	if !fs.ValidPath(name) {
		return treeEntry{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	e, err := t.lookup(name)
	if err != nil {
		return treeEntry{}, &fs.PathError{Op: op, Path: name, Err: err}
	}
	e.name = path.Base(name)
	return e, nil
}

// Open opens a file or directory.
func (t *Tree) Open(name string) (fs.File, error) {
	e, err := t.at("open", name)
	if err != nil {
		return nil, err
	}
	i, err := t.info(e)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if !i.IsDir() {
		return &file{i, bytes.NewReader(i.data)}, nil
	}
	list, err := t.ReadDir(name)
	return &openDir{info: i, name: name, rest: list}, err
}

// Stat describes a file or directory.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	e, err := t.at("stat", name)
	if err != nil {
		return nil, err
	}
	i, err := t.info(e)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return i, nil
}

// ReadFile returns the contents of a file.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	e, err := t.at("open", name)
	if err != nil {
		return nil, err
	}
	data, err := t.contents(e)
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return data, nil
}

// ReadDir returns what is in a directory, sorted by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := t.at("open", name)
	if err != nil {
		return nil, err
	}
	wrong := func(err error) error { return &fs.PathError{Op: "readdir", Path: name, Err: err} }
	switch e.mode & typeBits {
	case directory:
	case submodule:
		return nil, wrong(errSubmodule)
	default:
		return nil, wrong(errors.New("not a directory"))
	}
	all, err := t.entries(e.id)
	if err != nil {
		return nil, wrong(err)
	}
	list := make([]fs.DirEntry, len(all))
	for n, e := range all {
		list[n] = dirEntry{t, e}
	}
	return list, nil
}

var errSubmodule = errors.New("this is a submodule, whose files are in a repository of their own")

// contents returns the contents of a file, or where a symbolic link leads.
func (t *Tree) contents(e treeEntry) ([]byte, error) {
	switch e.mode & typeBits {
	case directory:
		return nil, errors.New("is a directory")
	case submodule:
		return nil, errSubmodule
	}
	return t.repo.typed(e.id, blobKind)
}

// info describes an entry. Its size is that of its contents, which are read.
func (t *Tree) info(e treeEntry) (*info, error) {
	i := &info{treeEntry: e}
	if e.mode&typeBits == directory || e.mode&typeBits == submodule {
		return i, nil
	}
	var err error
	i.data, err = t.contents(e)
	return i, err
}

// info is a file or directory without its place.
type info struct {
	treeEntry
	data []byte
}

// Name returns the name.
func (i *info) Name() string { return i.name }

// Size returns the size of a file in bytes.
func (i *info) Size() int64 { return int64(len(i.data)) }

// Mode returns what the tree says.
func (i *info) Mode() fs.FileMode { return i.mode.fileMode() }

// ModTime returns the zero time: commits have times, and files in them none.
func (i *info) ModTime() time.Time { return time.Time{} }

// IsDir reports whether it is a directory.
func (i *info) IsDir() bool { return i.Mode().IsDir() }

// Sys returns nil.
func (i *info) Sys() any { return nil }

// dirEntry is an entry of a directory.
type dirEntry struct {
	tree  *Tree
	entry treeEntry
}

// Name returns the name.
func (d dirEntry) Name() string { return d.entry.name }

// IsDir reports whether it is a directory.
func (d dirEntry) IsDir() bool { return d.Type().IsDir() }

// Type returns its type.
func (d dirEntry) Type() fs.FileMode { return d.entry.mode.fileMode().Type() }

// Info describes it, without following it if it is a symbolic link.
func (d dirEntry) Info() (fs.FileInfo, error) { return d.tree.info(d.entry) }

// file is an open file.
type file struct {
	info *info
	*bytes.Reader
}

// Stat describes the file.
func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close does nothing.
func (f *file) Close() error { return nil }

// openDir is an open directory.
type openDir struct {
	info *info
	name string
	rest []fs.DirEntry
}

// Stat describes the directory.
func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }

// Close does nothing.
func (d *openDir) Close() error { return nil }

// Read is an error.
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: errors.New("is a directory")}
}

// ReadDir returns the next entries.
func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(d.rest) {
		if n > 0 && len(d.rest) == 0 {
			return nil, io.EOF
		}
		n = len(d.rest)
	}
	list := d.rest[:n]
	d.rest = d.rest[n:]
	return list, nil
}
