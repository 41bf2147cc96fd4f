//go:build !unix

package fs

import "syscall"

// textFileBusy is a number that this system does not have.
const textFileBusy = syscall.Errno(0)

// nonblock is a flag that this system does not have.
const nonblock = 0
