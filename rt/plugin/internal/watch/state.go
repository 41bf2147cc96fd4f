package watch

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// state is what can be known of a path without reading the file: what it leads
// to, and when that was changed. The zero state is like no other.
type state struct {
	trail []string
	info  fs.FileInfo // nil if err is not
	err   error
}

// look returns the state of an absolute path. It opens nothing, so devices and
// pipes do not notice.
func look(path string) state {
	s := state{trail: trail(path)}
	if s.info, s.err = os.Stat(path); s.err == nil {
		os.SameFile(s.info, s.info) // on Windows it is only now asked which file it is
	}
	return s
}

// target returns what the path leads to.
func (s *state) target() string { return s.trail[len(s.trail)-1] }

// missing reports whether there is no file.
func (s *state) missing() bool {
	return errors.Is(s.err, fs.ErrNotExist) || errors.Is(s.err, syscall.ENOTDIR)
}

// same reports whether nothing seems to have happened between two looks.
func (s *state) same(t *state) bool {
	switch {
	case s.trail == nil || t.trail == nil || s.target() != t.target():
		return false
	case s.err != nil || t.err != nil:
		return s.err != nil && t.err != nil && (s.missing() && t.missing() || s.err.Error() == t.err.Error())
	}
	return sameFile(s.info, t.info)
}

// sameFile reports whether a file is the same, and as it was. The time of the
// last change of its attributes is looked at where there is one: it tells apart
// files of the same size that are given the same time of modification, as
// reproducible builds and archives do, even if the one gets the number of the
// other.
func sameFile(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && changeTime(a).Equal(changeTime(b))
}

// coarse reports whether the times of a file are whole seconds, as on file
// systems that know nothing finer: then a file may be changed without its time
// being another.
func coarse(info fs.FileInfo) bool {
	return info.ModTime().Nanosecond() == 0 && changeTime(info).Nanosecond() == 0
}

// granule is the time that such file systems take for one moment.
const granule = 2 * time.Second
