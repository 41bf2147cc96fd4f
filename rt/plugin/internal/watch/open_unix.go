//go:build unix

package watch

import (
	"os"
	"syscall"
)

// open opens a file for reading. It does not wait for the other end of a pipe,
// in case one took the place of the file that was looked at.
func open(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}
