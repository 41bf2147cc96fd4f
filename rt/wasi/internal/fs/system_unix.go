//go:build unix

package fs

import "syscall"

// textFileBusy is a number that not all systems have.
const textFileBusy = syscall.ETXTBSY
