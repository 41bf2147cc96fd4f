package watch

import (
	"io/fs"
	"syscall"
	"time"
)

// changeTime returns when the attributes of a file were last changed; zero if
// that is not known.
func changeTime(info fs.FileInfo) time.Time {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return time.Unix(s.Ctim.Unix())
	}
	return time.Time{}
}
