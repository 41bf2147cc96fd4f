package store

import (
	"errors"
	"fmt"
)

var (
	// ErrClosed is what methods of a closed directory return.
	ErrClosed = errors.New("the store is closed")

	// ErrNotStored is in the error for code that is not in the store.
	ErrNotStored = errors.New("is not in the store")
)

// errMissing is what is wrong with a state that is not there.
var errMissing = errors.New("is not there")

// DamageError is the error of a file that is not what was written. Trying
// again does not help; storing what should be there does.
type DamageError struct {
	Path  string
	Why   string
	Aside string // where the file is now; empty if it is still in its place
	Err   error  // what kept it from being put aside or from being read, if anything did
}

// Error says what is wrong with the file, and where it is now.
func (e *DamageError) Error() string {
	text := fmt.Sprintf("%s: damaged: %s", e.Path, e.Why)
	if e.Aside != "" {
		text += "; it is now " + e.Aside
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *DamageError) Unwrap() error { return e.Err }

// InsecureError is the error of a file or directory that others than the user,
// or root, can write to.
type InsecureError struct {
	Path string
	Why  string // follows the path
}

// Error says what to do about it, too.
func (e *InsecureError) Error() string {
	return fmt.Sprintf("%s %s, and what is in it is run as plugins: look at what others may have put in, "+
		"have the user of the process own it, and take the right to write from all others", e.Path, e.Why)
}

// ForeignError is the error of a state that was stored whole by a program that
// knows more than this one. It is never overwritten.
type ForeignError struct {
	Path    string
	Version int   // of the schema
	Err     error // what is not known of this version; nil if it is the version itself
}

// Error says how the two schemas differ.
func (e *ForeignError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: is of another program, with version %d of the schema as here: %v", e.Path, e.Version, e.Err)
	}
	return fmt.Sprintf("%s: has version %d of the schema, this program knows version %d", e.Path, e.Version, Version)
}

// Unwrap returns Err.
func (e *ForeignError) Unwrap() error { return e.Err }

// LossError says that the newest state could not be read. It comes with a
// state: the older one, or an empty one if that could not be read either.
type LossError struct {
	Newest error // what is wrong with the newest
	Older  error // what is wrong with the older one; nil if that is used
}

// Empty tells whether nothing is left, so that the state is empty.
func (e *LossError) Empty() bool { return e.Older != nil }

// Error says what is wrong with each, and what is used.
func (e *LossError) Error() string {
	if e.Older != nil {
		return fmt.Sprintf("no state is left: %v; %v", e.Newest, e.Older)
	}
	return fmt.Sprintf("%v; the state before it is used", e.Newest)
}

// Unwrap returns what is wrong with each.
func (e *LossError) Unwrap() []error {
	if e.Older == nil {
		return []error{e.Newest}
	}
	return []error{e.Newest, e.Older}
}

// LockedError is the error of a directory that another [Dir] has open, of this
// process or of another.
type LockedError struct {
	Path string // the directory
	PID  int    // of the process; 0 if it has not said so yet
}

// Error names the process and the directory.
func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("%s: another process has it open", e.Path)
	}
	return fmt.Sprintf("%s: process %d has it open", e.Path, e.PID)
}
