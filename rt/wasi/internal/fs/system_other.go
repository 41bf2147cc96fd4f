//go:build !unix

package fs

import (
	"io/fs"
	"syscall"
)

// textFileBusy is a number that this system does not have.
const textFileBusy = syscall.Errno(0)

// nonblock is a flag that this system does not have.
const nonblock = 0

// sparse reports that a file has no holes, of which this system does not tell.
func sparse(fs.FileInfo) bool { return false }
