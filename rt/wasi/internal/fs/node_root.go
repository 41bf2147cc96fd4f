//go:build !(linux || darwin || freebsd || netbsd || openbsd) || witgen_portable

package fs

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/clocks/wallclock"
	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// statusOf returns what Go knows of an object on all systems. What tells it
// apart is all of that.
func statusOf(info fs.FileInfo) status {
	modified := info.ModTime()
	return status{
		DescriptorStat: types.DescriptorStat{
			Type:                      kindOfMode(info.Mode()),
			LinkCount:                 1,
			Size:                      uint64(max(0, info.Size())),
			DataAccessTimestamp:       cm.None[wallclock.DateTime](),
			DataModificationTimestamp: datetime(modified.Unix(), int64(modified.Nanosecond())),
			StatusChangeTimestamp:     cm.None[wallclock.DateTime](),
		},
		info: info,
		id:   identity{uint64(modified.UnixNano()), uint64(info.Size())},
	}
}

// stat returns the status of an open object.
func stat(f *os.File) (status, error) {
	info, err := f.Stat()
	if err != nil {
		return status{}, err
	}
	return statusOf(info), nil
}

func setFileTimes(*os.File, stamps) error { return errors.ErrUnsupported }

// time returns what Root.Chtimes wants: the zero time leaves a timestamp as it
// is.
func (s stamp) time() time.Time {
	switch {
	case !s.set:
		return time.Time{}
	case s.now:
		return time.Now()
	}
	return time.Unix(s.sec, s.nsec)
}

// appendTo writes at the end of a file, which others may move meanwhile.
func appendTo(f *os.File, p []byte) (int, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return f.WriteAt(p, info.Size())
}

// advise does nothing: advice need not be taken.
func advise(*os.File, int64, int64, types.Advice) error { return nil }

// syncData writes the data of a file to the disk.
func syncData(f *os.File) error { return f.Sync() }
