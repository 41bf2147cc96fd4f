//go:build !windows

package store

// kindOfSystem has nothing to add to what package syscall has names for.
func kindOfSystem(error) Kind { return "" }
