package store

import (
	"errors"

	"golang.org/x/sys/windows"
)

// kindOfSystem knows the errors that package syscall has no portable names for.
func kindOfSystem(err error) Kind {
	for _, full := range []error{windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL, windows.ERROR_DISK_QUOTA_EXCEEDED} {
		if errors.Is(err, full) {
			return Full
		}
	}
	if errors.Is(err, windows.ERROR_WRITE_PROTECT) {
		return ReadOnly
	}
	if errors.Is(err, windows.ERROR_DIRECTORY) {
		return InTheWay
	}
	return ""
}
