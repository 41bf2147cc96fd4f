//go:build linux && !witgen_portable

package fs

import (
	"errors"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// timespecs returns what the system is told to set two timestamps to.
func (s stamps) timespecs() (ts [2]unix.Timespec, err error) {
	for i, t := range [2]stamp{s.access, s.modified} {
		switch {
		case !t.set:
			ts[i].Nsec = unix.UTIME_OMIT
		case t.now:
			ts[i].Nsec = unix.UTIME_NOW
		default:
			ts[i], err = unix.TimeToTimespec(time.Unix(t.sec, t.nsec))
		}
		if err != nil {
			return ts, err
		}
	}
	return ts, nil
}

// setTimes sets the times of what is at a place, be it a link.
func setTimes(p place, s stamps) error {
	ts, err := s.timespecs()
	if err != nil {
		return err
	}
	return again(func() error { return unix.UtimesNanoAt(p.fd(), p.name, ts[:], unix.AT_SYMLINK_NOFOLLOW) })
}

// setFileTimes sets those of an open file.
func setFileTimes(f *os.File, s stamps) error {
	ts, err := s.timespecs()
	if err != nil {
		return err
	}
	return again(func() error {
		// Without a name it is the file itself, which the library has no call for.
		_, _, n := unix.Syscall6(unix.SYS_UTIMENSAT, f.Fd(), 0, uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
		if n != 0 {
			return n
		}
		return nil
	})
}

// appendTo writes at the end of a file, wherever that is by then.
func appendTo(f *os.File, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var w int
		err = again(func() (err error) {
			w, err = unix.Pwritev2(int(f.Fd()), [][]byte{p[n:]}, 0, unix.RWF_APPEND)
			return err
		})
		n += max(w, 0)
		if err == nil && w <= 0 {
			err = syscall.EIO
		}
	}
	if errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOSYS) {
		var w int
		w, err = appendByFlag(f, p[n:])
		n += w
	}
	return n, err
}

// advise tells the system how a part of a file will be used.
func advise(f *os.File, offset, length int64, a types.Advice) error {
	return unix.Fadvise(int(f.Fd()), offset, length, advices[a])
}

var advices = [...]int{
	types.AdviceNormal:     unix.FADV_NORMAL,
	types.AdviceSequential: unix.FADV_SEQUENTIAL,
	types.AdviceRandom:     unix.FADV_RANDOM,
	types.AdviceWillNeed:   unix.FADV_WILLNEED,
	types.AdviceDontNeed:   unix.FADV_DONTNEED,
	types.AdviceNoReuse:    unix.FADV_NOREUSE,
}

// syncData writes the data of a file to the disk. The file may be closed
// meanwhile.
func syncData(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := c.Control(func(fd uintptr) {
		failed = again(func() error { return unix.Fdatasync(int(fd)) })
	}); err != nil {
		return err
	}
	return failed
}
