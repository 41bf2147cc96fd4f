package main

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// stage holds files that are written, each beside where it belongs under a name
// that the go command passes over, and that have not replaced anything yet: no
// reader sees half a file, and what fails early changes nothing. The zero stage
// is empty.
type stage struct {
	files []staged
	dirs  []string // that were made for them, the outer ones first
}

// staged is a file under the name it has and the one it shall have.
type staged struct{ temp, name string }

// write puts a file on the stage. It keeps the permissions of the one that it
// replaces.
func (s *stage) write(name string, content []byte) (err error) {
	dir := filepath.Dir(name)
	if err := s.makeDir(dir); err != nil {
		return err
	}
	f, err := create(dir)
	if err != nil {
		return err
	}
	s.files = append(s.files, staged{f.Name(), name})
	_, err = f.Write(content)
	if info, statErr := os.Stat(name); statErr == nil {
		err = errors.Join(err, f.Chmod(info.Mode().Perm()))
	}
	return errors.Join(err, f.Close())
}

// makeDir makes a directory and those above it that are missing.
func (s *stage) makeDir(dir string) error {
	switch info, err := os.Stat(dir); {
	case err == nil && info.IsDir():
		return nil
	case err == nil || !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir):
		return os.Mkdir(dir, 0o777) // which says what is wrong
	}
	if err := s.makeDir(filepath.Dir(dir)); err != nil {
		return err
	}
	switch err := os.Mkdir(dir, 0o777); {
	case err == nil:
		s.dirs = append(s.dirs, dir)
	case !errors.Is(err, fs.ErrExist): // another process may be as far
		return err
	}
	return nil
}

// create makes a file of a new name. Unlike those of os.CreateTemp, it has the
// permissions that the user gives new files.
func create(dir string) (*os.File, error) {
	for {
		name := filepath.Join(dir, ".witgen-"+strconv.FormatUint(rand.Uint64(), 36))
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// commit gives the files the names they shall have.
func (s *stage) commit() error {
	for i, f := range s.files {
		if err := os.Rename(f.temp, f.name); err != nil {
			s.files = s.files[i:]
			return reason(filepath.ToSlash(f.name), err)
		}
	}
	s.files, s.dirs = nil, nil
	return nil
}

// discard removes what has not been committed.
func (s *stage) discard() {
	for _, f := range s.files {
		_ = os.Remove(f.temp)
	}
	for _, dir := range slices.Backward(s.dirs) {
		_ = os.Remove(dir)
	}
}
