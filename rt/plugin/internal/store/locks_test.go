package store

import (
	"runtime"
	"slices"
)

// locks tells whether the system has locks that tryLock uses.
var locks = slices.Contains([]string{"darwin", "dragonfly", "freebsd", "illumos", "linux", "netbsd", "openbsd", "windows"}, runtime.GOOS)
