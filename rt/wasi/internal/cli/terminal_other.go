//go:build !linux && !darwin && !freebsd && !netbsd && !openbsd && !dragonfly && !windows

package cli

import "os"

// isTerminal reports that nothing is a terminal: there is no way to know.
func isTerminal(*os.File) bool { return false }
