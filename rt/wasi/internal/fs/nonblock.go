//go:build unix && (witgen_portable || !(linux || darwin || freebsd || netbsd || openbsd))

package fs

import "syscall"

// nonblock has the opening of what is no file not wait.
const nonblock = syscall.O_NONBLOCK
