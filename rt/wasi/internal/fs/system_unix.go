//go:build unix

package fs

import (
	"io/fs"
	"syscall"
)

// textFileBusy is a number that not all systems have.
const textFileBusy = syscall.ETXTBSY

// sparse reports whether a file has holes: it has fewer blocks than bytes.
func sparse(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int64(st.Blocks)*512 < info.Size() //nolint:unconvert // not of one type everywhere
}
