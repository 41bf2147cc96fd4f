//go:build (darwin || freebsd || netbsd || openbsd) && !witgen_portable

package fs

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// timespecs returns what the system is told to set two timestamps to. Not all of
// these systems can be told to leave one as it is.
func (s stamps) timespecs(st *unix.Stat_t) ([]unix.Timespec, error) {
	ts := []unix.Timespec{st.Atim, st.Mtim}
	for i, t := range [2]stamp{s.access, s.modified} {
		if !t.set {
			continue
		}
		to := time.Unix(t.sec, t.nsec)
		if t.now {
			to = time.Now()
		}
		var err error
		if ts[i], err = unix.TimeToTimespec(to); err != nil {
			return nil, err
		}
	}
	return ts, nil
}

// setTimes sets the times of what is at a place, be it a link.
func setTimes(p place, s stamps) error {
	var st unix.Stat_t
	if err := again(func() error { return unix.Fstatat(p.fd(), p.name, &st, unix.AT_SYMLINK_NOFOLLOW) }); err != nil {
		return err
	}
	ts, err := s.timespecs(&st)
	if err != nil {
		return err
	}
	return again(func() error { return unix.UtimesNanoAt(p.fd(), p.name, ts, unix.AT_SYMLINK_NOFOLLOW) })
}

// setFileTimes sets those of an open file, in microseconds.
func setFileTimes(f *os.File, s stamps) error {
	fd := int(f.Fd())
	var st unix.Stat_t
	if err := again(func() error { return unix.Fstat(fd, &st) }); err != nil {
		return err
	}
	ts, err := s.timespecs(&st)
	if err != nil {
		return err
	}
	tv := []unix.Timeval{
		unix.NsecToTimeval(unix.TimespecToNsec(ts[0])),
		unix.NsecToTimeval(unix.TimespecToNsec(ts[1])),
	}
	return again(func() error { return unix.Futimes(fd, tv) })
}

// appendTo writes at the end of a file, wherever that is by then.
func appendTo(f *os.File, p []byte) (int, error) { return appendByFlag(f, p) }

// advise does nothing: advice need not be taken.
func advise(*os.File, int64, int64, types.Advice) error { return nil }

// syncData writes the data of a file to the disk.
func syncData(f *os.File) error { return f.Sync() }
