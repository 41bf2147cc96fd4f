//go:build !darwin && !dragonfly && !freebsd && !illumos && !linux && !netbsd && !openbsd && !windows

package store

import "os"

// tryLock keeps nobody out: the system has no locks that end with the process.
func tryLock(*os.File) (bool, error) { return true, nil }
